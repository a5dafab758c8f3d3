"""Units: ground is cut, records are counted once, and boundaries may change."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from fallow.ledger import Units
from fallow.ledger.errors import WrongUnits
from tests.ledger.land import Diary, box, day, lines, units

WEST, EAST = box(-50, -50, 6, 50), box(6, -50, 50, 50)


def test_an_area_over_two_units_is_cut_for_square_metres_and_counted_once() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.balance(units=units(("w", WEST), ("e", EAST)))
    assert lines(found, unit="w") == {"opening": 60, "closing": 60}
    assert lines(found, unit="e") == {"opening": 40, "closing": 40}
    assert lines(found, unit="w", number=True) == {"opening": 1, "closing": 1}
    assert lines(found, unit="e", number=True) == {}


def test_it_stays_there_when_that_part_is_released() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2024-05-01", new=True, shape=box(0, 0, 6, 10))
    found = diary.balance(units=units(("w", WEST), ("e", EAST)))
    assert lines(found, unit="w") == {"opening": 60, "cleared": 60}
    assert lines(found, unit="w", number=True) == {"opening": 1, "closing": 1}


def test_a_boundary_redrawn_into_another_unit_takes_the_number_along() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.area("a", "2024-05-01", shape=box(4, 0, 14, 10)).balance(units=units(("w", WEST), ("e", EAST)))
    assert lines(found, unit="w") == {"opening": 60, "re_measured": -40, "closing": 20}
    assert lines(found, unit="e") == {"opening": 40, "re_measured": 40, "closing": 80}
    assert lines(found, unit="w", number=True) == {"opening": 1, "re_measured": -1}
    assert lines(found, unit="e", number=True) == {"re_measured": 1, "closing": 1}


def test_ground_in_no_unit_is_not_lost() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.balance(units=units(("w", WEST)))
    assert lines(found, unit="w") == {"opening": 60, "closing": 60}
    assert lines(found, unit=None) == {"opening": 40, "closing": 40}
    diary = Diary().area("far", "2023-05-01", new=True, shape=box(900, 0, 910, 10))
    assert lines(diary.balance(units=units(("w", WEST))), unit=None, number=True) == {"opening": 1, "closing": 1}


def moved() -> Units:
    """Until 1 May the border is at 6 m, from then on at 3 m."""
    return units(
        ("w", WEST),
        ("e", EAST),
        ("w", box(-50, -50, 3, 50)),
        ("e", box(3, -50, 50, 50)),
        since=[None, None, day("2024-05-01"), day("2024-05-01")],
    )


def test_a_change_of_boundaries_is_a_line_and_no_release() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.balance(units=moved())
    assert lines(found, unit="w") == {"opening": 60, "boundary_change": -30, "closing": 30}
    assert lines(found, unit="e") == {"opening": 40, "boundary_change": 30, "closing": 70}
    assert lines(found, unit="w", number=True) == {"opening": 1, "boundary_change": -1}
    assert lines(found, unit="e", number=True) == {"boundary_change": 1, "closing": 1}
    row = next(row for row in found.rows() if row.cell.unit == "e")
    assert found.records(row, "boundary_change") == ["a"]
    assert found.records(row, "boundary_change", number=True) == ["a"]


def test_what_is_booked_on_the_day_of_the_change_stands_in_the_new_boundaries() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2024-05-01", new=True, shape=box(3, 0, 6, 10))
    found = diary.balance(units=moved())
    assert lines(found, unit="w") == {"opening": 60, "boundary_change": -30, "closing": 30}
    assert lines(found, unit="e") == {"opening": 40, "boundary_change": 30, "cleared": 30, "closing": 40}


def test_a_change_on_the_first_day_of_a_period_belongs_to_it() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    found = diary.balance(("2024-01-01", "2024-05-01"), ("2024-05-01", "2025-01-01"), units=moved())
    assert lines(found, unit="w", period=0) == {"opening": 60, "closing": 60}
    assert lines(found, unit="w", period=1) == {"opening": 60, "boundary_change": -30, "closing": 30}


def test_a_unit_that_was_dissolved_hands_its_ground_on() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    both = units(
        ("w", WEST),
        ("e", EAST),
        ("new", box(-50, -50, 50, 50)),
        since=[None, None, day("2024-05-01")],
        until=[day("2024-05-01"), day("2024-05-01"), None],
    )
    found = diary.balance(units=both)
    assert lines(found, unit="w") == {"opening": 60, "boundary_change": -60}
    assert lines(found, unit="new") == {"boundary_change": 100, "closing": 100}


@pytest.mark.parametrize(
    "parts",
    [
        {"names": ["one"]},
        {"since": [None]},
        {"since": [day(5), None], "until": [day(5), None]},
        {"shapes": np.array([box(0, 0, 1, 1), None], dtype=object)},
    ],
)
def test_units_that_do_not_fit_together(parts: dict[str, object]) -> None:
    whole = {"ids": ["a", "b"], "names": ["A", "B"], "shapes": np.array([box(0, 0, 1, 1)] * 2, dtype=object)}
    with pytest.raises(WrongUnits):
        Units(**(whole | parts))  # type: ignore[arg-type]


def test_long_boundaries_and_many_units() -> None:
    """A unit's boundary of many edges cuts an area exactly: the parts are the whole."""
    circle = shapely.Point(0, 0).buffer(7.3, quad_segs=200)
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(-10.1, -9.7, 10.3, 9.9))
    found = diary.balance(units=units(("round", circle), ("rest", box(-50, -50, 50, 50) - circle)))
    exact = {row.cell.unit: row.ground["closing"] for row in found.rows() if row.cell.band == "surface"}
    assert sum(exact.values()) == round(20.4 * 19.6 * 2e10)
    assert abs(exact["round"] / 2e10 - circle.area) < 1e-3
