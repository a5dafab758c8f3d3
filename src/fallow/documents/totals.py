"""The totals of a register on a day: the front page, the map of the whole, and the tables behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from fallow import terms
from fallow.documents import reading, totals_tables
from fallow.documents.basis import ROUNDING, Basis, notice_note, notices, read_basis
from fallow.documents.ground import closed_ground
from fallow.documents.model import (
    Block,
    Cell,
    Column,
    Document,
    Figure,
    Headline,
    Label,
    Note,
    Part,
    Quantity,
    RecordLine,
    Row,
    Section,
    Table,
)
from fallow.documents.model import mark as _
from fallow.documents.open_land import ANY, OpenCell, draw_open, open_cells
from fallow.documents.source import DocumentSource
from fallow.documents.totals_map import totals_map

if TYPE_CHECKING:
    from fallow.ledger import Balance
    from fallow.records import Snapshot

FOOT = _(
    "These figures count what is recorded, as known at the checkpoint. Ground that no record covers is not assessed. "
    "A release holds for its class, depth and date only."
)
_AREA_FIELDS = (
    "classification",
    "contamination",
    "depth_from",
    "depth_to",
    "geometry",
    "typed_area",
    "unit",
    "record_status",
)


def build_totals(
    source: DocumentSource,
    *,
    true: dt.date | None = None,
    known: int | dt.date | None = None,
    level: int | None = None,
) -> Document:
    """Build the totals.

    Args:
        source: the register.
        true: the day for which the figures hold; None: the latest state.
        known: place or day in the acceptance log; None: everything accepted, with the inbox of the present.
        level: level of the administrative units in the table of areas; None: the widest level with several units.
    """
    totals = Totals(source, read_basis(source, true, known), present=known is None, level=level)
    basis = totals.basis
    return Document(
        kind="totals",
        name="totals",
        title=_("Totals of the register"),
        subtitle=basis.state,
        register=basis.info.name,
        basis=basis.facts(),
        sections=totals.sections,
        records=totals.records,
        notices=notices(basis.info),
        synthetic=basis.info.synthetic,
        sensitivity="operational",
        dated=basis.dated,
        identifier=f"totals {level} {basis.identifier}",
        foot=(FOOT,),
        head=basis.point.head,
    )


@dataclass(frozen=True)
class Totals:
    """The tables of the totals, each made when it is asked for.

    Args:
        source: the register.
        basis: day and checkpoint.
        present: read the inbox too.
        level: level of the units, or None.
    """

    source: DocumentSource
    basis: Basis
    present: bool
    level: int | None = None

    @cached_property
    def snapshot(self) -> Snapshot:
        """The register on the day."""
        return self.source.snapshot(self.basis.true, None if self.present else self.basis.point.seq)

    @cached_property
    def areas(self) -> Table:
        """The hazardous areas by unit, classification and class."""
        names: Mapping[str, Cell] = {
            entity: reading.title("admin_unit", row) for entity, row, _shape in self._standing("admin_unit")
        }
        return areas_table(self._cells, names, self._ground)

    @cached_property
    def releases(self) -> Table:
        """Released land by kind, class, depth and quarter."""
        info = self.basis.info
        return totals_tables.releases(self._standing("release_product"), info.equal_area, info.booking_basis)

    @cached_property
    def items(self) -> Table:
        """Items found by class and quarter."""
        return totals_tables.items(self._standing("item_found"))

    @cached_property
    def casualties(self) -> Table:
        """Casualties by outcome, sex and age."""
        return totals_tables.casualties(self._standing("accident"))

    @cached_property
    def not_drawn(self) -> Table:
        """What no map and no square metre holds."""
        return totals_tables.not_drawn(self.snapshot, present=self.present)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables in their order."""
        return self.areas, self.releases, self.items, self.casualties, self.not_drawn

    @cached_property
    def headline(self) -> Headline:
        """The figures that a reader looks for first."""
        areas = self._standing("hazardous_area")
        parts = [totals_tables.part("hazardous_area", entity, row, _AREA_FIELDS) for entity, row, _shape in areas]
        whole = [cell for cell in self._cells if cell.contamination == ANY]
        harms = [
            each for each in totals_tables.harms(self._standing("accident")) if each.outcome in {"killed", "injured"}
        ]
        missing = [
            part
            for row in self.not_drawn.rows
            for cell in row.cells
            if isinstance(cell, Figure) and not cell.key.endswith(".m2")
            for part in cell.parts
        ]
        return Headline(
            (
                (
                    _("Hazardous areas"),
                    _or_none(totals_tables.number("headline.areas", parts)),
                    _("records that stand, released ones among them"),
                ),
                (
                    _("Recorded open hazard"),
                    Figure(
                        "headline.open_m2",
                        Quantity(sum(cell.m2 for cell in whole), "m2"),
                        self._ground.open_parts(whole),
                    ),
                    _("each square metre once, over all classes and depths"),
                ),
                (
                    _("Killed or injured"),
                    _or_none(totals_tables.harmed("headline.harmed", harms)),
                    _("people in recorded accidents"),
                ),
                (
                    _("Not drawn or not counted"),
                    totals_tables.number("headline.not_drawn", missing),
                    _("records; listed below by reason"),
                ),
            )
        )

    @property
    def sections(self) -> tuple[Section, ...]:
        """The document's parts."""
        info = self.basis.info
        front: list[Block] = [self.headline]
        closed = closed_ground(self._drawn, self.basis.day)
        picture = totals_map(self.snapshot, info.equal_area, closed, synthetic=info.synthetic)
        if picture is None:
            line = _("No map: no record has a position. This does not mean that nothing is there.")
            front.append(Note((line,), kind="warning"))
        else:
            front.append(picture)
        return (
            Section("front", None, tuple(front)),
            Section("missing", self.not_drawn.title, (self.not_drawn,), new_page=True),
            Section("areas", self.areas.title, (self.areas,)),
            Section("releases", self.releases.title, (self.releases,)),
            Section("items", self.items.title, (self.items,)),
            Section("casualties", self.casualties.title, (self.casualties,)),
            Section("basis", _("What these figures rest on"), (self.basis.facts(), *notice_note(info), _boundary())),
        )

    @cached_property
    def records(self) -> dict[tuple[str, str], RecordLine]:
        """How every record of every figure is shown."""
        wanted = {pair for table in self.tables for figure in _figures(table) for pair in figure.entities}
        wanted |= {pair for _name, figure, _counts in self.headline.figures for pair in figure.entities}
        return record_lines(self.snapshot, wanted)

    @cached_property
    def _cells(self) -> list[OpenCell]:
        return open_cells(self._drawn)

    @cached_property
    def _drawn(self) -> Balance:
        return draw_open(self.source, self.snapshot, self.basis, self.level)

    @cached_property
    def _ground(self) -> Ground:
        return Ground(*(self._rows(record) for record in ("hazardous_area", "release_product", "admin_unit")))

    def _rows(self, record: str) -> dict[str, reading.Row]:
        return {entity: row for entity, row, _shape in self._standing(record)}

    def _standing(self, record: str) -> totals_tables.Found:
        return self._cache.setdefault(record, reading.standing(self.snapshot, record))

    @cached_property
    def _cache(self) -> dict[str, totals_tables.Found]:
        return {}


def _or_none(figure: Figure) -> Figure:
    """Return a figure that stands on no record as words: a zero would read as a count of nothing."""
    return figure if figure.parts else replace(figure, value=_("none recorded"))


@dataclass(frozen=True)
class Ground:
    """The records that open ground stands on: entity id → values of areas, releases and administrative units."""

    areas: Mapping[str, reading.Row]
    releases: Mapping[str, reading.Row]
    units: Mapping[str, reading.Row]

    def open_parts(self, cells: Iterable[OpenCell]) -> tuple[Part, ...]:
        """Return what open square metres stand on: the areas, what released ground of them, and the units' outlines."""
        cells = list(cells)
        return (
            *self._parts("hazardous_area", self.areas, _AREA_FIELDS, {each for cell in cells for each in cell.areas}),
            *self._parts(
                "release_product",
                self.releases,
                totals_tables.RELEASE_FIELDS,
                {each for cell in cells for each in cell.releases},
            ),
            *self._unit_parts(cells),
        )

    def number_parts(self, cell: OpenCell) -> tuple[Part, ...]:
        """Return what a number of open areas stands on."""
        counted = self._parts("hazardous_area", self.areas, _AREA_FIELDS, set(cell.counted))
        return (*counted, *self._unit_parts([cell])) if counted else ()

    def _unit_parts(self, cells: Iterable[OpenCell]) -> tuple[Part, ...]:
        units = {cell.unit for cell in cells if cell.unit is not None}
        return self._parts("admin_unit", self.units, ("geometry",), units)

    @staticmethod
    def _parts(
        record: str, rows: Mapping[str, reading.Row], fields: tuple[str, ...], entities: set[str]
    ) -> tuple[Part, ...]:
        # Parts of a union do not add up: they carry no amount.
        return tuple(totals_tables.part(record, each, rows.get(each, {}), fields, None) for each in sorted(entities))


def areas_table(cells: Sequence[OpenCell], names: Mapping[str, Cell], ground: Ground) -> Table:
    """Return number and m² of open hazardous areas by unit, classification and contamination class.

    Args:
        cells: what is open, from the ledger.
        names: unit → its name.
        ground: the records that the figures stand on.
    """
    order = {code: place for place, code in enumerate(("cha", "sha", "indication"))}
    classes = {code: place for place, code in enumerate(terms.code_list("contamination_class"))}
    chosen = sorted(
        cells,
        key=lambda cell: (
            cell.unit is None,
            str(names.get(cell.unit or "", "")),
            cell.unit or "",
            order.get(cell.classification, 9),
            cell.contamination == ANY,
            classes.get(cell.contamination, 99),
        ),
    )
    lines: list[Row] = []
    unit: str | None = ""
    for cell in chosen:
        if names and cell.unit != unit:
            unit = cell.unit
            head: Cell = names.get(unit, unit) if unit is not None else _("Outside every unit on record")
            lines.append(Row((head,), "group"))
        key = f"areas.{cell.unit or 'none'}.{cell.classification}.{cell.contamination}"
        whole = cell.contamination == ANY
        lines.append(
            Row(
                (
                    Label("classification", cell.classification),
                    _("all classes, each square metre once")
                    if whole
                    else Label("contamination_class", cell.contamination),
                    Figure(f"{key}.number", Quantity(cell.number), ground.number_parts(cell)),
                    Figure(f"{key}.m2", Quantity(cell.m2), ground.open_parts([cell])),
                ),
                "total" if whole else "row",
            )
        )
    columns = (
        Column(_("Classification")),
        Column(_("Contamination class")),
        Column(_("Areas"), number=True),
        Column(_("Open area, m²"), number=True),
    )
    notes = (
        _(
            "An area with several classes stands in the row of each: classes are never added up. "
            "Ground under two classifications counts under the worse."
        ),
        _("An area across units is cut for its square metres and counted once, where most of it lies."),
        ROUNDING,
    )
    empty = _("No hazardous areas are recorded as open. This does not mean that there is no hazard.")
    return Table(
        "areas",
        _("Hazardous areas by unit, classification and class"),
        columns,
        tuple(lines),
        empty,
        notes if lines else (),
        group=_("Unit"),
    )


def record_lines(snapshot: Snapshot, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], RecordLine]:
    """Return how records are shown in lists; reports of the inbox among them."""
    found: dict[tuple[str, str], RecordLine] = {}
    reports = _report_lines(snapshot)
    for record, entity in sorted(wanted):
        if record == "report":
            found[record, entity] = reports[entity]
            continue
        rows = snapshot.of(record)
        row = rows.row(entity) if entity in rows else {}
        found[record, entity] = reading.line(record, entity, row)
    return found


def _report_lines(snapshot: Snapshot) -> dict[str, RecordLine]:
    lines = {}
    for record, rows in snapshot.unverified.items():
        for entity, row in zip(rows.ids(), rows.rows(), strict=True):
            name = reading.identifiers(row, entity)
            lines[entity] = RecordLine(
                "report", entity, name, _("unverified: {record}", {"record": Label("record", record)})
            )
    for each in snapshot.held:
        entity, held = str(each["report"]), Label("record", str(each.get("record")))
        # Only the place in its file tells an officer which row it is.
        name = f"{each.get('file') or '–'}, {each.get('row') or '–'}"
        lines[entity] = RecordLine("report", entity, name, _("held: {record}", {"record": held}))
    return lines


def _figures(table: Table) -> Iterable[Figure]:
    return (cell for row in table.rows for cell in row.cells if isinstance(cell, Figure))


def _boundary() -> Note:
    return Note(
        (
            _(
                "Ground outside the recorded outlines is not assessed. "
                "A blank cell or a zero says that nothing is recorded."
            ),
            _("Time that passed changed nothing here: neither status nor area. No model and no declared life is used."),
            _("What is reported but not approved is counted as unverified and is in no other figure."),
        ),
        _("What these figures do not say"),
        "boundary",
    )
