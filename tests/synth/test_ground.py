"""The invented land itself: where it lies, its units and people, and that hazard is scattered at random on it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from fallow.synth import Land
from fallow.synth.coast import draw_coast
from fallow.synth.drawing import Drawing, draw
from fallow.synth.frame import Frame, stream
from fallow.synth.names import invent
from fallow.synth.population import NODATA
from fallow.synth.story import draw_areas
from fallow.synth.units import draw_units, scatter, whole_land
from tests.conftest import ROOT

COUNTRIES = Path(
    os.environ.get("COUNTRIES_GEOJSON", ROOT.parent / "shared" / "data" / "world" / "countries_50m.geojson")
)
SIZES = (10, 60, 2_000, 100_000, 1_000_000)
# Open ocean: the nearest land is Corvo, south of 39.8° N.
OPEN_OCEAN = shapely.box(-38.0, 40.0, -30.0, 46.0)


def coast_on_earth(areas: int, seed: int) -> object:
    frame = Frame.for_areas(areas)
    return frame.to_lonlat(np.array([draw_coast(frame, stream(seed, "coast"))], dtype=object))[0]


@pytest.mark.parametrize("areas", SIZES)
def test_the_land_lies_in_open_ocean_whatever_its_size(areas: int) -> None:
    for seed in range(8):
        coast = coast_on_earth(areas, seed)
        assert shapely.is_valid(coast)
        assert OPEN_OCEAN.contains(coast)


@pytest.mark.skipif(
    not COUNTRIES.exists(), reason="no countries_50m.geojson in FALLOW_DATA; or name it in COUNTRIES_GEOJSON"
)
def test_the_land_overlaps_no_country(land: Land) -> None:
    from pyogrio import raw

    countries = shapely.from_wkb(raw.read(COUNTRIES)[2])
    assert len(countries) > 200
    tree = shapely.STRtree(countries)
    for coast in [coast_on_earth(areas, seed) for areas in SIZES for seed in range(3)]:
        assert not len(tree.query(shapely.buffer(coast, 0.2), predicate="intersects"))
    west, south, east, north = land.manifest.land.bounds
    assert not len(tree.query(shapely.box(west, south, east, north), predicate="intersects"))


@pytest.mark.parametrize(("areas", "seed"), [(10, 1), (60, 2), (60, 3), (2_000, 4)])
def test_units_partition_the_land(areas: int, seed: int) -> None:
    frame = Frame.for_areas(areas)
    land = draw_coast(frame, stream(seed, "coast"))
    units = draw_units(frame, land, areas, stream(seed, "units"))
    districts = units.shapes[units.level == 2]
    regions = units.shapes[units.level == 1]
    whole = whole_land(units)
    assert shapely.area(districts).sum() == pytest.approx(whole.area, rel=1e-9)
    assert shapely.area(regions).sum() == pytest.approx(whole.area, rel=1e-9)
    assert whole.symmetric_difference(land).area < 1e-6 * land.area
    on_earth = frame.to_lonlat(districts)
    assert shapely.is_valid(on_earth).all()
    assert shapely.coverage_is_valid(on_earth)
    for position in np.flatnonzero(units.level == 1):
        own = units.parent == position
        assert own.sum() >= 1
        assert shapely.equals(shapely.union_all(units.shapes[own]), units.shapes[position])
        assert units.population[own].sum() == units.population[position]
        assert all(units.codes[row].startswith(units.codes[position] + "-") for row in np.flatnonzero(own))
    assert len(set(units.codes)) == len(units.codes)


def test_people_of_the_raster_sum_to_the_units(land: Land, drawing: Drawing) -> None:
    units = drawing.ground.units
    with rasterio.open(land.folder / "population.tif") as raster:
        people = raster.read(1)
        assert raster.nodata == NODATA == -99999.0
        assert raster.crs.to_epsg() == 4326
        assert raster.res == pytest.approx((1 / 120, 1 / 120))
        assert raster.tags()["SYNTHETIC"] == "YES"
        assert "SYNTHETIC" in raster.descriptions[0]
        rows, columns = np.nonzero(people != NODATA)
        lon, lat = rasterio.transform.xy(raster.transform, rows, columns)
    values = people[rows, columns].astype(np.float64)
    assert (values >= 0).all()
    assert values.sum() == units.population[units.level == 1].sum()
    on_earth = drawing.frame.to_lonlat(units.shapes)
    for row in range(len(units.codes)):
        inside = shapely.contains_xy(on_earth[row], np.asarray(lon), np.asarray(lat))
        assert values[inside].sum() == units.population[row]


def test_places_and_parcels_lie_on_the_land_and_parcels_do_not_overlap(drawing: Drawing) -> None:
    ground = drawing.ground
    assert (shapely.distance(drawing.land, shapely.points(ground.places.points)) < 1.0).all()
    for row, district in enumerate(ground.places.district):
        point = shapely.Point(ground.places.points[row])
        assert ground.units.shapes[district].distance(point) < 1.0
    people = np.bincount(ground.places.district, ground.places.population, minlength=len(ground.units.codes))
    assert (people[ground.units.level == 2] <= ground.units.population[ground.units.level == 2]).all()
    parcels = drawing.parcels.shapes
    assert shapely.is_valid(parcels).all()
    assert (shapely.area(shapely.difference(parcels, drawing.land)) < 1.0).all()
    one, other = shapely.STRtree(parcels).query(parcels, predicate="intersects")
    apart = one < other
    assert (shapely.area(shapely.intersection(parcels[one[apart]], parcels[other[apart]])) < 0.01).all()


def test_names_are_all_different_and_have_a_ukrainian_spelling() -> None:
    names = invent(3_000, stream(1, "names"))
    assert len({english for english, _ in names}) == len({ukrainian for _, ukrainian in names}) == 3_000
    assert all(english.isascii() and not any(letter.isascii() for letter in other) for english, other in names)


# --- scatter ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1, 2, 3])
def middles(request: pytest.FixtureRequest) -> tuple[object, np.ndarray]:
    """Middles of 3,000 areas, and the ground they were scattered on."""
    frame = Frame.for_areas(3_000)
    land = draw_coast(frame, stream(request.param, "coast"))
    return land, draw_areas(land, 3_000, request.param).middle


def neighbours(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return distance and direction to the nearest other point."""
    shapes = shapely.points(points)
    pairs = shapely.STRtree(shapes).query_nearest(shapes, exclusive=True, all_matches=False)
    step = points[pairs[1]] - points[pairs[0]]
    return np.hypot(*step.T), np.arctan2(step[:, 1], step[:, 0])


def departure(points: np.ndarray, ground: object) -> float:
    """Return by how many standard errors the mean distance to the nearest neighbour departs from chance.

    For n independent points on an area A with perimeter P the mean is 0.5·√(A/n) + (0.0514 + 0.041/√n)·P/n, and its
    variance 0.0703·A/n² + 0.037·P·√(A/n⁵) (Donnelly 1978).
    """
    distance, _ = neighbours(points)
    n, area, perimeter = len(points), ground.area, ground.simplify(2_000).length
    expected = 0.5 * np.sqrt(area / n) + (0.0514 + 0.041 / np.sqrt(n)) * perimeter / n
    error = np.sqrt(0.0703 * area / n**2 + 0.037 * perimeter * np.sqrt(area / n**5))
    return float((distance.mean() - expected) / error)


def test_distances_to_the_nearest_neighbour_are_those_of_independent_points(middles: tuple) -> None:
    land, points = middles
    assert abs(departure(points, shapely.buffer(land, -1_500))) < 4
    # Squared distances of independent points are exponential: their spread equals their mean. A lattice has none.
    squared = neighbours(points)[0] ** 2
    assert 0.85 < squared.std() / squared.mean() < 1.2


def test_the_measure_tells_rows_and_clusters_from_chance(middles: tuple) -> None:
    """Points that keep a distance or stand in rows are farther apart than chance puts them, clusters are nearer."""
    land, points = middles
    ground = shapely.buffer(land, -1_500)
    rng = np.random.default_rng(7)
    west, south, east, north = ground.bounds
    step = np.sqrt(ground.area / len(points))
    grid = np.stack(np.meshgrid(np.arange(west, east, step), np.arange(south, north, step)), axis=-1).reshape(-1, 2)
    rows = grid + rng.normal(0.0, 0.25 * step, grid.shape)
    rows = rows[shapely.contains_xy(ground, rows[:, 0], rows[:, 1])]
    assert departure(rows, ground) > 8
    clusters = points[rng.integers(0, 300, len(points))] + rng.normal(0.0, step, points.shape)
    clusters = clusters[shapely.contains_xy(ground, clusters[:, 0], clusters[:, 1])]
    assert departure(clusters, ground) < -8


def test_no_direction_is_preferred(middles: tuple) -> None:
    _, points = middles
    _, angle = neighbours(points)
    for fold in (2, 3, 4, 6, 8):
        # For independent directions n·R² is about exponential with mean 1. Mutual neighbours count twice.
        strength = len(angle) * abs(np.exp(1j * fold * angle).mean()) ** 2
        assert strength < 20


def test_areas_keep_no_distance_to_places_or_borders(drawing: Drawing) -> None:
    """Areas lie no nearer to settlements and borders, and no farther, than any point of the land."""
    frame = Frame.for_areas(2_000)
    drawn = draw(5, 2_000)
    inland = shapely.buffer(drawn.land, -1_500)
    anywhere = scatter(inland, 4_000, stream(99, "anywhere"))
    places = shapely.STRtree(shapely.points(drawn.ground.places.points))
    borders = shapely.STRtree(shapely.boundary(drawn.ground.units.shapes))
    for tree in (places, borders):
        near = tree.query_nearest(shapely.points(drawn.areas.middle), return_distance=True, all_matches=False)[1]
        usual = tree.query_nearest(shapely.points(anywhere), return_distance=True, all_matches=False)[1]
        error = usual.std() * np.sqrt(1 / len(near) + 1 / len(usual))
        assert abs(near.mean() - usual.mean()) < 4 * error
    assert frame == drawn.frame
