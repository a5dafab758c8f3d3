"""The vertices of many lines and rings in flat arrays, and the rebuilding of shapes from some of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import shapely
from shapely import GeometryType

from fallow.checks.columns import Bools, Floats, Ints
from fallow.records.batch import Shapes

SAME_VERTEX_DEG = 1e-6  # about 0.1 m: two vertices nearer than this are one, typed twice


@dataclass(frozen=True)
class Vertices:
    """Lines and rings of an array of shapes.

    Args:
        xy: (m, 2) longitude, latitude of all vertices, line after line.
        start: (k + 1,) position of the first vertex of each line, and m.
        row: (k,) row of the shape that the line belongs to.
        ring: (k,) True for rings of polygons.
    """

    xy: Floats
    start: Ints
    row: Ints
    ring: Bools

    @classmethod
    def of(cls, shapes: Shapes) -> Self:
        """Take the lines and rings out of shapes; points and collections have none."""
        parts, row = _parts(shapes)
        kinds = shapely.get_type_id(parts)
        areal = np.flatnonzero(kinds == GeometryType.POLYGON)
        linear = np.flatnonzero((kinds == GeometryType.LINESTRING) | (kinds == GeometryType.LINEARRING))
        rings, owner = shapely.get_rings(parts[areal], return_index=True)
        lines = np.concatenate((rings, parts[linear])) if len(linear) else rings
        rows = np.concatenate((row[areal][owner], row[linear])) if len(linear) else row[areal][owner]
        counts = shapely.get_num_coordinates(lines)
        return cls(
            shapely.get_coordinates(lines),
            np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            rows.astype(np.int64),
            np.arange(len(lines)) < len(rings),
        )

    @cached_property
    def step(self) -> tuple[Floats, Floats]:
        """(m,) degrees east and north from each vertex to the next of its line; NaN at the last vertex of a line."""
        found = []
        for axis in (0, 1):
            along = np.empty(len(self.xy))
            np.subtract(self.xy[1:, axis], self.xy[:-1, axis], out=along[:-1])
            along[self.start[1:] - 1] = np.nan
            found.append(along)
        return found[0], found[1]

    @cached_property
    def repeats(self) -> Ints:
        """Vertices whose next vertex in the line is the same within :data:`SAME_VERTEX_DEG`."""
        east, north = self.step
        return np.flatnonzero((np.abs(east) < SAME_VERTEX_DEG) & (np.abs(north) < SAME_VERTEX_DEG))

    def turning_back(self, narrowest: float) -> Ints:
        """Return vertices of rings at which the outline may turn back, by the cosine of the turn in degrees.

        Args:
            narrowest: turns whose squared cosine is below this are left out.
        """
        east, north = self.step
        length = east * east
        length += north * north
        counts = np.diff(self.start)
        found = _turning((east[:-1], north[:-1], length[:-1]), (east[1:], north[1:], length[1:]), narrowest) + 1
        inner = found[self.ring[self.line_of(found)]]
        # The first vertex of a ring is reached from the one before the closing vertex.
        rings = np.flatnonzero(self.ring & (counts >= 4))
        first, before = self.start[rings], self.start[rings + 1] - 2
        steps = [(east[at], north[at], length[at]) for at in (before, first)]
        return np.concatenate((inner, first[_turning(steps[0], steps[1], narrowest)]))

    @cached_property
    def returning_rows(self) -> Ints:
        """Rows with a ring whose last two vertices repeat its first two, one of them once more to close it."""
        counts = np.diff(self.start)
        long = np.flatnonzero(self.ring & (counts >= 6))
        first, last = self.start[long], self.start[long + 1] - 1
        again = np.ones(len(long), dtype=bool)
        for ahead, behind in ((0, 2), (1, 1)):
            away = np.abs(self.xy[first + ahead] - self.xy[last - behind])
            again &= (away < SAME_VERTEX_DEG).all(axis=1)
        return np.unique(self.row[long[again]])

    def line_of(self, vertex: Ints) -> Ints:
        """Return the line that each vertex belongs to."""
        return np.searchsorted(self.start, vertex, side="right") - 1

    def around(self, vertex: Ints) -> tuple[Floats, Floats]:
        """Return (j, 2) steps in degrees into and out of vertices of rings."""
        line = self.line_of(vertex)
        before = np.where(vertex == self.start[line], self.start[line + 1] - 2, vertex - 1)
        into, out = (np.column_stack([along[at] for along in self.step]) for at in (before, vertex))
        return into, out


Steps = tuple[Floats, Floats, Floats]  # east, north, squared length


def _turning(into: Steps, out: Steps, narrowest: float) -> Ints:
    dot = into[0] * out[0]
    dot += into[1] * out[1]
    back = dot < 0
    np.multiply(dot, dot, out=dot)
    return np.flatnonzero(back & (dot > narrowest * into[2] * out[2]))


def _parts(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Return single shapes and the row of each; what is single already is not copied."""
    kinds = shapely.get_type_id(shapes)
    multi = np.isin(kinds, (GeometryType.MULTIPOLYGON, GeometryType.MULTILINESTRING))
    single = np.flatnonzero((kinds >= 0) & ~multi)
    if not multi.any():
        return shapes[single], single
    many = np.flatnonzero(multi)
    pieces, owner = shapely.get_parts(shapes[many], return_index=True)
    rows = np.concatenate((single, many[owner]))
    order = np.argsort(rows, kind="stable")
    return np.concatenate((shapes[single], pieces))[order], rows[order]


def thinned(shapes: Shapes) -> Shapes:
    """Return lines and polygons without neighbouring vertices at one place; None where nothing sound is left."""
    try:
        found: Shapes = shapely.remove_repeated_points(shapes, SAME_VERTEX_DEG)
    except shapely.GEOSException:
        # One ring that folds to a point stops the whole array, so each shape is tried by itself.
        if len(shapes) == 1:
            return np.array([None], dtype=object)
        return np.concatenate([thinned(shapes[at : at + 1]) for at in range(len(shapes))])
    found[~shapely.is_valid(found) | shapely.is_empty(found)] = None
    return found


def without_return(shape: Any) -> Any:
    """Return a polygon whose rings end where they began; a ring that would vanish stays as it is."""
    return rebuild(shape, _cut_return)


def _cut_return(xy: Floats) -> Floats:
    while len(xy) >= 6 and bool((np.abs(xy[:2] - xy[-3:-1]) < SAME_VERTEX_DEG).all()):
        xy = np.concatenate((xy[:-3], xy[:1]))
    return xy


def rebuild(shape: Any, change: Any) -> Any:
    """Return a polygon or multipolygon with each ring put through a function of its (k, 2) vertices."""
    polygons = []
    for part in shapely.get_parts(shape):
        shell, *holes = (change(shapely.get_coordinates(ring)) for ring in shapely.get_rings(part))
        polygons.append(shapely.Polygon(shell, holes))
    return polygons[0] if shapely.get_type_id(shape) == GeometryType.POLYGON else shapely.MultiPolygon(polygons)
