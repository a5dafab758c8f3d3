"""The history of one face, told once: from a sequence of operations to lines of the balance.

Many faces share one sequence of operations up to dates and names, so each distinct sequence is worked out once and
laid over all its faces. This module is plain Python on purpose: it is the rule that everything else serves.

In each layer, an area that gains ground lays a claim on it, and keeps it until it gives the ground up. A release
product lays a release on what it covers, and keeps it until it is corrected. Ground is open where some claim is
younger than the youngest release; its classification is the worst among such claims. So a product releases only
what is open at its moment, later hazard opens released ground again, and leaving out a product can only leave more
ground open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from fallow.ledger.lines import (
    CHA,
    GAIN,
    GAINS,
    LINE,
    LOSE,
    LOSSES,
    NOT_ASSESSED,
    OTHER_LAYER,
    OUTSIDE,
    REGRADE,
    RELEASE,
    RELEASED_BEFORE,
    RELEASED_BY,
    RELEASED_STATES,
    RELEASES_GROUND,
    REVOKE,
    WITHDRAWN,
)


class Step(NamedTuple):
    """One operation on a face.

    Args:
        operation: GAIN, REGRADE, LOSE, RELEASE or REVOKE.
        grade: classification of an area (1 to 3), or kind of a product (4 to 6).
        cause: why an area gains or loses.
        source: number of the area or product on this face.
        layer_set: position of the layer set in the face's division.
    """

    operation: int
    grade: int
    cause: int
    source: int
    layer_set: int


@dataclass(slots=True)
class Story:
    """What a sequence of operations does.

    Args:
        changes: (step, group of targets, state before, state after, line) wherever a group's state changes.
        claims: (step, source, atom, +1 or -1, line) wherever an area's claim becomes open or ceases to be.
        met: (step, what the product met) per release.
    """

    changes: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    claims: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    met: list[tuple[int, int]] = field(default_factory=list)


class _Atom:
    """The ground of one face in layers that all records on it treat alike."""

    __slots__ = ("claims", "open", "releases", "state")

    def __init__(self) -> None:
        self.claims: dict[int, tuple[int, int]] = {}  # source → (step, classification)
        self.releases: dict[int, tuple[int, int]] = {}  # source → (step, kind)
        self.open: dict[int, int] = {}  # source → classification, of claims younger than every release
        self.state = NOT_ASSESSED

    def apply(self, number: int, step: Step) -> None:
        """Take a step and work out what is open and the state."""
        operation, grade, _, source, _ = step
        if operation == GAIN:
            self.claims[source] = (number, grade)
        elif operation == REGRADE:
            self.claims[source] = (self.claims[source][0], grade)
        elif operation == LOSE:
            self.claims.pop(source, None)
        elif operation == RELEASE:
            self.releases[source] = (number, grade)
        else:
            self.releases.pop(source, None)
        youngest = max(self.releases.values())[0] if self.releases else -1
        self.open = {source: grade for source, (begun, grade) in self.claims.items() if begun > youngest}
        if self.open:
            self.state = max(self.open.values())
        elif NOT_ASSESSED < self.state <= CHA:
            self.state = grade if operation == RELEASE else WITHDRAWN
        elif operation == REVOKE and self.state in RELEASED_STATES:
            self.state = self._standing_release()

    def _standing_release(self) -> int:
        """Return what stands after one release fell away and the ground is still not open."""
        if not self.claims:
            return WITHDRAWN  # no area holds the ground any more: nothing that was released is left
        youngest = max(begun for begun, _ in self.claims.values())
        return min(release for release in self.releases.values() if release[0] > youngest)[1]


def tell(atoms: tuple[int, ...], groups: tuple[tuple[int, ...], ...], steps: Iterable[Step]) -> Story:
    """Work out the story of a face.

    Args:
        atoms: per atom, the bit mask of the layer sets that hold it.
        groups: per group of targets, the atoms that it is the union of.
        steps: operations in order.
    """
    story = Story()
    ground = [_Atom() for _ in atoms]
    states = [NOT_ASSESSED] * len(groups)
    for number, step in enumerate(steps):
        touched = [index for index, mask in enumerate(atoms) if mask >> step.layer_set & 1]
        if step.operation == RELEASE:
            story.met.append((number, _met(ground, touched)))
        for index in touched:
            atom = ground[index]
            state, before = atom.state, atom.open
            atom.apply(number, step)
            if before.keys() != atom.open.keys():
                line = _line(step, state)
                story.claims += [(number, each, index, 1, line) for each in atom.open if each not in before]
                story.claims += [(number, each, index, -1, line) for each in before if each not in atom.open]
        for index, members in enumerate(groups):
            if len(members) == 1:
                now = ground[members[0]].state
            else:
                now = max(ground[member].state if ground[member].open else 0 for member in members)
                if now == 0:  # what closes a union is what closes the last of its parts
                    closes = NOT_ASSESSED < states[index] <= CHA
                    closed = step.grade if step.operation == RELEASE else WITHDRAWN
                    now = closed if closes else states[index]
            if now != states[index]:
                story.changes.append((number, index, states[index], now, _line(step, states[index])))
                states[index] = now
    return story


def _met(ground: list[_Atom], touched: list[int]) -> int:
    states = [ground[index].state for index in touched]
    if any(NOT_ASSESSED < state <= CHA for state in states):
        return RELEASES_GROUND
    if any(state in RELEASED_STATES for state in states):
        return RELEASED_BEFORE
    if any(atom.state not in (NOT_ASSESSED, WITHDRAWN) for atom in ground):
        return OTHER_LAYER
    return OUTSIDE


def _line(step: Step, before: int) -> int:
    """Return the line that a step books where ground opens or closes; changes between open states are apart."""
    if step.operation == RELEASE:
        return RELEASED_BY[step.grade]
    if step.operation == LOSE:
        return LOSSES[step.cause]
    if step.operation == REVOKE or before in RELEASED_STATES:
        return LINE["re_opened"]
    return GAINS[step.cause] if step.operation == GAIN else LINE["re_measured"]
