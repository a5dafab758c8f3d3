from __future__ import annotations

import datetime as dt

import pytest

from fallow.geodesy.errors import NoDeclination, OutOfRange, UnknownSystem
from fallow.geodesy.magnetic import convergence, declination, declination_note

EN = {"declination": "Declination", "east": "E", "west": "W"}
UK = {"declination": "Магнітне схилення", "east": "сх.", "west": "зах."}


@pytest.mark.parametrize(
    ("lon", "lat", "date", "degrees"),
    [
        (37.80, 48.00, dt.date(2024, 7, 2), 8.632),  # Donetsk
        (104.92, 11.56, dt.date(1985, 7, 2), -0.251),  # Phnom Penh
        (19.90, -11.79, dt.date(1990, 7, 2), -6.657),  # Luena
        (69.17, 34.53, dt.date(1988, 7, 1), 2.239),  # Kabul
        (17.81, 43.34, dt.date(1994, 7, 2), 1.991),  # Mostar
    ],
)
def test_declination_agrees_with_published_values_of_the_model(
    lon: float, lat: float, date: dt.date, degrees: float
) -> None:
    value, model = declination(lon, lat, date)
    assert value == pytest.approx(degrees, abs=0.05)
    assert model == "IGRF-14"


def test_a_day_outside_the_model_is_refused() -> None:
    for day in (dt.date(1899, 12, 31), dt.date(2030, 1, 2)):
        with pytest.raises(NoDeclination):
            declination(36.23, 49.99, day)
    assert declination(36.23, 49.99, dt.date(1900, 1, 1))[0] == pytest.approx(0.5, abs=3)
    assert declination(36.23, 49.99, dt.date(2030, 1, 1))[0] > 9


def test_places_off_the_earth_are_refused() -> None:
    with pytest.raises(OutOfRange):
        declination(36, 91, dt.date(2020, 1, 1))
    with pytest.raises(OutOfRange):
        convergence(float("nan"), 0, "EPSG:32636")


def test_the_note_of_a_sheet_names_model_and_day_in_its_language() -> None:
    day = dt.date(2026, 1, 1)
    assert declination_note(36.23, 49.99, day, EN) == "Declination 9.2° E (IGRF-14, 2026-01-01)"
    assert declination_note(13.2, -8.8, day, EN).startswith("Declination 2.")
    assert " W (" in declination_note(13.2, -8.8, day, EN)
    assert declination_note(36.23, 49.99, day, UK) == "Магнітне схилення 9.2° сх. (IGRF-14, 2026-01-01)"


def test_grid_convergence_has_the_sign_of_the_side_of_the_meridian() -> None:
    assert convergence(36.2, 50.0, "EPSG:28407") == pytest.approx(-2.1, abs=0.06)
    assert convergence(35.9, 48.5, "EPSG:28406") == pytest.approx(2.2, abs=0.06)
    assert convergence(36.2, 50.0, "EPSG:4326") == 0
    with pytest.raises(UnknownSystem):
        convergence(36.2, 50.0, "nowhere")
