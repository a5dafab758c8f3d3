"""Vertices and edges along an outline: typed twice, far apart, or running out and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from fallow.checks.columns import Floats, Ints
from fallow.checks.registration import Found, check
from fallow.checks.repair import LOWERS_M2
from fallow.checks.shapes import array_of, lengths_m, square_degree_m2
from fallow.checks.vertices import rebuild, thinned
from fallow.checks.view import View
from fallow.records.batch import Severity

FAR_M = 5_000.0
SPIKE_ARM_M = 1.0
SPIKE_ANGLE_DEG = 1.0


@check("check.duplicate_vertex", Severity.ADVICE, geometry=True)
def duplicate_vertex(view: View, found: Found) -> None:
    """Neighbouring vertices at one place, or a ring whose last two vertices repeat its first two."""
    vertices = view.vertices
    repeats = vertices.repeats
    per_row = np.bincount(vertices.row[vertices.line_of(repeats)], minlength=view.n)
    doubled = np.flatnonzero((per_row > 0) & view.on_earth)
    flagged = np.flatnonzero(((per_row > 0) | view.returning) & view.on_earth)
    if not len(flagged):
        return
    cleaned = view.mended[flagged]
    many = np.isin(flagged, doubled)
    cleaned[many] = thinned(cleaned[many])
    cleaned[~shapely.is_valid(cleaned)] = None
    middle = np.radians((view.bounds[flagged, 1] + view.bounds[flagged, 3]) / 2)
    lost = (shapely.area(view.mended[flagged]) - shapely.area(cleaned)) * square_degree_m2(middle)
    for number, index in enumerate(flagged.tolist()):
        repair = None
        if cleaned[number] is not None:
            repair = {
                "geometry_wkt": shapely.to_wkt(cleaned[number], rounding_precision=-1),
                "lowers": bool(lost[number] > LOWERS_M2),
            }
        count = int(per_row[index]) + 2 * int(view.returning[index])
        found(index, field="geometry", repair=repair, count=count)


@check("check.far_vertices", Severity.ADVICE, geometry=True)
def far_vertices(view: View, found: Found) -> None:
    """Neighbouring vertices more than 5 km apart."""
    boxes = view.bounds
    wide = np.zeros(view.n, dtype=bool)
    there = np.flatnonzero(view.on_earth)
    # The diagonal of the box on a sphere may be short by 0.5 %, so the candidates are taken a little wider.
    wide[there] = lengths_m(boxes[there, :2], boxes[there, 2:]) > 0.98 * FAR_M
    wide[there] |= boxes[there, 3] - boxes[there, 1] > 1
    vertices = view.vertices
    # The last vertex of a line has no next one.
    ends = np.zeros(len(vertices.xy), dtype=bool)
    ends[vertices.start[1:] - 1] = True
    at = np.flatnonzero(np.repeat(wide[vertices.row], np.diff(vertices.start)) & ~ends)
    longest = np.zeros(view.n)
    np.maximum.at(longest, vertices.row[vertices.line_of(at)], lengths_m(vertices.xy[at], vertices.xy[at + 1]))
    for row in np.flatnonzero(longest > FAR_M).tolist():
        found(row, field="geometry", metres=round(float(longest[row])))


@check("check.spike", Severity.WARNING, geometry=True)
def spike(view: View, found: Found) -> None:
    """A vertex to which the outline runs out and straight back: mostly one wrong figure in a coordinate."""
    tips = _tips(view)
    owners = view.vertices.row[view.vertices.line_of(tips)]
    # A ring that goes past its end turns back there; that is named as such.
    keep = (view.on_earth & ~view.returning)[owners]
    order = np.argsort(owners[keep], kind="stable")
    tips, owners = tips[keep][order], owners[keep][order]
    flagged, first = np.unique(owners, return_index=True)
    mine = np.split(view.vertices.xy[tips], first[1:])
    cut = array_of([_without(view.mended[row], points) for row, points in zip(flagged, mine, strict=False)])
    lost = view.measure(shapely.difference(view.ground[flagged], cut))
    for number, row in enumerate(flagged.tolist()):
        repair = None
        if cut[number] is not None:
            repair = {
                "geometry_wkt": shapely.to_wkt(cut[number], rounding_precision=-1),
                "lowers": not bool(lost[number] <= LOWERS_M2),
            }
        lon, lat = np.round(mine[number][0], 7).tolist()
        found(row, field="geometry", repair=repair, count=len(mine[number]), lon=lon, lat=lat)


def _tips(view: View) -> Ints:
    """Return the vertices of rings at which the outline turns back by more than 179°."""
    vertices = view.vertices
    there = np.flatnonzero(view.polygonal & view.on_earth)
    if not len(there):
        return np.empty(0, dtype=np.int64)
    # In degrees a turn looks narrower or wider than it is, by the shortening of the parallel at most.
    shortest = float(np.cos(np.radians(np.abs(view.bounds[there][:, [1, 3]]).max())))
    sine = float(np.sin(np.radians(SPIKE_ANGLE_DEG)))
    near = vertices.turning_back(1 - min(sine / max(shortest, 1e-9), 1.0) ** 2)
    into, out = vertices.around(near)
    scale = np.column_stack((111_320.0 * np.cos(np.radians(vertices.xy[near, 1])), np.full(len(near), 111_200.0)))
    into, out = into * scale, out * scale
    dot, first, second = ((one * other).sum(axis=1) for one, other in ((into, out), (into, into), (out, out)))
    long = (first >= SPIKE_ARM_M**2) & (second >= SPIKE_ARM_M**2)
    tips: Ints = near[(dot < 0) & (dot * dot > (1 - sine**2) * first * second) & long]
    return tips


def _without(shape: Any, tips: Floats) -> Any:
    """Return the shape without the tips, or None where that leaves no sound polygon."""

    def cut(xy: Floats) -> Floats:
        ring = xy[:-1]
        ring = ring[~(ring[:, None, :] == tips[None, :, :]).all(axis=2).any(axis=1)]
        return np.concatenate((ring, ring[:1])) if len(ring) >= 3 else xy

    return thinned(array_of([rebuild(shape, cut)]))[0]
