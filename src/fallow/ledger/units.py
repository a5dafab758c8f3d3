"""Administrative units as the ledger takes them, and the editions of their boundaries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fallow.ledger.errors import WrongUnits
from fallow.records.batch import Shapes


@dataclass(frozen=True, slots=True)
class Units:
    """Units of one level, in WGS 84, with the days from which their boundaries were in force.

    A unit may stand several times, once per version of its boundary; a version lasts until the next of the same id
    begins, or until ``until``. Where units overlap, ground belongs to the one listed first.

    Args:
        ids: (n,) entity ids; a unit with several boundaries repeats its id.
        names: (n,) names as printed.
        shapes: (n,) polygons in WGS 84, longitude first.
        since: (n,) first day of each version, None for "from the beginning"; leave out when nothing changed.
        until: (n,) first day on which a version was no longer in force, None for "still in force".

    Raises:
        WrongUnits: lengths differ, a shape is missing, or a version ends before it begins.
    """

    ids: Sequence[str]
    names: Sequence[str]
    shapes: Shapes
    since: Sequence[dt.date | None] | None = None
    until: Sequence[dt.date | None] | None = None

    def __post_init__(self) -> None:
        lengths = [len(column) for column in (self.names, self.shapes, self.since, self.until) if column is not None]
        if set(lengths) != {len(self.ids)}:
            raise WrongUnits(problem=", ".join(str(length) for length in (len(self.ids), *lengths)))
        for unit, shape in zip(self.ids, self.shapes, strict=True):
            if shape is None:
                raise WrongUnits(problem=f"{unit}: —")
        for unit, since, until in zip(self.ids, self.since or (), self.until or (), strict=False):
            if since is not None and until is not None and until <= since:
                raise WrongUnits(problem=f"{unit}: {since}–{until}")

    def name(self, unit: str | None) -> str | None:
        """Return the latest name of a unit, or None for ground in no unit."""
        found = [name for each, name in zip(self.ids, self.names, strict=True) if each == unit]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Editions:
    """Boundaries by the time they were in force.

    Args:
        ids: distinct unit ids, in the order first listed.
        days: (e,) first day of each edition as ordinal; the first is the beginning of time (0).
        members: per edition, positions in ``Units.shapes`` in force.
        unit: (n,) number of the unit (position in ``ids``) of each listed version.
    """

    ids: tuple[str, ...]
    days: npt.NDArray[np.int64]
    members: tuple[npt.NDArray[np.int64], ...]
    unit: npt.NDArray[np.int64]


def editions(units: Units | None) -> Editions:
    """Return the editions of units; without units, one edition without members."""
    if units is None:
        empty = np.zeros(0, np.int64)
        return Editions((), np.zeros(1, np.int64), (empty,), empty)
    ids = tuple(dict.fromkeys(units.ids))
    number = {unit: index for index, unit in enumerate(ids)}
    unit = np.array([number[each] for each in units.ids], dtype=np.int64)
    size = len(units.ids)
    since = np.array([0 if day is None else day.toordinal() for day in units.since or [None] * size], np.int64)
    forever = dt.date.max.toordinal() + 1
    until = np.array([forever if day is None else day.toordinal() for day in units.until or [None] * size], np.int64)
    for index in range(size):
        later = since[(unit == unit[index]) & (since > since[index])]
        if len(later):
            until[index] = min(until[index], later.min())
    days = np.unique(np.r_[0, since, until[until < forever]])
    members = tuple(np.flatnonzero((since <= day) & (day < until)) for day in days)
    return Editions(ids, days, members, unit)
