from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from fallow.geodesy.areas import area_m2, densify, equal_area_for, geodesic_area_m2, to_equal_area
from fallow.geodesy.errors import NotEqualArea, NotTransformable, OutOfRange

UKRAINE = equal_area_for((22.14, 44.38, 40.22, 52.38))


def array(*shapes: object) -> np.ndarray:
    result = np.empty(len(shapes), dtype=object)
    result[:] = shapes
    return result


def test_the_register_system_is_centred_on_the_country_to_a_tenth_of_a_degree() -> None:
    assert UKRAINE == "+proj=laea +lat_0=48.4 +lon_0=31.2 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
    assert equal_area_for(shapely.box(22.14, 44.38, 40.22, 52.38)) == UKRAINE
    assert "+lon_0=180.0" in equal_area_for((170.0, -20.0, -170.0, -10.0))
    assert "+lat_0=0.0 +lon_0=0.0" in equal_area_for((-0.01, -0.01, 0.0, 0.0))


@pytest.mark.parametrize("bounds", [(0, 0, 0, 91), (0, 10, 0, 5), (400, 0, 401, 1), (float("nan"), 0, 1, 1)])
def test_bounds_outside_the_earth_are_refused(bounds: tuple[float, ...]) -> None:
    with pytest.raises(OutOfRange):
        equal_area_for(bounds)


def test_an_area_in_degrees_or_in_a_system_that_stretches_is_an_error() -> None:
    square = array(shapely.box(36, 50, 36.01, 50.01))
    for crs in ("EPSG:4326", "EPSG:32637", "EPSG:3857"):
        with pytest.raises(NotEqualArea):
            area_m2(square, crs)


def test_planar_and_geodesic_area_agree_on_small_ground() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(24, 38, 200), rng.uniform(45, 52, 200)
    shapes = shapely.buffer(shapely.points(lon, lat), 0.001)
    plane, ellipsoid = area_m2(shapes, UKRAINE), geodesic_area_m2(shapes)
    assert np.abs(plane / ellipsoid - 1).max() < 1e-5


def test_holes_are_subtracted_whatever_way_the_rings_run() -> None:
    outer, inner = shapely.box(36, 50, 36.01, 50.01), shapely.box(36.002, 50.002, 36.004, 50.004)
    ring, hole = list(outer.exterior.coords), list(inner.exterior.coords)
    one = shapely.Polygon(ring, [hole])
    other = shapely.Polygon(ring[::-1], [hole])
    solid = geodesic_area_m2(array(outer, inner))
    for shape in (one, other):
        assert geodesic_area_m2(array(shape))[0] == pytest.approx(solid[0] - solid[1], rel=1e-9)
        assert area_m2(array(shape), UKRAINE)[0] == pytest.approx(solid[0] - solid[1], rel=1e-5)


def test_coordinates_lie_on_the_ten_micrometre_grid() -> None:
    laid = to_equal_area(array(shapely.box(36, 50, 36.3, 50.2), shapely.Point(30.1, 49.7)), UKRAINE)
    xy = shapely.get_coordinates(laid)
    assert np.array_equal(xy, np.rint(xy * 1e5) / 1e5)
    again = to_equal_area(array(shapely.box(36, 50, 36.3, 50.2), shapely.Point(30.1, 49.7)), UKRAINE)
    assert shapely.to_wkb(laid).tolist() == shapely.to_wkb(again).tolist()


def test_short_edges_are_left_as_they_are_and_the_source_is_not_changed() -> None:
    shapes = array(shapely.box(36, 50, 36.001, 50.001), None, shapely.Point(36, 50))
    before = shapely.to_wkb(shapes).tolist()
    assert densify(shapes) is shapes
    laid = to_equal_area(shapes, UKRAINE)
    assert shapely.to_wkb(shapes).tolist() == before
    assert laid[1] is None
    assert shapely.get_num_coordinates(laid[0]) == 5


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(36, 50, 36.1, 50.05),
        shapely.box(36, 50, 36.1, 50.05).difference(shapely.box(36.02, 50.01, 36.08, 50.04)),
        shapely.MultiPolygon([shapely.box(36, 50, 36.1, 50.05), shapely.box(37, 50, 37.0001, 50.0001)]),
        shapely.LineString([(36, 50), (36.5, 50.2), (36.5001, 50.2)]),
        shapely.MultiLineString([[(36, 50), (36.5, 50.2)], [(35, 49), (35, 49.1)]]),
        shapely.GeometryCollection([shapely.Point(36, 50), shapely.box(36, 50, 36.1, 50.05)]),
    ],
)
def test_long_edges_are_divided_to_500_metres_and_no_shape_changes_its_kind(shape: object) -> None:
    divided = densify(array(shape, shapely.box(10, 10, 10.0001, 10.0001)))
    assert divided[0].geom_type == shape.geom_type
    assert divided[1].equals_exact(shapely.box(10, 10, 10.0001, 10.0001))
    lines = shapely.get_parts(shapely.boundary(shapely.get_parts(array(divided[0]))))
    lines = [
        part for part in (lines if len(lines) else shapely.get_parts(divided[0])) if part.geom_type == "LineString"
    ]
    for line in lines:
        laid = shapely.get_coordinates(to_equal_area(array(line), UKRAINE))
        assert np.hypot(*np.diff(laid, axis=0).T).max() <= 500.5
    kept = set(map(tuple, shapely.get_coordinates(divided[0])))
    assert set(map(tuple, shapely.get_coordinates(shape))) <= kept
    assert divided[0].hausdorff_distance(shape) < 1e-12


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.floats(24, 38), st.floats(45, 52), st.floats(0.02, 0.3), st.floats(0.02, 0.3), st.floats(0.1, 0.9))
def test_neighbours_that_share_an_edge_still_share_it_on_the_plane(
    lon: float, lat: float, width: float, height: float, tilt: float
) -> None:
    # The shared edge is drawn in opposite directions, as neighbours do.
    low, high = (lon, lat), (lon + width * tilt, lat + height)
    left = shapely.Polygon([low, high, (lon - width, lat)])
    right = shapely.Polygon([high, low, (lon + width, lat)])
    laid = to_equal_area(array(left, right), UKRAINE)
    both = shapely.union_all(laid)
    assert both.geom_type == "Polygon"
    assert shapely.area(laid).sum() == pytest.approx(both.area, abs=1e-6)
    assert laid[0].intersection(laid[1]).area == 0


def test_points_and_lines_have_no_area_and_gaps_stay_gaps() -> None:
    areas = area_m2(array(shapely.Point(36, 50), None, shapely.LineString([(36, 50), (36.1, 50)])), UKRAINE)
    assert areas[0] == 0
    assert np.isnan(areas[1])
    assert areas[2] == 0
    assert np.isnan(geodesic_area_m2(array(None))[0])


def test_a_coordinate_without_a_place_is_named_by_row() -> None:
    with pytest.raises(NotTransformable) as caught:
        area_m2(array(shapely.Point(36, 50), shapely.Point(36, 5000)), UKRAINE)
    assert caught.value.values["indices"] == [1]


def test_two_threads_give_the_same_bits_as_one() -> None:
    rng = np.random.default_rng(5)
    shapes = shapely.points(rng.uniform(24, 38, 250_000), rng.uniform(45, 52, 250_000))
    whole = shapely.get_coordinates(to_equal_area(shapes, UKRAINE))
    parts = [shapely.get_coordinates(to_equal_area(part, UKRAINE)) for part in np.array_split(shapes, 5)]
    assert np.array_equal(whole, np.concatenate(parts))
