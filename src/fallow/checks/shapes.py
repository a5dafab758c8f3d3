"""Arrays of shapes: kinds, selections, work on two threads, and sizes in metres."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import shapely
from shapely import GeometryType

from fallow.checks.columns import Bools, Floats
from fallow.records.batch import Shapes

_PARALLEL_FROM = 4_000  # shapes from which two threads pay

POLYGONS = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)
LINES = (GeometryType.LINESTRING, GeometryType.LINEARRING, GeometryType.MULTILINESTRING)
POINTS = (GeometryType.POINT, GeometryType.MULTIPOINT)


def chosen(shapes: Shapes, keep: Bools) -> Shapes:
    """Return a copy of an array of shapes with None where ``keep`` is False."""
    result: Shapes = np.array(shapes, dtype=object)
    result[~keep] = None
    return result


def array_of(shapes: list[Any]) -> Shapes:
    """Return shapes or None as an array of objects."""
    result: Shapes = np.empty(len(shapes), dtype=object)
    result[:] = shapes
    return result


def comparable(shapes: Shapes) -> Shapes:
    """Return shapes that set operations can work with: faulty ones as the ground that they enclose, others None.

    Args:
        shapes: (n,) shapes, None or anything.
    """
    result = chosen(shapes, shapely.is_geometry(shapes) & ~shapely.is_empty(shapes))
    faulty = np.flatnonzero(~shapely.is_missing(result) & ~shapely.is_valid(result))
    if len(faulty):
        xy, index = shapely.get_coordinates(result[faulty], return_index=True)
        result[faulty[index[~np.isfinite(xy).all(axis=1)]]] = None
        result[faulty] = shapely.make_valid(result[faulty], method="structure", keep_collapsed=False)
        result[shapely.is_empty(result)] = None
    return result


def boundary_tree(shape: Any) -> shapely.STRtree:
    """Return an index of the straight pieces of a polygon's boundary."""
    pieces = []
    for line in shapely.get_parts(shapely.boundary(shape)):
        xy = shapely.get_coordinates(line)
        pieces.append(shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)))
    return shapely.STRtree(np.concatenate(pieces) if pieces else [])


def square_degree_m2(latitude: Floats) -> Floats:
    """Return the area in m² of one square degree on WGS 84 at latitudes in radians."""
    e2 = 0.0066943799901413165
    w2 = 1 - e2 * np.sin(latitude) ** 2
    meridian, normal = 6378137.0 * (1 - e2) / w2**1.5, 6378137.0 / np.sqrt(w2)
    found: Floats = meridian * normal * np.cos(latitude) * np.radians(1) ** 2
    return found


def laid(shapes: Shapes, equal_area: str) -> Shapes:
    """Return shapes on an equal-area plane, in m; None for None and for what has no place on the plane."""
    from fallow.geodesy import to_equal_area
    from fallow.geodesy.errors import NotTransformable

    try:
        return to_equal_area(shapes, equal_area)
    except NotTransformable as error:
        rest: Shapes = np.array(shapes, dtype=object)
        rest[error.values["indices"]] = None
        return to_equal_area(rest, equal_area)


def measure(shapes: Shapes, equal_area: str) -> Floats:
    """Return areas in m² on an equal-area plane; NaN for None and for what has no place on the plane."""
    return np.asarray(shapely.area(laid(shapes, equal_area)), dtype=np.float64)


def in_threads(function: Callable[[Shapes], Any], shapes: Shapes, kind: type) -> np.ndarray[Any, Any]:
    """Apply a shapely function to the halves of a long array on two threads; the result does not depend on it."""
    if len(shapes) < _PARALLEL_FROM:
        return np.asarray(function(shapes), dtype=kind)
    middle = len(shapes) // 2
    with ThreadPoolExecutor(2) as pool:
        return np.concatenate(list(pool.map(function, (shapes[:middle], shapes[middle:]))))


def lengths_m(one: Floats, other: Floats) -> Floats:
    """Return lengths in m of short lines between points in degrees, to within 0.5 %.

    Args:
        one: (n, 2) longitude, latitude.
        other: (n, 2).
    """
    lat = np.radians((one[:, 1] + other[:, 1]) / 2)
    chord = (
        np.sin(np.radians(other[:, 1] - one[:, 1]) / 2) ** 2
        + np.cos(np.radians(one[:, 1]))
        * np.cos(np.radians(other[:, 1]))
        * np.sin(np.radians(other[:, 0] - one[:, 0]) / 2) ** 2
    )
    radius = 6378137.0 - 21385.0 * np.sin(lat) ** 2
    found: Floats = 2 * radius * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return found
