"""Small batches and contexts for the tests of the checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from fallow.checks import CheckContext, ExistingRecords, Units
from fallow.records.batch import Batch, Operation, Shapes, SourceFile

EQUAL_AREA = "+proj=laea +lat_0=49 +lon_0=34 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
TODAY = dt.date(2025, 6, 1)
COUNTRY = shapely.box(30, 47, 38, 51)
WEST, EAST = shapely.box(30, 47, 34, 51), shapely.box(34, 47, 38, 51)
UNITS = Units(["U-W", "U-E"], ["West oblast", "East oblast"], np.array([WEST, EAST], dtype=object))

M_LAT = 1 / 111_230.0  # degrees per metre at 49° N
M_LON = 1 / 73_170.0


def square(lon: float = 34.5, lat: float = 49.0, metres: float = 100.0, height: float | None = None) -> Any:
    """A rectangle in WGS 84 with its south-west corner at a place, sides in metres."""
    return shapely.box(lon, lat, lon + metres * M_LON, lat + (metres if height is None else height) * M_LAT)


def moved(lon: float, lat: float, east: float, north: float) -> tuple[float, float]:
    """A place some metres from another."""
    return lon + east * M_LON, lat + north * M_LAT


def day(text: str, **more: str) -> dict[str, Any]:
    return {"from": text, "to": text, "precision": "day", "typed": text} | more


def ids(*values: str, issuer: str = "op") -> list[dict[str, str]]:
    return [{"issuer": issuer, "value": value} for value in values]


def metres(value: float, datum: str | None = "ground_surface") -> dict[str, Any]:
    depth: dict[str, Any] = {"value": value, "unit": "m"}
    return depth if datum is None else depth | {"datum": datum}


def m2(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "m2"}


# A row of each record type with which no check finds anything by itself.
SOUND: dict[str, dict[str, Any]] = {
    "hazardous_area": {"classification": "sha", "contamination": ["ap_mine"]},
    "release_product": {
        "kind": "cleared",
        "contamination": ["ap_mine"],
        "depth": metres(0.2),
        "end": day("2024-05-01"),
        "decided": day("2024-06-01"),
    },
    "evidence": {"kind": "strike_mark", "polarity": "for"},
    "use_record": {"laid_date": day("2022-03-01"), "ordnance": {"absent": "unknown"}},
    "searched_area": {},
    "activity": {"kind": "clearance"},
    "task": {"kind": "clearance"},
    "item_found": {"count": {"low": 1, "high": 1}, "found": day("2024-09-01")},
    "accident": {"kind": "accident", "date": day("2024-09-01")},
    "marking": {"kind": "signs"},
    "parcel": {},
    "place": {"name": "Place"},
    "organisation": {"name": "Organisation"},
    "admin_unit": {"name": "Unit", "level": 2},
}


def row(record: str, shape: Any = None, **values: Any) -> tuple[Any, dict[str, Any]]:
    """A sound row with some values of its own; a value of None takes the field out."""
    return shape, {"date_of_information": day("2024-07-01")} | SOUND[record] | values


def batch(record: str, *rows: tuple[Any, Mapping[str, Any]], accuracy_m: float | None = None) -> Batch:
    """A batch of rows as :func:`row` gives them; row numbers begin at 1."""
    names = dict.fromkeys(name for _, values in rows for name in values)
    shapes: Shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for shape, _ in rows]
    operation = None if accuracy_m is None else Operation("test operation", None, accuracy_m)
    return Batch(
        record,
        SourceFile("test.csv", "0" * 64, 1, crs="EPSG:4326"),
        np.arange(1, len(rows) + 1, dtype=np.int64),
        {name: [values.get(name) for _, values in rows] for name in names},
        {},
        geometry=shapes,
        surveyed=shapes,
        operation=operation,
    )


def held(record: str, *rows: tuple[Any, Mapping[str, Any]], name: str = "held") -> dict[str, ExistingRecords]:
    """Existing records of one type, from rows as :func:`row` gives them; entity ids are ``<name>-1`` and so on."""
    shapes: Shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for shape, _ in rows]
    ids_ = [f"{name}-{number}" for number in range(1, len(rows) + 1)]
    return {record: ExistingRecords(ids_, [dict(values) for _, values in rows], shapes)}


def context(
    existing: Mapping[str, ExistingRecords] | None = None, *, country: Any = COUNTRY, units: Units | None = UNITS
) -> CheckContext:
    return CheckContext(EQUAL_AREA, TODAY, country=country, units=units, existing=existing or {})


def permuted(source: Batch, order: Sequence[int]) -> Batch:
    """The same rows in another order; row numbers travel with them."""
    take = np.asarray(order, dtype=np.int64)
    return Batch(
        source.record,
        source.source,
        source.rows[take],
        {name: [column[index] for index in take] for name, column in source.columns.items()},
        {},
        geometry=None if source.geometry is None else source.geometry[take],
        surveyed=None if source.geometry is None else source.geometry[take],
        operation=source.operation,
    )
