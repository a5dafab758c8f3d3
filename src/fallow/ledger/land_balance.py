"""The balance of land: opening, lines, closing, per period, unit, layer and classification.

``balance`` draws it up from accepted changes; everything else is read from the :class:`Balance` that it returns.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from fallow.ledger import posting, tables
from fallow.ledger.behind import Opener
from fallow.ledger.book import Book
from fallow.ledger.courses import ACTIVITY_END, Courses, area_courses, product_courses
from fallow.ledger.coverings import Entries
from fallow.ledger.errors import Unbalanced, WrongKnowledge, WrongPeriods
from fallow.ledger.faces import FaceStates, states_at
from fallow.ledger.ground import Lay, Layout, distinct, lay_out
from fallow.ledger.layers import ANY, Layers
from fallow.ledger.lines import LINE, LINES, SIGNS, STATES
from fallow.ledger.posting import Calendar, Figures, Key, Postings
from fallow.ledger.products import product_rows
from fallow.ledger.quantities import quantities
from fallow.ledger.rows import BalanceRow, Cell, Period, ProductRow, QuantityRow, TypedOnlyRow, named
from fallow.ledger.typed_only import TypedOnly
from fallow.ledger.units import Units

if TYPE_CHECKING:
    from fallow.records.versions import Versions

Pair = tuple["Versions", "Versions"]


def balance(
    areas: Versions,
    products: Versions,
    *,
    units: Units | None = None,
    equal_area: str,
    periods: Sequence[tuple[dt.date, dt.date]],
    booking_basis: str = ACTIVITY_END,
    known_open: int | None = None,
    known_close: int | None = None,
    opened: Pair | None = None,
) -> Balance:
    """Draw up the balance of land.

    Args:
        areas: accepted changes of ``hazardous_area``, in fold order.
        products: accepted changes of ``release_product``, in fold order.
        units: administrative units of one level; None: one balance over everything, with ``unit`` None.
        equal_area: PROJ text of the register's equal-area system.
        periods: (first day, first day after), in order, not overlapping.
        booking_basis: ``activity_end`` or ``decision``.
        known_open: last sequence of acceptance that was known when the opening of the first period was filed. What
            was accepted since and is booked before that period stands in the line *prior period*.
        known_close: last sequence of acceptance that counts; None: all.
        opened: the versions (areas, products) as known at ``known_open``, where the register has them. Needed only
            where an act was undone since: an undone act is in no later list of versions.

    Raises:
        WrongPeriods: periods are empty, overlap, or are out of order.
        WrongBasis: the booking basis is unknown.
        WrongKnowledge: ``known_open`` is after ``known_close``.
        Unclassified: a record lacks its classification or kind of release.
        NoGround: a coordinate cannot be laid on the ledger's grid.
    """
    from fallow.geodesy import to_equal_area

    return draw_up(
        areas,
        products,
        units=units,
        lay=lambda shapes: to_equal_area(shapes, equal_area),
        equal_area=equal_area,
        periods=periods,
        booking_basis=booking_basis,
        known_open=known_open,
        known_close=known_close,
        opened=opened,
    )


def draw_up(
    areas: Versions,
    products: Versions,
    *,
    units: Units | None,
    lay: Lay,
    equal_area: str,
    periods: Sequence[tuple[dt.date, dt.date]],
    booking_basis: str,
    known_open: int | None = None,
    known_close: int | None = None,
    opened: Pair | None = None,
) -> Balance:
    """Draw up the balance on any plane that keeps areas; see :func:`balance`.

    Args:
        lay: from the shapes as recorded to metres on the plane.
    """
    spans = [Period(*each) for each in periods]
    wrong = [span for span in spans if span.end <= span.start]
    wrong += [span for before, after in pairwise(spans) if after.start < before.end for span in (before, after)]
    if wrong or not spans:
        raise WrongPeriods(problem=", ".join(f"{span.start}–{span.end}" for span in wrong) or "—")
    if known_open is not None and known_close is not None and known_open > known_close:
        raise WrongKnowledge(known_open=known_open, known_close=known_close)
    if opened is None and known_open is not None:
        opened = (areas.known(known_open), products.known(known_open))
    closed = (areas, products) if known_close is None else (areas.known(known_close), products.known(known_close))

    pairs = [closed] if opened is None else [closed, opened]
    with _collector_at_rest():
        layers = Layers()
        geometries, numbers = distinct([versions.geometry for pair in pairs for versions in pair])
        courses: list[tuple[Courses, Courses]] = []
        for place, (area_versions, product_versions) in enumerate(pairs):
            courses.append(
                (
                    area_courses(area_versions, numbers[2 * place], layers, booking_basis),
                    product_courses(product_versions, numbers[2 * place + 1], layers, booking_basis),
                )
            )
        flat = [course for pair in courses for course in pair]
        used = np.unique(np.concatenate([course.geometry[course.active & (course.geometry >= 0)] for course in flat]))
        layout = lay_out(geometries, used, units, lay)
        books = [
            Book(Entries(layout.placed(one), layout.placed(other)), layout.plane, layers) for one, other in courses
        ]
        return Balance(
            spans,
            books[0],
            books[1] if opened is not None else None,
            layout,
            units,
            equal_area=equal_area,
            booking_basis=booking_basis,
            known_open=known_open,
            known_close=known_close,
        )


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Pause the collector of cycles: hundreds of thousands of rows are made here, none in a cycle, all of them kept."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class Balance:
    """A balance of land, with every record behind every figure.

    Attributes:
        periods: the periods.
        units: the units as given.
        equal_area: PROJ text of the plane.
        booking_basis: what books a change; to be printed on every figure.
        known_open: sequence of acceptance of the opening, or None.
        known_close: sequence of acceptance of everything else, or None for all.
    """

    def __init__(
        self,
        periods: list[Period],
        book: Book,
        opened: Book | None,
        layout: Layout,
        units: Units | None,
        *,
        equal_area: str,
        booking_basis: str,
        known_open: int | None,
        known_close: int | None,
    ) -> None:
        self.periods = periods
        self.units = units
        self.equal_area = equal_area
        self.booking_basis = booking_basis
        self.known_open = known_open
        self.known_close = known_close
        self._book = book
        self._opened = opened
        self._layout = layout
        self._calendar = Calendar(
            np.array([period.start.toordinal() for period in periods], dtype=np.int64),
            np.array([period.end.toordinal() for period in periods], dtype=np.int64),
        )
        self._ground = self._ground_postings()
        self._number = self._number_postings()
        self._ground_figures = posting.summed(self._ground, book.layers)
        self._number_figures = posting.summed(self._number, book.layers)

    # --- figures ---------------------------------------------------------------------------------------------------

    def rows(self) -> list[BalanceRow]:
        """Return every cell of every layer (class and band) that ever holds a figure, in a stated order."""
        return [row for row in self._rows if row.cell.band != ANY]

    @property
    def footprint(self) -> list[BalanceRow]:
        """Unions, never sums: ``any`` class in ``any`` band, and each class over all its bands."""
        return [row for row in self._rows if row.cell.band == ANY]

    @cached_property
    def _rows(self) -> list[BalanceRow]:
        keys = self._ground_figures.keys() | self._number_figures.keys()
        rows = [
            BalanceRow(
                self._cell(key), named(self._ground_figures.get(key, {})), named(self._number_figures.get(key, {}))
            )
            for key in keys
        ]
        return sorted(rows, key=lambda row: tables.order(row.cell, self._layout.editions.ids))

    @cached_property
    def typed_only(self) -> list[TypedOnlyRow]:
        """Areas without ground, in lines of their own."""
        amounts: Figures = {}
        counts: Figures = {}
        unknown: dict[Key, int] = {}

        def post(figures: Figures, key: Key, line: int, amount: int) -> None:
            cell = figures.setdefault(key, {})
            cell[line] = cell.get(line, 0) + amount

        for each in self._typed.postings:
            period = int(self._calendar.of(np.array([each.day]))[0])
            if period >= 0:
                key = (period, each.unit, each.target, each.grade)
                sign = SIGNS[LINES[each.line]]
                post(amounts, key, each.line, sign * each.amount)
                post(counts, key, each.line, sign * each.number)
        for period, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            first = period == 0 and self._typed_opened is not None
            sides = [(self._typed, start, "opening", 1), (self._typed, end, "closing", 1)]
            if first and self._typed_opened is not None:
                sides[0] = (self._typed_opened, start, "opening", 1)
                sides += [(self._typed, start, "prior_period", 1), (self._typed_opened, start, "prior_period", -1)]
            for source, day, line, sign in sides:
                for held in source.days[day].values():
                    for target, what in held.items():
                        key = (period, what.unit, target, what.grade)
                        post(amounts, key, LINE[line], sign * what.amount)
                        post(counts, key, LINE[line], sign)
                        unknown[key] = unknown.get(key, 0) + (line == "closing" and not what.known)
        rows = []
        for key in amounts.keys() | counts.keys():
            amount = {line: value for line, value in amounts[key].items() if value}
            count = {line: value for line, value in counts[key].items() if value}
            if amount or count:
                rows.append(TypedOnlyRow(self._cell(key), named(amount), named(count), unknown.get(key, 0)))
        return sorted(rows, key=lambda row: tables.order(row.cell, self._layout.editions.ids))

    @cached_property
    def quantities(self) -> list[QuantityRow]:
        """Released kilometres, buildings and items."""
        unit_of = self._layout.unit_of(self._book.entries)
        ids = self._layout.editions.ids
        return quantities(self._book.entries, self._calendar, self.periods, unit_of, ids)

    @cached_property
    def products(self) -> list[ProductRow]:
        """What became of the ground of every release product booked in the periods."""
        return product_rows(self._book, self._typed.effects, self._calendar, self.periods, self._layout.editions.ids)

    @property
    def outside(self) -> list[ProductRow]:
        """Products of which some part released nothing: outside recorded hazard, released before, other layers."""
        return [row for row in self.products if row.released != row.surveyed]

    # --- what is behind them ---------------------------------------------------------------------------------------

    def records(self, cell: Cell | BalanceRow | TypedOnlyRow, line: str, *, number: bool = False) -> list[str]:
        """Return the entity ids behind a figure, sorted.

        For opening, closing and changes of boundaries these are the open areas; for other lines the records whose
        changes booked it (areas, or the products that released); for a number of areas, the areas counted.

        Args:
            cell: the cell, or its row; a row of ``typed_only`` opens typed-only areas.
            line: name of the line.
            number: True for the number of areas instead of the ground.
        """
        where = cell if isinstance(cell, Cell) else cell.cell
        key = self._key(where)
        if key is None:
            return []
        if isinstance(cell, TypedOnlyRow):
            return self._opener.typed(key, line, self._typed, self._typed_opened)
        return self._opener.numbers(key, line) if number else self._opener.ground(key, line)

    def geodesic_m2(self, cell: Cell | BalanceRow, line: str = "closing") -> float:
        """Return the geodesic area of the open ground behind an opening or closing figure, as information.

        It is measured face by face on the ellipsoid and never enters a balance.

        Raises:
            KeyError: another line than opening or closing.
        """
        where = cell if isinstance(cell, Cell) else cell.cell
        key = self._key(where)
        return 0.0 if key is None else self._opener.geodesic_m2(key, line, self.equal_area)

    def state_at(self, day: dt.date) -> FaceStates:
        """Return the state of every assessed face in every layer at the end of a day."""
        return states_at(self._book, day, self._layout.editions.ids)

    def check(self) -> None:
        """Make sure that everything adds up.

        Raises:
            Unbalanced: opening and lines do not end at the closing figure, which is worked out independently, or
                a period does not begin where the one before it ended.
        """
        every: list[BalanceRow | TypedOnlyRow] = [*self._rows, *self.typed_only]
        for row in every:
            ground, number = row.residue()
            if ground or number:
                raise Unbalanced(cell=" ".join(map(str, row.cell)), ground=ground, number=number)
        for product in self.products:
            parts = product.released + product.released_before + product.other_layer + product.outside
            if parts != product.surveyed:
                raise Unbalanced(cell=product.product, ground=product.surveyed - parts, number=0)
        for figures in (self._ground_figures, self._number_figures):
            for period in range(1, len(self.periods)):
                if self.periods[period].start == self.periods[period - 1].end:
                    self._check_joint(figures, period)

    def to_tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return plain tables: ``balance``, ``footprint``, ``typed_only``, ``products``, ``quantities``."""
        return tables.of(self)

    # --- inside ----------------------------------------------------------------------------------------------------

    @property
    def _starts(self) -> list[int]:
        return [int(day) for day in self._calendar.starts]

    @property
    def _ends(self) -> list[int]:
        return [int(day) for day in self._calendar.ends]

    def _ground_postings(self) -> Postings:
        book, parts = self._book, [posting.ground_lines(self._book, self._calendar)]
        for period, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            now = posting.ground_opening(book, start, period)
            if period == 0 and self._opened is not None:
                parts += _prior(now, *(self._as_filed_ground(start, line) for line in ("opening", "prior_period")))
            else:
                parts.append(now)
            parts.append(posting.ground_standing(book, book.standing.at(end), end, period, "closing"))
        return posting.join(parts)

    def _number_postings(self) -> Postings:
        book, parts = self._book, [posting.number_lines(self._book, self._calendar)]
        for period, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            now = posting.number_opening(book, start, period)
            if period == 0 and self._opened is not None:
                parts += _prior(now, *(self._as_filed_number(start, line) for line in ("opening", "prior_period")))
            else:
                parts.append(now)
            parts.append(posting.number_standing(book, book.standing.at(end), end, period, "closing"))
        return posting.join(parts)

    def _as_filed_ground(self, start: int, line: str) -> Postings:
        assert self._opened is not None  # noqa: S101 - asked only where an opening was filed
        return posting.ground_standing(self._opened, self._opened.standing.at(start), start, 0, line)

    def _as_filed_number(self, start: int, line: str) -> Postings:
        assert self._opened is not None  # noqa: S101
        return posting.number_standing(self._opened, self._opened.standing.at(start), start, 0, line)

    def _typed_of(self, book: Book) -> TypedOnly:
        shapes, areas = book.entries.shape, self._layout.shape_area

        def measured(entry: int) -> int | None:
            return areas[int(shapes[entry])] if shapes[entry] >= 0 else None

        borders = [int(day) for day in self._layout.plane.edition_days[1:]]
        ledger = TypedOnly(book.entries, book.layers, self._layout.unit_of(book.entries), borders, measured)
        return ledger.run(sorted({*self._starts, *self._ends}))

    @cached_property
    def _typed(self) -> TypedOnly:
        return self._typed_of(self._book)

    @cached_property
    def _typed_opened(self) -> TypedOnly | None:
        return None if self._opened is None else self._typed_of(self._opened)

    @cached_property
    def _opener(self) -> Opener:
        return Opener(self._book, self._opened, self._calendar, self._ground, self._number)

    def _cell(self, key: Key) -> Cell:
        period, unit, target, grade = key
        each, band = self._book.layers.targets[target]
        ids = self._layout.editions.ids
        return Cell(self.periods[period], None if unit < 0 else ids[unit], each, band, STATES[grade])

    def _key(self, cell: Cell) -> Key | None:
        layers, ids = self._book.layers, self._layout.editions.ids
        layer = (cell.contamination, cell.band)
        if layer not in layers.targets or cell.classification not in STATES or cell.period not in self.periods:
            return None
        if cell.unit is not None and cell.unit not in ids:
            return None
        unit = -1 if cell.unit is None else ids.index(cell.unit)
        return (self.periods.index(cell.period), unit, layers.target(layer), STATES.index(cell.classification))

    def _check_joint(self, figures: Figures, period: int) -> None:
        def side(which: int, line: int) -> dict[tuple[int, ...], int]:
            return {key[1:]: lines[line] for key, lines in figures.items() if key[0] == which and line in lines}

        before, after = side(period - 1, LINE["closing"]), side(period, LINE["opening"])
        if before != after:
            key = next(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
            cell = " ".join(map(str, self._cell((period, *key))))  # type: ignore[arg-type]
            raise Unbalanced(cell=cell, ground=after.get(key, 0) - before.get(key, 0), number=0)


def _prior(now: Postings, filed: Postings, filed_off: Postings) -> list[Postings]:
    """Return the opening as filed, and the line that leads from it to what is known now."""
    prior = np.full(len(now.line), LINE["prior_period"])
    come = Postings(now.period, prior, now.unit, now.targets, now.grade, now.amount, now.origin)
    minus = np.full(len(filed_off.line), -1)
    gone = Postings(
        filed_off.period,
        filed_off.line,
        filed_off.unit,
        filed_off.targets,
        filed_off.grade,
        filed_off.amount.signed(minus),
        filed_off.origin,
    )
    return [filed, come, gone]
