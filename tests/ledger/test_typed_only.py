"""Areas without ground balance in lines of their own and are never added to ground."""

from __future__ import annotations

from typing import Any

import shapely

from fallow.ledger import Balance, TypedOnlyRow
from tests.ledger.land import Diary, box, day, lines, metres, square_metres, units

SPOT = shapely.Point(3, 4)


def typed(
    found: Balance, contamination: str = "ap_mine", band: str = "d000_020", unit: str | None = None, **more: Any
) -> Any:
    classification = more.get("classification", "sha")
    for row in found.typed_only:
        if row.cell == (found.periods[more.get("period", 0)], unit, contamination, band, classification):
            return dict(row.number) if more.get("number") else {name: row.m2(name) for name in row.amount}
    return {}


def spot(size: float | None = 500, when: str = "2023-05-01") -> Diary:
    size_given = {} if size is None else {"typed_area": square_metres(size)}
    return Diary().area("a", when, new=True, shape=SPOT, **size_given)


def release(diary: Diary, when: str, size: float, **more: Any) -> Diary:
    return diary.product(f"p-{when}", when, new=True, area={"ref": "a"}, quantity=square_metres(size), **more)


def test_it_is_in_no_line_of_ground() -> None:
    found = spot().balance()
    assert typed(found) == {"opening": 500, "closing": 500}
    assert typed(found, number=True) == {"opening": 1, "closing": 1}
    assert found.rows() == found.footprint == []


def test_newly_identified_measured_again_reclassified_withdrawn() -> None:
    diary = spot(when="2024-02-01").area("a", "2024-03-01", typed_area=square_metres(0.06, "ha"))
    found = diary.area("a", "2024-04-01", classification="cha").balance()
    assert typed(found) == {"newly_identified": 500, "re_measured": 100, "reclassified_out": 600}
    assert typed(found, classification="cha") == {"reclassified_in": 600, "closing": 600}
    found = diary.area("a", "2024-05-01", record_status="withdrawn").balance()
    assert typed(found, classification="cha") == {"reclassified_in": 600, "withdrawn": 600}
    assert typed(found, classification="cha", number=True) == {"reclassified_in": 1, "withdrawn": 1}


def test_a_product_releases_what_it_states_and_no_more_than_is_open() -> None:
    found = release(spot(), "2024-03-01", 200).balance()
    assert typed(found) == {"opening": 500, "cleared": 200, "closing": 300}
    assert typed(found, number=True) == {"opening": 1, "closing": 1}
    assert found.outside == []
    found = release(release(spot(), "2024-03-01", 200), "2024-04-01", 400, kind="reduced").balance()
    assert typed(found) == {"opening": 500, "cleared": 200, "reduced": 300}
    assert typed(found, number=True) == {"opening": 1, "reduced": 1}
    assert [(row.product, row.typed, row.m2("released"), row.m2("outside")) for row in found.outside] == [
        ("p-2024-04-01", True, 300, 100)
    ]


def test_only_in_its_classes_and_bands() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=SPOT, typed_area=square_metres(500), depth_to=metres(0.5))
    found = release(diary, "2024-03-01", 500).balance()
    assert typed(found, band="d000_020") == {"opening": 500, "cleared": 500}
    assert typed(found, band="d020_050") == {"opening": 500, "closing": 500}
    assert typed(found, "any", "any") == {"opening": 500, "closing": 500}
    assert typed(found, "any", "any", number=True) == {"opening": 1, "closing": 1}


def test_unknown_size_is_counted_and_never_used_up() -> None:
    found = release(spot(None), "2024-03-01", 10_000).balance()
    assert typed(found) == {}
    assert typed(found, number=True) == {"opening": 1, "closing": 1}
    assert {row.unknown_size for row in found.typed_only} == {1}


def test_re_opened_by_an_act() -> None:
    diary = release(spot(), "2023-08-01", 500)
    found = diary.area("a", "2024-03-01", act_kind="re_open", remarks="find").balance()
    assert typed(found) == {"re_opened": 500, "closing": 500}


def test_a_product_taken_back() -> None:
    diary = release(spot(), "2023-08-01", 500)
    found = diary.product("p-2023-08-01", "2024-03-01", record_status="withdrawn").balance(basis="decision")
    assert typed(found) == {"re_opened": 500, "closing": 500}


def test_a_new_version_of_a_product_that_says_the_same_books_nothing() -> None:
    diary = release(spot(), "2024-02-01", 200)
    found = diary.product("p-2024-02-01", "2024-03-01", certificate="7").balance(basis="decision")
    assert typed(found) == {"opening": 500, "cleared": 200, "closing": 300}


def test_when_it_is_measured_it_moves_to_ground() -> None:
    found = spot().area("a", "2024-03-01", shape=box(0, 0, 20, 20)).balance()
    assert typed(found) == {"opening": 500, "re_measured": -500}
    assert lines(found) == {"re_measured": 400, "closing": 400}
    assert typed(found, number=True) == {"opening": 1, "re_measured": -1}
    assert lines(found, number=True) == {"re_measured": 1, "closing": 1}


def test_a_product_with_ground_that_names_it_releases_its_measured_area() -> None:
    diary = spot().product("p", "2024-03-01", new=True, area={"ref": "a"}, shape=box(0, 0, 10, 20))
    found = diary.balance()
    assert typed(found) == {"opening": 500, "cleared": 200, "closing": 300}
    # Its ground is still outside recorded hazard, and is in no line of ground.
    assert found.rows() == []
    assert [(row.typed, row.m2("outside")) for row in found.outside] == [(False, 200)]


def test_released_in_the_act_that_types_it_smaller() -> None:
    diary = release(spot(), "2024-03-01", 200)
    found = diary.area("a", "2024-03-01", same_act=True, typed_area=square_metres(450)).balance()
    assert typed(found) == {"opening": 500, "cleared": 200, "re_measured": -50, "closing": 250}


def test_its_unit_is_that_of_its_point_or_the_one_it_names() -> None:
    west, east = box(-50, -50, 6, 50), box(6, -50, 50, 50)
    diary = spot().area("b", "2023-05-01", new=True, unit={"ref": "e"}, typed_area=square_metres(70))
    diary.area("c", "2023-05-01", new=True, typed_area=square_metres(9))
    found = diary.balance(units=units(("w", west), ("e", east)))
    assert typed(found, unit="w") == {"opening": 500, "closing": 500}
    assert typed(found, unit="e") == {"opening": 70, "closing": 70}
    assert typed(found, unit=None) == {"opening": 9, "closing": 9}


def test_unit_boundaries_may_change_under_it() -> None:
    changed = units(
        ("w", box(-50, -50, 6, 50)), ("e", box(6, -50, 50, 50)), ("w", box(-50, -50, 1, 50)), ("e", box(1, -50, 50, 50)),
        since=[None, None, day("2024-05-01"), day("2024-05-01")],
    )  # fmt: skip
    found = spot().balance(units=changed)
    assert typed(found, unit="w") == {"opening": 500, "boundary_change": -500}
    assert typed(found, unit="e") == {"boundary_change": 500, "closing": 500}


def test_prior_period() -> None:
    diary = spot()
    filed = diary.seq
    release(diary, "2023-10-01", 200, decided="2024-02-01")
    found = diary.balance(known_open=filed)
    assert typed(found) == {"opening": 500, "prior_period": -200, "closing": 300}
    row: TypedOnlyRow = found.typed_only[0]
    assert found.records(row, "prior_period") == ["a"]
    assert found.records(row, "opening") == found.records(row, "closing") == ["a"]


def test_records_behind_a_release() -> None:
    found = release(spot(), "2024-03-01", 200).balance()
    assert found.records(found.typed_only[0], "cleared") == ["p-2024-03-01"]


def test_a_sliver_thinner_than_the_grid_has_no_ground() -> None:
    sliver = shapely.Polygon([(0, 0), (100, 0), (50, 1e-7)])
    found = Diary().area("a", "2023-05-01", new=True, shape=sliver, typed_area=square_metres(12)).balance()
    assert typed(found) == {"opening": 12, "closing": 12}
    assert found.rows() == []
