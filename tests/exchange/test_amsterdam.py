"""The eight files of a real city, with the faults that they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from fallow.exchange import read, sample
from fallow.exchange.errors import SystemContradicts, SystemMissing, SystemUncertain
from fallow.geodesy.areas import area_m2, equal_area_for
from fallow.records.batch import Batch, Severity

FILES = {
    "amsterdam_suspected": ("verdachte_gebieden.csv", 4),
    "amsterdam_surveyed": ("reeds_uitgevoerd_ce_onderzoek.csv", 9),
    "amsterdam_released": ("gevrijwaard_gebied.csv", 19),
    "amsterdam_impacts": ("inslagen.csv", 27),
}
SHAPEFILES = {
    "amsterdam_suspected": ("Verdachte_gebieden_test.shp", 6),
    "amsterdam_surveyed": ("Reeds_uitgevoerde_CE_onderzoeken_test.shp", 1),
    "amsterdam_released": ("Gevrijwaard_gebied_test.shp", 1),
    "amsterdam_impacts": ("Inslagen_ea_test.shp", 5),
}


def batch(profile: str) -> Batch:
    return read(sample("amsterdam") / FILES[profile][0], profile=profile)


@pytest.mark.parametrize("profile", FILES)
def test_every_row_is_read_and_placed_in_amsterdam(profile: str) -> None:
    got = batch(profile)
    assert len(got) == FILES[profile][1]
    assert not got.unread
    assert not [one for one in got.results if one.severity is Severity.BLOCKING]
    assert got.source.crs == "EPSG:28992"
    assert got.source.crs_from == "profile"
    assert got.operation is not None
    assert got.operation.code == "EPSG:4833"
    west, south, east, north = shapely.total_bounds(got.geometry)
    assert 4.78 < west < east < 5.0
    assert 52.29 < south < north < 52.43
    assert shapely.total_bounds(got.surveyed)[0] > 100_000  # the coordinates as surveyed stay


@pytest.mark.parametrize("profile", FILES)
def test_no_column_of_the_source_is_lost(profile: str) -> None:
    import csv

    name = FILES[profile][0]
    with (sample("amsterdam") / name).open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    got = batch(profile)
    assert list(got.raw) == list(rows[0])
    for column, values in got.raw.items():
        assert values == [row[column] or None for row in rows]
    assert got.rows.tolist() == list(range(2, len(rows) + 2))  # the headings are line 1


@pytest.mark.parametrize("profile", SHAPEFILES)
def test_the_shapefile_extracts_are_read_by_the_same_profiles(profile: str, data: Callable[[str], Path]) -> None:
    name, count = SHAPEFILES[profile]
    path = data(f"amsterdam/shapefiles/{name}")
    got = read(path, profile=profile)
    assert len(got) == count
    assert not [one for one in got.results if one.severity is Severity.BLOCKING]
    confirmed = [one for one in got.results if one.code == "check.crs_confirmed"]
    assert len(confirmed) == 1  # the guess was stated, and the profile's word confirmed it
    assert "EPSG:28992" in confirmed[0].detail["guesses"]
    assert 4.78 < shapely.total_bounds(got.geometry)[0] < 5.0


def test_an_uncoded_shapefile_is_a_question_not_an_answer(data: Callable[[str], Path]) -> None:
    path = data("amsterdam/shapefiles/Inslagen_ea_test.shp")
    with pytest.raises(SystemUncertain) as caught:
        read(path, record="evidence")
    assert "EPSG:28992" in caught.value.values["guesses"]
    assert read(path, record="evidence", crs="EPSG:28992").source.crs_from == "officer"
    with pytest.raises(SystemContradicts):
        read(path, record="evidence", crs="EPSG:32631")


def test_the_table_without_a_system_is_refused_without_a_profile() -> None:
    with pytest.raises(SystemMissing):
        read(sample("amsterdam") / "inslagen.csv", record="evidence")


def test_text_of_a_shapefile_without_a_code_page_is_utf8(data: Callable[[str], Path]) -> None:
    got = read(data("amsterdam/shapefiles/Inslagen_ea_test.shp"), profile="amsterdam_impacts")
    assert got.source.encoding == "utf-8"
    assert str(got.columns["remarks"][0]).startswith("Initieel geïnterpreteerd")


def test_suspected_areas() -> None:
    got = batch("amsterdam_suspected")
    assert set(map(str, got.columns["classification"])) == {"sha"}
    assert all(value == ["other_uxo"] for value in got.columns["contamination"])
    years = [value["from"][:4] for value in got.columns["event_date"]]
    assert years == ["1940", "1940", "1940", "1940"]
    assert [value["how"] for value in got.columns["event_date"]] == ["document"] * 4
    assert got.columns["ordnance"][2] == ["uxo_bomb_050", "uxo_bomb_250"]
    counts = [(value["low"], value["high"]) for value in got.columns["estimated_count"]]
    assert counts == [(1, 1), (0, None), (0, None), (1, 1)]
    stated = np.array([value["value"] for value in got.columns["reported_area"]])
    computed = area_m2(got.geometry, equal_area_for((4.7, 52.3, 5.1, 52.5)))
    assert np.abs(computed / stated - 1).max() < 0.004  # the source's circles have true arcs


def test_known_duds_are_added_to_the_possible_ones(data: Callable[[str], Path]) -> None:
    got = read(data("amsterdam/shapefiles/Verdachte_gebieden_test.shp"), profile="amsterdam_suspected")
    first = got.columns["estimated_count"][0]
    assert first == {"low": 4, "high": 19, "typed": "Maximaal 15 (verwacht 2-6) en 4 bekende blindgangers"}


def test_releases_state_depth_datum_and_limits_in_prose() -> None:
    got = batch("amsterdam_released")
    depths = got.columns["depth"]
    data_ = Counter(value.get("datum", value.get("absent")) for value in depths)
    assert data_ == {"ground_surface": 7, "national_datum": 8, "water_bed": 1, "unknown": 3}
    by_number = {ids[0]["value"]: depth for ids, depth in zip(got.columns["identifiers"], depths, strict=True)}
    assert by_number["GG_001B"]["value"] == 14.5  # not the 10 m of the piling zone
    assert by_number["GG_012"] == {
        "value": 3.0,
        "unit": "m",
        "datum": "ground_surface",
        "typed": "Vrijgave tot 3 meter -mv (minus verdachte objecten)",
    }
    assert by_number["GG_013"]["value"] == 13.0
    limited = [value for value in got.columns["limited_to"] if value is not None]
    assert sorted(map(str, limited)) == ["tot en met 250 lbs"] * 2 + ["tot en met 500 lbs"] * 2
    # Two releases overlap, at different depths; the ground under all of them is less than their sum.
    assert shapely.union_all(got.surveyed).area == pytest.approx(60_304, abs=1)
    assert shapely.area(got.surveyed).sum() - shapely.union_all(got.surveyed).area == pytest.approx(219, abs=1)


def test_surveys_share_an_outline_and_one_has_no_number() -> None:
    got = batch("amsterdam_surveyed")
    assert Counter(map(str, got.columns["kind"])) == {"information_search": 8, "ts": 1}
    assert shapely.equals_exact(got.geometry[0], got.geometry[1])
    assert [value for value in got.columns["identifiers"] if isinstance(value, dict)] == [{"absent": "unknown"}] * 2


def test_impacts_have_the_date_of_a_photograph_as_a_latest_bound_only() -> None:
    got = batch("amsterdam_impacts")
    assert all(value is None for value in got.raw["Datum"])
    for event, source in zip(got.columns["event_date"], got.columns["source_date"], strict=True):
        assert event["how"] == "source_date"
        assert "from" not in event
        assert event["to"] == source["to"] == source["from"]
    assert all(value["value"] == 5.0 and value["typed"] == "5 meter" for value in got.columns["accuracy"])
    assert Counter(map(str, got.columns["kind"])) == {"strike_mark": 23, "strike_record": 4}


def test_the_sample_says_what_it_is() -> None:
    folder = sample("amsterdam")
    assert "Mozilla Public License" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert "Amsterdam/milieuthemas" in (folder / "NOTICE.md").read_text(encoding="utf-8")
