"""The ground of a balance: faces, the units that hold them, and the unit in which each shape is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fallow.ledger.areas_exact import Ints
from fallow.ledger.arrangement import Arrangement


@dataclass(frozen=True)
class Plane:
    """The ground of a balance.

    Args:
        arrangement: faces of all shapes and unit boundaries.
        unit: (editions, f) number of the unit of each face, -1 for none.
        home: (editions, shapes) number of the unit of the largest part of each shape, -1 for none.
        edition_days: (editions,) first day of each edition of unit boundaries, as ordinals.
    """

    arrangement: Arrangement
    unit: npt.NDArray[np.int64]
    home: npt.NDArray[np.int64]
    edition_days: Ints

    def edition(self, days: Ints) -> Ints:
        """Return the edition of unit boundaries in force on each day."""
        found: Ints = np.searchsorted(self.edition_days, days, side="right") - 1
        return found
