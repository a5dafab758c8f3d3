"""Histories of all faces: the operations of each face run through the rule once per distinct sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fallow.ledger import lines
from fallow.ledger.areas_exact import Ints, group
from fallow.ledger.divisions import Divisions, expand
from fallow.ledger.events import Events
from fallow.ledger.layers import Layers
from fallow.ledger.machine import Step, Story, tell

_PART = 20  # bits for the number of a source, and of a layer set, within one face


@dataclass(frozen=True)
class Changes:
    """(n,) changes of state, sorted by face, group and order.

    Args:
        event: the operation that made it.
        face: the face.
        group: group of targets within the face's division.
        targets: number of the set of targets.
        before: state before.
        after: state after.
        line: line of the balance where ground opens or closes.
        last: whether the group's state on this face never changes after.
    """

    event: Ints
    face: Ints
    group: Ints
    targets: Ints
    before: Ints
    after: Ints
    line: Ints
    last: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Claims:
    """(n,) beginnings and ends of open claims of areas, per face and atom.

    Args:
        event: the operation that made it.
        source: the area.
        targets: number of the set of targets that the atom counts for.
        step: 1 or -1.
        line: line of the balance.
    """

    event: Ints
    source: Ints
    targets: Ints
    step: Ints
    line: Ints


@dataclass(frozen=True)
class History:
    """What happened on all faces.

    Args:
        events: the operations.
        changes: changes of state.
        claims: changes of open claims.
        release: operations that are releases.
        met: what each of them met.
    """

    events: Events
    changes: Changes
    claims: Claims
    release: Ints
    met: Ints


def history_of(events: Events, found: Divisions, layers: Layers) -> History:
    """Run the operations of every face through the rule."""
    faces, start, pattern, stories = _patterns(events, found, layers)
    changes, ranges = _table([story.changes for story in stories], 5)
    claims, claim_ranges = _table([story.claims for story in stories], 5)
    met, met_ranges = _table([story.met for story in stories], 2)

    row, at = _spread(pattern, ranges)
    face, cells = faces[row], changes[at]
    event = start[row] + cells[:, 0]
    number = found.group_start[found.of_face[face]] + cells[:, 1]
    order = np.lexsort((event, cells[:, 1], face))
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (face[order][1:] != face[order][:-1]) | (cells[order, 1][1:] != cells[order, 1][:-1])
    told = Changes(
        event=event[order],
        face=face[order],
        group=cells[order, 1],
        targets=found.group_set[number][order],
        before=cells[order, 2],
        after=cells[order, 3],
        line=cells[order, 4],
        last=last,
    )

    row, at = _spread(pattern, claim_ranges)
    cells = claims[at]
    atom = found.atom_start[found.of_face[faces[row]]] + cells[:, 2]
    claimed = Claims(
        event=start[row] + cells[:, 0],
        source=events.source[start[row] + cells[:, 1]],
        targets=found.atom_set[atom],
        step=cells[:, 3],
        line=cells[:, 4],
    )
    row, at = _spread(pattern, met_ranges)
    return History(events, told, claimed, start[row] + met[at, 0], met[at, 1])


def _patterns(events: Events, found: Divisions, layers: Layers) -> tuple[Ints, Ints, Ints, list[Story]]:
    """Return (faces with operations, first operation of each, number of its story, stories).

    A story names a source by the position of its first operation on the face.
    """
    first = np.flatnonzero(np.r_[np.ones(min(1, len(events)), bool), events.face[1:] != events.face[:-1]])
    faces = events.face[first]
    counts = np.diff(np.r_[first, len(events)])
    place = found.place(events.face, events.layers)
    codes = (events.code << 2 * _PART) | (_first_of_source(events, first, counts) << _PART) | place
    forms = np.array([division.form for division in found.all], dtype=np.int64)
    form = forms[found.of_face[faces]]
    pattern = np.zeros(len(faces), dtype=np.int64)
    stories: list[Story] = []
    for size in np.unique(counts).tolist():
        members = np.flatnonzero(counts == size)
        table = np.column_stack([form[members], codes[first[members][:, None] + np.arange(size)]])
        order, fresh = group(list(table.T))
        number = np.zeros(len(members), dtype=np.int64)
        number[fresh[1:]] = 1
        pattern[members[order]] = len(stories) + np.cumsum(number)
        for shape, *sequence in table[order[fresh]].tolist():
            atoms, groups = layers.forms[shape]
            stories.append(tell(atoms, groups, (_step(each) for each in sequence)))
    return faces, first, pattern, stories


def _step(number: int) -> Step:
    mask = (1 << _PART) - 1
    return Step(*lines.decode(number >> 2 * _PART), number >> _PART & mask, number & mask)


def _first_of_source(events: Events, first: Ints, counts: Ints) -> Ints:
    """Return, per operation, the position within the face of the first operation of its source."""
    position = np.arange(len(events)) - np.repeat(first, counts)
    order = np.lexsort((position, events.source, events.face))
    face, source = events.face[order], events.source[order]
    fresh = np.r_[np.ones(min(1, len(order)), bool), (face[1:] != face[:-1]) | (source[1:] != source[:-1])]
    heads = position[order][fresh]
    result = np.empty(len(events), dtype=np.int64)
    result[order] = heads[np.cumsum(fresh) - 1]
    return result


def _table(told: Sequence[Sequence[tuple[int, ...]]], width: int) -> tuple[npt.NDArray[np.int64], Ints]:
    """Return rows of all stories in one table, and where each story's rows begin and end."""
    rows = np.array([row for story in told for row in story], dtype=np.int64).reshape(-1, width)
    return rows, np.cumsum([0] + [len(story) for story in told])


def _spread(pattern: Ints, ranges: Ints) -> tuple[Ints, Ints]:
    """Return, for every face and every row of its story, (face position, row of the table)."""
    counts = ranges[pattern + 1] - ranges[pattern]
    row, offset = expand(counts)
    return row, ranges[pattern[row]] + offset
