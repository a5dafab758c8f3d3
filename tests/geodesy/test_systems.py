from __future__ import annotations

import pytest

from fallow.errors import exit_code
from fallow.geodesy.errors import UnknownSystem
from fallow.geodesy.systems import identify, is_wgs84, resolve_crs, same_system

# A projection on an ellipsoid, without a datum, as old desktop software wrote it beside shapefiles.
UNCODED = (
    'PROJCS["Double_Stereographic",GEOGCS["GCS_Bessel 1841",DATUM["D_unknown",SPHEROID["bessel",6377397.155,'
    '299.1528128]],PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]],'
    'PROJECTION["Double_Stereographic"],PARAMETER["latitude_of_origin",52.15616055555555],'
    'PARAMETER["central_meridian",5.38763888888889],PARAMETER["scale_factor",0.9999079],'
    'PARAMETER["false_easting",155000],PARAMETER["false_northing",463000],UNIT["Meter",1]]'
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("28992", 28992),
        ("EPSG:28992", 28992),
        ("epsg:28992", 28992),
        (" EPSG:28992 ", 28992),
        ("urn:ogc:def:crs:EPSG::28992", 28992),
        ("Amersfoort / RD New", 28992),
        ("WGS 84 / UTM zone 36N", 32636),
        ("wgs84", 4326),
        ("UCS-2000", 5561),
    ],
)
def test_a_system_is_found_by_code_urn_and_full_name(text: str, code: int) -> None:
    assert resolve_crs(text).to_epsg() == code


def test_proj_and_wkt_texts_are_read() -> None:
    assert resolve_crs("+proj=utm +zone=36 +datum=WGS84").is_projected
    assert resolve_crs(resolve_crs("28992").to_wkt()).to_epsg() == 28992


@pytest.mark.parametrize("text", ["", "foo", "EPSG:999999", "Pulkovo", "99999999999999999999", "GEOGCS[", "RD"])
def test_anything_else_is_refused_with_a_code(text: str) -> None:
    with pytest.raises(UnknownSystem) as caught:
        resolve_crs(text)
    assert caught.value.code == "geodesy.unknown_crs"
    assert exit_code(caught.value.code) == 12


def test_a_part_of_a_name_is_not_taken_for_one_of_the_systems_that_begin_so() -> None:
    from pyproj import CRS

    assert CRS.from_user_input("Pulkovo").name == "Pulkovo 1995"  # what the library would silently take
    with pytest.raises(UnknownSystem):
        resolve_crs("Pulkovo")


def test_an_uncoded_definition_is_a_guess_that_needs_a_person() -> None:
    found = identify(UNCODED, (121254.0, 489143.0, 123000.0, 489345.0))
    assert not found.certain
    assert found.guesses == (("EPSG:28992", "Amersfoort / RD New"),)
    assert not found.text.startswith("EPSG")


def test_a_stated_system_that_fits_needs_no_search() -> None:
    found = identify(UNCODED, None, "EPSG:28992")
    assert not found.certain
    assert found.guesses == (("EPSG:28992", "Amersfoort / RD New"),)
    assert identify(UNCODED, None, "EPSG:32631").guesses == ()


def test_without_an_extent_an_uncoded_definition_stays_unknown() -> None:
    found = identify(UNCODED)
    assert not found.certain
    assert found.guesses == ()


def test_a_private_projection_on_a_known_datum_is_certain() -> None:
    found = identify("+proj=laea +lat_0=48.4 +lon_0=31.2 +datum=WGS84 +units=m")
    assert found.certain
    assert not found.guesses


def test_coded_definitions_are_certain() -> None:
    assert identify("EPSG:28992").text == "EPSG:28992"
    assert identify(resolve_crs("EPSG:32636").to_wkt()).text == "EPSG:32636"


def test_systems_are_compared_by_meaning() -> None:
    assert is_wgs84(resolve_crs("EPSG:4326"))
    assert is_wgs84(resolve_crs("OGC:CRS84"))
    assert is_wgs84(resolve_crs("EPSG:4979"))
    assert not is_wgs84(resolve_crs("EPSG:4284"))
    assert same_system(resolve_crs("EPSG:4326"), resolve_crs("OGC:CRS84"))
    assert not same_system(resolve_crs("EPSG:32636"), resolve_crs("EPSG:32637"))


def test_a_bare_ellipsoid_is_no_datum() -> None:
    assert not identify("+proj=utm +zone=36 +ellps=WGS84").certain
    soviet = identify("+proj=tmerc +lat_0=0 +lon_0=39 +k=1 +x_0=7500000 +y_0=0 +ellps=krass +units=m")
    assert not soviet.certain
    assert ("EPSG:28407", "Pulkovo 1942 / Gauss-Kruger zone 7") in soviet.guesses
