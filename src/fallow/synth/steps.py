"""From tables to steps: what an officer imports and has approved together, half-year by half-year.

A step holds rows of one record type, one kind of act and one reason, decided on one day. Whatever a row refers to
comes in an earlier step. Rows that update a record carry the whole record as it then stands, as a form does that was
printed from the register and filled in again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fallow.records.batch import Shapes
from fallow.synth.frame import Ints
from fallow.synth.story import FIRST, LAST
from fallow.synth.wire import MARK, Column, Table, identifiers, whens

BASE_RANK, DOCUMENT_RANK = 7, 9
# What the paper of a lowering decision is, by its reason.
_PAPERS = {
    "no_evidence_nts": "survey_report",
    "ts_no_evidence": "survey_report",
    "clearance_completed": "completion_report",
    "bac_completed": "completion_report",
    "re_measured": "survey_report",
    "reclassified_on_evidence": "survey_report",
}
_SEALED = ("informant", "landowner")  # sent once; a second sealing of one text would look like a change


@dataclass
class Step:
    """One import and its approval.

    Args:
        table: the rows, in the order of their days; ``reason`` is one for all of them.
        decided: day of the decision, ordinal.
        evidence: issued identifiers of documents that a lowering decision rests on.
    """

    table: Table
    decided: int
    evidence: list[str] = field(default_factory=list)

    @property
    def reason(self) -> str | None:
        """Reason of a lowering step."""
        return self.table.reason[0] if self.table.reason else None


def period_of(days: Ints) -> Ints:
    """Return the number of the half-year of each ordinal day, counted from the first of the story."""
    dates = [dt.date.fromordinal(int(day)) for day in days]
    return np.array([(date.year - 2021) * 2 + (date.month > 6) for date in dates], dtype=np.int64)


def period_end(period: int) -> int:
    """Return the ordinal of a half-year's last day."""
    year, second = divmod(period, 2)
    return (dt.date(2021 + year, 12, 31) if second else dt.date(2021 + year, 6, 30)).toordinal()


def period_name(period: int) -> str:
    """Return ``2023-H1`` for the first half of 2023."""
    return f"{2021 + period // 2}-H{period % 2 + 1}"


def make_steps(tables: list[Table]) -> list[Step]:
    """Return the steps of a history, in order, with a document for every lowering decision.

    Raises:
        ValueError: a row lies outside the span of the story.
    """
    groups: dict[tuple[int, int, str, int], list[int]] = defaultdict(list)
    for number, table in enumerate(tables):
        if len(table) and (table.day.min() < FIRST or table.day.max() > LAST):
            raise ValueError(f"{table.record}: rows outside the story")
        periods = period_of(table.day)
        for row in np.argsort(table.day, kind="stable"):
            groups[int(periods[row]), table.rank, table.reason[row] or "", number].append(int(row))
    steps: list[Step] = []
    papers: dict[int, list[tuple[str, str, str]]] = defaultdict(list)  # period → (code, kind, title)
    for (period, rank, reason, number), rows in sorted(groups.items()):
        table = tables[number].take(np.array(rows, dtype=np.int64))
        step = Step(table, _decided(period, rank))
        if reason:
            code = f"DC-{period_name(period)}-{len(papers[period]) + 1:02d}"
            words = reason.replace("_", " ")
            title = f"Decision {code}: {table.record.replace('_', ' ')}, {words} {MARK}"
            papers[period].append((code, _PAPERS.get(reason, "letter"), title))
            step.evidence.append(code)
        if table.record == "release_product":
            table.columns["decided"] = whens([step.decided] * len(table))
        steps.append(step)
    for period, entries in papers.items():
        steps.append(_document_step(period, entries))
    steps.sort(key=lambda step: (period_of(step.table.day[:1])[0], step.table.rank))
    complete_updates(steps)
    return steps


def _decided(period: int, rank: int) -> int:
    """Return the day of a decision: units and organisations at the start, all else after the end of its half-year."""
    return FIRST + 2 + rank if rank <= BASE_RANK else period_end(period) + 2 + rank // 2


def _document_step(period: int, entries: list[tuple[str, str, str]]) -> Step:
    end = period_end(period)
    count = len(entries)
    columns: dict[str, Column] = {
        "identifiers": identifiers(code for code, _, _ in entries),
        "title": [title for _, _, title in entries],
        "kind": [kind for _, kind, _ in entries],
        "date": whens([end] * count),
        "date_of_information": whens([end] * count),
        "language": ["en"] * count,
    }
    table = Table("document", columns, np.full(count, end), rank=DOCUMENT_RANK)
    return Step(table, _decided(period, DOCUMENT_RANK))


@dataclass
class _Held:
    """The records of one type as they stand while steps are played."""

    columns: dict[str, list[Any]]
    shapes: list[Any]
    place: dict[str, int]


def complete_updates(steps: list[Step]) -> None:
    """Fill what update rows leave out with the record as it stands at that step."""
    updated = {step.table.record for step in steps if step.table.match == "update"}
    held = {record: _Held({}, [], {}) for record in updated}
    for step in steps:
        table = step.table
        if table.record not in held:
            continue
        now = held[table.record]
        if table.match == "update":
            _complete(table, now)
        else:
            _hold(table, now)


def _hold(table: Table, now: _Held) -> None:
    before = len(now.shapes)
    for name in table.columns.keys() - now.columns.keys():
        now.columns[name] = [None] * before
    for name, column in now.columns.items():
        column.extend(table.columns.get(name) or [None] * len(table))
    now.shapes.extend([None] * len(table) if table.shapes is None else list(table.shapes))
    now.place.update({code: before + row for row, code in enumerate(table.codes)})


def _complete(table: Table, now: _Held) -> None:
    rows = [now.place[code] for code in table.codes]
    for name in now.columns:
        if name in _SEALED:
            continue
        own = table.columns.get(name)
        if own is not None:
            for row, value in zip(rows, own, strict=True):
                if value is not None:
                    now.columns[name][row] = value
        table.columns[name] = [now.columns[name][row] for row in rows]
    for name in table.columns.keys() - now.columns.keys() - set(_SEALED):
        now.columns[name] = [None] * len(now.shapes)
        for row, value in zip(rows, table.columns[name], strict=True):
            now.columns[name][row] = value
    if table.shapes is not None:
        for row, shape in zip(rows, table.shapes, strict=True):
            now.shapes[row] = shape
    shapes: Shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [now.shapes[row] for row in rows]
    table.shapes = shapes
