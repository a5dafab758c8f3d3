"""Table of munition use records of the past, good and bad, as a custodian hands them over.

A record says what was used, when, and on which ground. It holds no positions of items: Fallow has no place for them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.records.values import Wire
from fallow.synth import ordnance
from fallow.synth.frame import Floats, Ints, Rng
from fallow.synth.hazard_rows import Ground, around
from fallow.synth.names import people
from fallow.synth.shapes import moved, outlines, resurveyed
from fallow.synth.story import CONTAMINATIONS, FIRST, LAST, Areas
from fallow.synth.units import scatter
from fallow.synth.wire import (
    MARK,
    UNKNOWN,
    Column,
    Table,
    chosen,
    codes,
    identifiers,
    measured,
    sometimes,
    vague,
    vague_counts,
    whens,
)

LIVES: tuple[tuple[float, str], ...] = ((4, "h"), (48, "h"), (5, "d"), (15, "d"))
_CLASSES = ("ap_mine", "av_mine", "submunition", "other_uxo", "axo")
_SHARES = (0.45, 0.25, 0.17, 0.08, 0.05)
_DAYS_KEPT = 150  # a custodian lets a record go at the earliest so many days after the last possible laying date


def use_table(ground: Ground, areas: Areas, land: Any, rng: Rng) -> Table:
    """Return use records: two thirds bear on recorded areas, the others on ground that nobody has recorded.

    Some areas have two records that contradict each other. A third of the records lack a lot, a count, a shape or
    reference points.
    """
    count = max(12, int(0.3 * len(areas.found)))
    owner = np.where(rng.random(count) < 0.66, rng.integers(0, len(areas.found), count), -1)
    twice = np.flatnonzero((owner[:-1] >= 0) & (rng.random(count - 1) < 0.15))
    owner[twice + 1] = owner[twice]
    middle, shapes = _ground(areas, owner, land, rng)
    drawn = chosen(_CLASSES, count, rng, _SHARES)
    classes = [
        CONTAMINATIONS[areas.contamination[row]][0][0] if row >= 0 else other
        for row, other in zip(owner, drawn, strict=True)
    ]
    classes = [one if one in _CLASSES else other for one, other in zip(classes, drawn, strict=True)]
    short = (rng.random(count) < 0.5).tolist()
    kinds = ordnance.draw(classes, rng, short)
    preset = np.array([ordnance.short_lived()[code] for code in kinds], dtype=bool)

    first_day = dt.date(2015, 1, 1).toordinal()
    laid = rng.integers(first_day, dt.date(2025, 6, 1).toordinal(), count)
    tied = owner >= 0
    laid[tied] = np.maximum(np.minimum(laid[tied], areas.found[owner[tied]] - 10), first_day)
    dates = sometimes(vague(laid, rng, (0.4, 0.25, 0.15, 0.12, 0.08)), 0.95, rng, UNKNOWN)
    released = _latest(dates, laid) + _DAYS_KEPT + rng.integers(0, 200, count)
    desk = np.maximum(released + rng.integers(1, 40, count), FIRST + 30)
    # Records of an area come to light round the time at which the area is recorded, before or after.
    desk[tied] = np.maximum(desk[tied], areas.found[owner[tied]] - 60 + rng.integers(0, 400, int(tied.sum())))
    kept = desk <= LAST
    bad = rng.random(count) < 0.35

    lives = [
        {"value": LIVES[pick][0], "unit": LIVES[pick][1], "typed": f"{LIVES[pick][0]:g} {LIVES[pick][1]}"}
        for pick in rng.integers(0, len(LIVES), count)
    ]
    # A few records state a life for what has none, or none for what should have one: officers have to ask back.
    stated = np.where(rng.random(count) < 0.06, ~preset, preset)
    columns: dict[str, Column] = {
        "identifiers": identifiers(codes("UR", count)),
        "laid_date": dates,
        "ordnance": [UNKNOWN if gap else code for gap, code in zip(rng.random(count) < 0.05, kinds, strict=True)],
        "count": [None if gap else number for gap, number in zip(
            bad & (rng.random(count) < 0.4), vague_counts(rng.integers(4, 200, count), rng), strict=True)],
        "lot": [None if gap else f"SYN-LOT-{number:05d}" for gap, number in zip(
            bad & (rng.random(count) < 0.7), rng.integers(0, 90_000, count), strict=True)],
        "declared_life": [life if one else None for life, one in zip(lives, stated, strict=True)],
        "delivery": [_delivery(code, roll) for code, roll in zip(kinds, rng.random(count), strict=True)],
        "anti_handling": chosen(("yes", "no", "unknown"), count, rng, (0.1, 0.5, 0.4)),
        "marked": chosen(("yes", "no", "unknown"), count, rng, (0.3, 0.4, 0.3)),
        "fenced": chosen(("yes", "no", "unknown"), count, rng, (0.2, 0.5, 0.3)),
        "estimated_area": sometimes(measured(shapely.area(shapes), "m2", decimals=0), 0.4, rng),
        "reference_points": _reference_points(ground, middle, bad, rng),
        "recorded_by": sometimes(people(count, rng, "recorder").tolist(), 0.7, rng, UNKNOWN),
        "kept_by": [f"Archive of the invented land {MARK}"] * count,
        "custodian_released": whens(released),
        "date_of_information": whens(np.minimum(released, LAST)),
    }  # fmt: skip
    columns |= ground.where(middle)
    shapes[bad & (rng.random(count) < 0.35)] = None
    rows = np.flatnonzero(kept)
    columns = {name: [column[row] for row in rows] for name, column in columns.items()}
    return Table("use_record", columns, desk[rows], shapes[rows], rank=13)


def _ground(areas: Areas, owner: Ints, land: Any, rng: Rng) -> tuple[Floats, Shapes]:
    count = len(owner)
    middle = scatter(shapely.buffer(land, -1_500), count, rng)
    size = np.clip(np.exp(rng.normal(np.log(9_000), 0.9, count)), 300, 150_000)
    shapes = outlines(middle, size, rng)
    tied = np.flatnonzero(owner >= 0)
    off = rng.normal(0.0, 15.0, (len(tied), 2))
    again = resurveyed(areas.outline[owner[tied]], 2.0, rng.uniform(0.3, 0.6, len(tied)), rng)
    shapes[tied] = moved(again, off)
    middle[tied] = areas.middle[owner[tied]] + off
    return middle, shapes


def _latest(dates: Column, laid: Ints) -> Ints:
    """Return the last possible laying day of each record; the true one where the record gives none."""
    result = laid.copy()
    for row, date in enumerate(dates):
        if isinstance(date, dict) and isinstance(latest := date.get("to"), str):
            result[row] = dt.date.fromisoformat(latest).toordinal()
    return result


def _delivery(code: str, roll: float) -> str:
    if roll < 0.1:
        return "unknown"
    if code.endswith("_remote"):
        return "delivered_remotely"
    if code.startswith(("submunition", "cluster")):
        return "dropped"
    if code.startswith("axo"):
        return "left_behind"
    if code.startswith("uxo"):
        return "fired" if roll < 0.7 else "dropped"
    return "emplaced_hand" if roll < 0.8 else "emplaced_machine"


def _reference_points(ground: Ground, middle: Floats, bad: Any, rng: Rng) -> Column:
    """Return two landmarks well outside the ground of each good record."""
    count = len(middle)
    rows: list[list[Wire]] = [[] for _ in range(count)]
    for number in (1, 2):
        points = around(middle, rng.uniform(300, 900, count), rng)
        for row, place in enumerate(ground.positions(points)):
            rows[row].append({"name": f"SYNTHETIC landmark {number}", "position": place})
    gap = bad & (rng.random(count) < 0.6)
    return [None if empty else table for empty, table in zip(gap, rows, strict=True)]
