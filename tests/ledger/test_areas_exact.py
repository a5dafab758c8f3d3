"""Areas are whole numbers: no rounding, no overflow, at any size."""

from __future__ import annotations

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import given

from fallow.ledger.areas_exact import UNITS_PER_M2, Limbs, sum_by, to_m2, twice_areas, whole_m2

coordinates = st.integers(-2_000_000_000_000, 2_000_000_000_000)


def shoelace(ring: list[tuple[int, int]]) -> int:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs))


@given(st.lists(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=7), min_size=1, max_size=4))
def test_any_ring_of_any_size(rings: list[list[tuple[int, int]]]) -> None:
    polygons = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    assert twice_areas(polygons).values() == [shoelace(ring) for ring in rings]


@pytest.mark.parametrize("side", [7, 1_000, 300_000_000, 1_500_000_000_000])
def test_holes_are_taken_away(side: int) -> None:
    def square(x: int, size: int) -> list[tuple[int, int]]:
        return [(x, x), (x + size, x), (x + size, x + size), (x, x + size)]

    hole = side // 7
    polygons = [
        shapely.Polygon(square(0, side), [square(1, hole), square(3 * hole, hole)]),
        shapely.Polygon(square(5, 9)),
    ]
    found = twice_areas(np.array(polygons, dtype=object)).values()
    assert found == [2 * side**2 - 4 * hole**2, 162]


def test_far_from_the_origin_nothing_is_lost() -> None:
    far = 20_000_000 * 100_000
    polygon = shapely.Polygon([(far, far), (far + 1, far), (far + 1, far + 1), (far, far + 1)])
    assert twice_areas(np.array([polygon], dtype=object)).values() == [2]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1 << 90), st.sampled_from((-1, 1))), max_size=30))
def test_sums_beyond_64_bits(rows: list[tuple[int, int, int]]) -> None:
    key = np.array([row[0] for row in rows], dtype=np.int64)
    amounts = Limbs.of([row[1] for row in rows]).signed(np.array([row[2] for row in rows], dtype=np.int64))
    (keys,), sums = sum_by([key], amounts)
    expected = {each: sum(value * sign for k, value, sign in rows if k == each) for each in set(key.tolist())}
    assert dict(zip(keys.tolist(), sums.values(), strict=True)) == expected
    assert amounts.total() == sum(value * sign for _, value, sign in rows)


@given(st.integers(-(10**22), 10**22))
def test_print_rounds_once_and_halves_away_from_zero(amount: int) -> None:
    exact = Fraction(amount, UNITS_PER_M2)
    printed = whole_m2(amount)
    assert abs(printed - exact) <= Fraction(1, 2)
    if abs(printed - exact) == Fraction(1, 2):
        assert abs(printed) > abs(exact)
    assert abs(Fraction(to_m2(amount)) - exact) <= abs(exact) * Fraction(1, 1 << 53)
