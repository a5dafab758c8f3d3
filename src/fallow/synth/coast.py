"""The coast of the invented land: a random ring whose sides are broken again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from fallow.synth.frame import Floats, Frame, Rng

_GRID = 0.01  # metres; every border of the land lies on this grid, so that neighbours meet exactly


def _break_sides(ring: Floats, rounds: int, rng: Rng) -> Floats:
    """Return an open ring, shape (n, 2), with each side broken at a displaced middle, ``rounds`` times."""
    for _ in range(rounds):
        ahead = np.roll(ring, -1, axis=0)
        side = ahead - ring
        normal = np.column_stack([-side[:, 1], side[:, 0]])
        middle = (ring + ahead) / 2 + normal * rng.normal(0.0, 0.16, len(ring))[:, None]
        ring = np.stack([ring, middle], axis=1).reshape(-1, 2)
    return ring


def _island(middle: Floats, radius: float, rounds: int, rng: Rng) -> Any:
    corners = 9
    turn = 2 * np.pi * (np.arange(corners) + rng.uniform(-0.35, 0.35, corners)) / corners
    reach = radius * rng.uniform(0.6, 1.2, corners)
    ring = middle + np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None]
    blob = shapely.make_valid(shapely.Polygon(_break_sides(ring, rounds, rng)))
    parts = [part for part in shapely.get_parts(blob) if part.geom_type == "Polygon"]
    return shapely.Polygon(max(parts, key=lambda part: part.area).exterior)


def draw_coast(frame: Frame, rng: Rng) -> Any:
    """Return the land as one polygon or multipolygon in the frame's metres: a main island and up to three islets."""
    rounds = int(np.clip(round(np.log2(frame.radius / 250)), 6, 8))
    parts = [_island(np.zeros(2), frame.radius, rounds, rng)]
    for _ in range(int(rng.integers(1, 4))):
        turn = rng.uniform(0, 2 * np.pi)
        middle = np.array([np.cos(turn), np.sin(turn)]) * frame.radius * 1.3
        parts.append(_island(middle, frame.radius * rng.uniform(0.05, 0.09), rounds - 2, rng))
    land = shapely.set_precision(shapely.union_all(parts), _GRID)
    within = shapely.Point(0, 0).buffer(1.5 * frame.radius, quad_segs=64)
    return shapely.set_precision(shapely.intersection(land, within), _GRID)
