"""Rows against the records they belong to: product and hazard, item and area, accident and released land."""

from __future__ import annotations

import numpy as np
import shapely

from fallow.checks.columns import Floats, Ints, as_codes, day_text, days, distinct, quantities
from fallow.checks.context import ExistingRecords, fold
from fallow.checks.ground import (
    UNRESOLVED,
    accuracy_m,
    by_row,
    hazard_of_products,
    held_accuracy_m,
    linked,
    outside,
    over,
    resolve,
)
from fallow.checks.pairs import OVERLAP_M2
from fallow.checks.registration import ALL, Found, check
from fallow.checks.shapes import POLYGONS, comparable, laid
from fallow.checks.view import View
from fallow.records.batch import Severity
from fallow.records.values import Wire

_MOST_NAMED = 5
# When something of the record was last seen to be there, in order of preference.
_SEEN = {"accident": ("date",), "item_found": ("found", "disposed"), "evidence": ("event_date", "source_date")}


def _held(view: View, record: str) -> ExistingRecords | None:
    return view.context.existing.get(record)


@check("check.product_outside_area", Severity.BLOCKING, records=["release_product"], geometry=True)
def product_outside_area(view: View, found: Found) -> None:
    """A release product that lies partly outside the hazardous area it belongs to.

    Blocking where it reaches out by more than the stated accuracy of either; otherwise a warning with the m².
    """
    existing = _held(view, "hazardous_area")
    if existing is None:
        return
    areas = {
        index: positions
        for index, positions in hazard_of_products(view).items()
        if view.polygonal[index] and view.ground[index] is not None
    }
    for index, m2, rest, reach in zip(*(part.tolist() for part in outside(view, areas, existing)), strict=True):
        if not rest > OVERLAP_M2:
            continue
        mine = accuracy_m(view, index)
        theirs = max(held_accuracy_m(existing.rows[position]) for position in areas[index])
        names = [existing.label(position) for position in areas[index]]
        found(
            index,
            field="geometry",
            severity=None if reach > max(mine, theirs) else Severity.WARNING,
            m2=round(rest, 1),
            percent=round(100 * rest / m2, 1),
            metres=round(reach, 1),
            accuracy_m=round(mine, 1),
            area_accuracy_m=round(theirs, 1),
            other=names[0],
            others=names[:_MOST_NAMED],
        )


@check("check.product_without_area", Severity.WARNING, records=["release_product"], geometry=True)
def product_without_area(view: View, found: Found) -> None:
    """A release product where no hazard is recorded: work outside recorded hazard."""
    if _held(view, "hazardous_area") is None:
        return
    areas = hazard_of_products(view)
    lone = view.polygonal & ~shapely.is_missing(view.ground)
    lone[list(areas)] = False
    where = np.flatnonzero(lone)
    for index, m2 in zip(where.tolist(), view.measure(view.ground[where]).tolist(), strict=True):
        found(index, field="area", value=view.typed("area", index), m2=round(m2, 1))


@check("check.item_outside_area", Severity.WARNING, records=["item_found"], geometry=True)
def item_outside_area(view: View, found: Found) -> None:
    """An item found outside the area, the activity or the task that it is recorded under."""
    for field, target in (("area", "hazardous_area"), ("activity", "activity")):
        existing = _held(view, target)
        if existing is None:
            continue
        link = linked(view, field, target)
        where = np.flatnonzero((link >= 0) & view.on_earth & ~shapely.is_missing(view.ground))
        grounds = [_worked_ground(view, existing, int(link[index]), target) for index in where.tolist()]
        keep = [number for number, ground in enumerate(grounds) if ground is not None]
        if not keep:
            continue
        where = where[keep]
        ground = comparable(np.array([grounds[number] for number in keep], dtype=object))
        plane = view.context.equal_area
        away = shapely.distance(laid(view.ground[where], plane), laid(ground, plane))
        for index, metres in zip(where.tolist(), away.tolist(), strict=True):
            if metres > accuracy_m(view, index):
                label = existing.label(int(link[index]))
                found(index, field=field, metres=round(metres, 1), other=label)


def _worked_ground(view: View, existing: ExistingRecords, position: int, target: str) -> object:
    """Return the polygon of an area or activity; of an activity without one, that of its task."""
    shape = existing.ground[position]
    if shape is not None and shapely.get_type_id(shape) in POLYGONS:
        return shape
    tasks = _held(view, "task")
    if target == "activity" and tasks is not None:
        task = resolve(existing.rows[position].get("task"), tasks)
        if task >= 0 and shapely.get_type_id(tasks.ground[task]) in POLYGONS:
            return tasks.ground[task]
    return None


def _in_released_land(view: View, found: Found, wanted: Ints) -> None:
    """Name rows that lie in land which a product had released before: the land may have to be re-opened."""
    existing = _held(view, "release_product")
    if existing is None:
        return
    seen = _last_seen(view)
    for index, positions in by_row(over(view, wanted, existing)).items():
        after = []
        for position in positions:
            released = _released(existing.rows[position])
            # An unknown date on either side does not settle it, so the land is named.
            if not seen[index] < released:
                after.append((position, released))
        if not after:
            continue
        position, released = after[0]
        row = existing.rows[position]
        depth = quantities([row.get("depth")])
        found(
            index,
            field="geometry",
            other=existing.label(position),
            others=[existing.label(one) for one, _ in after][:_MOST_NAMED],
            released=day_text(released) if np.isfinite(released) else None,
            classes=sorted(as_codes(row.get("contamination"))),
            depth=row.get("depth") if depth.given[0] else None,
        )


def _last_seen(view: View) -> Floats:
    seen = np.full(view.n, np.nan)
    for name in _SEEN[view.record]:
        dates = view.days(name)
        seen = np.where(np.isnan(seen), np.where(np.isnan(dates.last), dates.first, dates.last), seen)
    return seen


def _released(row: dict[str, Wire]) -> float:
    """Return the first day on which the land of a product can have counted as released, NaN when unknown."""
    for name in ("end", "decided"):
        dates = days([row.get(name)])
        if dates.given[0]:
            return float(dates.first[0] if np.isfinite(dates.first[0]) else dates.last[0])
    return float("nan")


@check("check.accident_in_released_land", Severity.WARNING, records=["accident"], geometry=True)
def accident_in_released_land(view: View, found: Found) -> None:
    """An accident on land that had been released."""
    _in_released_land(view, found, np.flatnonzero(view.on_earth & ~shapely.is_missing(view.ground)))


@check("check.item_in_released_land", Severity.WARNING, records=["item_found"], geometry=True)
def item_in_released_land(view: View, found: Found) -> None:
    """An item found on land that had been released."""
    _in_released_land(view, found, np.flatnonzero(view.on_earth & ~shapely.is_missing(view.ground)))


@check("check.evidence_in_released_land", Severity.WARNING, records=["evidence"], geometry=True)
def evidence_in_released_land(view: View, found: Found) -> None:
    """Evidence for hazard, younger than the release, on land that had been released."""
    _in_released_land(view, found, _speaking_for(view))


@check("check.hazard_not_recorded", Severity.WARNING, records=["accident", "item_found", "evidence"], geometry=True)
def hazard_not_recorded(view: View, found: Found) -> None:
    """An accident, a find or evidence for hazard where no hazardous area is recorded."""
    existing = _held(view, "hazardous_area")
    if existing is None:
        return
    wanted = _speaking_for(view)
    inside = {index for index, _ in over(view, wanted, existing)}
    severity = None if view.record == "accident" else Severity.ADVICE
    for index in wanted.tolist():
        if index not in inside:
            found(index, field="geometry", severity=severity)


def _speaking_for(view: View) -> Ints:
    wanted = view.on_earth & ~shapely.is_missing(view.ground)
    if view.record == "evidence":
        wanted = wanted & ~view.holds("polarity", "against")
    return np.flatnonzero(wanted)


@check("check.use_record_without_area", Severity.WARNING, records=["use_record"], geometry=True)
def use_record_without_area(view: View, found: Found) -> None:
    """A record of munition use whose ground no hazardous area covers."""
    existing = _held(view, "hazardous_area")
    if existing is None:
        return
    there = np.flatnonzero(view.on_earth & ~shapely.is_missing(view.ground))
    areas = by_row(over(view, there, existing))
    for index in there.tolist():
        if index not in areas:
            found(index, field="geometry", m2=None, percent=100.0)
    areal = {index: positions for index, positions in areas.items() if view.polygonal[index]}
    for index, m2, rest, _ in zip(*(part.tolist() for part in outside(view, areal, existing)), strict=True):
        if rest > OVERLAP_M2:
            found(index, field="geometry", m2=round(rest, 1), percent=round(100 * rest / m2, 1))


@check("check.link_unresolved", Severity.WARNING, records=ALL, alone=False)
def link_unresolved(view: View, found: Found) -> None:
    """A link to a record that the register does not hold, or to a name that several records have."""
    for name, field in view.fields.items():
        if field.type not in ("ref", "refs") or not view.has(name):
            continue
        column = view.column(name)
        values, codes = distinct(column)
        lost = np.array([_lost(view, value, field.refers) for value in values], dtype=bool)
        for index in np.flatnonzero(lost[codes]).tolist():
            found(index, field=name, value=view.typed(name, index), wanted=list(field.refers))


def _lost(view: View, wire: Wire, targets: tuple[str, ...]) -> bool:
    if isinstance(wire, list):
        return any(_lost(view, part, targets) for part in wire)
    if not targets:
        return False
    for target in targets:
        if target == "admin_unit" and len(view.context.known_units.ids):
            word = wire.get("ref") or wire.get("typed") if isinstance(wire, dict) else None
            if not isinstance(word, str) or fold(word) in view.context.unit_positions:
                return False
            if _held(view, target) is None:
                continue
        existing = _held(view, target)
        if existing is None or resolve(wire, existing) != UNRESOLVED:
            return False
        typed = wire.get("typed") if isinstance(wire, dict) else None
        if target == view.record and isinstance(typed, str) and fold(typed) in view.own_words:
            return False
    return True
