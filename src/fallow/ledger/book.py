"""One register's ground as known at one place in its acceptance log: entries, faces, histories, what stands.

A balance needs at most two books: what is known when it is drawn up, and what was known when its opening was filed.
Both lie on the same arrangement.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fallow.ledger.areas_exact import Ints
from fallow.ledger.coverings import Coverings, Entries, cover
from fallow.ledger.divisions import Divisions, divisions
from fallow.ledger.events import Events, events_of
from fallow.ledger.history import History, history_of
from fallow.ledger.layers import Layers
from fallow.ledger.numbers import Moves, moves_of
from fallow.ledger.plane import Plane
from fallow.ledger.standing import Standing


@dataclass(frozen=True)
class Book:
    """The entries known at one place in the log, and what follows from them."""

    entries: Entries
    plane: Plane
    layers: Layers

    @cached_property
    def coverings(self) -> Coverings:
        """Which entry covers which face."""
        return cover(self.entries, self.plane.arrangement)

    @cached_property
    def events(self) -> Events:
        """What each entry does to each face."""
        return events_of(self.entries, self.coverings, self.layers)

    @cached_property
    def divisions(self) -> Divisions:
        """How the layer sets on each face divide each other."""
        faces = np.r_[self.events.face, self.coverings.face]
        sets = np.r_[self.events.layers, self.entries.layers[self.coverings.entry]]
        return divisions(faces, sets, len(self.plane.arrangement.faces), self.layers)

    @cached_property
    def history(self) -> History:
        """What happened on each face."""
        return history_of(self.events, self.divisions, self.layers)

    @cached_property
    def standing(self) -> Standing:
        """What stands from which day to which."""
        return Standing(self.entries, self.coverings, self.divisions)

    @cached_property
    def change_day(self) -> Ints:
        """(changes,) day on which each change of state is booked."""
        return self.entries.booked[self.events.entry[self.history.changes.event]]

    @cached_property
    def change_until(self) -> Ints:
        """(changes,) day on which the next change of the same ground is booked; far off for the last."""
        until = np.full(len(self.change_day), np.iinfo(np.int64).max)
        until[:-1] = np.where(self.history.changes.last[:-1], until[:-1], self.change_day[1:])
        return until

    @cached_property
    def moves(self) -> Moves:
        """Entrances and exits of areas."""
        return moves_of(self.history.claims, self.events, self.entries, self.plane, self.layers)
