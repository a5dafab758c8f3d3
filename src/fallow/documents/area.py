"""The sheet of one hazardous area, A4: map, turning points, status, evidence, releases, finds, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from fallow import terms
from fallow.documents import area_tables as tables
from fallow.documents import reading
from fallow.documents.area_map import HAZARD_STYLES, area_map, system_name
from fallow.documents.basis import Basis, notice_note, notices, read_basis
from fallow.documents.errors import NoSuchArea
from fallow.documents.ground import Box, Closed, closed_ground, local_balance
from fallow.documents.html import sheet_name
from fallow.documents.map_frame import Frame
from fallow.documents.map_model import MapData, Style
from fallow.documents.model import (
    Block,
    Cell,
    Document,
    Facts,
    Joined,
    Label,
    Note,
    Picture,
    Quantity,
    Section,
    Table,
    Verbatim,
)
from fallow.documents.model import mark as _
from fallow.documents.source import DocumentSource
from fallow.records.values import Measured, absence

if TYPE_CHECKING:
    from fallow.records import Snapshot, Versions

_AREA = "hazardous_area"
# Shown in the grid under the title, or by tables of their own.
_AXES = ("classification", "contamination", "work_status", "qc_status", "marking_status", "handover_date")
_ELSEWHERE = {*_AXES, "geometry", "identifiers", "name", "record_status", "synthetic", "typed_area", "reported_area"}
_SHOWN_CLASSES = ("public", "operational")

FOOT = _(
    "This sheet says what is recorded, as known at the checkpoint above. Ground outside the outlines is not assessed. "
    "Released ground is released for the stated class, depth and date only."
)


def build_area(
    source: DocumentSource, entity: str, *, true: dt.date | None = None, known: int | dt.date | None = None
) -> Document:
    """Build the sheet of one area.

    Args:
        source: the register.
        entity: entity id of the hazardous area.
        true: the day for which the sheet holds; None: the latest state.
        known: place or day in the acceptance log; None: everything accepted.

    Raises:
        NoSuchArea: the register knows no such area on that day and at that checkpoint.
    """
    basis = read_basis(source, true, known)
    seq = None if known is None else basis.point.seq
    snapshot = source.snapshot(true, seq)
    rows = snapshot.of(_AREA)
    if entity not in rows:
        raise NoSuchArea(entity=entity, day=basis.day.isoformat(), checkpoint=basis.point.seq)
    index = rows.ids().index(entity)
    row, shape = rows.rows()[index], rows.shapes()[index]
    versions = source.versions(_AREA, seq)
    name = reading.identifiers(row, entity)
    return Document(
        kind="area",
        name=sheet_name(entity),
        title=_("Hazardous area {name}", {"name": name}),
        subtitle=basis.state,
        register=basis.info.name,
        basis=basis.facts(),
        sections=tuple(_sections(source, snapshot, versions, basis, _Area(entity, row, shape))),
        records={(_AREA, entity): reading.line(_AREA, entity, row)},
        notices=notices(basis.info),
        synthetic=basis.info.synthetic,
        sensitivity="operational",
        dated=basis.dated,
        identifier=f"area {entity} {basis.identifier}",
        foot=(FOOT,),
        head=basis.point.head,
    )


class _Area(NamedTuple):
    """The area of the sheet: entity id, values, shape in WGS 84 or None."""

    entity: str
    row: reading.Row
    shape: Any


def _sections(
    source: DocumentSource, snapshot: Snapshot, versions: Versions, basis: Basis, area: _Area
) -> list[Section]:
    entity, row, shape = area
    outline = tables.rings(shape, _surveyed(row, shape)) if shape is not None else []
    linked = _Linked(snapshot, entity, shape)
    face: list[Block] = [_axes(row)]
    if (conflict := _conflicts(row)) is not None:
        face.append(conflict)
    if shape is not None and not shape.is_empty:
        drawn, frame = area_map(
            snapshot,
            entity,
            row,
            shape,
            outline=outline,
            earlier=_earlier(versions, entity, shape),
            equal_area=basis.info.equal_area,
            closed=lambda box: _closed(source, versions, basis, box),
            synthetic=basis.info.synthetic,
        )
        face.append(Picture("area", drawn, (*_release_note(drawn), *_north_notes(frame, basis.day))))
    else:
        face.append(
            Note((_("No position of this area is recorded: it cannot be drawn and may lie anywhere."),), kind="warning")
        )
    found = linked.sorted("evidence")
    history = tables.history(versions, entity)
    released = linked.sorted("release_product")
    return [
        Section("face", None, tuple(face)),
        Section(
            "identity",
            _("Outline and turning points"),
            (_measures(row, shape, basis.info.equal_area), _turning(row, outline), *_positions(row)),
            new_page=True,
        ),
        Section("attributes", _("Other attributes"), _attributes(snapshot, row)),
        Section("evidence", _("Evidence"), (tables.evidence(found, "for"), tables.evidence(found, "against"))),
        Section(
            "found",
            _("Releases, finds, accidents, marking"),
            (
                tables.releases(released, linked.areas("release_product", basis.info.equal_area)),
                tables.items(linked.sorted("item_found")),
                tables.accidents(linked.sorted("accident")),
                tables.marking(linked.sorted("marking")),
            ),
        ),
        Section("history", history.title, (history,)),
        Section("boundary", _("What this sheet does not say"), (_boundary(), *notice_note(basis.info))),
        Section("basis", _("What this sheet rests on"), (basis.facts(),)),
    ]


def _axes(row: reading.Row) -> Facts:
    handover = row.get("handover_date")
    return Facts(
        "axes",
        columns=3,
        pairs=(
            (Label("field:hazardous_area", "name"), reading.text(row.get("name")) or Label("absence", "not_asked")),
            (
                Label("field:hazardous_area", "classification"),
                reading.code("classification", row.get("classification")),
            ),
            (
                Label("field:hazardous_area", "contamination"),
                reading.codes("contamination_class", row.get("contamination")),
            ),
            (_("Depth of the hazard"), _depths(row)),
            (Label("field:hazardous_area", "work_status"), reading.code("work_status", row.get("work_status"))),
            (Label("field:hazardous_area", "qc_status"), reading.code("qc_status", row.get("qc_status"))),
            (
                Label("field:hazardous_area", "marking_status"),
                reading.code("marking_status", row.get("marking_status")),
            ),
            (
                Label("field:hazardous_area", "handover_date"),
                reading.when(handover) if absence(handover) is None else _("no handover is recorded"),
            ),
            (
                Label("field:hazardous_area", "record_status"),
                reading.code("record_status", row.get("record_status", "current")),
            ),
            (
                Label("field:hazardous_area", "date_of_information"),
                reading.when(row.get("date_of_information")),
            ),
        ),
    )


def _depths(row: reading.Row) -> Cell:
    shallow, deep = row.get("depth_from"), row.get("depth_to")
    if absence(shallow) is not None and absence(deep) is not None:
        return _("not known: every depth counts as hazard")
    known: list[Any] = [wire for wire in (shallow, deep) if absence(wire) is None]
    datums = {Measured.from_wire(wire).datum for wire in known}
    values: dict[str, Cell] = {
        "shallow": _plain(shallow) if absence(shallow) is None else _("the surface"),
        "deep": _plain(deep) if absence(deep) is None else _("an unknown depth"),
    }
    datum = datums.pop()
    if datums or datum is None:
        return _("{shallow} to {deep}", values)
    return _("{shallow} to {deep} ({datum})", values | {"datum": Label("depth_datum", datum)})


def _plain(wire: Any) -> Quantity:
    value = Measured.from_wire(wire)
    return Quantity(value.value, value.unit, None)


def _conflicts(row: reading.Row) -> Note | None:
    conflicts = row.get("_conflicts")
    if not conflicts:
        return None
    fields = tuple(Label(f"field:{_AREA}", str(each["field"])) for each in conflicts)
    return Note(
        (
            _(
                "Two people changed this record apart, in: {fields}. Until someone decides, the worse of both is "
                "shown: the union of the outlines, the higher classification, all classes.",
                {"fields": Joined(fields)},
            ),
        ),
        _("Unresolved conflict"),
        "warning",
    )


def _release_note(drawn: MapData) -> tuple[Cell, ...]:
    if Style.RELEASED_EDGE not in drawn.styles or not set(drawn.styles) & set(HAZARD_STYLES.values()):
        return ()
    return (
        _(
            "Where dots lie over hatched hazard, the release leaves a recorded class or depth open, states no depth, "
            "or is older than the hazard: that ground is open."
        ),
    )


def _north_notes(frame: Frame, day: dt.date) -> tuple[Cell, ...]:
    from fallow.geodesy import convergence, declination
    from fallow.geodesy.errors import NoDeclination

    lon, lat = frame.centre
    turn = convergence(lon, lat, frame.crs)
    lines: list[Cell] = [
        _(
            "The arrow points to true north. At the centre of the map grid north lies {angle} of true north.",
            {"angle": _angle(turn)},
        )
    ]
    try:
        angle, model = declination(lon, lat, day)
    except NoDeclination:
        lines.append(_("Magnetic declination on {day}: no model covers this day.", {"day": day}))
    else:
        lines.append(
            _(
                "On {day} magnetic north lies {angle} of true north there ({model}); "
                "measure again before using a compass.",
                {"day": day, "angle": _angle(angle), "model": model},
            )
        )
    return tuple(lines)


def _angle(degrees: float) -> Cell:
    size: dict[str, Cell] = {"degrees": Quantity(abs(degrees), "", 1)}
    return _("{degrees}° east", size) if degrees >= 0 else _("{degrees}° west", size)


def _measures(row: reading.Row, shape: Any, equal_area: str) -> Facts:
    from fallow.geodesy import area_m2, geodesic_area_m2

    pairs: list[tuple[Cell, Cell]] = []
    if shape is not None and shapely.get_dimensions(shape) == 2:
        shapes = np.array([shape], dtype=object)
        pairs.append((_("Area of the outline"), Quantity(float(area_m2(shapes, equal_area)[0]), "m2")))
        pairs.append((_("For information: area on the ellipsoid"), Quantity(float(geodesic_area_m2(shapes)[0]), "m2")))
    else:
        pairs.append((_("Area of the outline"), _("no outline is recorded")))
    pairs.append((Label("field:hazardous_area", "typed_area"), reading.measured(row.get("typed_area"))))
    pairs.append((Label("field:hazardous_area", "reported_area"), reading.measured(row.get("reported_area"))))
    issued = row.get("identifiers")
    for each in issued if isinstance(issued, list) else []:
        pairs.append(
            (_("Identifier issued by {issuer}", {"issuer": str(each.get("issuer") or "?")}), str(each.get("value")))
        )
    return Facts("measures", tuple(pairs))


def _geometry(row: reading.Row) -> Mapping[str, Any]:
    wire = row.get("geometry")
    return wire if isinstance(wire, Mapping) and "digest" in wire else {}


def _surveyed(row: reading.Row, shape: Any) -> Any:
    """Return the outline as surveyed: as it stands, or carried back by the operation that brought it to WGS 84."""
    from fallow.geodesy import WGS84, projector_for

    wire = _geometry(row)
    crs = wire.get("crs")
    if not wire or crs in {None, WGS84} or wire.get("surveyed") in {None, wire["digest"]}:
        return shape if wire else None
    operation = (wire.get("operation") or {}).get("code")
    west, south, east, north = shape.bounds
    projector = projector_for(str(crs), (west, south, east, north), operation)
    return shapely.transform(shape, lambda xy: projector.points(xy, inverse=True))


def _turning(row: reading.Row, outline: Sequence[tables.Ring]) -> Table:
    from fallow.geodesy import WGS84, resolve_crs

    wire = _geometry(row)
    crs = str(wire.get("crs") or WGS84)
    notes: list[Cell] = []
    operation = wire.get("operation")
    if operation and operation.get("name") != "none":
        accuracy = operation.get("accuracy_m")
        notes.append(
            _(
                "To WGS 84 by: {name} ({code}), accuracy {accuracy}.",
                {
                    "name": str(operation.get("name")),
                    "code": str(operation.get("code") or "–"),
                    "accuracy": Quantity(float(accuracy), "m", 1)
                    if accuracy is not None
                    else _("not stated by its source"),
                },
            )
        )
        notes.append(_("The coordinates as surveyed are carried back from WGS 84 by the same operation."))
    elif wire:
        notes.append(_("Surveyed in WGS 84: no coordinate operation was needed."))
    else:
        notes.append(_("The reference system of the survey is not recorded."))
    notes.append(_("The accuracy of the survey itself is stated only where a point table gives it."))
    return tables.turning_points(outline, system_name(crs), resolve_crs(crs).is_projected, tuple(notes))


def _positions(row: reading.Row) -> tuple[Facts, ...]:
    from fallow.geodesy import format_position

    pairs: list[tuple[Cell, Cell]] = []
    for name in ("reference_point", "benchmark"):
        wire: Any = row.get(name)
        label = Label("field:hazardous_area", name)
        if (gap := reading.missing(wire)) is not None:
            pairs.append((label, gap))
            continue
        parts: list[Cell] = []
        if wire.get("typed"):
            parts.append(_("as typed: {text} ({crs})", {"text": wire["typed"], "crs": str(wire.get("crs") or "?")}))
        if wire.get("lon") is not None:
            parts.append(Verbatim(format_position(float(wire["lon"]), float(wire["lat"]), "decimal")))
        pairs.append((label, Joined(tuple(parts), "; ")))
    return (Facts("positions", tuple(pairs)),)


def _attributes(snapshot: Snapshot, row: reading.Row) -> tuple[Block, ...]:
    definition = terms.record_definitions()[_AREA]
    shown: list[tuple[Cell, Cell]] = []
    empty: list[Cell] = []
    for name, field in definition.fields.items():
        if name in _ELSEWHERE or field.sensitivity not in _SHOWN_CLASSES or field.type in {"position", "table"}:
            continue
        wire = row.get(name)
        if absence(wire) is None:
            shown.append((Label(f"field:{_AREA}", name), _attribute(snapshot, field.type, field.list, wire)))
        else:
            empty.append(Label(f"field:{_AREA}", name))
    blocks: list[Block] = [Facts("attributes", tuple(shown))] if shown else []
    if empty:
        blocks.append(Note((Joined(tuple(empty)),), _("Not recorded")))
    return tuple(blocks)


def _attribute(snapshot: Snapshot, kind: str, list_name: str | None, wire: Any) -> Cell:
    if kind == "ref" and (entity := reading.ref(wire)) is not None:
        for record in ("admin_unit", "place"):
            rows = snapshot.of(record)
            if entity in rows:
                return Joined((reading.title(record, rows.row(entity)), reading.identifiers(rows.row(entity), entity)))
    return reading.by_type(kind, list_name, wire)


def _closed(source: DocumentSource, areas: Versions, basis: Basis, box: Box) -> Closed:
    """Return the ground around that the ledger holds open in no layer on the sheet's day."""
    drawn = local_balance(
        areas,
        source.versions("release_product", basis.point.seq),
        equal_area=basis.info.equal_area,
        booking_basis=basis.info.booking_basis,
        day=basis.day,
        box=box,
    )
    return closed_ground(drawn, basis.day)


def _earlier(versions: Versions, entity: str, shape: Any) -> list[Any]:
    """Return earlier outlines of the area that differ from the one in force."""
    found: list[Any] = []
    for each, old in zip(versions.entity, versions.geometry, strict=True):
        other = each == entity and old is not None and shapely.get_dimensions(old) == 2
        if other and not any(shapely.equals_exact(old, known) for known in (shape, *found)):
            found.append(old)
    return found


def _boundary() -> Note:
    return Note(
        (
            _("It does not say anything about ground outside the outlines. That ground is not assessed."),
            _("It does not say that ground may be used. The authority decides that, in writing, for a named use."),
            _(
                "A release says that land was cancelled, reduced or cleared for the stated contamination class, depth "
                "and date. It says nothing about other classes, greater depth or later events."
            ),
            _("Positions are as accurate as the survey and the coordinate operation. A corner may lie metres away."),
            _("What was reported but not approved, and what checks hold back, is not part of the tables."),
            _("Time that passed changed nothing here: neither status nor area."),
        ),
        None,
        "boundary",
    )


class _Linked:
    """Records that belong to an area: linked to it, or lying on its ground where they name no area."""

    def __init__(self, snapshot: Snapshot, entity: str, shape: Any) -> None:
        self.snapshot, self.entity, self.shape = snapshot, entity, shape
        self.cache: dict[str, list[tuple[str, reading.Row, Any]]] = {}

    def found(self, record: str) -> list[tuple[str, reading.Row, Any]]:
        """Return (entity id, values, shape), ordered by issued identifier."""
        if record not in self.cache:
            chosen = [each for each in reading.standing(self.snapshot, record) if self._belongs(each[1], each[2])]
            self.cache[record] = sorted(chosen, key=lambda each: (reading.identifiers(each[1], each[0]), each[0]))
        return self.cache[record]

    def sorted(self, record: str) -> list[tuple[str, reading.Row]]:
        return [(entity, row) for entity, row, _shape in self.found(record)]

    def areas(self, record: str, equal_area: str) -> list[float | None]:
        from fallow.geodesy import area_m2

        shapes = np.empty(len(self.found(record)), dtype=object)
        shapes[:] = [shape for *_rest, shape in self.found(record)]
        return [None if np.isnan(area) else float(area) for area in area_m2(shapes, equal_area)]

    def _belongs(self, row: reading.Row, shape: Any) -> bool:
        named = reading.ref(row.get("area"))
        if named is not None:
            return named == self.entity
        if self.shape is None or shape is None:
            return False
        if not shapely.intersects(self.shape, shape):
            return False
        # A neighbour that shares a boundary only does not lie on this ground.
        return shapely.get_dimensions(shape) < 2 or not shapely.touches(self.shape, shape)
