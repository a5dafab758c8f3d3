"""The state of ground on a day, face by face and layer by layer: what maps are drawn from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from fallow.ledger.areas_exact import GRID_PER_M, Ints, Limbs
from fallow.ledger.book import Book
from fallow.ledger.layers import ANY, Layer, members
from fallow.ledger.lines import NOT_ASSESSED, STATES
from fallow.records.batch import Shapes


@dataclass(frozen=True)
class FaceStates:
    """(n,) states of faces in layers at the end of a day. Ground that is not here is *not assessed*.

    Args:
        day: the day.
        face: number of the face; a face stands once per group of layers that share their history.
        layers: the layers (class, band) of the row.
        state: ``indication``, ``sha``, ``cha``, ``cancelled``, ``reduced``, ``cleared`` or ``withdrawn`` (by
            correction, not released).
        since: day on which the state was booked.
        by: entity id of the record that acted: the area, or the release product.
        unit: entity id of the unit, None for none.
        geometry: polygons on the equal-area plane, metres.
        areas: exact areas in half grid squares.
    """

    day: dt.date
    face: Ints
    layers: list[tuple[Layer, ...]]
    state: npt.NDArray[np.object_]
    since: list[dt.date]
    by: list[str]
    unit: list[str | None]
    geometry: Shapes
    areas: Limbs

    def __len__(self) -> int:
        return len(self.face)

    def of(self, contamination: str, band: str) -> Ints:
        """Return the rows of one layer; no two of them share ground."""
        layer = (contamination, band)
        return np.flatnonzero(np.array([layer in each for each in self.layers], dtype=bool))


def states_at(book: Book, day: dt.date, unit_ids: tuple[str, ...]) -> FaceStates:
    """Return the state of every assessed face in every layer at the end of a day."""
    changes, layers = book.history.changes, book.layers
    end = day.toordinal() + 1
    single = [
        tuple(sorted(layers.targets[each] for each in members(bits) if ANY not in layers.targets[each]))
        for bits in layers.sets
    ]
    real = np.array([bool(each) for each in single], dtype=bool)
    stands = (book.change_day < end) & (book.change_until >= end) & (changes.after != NOT_ASSESSED)
    rows = np.flatnonzero(stands & real[changes.targets])
    face = changes.face[rows]
    entry = book.events.entry[changes.event[rows]]
    plane = book.plane
    unit = plane.unit[int(plane.edition(np.array([end - 1]))[0]), face]
    return FaceStates(
        day=day,
        face=face,
        layers=[single[each] for each in changes.targets[rows].tolist()],
        state=np.array(STATES, dtype=object)[changes.after[rows]],
        since=[dt.date.fromordinal(each) for each in book.change_day[rows].tolist()],
        by=[book.entries.ids[each] for each in book.entries.source[entry].tolist()],
        unit=[None if each < 0 else unit_ids[each] for each in unit.tolist()],
        geometry=shapely.transform(plane.arrangement.faces[face], lambda xy: xy / GRID_PER_M),
        areas=plane.arrangement.areas.take(face),
    )
