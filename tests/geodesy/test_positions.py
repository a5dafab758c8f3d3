from __future__ import annotations

import pytest

from fallow.geodesy.errors import OutOfRange, UnreadablePosition
from fallow.geodesy.positions import format_position, parse_angle, parse_position


@pytest.mark.parametrize(
    ("lon", "lat", "kind", "text"),
    [
        (-77.0365, 38.8977, "decimal", "38.897700, -77.036500"),
        (-77.0365, 38.8977, "dms", "N 38°53′51.72″ W 77°02′11.40″"),
        (-77.0365, 38.8977, "utm", "18S 323394 4307396"),
        (-77.0365, 38.8977, "mgrs", "18S UJ 23394 07395"),
        (5.0, 60.0, "utm", "32V 276980 6658157"),  # the widened Norwegian zone
        (-0.0, 0.0, "decimal", "0.000000, 0.000000"),
        (0.9999999, 59.9999999, "dms", "N 60°00′00.00″ E 1°00′00.00″"),
    ],
)
def test_positions_are_written_in_the_forms_of_the_field(lon: float, lat: float, kind: str, text: str) -> None:
    assert format_position(lon, lat, kind) == text


def test_svalbard_has_no_even_zones() -> None:
    assert format_position(20.0, 78.0, "utm").startswith("33X ")
    assert format_position(22.0, 78.0, "utm").startswith("35X ")


def test_places_off_the_earth_and_poles_in_utm_are_refused() -> None:
    for lon, lat, kind in (
        (181, 0, "decimal"),
        (0, 91, "dms"),
        (0, 89, "utm"),
        (0, -85, "mgrs"),
        (float("nan"), 0, "dms"),
    ):
        with pytest.raises(OutOfRange):
            format_position(lon, lat, kind)
    with pytest.raises(ValueError, match="kind"):
        format_position(0, 0, "square")


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("49.99, 36.23", 36.23, 49.99),
        ("49.99 36.23", 36.23, 49.99),
        ("49,99; 36,23", 36.23, 49.99),
        ("49.99,36.23", 36.23, 49.99),
        ("36.23 E 49.99 N", 36.23, 49.99),
        ('N 51° 51’ 28" E 36° 2’', 36.0333333, 51.8577778),
        ("51°51'28\"N 36°14'W", -36.2333333, 51.8577778),
        ("-33.9, -0.5", -0.5, -33.9),
    ],
)
def test_typed_positions_are_read_and_the_typing_is_kept(text: str, lon: float, lat: float) -> None:
    position = parse_position(text)
    assert position.lon == pytest.approx(lon, abs=1e-6)
    assert position.lat == pytest.approx(lat, abs=1e-6)
    assert position.typed == text
    assert position.wire()["crs"] == "EPSG:4326"


def test_grid_positions_carry_their_operation() -> None:
    position = parse_position("121687 487484", "EPSG:28992")
    assert position.operation is not None
    assert position.operation.code == "EPSG:4833"
    assert position.lat == pytest.approx(52.37422, abs=1e-4)
    zone = parse_position("37U 301489 5543515")
    assert zone.crs == "EPSG:32637"
    assert zone.lat == pytest.approx(50.01084, abs=1e-4)


@pytest.mark.parametrize(
    "text", ["", "foo", "1", "91, 20", "N 51° 61’ E 36° 2’", "N 51 N 36", "61X", "99U 301489 5543515"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnreadablePosition):
        parse_position(text)


def test_an_angle_with_impossible_parts_is_refused() -> None:
    assert parse_angle('N 51° 51’ 28"') == pytest.approx(51.857777778)
    assert parse_angle("36 14 30 W") == pytest.approx(-36.241666667)
    for text in ("51 60", "51 10 75", "51.5 10", "N 10 E", "0x10"):
        with pytest.raises(UnreadablePosition):
            parse_angle(text)


def test_written_positions_read_back() -> None:
    for kind, exact in (("decimal", 1e-6), ("dms", 2e-6), ("utm", 1e-5)):
        position = parse_position(format_position(36.2345678, 49.9876543, kind))
        assert position.lon == pytest.approx(36.2345678, abs=exact)
        assert position.lat == pytest.approx(49.9876543, abs=exact)
