"""Operations on faces, as columns: what each entry of each record does to each face, in the order of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fallow.ledger import lines
from fallow.ledger.areas_exact import Ints
from fallow.ledger.courses import EXTENSION, RE_OPEN
from fallow.ledger.coverings import FIRST, LAST, THEN, Coverings, Entries
from fallow.ledger.layers import Layers


@dataclass(frozen=True)
class Events:
    """(n,) operations, sorted by face and order.

    Args:
        face: the face.
        order: place in the order of the whole ledger.
        entry: the entry that acts.
        source: the record that gains, loses, releases.
        code: operation, grade and cause (:func:`fallow.ledger.lines.code`).
        layers: number of the layer set concerned.
    """

    face: Ints
    order: Ints
    entry: Ints
    source: Ints
    code: Ints
    layers: Ints

    def __len__(self) -> int:
        return len(self.face)


class _Collector:
    def __init__(self, entries: Entries, coverings: Coverings) -> None:
        self.entries = entries
        self.coverings = coverings
        self.parts: list[tuple[Ints, ...]] = []

    def add(
        self,
        rows: Ints,
        *,
        phase: int | Ints,
        code: int | Ints,
        layers: Ints,
        acting: Ints | None = None,
    ) -> None:
        """Add one operation per covering in ``rows``; ``acting`` is the entry that acts, if not the covering one."""
        entry = self.coverings.entry[rows]
        acting = entry if acting is None else acting
        self.parts.append(
            (
                self.coverings.face[rows],
                self.entries.order[acting, phase],
                acting,
                self.entries.source[entry],
                np.broadcast_to(np.asarray(code, dtype=np.int64), rows.shape),
                layers,
            )
        )

    def events(self) -> Events:
        columns = [np.concatenate(column) for column in zip(*self.parts, strict=True)]
        order = np.lexsort((columns[1], columns[0]))
        return Events(*(column[order] for column in columns))


def events_of(entries: Entries, coverings: Coverings, layers: Layers) -> Events:
    """Return what every entry does to every face."""
    found = _Collector(entries, coverings)
    _begin(found)
    _go_on(found, layers)
    _end(found)
    return found.events()


def _begin(found: _Collector) -> None:
    """Ground that the entry before did not cover."""
    entries, rows = found.entries, np.flatnonzero(~found.coverings.continues)
    entry = found.coverings.entry[rows]
    area = entries.is_area[entry]
    # The cause is the same for all faces of an entry: was there a standing entry before, and did it stand last?
    stood: Ints = np.cumsum(entries.active) - entries.active
    first = np.searchsorted(entries.source, entries.source)
    earlier: Ints = stood - stood[first]
    before = np.r_[False, entries.active[:-1]]
    cause = np.select(
        [
            entries.flag == RE_OPEN,
            entries.flag == EXTENSION,
            earlier == 0,
            ~before,
        ],
        [lines.RE_OPENED, lines.FOUND, lines.NEW, lines.STOOD],
        lines.MEASURED,
    )
    gains = lines.code(lines.GAIN) + 8 * entries.grade + cause
    releases = lines.code(lines.RELEASE) + 8 * entries.grade
    chosen, other = rows[area], rows[~area]
    found.add(chosen, phase=FIRST, code=gains[entry[area]], layers=entries.layers[entry[area]])
    found.add(other, phase=THEN, code=releases[entry[~area]], layers=entries.layers[entry[~area]])


def _go_on(found: _Collector, layers: Layers) -> None:
    """Ground that the entry before covered too: what differs in layers, classification or kind."""
    entries, coverings = found.entries, found.coverings
    rows = np.flatnonzero(coverings.continues)
    entry = coverings.entry[rows]
    was, now = entries.layers[entry - 1], entries.layers[entry]
    again = entries.is_area[entry] & (entries.flag[entry] == RE_OPEN)
    differs = (was != now) | (entries.grade[entry] != entries.grade[entry - 1]) | again
    rows, entry, was, now, again = rows[differs], entry[differs], was[differs], now[differs], again[differs]
    gained, lost, kept = _compare(was, now, layers)
    area = entries.is_area[entry]
    grade, grade_before = entries.grade[entry], entries.grade[entry - 1]
    some = np.array([bool(each) for each in layers.sets], dtype=bool)

    reopened = area & again
    found.add(rows[reopened], phase=FIRST, code=_gain(grade[reopened], lines.RE_OPENED), layers=now[reopened])
    more = area & ~again & some[gained]
    found.add(rows[more], phase=FIRST, code=_gain(grade[more], lines.RELAYERED), layers=gained[more])
    regraded = area & ~again & some[kept] & (grade != grade_before)
    found.add(
        rows[regraded],
        phase=np.where(grade > grade_before, FIRST, LAST)[regraded],
        code=lines.code(lines.REGRADE) + 8 * grade[regraded],
        layers=kept[regraded],
    )
    less = area & some[lost]
    found.add(
        rows[less],
        phase=LAST,
        code=lines.code(lines.LOSE, cause=lines.RELAYERED),
        layers=lost[less],
    )

    product = ~area
    other_kind = product & (grade != grade_before)
    revoked = np.where(other_kind, was, lost)
    found.add(
        rows[product & some[revoked]],
        phase=FIRST,
        code=lines.code(lines.REVOKE),
        layers=revoked[product & some[revoked]],
    )
    released = np.where(other_kind, now, gained)
    chosen = product & some[released]
    found.add(rows[chosen], phase=THEN, code=lines.code(lines.RELEASE) + 8 * grade[chosen], layers=released[chosen])


def _end(found: _Collector) -> None:
    """Ground that the next entry of the record no longer covers."""
    entries, coverings = found.entries, found.coverings
    last = np.r_[entries.source[1:] != entries.source[:-1], np.ones(min(1, len(entries.source)), bool)]
    rows = np.flatnonzero(~coverings.continued & ~last[coverings.entry])
    entry = coverings.entry[rows]
    area = entries.is_area[entry]
    stands = entries.active[entry + 1]
    loses = np.where(
        stands,
        lines.code(lines.LOSE, cause=lines.MEASURED),
        lines.code(lines.LOSE, cause=lines.STOOD),
    )
    found.add(
        rows[area],
        phase=LAST,
        code=loses[area],
        layers=entries.layers[entry[area]],
        acting=entry[area] + 1,
    )
    found.add(
        rows[~area],
        phase=FIRST,
        code=lines.code(lines.REVOKE),
        layers=entries.layers[entry[~area]],
        acting=entry[~area] + 1,
    )


def _gain(grade: Ints, cause: int) -> npt.NDArray[np.int64]:
    gains: npt.NDArray[np.int64] = lines.code(lines.GAIN, cause=cause) + 8 * grade
    return gains


def _compare(was: Ints, now: Ints, layers: Layers) -> tuple[Ints, Ints, Ints]:
    """Return, per row, the numbers of the layer sets gained, lost and kept."""
    pairs, where = np.unique(np.stack([was, now], axis=1), axis=0, return_inverse=True)
    where = where.reshape(-1)
    sets = [(layers.minus(b, a), layers.minus(a, b), layers.both(a, b)) for a, b in pairs.tolist()]
    table = np.array(sets, dtype=np.int64).reshape(-1, 3)
    return table[where, 0], table[where, 1], table[where, 2]
