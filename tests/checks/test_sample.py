"""The sample of a real city: what is known of it is what the checks say of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from importlib import resources

import numpy as np
import pytest
import shapely

from fallow.checks import CheckContext, ExistingRecords, run_checks
from fallow.exchange import read
from fallow.geodesy import equal_area_for
from fallow.records.batch import Batch, CheckResult

LAYERS = {
    "hazardous_area": ("verdachte_gebieden", "amsterdam_suspected"),
    "activity": ("reeds_uitgevoerd_ce_onderzoek", "amsterdam_surveyed"),
    "release_product": ("gevrijwaard_gebied", "amsterdam_released"),
    "evidence": ("inslagen", "amsterdam_impacts"),
}


@pytest.fixture(scope="module")
def checked() -> dict[str, tuple[Batch, list[CheckResult]]]:
    folder = resources.files("fallow.exchange").joinpath("samples", "amsterdam")
    existing: dict[str, ExistingRecords] = {}
    found = {}
    for record, (name, profile) in LAYERS.items():
        with resources.as_file(folder.joinpath(f"{name}.csv")) as path:
            rows = read(path, profile=profile)
        assert rows.geometry is not None
        boxes = shapely.bounds(rows.geometry)
        bounds = [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]
        context = CheckContext(equal_area_for(bounds), dt.date(2025, 6, 1), existing=existing)
        found[record] = rows, run_checks(rows, context)
        states = [
            {name: column[index] for name, column in rows.columns.items() if column[index] is not None}
            for index in range(len(rows))
        ]
        existing[record] = ExistingRecords([f"{record}-{index}" for index in range(len(rows))], states, rows.geometry)
    return found


def counted(checked: dict[str, tuple[Batch, list[CheckResult]]], record: str) -> Counter[str]:
    return Counter(result.code for result in checked[record][1])


def test_nothing_in_it_is_held_up(checked: dict[str, tuple[Batch, list[CheckResult]]]) -> None:
    assert [len(rows) for rows, _ in checked.values()] == [4, 9, 19, 27]
    assert not [result for _, results in checked.values() for result in results if result.severity == "blocking"]


def test_two_surveys_share_one_polygon(checked: dict[str, tuple[Batch, list[CheckResult]]]) -> None:
    assert counted(checked, "activity")["check.shared_geometry"] == 1


def test_no_impact_has_a_date_of_its_own(checked: dict[str, tuple[Batch, list[CheckResult]]]) -> None:
    codes = counted(checked, "evidence")
    assert codes["check.source_date_as_event"] == codes["check.hazard_not_recorded"] == 27


def test_releases_say_what_they_release(checked: dict[str, tuple[Batch, list[CheckResult]]]) -> None:
    codes = counted(checked, "release_product")
    assert codes["check.product_without_area"] == 19
    assert codes["check.depth_missing"] == 3
    assert codes["check.depth_datum_not_comparable"] == 9
    assert codes["check.limited_release"] == 4
    both = [result for result in checked["release_product"][1] if result.code == "check.release_depths_differ"]
    assert len(both) == 2
    assert np.allclose([result.detail["m2"] for result in both], 219, atol=0.5)
    assert {result.detail["depth"]["datum"] for result in both} == {"national_datum", "ground_surface"}
