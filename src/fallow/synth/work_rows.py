"""Tables of work done: task orders, activities, what was searched, what was released, what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.synth import ordnance
from fallow.synth.frame import Ints, Rng
from fallow.synth.hazard_rows import datums
from fallow.synth.shapes import either, points_within, strips
from fallow.synth.story import CONTAMINATIONS, LAST, Areas, Events
from fallow.synth.wire import (
    Column,
    Table,
    chosen,
    codes,
    exact_counts,
    identifiers,
    iso,
    measured,
    ref,
    refs,
    sometimes,
    when,
    whens,
)

_METHODS = {
    "nts": ("visual", "other"),
    "ts": ("manual", "mechanical", "animal", "detector_metal"),
    "clearance": ("manual", "mechanical", "animal", "detector_dual"),
    "bac": ("detector_metal", "magnetometer", "visual", "electromagnetic"),
}
_ASSETS = {
    "manual": "manual_team", "mechanical": "tiller", "animal": "dog", "detector_metal": "detector_metal",
    "detector_dual": "detector_dual", "magnetometer": "magnetometer", "electromagnetic": "detector_metal",
    "visual": "manual_team", "other": "other",
}  # fmt: skip
_REASONS = {
    ("cancelled", "nts"): "no_evidence_nts",
    ("reduced", "ts"): "ts_no_evidence",
    ("cleared", "clearance"): "clearance_completed",
    ("cleared", "bac"): "bac_completed",
}


@dataclass(frozen=True)
class Work:
    """Events as arrays, with the issued codes of their activities and tasks and who did them.

    ``product_depth`` is the depth released in metres (NaN: none stated), ``found`` the number of items found.
    """

    area: Ints
    kind: list[str]
    start: Ints
    end: Ints
    booked: Ints
    outcome: list[str]
    product: Shapes
    activity: list[str]
    task: list[str | None]
    team: Ints
    organisation: list[str]
    method: list[str]
    product_depth: Any
    found: Ints
    issued: list[str]


def assign(areas: Areas, events: Events, issued: list[str], teams: Table, rng: Rng) -> Work:
    """Give every event a team, a method, a depth, a number of items found, and issued codes."""
    count = len(events.area)
    area = np.array(events.area, dtype=np.int64)
    team = rng.integers(0, len(teams), count)
    owners: list[Any] = teams.columns["organisation"]
    tasked = iter(codes("TO", sum(kind != "nts" for kind in events.kind)))
    known = areas.depth[area]
    free = rng.choice([0.13, 0.2, 0.3, 0.5, 1.0], count, p=[0.1, 0.4, 0.2, 0.2, 0.1])
    enough = np.fmax(known, free)  # search reaches the known depth in most cases
    short = rng.random(count) < 0.1
    depth = np.where(short, 0.13, enough)
    hits = rng.poisson(rng.gamma(0.8, 3.0, count))
    empty = ("reduced", "down_to_sha", "under_way")
    hits[[kind == "nts" or code in empty for kind, code in zip(events.kind, events.outcome, strict=True)]] = 0
    return Work(
        area=area,
        kind=events.kind,
        start=np.array(events.start, dtype=np.int64),
        end=np.array(events.end, dtype=np.int64),
        booked=np.array(events.booked, dtype=np.int64),
        outcome=events.outcome,
        product=np.array([*events.product, None], dtype=object)[:-1],
        activity=codes("AC", count),
        task=[None if kind == "nts" else next(tasked) for kind in events.kind],
        team=team,
        organisation=[owners[row]["typed"] for row in team],
        method=[_METHODS[kind][pick] for kind, pick in zip(events.kind, rng.integers(0, 2, count), strict=True)],
        product_depth=depth,
        found=hits,
        issued=issued,
    )


def task_tables(areas: Areas, work: Work, authority: str, rng: Rng) -> list[Table]:
    """Return task orders as issued, their completion, and a few orders that were called off."""
    rows = np.flatnonzero([task is not None for task in work.task])
    issue = work.start[rows] - rng.integers(3, 14, len(rows))
    own = [work.task[row] or "" for row in rows]
    columns: dict[str, Column] = {
        "identifiers": identifiers(own),
        "order_number": [f"SYNTHETIC order {code}" for code in own],
        "kind": [work.kind[row] for row in rows],
        "issued_by": [ref(authority)] * len(rows),
        "issued_to": [ref(work.organisation[row]) for row in rows],
        "status": ["ordered"] * len(rows),
        "start": whens(work.start[rows]),
        "date_of_information": whens(issue),
        "areas": [[ref(work.issued[work.area[row]])] for row in rows],
    }
    shapes: Shapes = either(~areas.point_only[work.area[rows]], areas.outline[work.area[rows]])
    first = Table("task", columns, issue, shapes, rank=15)

    done = np.flatnonzero([work.outcome[row] != "under_way" for row in rows])
    ended = rows[done]
    columns = {
        "identifiers": identifiers(own[row] for row in done),
        "status": ["completed"] * len(done),
        "end": whens(work.end[ended]),
        "date_of_information": whens(work.booked[ended]),
    }
    second = Table("task", columns, work.booked[ended], act="update", match="update", rank=29)

    idle = np.flatnonzero(~areas.point_only & (areas.found < LAST - 200))
    idle = np.setdiff1d(idle, work.area)
    off = np.sort(rng.choice(idle, min(len(idle), max(1, len(work.issued) // 50)), replace=False))
    issue = areas.found[off] + rng.integers(20, 150, len(off))
    own = codes("TX", len(off))
    columns = {
        "identifiers": identifiers(own),
        "order_number": [f"SYNTHETIC order {code}" for code in own],
        "kind": ["ts"] * len(off),
        "issued_by": [ref(authority)] * len(off),
        "status": ["cancelled_order"] * len(off),
        "date_of_information": whens(issue),
        "areas": [[ref(work.issued[row])] for row in off],
    }
    return [first, second, Table("task", columns, issue, areas.outline[off], rank=15)]


def activity_table(areas: Areas, work: Work, team_codes: list[str], rng: Rng) -> Table:
    """Return activities: finished ones with their result, others as under way."""
    running = np.array([code == "under_way" for code in work.outcome])
    result: Column = [
        None if code == "under_way" else f"SYNTHETIC: {code.replace('_', ' ')}; items found: {hits}"
        for code, hits in zip(work.outcome, work.found, strict=True)
    ]
    columns: dict[str, Column] = {
        "identifiers": identifiers(work.activity),
        "kind": list(work.kind),
        "task": [ref(task) for task in work.task],
        "organisation": [ref(code) for code in work.organisation],
        "team": refs(team_codes, work.team),
        "start": whens(work.start),
        "end": whens(np.where(running, -1, work.end)),
        "status": ["under_way" if one else "completed" for one in running],
        "method": [[code] for code in work.method],
        "area": refs(work.issued, work.area),
        "date_of_information": whens(np.where(running, work.start, work.end)),
        "result": result,
        "report_number": sometimes([f"SYN/{code}" for code in work.activity], 0.8, rng),
    }
    shapes: Shapes = either(~areas.point_only[work.area], areas.outline[work.area])
    return Table("activity", columns, work.booked, shapes, rank=20)


def searched_table(areas: Areas, work: Work, rng: Rng) -> Table:
    """Return recorded shapes of past search: strips for technical survey, the worked ground for clearance and BAC."""
    kinds = np.array(work.kind)
    ended = np.array([code != "under_way" for code in work.outcome])
    polygon = ended & ~areas.point_only[work.area]
    surveyed = np.flatnonzero(polygon & (kinds == "ts"))
    owner = np.repeat(surveyed, rng.integers(2, 7, len(surveyed)))
    lanes = strips(areas.outline[work.area], owner, rng)
    keep = shapely.area(lanes) > 1.0
    owner, lanes = owner[keep], lanes[keep]
    worked = np.flatnonzero(polygon & np.array([code == "cleared" for code in work.outcome]))
    again = worked[rng.random(len(worked)) < 0.3]
    rows = np.concatenate([owner, worked, again])
    shapes: Shapes = np.concatenate([lanes, work.product[worked], work.product[again]])
    passes = np.repeat([1, 1, 2], [len(owner), len(worked), len(again)])
    order = np.argsort(rows, kind="stable")
    rows, shapes, passes = rows[order], shapes[order], passes[order]
    count = len(rows)
    # A second pass begins where about half of the time is over.
    begin = np.where(passes == 2, (work.start[rows] + work.end[rows]) // 2, work.start[rows])
    hours = np.clip(shapely.area(shapes) / rng.uniform(15, 60, count), 1, None)
    columns: dict[str, Column] = {
        "identifiers": identifiers(codes("SR", count)),
        "activity": refs(work.activity, rows),
        "method": [work.method[row] for row in rows],
        "asset": [_ASSETS[work.method[row]] for row in rows],
        "depth": measured(work.product_depth[rows], "m", datum=datums(count, rng)),
        "pass_number": [int(number) for number in passes],
        "start": whens(begin),
        "end": whens(work.end[rows]),
        "effort": sometimes(measured(hours, "team_h", decimals=0), 0.7, rng),
        "share_searched": [round(float(share), 2) for share in rng.uniform(0.9, 1.0, count)],
        "found_anything": [bool(work.found[row]) for row in rows],
        "date_of_information": whens(work.end[rows]),
    }
    return Table("searched_area", columns, work.booked[rows], shapes, rank=21)


def product_table(areas: Areas, work: Work, rng: Rng) -> tuple[Table, Ints]:
    """Return (release products, the event of each). ``decided`` is filled when the decision is dated."""
    rows = np.flatnonzero([code in ("cancelled", "reduced", "cleared") for code in work.outcome])
    count = len(rows)
    point = areas.point_only[work.area[rows]]
    shapes: Shapes = either(~point, work.product[rows])
    outcome = [work.outcome[row] for row in rows]
    classes = [list(CONTAMINATIONS[areas.contamination[work.area[row]]][0]) for row in rows]
    partial = [len(one) > 1 and roll < 0.15 for one, roll in zip(classes, rng.random(count), strict=True)]
    cleared = np.array([code == "cleared" for code in outcome], dtype=bool)
    depth = np.where(cleared, work.product_depth[rows], np.nan)
    size = shapely.area(np.where(point, areas.outline[work.area[rows]], shapes))
    quantity = measured(size, "m2", decimals=0)
    other = [
        {"value": float(number), "unit": unit, "typed": f"{number} {unit}"}
        for number, unit in zip(rng.integers(1, 5, count), chosen(("building", "item", "km"), count, rng), strict=True)
    ]
    by_number = point & cleared & (rng.random(count) < 0.3)
    columns: dict[str, Column] = {
        "identifiers": identifiers(codes("RP", count)),
        "kind": list(outcome),
        "contamination": [one[:1] if part else one for one, part in zip(classes, partial, strict=True)],
        "limited_to": [f"{one[0]} only" if part else None for one, part in zip(classes, partial, strict=True)],
        "depth": measured(depth, "m", datum=datums(count, rng)),
        "quantity": [
            counted if own else (typed if bare or roll < 0.4 else None)
            for typed, counted, own, bare, roll in zip(
                quantity, other, by_number, point, rng.random(count), strict=True
            )
        ],
        "activity": refs(work.activity, rows),
        "area": refs(work.issued, work.area[rows]),
        "organisation": [ref(work.organisation[row]) for row in rows],
        "start": whens(work.start[rows]),
        "end": whens(work.end[rows]),
        "method": [work.method[row] for row in rows],
        "certificate": sometimes(
            [f"SYNTHETIC certificate {iso(work.end[row])[:4]}/{row + 1}" for row in rows], 0.7, rng
        ),
        "date_of_information": whens(work.end[rows]),
    }
    reasons: list[str | None] = [_REASONS[code, work.kind[row]] for code, row in zip(outcome, rows, strict=True)]
    return Table("release_product", columns, work.booked[rows], shapes, reasons, "release", rank=25), rows


def item_table(areas: Areas, work: Work, rng: Rng) -> Table:
    """Return items found: points uniformly at random on the worked ground, single ones or a few at one spot."""
    rows = np.repeat(np.arange(len(work.area)), work.found)
    count = len(rows)
    owner = work.area[rows]
    worked = np.where([shape is None for shape in work.product], areas.outline[work.area], work.product)
    shapes = points_within(worked, rows, rng)
    shapes[rng.random(count) < 0.06] = None
    options = [CONTAMINATIONS[one][0] for one in areas.contamination[owner]]
    classes = [one[pick % len(one)] for one, pick in zip(options, rng.integers(0, 2, count), strict=True)]
    day = work.start[rows] + rng.integers(0, 10**6, count) % (work.end[rows] - work.start[rows] + 1)
    condition = ("intact", "damaged", "corroded", "remains_functioned", "remains_self_destructed", "unknown")
    columns: dict[str, Column] = {
        "identifiers": identifiers(codes("IT", count)),
        "ordnance": list(ordnance.draw(classes, rng)),
        "contamination": list(classes),
        "count": exact_counts(np.where(rng.random(count) < 0.9, 1, rng.integers(2, 6, count))),
        "found": whens(day),
        "depth": sometimes(measured(rng.uniform(0, 0.3, count), "m", datum=["ground_surface"] * count), 0.8, rng),
        "condition": chosen(condition, count, rng, (0.35, 0.15, 0.25, 0.1, 0.05, 0.1)),
        "disposal": chosen(("destroyed_in_place", "removed_destroyed", "handed_over"), count, rng, (0.6, 0.35, 0.05)),
        "disposed": [when(one) for one in day],
        "activity": refs(work.activity, rows),
        "area": refs(work.issued, owner),
        "lot": sometimes([f"SYN-LOT-{number:05d}" for number in rng.integers(0, 90_000, count)], 0.2, rng),
        "date_of_information": whens(day),
    }
    return Table("item_found", columns, work.booked[rows], shapes, rank=22)
