"""Random lives of areas and products over a grid: the ledger and the naive oracle agree to the last half square."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import shapely
from hypothesis import given

from fallow.ledger import Balance
from tests.ledger.land import Diary, as_day, metres, units
from tests.ledger.raster import SIZE, Raster, Square, shape_of

SIDE = 5
PERIODS = [("2024-01-03", "2024-01-08"), ("2024-01-08", "2024-01-12"), ("2024-01-14", "2024-02-10")]
CLASSES = ("ap_mine", "av_mine", "unknown")
DEPTHS = ((metres(0), metres(0)), (metres(0), metres(0.2)), (metres(0.3), metres(0.5)), (metres(0), metres(1.0)))
WEST, EAST = shapely.box(-5, -5, 20, 80), shapely.box(20, -5, 40, 80)

squares = st.tuples(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1))
rectangles = st.builds(
    lambda a, b: frozenset(
        (x, y) for x in range(min(a[0], b[0]), max(a[0], b[0]) + 1) for y in range(min(a[1], b[1]), max(a[1], b[1]) + 1)
    ),
    squares,
    squares,
)
# Scattered squares touch at corners, leave holes, and make several parts.
grounds = st.one_of(
    rectangles, st.frozensets(squares, min_size=1, max_size=9), st.builds(frozenset.union, rectangles, rectangles)
)
class_sets = st.lists(st.sampled_from(CLASSES), min_size=1, max_size=2, unique=True).map(sorted)
area_parts = st.fixed_dictionaries(
    {},
    optional={
        "ground": grounds,
        "classification": st.sampled_from(("indication", "sha", "cha")),
        "contamination": class_sets,
        "depths": st.sampled_from(DEPTHS),
        "record_status": st.sampled_from(("current", "withdrawn", "merged")),
        "act_kind": st.sampled_from(("record", "re_open")),
    },
)
product_parts = st.fixed_dictionaries(
    {},
    optional={
        "ground": grounds,
        "kind": st.sampled_from(("cancelled", "reduced", "cleared")),
        "contamination": class_sets,
        "depth": st.sampled_from((metres(0.2), metres(0.5), metres(1.0))),
        "record_status": st.sampled_from(("current", "withdrawn")),
    },
)
steps = st.tuples(st.integers(0, 4), st.booleans(), st.booleans(), area_parts, product_parts, grounds)


class Life:
    """A diary together with the squares of its shapes."""

    def __init__(self) -> None:
        self.diary = Diary()
        self.squares: dict[str, frozenset[Square]] = {}
        self.days: dict[str, int] = {}
        self.day = 0

    def __repr__(self) -> str:
        return "\n".join(
            f"{c.decided} seq {c.seq} {c.entity} {c.kind} "
            + str({k: sorted(self.squares[v["digest"]]) if k == "geometry" else v for k, v in c.patch.items()})
            for c in self.diary.changes
        )

    def shape(self, ground: frozenset[Square]) -> Any:
        shape = shape_of(ground)
        self.squares[shapely.to_wkb(shape, hex=True)] = ground
        return shape

    def take(self, number: int, is_area: bool, same_act: bool, area: Any, product: Any, ground: Any) -> None:
        parts = dict(area if is_area else product)
        entity = f"{'area' if is_area else 'product'}-{number}"
        new = entity not in self.days
        if not same_act:
            self.day += (number * 7 + len(ground)) % 3
        chosen = parts.pop("ground", None)
        if new or chosen is not None:
            parts["shape"] = self.shape(chosen or ground)
        if "depths" in parts:
            parts["depth_from"], parts["depth_to"] = parts.pop("depths")
        options = {"new": new, "same_act": same_act and self.diary.seq > 0}
        self.days[entity] = self.day
        write = self.diary.area if is_area else self.diary.product
        write(entity, self.day, **options, **parts)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    life = Life()
    for step in draw(st.lists(steps, min_size=1, max_size=16)):
        life.take(*step)
    return life


def unit_of(square: Square) -> str | None:
    x = (square[0] + 0.5) * SIZE
    return "west" if x < 20 else "east" if x < 40 else None


def figures(balance: Balance, number: bool) -> dict[Any, dict[str, int]]:
    found = {}
    for row in [*balance.rows(), *balance.footprint]:
        cell = row.cell
        key = (balance.periods.index(cell.period), cell.unit, cell.contamination, cell.band, cell.classification)
        exact = row.number if number else {line: value / 20_000_000_000 for line, value in row.ground.items()}
        if exact:
            found[key] = dict(exact)
    return found


def check(life: Life, basis: str) -> None:
    balance = life.diary.balance(*PERIODS, units=units(("west", WEST), ("east", EAST)), basis=basis)
    periods = [(as_day(start), as_day(end)) for start, end in PERIODS]
    oracle = Raster(life.diary.changes, life.squares, periods, unit_of, ("west", "east"), basis)
    assert figures(balance, number=False) == oracle.figures(oracle.ground)
    assert figures(balance, number=True) == oracle.figures(oracle.number)


@given(lives())
def test_decision(life: Life) -> None:
    check(life, "decision")


@given(lives())
def test_activity_end(life: Life) -> None:
    check(life, "activity_end")
