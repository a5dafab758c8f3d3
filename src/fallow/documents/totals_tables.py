"""The tables of the totals, but for the areas themselves: releases, items found, casualties, what cannot be drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from fallow import terms
from fallow.documents import reading
from fallow.documents.model import Cell, Column, Figure, Joined, Label, Part, Quantity, Row, Span, Table
from fallow.documents.model import mark as _
from fallow.documents.periods import Period, quarter_of
from fallow.records.values import absence

if TYPE_CHECKING:
    from fallow.records import Snapshot

Found = Sequence[tuple[str, reading.Row, Any]]


def mark_of(row: reading.Row, *names: str) -> str:
    """Return a short text that changes when one of the named values does."""
    told = repr([(name, row.get(name)) for name in names])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def part(record: str, entity: str, row: reading.Row, names: Iterable[str], amount: float | None = 1.0) -> Part:
    """Return what one record gives to a figure."""
    return Part(record, entity, amount, mark_of(row, *names))


def number(key: str, parts: Sequence[Part]) -> Figure:
    """Return a figure that counts records."""
    return Figure(key, Quantity(len({(each.record, each.entity) for each in parts})), tuple(parts))


# --- releases ----------------------------------------------------------------------------------------------------


class _ReleaseKey(NamedTuple):
    kind: int
    classes: tuple[str, ...]
    depth: tuple[float, str]
    period: Period


RELEASE_FIELDS = ("kind", "contamination", "depth", "end", "decided", "geometry", "quantity", "record_status")


def releases(products: Found, equal_area: str, booking_basis: str) -> Table:
    """Return released land by kind, class, depth and quarter.

    Products are counted as surveyed; in one row each square metre counts once. Quantities in other units stand beside.

    Args:
        products: standing release products.
        equal_area: the system in which areas are counted.
        booking_basis: code of the date that books a release into its quarter.
    """
    from fallow.geodesy import to_equal_area

    field = "end" if booking_basis == "activity_end" else "decided"
    kinds = list(terms.code_list("release_kind"))
    groups: dict[_ReleaseKey, list[tuple[str, reading.Row, Any]]] = {}
    shapes = np.empty(len(products), dtype=object)
    shapes[:] = [shape for *_rest, shape in products]
    laid = to_equal_area(shapes, equal_area) if len(products) else shapes
    for (entity, row, _shape), shape in zip(products, laid, strict=True):
        kind = str(row.get("kind"))
        key = _ReleaseKey(
            kinds.index(kind) if kind in kinds else len(kinds),
            tuple(sorted(row["contamination"])) if isinstance(row.get("contamination"), list) else (),
            reading.depth_key(row.get("depth")),
            quarter_of(row.get(field)),
        )
        groups.setdefault(key, []).append((entity, row, shape))
    rows = [_release_row(key, groups[key]) for key in sorted(groups)]
    columns = (
        Column(_("Kind of release")),
        Column(_("Contamination class")),
        Column(_("Depth")),
        Column(_("Quarter")),
        Column(_("Releases"), number=True),
        Column(_("Area, m²"), number=True),
        Column(_("Other quantities")),
    )
    notes = (
        _("Cancelled, reduced and cleared land are three different statements and are not added up."),
        _(
            "Releases as surveyed: the balance counts only the part that lies on recorded hazard. "
            "Overlapping releases of one row count each square metre once."
        ),
        _("Releases are booked by: {basis}.", {"basis": Label("booking_basis", booking_basis)}),
    )
    empty = _("No releases are recorded.")
    return Table("releases", _("Released land by quarter"), columns, tuple(rows), empty, notes if rows else ())


def _release_row(key: _ReleaseKey, members: Found) -> Row:
    first = members[0][1]
    name = ".".join(
        (
            "releases",
            str(first.get("kind")),
            "+".join(key.classes) or "none",
            f"{key.depth[0]:g}{key.depth[1]}",
            key.period.key,
        )
    )
    parts = [part("release_product", entity, row, RELEASE_FIELDS) for entity, row, _shape in members]
    ground = [
        (entity, row, shape)
        for entity, row, shape in members
        if shape is not None and shapely.get_dimensions(shape) == 2
    ]
    area: Cell = Quantity(0.0)
    if ground:
        square = float(shapely.area(shapely.union_all(shapely.make_valid([shape for *_rest, shape in ground]))))
        given = [
            part("release_product", entity, row, RELEASE_FIELDS, float(shapely.area(shape)))
            for entity, row, shape in ground
        ]
        area = Figure(f"{name}.m2", Quantity(square), tuple(given))
    else:
        area = _("no outline")
    other = _quantities(name, [each for each in members if each[2] is None or shapely.get_dimensions(each[2]) < 2])
    return Row(
        (
            reading.code("release_kind", first.get("kind")),
            reading.codes("contamination_class", first.get("contamination")),
            reading.depth(first),
            key.period.label,
            number(f"{name}.number", parts),
            area,
            other,
        )
    )


def _quantities(name: str, members: Found) -> Cell:
    """Return what releases without outline state, per unit."""
    totals: dict[str, tuple[float, list[Part]]] = {}
    for entity, row, _shape in members:
        wire = row.get("quantity")
        if absence(wire) is None and isinstance(wire, Mapping):
            total, parts = totals.get(str(wire["unit"]), (0.0, []))
            value = float(wire["value"])
            parts.append(part("release_product", entity, row, RELEASE_FIELDS, value))
            totals[str(wire["unit"])] = (total + value, parts)
    if len(totals) == 1:
        ((unit, (total, parts)),) = totals.items()
        return Figure(f"{name}.{unit}", Quantity(total, unit, None), tuple(parts))
    return Joined(tuple(Quantity(total, unit, None) for unit, (total, _parts) in sorted(totals.items())), "; ")


# --- items found -------------------------------------------------------------------------------------------------


def items(found: Found) -> Table:
    """Return items found by class and quarter. An uncertain number stays uncertain."""
    order = list(terms.code_list("contamination_class"))
    groups: dict[tuple[int, Period], list[tuple[str, reading.Row, Any]]] = {}
    for entity, row, shape in found:
        kind = row.get("contamination")
        place = order.index(kind) if isinstance(kind, str) and kind in order else len(order)
        groups.setdefault((place, quarter_of(row.get("found"))), []).append((entity, row, shape))
    rows = []
    for place, period in sorted(groups):
        members = groups[place, period]
        code = order[place] if place < len(order) else "unknown"
        name = f"items.{code if place < len(order) else 'missing'}.{period.key}"
        head: Cell = Label("contamination_class", code) if place < len(order) else _("class not recorded")
        rows.append(
            Row((head, period.label, *_counted(name, "item_found", members, ("contamination", "found", "count"))))
        )
    columns = (
        Column(_("Contamination class")),
        Column(_("Quarter")),
        Column(_("Records"), number=True),
        Column(_("Items"), number=True),
        Column(_("Records without a number"), number=True),
    )
    empty = _("No items found are recorded. This does not mean that none are in the ground.")
    return Table("items", _("Items found by class and quarter"), columns, tuple(rows), empty)


def _counted(name: str, record: str, members: Found, fields: tuple[str, ...]) -> tuple[Cell, Cell, Cell]:
    """Return the figures: records, things, records that give no number."""
    names = (*fields, "record_status")
    counts = [(entity, row, reading.span(row.get("count"))) for entity, row, _shape in members]
    known = [part(record, entity, row, names, float(count.low)) for entity, row, count in counts if count is not None]
    return (
        number(f"{name}.records", [part(record, entity, row, names) for entity, row, _count in counts]),
        Figure(f"{name}.count", total_span(count for _entity, _row, count in counts), tuple(known)),
        number(f"{name}.unknown", [part(record, entity, row, names) for entity, row, count in counts if count is None]),
    )


def total_span(counts: Iterable[Span | None]) -> Span:
    """Return the sum of counts; one that is missing or open upwards opens the sum."""
    low, high, closed = 0, 0, True
    for count in counts:
        low += count.low if count is not None else 0
        if count is None or count.high is None:
            closed = False
        else:
            high += count.high
    return Span(low, high if closed else None)


# --- casualties --------------------------------------------------------------------------------------------------

_CASUALTY_FIELDS = ("casualties", "record_status")


class Harm(NamedTuple):
    """One number of people of an accident."""

    entity: str
    row: reading.Row
    outcome: str
    sex: str
    age: str
    people: Span | None


def harms(accidents: Found) -> list[Harm]:
    """Return the numbers of people of all accidents, with the codes for unknown where nothing is said."""
    found = []
    for entity, row, _shape in accidents:
        listed = row.get("casualties")
        for each in listed if isinstance(listed, list) else []:
            found.append(
                Harm(
                    entity,
                    row,
                    str(each.get("outcome") or "unknown"),
                    str(each.get("sex") or "not_recorded"),
                    str(each.get("age_band") or "unknown"),
                    reading.span(each.get("count")),
                )
            )
    return found


def harmed(key: str, found: Sequence[Harm]) -> Figure:
    """Return how many people some numbers add up to."""
    parts = tuple(
        part(
            "accident", each.entity, each.row, _CASUALTY_FIELDS, None if each.people is None else float(each.people.low)
        )
        for each in found
    )
    return Figure(key, total_span(each.people for each in found), parts)


def casualties(accidents: Found) -> Table:
    """Return casualties by outcome and sex (rows) and age band (columns)."""
    found = harms(accidents)
    ages = [age for age in terms.code_list("age_band") if any(each.age == age for each in found)]
    rows: list[Row] = []
    for outcome in terms.code_list("casualty_outcome"):
        of_outcome = [each for each in found if each.outcome == outcome]
        for sex in terms.code_list("sex"):
            chosen = [each for each in of_outcome if each.sex == sex]
            if chosen:
                key = f"casualties.{outcome}.{sex}"
                rows.append(
                    Row(
                        (
                            Label("casualty_outcome", outcome),
                            Label("sex", sex),
                            *(harmed(f"{key}.{age}", [each for each in chosen if each.age == age]) for age in ages),
                            harmed(f"{key}.all", chosen),
                        )
                    )
                )
        if of_outcome:
            key = f"casualties.{outcome}.all"
            cells = (harmed(f"{key}.{age}", [each for each in of_outcome if each.age == age]) for age in ages)
            total = harmed(f"{key}.all", of_outcome)
            rows.append(Row((Label("casualty_outcome", outcome), _("all"), *cells, total), "total"))
    columns = (
        Column(_("Outcome")),
        Column(_("Sex")),
        *(Column(Label("age_band", age), number=True) for age in ages),
        Column(_("All ages"), number=True),
    )
    empty = (
        _("No accidents are recorded. This does not mean that none happened.")
        if not accidents
        else _("No casualties are recorded with the accidents. This does not mean that nobody was harmed.")
    )
    return Table("casualties", _("Casualties by outcome, sex and age"), columns, tuple(rows), empty)


# --- what cannot be drawn ----------------------------------------------------------------------------------------


def not_drawn(snapshot: Snapshot, *, present: bool) -> Table:
    """Return what no map and no square metre of this document holds.

    Args:
        snapshot: the register on the day.
        present: the snapshot is of the present, which alone has an inbox.
    """
    rows: list[Row] = []

    def line(key: str, name: Cell, parts: Sequence[Part], square: Cell = None) -> None:
        rows.append(Row((name, number(f"not_drawn.{key}", parts), square)))

    areas = reading.standing(snapshot, "hazardous_area")
    fields = ("geometry", "typed_area", "record_status")
    unlocated = [each for each in areas if each[2] is None or each[2].is_empty]
    points = [
        each for each in areas if each[2] is not None and not each[2].is_empty and shapely.get_dimensions(each[2]) < 2
    ]
    for key, name, members in (
        ("points", _("Hazardous areas known as a point only"), points),
        ("unlocated", _("Hazardous areas without any position"), unlocated),
    ):
        parts = [part("hazardous_area", entity, row, fields) for entity, row, _shape in members]
        line(key, name, parts, _typed(key, members))
    for record, name in (
        ("release_product", _("Releases without an outline")),
        ("evidence", _("Evidence without a position")),
        ("item_found", _("Items found without a position")),
        ("accident", _("Accidents and incidents without a position")),
    ):
        missing = [each for each in reading.standing(snapshot, record) if _unplaced(record, each[2])]
        line(f"{record}.unlocated", name, [part(record, entity, row, fields) for entity, row, _shape in missing])
    uncounted = [each for each in reading.standing(snapshot, "item_found") if absence(each[1].get("count")) is not None]
    line(
        "item_found.uncounted",
        _("Items found whose number is not known"),
        [part("item_found", entity, row, ("count", "record_status")) for entity, row, _shape in uncounted],
    )
    silent = [
        each for each in reading.standing(snapshot, "accident") if not isinstance(each[1].get("casualties"), list)
    ]
    line(
        "accident.uncounted",
        _("Accidents and incidents without numbers of people"),
        [part("accident", entity, row, _CASUALTY_FIELDS) for entity, row, _shape in silent],
    )
    rows += _inbox(snapshot, present=present)
    columns = (
        Column(_("What")),
        Column(_("Records"), number=True),
        Column(_("Area as stated, m²"), number=True),
    )
    note = _("None of these is part of a square metre in this document. Some of them may lie anywhere.")
    return Table("not_drawn", _("What could not be drawn or counted"), columns, tuple(rows), _("Nothing."), (note,))


def _unplaced(record: str, shape: Any) -> bool:
    if shape is None or shape.is_empty:
        return True
    return record == "release_product" and shapely.get_dimensions(shape) < 2


def _typed(key: str, members: Found) -> Cell:
    """Return the sum of the areas that people estimated for areas without an outline."""
    parts = []
    for entity, row, _shape in members:
        wire = row.get("typed_area")
        if absence(wire) is None and isinstance(wire, Mapping):
            factor = terms.code_list("unit")[str(wire["unit"])].extra.get("factor", 1.0)
            square = float(wire["value"]) * factor
            parts.append(part("hazardous_area", entity, row, ("typed_area", "geometry", "record_status"), square))
    if not parts:
        return _("not stated") if members else None
    return Figure(f"not_drawn.{key}.m2", Quantity(sum(each.amount or 0.0 for each in parts)), tuple(parts))


def _inbox(snapshot: Snapshot, *, present: bool) -> list[Row]:
    """Return what waits in the inbox. At a past checkpoint that is not known any more, which is not zero."""
    names = (_("Reported hazard that is not yet approved (unverified)"), _("Rows that checks hold back"))
    if not present:
        return [Row((name, _("not kept for a past checkpoint"), None)) for name in names]
    waiting = [
        Part("report", entity, 1.0, record)
        for record, rows in sorted(snapshot.unverified.items())
        if record != "use_record"
        for entity in rows.ids()
    ]
    held = [
        Part("report", str(each["report"]), 1.0, str(each.get("record")))
        for each in snapshot.held
        if each.get("record") != "use_record"
    ]
    return [
        Row((names[0], number("not_drawn.unverified", waiting), None)),
        Row((names[1], number("not_drawn.held", held), None)),
    ]
