"""From histories to figures: exact amounts and numbers of areas per period, line, unit, target and classification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fallow.ledger.areas_exact import Ints, Limbs, sum_by
from fallow.ledger.book import Book
from fallow.ledger.divisions import expand
from fallow.ledger.layers import Layers
from fallow.ledger.lines import CHA, INDICATION, LINE, LINES, SIGNS
from fallow.ledger.standing import OpenGround

_SIGN = np.array([SIGNS.get(name, 1) for name in LINES], dtype=np.int64)

# (period, unit, target, classification): -1 for no unit.
Key = tuple[int, int, int, int]
Figures = dict[Key, dict[int, int]]


@dataclass(frozen=True)
class Calendar:
    """Periods as ordinals, in order, apart from each other.

    Args:
        starts: (p,) first day.
        ends: (p,) first day after.
    """

    starts: Ints
    ends: Ints

    def of(self, days: Ints) -> Ints:
        """Return the period of each day, -1 for days in none."""
        at = np.searchsorted(self.starts, days, side="right") - 1
        inside = (at >= 0) & (days < self.ends[np.maximum(at, 0)])
        return np.where(inside, at, -1)


@dataclass(frozen=True)
class Postings:
    """(n,) rows to be summed: what each books, where, and which row of its source it came from.

    Args:
        period: period.
        line: line of the balance.
        unit: unit, -1 for none.
        targets: number of a set of targets.
        grade: classification.
        amount: exact amounts, with the sign that the line carries.
        origin: row of the changes (ground) or moves (numbers).
    """

    period: Ints
    line: Ints
    unit: Ints
    targets: Ints
    grade: Ints
    amount: Limbs
    origin: Ints


def join(parts: list[Postings]) -> Postings:
    """Return postings one after the other."""
    return Postings(
        period=np.concatenate([part.period for part in parts]),
        line=np.concatenate([part.line for part in parts]),
        unit=np.concatenate([part.unit for part in parts]),
        targets=np.concatenate([part.targets for part in parts]),
        grade=np.concatenate([part.grade for part in parts]),
        amount=Limbs(
            np.concatenate([part.amount.high for part in parts]),
            np.concatenate([part.amount.low for part in parts]),
        ),
        origin=np.concatenate([part.origin for part in parts]),
    )


def ground_lines(book: Book, calendar: Calendar) -> Postings:
    """Return what every change of ground books within the periods, changes of unit boundaries among them."""
    changes = book.history.changes
    period = calendar.of(book.change_day)
    inside = period >= 0
    open_before = (changes.before >= INDICATION) & (changes.before <= CHA)
    open_after = (changes.after >= INDICATION) & (changes.after <= CHA)
    both = open_before & open_after
    leaving = np.flatnonzero(inside & open_before)
    coming = np.flatnonzero(inside & open_after)
    rows = np.r_[leaving, coming]
    leaves = np.arange(len(rows)) < len(leaving)
    line = changes.line[rows]
    line = np.where(both[rows], np.where(leaves, LINE["reclassified_out"], LINE["reclassified_in"]), line)
    plane = book.plane
    face = changes.face[rows]
    unit = plane.unit[plane.edition(book.change_day[rows]), face]
    sign = np.where(leaves, -1, 1) * _SIGN[line]
    parts = [
        Postings(
            period=period[rows],
            line=line,
            unit=unit,
            targets=changes.targets[rows],
            grade=np.where(leaves, changes.before[rows], changes.after[rows]),
            amount=plane.arrangement.areas.take(face).signed(sign),
            origin=rows,
        )
    ]
    for edition, day in enumerate(plane.edition_days[1:].tolist(), start=1):
        period = calendar.of(np.array([day]))
        if period[0] >= 0:
            parts += _border(book, edition, day, int(period[0]))
    return join(parts)


def _border(book: Book, edition: int, day: int, period: int) -> list[Postings]:
    rows = open_rows(book, day)
    changes, plane = book.history.changes, book.plane
    was, now = plane.unit[edition - 1, changes.face[rows]], plane.unit[edition, changes.face[rows]]
    moved = was != now
    rows, was, now = rows[moved], was[moved], now[moved]
    return [
        Postings(
            period=np.full(len(rows), period),
            line=np.full(len(rows), LINE["boundary_change"]),
            unit=unit,
            targets=changes.targets[rows],
            grade=changes.after[rows],
            amount=plane.arrangement.areas.take(changes.face[rows]).signed(np.full(len(rows), sign)),
            origin=rows,
        )
        for unit, sign in ((was, -1), (now, 1))
    ]


def open_rows(book: Book, day: int) -> Ints:
    """Return the changes that make ground open at the beginning of a day."""
    changes = book.history.changes
    stands = (book.change_day < day) & (book.change_until >= day)
    rows: Ints = np.flatnonzero(stands & (changes.after >= INDICATION) & (changes.after <= CHA))
    return rows


def ground_opening(book: Book, day: int, period: int) -> Postings:
    """Return open ground at the beginning of a day, from the histories."""
    rows = open_rows(book, day)
    changes = book.history.changes
    opened = _Open(changes.face[rows], changes.targets[rows], changes.after[rows], rows)
    return _standing(book, _When(day, period, "opening"), opened)


def ground_standing(book: Book, opened: OpenGround, day: int, period: int, line: str) -> Postings:
    """Return open ground at the beginning of a day, from what stands."""
    rows = np.arange(len(opened.face))
    return _standing(book, _When(day, period, line), _Open(opened.face, opened.targets, opened.grade, rows))


class _When(NamedTuple):
    day: int
    period: int
    line: str


class _Open(NamedTuple):
    face: Ints
    targets: Ints
    grade: Ints
    origin: Ints


def _standing(book: Book, when: _When, opened: _Open) -> Postings:
    plane = book.plane
    # Boundaries that change on the day itself are booked on it: until then the old ones hold.
    edition = int(plane.edition(np.array([when.day - 1]))[0])
    size = len(opened.face)
    return Postings(
        period=np.full(size, when.period),
        line=np.full(size, LINE[when.line]),
        unit=plane.unit[edition, opened.face],
        targets=opened.targets,
        grade=opened.grade,
        amount=plane.arrangement.areas.take(opened.face),
        origin=opened.origin,
    )


def number_lines(book: Book, calendar: Calendar) -> Postings:
    """Return what entrances and exits of areas book within the periods."""
    moves = book.moves
    period = calendar.of(moves.day)
    rows = np.flatnonzero(period >= 0)
    return Postings(
        period=period[rows],
        line=moves.line[rows],
        unit=moves.unit[rows],
        targets=moves.targets[rows],
        grade=moves.grade[rows],
        amount=Limbs.of(moves.step[rows] * _SIGN[moves.line[rows]]).carried(),
        origin=rows,
    )


def number_opening(book: Book, day: int, period: int) -> Postings:
    """Return the number of open areas at the beginning of a day, from the histories."""
    moves = book.moves
    rows = np.flatnonzero(moves.day < day)
    size = len(rows)
    return Postings(
        period=np.full(size, period),
        line=np.full(size, LINE["opening"]),
        unit=moves.unit[rows],
        targets=moves.targets[rows],
        grade=moves.grade[rows],
        amount=Limbs.of(moves.step[rows]).carried(),
        origin=rows,
    )


def number_standing(book: Book, opened: OpenGround, day: int, period: int, line: str) -> Postings:
    """Return the number of open areas at the beginning of a day, from what stands: one row per area and target."""
    entries, plane = book.entries, book.plane
    # Entry and set, then entry and target, as one number each: sorted far faster than pairs.
    sets, targets = len(book.layers.sets), len(book.layers.targets)
    pairs = np.unique(opened.claim_entry * sets + opened.claim_targets)
    row, target = _targets(pairs % sets, book.layers)
    each = np.unique(pairs[row] // sets * targets + target)
    edition = int(plane.edition(np.array([day - 1]))[0])
    single = np.array([book.layers.set_of(1 << n) for n in range(targets)], np.int64)
    entry = each // targets
    size = len(each)
    return Postings(
        period=np.full(size, period),
        line=np.full(size, LINE[line]),
        unit=plane.home[edition, entries.shape[entry]],
        targets=single[each % targets],
        grade=entries.grade[entry],
        amount=Limbs.of(np.ones(size, dtype=np.int64)),
        origin=entry,
    )


def _targets(sets: Ints, layers: Layers) -> tuple[Ints, Ints]:
    """Return (row, target): each row repeated for every target of its set."""
    used, where = np.unique(sets, return_inverse=True)
    members = [layers.members(each) for each in used.tolist()]
    sizes = np.array([len(each) for each in members], dtype=np.int64)
    flat = np.array([target for each in members for target in each], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    where = where.reshape(-1)
    row, offset = expand(sizes[where])
    return row, flat[starts[where[row]] + offset]


def summed(postings: Postings, layers: Layers) -> Figures:
    """Sum postings exactly, per period, unit, target, classification and line."""
    columns = [postings.period, postings.unit, postings.targets, postings.grade, postings.line]
    keys, amounts = sum_by(columns, postings.amount)
    row, target = _targets(keys[2], layers)
    keys[2] = target
    for place in (0, 1, 3, 4):
        keys[place] = keys[place][row]
    keys, amounts = sum_by(keys, amounts.take(row))
    figures: Figures = {}
    rows = zip(*(column.tolist() for column in keys), amounts.values(), strict=True)
    for period, unit, target_number, grade, line, amount in rows:
        if amount:
            figures.setdefault((period, unit, target_number, grade), {})[line] = amount
    return figures
