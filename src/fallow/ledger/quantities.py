"""Released quantities that are no area: they are summed per unit of measure and never turned into square metres."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from fallow.ledger.coverings import Entries
from fallow.ledger.lines import STATES
from fallow.ledger.posting import Calendar
from fallow.ledger.rows import Period, QuantityRow
from fallow.ledger.typed_only import square_metres


def quantities(
    entries: Entries,
    calendar: Calendar,
    periods: list[Period],
    unit_of: Callable[[int, int], int],
    unit_ids: tuple[str, ...],
) -> list[QuantityRow]:
    """Sum what products state in other units than those of area. A corrected product books the difference."""
    from fallow.records.depths import classes_released

    sums: dict[tuple[int, int, str, int, str], tuple[Decimal, set[str]]] = {}
    areas = len(entries.areas)

    def post(entry: int, day: int, sign: int, product: str) -> None:
        state = entries.products.states[entry - areas]
        period = int(calendar.of(np.array([day]))[0])
        stated = _stated(state.get("quantity"))
        if period < 0 or stated is None or not entries.active[entry]:
            return
        value, measure = stated
        for each in classes_released(state.get("contamination")):
            key = (period, unit_of(entry, day), each, int(entries.grade[entry]), measure)
            total, products = sums.get(key, (Decimal(0), set()))
            sums[key] = (total + sign * value, products | {product})

    for entry in range(areas, len(entries.source)):
        day, product = int(entries.booked[entry]), entries.ids[int(entries.source[entry])]
        post(entry, day, 1, product)
        if entries.place[entry] > 0:
            post(entry - 1, day, -1, product)
    return [
        QuantityRow(
            period=periods[period],
            unit=None if unit < 0 else unit_ids[unit],
            contamination=each,
            kind=STATES[kind],
            measure=measure,
            value=format(total.normalize(), "f"),
            products=tuple(sorted(products)),
        )
        for (period, unit, each, kind, measure), (total, products) in sorted(sums.items())
        if total
    ]


def _stated(wire: Any) -> tuple[Decimal, str] | None:
    if not isinstance(wire, dict) or "value" not in wire or square_metres(wire) is not None:
        return None
    # The shortest decimal that reads back to the stored number is what was typed.
    return Decimal(repr(float(wire["value"]))), str(wire.get("unit", "unknown"))
