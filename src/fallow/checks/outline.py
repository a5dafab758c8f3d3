"""Outlines that cross, touch or retrace themselves, parts that lie on each other, and what could be meant instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from fallow.checks.columns import Bools, Ints
from fallow.checks.registration import Found, check
from fallow.checks.repair import LOWERS_M2, reordered
from fallow.checks.shapes import LINES, array_of
from fallow.checks.view import View
from fallow.records.batch import Severity, Shapes

PARTS_OVERLAP = 0.009  # share of the whole above which overlapping parts are named
SAME_GROUND = 0.001  # share by which the ground may differ and still be the same ground
MOST_REORDERED = 2_000  # beyond this many crossing rows the file is at fault, and no order is proposed for single rows
_REASON = re.compile(r"(?P<text>[^\[]*)(?:\[(?P<x>\S+) (?P<y>\S+)\])?")


@dataclass(frozen=True, slots=True)
class OutlineFaults:
    """View with a faulty outline by kind; each faulty row is in one of the lists.

    Args:
        few: fewer than three different vertices in a ring.
        collapsed: nothing enclosed.
        parts: each part is sound, and parts overlap or share an edge.
        crossing: the outline crosses itself, so that what it encloses is not what was walked.
        touching: it touches or retraces itself; the enclosed ground is beyond doubt.
        other: any other reason.
        repaired: row → the ground that the outline encloses.
        overlap: row → share of the whole that lies under more than one part.
        text: row → the fault as the geometry library names it.
        point: row → (longitude, latitude) of the fault, where it names one.
    """

    few: Ints
    collapsed: Ints
    parts: Ints
    crossing: Ints
    touching: Ints
    other: Ints
    repaired: dict[int, Any]
    overlap: dict[int, float]
    text: dict[int, str]
    point: dict[int, tuple[float, float]]


def outline_faults(view: View) -> OutlineFaults:
    """Return the faulty outlines of a batch, worked out once."""
    found: OutlineFaults = view.once("geometry", "outline", lambda: _outline_faults(view))
    return found


def _outline_faults(view: View) -> OutlineFaults:
    faulty = np.flatnonzero(view.faulty)
    shapes = view.mended[faulty]
    few = _few_vertices(shapes)
    repaired = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    whole = np.asarray(shapely.area(repaired))
    collapsed = ~few & ~(whole > 0)

    pieces, owner = shapely.get_parts(shapes, return_index=True)
    unsound = np.zeros(len(faulty), dtype=bool)
    unsound[owner[~shapely.is_valid(pieces)]] = True
    parts = ~few & ~collapsed & ~unsound
    summed = np.bincount(owner, shapely.area(pieces), minlength=len(faulty))

    reasons = [_REASON.match(text) for text in shapely.is_valid_reason(shapes).tolist()]
    text = [match["text"].strip() if match else "" for match in reasons]
    crosses = np.array([reason.endswith("elf-intersection") for reason in text], dtype=bool)
    same = np.abs(whole - shapely.area(shapes)) <= SAME_GROUND * whole
    rest = ~few & ~collapsed & ~parts

    def where(flags: Bools) -> Ints:
        return faulty[flags]

    return OutlineFaults(
        few=where(few),
        collapsed=where(collapsed),
        parts=where(parts),
        crossing=where(rest & crosses & ~same),
        touching=where(rest & crosses & same),
        other=where(rest & ~crosses),
        repaired=dict(zip(faulty.tolist(), repaired, strict=True)),
        overlap={int(faulty[number]): float(summed[number] / whole[number] - 1) for number in np.flatnonzero(parts)},
        text=dict(zip(faulty.tolist(), text, strict=True)),
        point={
            index: (round(float(match["x"]), 7), round(float(match["y"]), 7))
            for index, match in zip(faulty.tolist(), reasons, strict=True)
            if match and match["x"]
        },
    )


def _few_vertices(shapes: Shapes) -> Bools:
    """(k,) True where an outer ring has fewer than three different vertices."""
    few = np.zeros(len(shapes), dtype=bool)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings = shapely.get_exterior_ring(parts)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    if len(xy):
        # Same point and same ring side by side after sorting: each first of its kind is one different vertex.
        order = np.lexsort((xy[:, 1], xy[:, 0], ring))
        table = np.column_stack((ring[order], xy[order]))
        fresh = np.concatenate(([True], (np.diff(table, axis=0) != 0).any(axis=1)))
        few[owner[np.bincount(ring[order][fresh], minlength=len(rings)) < 3]] = True
    return few


@check("check.too_few_vertices", Severity.BLOCKING, geometry=True)
def too_few_vertices(view: View, found: Found) -> None:
    """Fewer than three different vertices in a ring, or fewer than two in a line."""
    for index in outline_faults(view).few.tolist():
        found(index, field="geometry", least=3)
    lines = np.flatnonzero(view.on_earth & np.isin(view.kind, LINES))
    for index in lines[~(shapely.length(view.mended[lines]) > 0)].tolist():
        found(index, field="geometry", least=2)


@check("check.self_crossing", Severity.BLOCKING, geometry=True)
def self_crossing(view: View, found: Found) -> None:
    """An outline that crosses itself: vertices in a wrong order, or one of them wrong."""
    faults = outline_faults(view)
    crossing = faults.crossing
    if not len(crossing):
        return
    other: list[Any] = [None] * len(crossing)
    if len(crossing) <= MOST_REORDERED:
        other = [reordered(view.mended[index]) for index in crossing]
    before = view.mended[crossing]
    split = array_of([faults.repaired[index] for index in crossing.tolist()])
    order = array_of(other)
    areas = [view.measure(shapes) for shapes in (before, split, order)]
    # Ground that the crossing outline encloses and the new order leaves out.
    lost = view.measure(shapely.difference(split, order))
    for number, index in enumerate(crossing.tolist()):
        was, split_m2, order_m2 = (_figure(area[number]) for area in areas)
        repair = _proposal("split", split[number], was, split_m2)
        if order[number] is not None:
            loses = not bool(lost[number] <= LOWERS_M2)
            repair = _proposal("ring_order", order[number], was, order_m2, loses=loses) | {"other": repair}
        found(
            index,
            field="geometry",
            repair=repair,
            **_named(faults, index),
            m2_before=was,
            m2_after=repair["m2_after"],
        )


@check("check.ring_touches_itself", Severity.WARNING, geometry=True)
def ring_touches_itself(view: View, found: Found) -> None:
    """An outline that touches or retraces itself; the ground is the same after repair."""
    faults = outline_faults(view)
    for index in faults.touching.tolist():
        found(index, field="geometry", repair=_wkt(faults.repaired[index]), **_named(faults, index))


@check("check.invalid_geometry", Severity.BLOCKING, geometry=True)
def invalid_geometry(view: View, found: Found) -> None:
    """Any other fault of a polygon: a hole outside the outline, holes in holes, an inside in several pieces."""
    faults = outline_faults(view)
    if not len(faults.other):
        return
    repaired = array_of([faults.repaired[index] for index in faults.other.tolist()])
    before, after = view.measure(view.mended[faults.other]), view.measure(repaired)
    for number, index in enumerate(faults.other.tolist()):
        was, becomes = _figure(before[number]), _figure(after[number])
        repair = _proposal(
            "repaired", repaired[number], was, becomes, loses=not bool(after[number] >= before[number] - LOWERS_M2)
        )
        found(index, field="geometry", repair=repair, **_named(faults, index), m2_before=was, m2_after=becomes)


@check("check.parts_overlap", Severity.WARNING, geometry=True)
def parts_overlap(view: View, found: Found) -> None:
    """Parts of one multipolygon that lie on each other by more than 0.9 % of the whole."""
    faults = outline_faults(view)
    over = [index for index in faults.parts.tolist() if faults.overlap[index] > PARTS_OVERLAP]
    if not over:
        return
    whole = view.measure(array_of([faults.repaired[index] for index in over]))
    for index, area in zip(over, whole.tolist(), strict=True):
        share = faults.overlap[index]
        found(
            index,
            field="geometry",
            repair=_wkt(faults.repaired[index]),
            percent=round(100 * share, 1),
            m2=round(share * area, 1),
        )


@check("check.parts_touch", Severity.ADVICE, geometry=True)
def parts_touch(view: View, found: Found) -> None:
    """Parts of one multipolygon that share an edge, or overlap by no more than 0.9 % of the whole."""
    faults = outline_faults(view)
    for index in faults.parts.tolist():
        if faults.overlap[index] <= PARTS_OVERLAP:
            found(index, field="geometry", repair=_wkt(faults.repaired[index]))


def _named(faults: OutlineFaults, index: int) -> dict[str, Any]:
    lon, lat = faults.point.get(index, (None, None))
    return {"reason": faults.text[index], "lon": lon, "lat": lat}


def _figure(m2: float) -> float | None:
    """Return an area as it is named; None for one that could not be measured."""
    return round(float(m2), 1) if np.isfinite(m2) else None


def _proposal(
    kind: str, shape: Any, before: float | None, after: float | None, *, loses: bool = False
) -> dict[str, Any]:
    return _wkt(shape) | {"kind": kind, "m2_before": before, "m2_after": after, "lowers": loses}


def _wkt(shape: Any) -> dict[str, Any]:
    return {"geometry_wkt": shapely.to_wkt(shape, rounding_precision=-1), "lowers": False}
