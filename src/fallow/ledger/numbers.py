"""The number of areas: when a record enters and leaves each cell of the balance.

A record counts in a layer while it holds open ground in it, in the unit of the largest part of its shape and under
its own classification. One that is released in part stays one open area; one over two units is one area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fallow.ledger.areas_exact import Ints, group
from fallow.ledger.coverings import FIRST, LAST, Entries
from fallow.ledger.divisions import divisions, expand
from fallow.ledger.events import Events
from fallow.ledger.history import Claims
from fallow.ledger.layers import Layers, atoms_of
from fallow.ledger.lines import LINE, RELEASED_BY
from fallow.ledger.plane import Plane

# Where several faces of one record open at once, the strongest cause names the line; so also where they close.
_STRENGTH = ("newly_identified", "re_measured", "reclassified_in", "reclassified_out", "withdrawn", "re_opened")
_RANK = np.full(len(LINE), len(_STRENGTH), dtype=np.int64)
for _rank, _name in enumerate(_STRENGTH):
    _RANK[LINE[_name]] = _rank
_RELEASES = np.array(sorted(RELEASED_BY.values()))


@dataclass(frozen=True)
class Moves:
    """(n,) entrances and exits of areas.

    Args:
        source: the area.
        targets: number of a set of targets in which it enters or leaves.
        day: booked day.
        line: line of the balance.
        unit: unit of the cell, -1 for none.
        grade: classification of the cell.
        step: what the cell's number of areas changes by, 1 or -1.
        entry: the entry that acts, -1 for a change of unit boundaries.
    """

    source: Ints
    targets: Ints
    day: Ints
    line: Ints
    unit: Ints
    grade: Ints
    step: Ints
    entry: Ints


def moves_of(claims: Claims, events: Events, entries: Entries, plane: Plane, layers: Layers) -> Moves:
    """Return when areas enter and leave cells.

    Args:
        claims: changes of open claims.
        events: the operations that made them.
        entries: entries of areas and products.
        plane: the ground.
        layers: the layer sets.
    """
    clock = _Clock(entries, plane.home, plane.edition_days)
    order, acting = events.order[claims.event], events.entry[claims.event]
    # Sets of targets of one area overlap; they are divided like layer sets on a face, with areas for faces.
    found = divisions(claims.source, claims.targets, len(entries.areas.ids), layers)
    parts = np.array(
        [
            layers.set_of(bits)
            for division in found.all
            for _, bits in sorted(atoms_of([layers.sets[each] for each in division.sets]).items())
        ],
        dtype=np.int64,
    )
    holds = [
        [atom for atom, mask in enumerate(division.atoms) if mask >> place & 1]
        for division in found.all
        for place in range(len(division.sets))
    ]
    starts = np.cumsum([0] + [len(atoms) for atoms in holds])
    flat = np.array([atom for atoms in holds for atom in atoms], dtype=np.int64)
    key = np.searchsorted(found.keys, found.of_face[claims.source] * found.sets + claims.targets)
    row, offset = expand(np.diff(starts)[key])
    part = flat[starts[key[row]] + offset]
    time = clock.of_order(order[row])
    source, step = claims.source[row], claims.step[row]
    line, entry = claims.line[row], acting[row]

    # Moments at which an area's unit or classification changes, in every part of it.
    counted = found.of_face[clock.turns[0]] >= 0
    turn_source, turn_time, turn_entry = (column[counted] for column in clock.turns)
    sizes = np.diff(found.atom_start)[found.of_face[turn_source]]
    row, offset = expand(sizes)
    source = np.r_[source, turn_source[row]]
    part = np.r_[part, offset]
    time = np.r_[time, turn_time[row]]
    step = np.r_[step, np.zeros(len(row), np.int64)]
    line = np.r_[line, np.full(len(row), LINE["opening"])]  # the weakest: never names an entrance or exit
    entry = np.r_[entry, turn_entry[row]]

    order, first = group([source, part, time])
    if len(first) == 0:
        return Moves(*(np.zeros(0, np.int64) for _ in range(8)))
    step_sum = np.add.reduceat(step[order], first)
    best = np.minimum.reduceat(_RANK[line[order]] * len(LINE) + line[order], first) % len(LINE)
    source, part, time, entry = source[order][first], part[order][first], time[order][first], entry[order][first]
    fresh = np.r_[True, (source[1:] != source[:-1]) | (part[1:] != part[:-1])]
    present = _running(step_sum, fresh) > 0
    unit, grade = clock.state(source, time)
    before = np.r_[False, present[:-1]] & ~fresh
    unit_before, grade_before = np.r_[-1, unit[:-1]], np.r_[0, grade[:-1]]
    turned = before & present & ((unit != unit_before) | (grade != grade_before))
    leaves, enters = before & (~present | turned), present & (~before | turned)
    regraded = turned & (grade != grade_before)
    best = np.where(_closed_before(source, part, leaves & ~turned, enters & ~turned, best), LINE["re_opened"], best)
    best = np.where(turned, np.where(entry < 0, LINE["boundary_change"], LINE["re_measured"]), best)
    out = np.where(regraded, LINE["reclassified_out"], best)
    into = np.where(regraded, LINE["reclassified_in"], best)
    targets = parts[found.atom_start[found.of_face[source]] + part]
    day = clock.day(time)
    chosen = [np.flatnonzero(leaves), np.flatnonzero(enters)]
    both = np.concatenate(chosen)
    exits = np.arange(len(both)) < len(chosen[0])
    return Moves(
        source=source[both],
        targets=targets[both],
        day=day[both],
        line=np.where(exits, out[both], into[both]),
        unit=np.where(exits, unit_before[both], unit[both]),
        grade=np.where(exits, grade_before[both], grade[both]),
        step=np.where(exits, -1, 1),
        entry=entry[both],
    )


def _running(step: Ints, fresh: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    total = np.cumsum(step)
    base = np.where(fresh, total - step, 0)
    heads = np.maximum.accumulate(np.where(fresh, np.arange(len(step)), 0))
    running: npt.NDArray[np.int64] = total - base[heads]
    return running


def _closed_before(
    source: Ints, part: Ints, leaves: npt.NDArray[np.bool_], enters: npt.NDArray[np.bool_], line: Ints
) -> npt.NDArray[np.bool_]:
    """Return the entrances of areas that last left the same layers by release: they are re-opened areas."""
    found = np.zeros(len(source), dtype=bool)
    rows = np.flatnonzero(leaves | enters)
    if len(rows) < 2:
        return found
    follows = (source[rows][1:] == source[rows][:-1]) & (part[rows][1:] == part[rows][:-1])
    released = leaves[rows][:-1] & np.isin(line[rows][:-1], _RELEASES)
    found[rows[1:]] = follows & released & enters[rows][1:]
    return found


class _Clock:
    """Moments of the ledger: the phases of entries, and the days on which unit boundaries changed, in one order."""

    def __init__(self, entries: Entries, home: npt.NDArray[np.int64], edition_days: Ints) -> None:
        self.entries = entries
        self.home = home
        size = entries.order.size
        days = np.zeros(size, dtype=np.int64)
        days[entries.order.reshape(-1)] = np.repeat(entries.booked, 3)
        # A change of boundaries comes before everything booked on its day. The first edition is no change.
        self.borders = edition_days[1:]
        at = np.searchsorted(days, self.borders)
        self.times = np.arange(size) + np.searchsorted(at, np.arange(size), side="right")
        self.border_times = at + np.arange(len(self.borders))
        self.days = np.insert(days, at, self.borders)
        self.turns = self._turns()

    def of_order(self, order: Ints) -> Ints:
        return self.times[order]

    def day(self, time: Ints) -> Ints:
        return self.days[time]

    def _turns(self) -> tuple[Ints, Ints, Ints]:
        """Return (area, time, acting entry or -1) of every moment at which an area's cell may change."""
        entries = self.entries
        # Without ground an area is in no cell: only entries with ground say where it counts.
        area = np.flatnonzero(entries.active[: len(entries.areas)] & (entries.shape[: len(entries.areas)] >= 0))
        source, grade = entries.source[area], entries.grade[area]
        follows = np.zeros(len(area), dtype=bool)
        follows[1:] = (area[1:] == area[:-1] + 1) & (source[1:] == source[:-1])
        milder = np.zeros(len(area), dtype=bool)
        milder[1:] = follows[1:] & (grade[1:] < grade[:-1])
        time = self.times[entries.order[area, np.where(milder, LAST, FIRST)]]
        areas = len(entries.areas.ids)
        border_source = np.repeat(np.arange(areas), len(self.borders))
        border_time = np.tile(self.border_times, areas)
        source, time = np.r_[source, border_source], np.r_[time, border_time]
        entry = np.r_[area, np.full(len(border_source), -1)]
        order = np.lexsort((time, source))
        source, time, entry = source[order], time[order], entry[order]
        # The entry in force after each turn; entries are numbered by area and time, so the largest is the latest.
        self._span = len(self.days) + 1
        self._keys = source * self._span + time
        self._latest = np.maximum.accumulate(entry)
        return source, time, entry

    def state(self, source: Ints, time: Ints) -> tuple[Ints, Ints]:
        """Return (unit, classification) of areas after moments of the ledger."""
        at = np.searchsorted(self._keys, source * self._span + time, side="right") - 1
        entry = self._latest[at]
        edition = np.searchsorted(self.border_times, time, side="right")
        shape = self.entries.shape[entry]
        unit = np.where(shape >= 0, self.home[edition, np.maximum(shape, 0)], -1)
        return unit, self.entries.grade[entry]
