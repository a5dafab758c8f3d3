"""The same thing entered twice: one shape, one point or one issued identifier in several records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from fallow.checks.columns import Ints, as_codes, typed_text
from fallow.checks.context import ExistingRecords
from fallow.checks.registration import Found, check
from fallow.checks.shapes import POINTS, POLYGONS
from fallow.checks.vertices import SAME_VERTEX_DEG
from fallow.checks.view import View
from fallow.records.batch import Severity, Shapes
from fallow.records.values import Wire

# In these, one shape under two records of the same content is one thing recorded twice.
SINGULAR = ("hazardous_area", "use_record", "release_product", "parcel", "admin_unit")
# In these, several records may well share one shape: two surveys of one polygon are two surveys.
SHARING = ("task", "activity", "searched_area", "evidence", "marking")
POINTLIKE = ("hazardous_area", "evidence", "item_found", "accident", "place", "marking")

_MOST_TRIED = 50  # equal rows of a batch that are looked through for one of the same activity
# What tells two records at one place apart, by record type; what a type does not have counts for nothing.
_CONTENT = (
    *("kind", "polarity", "classification", "contamination", "ordnance", "count", "name", "typed_area"),
    *("depth", "activity", "date", "found", "event_date", "source_date", "start", "end"),
)
_OF_SHAPE = {
    "release_product": ("kind", "contamination", "depth"),
    "use_record": ("ordnance", "laid_date"),
    "admin_unit": ("level",),
}


@check("check.duplicate_geometry", Severity.BLOCKING, records=SINGULAR, geometry=True, alone=False)
def duplicate_geometry(view: View, found: Found) -> None:
    """Two records of one type and one class with the very same shape.

    The one that comes first in the source goes on; those after it are held. Another class on the same ground is
    named as advice only.
    """
    for twins in same_shape(view, POLYGONS):
        for index, first, alike in twins.repeats(_OF_SHAPE.get(view.record, ("contamination",))):
            if not twins.another_activity(index, first):
                severity = None if alike else Severity.ADVICE
                found(index, field="geometry", severity=severity, other=twins.label(first), count=twins.count)


@check("check.shared_geometry", Severity.ADVICE, records=(*SHARING, "release_product"), geometry=True, alone=False)
def shared_geometry(view: View, found: Found) -> None:
    """Two pieces of work on one and the same polygon: no duplicate by itself."""
    for twins in same_shape(view, POLYGONS):
        for index, first, _ in twins.repeats(_OF_SHAPE.get(view.record, ())):
            if view.record in SHARING or twins.another_activity(index, first):
                found(index, field="geometry", other=twins.label(first), count=twins.count)


@check("check.duplicate_point", Severity.WARNING, records=POINTLIKE, geometry=True, alone=False)
def duplicate_point(view: View, found: Found) -> None:
    """Two records of the same content on one point."""
    for twins in same_shape(view, POINTS):
        for index, first, alike in twins.repeats(_CONTENT):
            if alike:
                found(index, field="geometry", other=twins.label(first), count=twins.count)


Candidate = tuple[str, int]  # ("row", index in the batch) or ("held", position among the existing records)


class Twins:
    """View and existing records with one shape.

    Args:
        view: the batch.
        members: its rows with the shape.
        held: positions of existing records with the shape.
        existing: the existing records.
    """

    def __init__(self, view: View, members: list[int], held: list[int], existing: ExistingRecords | None) -> None:
        self.view = view
        # The order of the source, not of the array, says which comes first: so the outcome follows the rows.
        self.members = sorted(members, key=lambda index: (int(view.batch.rows[index]), index))
        self.held = held
        self.existing = existing
        self.count = len(members) + len(held)

    def repeats(self, fields: Sequence[str]) -> Iterator[tuple[int, Candidate, bool]]:
        """Yield the rows that repeat a record: the row, that record, and whether the two agree in these fields.

        A record held already comes before those of the batch; one that bears the row's own identifier is the
        record that the row updates, and is no twin of it.
        """
        seen: dict[object, list[Candidate]] = defaultdict(list)
        before: list[Candidate] = []
        for position in self.held:
            candidate = ("held", position)
            seen[self._content(candidate, fields)].append(candidate)
            before.append(candidate)
        for index in self.members:
            own = ("row", index)
            key = self._content(own, fields)
            mine = self.view.same_as.get(index, set())
            first, alike = None, False
            for candidate in seen[key]:
                if candidate[0] == "row" or candidate[1] not in mine:
                    first, alike = candidate, True
                    if not self.another_activity(index, candidate):
                        break
            if first is None:
                first = next((one for one in before if one[0] == "row" or one[1] not in mine), None)
            if first is not None:
                yield index, first, alike
            if len(seen[key]) < len(self.held) + _MOST_TRIED:
                seen[key].append(own)
            if len(before) <= len(self.held):
                before.append(own)

    def another_activity(self, index: int, candidate: Candidate) -> bool:
        """Tell whether both name an activity, and not the same one."""
        one, other = self._cells(("row", index)).get("activity"), self._cells(candidate).get("activity")
        return isinstance(one, dict) and isinstance(other, dict) and _link(one) != _link(other)

    def label(self, candidate: Candidate) -> str:
        """Return how a reader knows a record."""
        where, number = candidate
        if where == "row" or self.existing is None:
            return self.view.label(number)
        return self.existing.label(number)

    def _content(self, candidate: Candidate, fields: Sequence[str]) -> tuple[object, ...]:
        cells = self._cells(candidate)
        return tuple(_said(cells.get(field)) for field in fields)

    def _cells(self, candidate: Candidate) -> Mapping[str, Wire]:
        where, number = candidate
        if where == "row":
            return _Cells(self.view, number)
        return {} if self.existing is None else self.existing.rows[number]


class _Cells(Mapping[str, Wire]):
    """One row of the columns, read as a wire record."""

    def __init__(self, view: View, index: int) -> None:
        self.view, self.index = view, index

    def __getitem__(self, name: str) -> Wire:
        return self.view.batch.columns[name][self.index]

    def __iter__(self) -> Any:
        return iter(self.view.batch.columns)

    def __len__(self) -> int:
        return len(self.view.batch.columns)


def _said(value: Wire) -> object:
    """Return what a value says, however it was written; nothing for a reason of absence."""
    if isinstance(value, dict):
        if "absent" in value:
            return None
        if "unit" in value:
            return repr((value.get("value"), value.get("unit"), value.get("datum")))
        if "low" in value:
            return repr((value.get("low"), value.get("high")))
        if "from" in value or "to" in value:
            return repr((value.get("from"), value.get("to")))
        return repr(_link(value))
    return (as_codes(value) or None) if isinstance(value, str | list) else typed_text(value)


def _link(value: dict[str, Any]) -> object:
    return value.get("ref") or (value.get("issuer"), value.get("typed"))


def same_shape(view: View, kinds: Sequence[int]) -> list[Twins]:
    """Return the groups of rows, with existing records, that have one shape; worked out once per kind."""
    found: list[Twins] = view.once("twins", str(int(kinds[0])), lambda: _find_same_shape(view, kinds))
    return found


def _find_same_shape(view: View, kinds: Sequence[int]) -> list[Twins]:
    existing = view.context.existing.get(view.record)
    own = np.flatnonzero(view.on_earth & np.isin(view.kind, kinds))
    if existing is not None and len(existing.ids):
        held = np.flatnonzero(np.isin(shapely.get_type_id(existing.ground), kinds))
        shapes = np.concatenate((view.mended[own], existing.ground[held]))
    else:
        held = np.empty(0, dtype=np.int64)
        shapes = view.mended[own]
    near = _same_number(_box_numbers(shapes, points=kinds is POINTS))
    groups: dict[object, list[int]] = defaultdict(list)
    for number, key in zip(near.tolist(), _keys(shapes[near], points=kinds is POINTS), strict=True):
        groups[key].append(number)
    twins = []
    for members in groups.values():
        mine = [int(own[number]) for number in members if number < len(own)]
        theirs = [int(held[number - len(own)]) for number in members if number >= len(own)]
        if mine and len(members) > 1:
            twins.append(Twins(view, mine, theirs, existing))
    return twins


def _box_numbers(shapes: Shapes, *, points: bool) -> Ints:
    """Return one number per shape that is equal for equal bounds."""
    boxes = np.ascontiguousarray(shapely.bounds(shapes)) + 0.0
    if points:
        boxes = np.rint(boxes / SAME_VERTEX_DEG) + 0.0
    bits = boxes.view(np.uint64)
    mixed = np.zeros(len(shapes), dtype=np.uint64)
    for column in range(4):
        mixed = (mixed ^ bits[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed.view(np.int64)


def _same_number(numbers: Ints) -> Ints:
    """Return the positions whose number occurs more than once."""
    _, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    return np.flatnonzero(counts[inverse] > 1)


def _keys(shapes: Shapes, *, points: bool) -> list[object]:
    """Return keys that are equal for the very same shape, whatever vertex it begins with."""
    if points:
        return [
            tuple(map(tuple, np.rint(np.sort(shapely.get_coordinates(shape), axis=0) / SAME_VERTEX_DEG).tolist()))
            for shape in shapes
        ]
    flat = np.array(shapes, dtype=object)
    kinds = shapely.get_type_id(flat)
    # A multipolygon of one part and that part are one shape.
    lone = (kinds == POLYGONS[1]) & (shapely.get_num_geometries(flat) == 1)
    flat[lone] = shapely.get_geometry(flat[lone], 0)
    return list(shapely.to_wkb(shapely.normalize(flat), byte_order=1).tolist())
