"""Several records on one ground: what is named, on which row, with which figure."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely

from fallow.checks import CheckContext, ExistingRecords, Units, run_checks, summary
from fallow.checks.errors import UnknownCheck
from fallow.checks.pairs import MOST_MEASURED
from fallow.records.batch import Batch, CheckResult, Severity
from tests.checks.batches import (
    COUNTRY,
    EQUAL_AREA,
    TODAY,
    batch,
    context,
    day,
    held,
    ids,
    metres,
    moved,
    permuted,
    row,
    square,
)
from tests.checks.fixtures import EAST_PART, HAZARD, LARGER, area, areas, product, products


def only(rows: Batch, code: str, surroundings: CheckContext | None = None) -> list[CheckResult]:
    return run_checks(rows, surroundings or context(), only=[code])


def test_an_unknown_check_is_an_error() -> None:
    with pytest.raises(UnknownCheck) as error:
        run_checks(areas(area()), context(), only=["check.no_such"])
    assert error.value.values["code"] == "check.no_such"


def test_a_sound_row_alone_gives_nothing_and_no_rows_give_nothing() -> None:
    assert run_checks(areas(area()), context()) == []
    assert run_checks(permuted(areas(area()), []), context()) == []


def test_an_overlap_is_named_on_both_rows_with_its_area() -> None:
    first, second = only(areas(area(identifiers=ids("A-1")), area(EAST_PART)), "check.overlap")
    assert first.detail["m2"] == second.detail["m2"] == pytest.approx(5_000, rel=0.002)
    assert first.detail["percent"] == pytest.approx(50, abs=0.1)
    assert (first.detail["other"], second.detail["other"]) == ("#2", "A-1 (#1)")
    assert first.detail["unmeasured"] == 0


def test_an_overlap_below_a_square_metre_is_noise() -> None:
    sliver = square(*moved(34.5, 49, 99.995, 0))
    assert only(areas(area(), area(sliver)), "check.overlap") == []


def test_the_widest_overlap_comes_first_and_the_rest_is_counted() -> None:
    rows = [area(square(*moved(34.5, 49, 10 * step, 0))) for step in range(8)]
    result = only(areas(*rows), "check.overlap")[0]
    assert result.detail["count"] == 7
    assert result.detail["others"] == [f"#{number}" for number in range(2, 7)]


def test_neighbours_beyond_the_number_measured_are_counted() -> None:
    rng = np.random.default_rng(3)
    rows = [area(square(*moved(34.5, 49, *rng.uniform(0, 20, 2)))) for _ in range(MOST_MEASURED + 30)]
    results = only(areas(*rows), "check.overlap")
    assert len(results) == len(rows)
    for result in results:
        assert result.detail["count"] + result.detail["unmeasured"] >= MOST_MEASURED + 29
        assert result.detail["count"] >= MOST_MEASURED


def test_a_tall_stack_of_copies_is_one_neighbour() -> None:
    rows = areas(area(EAST_PART), *[area() for _ in range(3_000)])
    started = time.process_time()
    results = run_checks(rows, context())
    assert time.process_time() - started < 10
    assert summary(results) == {
        "check.duplicate_geometry": {"blocking": 2_999},
        "check.overlap": {"warning": 3_001},
    }
    assert results[0].detail["other"] == "#2 +2999"


def test_the_copy_that_comes_later_in_the_source_is_held_however_the_rows_lie() -> None:
    rows = areas(area(identifiers=ids("A-1")), area(identifiers=ids("A-2")))
    for order, flagged in (([0, 1], 1), ([1, 0], 0)):
        [result] = only(permuted(rows, order), "check.duplicate_geometry")
        assert result.index == flagged
        assert result.detail["other"] == "A-1 (#1)"


def test_a_copy_of_an_existing_record_is_held_and_an_update_of_it_is_not() -> None:
    surroundings = context(held("hazardous_area", area(identifiers=ids("HA-1"))))
    [copy] = only(areas(area(identifiers=ids("HA-7"))), "check.duplicate_geometry", surroundings)
    assert (copy.severity, copy.detail["other"]) == (Severity.BLOCKING, "HA-1")
    update = areas(area(identifiers=ids("HA-1")))
    assert {result.code for result in run_checks(update, surroundings)} == {"check.identifier_known"}
    larger = areas(area(LARGER, identifiers=ids("HA-1")))
    assert {result.code for result in run_checks(larger, surroundings)} == {"check.identifier_known"}


def test_withdrawn_records_are_not_compared_but_their_numbers_stay_taken() -> None:
    surroundings = context(held("hazardous_area", area(identifiers=ids("HA-1"), record_status="withdrawn")))
    assert run_checks(areas(area(identifiers=ids("HA-7"))), surroundings) == []
    [known] = run_checks(areas(area(identifiers=ids("HA-1"))), surroundings)
    assert known.code == "check.identifier_known"


def test_the_same_shape_is_found_whatever_vertex_it_begins_with() -> None:
    corners = shapely.get_coordinates(square())[:-1]
    turned = shapely.MultiPolygon([shapely.Polygon(np.roll(corners[::-1], 2, axis=0))])
    assert len(only(areas(area(), area(turned)), "check.duplicate_geometry")) == 1


def test_products_of_two_activities_may_share_a_polygon() -> None:
    one, two = product(activity={"typed": "T-1"}), product(activity={"typed": "T-2"})
    assert {result.code for result in run_checks(products(one, two), context())} == {"check.shared_geometry"}
    third = run_checks(products(one, two, two), context())
    assert {(result.index, result.code) for result in third} == {
        (1, "check.shared_geometry"),
        (2, "check.duplicate_geometry"),
    }


def test_copies_at_two_depths_are_no_copies() -> None:
    codes = {
        result.code: result.severity
        for result in run_checks(products(product(), product(depth=metres(1.0))), context())
    }
    assert codes == {"check.duplicate_geometry": Severity.ADVICE, "check.release_depths_differ": Severity.WARNING}


def test_depth_and_class_decide_between_the_two_release_overlaps() -> None:
    deep = product(EAST_PART, depth=metres(0.5), contamination=["mixed"])
    [first, _] = only(products(product(), deep), "check.release_depths_differ")
    assert first.detail["depth"] == metres(0.2)
    assert first.detail["other_depth"] == metres(0.5)
    assert only(products(product(), deep), "check.release_overlap") == []


def test_what_the_register_was_not_asked_about_is_not_told() -> None:
    assert only(products(product()), "check.product_without_area", context()) == []
    [told] = only(products(product()), "check.product_without_area", context(held("hazardous_area")))
    assert told.detail["m2"] == pytest.approx(10_000, rel=0.002)


@pytest.mark.parametrize(("stated", "severity"), [(None, "blocking"), (60.0, "warning"), (5.0, "blocking")])
def test_a_product_outside_by_less_than_an_accuracy_goes_on(stated: float | None, severity: str) -> None:
    rows = products(product(square(*moved(34.5, 49, 100, 0))), accuracy_m=stated)
    [result] = only(rows, "check.product_outside_area", context(HAZARD))
    assert result.severity == severity
    assert result.detail["metres"] == pytest.approx(50, abs=0.5)
    assert result.detail["m2"] == pytest.approx(5_000, rel=0.005)


def test_a_product_over_two_areas_is_outside_neither() -> None:
    west, east = area(square()), area(square(*moved(34.5, 49, 100, 0)))
    over_both = square(*moved(34.5, 49, 40, 0))
    assert (
        only(products(product(over_both)), "check.product_outside_area", context(held("hazardous_area", west, east)))
        == []
    )


def test_a_reversed_date_holds_a_product() -> None:
    rows = products(product(start=day("2024-03-01"), end=day("2024-02-01")))
    assert [result.severity for result in only(rows, "check.date_reversed")] == [Severity.BLOCKING]


def test_units_are_known_by_the_identifiers_of_the_register() -> None:
    unit = row("admin_unit", shapely.box(34, 48, 36, 50), identifiers=ids("UA-63"), level=1)
    surroundings = context(held("admin_unit", unit), units=None)
    far = area(square(31), unit={"typed": "UA-63", "issuer": "op"})
    results = run_checks(
        areas(far, area(unit={"typed": "ua-63"}), area(square(37), unit={"typed": "UA-64"})), surroundings
    )
    found = {(result.index, result.code) for result in results}
    assert (0, "check.outside_unit") in found
    assert (0, "check.zone_shift") in found
    assert (2, "check.link_unresolved") in found
    assert not {code for index, code in found if index == 1}


def test_rows_that_arrive_together_may_name_each_other() -> None:
    rows = batch(
        "organisation",
        row("organisation", name="Ministry", identifiers=ids("O-1")),
        row("organisation", name="Department", parent={"typed": "O-1", "issuer": "op"}),
        row("organisation", name="Office", parent={"typed": "ministry"}),
        row("organisation", name="Stray", parent={"typed": "O-9"}),
    )
    lost = only(rows, "check.link_unresolved", context(held("organisation")))
    assert [result.index for result in lost] == [3]


def test_a_shape_across_a_unit_border_lies_in_both() -> None:
    rows = areas(
        area(square(34 - 0.0005), unit={"typed": "West oblast"}), area(square(34 - 0.0005), unit={"ref": "U-E"})
    )
    assert only(rows, "check.outside_unit") == []


def test_units_without_a_shape_say_nothing() -> None:
    units = Units(["U-W", "U-X"], ["West", "X"], np.array([None, None], dtype=object))
    rows = areas(area(unit={"typed": "West"}))
    assert run_checks(rows, CheckContext(EQUAL_AREA, TODAY, COUNTRY, units)) == []


def test_indexes_over_existing_records_are_built_once() -> None:
    existing = held("hazardous_area", area(identifiers=ids("HA-1")))
    surroundings = context(existing)
    run_checks(areas(area(EAST_PART)), surroundings)
    tree = existing["hazardous_area"].tree
    run_checks(areas(area(EAST_PART)), surroundings)
    assert existing["hazardous_area"].tree is tree
    assert isinstance(existing["hazardous_area"], ExistingRecords)
