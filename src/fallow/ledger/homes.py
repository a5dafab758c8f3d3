"""The unit in which a record is counted: the one that holds the largest part of its shape."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fallow.ledger.areas_exact import sum_by
from fallow.ledger.arrangement import Arrangement


def homes(arrangement: Arrangement, unit: npt.NDArray[np.int64], shapes: int) -> npt.NDArray[np.int64]:
    """Return (editions, shapes) the unit of the largest part of each shape, -1 where no part lies in a unit.

    Of parts that are equal to the last half grid square, the unit listed first counts.

    Args:
        arrangement: the arrangement.
        unit: (editions, f) number of the unit of each face, -1 for none.
        shapes: number of shapes.
    """
    found = np.full((len(unit), shapes), -1, dtype=np.int64)
    for row, of_face in zip(found, unit, strict=True):
        inside = of_face[arrangement.face] >= 0
        face, shape = arrangement.face[inside], arrangement.shape[inside]
        (shape, where), size = sum_by([shape, of_face[face]], arrangement.areas.take(face))
        order = np.lexsort((where, -size.low, -size.high, shape))
        first = np.flatnonzero(np.r_[np.ones(min(1, len(order)), bool), np.diff(shape[order]) != 0])
        row[shape[order[first]]] = where[order[first]]
    return found
