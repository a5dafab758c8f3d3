"""The course of each record: what it said, from which day on, as the ledger books it.

A version list tells what was accepted; the ledger asks what held on a day. Under the basis *decision* a change counts
from the day on which it was decided. Under *activity_end* a change of a hazardous area counts from its valid-from
day, and a release product counts from the end of its activity, as its last known version says. On one day, order is
(decided, sequence of acceptance). A record that a later change supersedes on the same or an earlier day is never
counted. Elapsed time alone ends nothing: where every change of a record has run out, the last one stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fallow.errors import Where
from fallow.ledger.areas_exact import Ints
from fallow.ledger.errors import Unclassified, WrongBasis
from fallow.ledger.layers import Layers

if TYPE_CHECKING:
    from fallow.records.versions import Versions

DECISION, ACTIVITY_END = "decision", "activity_end"
BASES = (ACTIVITY_END, DECISION)

CLASSIFICATIONS = ("indication", "sha", "cha")
GRADES = {code: grade for grade, code in enumerate(CLASSIFICATIONS, start=1)}
# Numbers of states on ground go on from the classifications: see fallow.ledger.machine.
RELEASES = {"cancelled": 4, "reduced": 5, "cleared": 6}

PLAIN, EXTENSION, RE_OPEN = 0, 1, 2
# An act or a reason that says more than the patch: the gained ground is a finding, or released ground opens again.
_EXTENDING = frozenset({"extend", "extension", "new_finding"})
_RE_OPENING = frozenset({"re_open", "re_opened"})


class Entry(NamedTuple):
    """One record's state from one place in the ledger's order on."""

    booked: int
    decided: int
    seq: int
    row: int
    shape: int
    flag: int
    state: dict[str, Any]


@dataclass(frozen=True)
class Courses:
    """Courses of all records of one type, as columns sorted by entity, then order.

    Args:
        ids: (e,) entity ids, sorted.
        entity: (v,) position in ``ids``.
        place: (v,) number of the entry within its entity.
        booked: (v,) day on which the entry counts first, as ordinal.
        decided: (v,) day of the decision, as ordinal.
        seq: (v,) sequence of acceptance.
        row: (v,) row of the version list.
        geometry: (v,) number of the geometry as recorded, -1 for none.
        shape: (v,) number of its shape on the ground, -1 where it is no polygon.
        layers: (v,) number of the layer set.
        grade: (v,) classification (1 to 3) or kind of release (4 to 6).
        active: (v,) False while the record is withdrawn or merged.
        flag: (v,) PLAIN, EXTENSION or RE_OPEN.
        states: (v,) wire states.
    """

    ids: list[str]
    entity: Ints
    place: Ints
    booked: Ints
    decided: Ints
    seq: Ints
    row: Ints
    geometry: Ints
    shape: Ints
    layers: Ints
    grade: Ints
    active: npt.NDArray[np.bool_]
    flag: Ints
    states: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.entity)

    @property
    def following(self) -> Ints:
        """(v,) day from which the entity's next entry counts; a day beyond all days for the last."""
        after = np.full(len(self), NEVER, dtype=np.int64)
        same = self.entity[1:] == self.entity[:-1]
        after[:-1][same] = self.booked[1:][same]
        return after


NEVER = dt.date.max.toordinal() + 1


def area_courses(versions: Versions, shape: Ints, layers: Layers, basis: str) -> Courses:
    """Return the courses of hazardous areas.

    Args:
        versions: accepted changes of ``hazardous_area`` in fold order.
        shape: (rows,) number of each row's shape, -1 for none.
        layers: where layer sets get their numbers.
        basis: booking basis.

    Raises:
        WrongBasis: the basis is unknown.
        Unclassified: an area without a classification of the list.
    """
    reader = _Reader(versions, shape, basis, lapses=False)
    entries = {entity: reader.course(rows) for entity, rows in _rows(versions).items()}
    return _columns(entries, layers.of_area, GRADES, "classification")


def product_courses(versions: Versions, shape: Ints, layers: Layers, basis: str) -> Courses:
    """Return the courses of release products; see :func:`area_courses`."""
    reader = _Reader(versions, shape, basis, lapses=True)
    entries: dict[str, list[Entry]] = {}
    for entity, rows in _rows(versions).items():
        course = reader.course(rows)
        entries[entity] = [_last_word(course)] if course and basis == ACTIVITY_END else course
    return _columns(entries, layers.of_product, RELEASES, "kind")


def is_active(state: dict[str, Any]) -> bool:
    """Return whether a record stands: neither withdrawn nor merged into another."""
    return state.get("record_status") not in ("withdrawn", "merged")


def _rows(versions: Versions) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, entity in enumerate(versions.entity):
        rows.setdefault(entity, []).append(row)
    return {entity: rows[entity] for entity in sorted(rows)}


_LAPSED = {"record_status": "withdrawn"}
_BEGINS, _ENDS = 0, 1  # what takes over on a day is there before what it replaces goes


class _Reader:
    """Reads courses from versions.

    Args:
        versions: accepted changes in fold order.
        shape: (rows,) number of each row's geometry, -1 for none.
        basis: booking basis.
        lapses: whether a record counts no more once all its changes have run out. Hazard never lapses; a release that
            was approved up to a day does.
    """

    def __init__(self, versions: Versions, shape: Ints, basis: str, *, lapses: bool) -> None:
        if basis not in BASES:
            raise WrongBasis(basis=basis, known=", ".join(BASES))
        self.versions = versions
        self.shape: list[int] = shape.tolist()
        self.seq: list[int] = versions.seq.tolist()
        self.decided = [day.toordinal() for day in versions.decided]
        self.booked = self.decided
        if basis == ACTIVITY_END:
            pairs = zip(versions.valid_from, self.decided, strict=True)
            self.booked = [day if valid is None else valid.toordinal() for valid, day in pairs]
        self.lapses = lapses

    def course(self, rows: list[int]) -> list[Entry]:
        """Return the entries of one entity, whose rows these are, in the ledger's order."""
        versions = self.versions
        if len(rows) == 1 and versions.valid_to[rows[0]] is None:
            return [self._entry(rows[0])]
        if self._in_order(rows):
            return _collapse([self._entry(row) for row in rows])
        return _collapse(self._laid_over(rows))

    def _entry(self, row: int) -> Entry:
        versions, flag = self.versions, PLAIN
        kind, reason = versions.act_kind[row], versions.reason[row]
        if kind in _RE_OPENING or reason in _RE_OPENING:
            flag = RE_OPEN
        elif kind in _EXTENDING or reason in _EXTENDING:
            flag = EXTENSION
        return Entry(
            self.booked[row], self.decided[row], self.seq[row], row, self.shape[row], flag, versions.state[row]
        )

    def _in_order(self, rows: list[int]) -> bool:
        """Return whether the folded states of the rows can be taken as they are."""
        if any(self.versions.valid_to[row] is not None for row in rows):
            return False
        days = [self.booked[row] for row in rows]
        valid = [day for row in rows if (day := self.versions.valid_from[row]) is not None]
        return days == sorted(days) and valid == sorted(valid)

    def _laid_over(self, rows: list[int]) -> list[Entry]:
        """Lay changes whose days cross over each other day by day, the later in fold order on top."""
        steps: list[tuple[int, int, int]] = []
        for row in rows:
            ends = self.versions.valid_to[row]
            if ends is None or ends.toordinal() > self.booked[row]:
                steps.append((self.booked[row], _BEGINS, row))
                if ends is not None:
                    steps.append((ends.toordinal(), _ENDS, row))
        holding: set[int] = set()
        entries: list[Entry] = []
        for day, step, row in sorted(steps):
            if step == _BEGINS:
                holding.add(row)
            else:
                holding.discard(row)
            if holding:
                state, shape = self._overlay(sorted(holding))
                entries.append(self._entry(row)._replace(booked=day, shape=shape, state=state))
            elif self.lapses:
                entries.append(entries[-1]._replace(booked=day, flag=PLAIN, state={**entries[-1].state, **_LAPSED}))
        return entries

    def _overlay(self, rows: list[int]) -> tuple[dict[str, Any], int]:
        state: dict[str, Any] = {}
        shape = -1
        for row in rows:
            for name in self.versions.changed[row]:
                state[name] = self.versions.state[row].get(name)
                if name == "geometry":
                    shape = self.shape[row]
        return state, shape


def _collapse(entries: list[Entry]) -> list[Entry]:
    """Keep the last entry of each act, and let order never run backwards within one record."""
    kept: list[Entry] = []
    for entry in entries:
        if kept and kept[-1][:3] >= entry[:3]:
            last = kept.pop()
            flag = max(entry.flag, last.flag)
            kept.append(entry._replace(booked=last.booked, decided=last.decided, seq=last.seq, flag=flag))
        else:
            kept.append(entry)
    return kept


def _last_word(course: list[Entry]) -> Entry:
    """Return a product as its last known version says, placed where its content was last decided."""
    last = course[-1]
    placed = last
    for entry in reversed(course):
        if entry.shape != last.shape or any(entry.state.get(name) != last.state.get(name) for name in _CONTENT):
            break
        placed = entry
    for name in ("end", "decided"):
        when = last.state.get(name)
        day = (when.get("to") or when.get("from")) if isinstance(when, dict) else None
        if day:
            booked = dt.date.fromisoformat(day).toordinal()
            break
    else:
        booked = placed.booked
    return last._replace(booked=booked, decided=placed.decided, seq=placed.seq, row=placed.row)


_CONTENT = ("kind", "contamination", "depth", "limited_to", "record_status", "quantity", "area")


def _columns(
    entries: dict[str, list[Entry]], layers_of: Callable[[dict[str, Any]], int], grades: dict[str, int], field: str
) -> Courses:
    ids = [entity for entity, course in entries.items() if course]
    flat = [entry for entity in ids for entry in entries[entity]]
    for entity in ids:
        for entry in entries[entity]:
            if str(entry.state.get(field)) not in grades:
                raise Unclassified(Where(field=field, value=str(entry.state.get(field))), entity=entity, field=field)
    sizes = np.array([len(entries[entity]) for entity in ids], dtype=np.int64)
    numbers = np.array([entry[:6] for entry in flat], dtype=np.int64).reshape(-1, 6)
    of_entry = np.repeat(np.arange(len(ids)), sizes)
    starts = np.cumsum(sizes) - sizes
    return Courses(
        ids=ids,
        entity=of_entry,
        place=np.arange(len(flat)) - starts[of_entry],
        booked=numbers[:, 0],
        decided=numbers[:, 1],
        seq=numbers[:, 2],
        row=numbers[:, 3],
        geometry=numbers[:, 4],
        shape=numbers[:, 4],
        layers=np.array([layers_of(entry.state) for entry in flat], dtype=np.int64),
        grade=np.array([grades[str(entry.state[field])] for entry in flat], dtype=np.int64),
        active=np.array([is_active(entry.state) for entry in flat], dtype=np.bool_),
        flag=numbers[:, 5],
        states=[entry.state for entry in flat],
    )
