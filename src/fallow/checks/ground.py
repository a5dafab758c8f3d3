"""Which records of the register a row belongs to, by link or by place, and how far its ground lies outside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import shapely

from fallow.checks.columns import Floats, Ints, distinct
from fallow.checks.context import ExistingRecords, fold
from fallow.checks.shapes import POLYGONS, comparable, laid
from fallow.checks.view import View
from fallow.records.values import Wire

NOT_GIVEN, UNRESOLVED = -1, -2
UNSTATED_ACCURACY_M = 10.0  # of a hand-held receiver: less than this is not held against a record that states none


def linked(view: View, field: str, target: str) -> Ints:
    """Return per row the position of the existing record that a link names.

    Returns:
        (n,) positions among the existing records of ``target``; ``NOT_GIVEN`` where there is no link,
        ``UNRESOLVED`` where it leads to no record or to several.
    """
    existing = view.context.existing.get(target)
    if existing is None or not view.has(field):
        return np.full(view.n, NOT_GIVEN, dtype=np.int64)

    def find() -> Ints:
        values, codes = distinct(view.column(field))
        return np.array([resolve(value, existing) for value in values], dtype=np.int64)[codes]

    found: Ints = view.once("linked", f"{field}>{target}", find)
    return found


def resolve(wire: Wire, existing: ExistingRecords) -> int:
    """Return the position of the record that one wire link names, ``NOT_GIVEN`` or ``UNRESOLVED``."""
    if not isinstance(wire, dict) or "absent" in wire:
        return NOT_GIVEN
    entity, typed, issuer = wire.get("ref"), wire.get("typed"), wire.get("issuer")
    if isinstance(entity, str):
        return existing.by_id.get(entity, UNRESOLVED)
    if not isinstance(typed, str) or not typed.strip():
        return NOT_GIVEN
    if isinstance(issuer, str) and issuer.strip():
        hits = existing.bearing((issuer.strip(), typed.strip()))
    else:
        hits = existing.by_word.get(fold(typed), [])
    return hits[0] if len(set(hits)) == 1 else UNRESOLVED


def hazard_of_products(view: View) -> dict[int, list[int]]:
    """Return product row → positions of the hazardous areas it belongs to: the linked one, else those it overlaps."""
    found: dict[int, list[int]] = view.once("ground", "hazard", lambda: _hazard_of_products(view))
    return found


def _hazard_of_products(view: View) -> dict[int, list[int]]:
    existing = view.context.existing["hazardous_area"]
    link = linked(view, "area", "hazardous_area")
    areal = np.isin(shapely.get_type_id(existing.ground), POLYGONS)
    by_link = (link >= 0) & areal[np.maximum(link, 0)] if len(areal) else np.zeros(view.n, dtype=bool)
    found = {int(index): [int(link[index])] for index in np.flatnonzero(by_link)}
    rest = np.flatnonzero(view.polygonal & ~shapely.is_missing(view.ground) & ~by_link)
    for index, position in over(view, rest, existing, inner=True):
        if areal[position]:
            found.setdefault(index, []).append(position)
    return found


def over(view: View, where: Ints, existing: ExistingRecords, *, inner: bool = False) -> list[tuple[int, int]]:
    """Return (row, position) of the existing records that rows lie on, in order of rows and positions.

    Args:
        view: the batch.
        where: rows to look at; they have shapes.
        existing: what they may lie on.
        inner: leave out those that only touch at the edge.
    """
    if not len(where) or not len(existing.ids):
        return []
    one, other = existing.tree.query(view.ground[where])
    if not len(one):
        return []
    unique, inverse = np.unique(other, return_inverse=True)
    partner = comparable(existing.ground[unique])[inverse]
    mine = view.ground[where[one]]
    hit = shapely.intersects(mine, partner)
    if inner:
        hit[hit] = ~shapely.touches(mine[hit], partner[hit])
    pairs = np.column_stack((where[one[hit]], other[hit]))
    return [(int(row), int(position)) for row, position in np.unique(pairs, axis=0)]


def by_row(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Gather (row, position) pairs by row."""
    found: dict[int, list[int]] = defaultdict(list)
    for row, position in pairs:
        found[row].append(position)
    return dict(found)


def outside(view: View, areas: dict[int, list[int]], existing: ExistingRecords) -> tuple[Ints, Floats, Floats, Floats]:
    """Measure how much of rows lies outside the records they belong to.

    Returns:
        rows; m² of each; m² outside; greatest distance in m from a point outside to the records (0: none outside).
    """
    index = np.array(sorted(areas), dtype=np.int64)
    if not len(index):
        return index, np.empty(0), np.empty(0), np.empty(0)
    used, which = np.unique(np.concatenate([areas[row] for row in index.tolist()]), return_inverse=True)
    shapes = comparable(existing.ground[used])
    counts = np.array([len(areas[row]) for row in index.tolist()], dtype=np.int64)
    first = np.cumsum(counts) - counts
    whole = shapes[which[first]]
    for number in np.flatnonzero(counts > 1).tolist():
        whole[number] = shapely.union_all(shapes[which[first[number] : first[number] + counts[number]]])
    plane = view.context.equal_area
    mine = laid(view.ground[index], plane)
    whole = laid(whole, plane)
    # Rounding to the grid of the plane can fold a hair-thin part over; the ground stays the same.
    mine, whole = comparable(mine), comparable(whole)
    rest = shapely.difference(mine, whole)
    m2 = shapely.area(rest)
    farthest = np.zeros(len(index))
    xy, owner = shapely.get_coordinates(rest, return_index=True)
    np.maximum.at(farthest, owner, shapely.distance(shapely.points(xy), whole[owner]))
    return index, shapely.area(mine), m2, farthest


def accuracy_m(view: View, index: int) -> float:
    """Return the stated accuracy of a row's position in m: of its field, else of the operation, else that assumed."""
    stated = view.quantities("accuracy")
    if stated.given[index] and np.isfinite(view.metres("accuracy")[index]):
        return float(view.metres("accuracy")[index])
    operation = view.batch.operation
    if operation is not None and operation.accuracy_m is not None:
        return max(operation.accuracy_m, 0.0)
    return UNSTATED_ACCURACY_M


def held_accuracy_m(row: dict[str, Wire]) -> float:
    """Return the stated accuracy of an existing record's shape in m, or that assumed."""
    shape = row.get("geometry")
    operation = shape.get("operation") if isinstance(shape, dict) else None
    stated = operation.get("accuracy_m") if isinstance(operation, dict) else None
    good = isinstance(stated, int | float) and not isinstance(stated, bool) and stated >= 0
    return float(stated) if good else UNSTATED_ACCURACY_M  # type: ignore[arg-type]
