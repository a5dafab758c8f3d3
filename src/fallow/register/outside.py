"""What of a release product lies outside recorded hazard, and the linked act that the approver decides on.

A product is kept as surveyed. Its part outside is a question with three answers: the boundary was wrong
(``extend_boundary``), there was hazard that nobody had recorded (``new_hazard``), or the work went beyond
(``work_outside``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

EXTEND, NEW_HAZARD, WORK_OUTSIDE = "extend_boundary", "new_hazard", "work_outside"
DECISIONS = (WORK_OUTSIDE, EXTEND, NEW_HAZARD)
TOLERANCE_M2 = 1.0


@dataclass(frozen=True, slots=True)
class Outside:
    """The part of one product outside recorded hazard."""

    shape: Any  # WGS 84
    area_m2: float
    touches: tuple[int, ...]  # positions of the areas that the product meets


def outside(products: Any, areas: Any, equal_area: str) -> dict[int, Outside]:
    """Return the parts outside, by position of the product; products wholly inside are absent.

    Args:
        products: array of shapes, WGS 84 (None allowed: nothing to compare).
        areas: array of the shapes of recorded hazardous areas, WGS 84.
        equal_area: the register's equal-area system.
    """
    from fallow.geodesy import area_m2

    products, areas = np.asarray(products, dtype=object), np.asarray(areas, dtype=object)
    kept = np.flatnonzero(shapely.get_dimensions(areas) == 2) if len(areas) else np.array([], dtype=int)
    drawn = np.flatnonzero(shapely.get_dimensions(products) == 2)
    tree = shapely.STRtree(areas[kept])
    covered = set(tree.query(products[drawn], predicate="covered_by")[0].tolist()) if len(kept) else set()
    rest = [position for n, position in enumerate(drawn.tolist()) if n not in covered]
    if not rest:
        return {}
    meets: dict[int, list[int]] = {position: [] for position in rest}
    if len(kept):
        ours, theirs = tree.query(products[rest], predicate="intersects")
        for at, area in zip(ours.tolist(), theirs.tolist(), strict=True):
            meets[rest[at]].append(int(kept[area]))
    left = np.array(
        [
            shapely.difference(
                shapely.make_valid(products[position]),
                shapely.union_all(shapely.make_valid(areas[meets[position]])) if meets[position] else shapely.Polygon(),
            )
            for position in rest
        ],
        dtype=object,
    )
    sizes = area_m2(left, equal_area)
    return {
        position: Outside(shape, float(size), tuple(meets[position]))
        for position, shape, size in zip(rest, left, sizes.tolist(), strict=True)
        if size > TOLERANCE_M2
    }
