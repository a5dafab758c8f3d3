"""One noded arrangement of surveyed areas, release products and the unit boundaries that cross them.

Shapes are laid on whole grid lines (10 µm). Lines are noded by snap rounding, so every crossing is itself a grid
point, and the faces between them are labelled by a point inside. Shapes that meet nothing are faces as they are;
the others are noded component by component, many components at once. Pairs of shapes are never overlaid.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from fallow.ledger.areas_exact import GRID_PER_M, Ints, Limbs, twice_areas
from fallow.ledger.errors import NoGround
from fallow.records.batch import Shapes

# Snap rounding moves a line by less than one grid unit; shapes farther apart than this never meet.
_REACH = 2.0
# Polygonizing grows faster than its input: packs are only large enough to spread the cost of a call.
_PACK_SHAPES = 50
_POLYGONAL = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Faces, and which shapes cover them.

    Args:
        faces: (f,) polygons in grid units; no two share ground.
        areas: (f,) their areas in half grid squares.
        face: (m,) face of each covering, sorted by shape, then face.
        shape: (m,) shape of each covering.
        unit: (editions, f) number of the unit's version (position in the listed units) that holds each face, -1 for
            none.
    """

    faces: Shapes
    areas: Limbs
    face: Ints
    shape: Ints
    unit: npt.NDArray[np.int64]


def on_grid(shapes: Shapes) -> Shapes:
    """Lay shapes in metres on whole grid lines: polygonal parts only, None where nothing is left.

    Args:
        shapes: (n,) shapes in metres on the equal-area plane; None allowed.

    Returns:
        (n,) valid polygons or multipolygons with whole coordinates, or None.

    Raises:
        NoGround: a coordinate is not finite.
    """
    found = np.full(len(shapes), None, dtype=object)
    kinds = shapely.get_type_id(shapes)
    usable = np.isin(kinds, _POLYGONAL) & ~shapely.is_empty(shapes)
    for index in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        found[index] = _polygonal(shapes[index])
    found[usable] = shapes[usable]
    present = np.flatnonzero(found != None)  # noqa: E711 - elementwise
    if len(present) == 0:
        return found
    if not np.isfinite(shapely.bounds(found[present])).all():
        raise NoGround(count=int((~np.isfinite(shapely.bounds(found[present])).all(axis=1)).sum()))
    laid = shapely.transform(found[present], lambda xy: np.rint(xy * GRID_PER_M))
    # Rounding can let a ring touch itself; so can a survey. Areas inside such rings are kept, never dropped.
    for index in np.flatnonzero(~shapely.is_valid(laid)):
        mended = shapely.make_valid(laid[index], method="structure", keep_collapsed=False)
        laid[index] = _polygonal(shapely.set_precision(mended, 1.0))
    found[present] = laid
    return found


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry | None:
    parts = [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2]
    parts = [piece for part in parts for piece in shapely.get_parts(part)]
    return shapely.union_all(parts) if parts else None


def arrange(shapes: Shapes, boundaries: Shapes, editions: tuple[npt.NDArray[np.int64], ...]) -> Arrangement:
    """Build the arrangement.

    Args:
        shapes: (s,) distinct polygonal shapes from :func:`on_grid`; their order changes nothing but numbering.
        boundaries: (u,) unit polygons from :func:`on_grid`, every version of every unit.
        editions: per edition, positions in ``boundaries`` in force, first listed first.
    """
    cuts = _crossing_edges(shapes, boundaries)
    first, second = _meeting(shapes)
    component = components(len(shapes), first, second)
    alone = np.bincount(component, minlength=len(shapes))[component] == 1
    alone[cuts.shape] = False
    single = np.flatnonzero(alone)
    parts, owner = shapely.get_parts(shapes[single], return_index=True)
    noded, points, face, shape = _node(shapes, component, np.flatnonzero(~alone), cuts)
    faces = np.concatenate([parts, noded])
    face = np.r_[np.arange(len(parts)), face + len(parts)]
    shape = np.r_[single[owner], shape]
    order = np.lexsort((face, shape))
    unit = np.full((len(editions), len(faces)), -1, dtype=np.int64)
    if len(boundaries) and len(faces):
        _find_units(unit, np.concatenate([shapely.point_on_surface(parts), points]), boundaries, editions)
    return Arrangement(faces, twice_areas(faces), face[order], shape[order], unit)


def components(size: int, first: Ints, second: Ints) -> Ints:
    """Return for each of ``size`` nodes the least node that it is connected with by the pairs."""
    label = np.arange(size)
    while True:
        one, other = label[first], label[second]
        apart = one != other
        if not apart.any():
            return label
        first, second = first[apart], second[apart]
        np.minimum.at(label, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
        while True:
            further = label[label]
            if np.array_equal(further, label):
                break
            label = further


def _meeting(shapes: Shapes) -> tuple[Ints, Ints]:
    """Return pairs (i < j) of shapes that touch or overlap."""
    if len(shapes) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    tree = shapely.STRtree(shapes)
    boxes = shapely.bounds(shapes) + np.array([-_REACH, -_REACH, _REACH, _REACH])
    first, second = tree.query(shapely.box(*boxes.T))
    half = first < second
    first, second = first[half], second[half]

    def near(low: int, high: int) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = shapely.dwithin(shapes[first[low:high]], shapes[second[low:high]], _REACH)
        return found

    step = 20_000
    chunks = [(low, min(low + step, len(first))) for low in range(0, len(first), step)]
    with ThreadPoolExecutor(_threads()) as pool:
        close = list(pool.map(lambda chunk: near(*chunk), chunks))
    meets = np.concatenate(close) if close else np.zeros(0, bool)
    return first[meets], second[meets]


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Edges of unit boundaries, and (shape, edge) of every meeting, sorted by shape."""

    edges: Shapes
    shape: Ints
    edge: Ints


def _crossing_edges(shapes: Shapes, boundaries: Shapes) -> _Cuts:
    """Return the unit boundary edges that meet shapes."""
    none = _Cuts(np.zeros(0, object), np.zeros(0, np.int64), np.zeros(0, np.int64))
    if len(boundaries) == 0 or len(shapes) == 0:
        return none
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(boundaries)), return_index=True)
    within = ring[1:] == ring[:-1]
    start, end = xy[:-1][within], xy[1:][within]
    # Neighbours share their boundary: each edge is taken once, whichever way it is drawn.
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    pairs = np.where(swap[:, None], np.hstack([end, start]), np.hstack([start, end]))
    box = shapely.total_bounds(shapes)
    low = np.minimum(pairs[:, :2], pairs[:, 2:])
    high = np.maximum(pairs[:, :2], pairs[:, 2:])
    pairs = pairs[(high >= box[:2] - _REACH).all(axis=1) & (low <= box[2:] + _REACH).all(axis=1)]
    if len(pairs) == 0:
        return none
    pairs = np.unique(pairs, axis=0)
    edges = shapely.linestrings(pairs.reshape(-1, 2, 2))
    tree = shapely.STRtree(edges)
    shape, edge = tree.query(shapes, predicate="dwithin", distance=_REACH)
    order = np.argsort(shape, kind="stable")
    return _Cuts(edges, shape[order], edge[order])


def _node(shapes: Shapes, component: Ints, members: Ints, cuts: _Cuts) -> tuple[Shapes, Shapes, Ints, Ints]:
    """Node the shapes that meet others or a boundary.

    Returns:
        Faces, a point inside each, and the face and shape of every covering.
    """
    if len(members) == 0:
        return np.zeros(0, object), np.zeros(0, object), np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = members[np.argsort(component[members], kind="stable")]
    fresh = np.flatnonzero(np.r_[True, component[order][1:] != component[order][:-1]])
    # A component is never split; a pack is filled until it holds enough shapes.
    packs = np.split(order, fresh[1:][np.diff(fresh[1:] // _PACK_SHAPES, prepend=0) > 0])

    def faces_of(pack: Ints) -> tuple[Shapes, Shapes, Ints, Ints]:
        low, high = np.searchsorted(cuts.shape, pack), np.searchsorted(cuts.shape, pack, side="right")
        crossing = np.unique(np.concatenate([cuts.edge[a:b] for a, b in zip(low, high, strict=True)]))
        lines = np.concatenate([shapely.boundary(shapes[pack]), cuts.edges[crossing]])
        network = shapely.get_parts(shapely.union_all(lines, grid_size=1.0))
        faces = shapely.get_parts(shapely.polygonize(network))
        points = shapely.point_on_surface(faces)
        shape, face = shapely.STRtree(points).query(shapes[pack], predicate="intersects")
        covered, face = np.unique(face, return_inverse=True)
        return faces[covered], points[covered], face, pack[shape]

    with ThreadPoolExecutor(_threads()) as pool:
        found = list(pool.map(faces_of, packs))
    offsets = np.cumsum([0] + [len(faces) for faces, _, _, _ in found[:-1]])
    face = [face + offset for (_, _, face, _), offset in zip(found, offsets, strict=True)]
    return (
        np.concatenate([faces for faces, _, _, _ in found]),
        np.concatenate([points for _, points, _, _ in found]),
        np.concatenate(face),
        np.concatenate([shape for _, _, _, shape in found]),
    )


def _find_units(
    unit: npt.NDArray[np.int64], points: Shapes, boundaries: Shapes, editions: tuple[npt.NDArray[np.int64], ...]
) -> None:
    """Write the unit version that holds each point, edition by edition."""
    version, point = shapely.STRtree(points).query(boundaries, predicate="intersects")
    for row, members in zip(unit, editions, strict=True):
        inside = np.isin(version, members)
        # Written in reverse, the unit listed first stands where units overlap.
        order = np.argsort(-version[inside], kind="stable")
        row[point[inside][order]] = version[inside][order]


def _threads() -> int:
    return min(8, os.cpu_count() or 1)
