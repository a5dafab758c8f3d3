"""Tables of hazardous areas: as first recorded, as changed by survey, marked, with the evidence for and against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.synth import ordnance
from fallow.synth.frame import Floats, Frame, Ints, Rng
from fallow.synth.names import people
from fallow.synth.shapes import either, points_within, resurveyed, rims
from fallow.synth.story import CLASSIFICATIONS, CONTAMINATIONS, LAST, Areas, Events, remeasured
from fallow.synth.units import Places, Units
from fallow.synth.wire import (
    MARK,
    UNKNOWN,
    Column,
    Table,
    chosen,
    codes,
    identifiers,
    measured,
    position,
    ref,
    refs,
    sometimes,
    vague,
    vague_counts,
    when,
    whens,
)

DIRECT = ("item_seen", "item_found", "accident", "strike_mark", "fragments", "container_part")
INDIRECT = (
    "statement",
    "land_unused",
    "traces_of_fighting",
    "damaged_infrastructure",
    "detonation_reported",
    "imagery",
)
AGAINST = ("regular_use", "cultivation", "search_without_find", "event_elsewhere")
DATUMS = ("ground_surface", "water_bed", "national_datum", "unknown")


@dataclass(frozen=True)
class Ground:
    """Where things lie: the frame, the units and places with their issued codes."""

    frame: Frame
    units: Units
    places: Places
    place_codes: list[str]
    place_names: list[tuple[str, str]]

    def nearest_place(self, middle: Floats) -> Ints:
        """Return the position of the place nearest to each point."""
        tree = shapely.STRtree(shapely.points(self.places.points))
        return np.asarray(tree.nearest(shapely.points(middle)), dtype=np.int64)

    def where(self, middle: Floats) -> dict[str, Column]:
        """Return the columns ``unit`` and ``place`` for points, shape (n, 2)."""
        return {
            "unit": refs(self.units.codes, self.units.locate(middle[:, 0], middle[:, 1])),
            "place": refs(self.place_codes, self.nearest_place(middle)),
        }

    def positions(self, points: Floats) -> Column:
        """Return points as positions in degrees."""
        lonlat = shapely.get_coordinates(self.frame.to_lonlat(np.asarray(shapely.points(points))))
        return [position(lon, lat) for lon, lat in lonlat]


def recorded_shapes(areas: Areas) -> Shapes:
    """Return the shape that the first report gave: a polygon, or a point."""
    shapes: Shapes = np.where(areas.point_only, shapely.points(areas.middle), areas.outline)
    return shapes


def around(middle: Floats, distance: Floats, rng: Rng) -> Floats:
    """Return a point at a distance from each middle, in any direction."""
    turn = rng.uniform(0, 2 * np.pi, len(middle))
    points: Floats = middle + np.column_stack([np.cos(turn), np.sin(turn)]) * distance[:, None]
    return points


def datums(count: int, rng: Rng) -> list[Any]:
    """Return what depths are measured from: the ground surface in nine of ten."""
    return chosen(DATUMS, count, rng, (0.9, 0.03, 0.04, 0.03))


def area_columns(
    ground: Ground,
    rng: Rng,
    *,
    middle: Floats,
    outline: Shapes,
    level: Ints,
    contamination: Ints,
    found: Ints,
) -> dict[str, Column]:
    """Return what a survey form of a hazardous area holds, without identifier, depth and typed area."""
    count = len(middle)
    nearest = ground.nearest_place(middle)
    number = rng.integers(1, 90, count)
    names = [f"{ground.place_names[place][0]} {n} {MARK}" for place, n in zip(nearest, number, strict=True)]
    classes = [list(CONTAMINATIONS[one][0]) for one in contamination]
    known = sometimes([[code] for code in ordnance.draw([one[0] for one in classes], rng)], 0.4, rng)
    direct = [[code] if rank == 2 else None for code, rank in zip(chosen(DIRECT, count, rng), level, strict=True)]
    indirect = [[code] if rank < 2 else None for code, rank in zip(chosen(INDIRECT, count, rng), level, strict=True)]
    box = np.asarray(shapely.bounds(outline)).reshape(-1, 4)
    reach = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1])
    beside = around(middle, reach + rng.uniform(15, 60, count), rng)
    away = around(middle, reach + rng.uniform(80, 400, count), rng)
    blocked = [[code] for code in chosen(("cropland", "pasture", "roads", "housing", "none_known"), count, rng)]
    event = np.minimum(found - rng.integers(30, 4_000, count), found - 1)
    columns: dict[str, Column] = {
        "name": list(names),
        "classification": [CLASSIFICATIONS[rank] for rank in level],
        "contamination": list(classes),
        "work_status": ["open"] * count,
        "qc_status": ["not_inspected"] * count,
        "marking_status": chosen(
            ("not_marked", "partly_marked", "marked", "unknown"), count, rng, (0.5, 0.2, 0.2, 0.1)
        ),
        "priority": chosen(("urgent", "high", "medium", "low", "not_set"), count, rng),
        "event_date": sometimes(vague(event, rng), 0.8, rng, UNKNOWN),
        "surveyed_on": whens(found - rng.integers(0, 6, count)),
        "date_of_information": whens(found),
        "direct_evidence": list(direct),
        "indirect_evidence": list(indirect),
        "source_kind": chosen(("nts", "resident", "community_survey", "archive", "authority_record"), count, rng),
        "ordnance": known,
        "estimated_count": sometimes(vague_counts(rng.integers(1, 60, count), rng), 0.3, rng),
        "land_use": chosen(("cropland", "pasture", "forest", "unused", "orchard", "residential"), count, rng),
        "terrain": chosen(("flat", "rolling", "hills", "marsh", "coast", "built_up"), count, rng),
        "vegetation": chosen(("none", "grass_short", "grass_tall", "bushes", "trees_sparse"), count, rng),
        "slope": chosen(("level", "gentle", "moderate", "steep"), count, rng, (0.5, 0.3, 0.15, 0.05)),
        "blocked": sometimes(blocked, 0.6, rng),
        "reference_point": sometimes(ground.positions(away), 0.35, rng),
        "benchmark": sometimes(ground.positions(beside), 0.25, rng),
        "informant": sometimes(people(count, rng, "informant").tolist(), 0.3, rng, UNKNOWN),
        "landowner": sometimes(people(count, rng, "landowner").tolist(), 0.2, rng),
    }
    return columns | ground.where(middle)


def area_table(ground: Ground, areas: Areas, issued: list[str], rng: Rng) -> Table:
    """Return hazardous areas as first recorded."""
    count = len(issued)
    columns = area_columns(
        ground,
        rng,
        middle=areas.middle,
        outline=areas.outline,
        level=areas.classification,
        contamination=areas.contamination,
        found=areas.found,
    )
    columns["identifiers"] = identifiers(issued)
    columns["typed_area"] = typed_areas(areas, rng)
    unknown = sometimes([UNKNOWN] * count, 0.6, rng)
    datum = datums(count, rng)
    surface = measured(np.where(np.isnan(areas.depth), np.nan, 0.0), "m", datum=datum)
    lowest = measured(areas.depth, "m", datum=datum)
    columns["depth_from"] = [one if one is not None else gap for one, gap in zip(surface, unknown, strict=True)]
    columns["depth_to"] = [one if one is not None else gap for one, gap in zip(lowest, unknown, strict=True)]
    return Table("hazardous_area", columns, areas.found, recorded_shapes(areas), rank=10)


def typed_areas(areas: Areas, rng: Rng) -> Column:
    """Return the area that somebody typed: always for points, for half of the polygons, some of them in hectares."""
    size = shapely.area(areas.outline) * rng.uniform(0.985, 1.015, len(areas.found))
    metres = measured(size, "m2", decimals=0)
    hectares = measured(size / 1e4, "ha", decimals=2)
    in_hectares = (rng.random(len(size)) < 0.2) & (size > 5_000)
    given = areas.point_only | (rng.random(len(size)) < 0.5)
    return [
        (ha if use_ha else m2) if keep else None
        for m2, ha, use_ha, keep in zip(metres, hectares, in_hectares, given, strict=True)
    ]


def change_tables(areas: Areas, events: Events, issued: list[str], rng: Rng) -> list[Table]:
    """Return what surveys, handover and second measurements changed on areas that were on record before."""
    area = np.array(events.area, dtype=np.int64)
    booked = np.array(events.booked, dtype=np.int64)
    outcome = np.array(events.outcome)
    tables = []
    for code, level, reason, act in (
        ("to_sha", "sha", None, "reclassify"),
        ("to_cha", "cha", None, "reclassify"),
        ("down_to_sha", "sha", "reclassified_on_evidence", "reclassify"),
    ):
        rows = np.flatnonzero(outcome == code)
        new: dict[str, Column] = {"classification": [level] * len(rows)}
        if code == "to_cha":
            new["direct_evidence"] = [[kind] for kind in chosen(DIRECT, len(rows), rng)]
        tables.append(_change(issued, area[rows], booked[rows], new, reason=reason, act=act, rank=30))

    rows = np.flatnonzero(np.isin(outcome, ["under_way"]))
    tables.append(_change(issued, area[rows], booked[rows], {"work_status": ["tasked"] * len(rows)}, rank=31))

    done = np.flatnonzero(areas.released)
    last = areas.last_day[done]
    handed = np.minimum(last + rng.integers(20, 140, len(done)), LAST)
    over = (handed < LAST) & (rng.random(len(done)) < 0.7)
    new = {
        "work_status": ["completed"] * len(done),
        "qc_status": chosen(("accepted", "not_inspected", "in_inspection"), len(done), rng, (0.7, 0.2, 0.1)),
        "handover_date": [when(day) if given else None for day, given in zip(handed, over, strict=True)],
    }
    tables.append(_change(issued, done, np.where(over, handed, last), new, rank=50))

    # Second measurements of areas on which nothing else happened, so that no product is left hanging outside.
    quiet = np.setdiff1d(np.flatnonzero(~areas.point_only & (areas.found < LAST - 500)), area)
    again = quiet[rng.random(len(quiet)) < 0.2]
    if not len(again):
        again = quiet[:1]
    day = areas.found[again] + rng.integers(60, 400, len(again))
    table = _change(issued, again, day, {"surveyed_on": whens(day - 3)}, reason="re_measured", act="correct", rank=33)
    table.shapes = remeasured(areas, again, rng)
    tables.append(table)

    stopped = quiet[(rng.random(len(quiet)) < 0.15) & ~np.isin(quiet, again)]
    day = areas.found[stopped] + rng.integers(60, 400, len(stopped))
    tables.append(_change(issued, stopped, day, {"work_status": ["suspended"] * len(stopped)}, rank=34))
    return tables


def _change(
    issued: list[str],
    rows: Ints,
    day: Ints,
    new: dict[str, Column],
    *,
    reason: str | None = None,
    act: str = "update",
    rank: int,
) -> Table:
    columns = {"identifiers": identifiers(issued[row] for row in rows), "date_of_information": whens(day)} | new
    reasons: list[str | None] = [reason] * len(rows)
    return Table("hazardous_area", columns, np.asarray(day), None, reasons, act, "update", rank)


def duplicate_tables(ground: Ground, areas: Areas, issued: list[str], rng: Rng) -> tuple[Table, Table]:
    """Return (areas recorded a second time by somebody else, their withdrawal as duplicates)."""
    free = np.flatnonzero(~areas.point_only & (areas.found < LAST - 400))
    count = max(1, len(issued) // 60)
    rows = np.sort(rng.choice(free, min(count, len(free)), replace=False))
    own = codes("HD", len(rows))
    found = areas.found[rows] + rng.integers(20, 120, len(rows))
    outline = resurveyed(areas.outline[rows], 3.0, rng.uniform(0.45, 0.65, len(rows)), rng)
    columns = area_columns(
        ground,
        rng,
        middle=areas.middle[rows],
        outline=outline,
        level=areas.classification[rows],
        contamination=areas.contamination[rows],
        found=found,
    )
    columns["identifiers"] = identifiers(own)
    first = Table("hazardous_area", columns, found, outline, rank=11)
    day = found + rng.integers(60, 250, len(rows))
    second = _change(own, np.arange(len(rows)), day, {"record_status": ["withdrawn"] * len(rows)},
                     reason="duplicate", act="withdraw", rank=35)  # fmt: skip
    second.relations = [(row, "same_as", issued[area]) for row, area in enumerate(rows)]
    return first, second


def marking_table(areas: Areas, issued: list[str], rng: Rng) -> Table:
    """Return marking of areas: the outer rim as it was marked, or no line at all."""
    rows = np.flatnonzero((rng.random(len(issued)) < 0.4) & (areas.found < LAST - 150))
    day = areas.found[rows] + rng.integers(5, 120, len(rows))
    lines = rims(areas.outline[rows])
    lines[areas.point_only[rows] | (rng.random(len(rows)) < 0.15)] = None
    columns: dict[str, Column] = {
        "identifiers": identifiers(codes("MK", len(rows))),
        "kind": chosen(("signs", "tape", "posts", "fence_temporary", "fence_permanent", "local"), len(rows), rng),
        "installed": whens(day),
        "checked": sometimes(whens(np.minimum(day + 30, LAST)), 0.5, rng),
        "state": chosen(("marked", "partly_marked", "marking_lost"), len(rows), rng, (0.7, 0.2, 0.1)),
        "area": refs(issued, rows),
    }
    return Table("marking", columns, day + 30, lines, rank=14)


def evidence_tables(areas: Areas, events: Events, issued: list[str], rng: Rng) -> list[Table]:
    """Return evidence for hazard, known when an area was recorded, and evidence against it, from survey and search."""
    owner = np.repeat(np.arange(len(issued)), rng.integers(0, 3, len(issued)))
    level = areas.classification[owner]
    direct, indirect = chosen(DIRECT, len(owner), rng), chosen(INDIRECT, len(owner), rng)
    kind = [one if rank == 2 else other for one, other, rank in zip(direct, indirect, level, strict=True)]
    day = areas.found[owner]
    first = _evidence(areas, issued, rng, owner=owner, day=day, kind=kind, polarity="for", own=codes("EV", len(owner)))
    first.columns["directness"] = ["direct" if rank == 2 else "indirect" for rank in level]
    first.columns["event_date"] = sometimes(vague(day - rng.integers(20, 3_000, len(owner)), rng), 0.7, rng, UNKNOWN)
    classes = [CONTAMINATIONS[one][0] for one in areas.contamination[owner]]
    first.columns["contamination"] = sometimes([list(one) for one in classes], 0.8, rng)
    first.columns["count"] = sometimes(vague_counts(rng.integers(1, 12, len(owner)), rng), 0.4, rng)
    first.columns["ordnance"] = sometimes(list(ordnance.draw([one[0] for one in classes], rng)), 0.3, rng)
    first.rank = 12

    outcome = np.array(events.outcome)
    rows = np.flatnonzero(np.isin(outcome, ["cancelled", "reduced", "down_to_sha"]))
    owner = np.array(events.area, dtype=np.int64)[rows]
    day = np.array(events.booked, dtype=np.int64)[rows]
    kind = [
        "search_without_find" if code != "cancelled" else other
        for code, other in zip(outcome[rows], chosen(AGAINST, len(rows), rng), strict=True)
    ]
    second = _evidence(
        areas, issued, rng, owner=owner, day=day, kind=kind, polarity="against", own=codes("EA", len(owner))
    )
    second.columns["directness"] = ["direct" if one == "search_without_find" else "indirect" for one in kind]
    # What speaks against is seen over years: ploughed, grazed, searched.
    seen = vague(day - rng.integers(100, 900, len(owner)), rng, (0.0, 0.1, 0.3, 0.6, 0.0))
    second.columns["event_date"] = sometimes(seen, 0.9, rng, UNKNOWN)
    second.reason = ["no_evidence_nts" if code == "cancelled" else "ts_no_evidence" for code in outcome[rows]]
    second.rank = 24
    return [first, second]


def _evidence(
    areas: Areas,
    issued: list[str],
    rng: Rng,
    *,
    owner: Ints,
    day: Ints,
    kind: list[str],
    polarity: str,
    own: list[str],
) -> Table:
    count = len(owner)
    form = rng.random(count)
    points = points_within(areas.outline, owner, rng)
    shapes: Shapes = either(form < 0.55, points, either(form < 0.7, areas.outline[owner]))
    columns: dict[str, Column] = {
        "identifiers": identifiers(own),
        "kind": list(kind),
        "polarity": [polarity] * count,
        "known_how": chosen(("seen", "told", "recorded"), count, rng, (0.45, 0.4, 0.15)),
        "source_reliability": chosen(tuple("abcdef"), count, rng, (0.15, 0.35, 0.25, 0.1, 0.05, 0.1)),
        "information_reliability": chosen(tuple(f"i{n}" for n in range(1, 7)), count, rng),
        "source_date": whens(day - rng.integers(0, 20, count)),
        "date_of_information": whens(day),
        "accuracy": sometimes(measured(rng.uniform(2, 40, count), "m", decimals=0), 0.5, rng),
        "informant": sometimes(people(count, rng, "informant").tolist(), 0.4, rng),
        "area": [ref(issued[row]) for row in owner],
    }
    return Table("evidence", columns, day, shapes)
