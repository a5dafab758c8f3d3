"""Population raster of the invented land: 30 arc-seconds, whole people, exact sums per district."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from fallow.synth.frame import Floats, Rng
from fallow.synth.hazard_rows import Ground
from fallow.synth.wire import REMARK

NODATA = -99999.0
CELLS_PER_DEGREE = 120  # 30 arc-seconds


def draw_population(ground: Ground, rng: Rng) -> tuple[Floats, tuple[float, float]]:
    """Return (people per cell, (west, north) of the grid in degrees).

    A cell belongs to the district that its centre lies in, and holds whole people; the cells of a district sum to
    its population exactly. Cells whose centre lies in the sea are ``NODATA``.
    """
    units = ground.units
    districts = units.districts
    lonlat = ground.frame.to_lonlat(units.shapes[districts])
    box = shapely.bounds(lonlat)
    west = np.floor(box[:, 0].min() * CELLS_PER_DEGREE) / CELLS_PER_DEGREE
    north = np.ceil(box[:, 3].max() * CELLS_PER_DEGREE) / CELLS_PER_DEGREE
    columns = int(np.ceil((box[:, 2].max() - west) * CELLS_PER_DEGREE))
    rows = int(np.ceil((north - box[:, 1].min()) * CELLS_PER_DEGREE))
    grid = np.full((rows, columns), NODATA)
    lons = west + (np.arange(columns) + 0.5) / CELLS_PER_DEGREE
    lats = north - (np.arange(rows) + 0.5) / CELLS_PER_DEGREE
    places = shapely.get_coordinates(ground.frame.to_lonlat(np.asarray(shapely.points(ground.places.points))))
    for district, shape, (left, bottom, right, top) in zip(districts, lonlat, box, strict=True):
        across = np.flatnonzero((lons >= left) & (lons <= right))
        down = np.flatnonzero((lats >= bottom) & (lats <= top))
        shapely.prepare(shape)
        x, y = (part.ravel() for part in np.meshgrid(lons[across], lats[down]))
        inside = shapely.contains_xy(shape, x, y)
        row, column = (part.ravel()[inside] for part in np.meshgrid(down, across, indexing="ij"))
        own = np.flatnonzero(ground.places.district == district)
        weight = rng.gamma(0.6, 1.0, int(inside.sum())) * 0.25
        weight /= max(weight.sum(), 1e-9) / 0.25
        people = ground.places.population[own].astype(float)
        for (lon, lat), share in zip(places[own], people / max(people.sum(), 1.0), strict=True):
            # A settlement lives within a few cells of its point.
            near = np.exp(-((x[inside] - lon) ** 2 + (y[inside] - lat) ** 2) * CELLS_PER_DEGREE**2 / 2)
            weight += 0.75 * share * near / max(near.sum(), 1e-9)
        grid[row, column] = _whole(weight, int(units.population[district]))
    return grid, (float(west), float(north))


def _whole(weight: Floats, total: int) -> Floats:
    """Share ``total`` people by weight: whole numbers that sum to it, largest remainders first."""
    exact = total * weight / weight.sum()
    people: Floats = np.floor(exact)
    missing = total - int(people.sum())
    people[np.argsort(people - exact, kind="stable")[:missing]] += 1
    return people


def write_population(path: Path, grid: Floats, corner: tuple[float, float]) -> None:
    """Write the raster as GeoTIFF (float32, WGS 84), with tags that say what it is."""
    import rasterio
    from rasterio.transform import Affine

    step = 1 / CELLS_PER_DEGREE
    place = Affine(step, 0.0, corner[0], 0.0, -step, corner[1])
    profile: dict[str, Any] = {
        "driver": "GTiff", "height": grid.shape[0], "width": grid.shape[1], "count": 1, "dtype": "float32",
        "crs": "EPSG:4326", "transform": place, "nodata": NODATA, "compress": "deflate",
        "tiled": True, "blockxsize": 256, "blockysize": 256,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(grid.astype(np.float32), 1)
        raster.update_tags(SYNTHETIC="YES", REMARK=REMARK, UNIT="people per cell")
        raster.set_band_description(1, "SYNTHETIC population, people per cell")
