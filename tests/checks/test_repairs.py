"""Repair proposals: they mend what they are for, and what would leave out hazard says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fallow.checks import run_checks
from fallow.checks.repair import LOWERS_M2, reordered
from fallow.checks.shapes import comparable, measure
from fallow.records.batch import CheckResult
from tests.checks.batches import EQUAL_AREA, batch, context, ids, row, square
from tests.checks.fixtures import BOW_TIE, CASES, RETURNING, SPIKE, TOUCHING, ring

PENTAGRAM = ring(*[(100 * np.sin(k * 4 * np.pi / 5), 100 * np.cos(k * 4 * np.pi / 5)) for k in range(5)])


def found(shape: Any, code: str) -> CheckResult:
    [result] = run_checks(batch("hazardous_area", row("hazardous_area", shape)), context(), only=[code])
    return result


def m2(shape: Any) -> float:
    return float(measure(np.array([shape], dtype=object), EQUAL_AREA)[0])


def ground_lost(before: Any, after: Any) -> float:
    ground = comparable(np.array([before], dtype=object))
    return float(np.nan_to_num(measure(shapely.difference(ground, after), EQUAL_AREA)[0]))


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_proposed_shape_passes_the_check_that_proposed_it(code: str) -> None:
    case = CASES[code]
    for result in run_checks(case.fails, case.context, only=[code]):
        if result.repair and "geometry_wkt" in result.repair:
            values = {name: column[result.index] for name, column in case.fails.columns.items()}
            mended = batch(case.fails.record, (shapely.from_wkt(result.repair["geometry_wkt"]), values))
            assert run_checks(mended, case.context, only=[code]) == []


def test_two_vertices_in_the_wrong_order_give_back_the_square() -> None:
    result = found(BOW_TIE, "check.self_crossing")
    assert result.repair is not None
    assert result.repair["kind"] == "ring_order"
    assert result.repair["m2_before"] == pytest.approx(0, abs=0.1)
    assert result.repair["m2_after"] == pytest.approx(10_000, rel=0.002)
    assert not result.repair["lowers"]
    split = result.repair["other"]
    assert split["kind"] == "split"
    assert split["m2_after"] == pytest.approx(5_000, rel=0.002)
    assert shapely.from_wkt(split["geometry_wkt"]).geom_type == "MultiPolygon"
    assert (result.detail["lon"], result.detail["lat"]) == pytest.approx((34.5 + 50 / 73_170, 49 + 50 / 111_230))


def test_a_split_keeps_the_middle_of_a_star() -> None:
    repair = found(PENTAGRAM, "check.self_crossing").repair
    assert repair is not None
    split = shapely.from_wkt(repair["other"]["geometry_wkt"])
    assert split.contains(shapely.Point(34.5, 49.0))
    assert not split.interiors


@pytest.mark.parametrize("count", [4, 6, 8, 9, 25, 60])
def test_a_ring_with_two_swapped_vertices_is_put_in_order(count: int) -> None:
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    true = shapely.Polygon(np.column_stack((34 + 0.001 * np.cos(angle), 49 + 0.0007 * np.sin(angle))))
    xy = shapely.get_coordinates(true)[:-1]
    swapped = xy.copy()
    swapped[[1, 2]] = swapped[[2, 1]]
    crossing = shapely.Polygon(swapped)
    assert not crossing.is_valid
    assert shapely.normalize(reordered(crossing)).equals(shapely.normalize(true))
    again = reordered(shapely.MultiPolygon([crossing]))
    assert again.geom_type == "MultiPolygon"
    assert again.equals(true)


def test_rings_too_long_or_with_holes_get_no_order() -> None:
    rng = np.random.default_rng(1)
    assert reordered(shapely.Polygon(rng.uniform(0, 0.01, (61, 2)))) is None
    assert (
        reordered(shapely.Polygon(SPIKE.exterior.coords, [ring((10, 10), (20, 20), (20, 10)).exterior.coords])) is None
    )


def test_a_ring_that_goes_past_its_end_is_no_crossing() -> None:
    assert not RETURNING.is_valid
    results = run_checks(batch("hazardous_area", row("hazardous_area", RETURNING)), context())
    assert [result.code for result in results] == ["check.duplicate_vertex"]
    assert results[0].repair is not None
    assert not results[0].repair["lowers"]
    assert shapely.from_wkt(results[0].repair["geometry_wkt"]).equals(square())


def test_touching_keeps_its_ground() -> None:
    repair = found(TOUCHING, "check.ring_touches_itself").repair
    assert repair is not None
    assert not repair["lowers"]
    assert m2(shapely.from_wkt(repair["geometry_wkt"])) == pytest.approx(m2(TOUCHING), rel=1e-5)


@pytest.mark.parametrize("code", ["check.spike", "check.sliver_part"])
def test_taking_hazard_away_is_said(code: str) -> None:
    shape = CASES[code].fails.geometry
    assert shape is not None
    repair = found(shape[0], code).repair
    assert repair is not None
    assert repair["lowers"] is True
    assert ground_lost(shape[0], shapely.from_wkt(repair["geometry_wkt"])) > LOWERS_M2


@pytest.mark.parametrize("code", ["check.parts_overlap", "check.parts_touch"])
def test_joining_parts_lowers_nothing(code: str) -> None:
    shape = CASES[code].fails.geometry
    assert shape is not None
    repair = found(shape[0], code).repair
    assert repair is not None
    assert repair["lowers"] is False
    assert ground_lost(shape[0], shapely.from_wkt(repair["geometry_wkt"])) <= LOWERS_M2


places = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda at: (34 + at[0] * 0.0007, 49 + at[1] * 0.0004))
rings = st.lists(places, min_size=3, max_size=8)


@given(st.lists(rings, min_size=1, max_size=3))
def test_what_is_not_marked_as_lowering_leaves_out_no_ground(drawn: list[list[tuple[float, float]]]) -> None:
    shape = shapely.MultiPolygon([shapely.Polygon(corners) for corners in drawn])
    results = run_checks(batch("hazardous_area", row("hazardous_area", shape)), context())
    for result in results:
        proposals = [result.repair, (result.repair or {}).get("other")]
        for proposal in proposals:
            if proposal and "geometry_wkt" in proposal and not proposal["lowers"]:
                assert ground_lost(shape, shapely.from_wkt(proposal["geometry_wkt"])) <= 2 * LOWERS_M2, result.code


def test_trimming_an_identifier_keeps_the_others() -> None:
    rows = batch(
        "hazardous_area", row("hazardous_area", square(), identifiers=[*ids("A-1"), *ids(" B 2\t", issuer="x")])
    )
    [result] = run_checks(rows, context(), only=["check.identifier_blanks"])
    assert result.repair == {"identifiers": [*ids("A-1"), *ids("B 2", issuer="x")]}
    assert result.value == " B 2\t"
