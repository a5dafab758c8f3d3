"""The rules of the ledger told naively over the squares of a grid: the oracle that the ledger must agree with exactly.

Shapes are sets of squares, layers are single (class, band) pairs, and every step looks at every square. Nothing of the
ledger's own code is used but the words for lines and the look-up of bands.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import shapely

from fallow.records.depths import bands, bands_released, classes, classes_released
from tests.ledger.land import Change

SIZE = 10  # metres: the side of a square
GRADE = {"indication": 1, "sha": 2, "cha": 3}
NAME = {number: name for name, number in GRADE.items()}
STRENGTH = ("newly_identified", "re_measured", "reclassified_in", "reclassified_out", "withdrawn", "re_opened")
MINUS = ("reclassified_out", "withdrawn", "cancelled", "reduced", "cleared")
KINDS = ("cleared", "reduced", "cancelled")
Square = tuple[int, int]


def shape_of(squares: frozenset[Square]) -> Any:
    boxes = [shapely.box(x * SIZE, y * SIZE, (x + 1) * SIZE, (y + 1) * SIZE) for x, y in squares]
    return shapely.union_all(boxes)


class Version:
    def __init__(self, change: Change, state: dict[str, Any], squares: frozenset[Square], booked: dt.date) -> None:
        self.entity = change.entity
        self.is_area = change.record == "hazardous_area"
        self.key = (booked, change.decided, change.seq)
        self.booked = booked
        self.state = state
        self.active = state.get("record_status") not in ("withdrawn", "merged")
        self.squares = squares if self.active else frozenset()
        self.re_opens = change.kind == "re_open"
        if self.is_area:
            self.grade = GRADE[state["classification"]]
            names = [
                (c, b)
                for c in classes(state["contamination"])
                for b in bands(state.get("depth_from"), state.get("depth_to"))
            ]
        else:
            self.kind = state["kind"]
            names = [
                (c, b)
                for c in classes_released(state["contamination"])
                for b in bands_released(state.get("depth"), state["kind"])
            ]
        self.layers = frozenset(names)

    @property
    def pairs(self) -> set[tuple[Square, tuple[str, str]]]:
        return {(square, layer) for square in self.squares for layer in self.layers}


class Spot:
    """One square in one layer."""

    def __init__(self) -> None:
        self.claims: dict[str, tuple[int, int]] = {}
        self.releases: dict[str, tuple[int, str]] = {}
        self.state = "not_assessed"

    def open(self) -> dict[str, int]:
        last = max([stamp for stamp, _ in self.releases.values()], default=-1)
        return {area: grade for area, (stamp, grade) in self.claims.items() if stamp > last}


class Raster:
    """Plays a diary over squares.

    Args:
        changes: the changes.
        squares: shape digest → squares.
        periods: the periods.
        unit_of: square → unit.
        units: the units as listed.
        basis: booking basis.
    """

    def __init__(
        self,
        changes: list[Change],
        squares: dict[str, frozenset[Square]],
        periods: Any,
        unit_of: Any,
        units: tuple[str, ...],
        basis: str,
    ) -> None:
        self.squares = squares
        self.units = units
        self.periods = periods
        self.unit_of = unit_of
        self.basis = basis
        self.spots: dict[tuple[Square, tuple[str, str]], Spot] = defaultdict(Spot)
        self.current: dict[str, Version] = {}
        self.previous: dict[str, Version | None] = {}
        self.ever: set[str] = set()
        self.left_by_release: dict[tuple[str, tuple[str, str]], bool] = {}
        self.ground: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.number: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.union: dict[tuple[Square, tuple[str, str]], str] = defaultdict(lambda: "not_assessed")
        self.shown: dict[str, tuple[int, Any]] = {}
        self.met: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.stamp = 0
        self.play(self.versions(changes))

    def versions(self, changes: list[Change]) -> list[Version]:
        found: list[Version] = []
        for entity in sorted({change.entity for change in changes}):
            state: dict[str, Any] = {}
            line: list[Version] = []
            for change in sorted((c for c in changes if c.entity == entity), key=lambda c: (c.decided, c.seq)):
                state = {**state, **change.patch}
                ground = self.squares[state["geometry"]["digest"]]
                booked = change.decided if self.basis == "decision" else change.valid_from
                assert booked is not None
                version = Version(change, dict(state), ground, booked)
                if line and line[-1].key == version.key:
                    version.re_opens = line.pop().re_opens or version.re_opens
                line.append(version)
            if self.basis == "activity_end" and not line[0].is_area:
                last = line[-1]
                for version in reversed(line[:-1]):
                    names = ("kind", "contamination", "depth", "record_status", "geometry")
                    if any(version.state.get(name) != last.state.get(name) for name in names):
                        break
                    last.key = version.key
                last.booked = dt.date.fromisoformat(last.state["end"]["to"])
                last.key = (last.booked, *last.key[1:])
                line = [last]
            found += line
        return found

    def play(self, versions: list[Version]) -> None:
        days = sorted({day for period in self.periods for day in period})
        acts = sorted({version.key for version in versions})
        for key in acts:
            while days and days[0] <= key[0]:
                self.mark(days.pop(0))
            act = [version for version in versions if version.key == key]
            for version in act:
                self.previous[version.entity] = self.current.get(version.entity)
            self.phase(act, 0)
            self.phase(act, 1)
            self.phase(act, 2)
            for version in act:
                self.current[version.entity] = version
                if version.active:
                    self.ever.add(version.entity)
        for day in days:
            self.mark(day)

    def phase(self, act: list[Version], phase: int) -> None:
        def rank(version: Version) -> Any:
            strength = -version.grade if version.is_area else KINDS.index(version.kind)
            return (not version.is_area, strength, version.entity)

        for version in sorted(act, key=rank):
            before = self.previous[version.entity]
            if version.is_area:
                self.area_step(version, before, phase)
            else:
                self.product_step(version, before, phase)

    def area_step(self, now: Version, before: Version | None, phase: int) -> None:
        had = before.pairs if before else set()
        has = now.pairs
        steps: list[tuple[str, Any, str]] = []
        if phase == 0:
            for pair in has:
                if now.re_opens:
                    steps.append(("gain", pair, "re_opened"))
                elif pair not in had:
                    steps.append(("gain", pair, self.cause(now, before, pair)))
                elif before and now.grade > before.grade:
                    steps.append(("regrade", pair, ""))
        if phase == 2:
            for pair in had - has:
                assert before is not None
                line = (
                    "withdrawn"
                    if not now.active
                    else "re_measured"
                    if pair[0] not in now.squares
                    else "reclassified_out"
                )
                steps.append(("lose", pair, line))
            if before and now.grade < before.grade and not now.re_opens:
                steps += [("regrade", pair, "") for pair in has & had]
        milder = before is not None and before.active and now.grade < before.grade
        self.take(now, steps, turns=now.active and phase == (2 if milder else 0))

    def cause(self, now: Version, before: Version | None, pair: Any) -> str:
        if now.entity not in self.ever:
            return "newly_identified"
        if before is None or not before.active:
            return "withdrawn"
        return "re_measured" if pair[0] not in before.squares else "reclassified_in"

    def product_step(self, now: Version, before: Version | None, phase: int) -> None:
        had = before.pairs if before else set()
        same = before is not None and before.kind == now.kind
        if phase == 0:
            gone = had - now.pairs if same else had
            self.take(now, [("revoke", pair, "re_opened") for pair in gone])
        if phase == 1:
            kept = had if same else set()
            fresh = (
                now.squares
                if not (before and same)
                else {s for s in now.squares if s not in before.squares or now.layers - before.layers}
            )
            for square in fresh:
                layers = (
                    now.layers if not (before and same and square in before.squares) else now.layers - before.layers
                )
                states = [self.spots[square, layer].state for layer in layers]
                every = [spot.state for (where, _), spot in self.spots.items() if where == square]
                if any(state in GRADE for state in states):
                    part = "released"
                elif any(state in KINDS for state in states):
                    part = "released_before"
                elif any(state not in ("not_assessed", "withdrawn") for state in every):
                    part = "other_layer"
                else:
                    part = "outside"
                self.met[now.entity][part] += SIZE * SIZE
            self.take(now, [("release", pair, now.kind) for pair in now.pairs - kept])

    # --- one step: all its squares at once ------------------------------------------------------------------------

    def take(self, version: Version, steps: list[tuple[str, Any, str]], turns: bool = False) -> None:
        self.stamp += 1
        entries: dict[tuple[str, tuple[str, str]], list[str]] = defaultdict(list)
        touched: set[Square] = set()
        for operation, pair, line in steps:
            spot = self.spots[pair]
            touched.add(pair[0])
            state, was = spot.state, spot.open()
            if operation == "gain":
                spot.claims[version.entity] = (self.stamp, version.grade)
            elif operation == "regrade":
                spot.claims[version.entity] = (spot.claims[version.entity][0], version.grade)
            elif operation == "lose":
                del spot.claims[version.entity]
            elif operation == "release":
                spot.releases[version.entity] = (self.stamp, line)
            else:
                del spot.releases[version.entity]
            now = spot.open()
            booked = "re_opened" if operation == "gain" and state in KINDS else line
            if now:
                spot.state = NAME[max(now.values())]
            elif state in GRADE:
                spot.state = line if operation == "release" else "withdrawn"
            elif operation == "revoke" and state in KINDS:
                last = max([stamp for stamp, _ in spot.claims.values()], default=None)
                later = [release for release in spot.releases.values() if last is not None and release[0] > last]
                spot.state = min(later)[1] if later else "withdrawn"
            self.book(version, pair[0], pair[1], state, spot.state, booked)
            for area in set(now) ^ set(was):
                layer = pair[1]
                for target in (layer, (layer[0], "any"), ("any", "any")):
                    entries[area, target].append(booked)
        self.unions(version, touched, steps)
        self.count(version, entries, turns)

    def unions(self, version: Version, touched: set[Square], steps: list[tuple[str, Any, str]]) -> None:
        by_square: dict[Square, tuple[str, str]] = {}
        for operation, pair, line in steps:
            # All steps of one version on one square share operation and cause, except gains beside regradings, which
            # open nothing.
            if pair[0] not in by_square or operation in ("gain", "lose"):
                by_square[pair[0]] = (operation, line)
        for square in touched:
            operation, line = by_square[square]
            layers = [(layer, spot) for (where, layer), spot in self.spots.items() if where == square]
            for target in {(layer[0], "any") for layer, _ in layers} | {("any", "any")}:
                inside = [spot for layer, spot in layers if target[0] in ("any", layer[0])]
                was = self.union[square, target]
                grades = [GRADE[spot.state] for spot in inside if spot.state in GRADE]
                now = was
                if grades:
                    now = NAME[max(grades)]
                elif was in GRADE:
                    now = line if operation == "release" else "withdrawn"
                elif operation == "revoke" and len({spot.state for spot in inside}) == 1:
                    now = inside[0].state
                booked = "re_opened" if was in KINDS and now in GRADE else line
                self.book(version, square, target, was, now, booked)
                self.union[square, target] = now

    def period(self, day: dt.date) -> int | None:
        for number, (start, end) in enumerate(self.periods):
            if start <= day < end:
                return number
        return None

    def book(self, version: Version, square: Square, target: Any, was: str, now: str, line: str) -> None:
        period = self.period(version.booked)
        if period is None or was == now:
            return
        unit = self.unit_of(square)
        out, into = line, line
        if was in GRADE and now in GRADE:
            out, into = "reclassified_out", "reclassified_in"
        if was in GRADE:
            self.ground[period, unit, *target, was][out] += -SIZE * SIZE * (-1 if out in MINUS else 1)
        if now in GRADE:
            self.ground[period, unit, *target, now][into] += SIZE * SIZE * (-1 if into in MINUS else 1)

    # --- numbers of areas -----------------------------------------------------------------------------------------

    def home(self, squares: frozenset[Square]) -> Any:
        parts: dict[Any, int] = defaultdict(int)
        for square in squares:
            parts[self.unit_of(square)] += 1
        known = {unit: size for unit, size in parts.items() if unit is not None}
        return min(known, key=lambda unit: (-known[unit], self.units.index(unit))) if known else None

    def present(self, area: str) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for (_, layer), spot in self.spots.items():
            if area in spot.open():
                found |= {layer, (layer[0], "any"), ("any", "any")}
        return found

    def count(self, version: Version, entries: Any, turns: bool) -> None:
        period = self.period(version.booked)
        areas = {area for area, _ in entries} | ({version.entity} if version.is_area else set())
        for area in areas:
            was, cell = self.shown.get(area, (set(), None))
            now = self.present(area)
            place = cell
            if area == version.entity and turns:
                place = (self.home(version.squares), NAME[version.grade])
            for target in was | now:
                lines = entries.get((area, target), [])
                line = min(lines, key=lambda each: STRENGTH.index(each) if each in STRENGTH else 9) if lines else ""
                turned = target in was and target in now and cell != place
                if turned:
                    regraded = cell[1] != place[1]
                    self.add(period, cell, target, "reclassified_out" if regraded else "re_measured", -1)
                    self.add(period, place, target, "reclassified_in" if regraded else "re_measured", 1)
                elif target in was and target not in now:
                    self.left_by_release[area, target] = line in KINDS
                    self.add(period, cell, target, line, -1)
                elif target in now and target not in was:
                    line = "re_opened" if self.left_by_release.get((area, target)) else line
                    self.add(period, place, target, line, 1)
            self.shown[area] = (now, place)

    def add(self, period: int | None, cell: Any, target: Any, line: str, step: int) -> None:
        if period is not None:
            self.number[period, cell[0], *target, cell[1]][line] += step * (-1 if line in MINUS else 1)

    def mark(self, day: dt.date) -> None:
        for number, (start, end) in enumerate(self.periods):
            for line, when in (("opening", start), ("closing", end)):
                if when != day:
                    continue
                for (square, layer), spot in self.spots.items():
                    if spot.open():
                        self.ground[number, self.unit_of(square), *layer, NAME[max(spot.open().values())]][line] += (
                            SIZE**2
                        )
                for (square, target), state in self.union.items():
                    if state in GRADE:
                        self.ground[number, self.unit_of(square), *target, state][line] += SIZE**2
                for targets, cell in self.shown.values():
                    for target in targets:
                        self.number[number, cell[0], *target, cell[1]][line] += 1

    def figures(self, source: Any) -> dict[Any, dict[str, int]]:
        found = {key: {line: value for line, value in lines.items() if value} for key, lines in source.items()}
        return {key: lines for key, lines in found.items() if lines}
