"""The tables of a balance: lines by unit, class, depth and classification, and what stands apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fallow import terms
from fallow.documents import reading
from fallow.documents.model import Cell, Column, Figure, Joined, Label, Part, Quantity, Row, Section, Table
from fallow.documents.model import mark as _
from fallow.documents.open_land import ANY

if TYPE_CHECKING:
    from fallow.ledger import Balance
    from fallow.ledger.rows import BalanceRow, Period, ProductRow, QuantityRow, TypedOnlyRow


States = dict[str, dict[str, reading.Row]]


AREA, PRODUCT = "hazardous_area", "release_product"


_ENDS = ("opening", "closing")


_GRADES = ("indication", "sha", "cha")


_SUM_NOTE = _("Opening plus the lines marked +, minus those marked −, with those marked ± as signed, is closing.")


_CLEARED_NOTE = _("To which depth land was cleared, and of which class, stands in the tables by layer.")


class Paper:
    """The tables of one balance."""

    def __init__(self, drawn: Balance, states: States) -> None:
        self.drawn, self.states = drawn, states
        units = drawn.units
        self.units: dict[str, str] = {} if units is None else dict(zip(units.ids, units.names, strict=True))

    def summary(self, period: Period) -> Table:
        """Return the balance over all units and classes, lines below each other."""
        from fallow.ledger.lines import LINES

        rows = [row for row in self.drawn.footprint if row.cell.period == period and row.cell.contamination == ANY]
        stem = f"whole.{period.start.isoformat()}"
        lines = []
        for line in LINES:
            cells: list[Cell] = [_signed(line)]
            for grade in _GRADES:
                cells.append(
                    self._sum(f"{stem}.{grade}.{line}", [row for row in rows if row.cell.classification == grade], line)
                )
            cells.append(self._sum(f"{stem}.all.{line}", rows, line))
            found = {
                each for row in rows if row.number.get(line) for each in self.drawn.records(row, line, number=True)
            }
            number = Quantity(sum(row.number.get(line, 0) for row in rows))
            cells.append(Figure(f"{stem}.number.{line}", number, self._parts(found, 1.0)))
            lines.append(Row(tuple(cells), "total" if line in _ENDS else "row"))
        days: dict[str, Cell] = {"first": period.start, "last": period.end - dt.timedelta(days=1)}
        columns = (
            Column(_("Line")),
            *(Column(Joined((Label("classification", grade), "m²"), ", "), number=True) for grade in _GRADES),
            Column(_("All, m²"), number=True),
            Column(_("Areas"), number=True),
        )
        return Table(
            stem,
            _("Balance of land, {first} to {last}: all units and classes, each square metre once", days),
            columns,
            tuple(lines),
            _("Nothing is recorded in this part of the balance. This does not mean that there is no hazard."),
            (_SUM_NOTE, _CLEARED_NOTE),
        )

    def _sum(self, key: str, rows: Sequence[BalanceRow], line: str) -> Cell:
        """Return one line over several units or classifications: ground that no two of them share."""
        from fallow.ledger.areas_exact import whole_m2

        amount = sum(row.ground.get(line, 0) for row in rows)
        found = {each for row in rows if row.ground.get(line) for each in self.drawn.records(row, line)}
        return Figure(f"{key}.m2", Quantity(whole_m2(amount)), self._parts(found, None))

    def period(self, period: Period) -> list[Section]:
        """Return the parts of the document that belong to one period."""
        drawn = self.drawn
        footprint = [row for row in drawn.footprint if row.cell.period == period]
        layers = [row for row in drawn.rows() if row.cell.period == period]
        typed = [row for row in drawn.typed_only if row.cell.period == period]
        days: dict[str, Cell] = {"first": period.start, "last": period.end - dt.timedelta(days=1)}
        stem = period.start.isoformat()
        return [
            Section(
                f"union-{stem}",
                _("{first} to {last}: each square metre once", days),
                (
                    self._ground(f"union.{stem}", _("Land in the balance, m²"), footprint, bands=False),
                    self._numbers(f"union.{stem}", footprint, bands=False),
                ),
                wide=True,
            ),
            Section(
                f"layers-{stem}",
                _("{first} to {last}: by layer (class and depth)", days),
                (
                    self._ground(f"layers.{stem}", _("Land in the balance by layer, m²"), layers, bands=True),
                    self._numbers(f"layers.{stem}", layers, bands=True),
                ),
                wide=True,
            ),
            Section(
                f"apart-{stem}",
                _("{first} to {last}: what stands apart", days),
                (
                    self._typed(stem, typed),
                    self._products(stem, [row for row in drawn.outside if row.period == period]),
                    self._quantities(stem, [row for row in drawn.quantities if row.period == period]),
                ),
                wide=True,
            ),
        ]

    def _ground(self, stem: str, title: Cell, rows: Sequence[BalanceRow], *, bands: bool) -> Table:
        def figure(row: BalanceRow, bands: str, line: str) -> Cell:
            value = row.printed(line)
            parts = self._parts(self.drawn.records(row, line), None) if value or line in row.ground else ()
            return Figure(f"{_key(stem, row, bands)}.{line}.m2", Quantity(value), parts)

        return self._lines_table(f"{stem}.m2", title, [row for row in rows if row.ground], figure, by_band=bands)

    def _numbers(self, stem: str, rows: Sequence[BalanceRow], *, bands: bool) -> Table:
        def figure(row: BalanceRow, bands: str, line: str) -> Cell:
            found = self.drawn.records(row, line, number=True) if row.number.get(line) else ()
            value = Quantity(row.number.get(line, 0))
            return Figure(f"{_key(stem, row, bands)}.{line}.number", value, self._parts(found, 1.0))

        counted = [row for row in rows if row.number]
        return self._lines_table(f"{stem}.number", _("Number of hazardous areas"), counted, figure, by_band=bands)

    def _typed(self, stem: str, rows: Sequence[TypedOnlyRow]) -> Table:
        wide = [row for row in rows if row.cell.band == ANY]

        def figure(row: TypedOnlyRow, bands: str, line: str) -> Cell:
            value = row.printed(line)
            parts = self._parts(self.drawn.records(row, line), None) if value or row.number.get(line) else ()
            return Figure(f"{_key(f'typed.{stem}', row, bands)}.{line}.m2", Quantity(value), parts)

        table = self._lines_table(
            f"typed.{stem}", _("Areas without an outline, m² as stated"), wide, figure, by_band=False
        )
        unknown = sum(row.unknown_size for row in wide if row.cell.contamination == ANY)
        notes = (
            _("These areas have no ground in the balance; their stated size is never added to measured land."),
            _("Among them at the close, areas whose size nobody stated: {count}.", {"count": Quantity(unknown)}),
        )
        empty = _("No hazardous area without an outline is in this balance.")
        return replace(table, empty=empty, notes=notes if table.rows else ())

    def _products(self, stem: str, rows: Sequence[ProductRow]) -> Table:
        lines = []
        for row in rows:
            part = (Part(PRODUCT, row.product, None, repr(row)),)
            key = f"outside.{stem}.{row.unit or 'none'}.{row.product}"
            name = reading.identifiers(self.states[PRODUCT].get(row.product, {}), row.product)
            cells: list[Cell] = [self._unit(row.unit), name, Label("release_kind", row.kind)]
            for column in ("surveyed", "released", "released_before", "other_layer", "outside"):
                cells.append(Figure(f"{key}.{column}", Quantity(row.m2(column)), part))
            lines.append(Row(tuple(cells)))
        columns = (
            Column(_("Unit")),
            Column(_("Release"), code=True),
            Column(_("Kind")),
            Column(_("Surveyed, m²"), number=True),
            Column(_("Released, m²"), number=True),
            Column(_("Released before, m²"), number=True),
            Column(_("Other class or depth, m²"), number=True),
            Column(_("Outside recorded hazard, m²"), number=True),
        )
        empty = _("Every release of this period lies on hazard that was recorded and open.")
        notes = (_("Only the column Released is part of the balance. The columns after Surveyed add up to it."),)
        title = _("Releases of which some ground released nothing")
        return Table(f"outside.{stem}", title, columns, tuple(lines), empty, notes if lines else (), dense=True)

    def _quantities(self, stem: str, rows: Sequence[QuantityRow]) -> Table:
        lines = []
        for row in rows:
            parts = tuple(Part(PRODUCT, product) for product in row.products)
            key = f"quantity.{stem}.{row.unit or 'none'}.{row.contamination}.{row.kind}.{row.measure}"
            value = Figure(key, Quantity(float(row.value), row.measure, None), parts)
            kind, released = Label("contamination_class", row.contamination), Label("release_kind", row.kind)
            lines.append(Row((self._unit(row.unit), kind, released, value)))
        columns = (
            Column(_("Unit")),
            Column(_("Contamination class")),
            Column(_("Kind of release")),
            Column(_("Quantity"), number=True),
        )
        empty = _("No quantities other than areas were released.")
        title = _("Released quantities that are no area")
        return Table(f"quantities.{stem}", title, columns, tuple(lines), empty, compact=True)

    # --- shared ------------------------------------------------------------------------------------------------

    def _lines_table(
        self, key: str, title: Cell, rows: Sequence[Any], figure: Callable[[Any, str, str], Cell], *, by_band: bool
    ) -> Table:
        """Return cells of the balance as rows and its lines as columns; lines that are nowhere used are named below."""
        from fallow.ledger.lines import LINES

        rows = sorted(rows, key=self._order)
        merged = _merged(rows, self.drawn) if by_band else [(row, (row.cell.band,)) for row in rows]
        used = [
            line
            for line in LINES
            if line in _ENDS or any(row.number.get(line) or _amounts(row).get(line) for row in rows)
        ]
        lines: list[Row] = []
        unit: str | None = ""
        for row, bands in merged:
            cell = row.cell
            if self.units and cell.unit != unit:
                unit = cell.unit
                lines.append(Row((self._unit(unit),), "group"))
            whole = cell.contamination == ANY
            head: list[Cell] = [_("all classes") if whole else Label("contamination_class", cell.contamination)]
            if by_band:
                head.append(_bands(bands))
            head.append(Label("classification", cell.classification))
            cells = [figure(row, "+".join(bands), line) for line in used]
            lines.append(Row((*head, *cells), "total" if whole else "row"))
        columns = [Column(_("Contamination class"))]
        if by_band:
            columns.append(Column(_("Depth")))
        columns.append(Column(_("Classification")))
        columns += [Column(_signed(line), number=True) for line in used]
        unused = tuple(Label("balance_line", line) for line in LINES if line not in used)
        notes: list[Cell] = [_SUM_NOTE] if by_band else [_SUM_NOTE, _CLEARED_NOTE]
        if unused:
            notes.append(_("Lines without any figure: {lines}.", {"lines": Joined(unused, "; ")}))
        empty = _("Nothing is recorded in this part of the balance. This does not mean that there is no hazard.")
        return Table(
            key, title, tuple(columns), tuple(lines), empty, tuple(notes) if lines else (), dense=True, group=_("Unit")
        )

    def _order(self, row: Any) -> tuple[Any, ...]:
        """Order cells by unit as listed, class as listed with the union last, depth, and the worst first."""
        cell = row.cell
        units, classes = list(self.units), list(terms.code_list("contamination_class"))
        bands = list(terms.code_list("depth_band"))
        return (
            units.index(cell.unit) if cell.unit in self.units else len(units),
            classes.index(cell.contamination) if cell.contamination in classes else len(classes),
            bands.index(cell.band) if cell.band in bands else len(bands),
            -_GRADES.index(cell.classification),
        )

    def _unit(self, unit: str | None) -> Cell:
        if unit is not None:
            return self.units.get(unit, unit)
        return _("Outside every unit on record") if self.units else _("whole register")

    def _parts(self, entities: Iterable[str], amount: float | None) -> tuple[Part, ...]:
        products = self.states[PRODUCT]
        return tuple(Part(PRODUCT if each in products else AREA, each, amount) for each in sorted(entities))


def _merged(rows: Sequence[BalanceRow], drawn: Balance) -> list[tuple[BalanceRow, tuple[str, ...]]]:
    """Join rows that differ in their depth band only: same figures, from the same records."""
    found: dict[Any, tuple[BalanceRow, list[str]]] = {}
    for row in rows:
        cell = row.cell
        figures = tuple(sorted(row.ground.items())), tuple(sorted(row.number.items()))
        behind = tuple(tuple(drawn.records(row, line)) for line in sorted({*row.ground, *row.number}))
        same = (cell.period, cell.unit, cell.contamination, cell.classification, figures, behind)
        found.setdefault(same, (row, []))[1].append(cell.band)
    return [(row, tuple(bands)) for row, bands in found.values()]


def _amounts(row: Any) -> Mapping[str, int]:
    amounts: Mapping[str, int] = row.ground if hasattr(row, "ground") else row.amount
    return amounts


def _bands(bands: Sequence[str]) -> Cell:
    """Name depth bands: runs of neighbouring bands by their two ends."""
    order = list(terms.code_list("depth_band"))
    if len(bands) == len(order):
        return _("all depths")
    places = sorted(order.index(band) for band in bands)
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return Joined(tuple(_run([order[place] for place in run]) for run in runs), "; ")


def _run(bands: Sequence[str]) -> Cell:
    if len(bands) == 1:
        return Label("depth_band", bands[0])
    limits = [terms.code_list("depth_band")[band].extra for band in (bands[0], bands[-1])]
    deep = limits[1].get("to_m")
    ends: dict[str, Cell] = {"shallow": Quantity(limits[0]["from_m"], "m", None)}
    if deep is None:
        return _("deeper than {shallow}", ends)
    ends["deep"] = Quantity(deep, "m", None)
    if bands[0] == "surface":
        return _("surface and down to {deep}", ends)
    return _("{shallow} to {deep}", ends)


def _signed(line: str) -> Cell:
    from fallow.ledger.lines import SIGNS

    label = Label("balance_line", line)
    if line in _ENDS:
        return label
    either = terms.code_list("balance_line")[line].extra.get("sign") == 0
    sign = "±" if either else "−" if SIGNS[line] < 0 else "+"
    return Joined((sign, label), "\N{NO-BREAK SPACE}")


def _key(stem: str, row: Any, bands: str) -> str:
    cell = row.cell
    return f"{stem}.{cell.unit or 'none'}.{cell.contamination}.{bands}.{cell.classification}"
