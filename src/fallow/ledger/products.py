"""What became of the ground of each release product."""

from __future__ import annotations

import numpy as np

from fallow.ledger.areas_exact import sum_by
from fallow.ledger.book import Book
from fallow.ledger.lines import STATES
from fallow.ledger.posting import Calendar
from fallow.ledger.rows import Period, ProductRow
from fallow.ledger.typed_only import Effect


def product_rows(
    book: Book, effects: list[Effect], calendar: Calendar, periods: list[Period], unit_ids: tuple[str, ...]
) -> list[ProductRow]:
    """Return one row per product, period and unit.

    Args:
        book: the book.
        effects: what products did to typed-only areas.
        calendar: the periods as ordinals.
        periods: the periods.
        unit_ids: ids of the units.
    """
    events, history, plane = book.events, book.history, book.plane
    entry, face = events.entry[history.release], events.face[history.release]
    day = book.entries.booked[entry]
    period = calendar.of(day)
    unit = plane.unit[plane.edition(day), face]
    inside = np.flatnonzero(period >= 0)
    keys = [period, unit, book.entries.source[entry], book.entries.grade[entry], history.met]
    columns, sizes = sum_by([key[inside] for key in keys], plane.arrangement.areas.take(face[inside]))
    parts: dict[tuple[int, int, int, int], list[int]] = {}
    for where, unit_number, product, kind, met, size in zip(
        *(column.tolist() for column in columns), sizes.values(), strict=True
    ):
        parts.setdefault((where, unit_number, product, kind), [0, 0, 0, 0])[met] = size

    def name(number: int) -> str | None:
        return None if number < 0 else unit_ids[number]

    rows = [
        ProductRow(
            periods[where], name(unit_number), book.entries.ids[product], STATES[kind], False, sum(found), *found
        )
        for (where, unit_number, product, kind), found in parts.items()
    ]
    for effect in effects:
        where = int(calendar.of(np.array([effect.day]))[0])
        if where >= 0:
            left = effect.stated - effect.released
            found = [effect.released, 0, 0, left]
            kind_name = STATES[effect.kind]
            rows.append(
                ProductRow(periods[where], name(effect.unit), effect.product, kind_name, True, effect.stated, *found)
            )
    return sorted(rows, key=lambda each: (each.period, each.product, each.typed, each.unit or "", each.kind))
