"""Which day books a change, what was known, and changes whose days cross."""

from __future__ import annotations

import pytest

from fallow.ledger.errors import WrongKnowledge
from tests.ledger.land import Diary, box, day, lines

YEAR = ("2024-01-01", "2025-01-01")


def test_a_product_is_booked_at_the_end_of_its_activity_or_when_decided() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    end = {"from": "2023-12-20", "to": "2023-12-22"}
    diary.product("p", "2024-02-01", new=True, end=end, shape=box(0, 0, 10, 4))
    assert lines(diary.balance(basis="decision")) == {"opening": 100, "cleared": 40, "closing": 60}
    assert lines(diary.balance(basis="activity_end")) == {"opening": 60, "closing": 60}


def test_a_product_without_an_end_is_booked_when_it_holds() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-02-01", decided="2024-02-01", new=True, end=None, shape=box(0, 0, 10, 4))
    assert lines(diary.balance(basis="activity_end")) == {"opening": 60, "closing": 60}


def test_an_area_is_booked_when_its_status_held_or_when_decided() -> None:
    diary = Diary().area("a", "2023-11-01", decided="2024-02-01", new=True, shape=box(0, 0, 10, 10))
    assert lines(diary.balance(basis="decision")) == {"newly_identified": 100, "closing": 100}
    assert lines(diary.balance(basis="activity_end")) == {"opening": 100, "closing": 100}


def test_a_corrected_product_counts_from_its_activity_as_it_was_last_known() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-02-01", new=True, shape=box(0, 0, 10, 4))
    diary.product("p", "2024-02-01", shape=box(0, 0, 10, 5))
    assert lines(diary.balance(basis="activity_end")) == {"opening": 50, "closing": 50}
    assert lines(diary.balance(basis="decision")) == {"opening": 60, "cleared": 10, "closing": 50}


def test_what_was_accepted_since_the_opening_was_filed_is_prior_period() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    filed = diary.seq
    diary.product("late", "2023-10-01", decided="2024-02-01", new=True, shape=box(0, 0, 10, 4))
    diary.area("found", "2023-12-01", decided="2024-03-01", new=True, shape=box(20, 0, 30, 10))
    found = diary.balance(YEAR, known_open=filed)
    assert lines(found) == {"opening": 100, "prior_period": 60, "closing": 160}
    assert lines(found, number=True) == {"opening": 1, "prior_period": 1, "closing": 2}
    row = next(row for row in found.rows() if row.cell.band == "surface")
    assert found.records(row, "prior_period") == ["found", "late"]
    assert found.records(row, "prior_period", number=True) == ["found"]
    assert found.records(row, "opening") == ["a"]


def test_a_late_correction_that_stands_earlier_in_the_fold_is_not_known_at_the_opening() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("a", "2023-06-01", classification="cha")
    filed = diary.seq
    # Decided before the reclassification, accepted after the opening was filed.
    diary.area("a", "2023-03-01", shape=box(0, 0, 10, 12))
    found = diary.balance(YEAR, known_open=filed)
    assert lines(found, classification="cha") == {"opening": 100, "prior_period": 20, "closing": 120}


def test_later_periods_open_where_the_one_before_closed() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    filed = diary.seq
    diary.product("late", "2023-10-01", decided="2024-02-01", new=True, shape=box(0, 0, 10, 4))
    found = diary.balance(("2024-01-01", "2024-07-01"), ("2024-07-01", "2025-01-01"), known_open=filed)
    assert lines(found, period=0) == {"opening": 100, "prior_period": -40, "closing": 60}
    assert lines(found, period=1) == {"opening": 60, "closing": 60}


def test_nothing_after_known_close_counts() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    known = diary.seq
    diary.product("p", "2024-02-01", new=True, shape=box(0, 0, 10, 4))
    assert lines(diary.balance(known_close=known)) == {"opening": 100, "closing": 100}
    with pytest.raises(WrongKnowledge):
        diary.balance(known_open=known + 1, known_close=known)


def test_an_opening_as_filed_with_an_act_that_was_undone_since() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("undone", "2023-02-01", new=True, shape=box(0, 0, 10, 4))
    filed = diary.versions()
    found = diary.without("undone").balance(YEAR, known_open=diary.seq, opened=filed)
    assert lines(found) == {"opening": 60, "prior_period": 40, "closing": 100}


def test_a_change_dated_back_is_laid_under_later_ones_field_by_field() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("a", "2024-06-01", decided="2024-06-02", shape=box(0, 0, 10, 4))
    # Decided last, valid first: the boundary of June must not move to March with it.
    diary.area("a", "2024-03-01", decided="2024-07-01", classification="cha")
    found = diary.balance(YEAR)
    assert lines(found) == {"opening": 100, "reclassified_out": 100}
    assert lines(found, classification="cha") == {"reclassified_in": 100, "re_measured": -60, "closing": 40}
    assert found.state_at(day("2024-04-01")).areas.total() == 2 * 10**12


def test_a_change_that_holds_between_two_days() -> None:
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("a", "2024-03-01", until=day("2024-06-01"), classification="cha")
    found = diary.balance(("2024-01-01", "2024-06-01"), ("2024-06-01", "2025-01-01"))
    assert lines(found, classification="cha", period=0) == {"reclassified_in": 100, "closing": 100}
    assert lines(found, classification="cha", period=1) == {"opening": 100, "reclassified_out": 100}


def test_time_alone_ends_no_hazard_but_a_release_that_was_approved_up_to_a_day() -> None:
    diary = Diary().area("a", "2022-05-01", until=day("2023-01-01"), new=True, shape=box(0, 0, 10, 10))
    assert lines(diary.balance(YEAR)) == {"opening": 100, "closing": 100}
    diary = Diary().area("a", "2022-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2023-05-01", until=day("2024-05-01"), new=True, shape=box(0, 0, 10, 10))
    assert lines(diary.balance(YEAR, basis="decision")) == {"re_opened": 100, "closing": 100}
