"""A balance as plain tables, for documents, and the order in which its cells are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fallow.ledger.areas_exact import to_m2
from fallow.ledger.courses import CLASSIFICATIONS
from fallow.ledger.layers import ANY
from fallow.ledger.lines import LINES
from fallow.ledger.rows import BalanceRow, Cell, TypedOnlyRow

if TYPE_CHECKING:
    from fallow.ledger.land_balance import Balance


def order(cell: Cell, units: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the key by which cells are listed: period, then unit, class, band, classification as on their lists."""
    from fallow.terms import code_list

    unit = len(units) if cell.unit is None else units.index(cell.unit)
    classes = [ANY, *code_list("contamination_class").terms]
    bands = [ANY, *code_list("depth_band").terms]
    return (
        cell.period,
        unit,
        _place(cell.contamination, classes),
        _place(cell.band, bands),
        CLASSIFICATIONS.index(cell.classification),
    )


def _place(code: str, codes: list[str]) -> tuple[int, str]:
    return (codes.index(code) if code in codes else len(codes), code)


def of(balance: Balance) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of a balance. Areas are whole square metres, rounded once; ``exact`` parts are kept beside."""
    return {
        "balance": [_row(balance, row) for row in balance.rows()],
        "footprint": [_row(balance, row) for row in balance.footprint],
        "typed_only": [_row(balance, row) | {"unknown_size": row.unknown_size} for row in balance.typed_only],
        "products": [
            {
                "period_start": row.period.start.isoformat(),
                "period_end": row.period.end.isoformat(),
                "unit": row.unit,
                "unit_name": _name(balance, row.unit),
                "product": row.product,
                "kind": row.kind,
                "typed": row.typed,
                **{
                    f"{part}_m2": row.m2(part)
                    for part in ("surveyed", "released", "released_before", "other_layer", "outside")
                },
            }
            for row in balance.products
        ],
        "quantities": [
            {
                "period_start": row.period.start.isoformat(),
                "period_end": row.period.end.isoformat(),
                "unit": row.unit,
                "unit_name": _name(balance, row.unit),
                "contamination": row.contamination,
                "kind": row.kind,
                "measure": row.measure,
                "value": row.value,
                "products": len(row.products),
            }
            for row in balance.quantities
        ],
    }


def _row(balance: Balance, row: BalanceRow | TypedOnlyRow) -> dict[str, Any]:
    cell = row.cell
    exact = row.ground if isinstance(row, BalanceRow) else row.amount
    return {
        "period_start": cell.period.start.isoformat(),
        "period_end": cell.period.end.isoformat(),
        "unit": cell.unit,
        "unit_name": _name(balance, cell.unit),
        "contamination": cell.contamination,
        "band": cell.band,
        "classification": cell.classification,
        "m2": {line: row.printed(line) for line in LINES},
        "m2_exact": {line: to_m2(exact.get(line, 0)) for line in LINES},
        "number": {line: row.number.get(line, 0) for line in LINES},
        "booking_basis": balance.booking_basis,
    }


def _name(balance: Balance, unit: str | None) -> str | None:
    return None if balance.units is None else balance.units.name(unit)
