from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from fallow.geodesy.errors import NoOperation, NotTransformable, UnknownOperation, UnknownSystem
from fallow.geodesy.operations import data_area, projector_for, transform_shapes
from fallow.records.batch import Operation

KHARKIV = (36.23, 49.99)


def points(*xy: tuple[float, float]) -> np.ndarray:
    return np.array([shapely.Point(place) for place in xy], dtype=object)


def apart(place: shapely.Point, lon: float, lat: float) -> float:
    return Geod(ellps="WGS84").inv(place.x, place.y, lon, lat)[2]


def test_the_dutch_origin_lies_at_its_published_place() -> None:
    placed, operation = transform_shapes(points((155000, 463000)), "EPSG:28992")
    assert apart(placed[0], 5.387203658, 52.155172897) < 0.5  # the operation states 1 m
    assert operation.code == "EPSG:4833"
    assert operation.accuracy_m == 1.0
    assert "Amersfoort to WGS 84 (4)" in operation.name


@pytest.mark.parametrize(
    ("crs", "x", "y"), [("EPSG:28407", 7301489.0, 5543515.0), ("EPSG:28406", 6731724.0, 5544848.0)]
)
def test_soviet_zones_are_given_easting_first_and_agree_about_one_place(crs: str, x: float, y: float) -> None:
    placed, operation = transform_shapes(points((x, y)), crs)
    assert apart(placed[0], *KHARKIV) < 5
    # The operation made for Ukraine, not the neighbour's whose box lies over it.
    assert operation.code == "EPSG:15865"
    assert operation.accuracy_m == 4.5


def test_a_shift_is_really_applied() -> None:
    placed, _ = transform_shapes(points(KHARKIV), "EPSG:4284")
    assert 110 < apart(placed[0], *KHARKIV) < 125
    placed, _ = transform_shapes(points(KHARKIV), "EPSG:5561")
    assert 110 < apart(placed[0], *KHARKIV) < 126


def test_where_no_operation_covers_the_place_the_data_is_refused() -> None:
    with pytest.raises(NoOperation) as caught:
        transform_shapes(points((490000, 1280000)), "EPSG:3148")  # Cambodia
    facts = caught.value.values
    assert {row["code"] for row in facts["candidates"]} >= {"EPSG:1542", "EPSG:1543"}
    assert all(400 < row["shift_m"] < 520 for row in facts["candidates"])
    assert facts["spread_m"] > 1
    assert "Vietnam" in facts["candidates_text"]


def test_an_operation_accepted_on_purpose_is_used_and_named() -> None:
    placed, operation = transform_shapes(points((490000, 1280000)), "EPSG:3148", operation="EPSG:1542")
    assert operation.code == "EPSG:1542"
    assert operation.accuracy_m == 44.0
    plain = transform_shapes(points((490000, 1280000)), "EPSG:32648")[0][0]
    assert 400 < apart(placed[0], plain.x, plain.y) < 700
    with pytest.raises(UnknownOperation) as caught:
        transform_shapes(points((490000, 1280000)), "EPSG:3148", operation="EPSG:4833")
    assert "EPSG:1542" in caught.value.values["known"]


@pytest.mark.parametrize("crs", ["EPSG:4131", "EPSG:4147", "EPSG:4220", "EPSG:4227"])
def test_known_gaps_are_refused_not_passed_through(crs: str) -> None:
    places = {"EPSG:4131": (104.9, 11.6), "EPSG:4147": (105.8, 21.0), "EPSG:4220": (19.9, -11.8)}
    place = places.get(crs, (35.5, 33.9))
    with pytest.raises(NoOperation):
        transform_shapes(points(place), crs)


def test_a_suspect_operation_is_never_chosen_by_itself() -> None:
    kosovo = (20.6, 42.4, 21.2, 42.9)
    assert projector_for("EPSG:3906", kosovo).operation.code != "EPSG:9143"
    assert projector_for("EPSG:3906", kosovo, "EPSG:9143").operation.code == "EPSG:9143"


def test_among_equals_the_one_made_for_the_country_is_taken() -> None:
    assert projector_for("EPSG:3906", (17.7, 43.2, 18.0, 43.5)).operation.code == "EPSG:8823"  # Bosnia


def test_data_beyond_the_180th_meridian_is_covered() -> None:
    area = projector_for("EPSG:4284", (-175.0, 66.0, -172.0, 67.0)).area
    assert area[0] > area[2]


def test_wgs84_shapes_come_back_as_the_same_array() -> None:
    shapes = points(KHARKIV)
    for crs in ("EPSG:4326", "OGC:CRS84", "EPSG:4979"):
        same, operation = transform_shapes(shapes, crs)
        assert same is shapes
        assert operation == Operation("none", None, 0.0)


def test_the_source_array_is_left_alone_and_gaps_stay() -> None:
    shapes = np.array([shapely.Point(155000, 463000), None, shapely.box(155000, 463000, 155100, 463100)], dtype=object)
    before = shapely.to_wkb(shapes).tolist()
    placed, _ = transform_shapes(shapes, "28992")
    assert shapely.to_wkb(shapes).tolist() == before
    assert placed[1] is None
    assert placed[2].geom_type == "Polygon"
    assert not shapely.has_z(placed[0])


def test_heights_are_dropped_without_moving_the_place() -> None:
    flat, _ = transform_shapes(points((155000, 463000)), "28992")
    high, _ = transform_shapes(np.array([shapely.Point(155000, 463000, 12)], dtype=object), "28992")
    assert shapely.equals_exact(flat[0], high[0])


def test_one_row_with_exchanged_axes_does_not_decide_for_the_others() -> None:
    shapes = points((121687, 487484), (121700, 487500), (487484, 121687))
    placed, operation = transform_shapes(shapes, "28992")
    assert operation.code == "EPSG:4833"
    assert apart(placed[0], 4.898, 52.3742) < 20
    assert apart(placed[2], 4.898, 52.3742) > 100_000
    inside = projector_for("28992").covers(shapely.get_coordinates(placed))
    assert inside.tolist() == [True, True, False]


def test_coordinates_that_cannot_be_carried_are_named_by_row() -> None:
    with pytest.raises(NotTransformable) as caught:
        transform_shapes(points((500000, 5000000), (1e12, 1e12)), "EPSG:32636")
    assert caught.value.values["indices"] == [1]


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(UnknownSystem):
        transform_shapes(points(KHARKIV), "EPSG:999999")


def test_the_way_back_returns_what_was_measured() -> None:
    rng = np.random.default_rng(7)
    xy = np.column_stack((rng.uniform(100_000, 200_000, 50), rng.uniform(400_000, 550_000, 50)))
    projector = projector_for("28992")
    assert projector.transformer is not None
    back = projector.points(projector.points(xy), inverse=True)
    assert np.abs(back - xy).max() < 1e-3


def test_the_extent_of_the_data_is_in_degrees() -> None:
    west, south, east, north = data_area(points((121687, 487484), (155000, 463000)), "28992")
    assert 4.8 < west < 5 < east < 5.5
    assert 52.1 < south < 52.2 < north < 52.5
    assert data_area(np.array([None], dtype=object), "28992") is None
