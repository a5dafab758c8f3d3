"""Exact areas: whole numbers of half grid squares, so that what adds up adds up to the last unit.

Coordinates on the ledger's grid are whole multiples of 10 µm, so twice the area of a polygon is a whole number of
grid squares. One unit of that number is 5e-11 m². Sums over a country do not fit 64 bits; they are kept in two
limbs of 32 bits and more, and leave this module as Python integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from fallow.records.batch import Shapes

Ints = npt.NDArray[np.int64]

GRID_PER_M = 100_000  # grid lines per metre
UNITS_PER_M2 = 2 * GRID_PER_M**2  # half grid squares per square metre
_LOW_BITS = 32
_LOW_MASK = (1 << _LOW_BITS) - 1
# Below this bound on twice a ring's area, wrapping 64-bit arithmetic ends at the true value.
_WRAP_SAFE = float(1 << 62)


@dataclass(frozen=True, slots=True)
class Limbs:
    """(n,) whole numbers as ``high * 2**32 + low``, with 0 <= low < 2**32 unless a sign was laid on."""

    high: Ints
    low: Ints

    def __len__(self) -> int:
        return len(self.high)

    def take(self, index: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Limbs:
        """Return the chosen rows."""
        return Limbs(self.high[index], self.low[index])

    def signed(self, sign: Ints) -> Limbs:
        """Return the numbers times ``sign`` (1 or -1)."""
        return Limbs(self.high * sign, self.low * sign)

    def carried(self) -> Limbs:
        """Return the same numbers with the low limb back in its range."""
        return Limbs(self.high + (self.low >> _LOW_BITS), self.low & _LOW_MASK)

    def total(self) -> int:
        """Return the sum of all rows."""
        return (int(self.high.sum()) << _LOW_BITS) + int(self.low.sum())

    def values(self) -> list[int]:
        """Return the numbers as Python integers."""
        pairs = zip(self.high.tolist(), self.low.tolist(), strict=True)
        return [(high << _LOW_BITS) + low for high, low in pairs]

    @classmethod
    def of(cls, values: Ints | list[int]) -> Limbs:
        """Split whole numbers of any size."""
        if isinstance(values, np.ndarray):
            return cls(values >> _LOW_BITS, values & _LOW_MASK)
        high = np.array([value >> _LOW_BITS for value in values], dtype=np.int64)
        low = np.array([value & _LOW_MASK for value in values], dtype=np.int64)
        return cls(high, low)


def group(columns: list[Ints]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return (order, starts): rows sorted by the columns, and where each distinct key begins in that order.

    Args:
        columns: keys, most significant first; all (n,).
    """
    size = len(columns[0])
    order = np.lexsort(columns[::-1]) if size else np.zeros(0, np.int64)
    if size == 0:
        return order, np.zeros(0, np.int64)
    fresh = np.zeros(size, dtype=bool)
    fresh[0] = True
    for column in columns:
        ordered = column[order]
        fresh[1:] |= ordered[1:] != ordered[:-1]
    return order, np.flatnonzero(fresh)


def sum_by(columns: list[Ints], amounts: Limbs) -> tuple[list[Ints], Limbs]:
    """Return the distinct keys, sorted, and the exact sum of the amounts of each."""
    order, starts = group(columns)
    if len(starts) == 0:
        return [column[:0] for column in columns], amounts.take(order)
    keys = [column[order[starts]] for column in columns]
    high = np.add.reduceat(amounts.high[order], starts)
    low = np.add.reduceat(amounts.low[order], starts)
    return keys, Limbs(high, low).carried()


def twice_areas(polygons: Shapes) -> Limbs:
    """Return twice the area of polygons whose coordinates are whole numbers.

    Args:
        polygons: (n,) polygons in grid units, holes inside shells.

    Returns:
        (n,) areas in half grid squares, exact.
    """
    if len(polygons) == 0:
        return Limbs.of(np.zeros(0, np.int64))
    _, coordinates, (ring_ends, polygon_ends) = shapely.to_ragged_array(polygons, include_z=False)
    starts, ends = ring_ends[:-1], ring_ends[1:]
    local = coordinates - np.repeat(coordinates[starts], ends - starts, axis=0)
    reach = np.maximum.reduceat(np.abs(local), starts, axis=0)
    # A ring lies within a box of twice its reach: that bounds its area.
    safe = 8.0 * reach[:, 0] * reach[:, 1] < _WRAP_SAFE
    x, y = local[:, 0].astype(np.int64), local[:, 1].astype(np.int64)
    # Rings begin and end at their own origin here, so the step from one ring to the next adds nothing.
    terms = np.zeros(len(x), dtype=np.int64)
    terms[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    twice = np.abs(np.add.reduceat(terms, starts))
    shells = polygon_ends[:-1]
    signed = -twice
    signed[shells] = twice[shells]
    totals: list[int] | Ints = np.add.reduceat(signed, shells)
    for polygon in np.flatnonzero(np.logical_or.reduceat(~safe, shells)).tolist():
        if isinstance(totals, np.ndarray):
            totals = totals.tolist()
        first, last = int(polygon_ends[polygon]), int(polygon_ends[polygon + 1])
        sizes = [
            _shoelace(x[low:high].tolist(), y[low:high].tolist())
            for low, high in zip(starts[first:last].tolist(), ends[first:last].tolist(), strict=True)
        ]
        totals[polygon] = sizes[0] - sum(sizes[1:])
    return Limbs.of(totals)


def _shoelace(x: list[int], y: list[int]) -> int:
    return abs(sum(x[i - 1] * y[i] - x[i] * y[i - 1] for i in range(len(x))))


def from_m2(value: float) -> int:
    """Return a typed number of square metres in half grid squares, rounded once."""
    return round(value * UNITS_PER_M2)


def to_m2(amount: int) -> float:
    """Return an exact amount as square metres, rounded once to the nearest number."""
    return amount / UNITS_PER_M2


def whole_m2(amount: int) -> int:
    """Return an exact amount as printed: whole square metres, halves away from zero."""
    whole = (2 * abs(amount) + UNITS_PER_M2) // (2 * UNITS_PER_M2)
    return whole if amount >= 0 else -whole
