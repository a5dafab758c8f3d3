"""The land ledger: each square metre accounted once per layer, from what was surveyed and what was released.

From the accepted changes of hazardous areas and release products the ledger derives one noded arrangement on the
register's equal-area grid, tells the history of every face in every layer (contamination class by depth band), and
draws up a balance whose lines lead exactly from opening to closing. Nothing here is stored, and nothing here is
summed over layers. Ground on which the register holds nothing is *not assessed*.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

_EXPORTS = {
    "Balance": "fallow.ledger.land_balance",
    "BalanceRow": "fallow.ledger.rows",
    "Cell": "fallow.ledger.rows",
    "FaceStates": "fallow.ledger.faces",
    "LINES": "fallow.ledger.lines",
    "Period": "fallow.ledger.rows",
    "ProductRow": "fallow.ledger.rows",
    "QuantityRow": "fallow.ledger.rows",
    "SIGNS": "fallow.ledger.lines",
    "TypedOnlyRow": "fallow.ledger.rows",
    "Units": "fallow.ledger.units",
    "balance": "fallow.ledger.land_balance",
}

if TYPE_CHECKING:
    from fallow.ledger.faces import FaceStates as FaceStates
    from fallow.ledger.land_balance import Balance as Balance
    from fallow.ledger.land_balance import balance as balance
    from fallow.ledger.lines import LINES as LINES
    from fallow.ledger.lines import SIGNS as SIGNS
    from fallow.ledger.rows import BalanceRow as BalanceRow
    from fallow.ledger.rows import Cell as Cell
    from fallow.ledger.rows import Period as Period
    from fallow.ledger.rows import ProductRow as ProductRow
    from fallow.ledger.rows import QuantityRow as QuantityRow
    from fallow.ledger.rows import TypedOnlyRow as TypedOnlyRow
    from fallow.ledger.units import Units as Units

__all__ = [
    "LINES",
    "SIGNS",
    "Balance",
    "BalanceRow",
    "Cell",
    "FaceStates",
    "Period",
    "ProductRow",
    "QuantityRow",
    "TypedOnlyRow",
    "Units",
    "balance",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.ledger' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
