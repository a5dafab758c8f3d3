"""What a balance is made of when it leaves the ledger: rows, and the cells that name them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fallow.ledger.areas_exact import to_m2, whole_m2
from fallow.ledger.lines import LINES, SIGNS

CLOSING, OPENING = "closing", "opening"


class Period(NamedTuple):
    """A period from its first day to the day after its last."""

    start: dt.date
    end: dt.date


class Cell(NamedTuple):
    """Where a figure stands.

    Args:
        period: the period.
        unit: entity id of the administrative unit, None for ground in no unit (and for all where no units are given).
        contamination: class, or ``any`` for the union over classes.
        band: depth band, or ``any`` for the union over bands.
        classification: worst classification of the ground.
    """

    period: Period
    unit: str | None
    contamination: str
    band: str
    classification: str


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One cell of a balance with all its lines.

    Args:
        cell: where the figures stand.
        ground: line → exact amount in half grid squares (5e-11 m²); a line that is not there is zero.
        number: line → number of areas.
    """

    cell: Cell
    ground: Mapping[str, int]
    number: Mapping[str, int]

    def m2(self, line: str) -> float:
        """Return a line in square metres."""
        return to_m2(self.ground.get(line, 0))

    def printed(self, line: str) -> int:
        """Return a line as printed: whole square metres, rounded once."""
        return whole_m2(self.ground.get(line, 0))

    def residue(self) -> tuple[int, int]:
        """Return opening and lines less closing, for ground and for the number of areas; both are zero."""
        return _residue(self.ground), _residue(self.number)


def _residue(figures: Mapping[str, int]) -> int:
    return figures.get(OPENING, 0) + sum(SIGNS[name] * figures.get(name, 0) for name in SIGNS) - figures.get(CLOSING, 0)


@dataclass(frozen=True, slots=True)
class TypedOnlyRow:
    """One cell of the balance of areas without ground; the lines are those of :class:`BalanceRow`.

    Args:
        cell: where the figures stand.
        amount: line → exact amount as typed, in half grid squares.
        number: line → number of areas.
        unknown_size: how many of the areas at closing have no known size.
    """

    cell: Cell
    amount: Mapping[str, int]
    number: Mapping[str, int]
    unknown_size: int

    def m2(self, line: str) -> float:
        """Return a line in square metres."""
        return to_m2(self.amount.get(line, 0))

    def printed(self, line: str) -> int:
        """Return a line as printed: whole square metres, rounded once."""
        return whole_m2(self.amount.get(line, 0))

    def residue(self) -> tuple[int, int]:
        """Return opening and lines less closing, for square metres and for the number of areas; both are zero."""
        return _residue(self.amount), _residue(self.number)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What became of the ground of one release product: the parts add up to what was surveyed.

    Args:
        period: period in which it is booked.
        unit: unit of this part of its ground, None for none.
        product: entity id.
        kind: code of ``release_kind``.
        typed: True for a product without ground: the amounts are those that it states.
        surveyed: exact area, in half grid squares.
        released: open ground that it released in at least one layer.
        released_before: ground that was already released in the layers that it covers.
        other_layer: recorded hazard in other classes or depths only, or a product that releases no layer.
        outside: outside recorded hazard; never added to anything.
    """

    period: Period
    unit: str | None
    product: str
    kind: str
    typed: bool
    surveyed: int
    released: int
    released_before: int
    other_layer: int
    outside: int

    def m2(self, part: str) -> float:
        """Return a part (``surveyed``, ``released``, …) in square metres."""
        return to_m2(int(getattr(self, part)))


@dataclass(frozen=True, slots=True)
class QuantityRow:
    """Released quantities that are no area: kilometres of road, buildings, items.

    Args:
        period: period in which they are booked.
        unit: administrative unit, None for none.
        contamination: class. A product of several classes stands in each of them: classes are never summed.
        kind: code of ``release_kind``.
        measure: unit of the quantity, code of the list ``unit``.
        value: exact decimal sum.
        products: entity ids.
    """

    period: Period
    unit: str | None
    contamination: str
    kind: str
    measure: str
    value: str
    products: tuple[str, ...]


def named(figures: Mapping[int, int]) -> dict[str, int]:
    """Return figures by the names of their lines, in the order of the balance."""
    return {LINES[line]: figures[line] for line in sorted(figures)}
