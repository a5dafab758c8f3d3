"""Areas: the register's equal-area system, how shapes enter it, and the two areas that are printed.

The area that counts is the planar one on the register's equal-area plane, because it adds up when land is
cut. The geodesic area stands beside it as information: it does not add up under cuts drawn in longitude and
latitude.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from fallow.geodesy.errors import NotEqualArea, NotTransformable, OutOfRange
from fallow.geodesy.systems import WGS84, resolve_crs
from fallow.records.batch import Shapes

if TYPE_CHECKING:
    from pyproj import Transformer

GRID_M = 1e-5  # 10 µm: coordinates on the plane are whole multiples
DENSIFY_M = 500.0
_CELLS_PER_M = 100_000.0
_DEGREE_M = 111_700.0  # a degree of meridian at the poles, the longest there is: lengths are never understated
_PARALLEL_FROM = 200_000  # points from which two threads pay

_EQUAL_AREA_METHODS = frozenset(
    {
        "lambert azimuthal equal area",
        "lambert azimuthal equal area (spherical)",
        "albers equal area",
        "lambert cylindrical equal area",
        "lambert cylindrical equal area (ellipsoidal)",
    }
)


def equal_area_for(place: Any) -> str:
    """Return the equal-area system for a place: Lambert azimuthal on WGS 84, centre rounded to 0.1°.

    Args:
        place: bounds (west, south, east, north) in degrees, or a shape in WGS 84 (the country). West > east
            means that the place lies across the 180th meridian.

    Raises:
        OutOfRange: the bounds are no place on Earth.
    """
    bounds = place.bounds if hasattr(place, "geom_type") else tuple(place)
    if len(bounds) != 4 or not np.isfinite(bounds).all():
        raise OutOfRange(bounds=str(bounds))
    west, south, east, north = (float(value) for value in bounds)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise OutOfRange(bounds=f"{west}, {south}, {east}, {north}")
    lon = (west + east + (360 if west > east else 0)) / 2
    lon = lon - 360 if lon > 180 else lon
    # "+ 0.0" turns a negative zero into zero, so that one place has one text.
    return (
        f"+proj=laea +lat_0={round((south + north) / 2, 1) + 0.0:.1f} +lon_0={round(lon, 1) + 0.0:.1f} "
        "+x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
    )


def to_equal_area(shapes: Shapes, equal_area: str, densify_m: float = DENSIFY_M) -> Shapes:
    """Lay WGS 84 shapes into the register's equal-area plane.

    Edges longer than ``densify_m`` are divided first, because a line that is straight in degrees is not
    straight on the plane; the division does not depend on the direction in which an edge is drawn, so
    neighbours stay neighbours.

    Args:
        shapes: (n,) shapes in WGS 84, longitude first, 2D; None stays None.
        equal_area: PROJ text of the register's system (:func:`equal_area_for`).
        densify_m: longest edge in metres that is not divided.

    Returns:
        (n,) shapes, metres, coordinates rounded to whole 10 µm.

    Raises:
        NotEqualArea: ``equal_area`` is not an equal-area system.
        NotTransformable: a coordinate has no place on the plane.
    """
    transformer = _plane(equal_area)
    ready = densify(shapes, densify_m)
    lonlat, index = shapely.get_coordinates(ready, return_index=True)
    xy = _project(transformer, lonlat)
    wrong = ~np.isfinite(xy).all(axis=1)
    if wrong.any():
        indices = [int(row) for row in np.unique(index[wrong])]
        raise NotTransformable(crs=equal_area, indices=indices, count=len(indices))
    copy = np.array(ready, dtype=object) if ready is shapes else ready
    laid: Shapes = shapely.set_coordinates(copy, xy)
    return laid


def area_m2(shapes: Shapes, equal_area: str) -> npt.NDArray[np.float64]:
    """Return the area in m² of each WGS 84 shape on the equal-area plane (0 for points, NaN for None).

    Raises:
        NotEqualArea, NotTransformable: see :func:`to_equal_area`.
    """
    laid = to_equal_area(shapes, equal_area)
    areas: npt.NDArray[np.float64] = shapely.area(laid)
    return areas


def geodesic_area_m2(shapes: Shapes) -> npt.NDArray[np.float64]:
    """Return the area in m² of each WGS 84 shape on the ellipsoid, edges as geodesics (NaN for None)."""
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    # The sign follows the direction of rings; the outer ring is turned first so that holes are subtracted.
    turned = shapely.orient_polygons(np.asarray(shapes, dtype=object))
    return np.array(
        [np.nan if shape is None else abs(geod.geometry_area_perimeter(shape)[0]) for shape in turned],
        dtype=np.float64,
    )


def densify(shapes: Shapes, longest_m: float = DENSIFY_M) -> Shapes:
    """Divide edges longer than ``longest_m`` metres into equal parts; other shapes are kept as they are.

    Args:
        shapes: (n,) shapes in WGS 84, degrees.
        longest_m: longest edge in metres that stays whole.

    Returns:
        The same array when no shape is wider than ``longest_m``, else a new one.
    """
    boxes = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        wide = _length_m(boxes[:, 0:2], boxes[:, 2:4]) > longest_m
    if not wide.any():
        return shapes
    result = np.array(shapes, dtype=object)
    rows = np.flatnonzero(wide)
    kinds = shapely.get_type_id(result[rows])
    for kind in np.unique(kinds):
        chosen = rows[kinds == kind]
        if kind in _DIVISIBLE:
            result[chosen] = _divide(result[chosen], longest_m)
        elif kind == shapely.GeometryType.GEOMETRYCOLLECTION:
            for row in chosen:
                parts = densify(np.array(shapely.get_parts(result[row]), dtype=object), longest_m)
                result[row] = shapely.geometrycollections(parts)
    return result


_DIVISIBLE = frozenset(
    {
        shapely.GeometryType.LINESTRING,
        shapely.GeometryType.POLYGON,
        shapely.GeometryType.MULTILINESTRING,
        shapely.GeometryType.MULTIPOLYGON,
    }
)


def _divide(shapes: Shapes, longest_m: float) -> Shapes:
    """Divide the long edges of shapes of one type."""
    kind, xy, offsets = shapely.to_ragged_array(shapes, include_z=False)
    lines = offsets[0]
    first, second = xy[:-1], xy[1:]
    parts = np.maximum(np.ceil(_length_m(first, second) / longest_m), 1).astype(np.int64)
    # The step from the last point of one ring to the first of the next is no edge.
    ends = lines[1:-1]
    parts[ends[(ends > 0) & (ends <= len(parts))] - 1] = 1
    start = np.concatenate(([0], np.cumsum(parts)))
    edge = np.repeat(np.arange(len(parts)), parts)
    share = (np.arange(start[-1]) - start[edge]) / parts[edge]
    # Both directions of an edge must give the same points to the last bit, so each is divided from its lesser
    # end.
    swap = (first[:, 0] > second[:, 0]) | ((first[:, 0] == second[:, 0]) & (first[:, 1] > second[:, 1]))
    turned = swap[edge] & (share > 0)
    low = np.where(turned[:, None], second[edge], first[edge])
    high = np.where(turned[:, None], first[edge], second[edge])
    steps = parts[edge] - (np.arange(start[-1]) - start[edge])
    share = np.where(turned, steps / parts[edge], share)
    points = np.concatenate((low + (high - low) * share[:, None], xy[-1:]))
    where = np.concatenate((start, [start[-1] + 1]))
    divided: Shapes = shapely.from_ragged_array(kind, points, (where[lines], *offsets[1:]))
    return divided


def _length_m(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return lengths in metres of edges given in degrees, a little overstated, never under."""
    lat = np.minimum(np.abs(one[:, 1]), np.abs(other[:, 1]))
    east = (other[:, 0] - one[:, 0]) * np.cos(np.radians(lat)) * _DEGREE_M
    north = (other[:, 1] - one[:, 1]) * _DEGREE_M
    length: npt.NDArray[np.float64] = np.hypot(east, north)
    return length


def _project(transformer: Transformer, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Project (n, 2) degrees to (n, 2) metres on the grid; points are independent: threads change no bit."""
    xy = np.empty_like(lonlat)

    def part(low: int, high: int) -> None:
        east, north = transformer.transform(lonlat[low:high, 0], lonlat[low:high, 1])
        for column, values in ((0, east), (1, north)):
            np.multiply(values, _CELLS_PER_M, out=values)
            np.rint(values, out=values)
            np.divide(values, _CELLS_PER_M, out=xy[low:high, column])

    if len(lonlat) < _PARALLEL_FROM:
        part(0, len(lonlat))
        return xy
    half = len(lonlat) // 2
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(part, (0, half), (half, len(lonlat))))
    return xy


@lru_cache(maxsize=16)
def _plane(equal_area: str) -> Transformer:
    from pyproj import Transformer

    crs = resolve_crs(equal_area)
    step = crs.coordinate_operation
    if not crs.is_projected or step is None or step.method_name.lower() not in _EQUAL_AREA_METHODS:
        raise NotEqualArea(crs=equal_area, name=crs.name)
    return Transformer.from_crs(resolve_crs(WGS84), crs, always_xy=True, allow_ballpark=False)
