"""Columns of wire values, and the tables that are made of them before they are written to files."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fallow.records.batch import Shapes
from fallow.records.values import Wire
from fallow.synth.frame import ISSUER, Floats, Ints, Rng

REMARK = "SYNTHETIC: invented land, drawn at random; no real place, person or event."
MARK = "(SYNTHETIC)"
# How people write units whose code is another word.
SIGNS = {"m2": "m²", "km2": "km²"}
UNKNOWN: dict[str, Wire] = {"absent": "unknown"}
NOT_ASKED: dict[str, Wire] = {"absent": "not_asked"}
Column = list[Wire]


@dataclass
class Table:
    """Rows of one record type that go one way through the door.

    Args:
        record: record type.
        columns: register field name → wire values; None where nothing was noted.
        day: the day on which each row was on the officer's desk (ordinal), shape (n,).
        shapes: shapes in the frame's metres, or None for a type without.
        reason: code of ``lowering_reason`` per row, None for rows that lower nothing.
        act: code of ``act_kind``.
        match: ``new`` or ``update``: what a row is, by its issued identifier.
        rank: place among the tables of one half-year, so that what is referred to comes first.
        relations: (position of the row, relation kind, issued identifier that it points to).
    """

    record: str
    columns: dict[str, Column]
    day: Ints
    shapes: Shapes | None = None
    reason: list[str | None] = field(default_factory=list)
    act: str = "record"
    match: str = "new"
    rank: int = 0
    relations: list[tuple[int, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.columns.setdefault("synthetic", [True] * len(self))
        self.columns.setdefault("remarks", [REMARK] * len(self))
        self.columns.setdefault("date_of_information", whens(self.day))
        if not self.reason:
            self.reason = [None] * len(self)

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: Ints) -> Table:
        """Return some rows."""
        place = {int(row): position for position, row in enumerate(rows)}
        return Table(
            self.record,
            {name: [column[row] for row in rows] for name, column in self.columns.items()},
            self.day[rows],
            None if self.shapes is None else self.shapes[rows],
            [self.reason[row] for row in rows],
            self.act,
            self.match,
            self.rank,
            [(place[row], kind, value) for row, kind, value in self.relations if row in place],
        )

    @property
    def codes(self) -> list[str]:
        """Issued identifier of each row."""
        cells: list[Any] = self.columns["identifiers"]
        return [cell[0]["value"] for cell in cells]


def codes(prefix: str, count: int, first: int = 1) -> list[str]:
    """Return ``HA-0001`` and so on, wide enough for ``count``."""
    width = max(4, len(str(first + count - 1)))
    return [f"{prefix}-{number:0{width}d}" for number in range(first, first + count)]


def identifiers(values: Iterable[str]) -> Column:
    """Return a column of issued identifiers."""
    return [[{"issuer": ISSUER, "value": value}] for value in values]


def ref(value: str | None) -> Wire:
    """Return a reference by issued identifier, as it stands before it is resolved."""
    return None if value is None else {"typed": value, "issuer": ISSUER}


def refs(values: Sequence[str], rows: Iterable[int]) -> Column:
    """Return a column of references to ``values[row]``; a negative row gives None."""
    return [ref(values[row]) if row >= 0 else None for row in rows]


def iso(day: int) -> str:
    """Return an ordinal day as ``YYYY-MM-DD``."""
    return dt.date.fromordinal(int(day)).isoformat()


def when(day: int) -> Wire:
    """Return an exact day."""
    text = iso(day)
    return {"from": text, "to": text, "precision": "day", "typed": text, "how": "stated"}


def whens(days: Iterable[int]) -> Column:
    """Return a column of exact days; a negative day gives None."""
    return [when(day) if day >= 0 else None for day in days]


def vague(days: Ints, rng: Rng, shares: Sequence[float] = (0.25, 0.25, 0.25, 0.15, 0.1)) -> Column:
    """Return days stated as day, month, year, span of years, or open span, in these shares."""
    result: Column = []
    for day, form, before in zip(days, rng.choice(5, len(days), p=shares), rng.integers(1, 4, len(days)), strict=True):
        date = dt.date.fromordinal(int(day))
        month_end = calendar.monthrange(date.year, date.month)[1]
        if form == 0:
            result.append(when(int(day)))
        elif form == 1:
            text = f"{date:%Y-%m}"
            result.append(_span(f"{text}-01", f"{text}-{month_end}", "month", text))
        elif form == 2:
            result.append(_span(f"{date.year}-01-01", f"{date.year}-12-31", "year", str(date.year)))
        elif form == 3:
            first = date.year - int(before)
            result.append(_span(f"{first}-01-01", f"{date.year}-12-31", "range", f"{first}..{date.year}"))
        else:
            result.append(_span(None, f"{date.year}-12-31", "range", f"..{date.year}"))
    return result


def _span(first: str | None, last: str, precision: str, typed: str) -> Wire:
    parts: dict[str, Wire] = {"from": first, "to": last, "precision": precision, "typed": typed, "how": "stated"}
    return {name: part for name, part in parts.items() if part is not None}


def exact_counts(numbers: Iterable[int]) -> Column:
    """Return a column of exact counts."""
    return [{"low": int(number), "high": int(number), "typed": str(int(number))} for number in numbers]


def vague_counts(numbers: Ints, rng: Rng) -> Column:
    """Return counts stated exactly, as a span, as at least, or as about, in that order of frequency."""
    result: Column = []
    for number, form in zip(numbers, rng.choice(4, len(numbers), p=[0.5, 0.25, 0.15, 0.1]), strict=True):
        low = int(number)
        if form == 1:
            high = low + max(2, low // 2)
            result.append({"low": low, "high": high, "typed": f"{low}-{high}"})
        elif form == 2:
            result.append({"low": low, "high": None, "typed": f"{low}+"})
        elif form == 3:
            result.append({"low": low, "high": None, "typed": f"~{low}"})
        else:
            result.append({"low": low, "high": low, "typed": str(low)})
    return result


def measured(values: Floats, unit: str, *, datum: Sequence[str] | None = None, decimals: int = 2) -> Column:
    """Return a column of measured values in one unit; NaN gives None."""
    result: Column = []
    for row, value in enumerate(np.round(values, decimals).tolist()):
        if np.isnan(value):
            result.append(None)
            continue
        number = float(value)
        parts: dict[str, Wire] = {
            "value": number,
            "unit": unit,
            "typed": f"{number:.{decimals}f} {SIGNS.get(unit, unit)}",
        }
        if datum is not None:
            parts["datum"] = datum[row]
        result.append(parts)
    return result


def chosen(values: Sequence[str], count: int, rng: Rng, shares: Sequence[float] | None = None) -> list[Any]:
    """Return ``count`` codes drawn from ``values``."""
    return [values[pick] for pick in rng.choice(len(values), count, p=shares)]


def sometimes(column: Sequence[Wire], share: float, rng: Rng, otherwise: Wire = None) -> Column:
    """Return a column in which only ``share`` of the values is kept; the others become ``otherwise``."""
    kept = rng.random(len(column)) < share
    return [value if keep else otherwise for value, keep in zip(column, kept, strict=True)]


def position(lon: float, lat: float) -> Wire:
    """Return a position typed in degrees of WGS 84, latitude first, as people write it."""
    from fallow.geodesy.operations import IDENTITY

    lon, lat = round(float(lon), 6), round(float(lat), 6)
    return {"typed": f"{lat:.6f}, {lon:.6f}", "lon": lon, "lat": lat, "crs": "EPSG:4326", "operation": IDENTITY.wire()}
