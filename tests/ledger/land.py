"""A small register for tests of the ledger: changes are written down, and come out as versions in fold order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from fallow.ledger import Balance, Units
from fallow.ledger.land_balance import draw_up
from fallow.records.versions import Versions

DAY = dt.date(2024, 1, 1)


def day(text: str | int) -> dt.date:
    """Return a date from ISO text, or the n-th day of 2024 (0-based)."""
    return DAY + dt.timedelta(days=text) if isinstance(text, int) else dt.date.fromisoformat(text)


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(x0, y0, x1, y1)


def metres(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "m", "datum": "ground_surface"}


def square_metres(value: float, unit: str = "m2") -> dict[str, Any]:
    return {"value": value, "unit": unit}


@dataclass(frozen=True)
class Change:
    record: str
    entity: str
    seq: int
    act: str
    decided: dt.date
    valid_from: dt.date | None
    valid_to: dt.date | None
    patch: dict[str, Any]
    shape: Any
    kind: str = "record"
    reason: str | None = None

    def holds(self, true: dt.date | None) -> bool:
        if true is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= true) and (self.valid_to is None or true < self.valid_to)


def as_day(value: str | int | dt.date) -> dt.date:
    return value if isinstance(value, dt.date) else day(value)


def versions_of(record: str, changes: list[Change]) -> Versions:
    """Fold changes as a register does: each row is the state on the change's own valid-from day."""
    lines = sorted((c for c in changes if c.record == record), key=lambda c: (c.decided, c.seq))
    states, shapes = [], np.full(len(lines), None, dtype=object)
    for number, line in enumerate(lines):
        state: dict[str, Any] = {}
        shape = None
        for earlier in lines[: number + 1]:
            if earlier.entity == line.entity and earlier.holds(line.valid_from):
                state = {**state, **earlier.patch}
                shape = earlier.shape if "geometry" in earlier.patch else shape
        states.append(state)
        shapes[number] = shape
    return Versions(
        record=record,
        entity=[c.entity for c in lines],
        act=[c.act for c in lines],
        act_kind=[c.kind for c in lines],
        reason=[c.reason for c in lines],
        lowering=[False for _ in lines],
        seq=np.array([c.seq for c in lines], dtype=np.int64),
        decided=[c.decided for c in lines],
        accepted=[dt.datetime(2030, 1, 1, tzinfo=dt.UTC) for _ in lines],
        valid_from=[c.valid_from for c in lines],
        valid_to=[c.valid_to for c in lines],
        state=states,
        changed=[tuple(sorted(c.patch)) for c in lines],
        geometry=shapes,
        report=[None for _ in lines],
        approved_by=["second" for _ in lines],
        entered_by=["first" for _ in lines],
    )


@dataclass
class Diary:
    """What was decided, in the order of acceptance. Shapes are in metres on a plane."""

    changes: list[Change] = field(default_factory=list)
    seq: int = 0

    def _write(self, record: str, entity: str, when: str | int | dt.date, patch: dict[str, Any], options: Any) -> None:
        if not options.pop("same_act", False):
            self.seq += 1
        shape = patch.pop("shape", None)
        if shape is not None or options.pop("no_shape", False):
            patch = {**patch, "geometry": None if shape is None else {"digest": shapely.to_wkb(shape, hex=True)}}
        decided = as_day(options.pop("decided", when))
        if "act_kind" in options:
            options["kind"] = options.pop("act_kind")
        self.changes.append(
            Change(
                record=record,
                entity=entity,
                seq=self.seq,
                act=f"act-{self.seq}",
                decided=decided,
                valid_from=None if options.pop("undated", False) else as_day(when),
                valid_to=options.pop("until", None),
                patch=patch,
                shape=shape,
                **options,
            )
        )

    def area(self, entity: str, when: str | int | dt.date, *, new: bool = False, **parts: Any) -> Diary:
        """Write a change of an area; ``new`` fills what every area has."""
        options = {key: parts.pop(key) for key in list(parts) if key in _OPTIONS}
        if new:
            usual = {"classification": "sha", "contamination": ["ap_mine"], "depth_from": metres(0)}
            parts = {**usual, "depth_to": metres(0.2), **parts}
        self._write("hazardous_area", entity, when, parts, options)
        return self

    def product(self, entity: str, when: str | int | dt.date, *, new: bool = False, **parts: Any) -> Diary:
        """Write a change of a product; ``new`` fills what every product has."""
        options = {key: parts.pop(key) for key in list(parts) if key in _OPTIONS}
        if new:
            usual = {"kind": "cleared", "contamination": ["ap_mine"], "depth": metres(0.2)}
            parts = {**usual, "end": {"from": as_day(when).isoformat(), "to": as_day(when).isoformat()}, **parts}
        self._write("release_product", entity, when, parts, options)
        return self

    def versions(self) -> tuple[Versions, Versions]:
        return versions_of("hazardous_area", self.changes), versions_of("release_product", self.changes)

    def without(self, entity: str) -> Diary:
        return replace(self, changes=[c for c in self.changes if c.entity != entity])

    def balance(self, *periods: tuple[str | int, str | int], **options: Any) -> Balance:
        areas, products = self.versions()
        spans = [(as_day(start), as_day(end)) for start, end in periods or [("2024-01-01", "2025-01-01")]]
        found = draw_up(
            areas,
            products,
            units=options.pop("units", None),
            lay=lambda shapes: shapes,
            equal_area="a plane in metres",
            periods=spans,
            booking_basis=options.pop("basis", "activity_end"),
            **options,
        )
        found.check()
        return found


_OPTIONS = ("act_kind", "reason", "decided", "until", "same_act", "no_shape", "undated")


def units(*named: tuple[str, Any], since: list[Any] | None = None, until: list[Any] | None = None) -> Units:
    ids = [each for each, _ in named]
    shapes = np.array([shape for _, shape in named], dtype=object)
    return Units(ids, [f"Unit {each}" for each in ids], shapes, since, until)


def lines(
    balance: Balance,
    contamination: str = "ap_mine",
    band: str = "d000_020",
    classification: str = "sha",
    unit: str | None = None,
    period: int = 0,
    number: bool = False,
) -> dict[str, float]:
    """Return the lines of one cell in m², or as numbers of areas."""
    for row in [*balance.rows(), *balance.footprint]:
        if row.cell == (balance.periods[period], unit, contamination, band, classification):
            return dict(row.number) if number else {name: row.m2(name) for name in row.ground}
    return {}
