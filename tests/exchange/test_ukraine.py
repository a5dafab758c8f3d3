from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from fallow.exchange import read
from fallow.exchange.errors import UnknownLayer
from fallow.records.batch import Severity

FILE = "ukraine/ukraine.gpkg"


@pytest.mark.parametrize(
    ("profile", "layer", "count", "level"),
    [
        ("ukraine_units", None, 1466, 3),
        ("ukraine_units", "adm2_osm", 147, 2),
        ("ukraine_units", "adm1_geoboundaries", 27, 1),
        ("ukraine_units", "adm0_dissolved", 1, 0),
        ("ukraine_places", None, 5488, None),
        ("ukraine_places", "settlements_osm_pts", 11217, None),
    ],
)
def test_every_layer_is_read_whole(
    data: Callable[[str], Path], profile: str, layer: str | None, count: int, level: int | None
) -> None:
    got = read(data(FILE), profile=profile, layer=layer)
    assert len(got) == count
    assert not [one for one in got.results if one.severity is Severity.BLOCKING]
    assert not [one for one in got.results if one.code == "check.unmapped_column"]
    if level is not None:
        assert set(got.columns["level"]) == {level}
    assert got.surveyed is got.geometry


def test_what_has_no_field_stays_with_the_row(data: Callable[[str], Path]) -> None:
    got = read(data(FILE), profile="ukraine_units")
    assert not shapely.is_missing(got.geometry).any()
    assert sum(1 for value in got.columns["population"] if value is not None) > 1400
    assert got.raw["Status_war_sept_ext"][0] == "not occupied"


def test_raions_carry_two_systems_of_codes(data: Callable[[str], Path]) -> None:
    got = read(data(FILE), profile="ukraine_units", layer="adm2_osm")
    assert [one["issuer"] for one in got.columns["identifiers"][0]] == ["katotth", "koatuu"]


def test_an_unknown_layer_lists_the_layers(data: Callable[[str], Path]) -> None:
    for layer in (None, "raions"):
        with pytest.raises(UnknownLayer) as caught:
            read(data(FILE), record="admin_unit", layer=layer)
        assert "adm2_osm" in caught.value.values["known"]


def test_lines_with_heights_are_flattened_and_said_so(data: Callable[[str], Path]) -> None:
    got = read(data(FILE), record="evidence", layer="frontline_20220928")
    assert [one.detail["count"] for one in got.results if one.code == "check.height_dropped"] == [12]
    assert not shapely.has_z(got.geometry).any()
