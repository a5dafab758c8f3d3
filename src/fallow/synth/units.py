"""Regions, districts, places and parcels of the invented land, in the frame's metres.

Many small Voronoi cells are gathered round district seeds and districts round region seeds, so that districts
partition the land, regions are exact unions of districts, and no border is straight for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.synth.frame import Floats, Frame, Ints, Rng
from fallow.synth.shapes import outlines

_GRID = 0.01
_CELLS_PER_DISTRICT = 45


@dataclass(frozen=True)
class Units:
    """Administrative units: regions first, then districts by region.

    Args:
        codes: issued codes, ``SYN-01`` and ``SYN-01-03``.
        level: 1 or 2, shape (n,).
        parent: position of the parent, or -1, shape (n,).
        shapes: polygons or multipolygons, metres, shape (n,).
        population: people, shape (n,); a region's is the sum of its districts'.
    """

    codes: list[str]
    level: Ints
    parent: Ints
    shapes: Shapes
    population: Ints

    @property
    def districts(self) -> Ints:
        """Positions of the districts."""
        return np.flatnonzero(self.level == 2)

    def locate(self, x: Floats, y: Floats) -> Ints:
        """Return the position of the district of each point, the nearest one for points off the land."""
        districts = self.districts
        tree = shapely.STRtree(self.shapes[districts])
        nearest = tree.nearest(shapely.points(x, y))
        found: Ints = districts[np.asarray(nearest, dtype=np.int64)]
        return found


@dataclass(frozen=True)
class Places:
    """Settlements: points in metres with the district each lies in and the people who live there."""

    points: Floats
    district: Ints
    population: Ints


@dataclass(frozen=True)
class Parcels:
    """Cadastral parcels: polygons in metres, the place each belongs to."""

    shapes: Shapes
    place: Ints


def scatter(land: Any, count: int, rng: Rng) -> Floats:
    """Return ``count`` points, shape (count, 2), each uniformly at random on the land, independent of all others."""
    shapely.prepare(land)
    west, south, east, north = land.bounds
    share = land.area / ((east - west) * (north - south))
    points = np.empty((0, 2))
    while len(points) < count:
        want = int((count - len(points)) / share * 1.1) + 16
        tried = rng.uniform((west, south), (east, north), (want, 2))
        points = np.concatenate([points, tried[shapely.contains_xy(land, tried[:, 0], tried[:, 1])]])
    return points[:count]


def _nearest(points: Floats, seeds: Floats) -> Ints:
    tree = shapely.STRtree(shapely.points(seeds))
    return np.asarray(tree.nearest(shapely.points(points)), dtype=np.int64)


def _settled(seeds: Floats, points: Floats, rounds: int = 2) -> Floats:
    """Return seeds moved to the middle of the points nearest to them, so that no unit is tiny."""
    for _ in range(rounds):
        owner = _nearest(points, seeds)
        sums = np.zeros_like(seeds)
        np.add.at(sums, owner, points)
        counts = np.bincount(owner, minlength=len(seeds))
        seeds = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], seeds)
    return seeds


def _gather(cells: Shapes, owner: Ints, count: int) -> Shapes:
    unions = [shapely.coverage_union_all(cells[owner == one]) for one in range(count)]
    return np.array(unions, dtype=object)


def draw_units(frame: Frame, land: Any, areas: int, rng: Rng) -> Units:
    """Return regions and districts whose number grows slowly with the number of hazardous areas."""
    regions = int(np.clip(round(4 + 2.5 * np.log10(areas / 60)), 4, 14))
    districts = regions * int(np.clip(round(3.5 + 2 * np.log10(areas / 60)), 3, 12))
    points = scatter(land, districts * _CELLS_PER_DISTRICT, rng)
    box = shapely.box(*land.buffer(frame.radius).bounds)
    raw = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=box, ordered=True)
    cells = shapely.intersection(shapely.set_precision(shapely.get_parts(raw), _GRID), land, grid_size=_GRID)
    cells = np.array([shapely.multipolygons(_polygons(cell)) for cell in cells], dtype=object)

    seeds = _settled(points[rng.choice(len(points), districts, replace=False)], points)
    of_district = _nearest(points, seeds)
    region_seeds = _settled(seeds[rng.choice(districts, regions, replace=False)], seeds)
    of_region = _nearest(seeds, region_seeds)

    # Number from north to south, as gazetteers do, and leave out what drew no cell at all.
    used = [one for one in np.argsort(-seeds[:, 1], kind="stable") if (of_district == one).any()]
    order = sorted({int(of_region[one]) for one in used}, key=lambda one: -float(region_seeds[one, 1]))
    shapes = _gather(cells, of_district, districts)
    codes: list[str] = [f"SYN-{number + 1:02d}" for number in range(len(order))]
    parent = [-1] * len(order)
    polygons: list[Any] = []
    members: list[Any] = []
    for position, region in enumerate(order):
        own = [one for one in used if of_region[one] == region]
        polygons.append(shapely.coverage_union_all(shapes[own]))
        for number, one in enumerate(own):
            codes.append(f"{codes[position]}-{number + 1:02d}")
            parent.append(position)
            members.append(shapes[one])
    all_shapes = np.array(polygons + members, dtype=object)
    parents = np.array(parent, dtype=np.int64)
    level = np.where(parents < 0, 1, 2)
    people = _people(all_shapes, parents, rng)
    return Units(codes, level, parents, all_shapes, people)


def _polygons(shape: Any) -> list[Any]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]


def _people(shapes: Shapes, parent: Ints, rng: Rng) -> Ints:
    """Return people per unit: 8 to 90 per square kilometre in a district, summed for a region."""
    density = np.exp(rng.uniform(np.log(8), np.log(90), len(shapes)))
    people: Ints = np.maximum(np.round(shapely.area(shapes) / 1e6 * density), 40).astype(np.int64)
    people[parent < 0] = 0
    np.add.at(people, parent[parent >= 0], people[parent >= 0])
    return people


def whole_land(units: Units) -> Any:
    """Return the land as the exact union of its regions, with every corner that a border meets the coast in."""
    return shapely.coverage_union_all(units.shapes[units.level == 1])


def draw_places(units: Units, land: Any, areas: int, rng: Rng) -> Places:
    """Return settlements at random; together they hold three quarters of each district's people."""
    districts = units.districts
    extra = int(np.clip(areas // 6, 10, 4_000))
    first = np.concatenate([scatter(units.shapes[one], 1, rng) for one in districts])
    points = np.concatenate([first, scatter(land, extra, rng)])
    district = np.concatenate([districts, units.locate(points[len(first) :, 0], points[len(first) :, 1])])
    weight = rng.pareto(1.3, len(points)) + 0.2
    total = np.zeros(len(units.codes))
    np.add.at(total, district, weight)
    people = np.floor(0.75 * units.population[district] * weight / total[district]).astype(np.int64)
    return Places(points, district, people)


def draw_parcels(places: Places, land: Any, areas: int, rng: Rng) -> Parcels:
    """Return parcels around places: cells of a random partition of the fields around, cut by the coast."""
    per_place = 14 if areas <= 5_000 else 4
    shapes: list[Any] = []
    owners: list[int] = []
    shapely.prepare(land)
    for number, (x, y) in enumerate(places.points):
        reach = float(rng.uniform(350, 800))
        around = outlines(np.array([[x, y]]), np.array([3.0 * reach**2]), rng)[0]
        seeds = np.array([x, y]) + rng.normal(0.0, reach / 1.6, (per_place, 2))
        cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=around))
        cells = shapely.intersection(cells, around)
        if not land.contains(around):
            cells = shapely.intersection(cells, land)
        keep = [cell for cell in cells if cell.geom_type == "Polygon" and cell.area > 400]
        shapes.extend(keep)
        owners.extend([number] * len(keep))
    drawn: Shapes = np.array(shapes, dtype=object)
    owner = np.array(owners, dtype=np.int64)
    # Fields of neighbouring places can fall on each other; a cadastre has each piece of land once.
    one, other = shapely.STRtree(drawn).query(drawn, predicate="intersects")
    free = np.ones(len(drawn), dtype=bool)
    free[one[owner[one] > owner[other]]] = False
    return Parcels(drawn[free], owner[free])
