"""Irregular shapes, many at once: outlines of areas, parts cut from them, points and recorded strips inside them.

Nothing here places one shape by another's position: every middle is drawn at random and on its own. Points inside an
area are uniform on it. Strips are shapes of search that was done, laid anywhere across the area in any direction.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.synth.frame import Bools, Floats, Ints, Rng


def outlines(middles: Floats, area_m2: Floats, rng: Rng) -> Shapes:
    """Return one irregular simple polygon per middle.

    Args:
        middles: shape (n, 2), metres.
        area_m2: area that each polygon gets, shape (n,).
        rng: random stream.

    Returns:
        Polygons, shape (n,), with 7 to 16 corners, metres.
    """
    count = len(middles)
    corners = rng.integers(7, 17, count)
    owner = np.repeat(np.arange(count), corners)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(corners) - corners, corners)
    # Each corner keeps to its own share of the full turn, so the ring cannot cross itself.
    turn = 2 * np.pi * (rank + rng.uniform(0.05, 0.95, len(owner))) / corners[owner]
    reach = rng.uniform(0.55, 1.25, len(owner))
    x, y = np.cos(turn) * reach, np.sin(turn) * reach
    stretch = np.sqrt(rng.uniform(1.0, 4.0, count))
    x, y = x * stretch[owner], y / stretch[owner]
    angle = rng.uniform(0, 2 * np.pi, count)[owner]
    x, y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    raw = shapely.polygons(shapely.linearrings(np.column_stack([x, y]), indices=owner))
    factor = np.sqrt(area_m2 / shapely.area(raw))[owner]
    placed = np.column_stack([x, y]) * factor[:, None] + middles[owner]
    polygons: Shapes = shapely.polygons(shapely.linearrings(placed, indices=owner))
    return polygons


def either(mask: Bools, shapes: Shapes, others: Shapes | None = None) -> Shapes:
    """Return ``shapes`` where the mask holds, elsewhere ``others`` (None: no shape)."""
    result: Shapes = np.where(mask, shapes, np.array(None, dtype=object) if others is None else others)
    return result


def moved(shapes: Shapes, by: Floats) -> Shapes:
    """Return shapes shifted by ``by`` metres, shape (n, 2), each by its own shift."""
    counts = shapely.get_num_coordinates(shapes)
    coordinates = shapely.get_coordinates(shapes) + np.repeat(by, counts, axis=0)
    shifted: Shapes = shapely.set_coordinates(shapes.copy(), coordinates)
    return shifted


def resurveyed(shapes: Shapes, error_m: float, share: Floats, rng: Rng) -> Shapes:
    """Return outlines as another survey would give them: scaled to ``share`` of the area, corners off by an error.

    A corner error that would make a ring cross itself is dropped for that shape.
    """
    counts = shapely.get_num_coordinates(shapes)
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    around = np.repeat(middle, counts, axis=0)
    old = shapely.get_coordinates(shapes)
    scaled = around + (old - around) * np.repeat(np.sqrt(share), counts)[:, None]
    error = rng.normal(0.0, error_m, old.shape)
    last = np.cumsum(counts) - 1
    error[last] = error[np.cumsum(counts) - counts]  # a ring ends where it begins
    plain: Shapes = shapely.set_coordinates(shapes.copy(), scaled)
    rough: Shapes = shapely.set_coordinates(shapes.copy(), scaled + error)
    kept: Shapes = np.where(shapely.is_valid(rough), rough, plain)
    return kept


def cut(shapes: Shapes, share: Floats, rng: Rng) -> tuple[Shapes, Shapes]:
    """Cut each shape in two along a line of random direction.

    Args:
        shapes: polygons, shape (n,), metres.
        share: about how much of the width goes to the first part, shape (n,).
        rng: random stream.

    Returns:
        First and second parts; one may be empty for a shape that bends round the line.
    """
    count = len(shapes)
    box = shapely.bounds(shapes).reshape(-1, 4)
    middle = np.column_stack([box[:, 0] + box[:, 2], box[:, 1] + box[:, 3]]) / 2
    half = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) / 2
    angle = rng.uniform(0, 2 * np.pi, count)
    along = np.column_stack([np.cos(angle), np.sin(angle)])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    # The part runs from far behind the middle to the cutting line.
    reach = (2 * share - 1) * half * 0.6
    far = 3 * half
    corner = [
        middle + along * reach[:, None] + across * far[:, None],
        middle + along * reach[:, None] - across * far[:, None],
        middle - along * far[:, None] - across * far[:, None],
        middle - along * far[:, None] + across * far[:, None],
    ]
    side = shapely.polygons(np.stack([*corner, corner[0]], axis=1))
    return polygonal(shapely.intersection(shapes, side)), polygonal(shapely.difference(shapes, side))


def polygonal(shapes: Shapes) -> Shapes:
    """Return the polygon parts of shapes; lines and points that an overlay leaves behind are dropped."""
    kinds = shapely.get_type_id(shapes)
    result: Shapes = shapes.copy()
    for row in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = [part for part in shapely.get_parts(shapes[row]) if part.geom_type.endswith("Polygon")]
        result[row] = shapely.union_all(parts)
    return result


def points_within(shapes: Shapes, owner: Ints, rng: Rng) -> Shapes:
    """Return one point per entry of ``owner``, uniformly at random inside ``shapes[owner]``."""
    box = shapely.bounds(shapes).reshape(-1, 4)[owner]
    shapely.prepare(shapes)
    found = np.zeros((len(owner), 2))
    open_rows = np.arange(len(owner))
    while len(open_rows):
        tried = rng.uniform(box[open_rows, :2], box[open_rows, 2:])
        inside = shapely.contains_xy(shapes[owner[open_rows]], tried[:, 0], tried[:, 1])
        found[open_rows[inside]] = tried[inside]
        open_rows = open_rows[~inside]
    points: Shapes = shapely.points(found)
    return points


def strips(shapes: Shapes, owner: Ints, rng: Rng) -> Shapes:
    """Return recorded strips of past search: each crosses ``shapes[owner]`` anywhere, in any direction.

    Returns:
        Polygons or multipolygons inside the shape, 1 to 4 metres wide; empty where a strip missed the shape.
    """
    through = shapely.get_coordinates(points_within(shapes, owner, rng))
    box = shapely.bounds(shapes).reshape(-1, 4)[owner]
    far = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    angle = rng.uniform(0, np.pi, len(owner))
    step = np.column_stack([np.cos(angle), np.sin(angle)]) * far[:, None]
    lines = shapely.linestrings(np.stack([through - step, through + step], axis=1))
    wide = shapely.buffer(lines, rng.uniform(0.5, 2.0, len(owner)), cap_style="flat")
    return without_crumbs(polygonal(shapely.intersection(wide, shapes[owner])))


def without_crumbs(shapes: Shapes, least_m2: float = 1.0) -> Shapes:
    """Return multipolygons without the parts smaller than ``least_m2``, which nobody draws; others as they are."""
    result: Shapes = shapes.copy()
    for row in np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON):
        parts = shapely.get_parts(shapes[row])
        result[row] = shapely.union_all(parts[shapely.area(parts) >= least_m2])
    return result


def rims(shapes: Shapes) -> Shapes:
    """Return the outer rings of polygons as lines; points stay points."""
    polygon = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    result: Shapes = shapes.copy()
    rings = shapely.get_exterior_ring(shapes[polygon])
    coordinates, owner = shapely.get_coordinates(rings, return_index=True)
    result[polygon] = shapely.linestrings(coordinates, indices=owner)
    return result


def tidy(shapes: Shapes) -> Shapes:
    """Return shapes that are valid; rounding of coordinates can pinch a very thin part.

    Corners that rounding laid on each other become one. Only what rounding broke is mended, by keeping the polygon
    parts of the valid form.
    """
    result: Shapes = shapely.remove_repeated_points(shapes)
    broken = np.flatnonzero(~shapely.is_valid(result) & ~shapely.is_missing(result))
    if len(broken):
        mended: Any = polygonal(shapely.make_valid(result[broken]))
        result[broken] = mended
    return result
