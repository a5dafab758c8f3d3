"""Every line of the balance on land small enough to add up by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from fallow.ledger.errors import Unclassified, WrongBasis, WrongPeriods
from tests.ledger.land import Diary, box, day, lines, metres


def test_opening_and_closing() -> None:
    found = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 100, 50)).balance()
    assert lines(found) == {"opening": 5000, "closing": 5000}
    assert lines(found, number=True) == {"opening": 1, "closing": 1}


def test_newly_identified() -> None:
    found = Diary().area("a", "2024-05-01", new=True, shape=box(0, 0, 100, 50)).balance()
    assert lines(found) == {"newly_identified": 5000, "closing": 5000}


def test_a_change_on_the_first_day_is_inside_and_on_the_day_after_the_last_is_not() -> None:
    diary = Diary().area("a", "2024-01-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("b", "2025-01-01", new=True, shape=box(20, 0, 30, 10))
    assert lines(diary.balance()) == {"newly_identified": 100, "closing": 100}


def test_ground_under_two_areas_counts_once() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("b", "2024-05-01", new=True, shape=box(5, 0, 15, 10))
    found = diary.balance()
    assert lines(found) == {"opening": 100, "newly_identified": 50, "closing": 150}
    assert lines(found, number=True) == {"opening": 1, "newly_identified": 1, "closing": 2}


@pytest.mark.parametrize("kind", ["cancelled", "reduced", "cleared"])
def test_release(kind: str) -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2024-05-01", new=True, kind=kind, shape=box(0, 0, 10, 4))
    found = diary.balance()
    assert lines(found) == {"opening": 100, kind: 40, "closing": 60}
    # Released in part, it stays one open area.
    assert lines(found, number=True) == {"opening": 1, "closing": 1}
    diary.product("q", "2024-06-01", new=True, kind=kind, shape=box(0, 4, 10, 10))
    found = diary.balance()
    assert lines(found) == {"opening": 100, kind: 100}
    assert lines(found, number=True) == {"opening": 1, kind: 1}


def test_a_square_metre_has_one_product() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("ts", "2024-05-01", new=True, kind="reduced", shape=box(0, 0, 10, 6))
    diary.product("clearance", "2024-06-01", new=True, kind="cleared", shape=box(0, 4, 10, 10))
    assert lines(diary.balance()) == {"opening": 100, "reduced": 60, "cleared": 40}


def test_within_one_act_the_more_exacting_release_takes_the_ground() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("ts", "2024-05-01", new=True, kind="reduced", shape=box(0, 0, 10, 6))
    diary.product("clearance", "2024-05-01", new=True, same_act=True, shape=box(0, 4, 10, 10))
    assert lines(diary.balance()) == {"opening": 100, "reduced": 40, "cleared": 60}


def test_reclassified_is_no_release() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("a", "2024-05-01", classification="cha").balance()
    assert lines(found) == {"opening": 100, "reclassified_out": 100}
    assert lines(found, classification="cha") == {"reclassified_in": 100, "closing": 100}
    assert lines(found, number=True) == {"opening": 1, "reclassified_out": 1}
    assert lines(found, classification="cha", number=True) == {"reclassified_in": 1, "closing": 1}


def test_worse_ground_drawn_over_milder_is_reclassified() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("b", "2024-05-01", new=True, classification="cha", shape=box(0, 0, 10, 4)).balance()
    assert lines(found) == {"opening": 100, "reclassified_out": 40, "closing": 60}
    assert lines(found, classification="cha") == {"reclassified_in": 40, "closing": 40}
    assert lines(found, classification="cha", number=True) == {"newly_identified": 1, "closing": 1}


def test_another_class_is_another_layer() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("a", "2024-05-01", contamination=["av_mine"]).balance()
    assert lines(found) == {"opening": 100, "reclassified_out": 100}
    assert lines(found, "av_mine") == {"reclassified_in": 100, "closing": 100}
    assert lines(found, "any", "any") == {"opening": 100, "closing": 100}
    states = found.state_at(day("2024-12-31"))
    assert states.state[states.of("ap_mine", "d000_020")].tolist() == ["withdrawn"]


def test_deeper_than_thought_opens_more_bands() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("a", "2024-05-01", depth_to=metres(0.5)).balance()
    assert lines(found) == {"opening": 100, "closing": 100}
    assert lines(found, band="d020_050") == {"reclassified_in": 100, "closing": 100}


def test_mixed_expands_and_unknown_is_a_layer_of_its_own() -> None:
    diary = Diary().area(
        "a", "2024-05-01", new=True, contamination=["mixed", "av_mine", "axo"], shape=box(0, 0, 10, 10)
    )
    diary.area("b", "2024-05-01", new=True, contamination=["unknown"], shape=box(0, 0, 10, 10))
    found = diary.balance()
    held = {row.cell.contamination for row in found.rows()}
    assert held == {"av_mine", "axo", "unknown"}
    assert lines(found, "any", "any") == {"newly_identified": 100, "closing": 100}


def test_unknown_depth_opens_every_band() -> None:
    unknown = {"absent": "unknown"}
    diary = Diary().area("a", "2024-05-01", new=True, depth_from=unknown, depth_to=unknown, shape=box(0, 0, 10, 10))
    bands = [row.cell.band for row in diary.balance().rows()]
    assert bands == ["surface", "d000_020", "d020_050", "d050_100", "d100_300", "d300_plus"]


def test_a_product_releases_only_bands_that_it_covers_fully() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, depth_to=metres(0.5), shape=box(0, 0, 10, 10))
    found = diary.product("p", "2024-05-01", new=True, depth=metres(0.3), shape=box(0, 0, 10, 10)).balance()
    assert lines(found, band="d000_020") == {"opening": 100, "cleared": 100}
    assert lines(found, band="d020_050") == {"opening": 100, "closing": 100}
    assert lines(found, "ap_mine", "any") == {"opening": 100, "closing": 100}
    assert lines(found, "ap_mine", "any", number=True) == {"opening": 1, "closing": 1}


def test_a_product_limited_to_some_items_releases_no_layer() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.product("p", "2024-05-01", new=True, limited_to="from 250 kg", shape=box(0, 0, 10, 10)).balance()
    assert lines(found) == {"opening": 100, "closing": 100}
    assert [row.m2("other_layer") for row in found.outside] == [100]


def test_re_measured_both_ways() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("a", "2024-05-01", shape=box(5, 0, 12, 10)).balance()
    assert lines(found) == {"opening": 100, "re_measured": -30, "closing": 70}
    states = found.state_at(day("2024-05-01"))
    assert sorted(states.state.tolist()) == ["sha", "sha", "withdrawn"]


def test_ground_gained_by_a_finding_is_newly_identified() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("a", "2024-05-01", act_kind="extend", shape=box(0, 0, 12, 10)).balance()
    assert lines(found) == {"opening": 100, "newly_identified": 20, "closing": 120}


def test_withdrawn_is_not_released() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("b", "2023-05-01", new=True, shape=box(5, 0, 15, 10))
    found = diary.area("a", "2024-05-01", record_status="withdrawn").balance()
    # What the other area covers stays open.
    assert lines(found) == {"opening": 150, "withdrawn": 50, "closing": 100}
    assert lines(found, number=True) == {"opening": 2, "withdrawn": 1, "closing": 1}
    again = diary.area("a", "2024-06-01", record_status="current").balance()
    assert lines(again) == {"opening": 150, "closing": 150}


def test_re_opened_by_new_hazard_on_released_ground() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("b", "2024-05-01", new=True, shape=box(0, 5, 10, 15)).balance()
    assert lines(found) == {"newly_identified": 50, "re_opened": 50, "closing": 100}
    assert lines(found, number=True) == {"newly_identified": 1, "closing": 1}
    all_of_it = Diary(list(diary.changes[:2]), 2).area("b", "2024-05-01", new=True, shape=box(0, 5, 10, 9)).balance()
    assert lines(all_of_it, number=True) == {"re_opened": 1, "closing": 1}


def test_re_opened_by_an_act_on_the_area_itself() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", new=True, shape=box(0, 0, 10, 4))
    found = diary.area("a", "2024-05-01", act_kind="re_open", remarks="find").balance()
    assert lines(found) == {"opening": 60, "re_opened": 40, "closing": 100}


def test_what_is_not_a_re_opening_leaves_released_ground_released() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", new=True, shape=box(0, 0, 10, 4))
    found = diary.area("a", "2024-05-01", classification="cha").balance()
    assert lines(found, classification="cha") == {"reclassified_in": 60, "closing": 60}


def test_a_product_taken_back_re_opens_what_it_released() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.product("p", "2024-05-01", record_status="withdrawn").balance(basis="decision")
    assert lines(found) == {"re_opened": 100, "closing": 100}
    assert lines(found, number=True) == {"re_opened": 1, "closing": 1}


def test_a_product_taken_back_leaves_what_another_released() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", new=True, kind="reduced", shape=box(0, 0, 10, 10))
    diary.product("q", "2023-06-01", new=True, shape=box(0, 0, 10, 4))
    found = diary.product("p", "2024-05-01", record_status="withdrawn").balance(basis="decision")
    assert lines(found) == {"re_opened": 60, "closing": 60}
    states = found.state_at(day("2024-12-31"))
    assert sorted(states.state.tolist()) == ["cleared", "sha"]


def test_a_merge_moves_no_ground() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("b", "2023-05-01", new=True, shape=box(10, 0, 20, 10))
    diary.area("a", "2024-05-01", act_kind="merge", record_status="merged")
    diary.area("b", "2024-05-01", act_kind="merge", same_act=True, record_status="merged")
    diary.area("c", "2024-05-01", act_kind="merge", same_act=True, new=True, shape=box(0, 0, 20, 10))
    found = diary.balance()
    assert lines(found) == {"opening": 200, "closing": 200}
    assert lines(found, number=True) == {"opening": 2, "newly_identified": 1, "withdrawn": 2, "closing": 1}


def test_a_boundary_drawn_back_with_the_product_books_the_release() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2024-05-01", new=True, shape=box(0, 0, 10, 4))
    diary.area("a", "2024-05-01", same_act=True, shape=box(0, 4, 10, 10))
    assert lines(diary.balance()) == {"opening": 100, "cleared": 40, "closing": 60}


def test_a_boundary_drawn_out_with_the_product_is_released_with_it() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2024-05-01", new=True, shape=box(0, 0, 10, 12))
    diary.area("a", "2024-05-01", same_act=True, act_kind="extend", shape=box(0, 0, 10, 12))
    found = diary.balance()
    assert lines(found) == {"opening": 100, "newly_identified": 20, "cleared": 120}
    assert found.outside == []


def test_ground_dropped_after_its_release_stays_released() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", new=True, shape=box(0, 0, 10, 4))
    found = diary.area("a", "2024-05-01", shape=box(0, 4, 10, 10)).balance()
    assert lines(found) == {"opening": 60, "closing": 60}
    assert sorted(found.state_at(day("2024-12-31")).state.tolist()) == ["cleared", "sha"]


def test_periods_follow_each_other() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", new=True, shape=box(0, 0, 10, 4))
    found = diary.balance(("2022-01-01", "2023-01-01"), ("2023-01-01", "2024-01-01"), ("2024-06-01", "2025-01-01"))
    assert lines(found, period=0) == {"newly_identified": 100, "closing": 100}
    assert lines(found, period=1) == {"opening": 100, "cleared": 40, "closing": 60}
    assert lines(found, period=2) == {"opening": 60, "closing": 60}


def test_an_area_counts_once_per_class_whatever_the_bands() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, contamination=["ap_mine", "av_mine"], shape=box(0, 0, 10, 10))
    diary.product("p", "2024-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.balance()
    assert lines(found, "ap_mine", "any", number=True) == {"opening": 1, "cleared": 1}
    assert lines(found, "av_mine", "any", number=True) == {"opening": 1, "closing": 1}
    assert lines(found, "any", "any", number=True) == {"opening": 1, "closing": 1}


@pytest.mark.parametrize(
    "periods", [[], [("2024-01-01", "2024-01-01")], [("2024-01-01", "2025-01-01"), ("2024-06-01", "2026-01-01")]]
)
def test_wrong_periods(periods: list[tuple[str, str]]) -> None:
    areas, products = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 1, 1)).versions()
    from fallow.ledger import balance

    spans = [(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in periods]
    with pytest.raises(WrongPeriods):
        balance(areas, products, equal_area="unused", periods=spans)


def test_wrong_basis() -> None:
    with pytest.raises(WrongBasis):
        Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 1, 1)).balance(basis="arrival")


def test_an_area_without_classification_is_named_never_guessed() -> None:
    with pytest.raises(Unclassified) as caught:
        Diary().area("a", "2023-05-01", new=True, classification=None, shape=box(0, 0, 1, 1)).balance()
    assert caught.value.values["entity"] == "a"


def test_nothing_recorded_is_an_empty_balance() -> None:
    found = Diary().balance()
    assert found.rows() == found.footprint == found.typed_only == found.outside == found.quantities == []
