"""Which entry of which record covers which face, and in which order the ledger takes the entries.

Areas and products share one numbering here: sources (areas first, then products) and entries (likewise). Order is
(booked day, day of decision, sequence of acceptance). Within one act, gains and corrections of products come first,
then releases, then losses, so that one set of changes acts as a whole: a merge moves no ground, a boundary that is
drawn out with a product is released with it, and ground that a product releases is not first dropped by the new
boundary.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from fallow.ledger.areas_exact import Ints
from fallow.ledger.arrangement import Arrangement
from fallow.ledger.courses import Courses

FIRST, THEN, LAST = range(3)  # phases within one act


@dataclass(frozen=True)
class Entries:
    """Entries of areas and products under one numbering.

    Args:
        areas: courses of hazardous areas.
        products: courses of release products.
    """

    areas: Courses
    products: Courses

    def state(self, entry: int) -> dict[str, Any]:
        """Return the wire state of an entry."""
        areas = len(self.areas)
        return self.areas.states[entry] if entry < areas else self.products.states[entry - areas]

    def _join(self, name: str) -> Ints:
        joined: Ints = np.concatenate([getattr(self.areas, name), getattr(self.products, name)])
        return joined

    @cached_property
    def source(self) -> Ints:
        """Number of the record: areas first."""
        return np.concatenate([self.areas.entity, self.products.entity + len(self.areas.ids)])

    @cached_property
    def is_area(self) -> npt.NDArray[np.bool_]:
        """Whether the entry is of an area."""
        return np.arange(len(self.source)) < len(self.areas)

    @cached_property
    def ids(self) -> list[str]:
        """Entity ids by number of the record."""
        return self.areas.ids + self.products.ids

    @cached_property
    def place(self) -> Ints:
        """Number of the entry within its record."""
        return self._join("place")

    @cached_property
    def booked(self) -> Ints:
        """Day from which the entry counts."""
        return self._join("booked")

    @cached_property
    def following(self) -> Ints:
        """Day from which the next entry of the record counts."""
        return self._join("following")

    @cached_property
    def shape(self) -> Ints:
        """Number of the shape, -1 for none."""
        return self._join("shape")

    @cached_property
    def geometry(self) -> Ints:
        """Number of the geometry as recorded, -1 for none."""
        return self._join("geometry")

    @cached_property
    def layers(self) -> Ints:
        """Number of the layer set."""
        return self._join("layers")

    @cached_property
    def grade(self) -> Ints:
        """Classification or kind of release, as state number."""
        return self._join("grade")

    @cached_property
    def active(self) -> npt.NDArray[np.bool_]:
        """Whether the record stands."""
        return np.concatenate([self.areas.active, self.products.active])

    @cached_property
    def flag(self) -> Ints:
        """What the act said beyond its patch."""
        return self._join("flag")

    @cached_property
    def order(self) -> npt.NDArray[np.int64]:
        """(entries, 3) place of each phase of each entry in the order of the whole ledger; no two are equal."""
        size = len(self.source)
        entry = np.repeat(np.arange(size), 3)
        phase = np.tile(np.arange(3), size)
        # Within a phase areas come before products, the worse classification and the more exacting release come
        # first, then the id.
        keys = (
            self.place[entry],
            self.source[entry],
            -self.grade[entry],
            ~self.is_area[entry],
            phase,
            self._join("seq")[entry],
            self._join("decided")[entry],
            self.booked[entry],
        )
        ranks = np.empty(3 * size, dtype=np.int64)
        ranks[np.lexsort(keys)] = np.arange(3 * size)
        return ranks.reshape(size, 3)


@dataclass(frozen=True)
class Coverings:
    """(c,) coverings of faces by standing entries, sorted by source, face and place.

    Args:
        entry: the entry.
        face: the face.
        continues: whether the entry before it of the same record covers the face too.
        continued: whether the entry after it of the same record covers the face too.
    """

    entry: Ints
    face: Ints
    continues: npt.NDArray[np.bool_]
    continued: npt.NDArray[np.bool_]


def cover(entries: Entries, arrangement: Arrangement) -> Coverings:
    """Lay the standing entries over the faces of their shapes."""
    standing = np.flatnonzero(entries.active & (entries.shape >= 0))
    low = np.searchsorted(arrangement.shape, entries.shape[standing])
    high = np.searchsorted(arrangement.shape, entries.shape[standing], side="right")
    counts = high - low
    entry = np.repeat(standing, counts)
    offset = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
    face = arrangement.face[np.repeat(low, counts) + offset]
    order = np.lexsort((entries.place[entry], face, entries.source[entry]))
    entry, face = entry[order], face[order]
    follows = (
        (entries.source[entry][1:] == entries.source[entry][:-1])
        & (face[1:] == face[:-1])
        & (entries.place[entry][1:] == entries.place[entry][:-1] + 1)
    )
    none = np.zeros(min(1, len(entry)), dtype=bool)
    return Coverings(entry, face, np.concatenate([none, follows]), np.concatenate([follows, none]))
