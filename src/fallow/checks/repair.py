"""Proposals of repair: which order of vertices a crossing outline may have been meant to have."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import Any

import numpy as np
import shapely
from shapely import GeometryType

from fallow.checks.columns import Floats, Ints
from fallow.checks.vertices import SAME_VERTEX_DEG

LOWERS_M2 = 0.01  # a proposal that leaves out more ground than this lowers hazard and needs the lowering door
MOST_VERTICES = 60
_EXACT = 8  # up to this many vertices every order is tried


def reordered(shape: Any) -> Any:
    """Return the polygon of the same vertices with the shortest outline, or None where that helps nothing.

    Two vertices typed in the wrong order are a normal error of a form; the shortest way round through the same
    points does not cross itself and is most often the way that was walked. It stays a proposal.

    Args:
        shape: a polygon, or a multipolygon of one part, without holes, of at most :data:`MOST_VERTICES` vertices.
    """
    parts = shapely.get_parts(shape)
    if len(parts) != 1 or shapely.get_num_interior_rings(parts[0]):
        return None
    xy = shapely.get_coordinates(parts[0])[:-1]
    apart = (np.abs(np.roll(xy, -1, axis=0) - xy) >= SAME_VERTEX_DEG).any(axis=1)
    xy = xy[apart]
    if not 4 <= len(xy) <= MOST_VERTICES:
        return None
    flat = (xy - xy[0]) * (np.cos(np.radians(xy[:, 1].mean())), 1.0)
    distance = np.hypot(flat[:, None, 0] - flat[None, :, 0], flat[:, None, 1] - flat[None, :, 1])
    order = _best_order(distance) if len(xy) <= _EXACT else _untangled(distance)
    proposal = shapely.Polygon(xy[order])
    if not proposal.is_valid or not proposal.area > 0:
        return None
    return shapely.MultiPolygon([proposal]) if shapely.get_type_id(shape) == GeometryType.MULTIPOLYGON else proposal


@cache
def _orders(count: int) -> Ints:
    """Return all ways round ``count`` points that begin at the first: (factorial(count - 1), count)."""
    rest = np.array(list(permutations(range(1, count))), dtype=np.int64)
    return np.concatenate((np.zeros((len(rest), 1), dtype=np.int64), rest), axis=1)


def _best_order(distance: Floats) -> Ints:
    orders = _orders(len(distance))
    lengths = distance[orders, np.roll(orders, -1, axis=1)].sum(axis=1)
    best: Ints = orders[int(np.argmin(lengths))]
    return best


def _untangled(distance: Floats) -> Ints:
    """Turn round the stretch that shortens the outline most until none does: then no two edges cross."""
    order = np.arange(len(distance))
    count = len(order)
    upper = np.triu(np.ones((count, count), dtype=bool), 2)
    upper[0, -1] = False  # the first and the last edge meet in the first vertex
    for _ in range(10 * count):
        following = np.roll(order, -1)
        edge = distance[order, following]
        gain = distance[np.ix_(order, order)] + distance[np.ix_(following, following)] - edge[:, None] - edge[None, :]
        gain[~upper] = 0.0
        first, second = np.unravel_index(int(np.argmin(gain)), gain.shape)
        if gain[first, second] > -1e-12:
            break
        order[first + 1 : second + 1] = order[first + 1 : second + 1][::-1]
    return order
