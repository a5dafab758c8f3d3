"""What happened to each hazardous area of the invented land, 2021 to mid-2026: surveys, search, releases.

All areas are drawn at once, column-wise. A middle is drawn uniformly on the land, whatever is already there; nothing
in an area's story depends on where it lies or on what lies next to it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.synth.frame import Bools, Floats, Ints, Rng, stream
from fallow.synth.shapes import cut, either, moved, outlines, polygonal, resurveyed
from fallow.synth.units import scatter

FIRST = dt.date(2021, 1, 1).toordinal()
LAST = dt.date(2026, 6, 30).toordinal()

CLASSIFICATIONS = ("indication", "sha", "cha")
CONTAMINATIONS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("ap_mine",), 0.28),
    (("ap_mine", "av_mine"), 0.09),
    (("av_mine",), 0.14),
    (("submunition",), 0.17),
    (("other_uxo",), 0.13),
    (("submunition", "other_uxo"), 0.04),
    (("axo",), 0.05),
    (("ap_mine_improvised",), 0.02),
    (("mixed",), 0.03),
    (("unknown",), 0.05),
)
MINED = ("ap_mine", "av_mine", "ap_mine_improvised")


@dataclass(frozen=True)
class Areas:
    """Hazardous areas as first recorded. All arrays have shape (n,).

    Args:
        middle: where each was drawn, metres, shape (n, 2).
        outline: polygon, metres; also for areas recorded as a point only, whose polygon nobody surveyed.
        point_only: recorded as a point with a typed area.
        found: day of information, ordinal.
        classification: index into ``CLASSIFICATIONS``.
        contamination: index into ``CONTAMINATIONS``.
        depth: lower limit in metres, NaN when unknown.
        last_class: classification after all events, filled by :func:`tell`.
        last_day: day of the last event.
        released: nothing recorded is open any more.
    """

    middle: Floats
    outline: Shapes
    point_only: Bools
    found: Ints
    classification: Ints
    contamination: Ints
    depth: Floats
    last_class: Ints
    last_day: Ints
    released: Bools


@dataclass
class Events:
    """Work done on areas, one entry per activity, in the order of the stages.

    ``outcome`` is one of: nothing, to_sha, to_cha, down_to_sha, cancelled, reduced, cleared, under_way.
    ``product`` is the shape released (metres) or None, ``whole`` says that nothing stays open after it.
    """

    area: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    booked: list[int] = field(default_factory=list)  # the day the report came in: late for some
    outcome: list[str] = field(default_factory=list)
    product: list[Any] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)

    def extend(self, **columns: Any) -> None:
        """Append one stage, column-wise."""
        for name, values in columns.items():
            getattr(self, name).extend(list(values))


def draw_areas(land: Any, count: int, seed: int) -> Areas:
    """Return ``count`` areas, scattered at random; none reaches the sea."""
    rng = stream(seed, "areas")
    size = np.clip(np.exp(rng.normal(np.log(14_000), 1.1, count)), 250, 400_000)
    inland = shapely.buffer(land, -1_500)
    middle = scatter(inland, count, rng)
    found = np.sort(rng.integers(FIRST + 14, dt.date(2025, 12, 1).toordinal(), count))
    depth = rng.choice([np.nan, 0.0, 0.2, 0.3, 0.5, 1.0, 3.0], count, p=[0.42, 0.04, 0.24, 0.1, 0.1, 0.07, 0.03])
    return Areas(
        middle=middle,
        outline=outlines(middle, size, rng),
        point_only=rng.random(count) < 0.09,
        found=found,
        classification=rng.choice(3, count, p=[0.14, 0.48, 0.38]),
        contamination=rng.choice(len(CONTAMINATIONS), count, p=[share for _, share in CONTAMINATIONS]),
        depth=depth,
        last_class=np.zeros(count, dtype=np.int64),
        last_day=found.copy(),
        released=np.zeros(count, dtype=bool),
    )


class _Teller:
    """Takes areas through the stages; keeps what is open of each."""

    def __init__(self, areas: Areas, seed: int) -> None:
        self.areas = areas
        self.seed = seed
        self.events = Events()
        self.open_shape: Shapes = areas.outline.copy()
        areas.last_class[:] = areas.classification
        self.stopped = np.zeros(len(areas.found), dtype=bool)  # work has run past the end of the story

    def stage(self, name: str, chosen: Bools, kind: str, wait: tuple[int, int], lasts: tuple[int, int]) -> Any:
        """Open a stage; return (rows, start, end, rng) of what ends in time and note what is still under way."""
        rng = stream(self.seed, "stage:" + name)
        rows = np.flatnonzero(chosen & ~self.areas.released & ~self.stopped)
        start = self.areas.last_day[rows] + rng.integers(*wait, len(rows))
        end = start + rng.integers(*lasts, len(rows))
        self.stopped[rows[end > LAST]] = True
        running = (start <= LAST) & (end > LAST)
        none = np.full(int(running.sum()), None)
        self.events.extend(
            area=rows[running], kind=[kind] * len(none), start=start[running], end=end[running],
            booked=start[running], outcome=["under_way"] * len(none), product=none, whole=[False] * len(none),
        )  # fmt: skip
        done = end <= LAST
        return rows[done], start[done], end[done], rng

    def close(
        self, rows: Ints, kind: str, start: Ints, end: Ints, *, outcome: list[str], rng: Rng, **shapes: Any
    ) -> None:
        """Note a finished stage: outcomes, products, what stays open."""
        areas = self.areas
        product: Shapes = shapes.get("product", np.full(len(rows), None, dtype=object))
        rest: Shapes = shapes.get("rest", self.open_shape[rows])
        codes = np.array(outcome)
        gives = np.isin(codes, ["cancelled", "reduced", "cleared"])
        product = either(gives, product)
        gone = gives & (areas.point_only[rows] | (shapely.area(rest) < 1.0))
        late = rng.random(len(rows)) < 0.05
        booked = np.minimum(
            end + np.where(late, rng.integers(60, 300, len(rows)), rng.integers(0, 10, len(rows))), LAST
        )
        self.events.extend(
            area=rows, kind=[kind] * len(rows), start=start, end=end, booked=booked,
            outcome=outcome, product=product, whole=gone,
        )  # fmt: skip
        self.open_shape[rows] = np.where(gives, rest, self.open_shape[rows])
        areas.released[rows] = gone
        areas.last_class[rows[codes == "to_sha"]] = 1
        areas.last_class[rows[codes == "down_to_sha"]] = 1
        areas.last_class[rows[codes == "to_cha"]] = 2
        areas.last_day[rows] = booked

    def parts(self, rows: Ints, whole: Bools, rng: Rng) -> tuple[Shapes, Shapes]:
        """Return (product, rest): all that is open, or a part cut off at random."""
        shapes = self.open_shape[rows]
        first, second = cut(shapes, rng.uniform(0.3, 0.8, len(rows)), rng)
        all_of_it = whole | self.areas.point_only[rows] | shapely.is_empty(first) | shapely.is_empty(second)
        nothing = shapely.Polygon()
        return np.where(all_of_it, shapes, first), np.where(all_of_it, nothing, second)


def tell(areas: Areas, seed: int) -> Events:
    """Draw all events and fill the last columns of ``areas``."""
    teller = _Teller(areas, seed)
    count = len(areas.found)
    luck = stream(seed, "luck")

    level = areas.last_class
    chosen = luck.random(count) < np.choose(level, [0.7, 0.55, 0.0])
    rows, start, end, rng = teller.stage("nts", chosen, "nts", (15, 260), (1, 15))
    roll = rng.random(len(rows))
    outcome = np.where(
        level[rows] == 0,
        np.select([roll < 0.45, roll < 0.55, roll < 0.95], ["to_sha", "to_cha", "cancelled"], "nothing"),
        np.select([roll < 0.35, roll < 0.9], ["to_cha", "cancelled"], "nothing"),
    )
    product, rest = teller.parts(rows, rng.random(len(rows)) < 0.65, rng)
    teller.close(rows, "nts", start, end, outcome=outcome.tolist(), rng=rng, product=product, rest=rest)

    chosen = luck.random(count) < np.choose(level, [0.0, 0.45, 0.22])
    rows, start, end, rng = teller.stage("ts", chosen & ~areas.point_only, "ts", (30, 300), (5, 90))
    roll = rng.random(len(rows))
    outcome = np.where(
        level[rows] == 1,
        np.select([roll < 0.3], ["to_cha"], "reduced"),
        np.select([roll < 0.18], ["down_to_sha"], "reduced"),
    )
    product, rest = teller.parts(rows, rng.random(len(rows)) < 0.3, rng)
    teller.close(rows, "ts", start, end, outcome=outcome.tolist(), rng=rng, product=product, rest=rest)

    mined = np.array([any(code in MINED for code in codes) for codes, _ in CONTAMINATIONS])[areas.contamination]
    for name, share in (("first", 0.6), ("second", 0.4)):
        # The second phase goes on where a first one left a part open.
        ready = level == 2 if name == "first" else np.isin(np.arange(count), _partly_cleared(teller.events))
        worked = ready & (luck.random(count) < share)
        for kind, of_kind in (("clearance", mined), ("bac", ~mined)):
            rows, start, end, rng = teller.stage(f"{kind} {name}", worked & of_kind, kind, (20, 420), (10, 240))
            product, rest = teller.parts(rows, rng.random(len(rows)) < (0.5 if name == "first" else 0.8), rng)
            # Some products are surveyed a metre or two beyond what was left, over ground that is done already.
            wide = rng.random(len(rows)) < (0.04 if name == "first" else 0.5)
            grown = shapely.buffer(product, rng.uniform(0.4, 1.4, len(rows)), join_style="mitre", mitre_limit=2)
            within = polygonal(shapely.intersection(grown, areas.outline[rows]))
            product = either(wide, within, product)
            teller.close(rows, kind, start, end, outcome=["cleared"] * len(rows), rng=rng, product=product, rest=rest)
    return teller.events


def _partly_cleared(events: Events) -> list[int]:
    done = zip(events.area, events.outcome, events.whole, strict=True)
    return sorted({area for area, outcome, whole in done if outcome == "cleared" and not whole})


def remeasured(areas: Areas, rows: Ints, rng: Rng) -> Shapes:
    """Return second surveys of areas: a little smaller or larger, corners off by a receiver's error."""
    shapes = resurveyed(areas.outline[rows], 1.0, rng.uniform(0.9, 1.06, len(rows)), rng)
    return polygonal(moved(shapes, rng.normal(0.0, 0.8, (len(rows), 2))))
