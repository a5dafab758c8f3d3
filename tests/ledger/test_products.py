"""What became of the ground of release products; quantities that are no area."""

from __future__ import annotations

from tests.ledger.land import Diary, box, metres, square_metres, units


def test_the_parts_of_a_product_add_up_to_what_was_surveyed() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.area("deep", "2023-05-01", new=True, depth_from=metres(0.6), depth_to=metres(0.9), shape=box(10, 0, 20, 10))
    diary.product("p", "2023-06-01", new=True, shape=box(0, 0, 4, 10))
    diary.product("q", "2024-06-01", new=True, shape=box(0, 0, 26, 10))
    (row,) = diary.balance().products
    parts = {part: row.m2(part) for part in ("surveyed", "released", "released_before", "other_layer", "outside")}
    assert parts == {"surveyed": 260, "released": 60, "released_before": 40, "other_layer": 100, "outside": 60}


def test_withdrawn_ground_is_outside_recorded_hazard() -> None:
    diary = (
        Diary()
        .area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
        .area("a", "2023-06-01", record_status="withdrawn")
    )
    (row,) = diary.product("p", "2024-06-01", new=True, shape=box(0, 0, 5, 10)).balance().outside
    assert row.m2("outside") == 50


def test_work_outside_is_reported_and_never_added() -> None:
    diary = Diary().product("p", "2024-06-01", new=True, shape=box(0, 0, 5, 10))
    found = diary.balance(units=units(("w", box(-5, -5, 2, 15)), ("e", box(2, -5, 20, 15))))
    assert found.rows() == found.footprint == []
    assert [(row.unit, row.m2("outside")) for row in found.outside] == [("e", 30), ("w", 20)]
    assert len(found.state_at(found.periods[0].end)) == 0


def test_hazard_recorded_after_the_product_is_open() -> None:
    diary = Diary().product("p", "2024-06-01", new=True, shape=box(0, 0, 5, 10))
    found = diary.area("a", "2024-07-01", new=True, shape=box(0, 0, 5, 10)).balance()
    (row,) = [row for row in found.rows() if row.cell.band == "surface"]
    assert row.m2("newly_identified") == row.m2("closing") == 50


def test_square_metres_without_ground_are_shown_as_outside() -> None:
    diary = Diary().area("a", "2023-05-01", new=True, shape=box(0, 0, 10, 10))
    diary.product("p", "2024-06-01", new=True, area={"ref": "a"}, quantity=square_metres(3, "ha"))
    found = diary.balance()
    assert [(row.typed, row.m2("surveyed"), row.m2("released"), row.m2("outside")) for row in found.outside] == [
        (True, 30_000, 0, 30_000)
    ]
    assert all("cleared" not in row.ground for row in found.rows())


def test_kilometres_and_buildings_stand_apart_and_are_exact() -> None:
    diary = Diary()
    for number in range(10):
        diary.product(f"road-{number}", "2024-06-01", new=True, quantity={"value": 0.1, "unit": "km"})
    diary.product("house", "2024-06-01", new=True, kind="cancelled", quantity={"value": 3, "unit": "building"})
    diary.product(
        "both", "2025-06-01", new=True, contamination=["ap_mine", "axo"], quantity={"value": 2, "unit": "item"}
    )
    found = diary.balance(("2024-01-01", "2025-01-01"), ("2025-01-01", "2026-01-01"))
    told = [(row.contamination, row.kind, row.measure, row.value, len(row.products)) for row in found.quantities]
    assert told == [
        ("ap_mine", "cancelled", "building", "3", 1),
        ("ap_mine", "cleared", "km", "1", 10),
        ("ap_mine", "cleared", "item", "2", 1),
        ("axo", "cleared", "item", "2", 1),
    ]


def test_a_corrected_quantity_books_the_difference() -> None:
    diary = Diary().product("road", "2024-06-01", new=True, quantity={"value": 5, "unit": "km"})
    diary.product("road", "2025-06-01", quantity={"value": 4.5, "unit": "km"})
    found = diary.balance(("2024-01-01", "2025-01-01"), ("2025-01-01", "2026-01-01"), basis="decision")
    assert [(row.period.start.year, row.value) for row in found.quantities] == [(2024, "5"), (2025, "-0.5")]
