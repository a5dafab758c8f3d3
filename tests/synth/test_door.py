"""The files of the invented land go through the normal door: tidy ones as they were meant, untidy ones as announced."""

from __future__ import annotations

import datetime as dt

import pytest

from fallow.checks import run_checks
from fallow.errors import FallowError
from fallow.exchange import Profile, read
from fallow.records.batch import Severity
from fallow.synth import Land
from fallow.synth.manifest import MessyFacts
from fallow.synth.steps import Step
from tests.synth.conftest import Held, rows_of

UNTIDY = (
    "messy/areas_semicolon.csv",
    "messy/use_other_system.csv",
    "messy/use_old_system.csv",
    "messy/releases_titled.xlsx",
    "messy/finds/finds.shp",
    "messy/areas_swapped.geojson",
    "messy/areas_broken.gpkg",
    "messy/accidents.csv",
)


@pytest.fixture(scope="module")
def held(land: Land) -> Held:
    """What a register holds when all tidy files have come in."""
    after = Held({})
    for step in land.manifest.steps:
        after.take(rows_of(land.folder, step))
    return after


def test_tidy_files_give_back_what_was_drawn(land: Land, steps: list[Step]) -> None:
    assert len(steps) == len(land.manifest.steps)
    for fact, step in zip(land.manifest.steps, steps, strict=True):
        batch = rows_of(land.folder, fact)
        assert batch.results == []
        assert len(batch) == fact.rows == len(step.table)
        for name, column in step.table.columns.items():
            assert batch.columns.get(name, [None] * len(column)) == column, (fact.layer, name)
        if step.table.shapes is not None and batch.geometry is not None:
            for drawn, got in zip(step.table.shapes, batch.geometry, strict=True):
                assert (drawn is None and got is None) or drawn.equals_exact(got, 0)


def test_nothing_in_the_tidy_files_is_held_up(land: Land) -> None:
    held = Held({})
    for step in land.manifest.steps:
        batch = rows_of(land.folder, step)
        context = held.context(land.manifest, dt.date.fromisoformat(step.decided))
        results = run_checks(batch, context)
        assert [result for result in results if result.severity is Severity.BLOCKING] == []
        lost = [result.value for result in results if result.code == "check.link_unresolved"]
        assert lost == []
        held.take(batch)


def test_the_untidy_files_are_these(land: Land) -> None:
    assert tuple(messy.file for messy in land.manifest.messy) == UNTIDY
    assert sum(len(messy.expect) for messy in land.manifest.messy) >= 25
    assert {messy.refused for messy in land.manifest.messy} == {"", "exchange.crs_missing", "geodesy.no_operation"}


def of_file(land: Land, name: str) -> MessyFacts:
    return next(messy for messy in land.manifest.messy if messy.file == name)


@pytest.mark.parametrize("name", UNTIDY)
def test_what_is_announced_is_found(land: Land, held: Held, name: str) -> None:
    messy = of_file(land, name)
    how = {"profile": land.folder / messy.profile} if messy.profile else {"record": messy.record}
    if messy.refused:
        with pytest.raises(FallowError) as error:
            read(land.folder / messy.file, **how)
        assert error.value.code == messy.refused
    if messy.refused and not messy.crs:
        assert not messy.expect
        return
    batch = read(land.folder / messy.file, crs=messy.crs or None, **how)
    assert len(batch) == messy.rows
    assert batch.record == messy.record
    assert batch.columns["synthetic"] == [True] * messy.rows
    context = held.context(land.manifest, dt.date.fromisoformat(land.manifest.steps[-1].decided))
    results = [*batch.results, *run_checks(batch, context)]
    found = {(result.code, int(batch.rows[result.index]) if result.index >= 0 else 0) for result in results}
    assert messy.expect
    assert {(expected.code, expected.row) for expected in messy.expect} <= found
    # Rows of which nothing is announced are not held up.
    announced = {expected.row for expected in messy.expect}
    blocked = {int(batch.rows[result.index]) for result in results if result.severity is Severity.BLOCKING}
    assert blocked <= announced


def test_untidy_values_are_read_as_meant(land: Land) -> None:
    messy = of_file(land, "messy/areas_semicolon.csv")
    batch = read(land.folder / messy.file, profile=land.folder / messy.profile)
    assert batch.source.encoding == "cp1251"
    assert batch.columns["classification"][:3] == ["sha", "cha", "indication"]
    assert batch.columns["contamination"][3] == ["ap_mine", "av_mine"]
    assert {one["unit"] for one in batch.columns["typed_area"]} == {"ha"}
    west, south, east, north = land.manifest.land.bounds
    assert all(west < point.x < east and south < point.y < north for point in batch.geometry)

    messy = of_file(land, "messy/use_other_system.csv")
    batch = read(land.folder / messy.file, profile=land.folder / messy.profile)
    assert batch.source.crs == "EPSG:32225"
    assert batch.operation is not None
    assert batch.operation.accuracy_m
    assert all(west < point.x < east and south < point.y < north for point in batch.geometry)
    lives = [(life["value"], life["unit"]) if life else None for life in batch.columns["declared_life"]]
    assert lives == [(48, "h"), None, None, None, (4, "h"), (15, "d"), (5, "d"), None]


def test_profiles_load_and_say_that_they_are_synthetic(land: Land) -> None:
    profiles = {messy.profile for messy in land.manifest.messy if messy.profile}
    assert len(profiles) == 6
    for name in profiles:
        profile = Profile.load(land.folder / name)
        assert profile.source.startswith("SYNTHETIC")
        assert {one.name: one.constant for one in profile.fields}["synthetic"] is True
