"""The arrangement divides ground once: faces share nothing, and every shape is exactly the sum of its faces."""

from __future__ import annotations

from itertools import combinations

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import given

from fallow.ledger.arrangement import Arrangement, arrange, components, on_grid
from fallow.ledger.errors import NoGround
from tests.ledger.polygons import polygons

EVER = (np.zeros(0, np.int64),)


def laid(*shapes: shapely.Geometry) -> np.ndarray:
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return on_grid(column)


def arranged(shapes: np.ndarray, boundaries: np.ndarray | None = None) -> Arrangement:
    if boundaries is None:
        return arrange(shapes, np.zeros(0, object), EVER)
    return arrange(shapes, boundaries, (np.arange(len(boundaries)),))


def area_of(found: Arrangement, shape: int) -> int:
    return found.areas.take(found.face[found.shape == shape]).total()


def test_two_squares() -> None:
    found = arranged(laid(shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)))
    assert sorted(found.areas.values()) == [2 * 10**10, 6 * 10**10, 6 * 10**10]
    assert [area_of(found, shape) for shape in (0, 1)] == [8 * 10**10, 8 * 10**10]


@given(st.lists(polygons, min_size=1, max_size=6))
def test_faces_are_a_partition(shapes: list[shapely.Geometry]) -> None:
    column = laid(*shapes)
    column = column[~shapely.is_missing(column)]
    found = arranged(column)
    union = shapely.union_all(column).area if len(column) else 0
    # Noding moves lines by less than a grid unit: the slack is the length of all lines times that.
    slack = 4 * float(shapely.length(column).sum()) + 10
    assert abs(found.areas.total() / 2 - union) <= slack
    for one, other in combinations(found.faces, 2):
        assert shapely.intersection(one, other).area == 0
    for number, shape in enumerate(column):
        assert abs(area_of(found, number) / 2 - shape.area) <= slack


@given(st.lists(polygons, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_order_of_shapes_changes_nothing(shapes: list[shapely.Geometry], random: object) -> None:
    column = laid(*shapes)
    column = column[~shapely.is_missing(column)]
    order = np.arange(len(column))
    random.shuffle(order)  # type: ignore[attr-defined]
    here, there = arranged(column), arranged(column[order])

    def told(found: Arrangement, numbers: np.ndarray) -> list[tuple[list[int], int]]:
        sizes = found.areas.values()
        covers: dict[int, list[int]] = {}
        for face, shape in zip(found.face.tolist(), found.shape.tolist(), strict=True):
            covers.setdefault(face, []).append(int(numbers[shape]))
        return sorted((sorted(shapes), sizes[face]) for face, shapes in covers.items())

    assert told(here, np.arange(len(column))) == told(there, order)


def test_shapes_that_only_touch_share_no_ground() -> None:
    found = arranged(laid(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 1, 3, 2)))
    assert len(found.faces) == 3
    assert len(found.face) == 3


def test_a_hole_and_what_fills_it() -> None:
    ring = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
    found = arranged(laid(ring, shapely.box(3, 3, 6, 6), shapely.box(4, 4, 5, 5)))
    assert [area_of(found, shape) / 2e10 for shape in range(3)] == [72, 9, 1]
    assert sorted(size / 2e10 for size in found.areas.values()) == [1, 8, 72]


def test_unit_boundaries_cut_faces_exactly() -> None:
    units = laid(shapely.box(-9, -9, 0.333333, 9), shapely.box(0.333333, -9, 9, 9))
    found = arranged(laid(shapely.Point(0, 0).buffer(1), shapely.box(5, 5, 6, 6)), units)
    by_unit = [found.areas.take(found.unit[0] == unit).total() for unit in (0, 1)]
    assert sum(by_unit) == found.areas.total()
    assert found.unit.tolist() == [[found.unit[0][face] for face in range(3)]]
    assert set(found.unit[0].tolist()) == {0, 1}
    assert len(found.faces) == 3


def test_where_units_overlap_the_first_listed_holds_the_ground() -> None:
    units = laid(shapely.box(0, 0, 6, 10), shapely.box(4, 0, 10, 10))
    found = arranged(laid(shapely.box(1, 1, 9, 2)), units)
    sizes = [found.areas.take(found.unit[0] == unit).total() / 2e10 for unit in (0, 1, -1)]
    assert sizes == [5, 3, 0]


def test_a_ring_that_crosses_itself_keeps_its_ground() -> None:
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    found = arranged(laid(bow_tie))
    assert found.areas.total() == 50 * 2 * 10**10


def test_what_is_no_polygon_has_no_ground() -> None:
    collection = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    found = laid(None, shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon(), collection)
    assert shapely.is_missing(found).tolist() == [True, True, True, True, False]


def test_a_coordinate_that_is_not_finite_is_refused() -> None:
    with pytest.raises(NoGround):
        laid(shapely.Polygon([(0, 0), (1, np.inf), (1, 0)]))


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components(graph: tuple[int, list[tuple[int, int]]]) -> None:
    size, pairs = graph
    groups = [{node} for node in range(size)]
    for one, other in pairs:
        joined = next(g for g in groups if one in g) | next(g for g in groups if other in g)
        groups = [g for g in groups if not g & joined] + [joined]
    first, second = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    label = components(size, first, second)
    assert label.tolist() == [min(next(g for g in groups if node in g)) for node in range(size)]
