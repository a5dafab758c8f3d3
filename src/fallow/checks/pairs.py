"""Pairs of polygons on common ground, measured: the neighbours of many shapes without comparing all with all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from fallow.checks.columns import Floats, Ints
from fallow.checks.shapes import comparable, in_threads, square_degree_m2
from fallow.checks.view import View
from fallow.records.batch import Shapes

OVERLAP_M2 = 1.0  # what is printed is right to 1 m²; less is the noise of two drawings of one edge
MOST_MEASURED = 20  # partners of one row that are measured, those with the widest common box; the rest is counted
_CHUNK_PAIRS = 2_000_000


def measured_pairs(
    view: View, shapes: Shapes, tree: shapely.STRtree, ground: Shapes, skip: Ints | None = None
) -> tuple[Ints, Ints, Floats, Ints]:
    """Return the overlapping pairs of two arrays of polygons.

    Args:
        view: the batch, for its context.
        shapes: (n,) valid shapes.
        tree: index of ``ground``.
        ground: (m,) shapes, not known to be valid.
        skip: pairs to leave out, each as (position in ``shapes``) × m + (position in ``ground``). None: both arrays
            are one; each pair is given once, and none with itself.

    Returns:
        positions in ``shapes``, positions in ``ground``, m² of common ground (more than :data:`OVERLAP_M2`), and
        per shape the number of neighbours that were not measured.
    """
    same = skip is None
    left = np.zeros(len(shapes), dtype=np.int64)
    ones, others = [], []
    boxes, held = shapely.bounds(shapes), shapely.bounds(ground)
    for mine, near in _neighbours(tree, shapes):
        apart = mine != near if skip is None else ~np.isin(mine * len(ground) + near, skip)
        kept = _widest(mine[apart], near[apart], boxes, held, left)
        ones.append(kept[0])
        others.append(kept[1])
    one, other = (np.concatenate(part) if part else np.empty(0, dtype=np.int64) for part in (ones, others))
    if same and len(one):
        pairs = np.unique(np.sort(np.column_stack((one, other)), axis=1), axis=0)
        one, other = pairs[:, 0], pairs[:, 1]
    if not same:
        unique, inverse = np.unique(other, return_inverse=True)
        partner = comparable(ground[unique])[inverse]
    else:
        partner = ground[other]
    common = in_threads(
        lambda part: shapely.intersection(part[:, 0], part[:, 1]), np.column_stack((shapes[one], partner)), object
    )
    middle = np.radians((boxes[one, 1] + boxes[one, 3]) / 2)
    rough = np.flatnonzero(shapely.area(common) * square_degree_m2(middle) > 0.5 * OVERLAP_M2)
    m2 = view.measure(common[rough])
    enough = m2 > OVERLAP_M2
    return one[rough][enough], other[rough][enough], m2[enough], left


def _neighbours(tree: shapely.STRtree, shapes: Shapes) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs with touching boxes, in stretches that keep the pairs of one row together and memory bounded."""
    start, length = 0, 64
    while start < len(shapes):
        one, other = tree.query(shapes[start : start + length])
        yield one + start, other
        start += length
        density = max(len(one) / length, 1.0)
        length = int(np.clip(_CHUNK_PAIRS / density, 1, 64 * length))


def _widest(one: Ints, other: Ints, boxes: Floats, held: Floats, left: Ints) -> tuple[Ints, Ints]:
    """Keep the :data:`MOST_MEASURED` widest common boxes of each row and count the others in ``left``."""
    counts = np.bincount(one, minlength=len(left))
    if not len(one) or counts.max() <= MOST_MEASURED:
        return one, other
    width = np.minimum(boxes[one, 2], held[other, 2]) - np.maximum(boxes[one, 0], held[other, 0])
    height = np.minimum(boxes[one, 3], held[other, 3]) - np.maximum(boxes[one, 1], held[other, 1])
    order = np.lexsort((-width * height, one))
    one, other = one[order], other[order]
    first = np.searchsorted(one, one, side="left")
    keep = np.arange(len(one)) - first < MOST_MEASURED
    left += np.bincount(one[~keep], minlength=len(left))
    return one[keep], other[keep]
