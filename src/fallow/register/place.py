"""What is recorded at a place: never "nothing", always with the date of knowledge.

Where no record meets the place the answer is *not assessed*: it says what is not known, not that there is no hazard.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from fallow.register.register import title_of

if TYPE_CHECKING:
    from fallow.records import Snapshot
    from fallow.register.register import Register

RECORDED, RELEASED, NOT_ASSESSED = "recorded_hazard", "released", "not_assessed"
NEAR_M = 100.0
# Use records lie in a sealed compartment: they are counted to nobody here.
SHOWN = ("hazardous_area", "release_product", "evidence", "accident", "item_found", "marking", "searched_area")
SLIVER_M2 = 0.01


def at(
    register: Register,
    shape: Any,
    *,
    true: dt.date | None = None,
    known: dt.datetime | dt.date | int | None = None,
) -> dict[str, Any]:
    """Answer what is recorded at a WGS 84 point or polygon.

    Args:
        register: the open register.
        shape: shapely point or polygon, longitude first.
        true: the day asked about; None for the latest state.
        known: the checkpoint; None for now, with unverified reports.

    Returns:
        Plain data: ``state`` (recorded_hazard, released, not_assessed, or several for a polygon), the records that
        meet the place, those within 100 m, unverified reports, and how many rows are held.
    """
    snapshot = register.snapshot(true, known)
    equal_area = register.info.equal_area
    here: dict[str, list[dict[str, Any]]] = {}
    near: list[dict[str, Any]] = []
    for record in SHOWN:
        if record not in snapshot.records():
            continue
        met, close = _meets(snapshot.shapes(record), shape, equal_area)
        ids, rows = snapshot.ids(record), snapshot.rows(record)
        here[record] = [
            _entry(record, ids[i], rows[i]) for i in met if rows[i].get("record_status", "current") == "current"
        ]
        near += [_entry(record, ids[i], rows[i]) | {"distance_m": round(metres)} for i, metres in close]
    states = _states(snapshot, shape, equal_area)
    return {
        "asked": shapely.to_wkt(shape, rounding_precision=7),
        "true": None if true is None else true.isoformat(),
        "known_seq": snapshot.known_seq,
        "known_at": None if snapshot.known_at is None else snapshot.known_at.isoformat(),
        "states": states,
        "here": {record: entries for record, entries in here.items() if entries},
        "near": sorted(near, key=lambda entry: (entry["distance_m"], entry["entity"])),
        "unverified": _unverified(snapshot, shape, equal_area),
        "held": len(snapshot.held),
        "without_place": _without_place(snapshot),
        "synthetic": snapshot.synthetic,
    }


def _meets(shapes: Any, shape: Any, equal_area: str) -> tuple[list[int], list[tuple[int, float]]]:
    """Return positions that meet the shape, and (position, metres) of those within 100 m."""
    from fallow.geodesy import to_equal_area

    if not len(shapes):
        return [], []
    # A degree is at most 111.4 km: a generous box in degrees first, metres only for the few that are left.
    reach = NEAR_M / 111_000 / max(np.cos(np.radians(abs(shapely.centroid(shape).y))), 0.05)
    box = shapely.box(*(np.array(shape.bounds) + np.array([-reach, -reach, reach, reach])))
    found = shapely.STRtree(shapes).query(box, predicate="intersects")
    if not len(found):
        return [], []
    found = np.sort(found)
    local = to_equal_area(np.concatenate([shapes[found], [shape]]), equal_area)
    distances = shapely.distance(local[:-1], local[-1])
    met = [int(i) for i, metres in zip(found, distances, strict=True) if metres == 0]
    close = [(int(i), float(metres)) for i, metres in zip(found, distances, strict=True) if 0 < metres <= NEAR_M]
    return met, close


def _entry(record: str, entity: str, values: dict[str, Any]) -> dict[str, Any]:
    names = (
        "classification",
        "contamination",
        "kind",
        "depth",
        "depth_from",
        "depth_to",
        "work_status",
        "marking_status",
        "polarity",
        "limited_to",
        "date_of_information",
        "surveyed_on",
        "decided",
        "event_date",
        "date",
        "handover_date",
        "_conflicts",
    )
    return {"record": record, "entity": entity, "title": title_of(values)} | {
        name: values[name] for name in names if name in values
    }


def _states(snapshot: Snapshot, shape: Any, equal_area: str) -> list[str]:
    """Return the states that the place is in; a polygon may be in several."""
    from fallow.geodesy import to_equal_area
    from fallow.records.depths import bands, bands_released, classes, classes_released

    asked = to_equal_area(np.array([shape], dtype=object), equal_area)[0]
    is_point = shapely.get_dimensions(asked) < 2
    # A point is asked for with the ground around it that a point cannot tell apart.
    ground = shapely.buffer(asked, 0.5) if is_point else shapely.make_valid(asked)
    areas = _current(snapshot, "hazardous_area", shape)
    products = _current(snapshot, "release_product", shape)
    area_ground = _ground(areas, equal_area)
    product_ground = _ground(products, equal_area)
    states: list[str] = []
    for (values, _), outline in zip(areas, area_ground, strict=True):
        mine = shapely.intersection(outline, ground)
        if shapely.area(mine) <= SLIVER_M2:
            if shapely.get_dimensions(outline) < 2 and shapely.intersects(outline, ground):
                states.append(RECORDED)  # a point stands for an area whose outline nobody drew
            continue
        for band in bands(values.get("depth_from"), values.get("depth_to")):
            for kind in classes(values.get("contamination")):
                released = [
                    covered
                    for (product, start), covered in zip(products, product_ground, strict=True)
                    if kind in classes_released(product.get("contamination"))
                    and band in bands_released(product.get("depth"), str(product.get("kind")))
                    and start >= _opened(values)
                    and not product.get("limited_to")
                ]
                left = shapely.difference(mine, shapely.union_all(released)) if released else mine
                if shapely.area(left) > SLIVER_M2:
                    states.append(RECORDED)
                    break
            if RECORDED in states:
                break
    covered = [shape for shape in (*area_ground, *product_ground) if shapely.get_dimensions(shape) == 2]
    known = shapely.union_all(covered) if covered else shapely.Polygon()
    if shapely.area(shapely.difference(ground, known)) > SLIVER_M2:
        states.append(NOT_ASSESSED)
    on_product = any(shapely.area(shapely.intersection(outline, ground)) > SLIVER_M2 for outline in product_ground)
    if on_product and (RECORDED not in states or not is_point):
        states.append(RELEASED)
    return [state for state in (RECORDED, NOT_ASSESSED, RELEASED) if state in states] or [NOT_ASSESSED]


def _current(snapshot: Snapshot, record: str, shape: Any) -> list[tuple[dict[str, Any], str]]:
    if record not in snapshot.records():
        return []
    rows, shapes = snapshot.rows(record), snapshot.shapes(record)
    box = shapely.buffer(shape, 1e-4)
    found = np.sort(shapely.STRtree(shapes).query(box, predicate="intersects"))
    return [
        ({**rows[i], "_shape": shapes[i]}, _decided(rows[i]))
        for i in found
        if rows[i].get("record_status", "current") == "current"
    ]


def _ground(records: list[tuple[dict[str, Any], str]], equal_area: str) -> list[Any]:
    from fallow.geodesy import to_equal_area

    if not records:
        return []
    shapes = np.empty(len(records), dtype=object)
    shapes[:] = [values["_shape"] for values, _ in records]
    return list(to_equal_area(shapely.make_valid(shapes), equal_area))


def _decided(values: dict[str, Any]) -> str:
    """Return the earliest day that a product can count from; without one it comes before every hazard."""
    for name in ("decided", "end", "date_of_information"):
        when = values.get(name)
        if isinstance(when, dict) and when.get("from"):
            return str(when["from"])
    return ""


def _opened(values: dict[str, Any]) -> str:
    """Return the first day that a hazard may have been there: events after a release void it."""
    for name in ("event_date", "surveyed_on", "date_of_information"):
        when = values.get(name)
        if isinstance(when, dict) and when.get("to"):
            return str(when["to"])
    return ""


def _unverified(snapshot: Snapshot, shape: Any, equal_area: str) -> list[dict[str, Any]]:
    found = []
    for record, (ids, rows, shapes) in snapshot.unverified.items():
        if record == "use_record":
            continue
        met, close = _meets(shapes, shape, equal_area)
        found += [_entry(record, ids[i], rows[i]) | {"distance_m": 0} for i in met]
        found += [_entry(record, ids[i], rows[i]) | {"distance_m": round(metres)} for i, metres in close]
    return found


def _without_place(snapshot: Snapshot) -> int:
    """Return how many hazard records cannot be drawn: they may lie anywhere, here too."""
    return sum(
        int(np.count_nonzero(shapely.is_missing(snapshot.shapes(record))))
        for record in ("hazardous_area", "evidence", "accident")
        if record in snapshot.records()
    )
