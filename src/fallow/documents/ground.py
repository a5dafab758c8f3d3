"""For drawing only: what part of a recorded outline releases leave open. Figures come from the ledger, never from here.

Ground counts as released on a map only where releases cover every class and every depth band that the area records,
and are no older than the hazard. Whatever is in doubt stays drawn as hazard.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely

from fallow.documents.reading import Row
from fallow.records.depths import bands, bands_released, classes, classes_released
from fallow.records.values import When, absence

# Pieces smaller than this, in mm² on paper, are traces of cutting.
_TRACE = 0.02
Layer = tuple[str, str]


def open_part(row: Row, outline: Any, products: Sequence[tuple[Row, Any]]) -> Any:
    """Return the part of an outline that is still open; shapes are in mm on paper.

    Args:
        row: values of the area.
        outline: its outline.
        products: values and outline of the release products around.
    """
    since = _last_day(row, "event_date", "surveyed_on", "date_of_information")
    near = [
        (layers, shape)
        for product, shape in products
        if (layers := released_layers(product)) and _first_day(product) >= since and shapely.intersects(shape, outline)
    ]
    if not near:
        return outline
    recorded = [
        (kind, band)
        for kind in classes(row.get("contamination"))
        for band in bands(row.get("depth_from"), row.get("depth_to"))
    ]
    per_layer = [
        shapely.union_all([shapely.make_valid(shape) for layers, shape in near if layer in layers])
        for layer in recorded
    ]
    released = shapely.intersection_all(per_layer)
    left = shapely.difference(shapely.make_valid(outline), released)
    parts = [part for part in shapely.get_parts(left) if shapely.get_dimensions(part) == 2 and part.area > _TRACE]
    return shapely.multipolygons(parts)


def released_layers(product: Row) -> frozenset[Layer]:
    """Return the (class, depth band) pairs that a product releases; a product limited to some items releases none."""
    limit = product.get("limited_to")
    if isinstance(limit, str) and limit.strip():
        return frozenset()
    kind = product.get("kind")
    covered = bands_released(product.get("depth"), kind if isinstance(kind, str) else None)
    return frozenset((each, band) for each in classes_released(product.get("contamination")) for band in covered)


def _first_day(product: Row) -> str:
    """Return the first day that a product can be of; without any date it comes before every hazard."""
    for name in ("decided", "end"):
        if absence(product.get(name)) is None and (day := When.from_wire(product[name]).earliest):
            return day.isoformat()
    return ""


def _last_day(row: Row, *names: str) -> str:
    """Return the last day that any of the dates can mean; what happened later voids a release."""
    days = [
        day.isoformat()
        for name in names
        if absence(row.get(name)) is None and (day := When.from_wire(row[name]).latest)
    ]
    return max(days, default="")
