"""From a figure back to its records.

A document opens thousands of figures, so what is searched is sorted once: postings by cell, open ground by unit and
classification, claims by face.
"""

from __future__ import annotations

import math
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import shapely

from fallow.ledger.areas_exact import GRID_PER_M, Ints
from fallow.ledger.book import Book
from fallow.ledger.divisions import expand
from fallow.ledger.lines import LINE, LINES
from fallow.ledger.posting import Calendar, Key, Postings, number_standing, open_rows
from fallow.ledger.typed_only import TypedOnly


class _Sorted:
    """Rows sorted by a whole number each, to be found again by it."""

    def __init__(self, numbers: Ints) -> None:
        self.order = np.argsort(numbers, kind="stable")
        self.numbers = numbers[self.order]

    def rows(self, number: int) -> Ints:
        """Return the rows that have a number."""
        low, high = np.searchsorted(self.numbers, [number, number + 1])
        return self.order[low:high]

    def rows_of_any(self, numbers: Ints) -> Ints:
        """Return the rows that have one of several numbers."""
        low = np.searchsorted(self.numbers, numbers)
        high = np.searchsorted(self.numbers, numbers, side="right")
        which, offset = expand(high - low)
        found: Ints = self.order[low[which] + offset]
        return found


def _cell(unit: Ints | int, grade: Ints | int, line: Ints | int = 0, period: Ints | int = 0) -> Ints:
    """Return one number for a cell; units begin at -1, classifications and lines stay below 8 and 16."""
    number: Ints = np.asarray((((period * (1 << 24)) + unit + 1) * 8 + grade) * 16 + line)
    return number


class _Posted:
    """Postings, to be found by cell and line."""

    def __init__(self, postings: Postings) -> None:
        self.postings = postings
        self.cells = _Sorted(_cell(postings.unit, postings.grade, postings.line, postings.period))

    def origins(self, key: Key, line: str, holding: npt.NDArray[np.bool_]) -> Ints:
        """Return where the postings behind a figure came from."""
        period, unit, _, grade = key
        rows = self.cells.rows(int(_cell(unit, grade, LINE[line], period)))
        found: Ints = self.postings.origin[rows[holding[self.postings.targets[rows]]]]
        return found


class _Stand:
    """What is open at the beginning of a day, to be found by cell."""

    def __init__(self, book: Book, day: int) -> None:
        self.book = book
        self.day = day
        self.ground = book.standing.at(day)
        edition = int(book.plane.edition(np.array([day - 1]))[0])
        self.cells = _Sorted(_cell(book.plane.unit[edition, self.ground.face], self.ground.grade))

    @cached_property
    def _claims(self) -> _Sorted:
        return _Sorted(self.ground.claim_face)

    @cached_property
    def numbers(self) -> _Posted:
        """The areas that are open, by the cell in which they are counted."""
        return _Posted(number_standing(self.book, self.ground, self.day, 0, "closing"))

    def faces(self, key: Key, holding: npt.NDArray[np.bool_]) -> Ints:
        """Return the faces that are open in a cell."""
        rows = self.cells.rows(int(_cell(key[1], key[3])))
        faces: Ints = np.unique(self.ground.face[rows[holding[self.ground.targets[rows]]]])
        return faces

    def claims(self, faces: Ints, holding: npt.NDArray[np.bool_]) -> Ints:
        """Return the entries whose claims keep faces open."""
        rows = self._claims.rows_of_any(faces)
        entries: Ints = self.ground.claim_entry[rows[holding[self.ground.claim_targets[rows]]]]
        return entries


class Opener:
    """Opens figures.

    Args:
        book: the book that the balance was drawn up from.
        opened: the book as known when the opening was filed, if another.
        calendar: the periods.
        ground: everything posted as ground.
        number: everything posted as number of areas.
    """

    def __init__(self, book: Book, opened: Book | None, calendar: Calendar, ground: Postings, number: Postings) -> None:
        self.book = book
        self.opened = opened
        self.calendar = calendar
        self._ground_postings = ground
        self._number_postings = number
        self._stands: dict[tuple[bool, int], _Stand] = {}
        self._geodesic: dict[int, float] = {}
        self._holding = cache(self._holding_now)

    def ground(self, key: Key, line: str) -> list[str]:
        """Return the records behind a line of ground."""
        holding = self._holding(key[2], len(self.book.layers.sets))
        if line in ("opening", "closing"):
            stand = self._side(key, line)
            return _names(stand.book, stand.claims(stand.faces(key, holding), holding))
        if line == "prior_period":
            return self._prior(key, holding)
        rows = self._ground.origins(key, line, holding)
        if line == "boundary_change":
            return self._moved(rows, key, holding)
        return _names(self.book, self.book.events.entry[self.book.history.changes.event[rows]])

    def numbers(self, key: Key, line: str) -> list[str]:
        """Return the areas behind a number of areas."""
        if line in ("opening", "closing"):
            return self._counted(self._side(key, line), key)
        if line == "prior_period":
            filed = set(self._counted(self._side(key, "opening"), key))
            now = set(self._counted(self._stand(self.book, int(self.calendar.starts[key[0]])), key))
            return sorted(filed ^ now)
        holding = self._holding(key[2], len(self.book.layers.sets))
        rows = self._number.origins(key, line, holding)
        ids = self.book.entries.ids
        return sorted({ids[source] for source in self.book.moves.source[rows].tolist()})

    def typed(self, key: Key, line: str, now: TypedOnly, filed: TypedOnly | None) -> list[str]:
        """Return the typed-only areas, or the products, behind a line."""
        period, unit, target, grade = key
        start, end = int(self.calendar.starts[period]), int(self.calendar.ends[period])

        def holding(ledger: TypedOnly, day: int) -> dict[str, int]:
            held = ((area, holdings.get(target)) for area, holdings in ledger.days[day].items())
            return {area: what.amount for area, what in held if what and what[:2] == (unit, grade)}

        first = filed if period == 0 and filed is not None else now
        if line in ("opening", "closing"):
            return sorted(holding(first, start) if line == "opening" else holding(now, end))
        if line == "prior_period":
            before, after = holding(first, start), holding(now, start)
            return sorted(area for area in before.keys() | after.keys() if before.get(area) != after.get(area))
        return sorted(
            {
                each.acting
                for each in now.postings
                if start <= each.day < end
                and (each.unit, each.target, each.grade, LINES[each.line]) == (unit, target, grade, line)
            }
        )

    def geodesic_m2(self, key: Key, line: str, equal_area: str) -> float:
        """Return the geodesic area of the faces behind an opening or closing figure, in square metres."""
        if line not in ("opening", "closing"):
            raise KeyError(line)
        faces = self._side(key, line).faces(key, self._holding(key[2], len(self.book.layers.sets)))
        self._measure(faces[[int(face) not in self._geodesic for face in faces]], equal_area)
        return math.fsum(self._geodesic[int(face)] for face in faces)

    def _measure(self, faces: Ints, equal_area: str) -> None:
        from fallow.geodesy import geodesic_area_m2, transform_shapes

        if len(faces) == 0:
            return
        plane = shapely.transform(self.book.plane.arrangement.faces[faces], lambda xy: xy / GRID_PER_M)
        shapes, _ = transform_shapes(plane, equal_area)
        self._geodesic.update(zip(faces.tolist(), geodesic_area_m2(shapes).tolist(), strict=True))

    @cached_property
    def _ground(self) -> _Posted:
        return _Posted(self._ground_postings)

    @cached_property
    def _number(self) -> _Posted:
        return _Posted(self._number_postings)

    def _holding_now(self, target: int, sets: int) -> npt.NDArray[np.bool_]:
        """Return which of the first ``sets`` sets of targets hold a target."""
        return np.array([each >> target & 1 for each in self.book.layers.sets[:sets]], dtype=bool)

    def _stand(self, book: Book, day: int) -> _Stand:
        key = (book is self.book, day)
        if key not in self._stands:
            self._stands[key] = _Stand(book, day)
        return self._stands[key]

    def _side(self, key: Key, line: str) -> _Stand:
        if line == "closing":
            return self._stand(self.book, int(self.calendar.ends[key[0]]))
        filed = self.opened if key[0] == 0 and self.opened is not None else self.book
        return self._stand(filed, int(self.calendar.starts[key[0]]))

    def _counted(self, stand: _Stand, key: Key) -> list[str]:
        posted = stand.numbers  # made first: it may number further sets of targets
        holding = self._holding(key[2], len(self.book.layers.sets))
        return _names(stand.book, posted.origins((0, *key[1:]), "closing", holding))

    def _moved(self, rows: Ints, key: Key, holding: npt.NDArray[np.bool_]) -> list[str]:
        """Return the areas open on faces that changed unit."""
        names: set[str] = set()
        start, end = int(self.calendar.starts[key[0]]), int(self.calendar.ends[key[0]])
        for day in self.book.plane.edition_days[1:].tolist():
            if start <= day < end:
                here = np.intersect1d(rows, open_rows(self.book, day))
                faces = np.unique(self.book.history.changes.face[here])
                names.update(_names(self.book, self._stand(self.book, day).claims(faces, holding)))
        return sorted(names)

    def _prior(self, key: Key, holding: npt.NDArray[np.bool_]) -> list[str]:
        """Return the records on the faces that the line adds or takes away whose entries were not known before."""
        if self.opened is None or key[0] != 0:
            return []
        day = int(self.calendar.starts[0])
        sides = (self.book, self.opened)
        then, now = (self._stand(book, day).faces(key, holding) for book in sides)
        faces = np.setxor1d(then, now)
        seen = [_covering(book, faces, day) for book in sides]
        return sorted({str(entity) for entity, *_ in seen[0] ^ seen[1]})


def _covering(book: Book, faces: Ints, day: int) -> set[tuple[str | int, ...]]:
    """Return what identifies every entry that covers some of the faces and counts before a day."""
    entries = book.entries
    entry = np.unique(book.coverings.entry[np.isin(book.coverings.face, faces)])
    entry = entry[entries.booked[entry] < day]
    columns = (entries.booked, entries.shape, entries.layers, entries.grade, entries.following)
    rows = zip(entries.source[entry].tolist(), *(column[entry].tolist() for column in columns), strict=True)
    return {(entries.ids[source], *parts, min(until, day)) for source, *parts, until in rows}


def _names(book: Book, entry: Ints) -> list[str]:
    ids = book.entries.ids
    return sorted({ids[source] for source in np.unique(book.entries.source[entry]).tolist()})
