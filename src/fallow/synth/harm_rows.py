"""Tables of harm and of ground that was released too soon: accidents, incidents, later finds, re-opened land."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.records.values import Wire
from fallow.synth import ordnance
from fallow.synth.frame import Ints, Rng
from fallow.synth.hazard_rows import Ground, area_columns
from fallow.synth.shapes import outlines, points_within
from fallow.synth.story import CONTAMINATIONS, FIRST, LAST, Areas
from fallow.synth.units import scatter
from fallow.synth.wire import (
    UNKNOWN,
    Column,
    Table,
    chosen,
    codes,
    exact_counts,
    identifiers,
    measured,
    refs,
    sometimes,
    vague,
    whens,
)
from fallow.synth.work_rows import Work

_SEXES = ("female", "male", "unknown", "not_recorded")
_BANDS = ("under_5", "5_12", "13_17", "18_59", "60_plus", "adult", "child", "unknown")


def casualties(kinds: list[str], rng: Rng) -> Column:
    """Return casualty tables by sex, age and outcome: an incident harms nobody, an accident one to four people."""
    result: Column = []
    for kind in kinds:
        if kind == "incident":
            result.append(None)
            continue
        groups: dict[tuple[str, str, str], int] = {}
        for _ in range(int(rng.choice([1, 2, 3, 4], p=[0.62, 0.22, 0.1, 0.06]))):
            group = (
                str(rng.choice(_SEXES, p=[0.25, 0.6, 0.1, 0.05])),
                str(rng.choice(_BANDS, p=[0.02, 0.1, 0.13, 0.42, 0.1, 0.1, 0.05, 0.08])),
                str(rng.choice(["killed", "injured", "unknown"], p=[0.28, 0.67, 0.05])),
            )
            groups[group] = groups.get(group, 0) + 1
        rows: list[Wire] = [
            {
                "sex": sex,
                "age_band": band,
                "outcome": outcome,
                "count": {"low": number, "high": number, "typed": str(number)},
            }
            for (sex, band, outcome), number in groups.items()
        ]
        result.append(rows)
    return result


def _accident_columns(contamination: list[str], kinds: list[str], rng: Rng) -> dict[str, Column]:
    count = len(kinds)
    doing = ("farming", "herding", "travelling_foot", "travelling_vehicle", "collecting_wood", "playing",
             "handling_item", "household", "unknown")  # fmt: skip
    answers = ("yes", "no", "unknown")
    return {
        "kind": list(kinds),
        "contamination": list(contamination),
        "ordnance": sometimes(list(ordnance.draw(contamination, rng)), 0.4, rng),
        "casualties": casualties(kinds, rng),
        "activity_then": chosen(doing, count, rng),
        "marked_before": chosen(answers, count, rng, (0.15, 0.65, 0.2)),
        "accuracy": sometimes(measured(rng.uniform(5, 300, count), "m", decimals=0), 0.6, rng),
    }


def accident_table(ground: Ground, areas: Areas, issued: list[str], land: Any, rng: Rng) -> Table:
    """Return accidents and incidents at random: two thirds on recorded areas before anything was released there."""
    count = max(5, len(issued) // 14)
    on_area = np.flatnonzero(rng.random(count) < 0.66)
    owner = np.full(count, -1)
    open_areas = np.flatnonzero(~areas.released)
    owner[on_area] = rng.choice(open_areas, len(on_area))
    middle = scatter(land, count, rng)
    middle[on_area] = shapely.get_coordinates(points_within(areas.outline, owner[on_area], rng))
    day = rng.integers(FIRST + 20, LAST - 40, count)
    day[on_area] = np.clip(areas.found[owner[on_area]] - rng.integers(-200, 200, len(on_area)), FIRST + 5, LAST - 40)
    # The report goes to the desk once the area that it names is on record.
    desk = day + rng.integers(0, 12, count)
    desk[on_area] = np.maximum(desk[on_area], areas.found[owner[on_area]])
    order = np.argsort(desk, kind="stable")
    owner, middle, day, desk = owner[order], middle[order], day[order], desk[order]
    drawn = rng.choice(len(CONTAMINATIONS), count)
    known = np.where(owner >= 0, areas.contamination[owner], drawn)
    kinds = chosen(("accident", "incident"), count, rng, (0.85, 0.15))
    shapes: Shapes = np.asarray(shapely.points(middle))
    shapes[(owner < 0) & (rng.random(count) < 0.15)] = None
    columns: dict[str, Column] = {
        "identifiers": identifiers(codes("AX", count)),
        "date": sometimes(vague(day, rng, (0.8, 0.12, 0.05, 0.02, 0.01)), 0.97, rng, UNKNOWN),
        "cleared_before": ["no" if row >= 0 else "unknown" for row in owner],
        "area": refs(issued, owner),
        "date_of_information": whens(desk),
    }
    columns |= _accident_columns([CONTAMINATIONS[one][0][0] for one in known], kinds, rng) | ground.where(middle)
    return Table("accident", columns, desk, shapes, rank=16)


def re_opened_tables(ground: Ground, areas: Areas, work: Work, released: Ints, rng: Rng) -> list[Table]:
    """Return what came to light on released ground: (new hazardous areas, accidents, items found there).

    Args:
        ground: units and places.
        areas: hazardous areas.
        work: events.
        released: events that gave a product.
        rng: random stream.
    """
    early = released[(work.booked[released] < LAST - 200) & ~areas.point_only[work.area[released]]]
    early = early[shapely.area(work.product[early]) > 400]
    count = min(len(early), max(2, len(released) // 30))
    rows = np.sort(rng.choice(early, count, replace=False))
    middle = shapely.get_coordinates(points_within(work.product, rows, rng))
    day = work.booked[rows] + rng.integers(30, 180, count)
    order = np.argsort(day, kind="stable")
    rows, middle, day = rows[order], middle[order], day[order]
    old = work.area[rows]
    spots: Shapes = np.asarray(shapely.points(middle))
    # What is re-opened is a part of the product round the spot, wide enough to hold the doubt.
    wide = shapely.intersection(outlines(middle, rng.uniform(900, 6_000, count), rng), work.product[rows])
    shapes = np.array([_piece(shape, spot) for shape, spot in zip(wide, spots, strict=True)], dtype=object)
    own = codes("HR", count)
    columns = area_columns(
        ground,
        rng,
        middle=middle,
        outline=shapes,
        level=np.full(count, 2),
        contamination=areas.contamination[old],
        found=day,
    )
    columns["identifiers"] = identifiers(own)
    columns["source_kind"] = ["resident"] * count
    opened = Table("hazardous_area", columns, day, shapes, act="re_open", rank=17)
    opened.relations = [(row, "re_opened_from", work.issued[area]) for row, area in enumerate(old)]

    hurt = np.arange(count) % 2 == 0
    classes = [CONTAMINATIONS[one][0][0] for one in areas.contamination[old]]
    at = np.flatnonzero(hurt)
    columns = {
        "identifiers": identifiers(codes("AR", len(at))),
        "date": whens(day[at]),
        "cleared_before": ["yes"] * len(at),
        "area": refs(own, at),
        "date_of_information": whens(day[at]),
    }
    columns |= _accident_columns([classes[row] for row in at], ["accident"] * len(at), rng) | ground.where(middle[at])
    accidents = Table("accident", columns, day[at], spots[at], rank=18)

    at = np.flatnonzero(~hurt)
    columns = {
        "identifiers": identifiers(codes("IR", len(at))),
        "ordnance": list(ordnance.draw([classes[row] for row in at], rng)),
        "contamination": [classes[row] for row in at],
        "count": exact_counts([1] * len(at)),
        "found": whens(day[at]),
        "condition": ["corroded"] * len(at),
        "disposal": ["destroyed_in_place"] * len(at),
        "disposed": whens(day[at]),
        "area": refs(own, at),
        "date_of_information": whens(day[at]),
    }
    return [opened, accidents, Table("item_found", columns, day[at], spots[at], rank=19)]


def _piece(shape: Any, spot: Any) -> Any:
    """Return the part of a shape round the spot: cutting can leave several."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return min(parts, key=lambda part: part.distance(spot))
