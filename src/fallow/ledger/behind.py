"""From a figure back to its records."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely

from fallow.ledger.areas_exact import GRID_PER_M, Ints
from fallow.ledger.book import Book
from fallow.ledger.lines import LINE, LINES
from fallow.ledger.posting import Calendar, Key, Postings, open_rows, rows_of
from fallow.ledger.standing import OpenGround
from fallow.ledger.typed_only import TypedOnly


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
        self._ground = ground
        self._number = number
        self._geodesic: dict[int, float] = {}

    def ground(self, key: Key, line: str) -> list[str]:
        """Return the records behind a line of ground."""
        if line in ("opening", "closing"):
            book, day = self._side(key, line)
            return _names(book, self._claims(book, day, key))
        if line == "prior_period":
            return self._prior(key)
        rows = rows_of(self._ground, self.book.layers, key, LINE[line])
        if line == "boundary_change":
            return self._moved(rows, key)
        entries = self.book.events.entry[self.book.history.changes.event[rows]]
        return _names(self.book, entries)

    def numbers(self, key: Key, line: str) -> list[str]:
        """Return the areas behind a number of areas."""
        if line in ("opening", "closing"):
            book, day = self._side(key, line)
            return _names(book, self._counted(book, day, key))
        if line == "prior_period":
            book, day = self._side(key, "opening")
            filed = set(_names(book, self._counted(book, day, key)))
            return sorted(filed ^ set(_names(self.book, self._counted(self.book, day, key))))
        rows = rows_of(self._number, self.book.layers, key, LINE[line])
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
        book, day = self._side(key, line)
        faces = np.unique(self._faces(book, book.standing.at(day), day, key))
        self._measure(faces[[int(face) not in self._geodesic for face in faces]], equal_area)
        return math.fsum(self._geodesic[int(face)] for face in faces)

    def _measure(self, faces: Ints, equal_area: str) -> None:
        from fallow.geodesy import geodesic_area_m2, transform_shapes

        if len(faces) == 0:
            return
        plane = shapely.transform(self.book.plane.arrangement.faces[faces], lambda xy: xy / GRID_PER_M)
        shapes, _ = transform_shapes(plane, equal_area)
        self._geodesic.update(zip(faces.tolist(), geodesic_area_m2(shapes).tolist(), strict=True))

    def _side(self, key: Key, line: str) -> tuple[Book, int]:
        if line == "closing":
            return self.book, int(self.calendar.ends[key[0]])
        filed = self.opened if key[0] == 0 and self.opened is not None else self.book
        return filed, int(self.calendar.starts[key[0]])

    def _faces(self, book: Book, ground: OpenGround, day: int, key: Key) -> Ints:
        """Return the faces that are open in a cell at the beginning of a day."""
        _, unit, target, grade = key
        edition = int(book.plane.edition(np.array([day - 1]))[0])
        inside = _holding(book, target)[ground.targets] & (ground.grade == grade)
        inside &= book.plane.unit[edition, ground.face] == unit
        faces: Ints = ground.face[inside]
        return faces

    def _claims(self, book: Book, day: int, key: Key, faces: Ints | None = None) -> Ints:
        """Return the entries whose claims keep faces of a cell open."""
        ground = book.standing.at(day)
        faces = self._faces(book, ground, day, key) if faces is None else faces
        chosen = np.isin(ground.claim_face, faces) & _holding(book, key[2])[ground.claim_targets]
        return ground.claim_entry[chosen]

    def _counted(self, book: Book, day: int, key: Key) -> Ints:
        _, unit, target, grade = key
        ground = book.standing.at(day)
        entry = np.unique(ground.claim_entry[_holding(book, target)[ground.claim_targets]])
        edition = int(book.plane.edition(np.array([day - 1]))[0])
        inside = (book.entries.grade[entry] == grade) & (book.plane.home[edition, book.entries.shape[entry]] == unit)
        counted: Ints = entry[inside]
        return counted

    def _moved(self, rows: Ints, key: Key) -> list[str]:
        """Return the areas open on faces that changed unit."""
        names: set[str] = set()
        start, end = int(self.calendar.starts[key[0]]), int(self.calendar.ends[key[0]])
        for day in self.book.plane.edition_days[1:].tolist():
            if start <= day < end:
                here = np.intersect1d(rows, open_rows(self.book, day))
                faces = np.unique(self.book.history.changes.face[here])
                names.update(_names(self.book, self._claims(self.book, day, key, faces)))
        return sorted(names)

    def _prior(self, key: Key) -> list[str]:
        """Return the records on the faces that the line adds or takes away whose entries were not known before."""
        if self.opened is None or key[0] != 0:
            return []
        day = int(self.calendar.starts[0])
        sides = (self.book, self.opened)
        then, now = (self._faces(book, book.standing.at(day), day, key) for book in sides)
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


def _holding(book: Book, target: int) -> npt.NDArray[np.bool_]:
    return np.array([each >> target & 1 for each in book.layers.sets], dtype=bool)


def _names(book: Book, entry: Ints) -> list[str]:
    ids = book.entries.ids
    return sorted({ids[source] for source in np.unique(book.entries.source[entry]).tolist()})
