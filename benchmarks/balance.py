"""Time the land balance on 100,000 invented areas and products, beside the closing area by pairwise difference.

Usage: ``python benchmarks/balance.py [--areas N] [--products N] [--seed N] [--no-peer]``

The land is invented and the shapes are scattered at random in clusters; nothing here is a real place. The peer
answers one question of the many that the balance answers, what is still open at the end, by taking from each open
area the union of the products over it (shapely, spatial index, no layers, no lines, no numbers).
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from fallow.geodesy import equal_area_for, to_equal_area
from fallow.ledger import Balance, Units, balance
from fallow.records.versions import Versions

WEST, SOUTH, EAST, NORTH = 20.0, 44.0, 24.0, 46.0
PERIODS = [(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)) for year in (2022, 2023, 2024)]
CLASSES = ("ap_mine", "av_mine", "submunition", "other_uxo", "unknown")
DEPTHS = ((0.0, 0.2), (0.0, 0.5), (0.0, None))


def blobs(rng: np.random.Generator, centres: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return star-shaped polygons of eight to twelve corners around centres (degrees), radius in metres."""
    corners = 10
    angles = np.sort(rng.uniform(0, 2 * np.pi, (len(centres), corners)), axis=1)
    reach = radius[:, None] * rng.uniform(0.6, 1.4, (len(centres), corners))
    x = centres[:, :1] + reach * np.cos(angles) / (111_320 * np.cos(np.radians(centres[:, 1:])))
    y = centres[:, 1:] + reach * np.sin(angles) / 111_320
    rings = np.stack([x, y], axis=-1)
    shapes = shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1))
    wrong = ~shapely.is_valid(shapes)
    shapes[wrong] = shapely.convex_hull(shapes[wrong])
    return shapes


def invent(areas: int, products: int, seed: int) -> tuple[Versions, Versions, Units]:
    """Return accepted changes of areas and products, and ten units."""
    rng = np.random.default_rng(seed)
    clusters = rng.uniform((WEST, SOUTH), (EAST, NORTH), (max(1, areas // 9), 2))
    home = clusters[rng.integers(0, len(clusters), areas)] + rng.normal(0, 0.003, (areas, 2))
    radius = rng.lognormal(4.2, 0.6, areas)
    shapes = blobs(rng, home, radius)
    rows: list[tuple] = []
    first, last = dt.date(2019, 1, 1).toordinal(), dt.date(2024, 12, 31).toordinal()
    begun = rng.integers(first, last, areas)
    changed = rng.random(areas) < 0.2
    redrawn = blobs(rng, home, radius * rng.uniform(0.7, 1.2, areas))
    for number in range(areas):
        entity = f"area-{number:06d}"
        top, bottom = DEPTHS[rng.integers(0, 3)]
        state = {
            "classification": "cha" if rng.random() < 0.3 else "sha",
            "contamination": [CLASSES[rng.integers(0, len(CLASSES))]],
            "depth_from": {"value": top, "unit": "m", "datum": "ground_surface"},
            "depth_to": None if bottom is None else {"value": bottom, "unit": "m", "datum": "ground_surface"},
            "record_status": "current",
            "geometry": {"digest": str(number)},
        }
        rows.append((dt.date.fromordinal(int(begun[number])), entity, state, shapes[number], tuple(state)))
        if changed[number]:
            day = dt.date.fromordinal(int(rng.integers(begun[number], last + 1)))
            draw = rng.random()
            if draw < 0.4:
                state = state | {"geometry": {"digest": f"{number}b"}}
                rows.append((day, entity, state, redrawn[number], ("geometry",)))
            elif draw < 0.8:
                other = "cha" if state["classification"] == "sha" else "sha"
                rows.append((day, entity, state | {"classification": other}, shapes[number], ("classification",)))
            else:
                gone = state | {"record_status": "withdrawn"}
                rows.append((day, entity, gone, shapes[number], ("record_status",)))
    target = rng.integers(0, areas, products)
    released = blobs(rng, home[target] + rng.normal(0, 0.0003, (products, 2)), radius[target] * 0.8)
    product_rows: list[tuple] = []
    for number in range(products):
        day = dt.date.fromordinal(int(rng.integers(min(int(begun[target[number]]) + 30, last), last + 1)))
        state = {
            "kind": ("cancelled", "reduced", "cleared")[rng.integers(0, 3)],
            "contamination": list(rng.permutation(CLASSES)[: rng.integers(1, 4)]),
            "depth": {"value": (0.2, 0.5, 1.0)[rng.integers(0, 3)], "unit": "m", "datum": "ground_surface"},
            "end": {"from": day.isoformat(), "to": day.isoformat()},
            "record_status": "current",
            "geometry": {"digest": f"p{number}"},
        }
        product_rows.append((day, f"product-{number:06d}", state, released[number], tuple(state)))
    edges = np.linspace(WEST - 0.1, EAST + 0.1, 6)
    middle = (SOUTH + NORTH) / 2
    boxes = [
        shapely.segmentize(shapely.box(west, south, east, north), 0.01)
        for west, east in pairwise(edges)
        for south, north in ((SOUTH - 0.1, middle), (middle, NORTH + 0.1))
    ]
    ids = [f"unit-{number}" for number in range(len(boxes))]
    return (
        versions("hazardous_area", rows, 0),
        versions("release_product", product_rows, len(rows)),
        Units(ids, ids, np.array(boxes, dtype=object)),
    )


def versions(record: str, rows: list[tuple], base: int) -> Versions:
    """Return rows (day, entity, state, shape, changed) as versions, everything decided on its day."""
    rows = sorted(rows, key=lambda row: row[0])
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [row[3] for row in rows]
    size = len(rows)
    return Versions(
        record=record,
        entity=[row[1] for row in rows],
        act=[f"{record}-{number}" for number in range(size)],
        act_kind=["approve"] * size,
        reason=[None] * size,
        lowering=[False] * size,
        seq=np.arange(base, base + size),
        decided=[row[0] for row in rows],
        accepted=[dt.datetime(2025, 1, 1, tzinfo=dt.UTC)] * size,
        valid_from=[row[0] for row in rows],
        valid_to=[None] * size,
        state=[row[2] for row in rows],
        changed=[row[4] for row in rows],
        geometry=shapes,
        report=[None] * size,
        approved_by=["second"] * size,
        entered_by=["first"] * size,
    )


def by_pairs(areas: Versions, products: Versions, equal_area: str) -> tuple[float, float]:
    """Return (seconds, closing m²) by difference, area by area: overlaps of areas count twice, layers not at all."""
    start = time.perf_counter()
    last = areas.take(areas.last_rows)
    current = np.array([state["record_status"] == "current" for state in last.state])
    open_shapes = to_equal_area(last.geometry[current], equal_area)
    released = to_equal_area(products.geometry, equal_area)
    shape, product = shapely.STRtree(released).query(open_shapes, predicate="intersects")
    order = np.argsort(shape, kind="stable")
    shape, product = shape[order], product[order]
    touched, first = np.unique(shape, return_index=True)
    rest = open_shapes.copy()
    for number, some in zip(touched, np.split(product, first[1:]), strict=True):
        rest[number] = shapely.difference(open_shapes[number], shapely.union_all(released[some]))
    return time.perf_counter() - start, float(shapely.area(rest).sum())


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--areas", type=int, default=70_000)
    parser.add_argument("--products", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-peer", action="store_true")
    chosen = parser.parse_args()
    areas, products, units = invent(chosen.areas, chosen.products, chosen.seed)
    equal_area = equal_area_for((WEST, SOUTH, EAST, NORTH))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    found: Balance = balance(areas, products, units=units, equal_area=equal_area, periods=PERIODS)
    rows = len(found.rows()) + len(found.footprint)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    found.check()
    checking = time.perf_counter() - start
    closing = sum(
        row.m2("closing")
        for row in found.footprint
        if row.cell.contamination == "any" and row.cell.period == found.periods[-1]
    )
    print(f"{len(areas):,} versions of {chosen.areas:,} areas, {chosen.products:,} products, 3 years, 10 units")
    print(f"balance: {seconds:.1f} s, {rows:,} rows, peak memory {peak:,.0f} MB ({before:,.0f} MB before)")
    print(f"check: {checking:.1f} s; footprint at closing {closing:,.0f} m²")
    if not chosen.no_peer:
        peer, rest = by_pairs(areas, products, equal_area)
        print(f"peer (pairwise difference, closing only): {peer:.1f} s, {rest:,.0f} m² with overlaps twice")
        print(f"ratio: {seconds / peer:.2f} times the peer's time, for {rows:,} rows with all lines")


if __name__ == "__main__":
    main()
