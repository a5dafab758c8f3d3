"""Random polygons for tests: on a coarse lattice they touch, nest and share edges; off it they cross at any angle."""

from __future__ import annotations

import hypothesis.strategies as st
import shapely

lattice = st.integers(0, 8).map(lambda n: n * 25.0)
anywhere = st.integers(0, 20_000_000).map(lambda n: n / 100_000)
corner = st.one_of(st.tuples(lattice, lattice), st.tuples(anywhere, anywhere))


def _valid(points: list[tuple[float, float]]) -> shapely.Geometry:
    made = shapely.make_valid(shapely.Polygon(points))
    parts = [
        part for part in shapely.get_parts(made) if part.geom_type in ("Polygon", "MultiPolygon") and part.area > 1
    ]
    return shapely.union_all(parts) if parts else shapely.box(*points[0], points[0][0] + 10, points[0][1] + 10)


rings = st.lists(corner, min_size=3, max_size=6).map(_valid)
boxes = st.builds(
    lambda a, b: shapely.box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]) + 5, max(a[1], b[1]) + 5), corner, corner
)
several = st.lists(boxes, min_size=2, max_size=3).map(shapely.union_all)
polygons = st.one_of(rings, boxes, several)
