"""Is there a shape, is it of the right kind, and is its area one that such a record can have?"""

from __future__ import annotations

import numpy as np
import shapely
from shapely import GeometryType

from fallow.checks.outline import outline_faults
from fallow.checks.registration import Found, check
from fallow.checks.shapes import POINTS, POLYGONS
from fallow.checks.view import View
from fallow.records.batch import Severity

# Records whose polygon is ground that was recorded, worked on or released.
LAND = ("hazardous_area", "use_record", "task", "activity", "searched_area", "release_product", "parcel")

TINY_M2 = 1.0
HUGE_M2 = 1e8  # 100 km²: more than the largest single areas of the field; usually a mapping unit or a wrong vertex
SLIVER_M = 0.5  # a part narrower than this is left over from cutting, not surveyed

_ALLOWED = {"polygon": POLYGONS, "point": POINTS}


@check("check.missing_geometry", Severity.BLOCKING)
def missing_geometry(view: View, found: Found) -> None:
    """A record that must have a shape has none."""
    field = view.fields.get("geometry")
    if field is None or not field.required:
        return
    for index in np.flatnonzero(~view.given).tolist():
        found(index, field="geometry")


@check("check.empty_geometry", Severity.BLOCKING, geometry=True)
def empty_geometry(view: View, found: Found) -> None:
    """There is a shape, and it has no vertex."""
    for index in np.flatnonzero(view.given & ~view.filled).tolist():
        found(index, field="geometry", kind=_kind(view, index))


@check("check.wrong_geometry_kind", Severity.BLOCKING, geometry=True)
def wrong_geometry_kind(view: View, found: Found) -> None:
    """A shape of a kind that the record type does not have."""
    wanted = "any" if view.definition is None else view.definition.geometry
    if wanted == "any":
        return
    allowed: tuple[int, ...] = _ALLOWED.get(wanted, ())
    if view.record == "hazardous_area":
        allowed = (*POLYGONS, *POINTS)  # a point stands for an area of which only the size is known
    severity = Severity.WARNING if wanted == "none" else None
    for index in np.flatnonzero(view.filled & ~np.isin(view.kind, allowed)).tolist():
        found(index, field="geometry", severity=severity, kind=_kind(view, index), wanted=wanted)


@check("check.point_without_extent", Severity.WARNING, records=["hazardous_area"], geometry=True)
def point_without_extent(view: View, found: Found) -> None:
    """A hazardous area given as a point, without a typed size: it can be counted and not drawn."""
    pointlike = view.filled & np.isin(view.kind, POINTS)
    for index in np.flatnonzero(pointlike & ~view.quantities("typed_area").given).tolist():
        found(index, field="geometry")


@check("check.zero_area", Severity.BLOCKING, geometry=True)
def zero_area(view: View, found: Found) -> None:
    """A polygon whose outline encloses nothing."""
    for index in outline_faults(view).collapsed.tolist():
        found(index, field="geometry")


@check("check.tiny_area", Severity.WARNING, records=LAND, geometry=True)
def tiny_area(view: View, found: Found) -> None:
    """A polygon smaller than a square metre."""
    sound = view.polygonal & view.on_earth & view.valid
    near = np.flatnonzero(sound & (view.rough_m2 < 1.05 * TINY_M2))
    for index, area in zip(near.tolist(), view.measure(view.mended[near]).tolist(), strict=True):
        if area < TINY_M2:
            found(index, field="geometry", m2=round(area, 4))


@check("check.huge_area", Severity.WARNING, records=LAND, geometry=True)
def huge_area(view: View, found: Found) -> None:
    """A polygon larger than 100 km²."""
    sound = view.polygonal & view.on_earth & view.valid
    near = np.flatnonzero(sound & ~(view.rough_m2 < 0.95 * HUGE_M2))
    for index, area in zip(near.tolist(), view.measure(view.mended[near]).tolist(), strict=True):
        if area > HUGE_M2:
            found(index, field="geometry", m2=round(area), km2=round(area / 1e6, 1))


@check("check.sliver_part", Severity.ADVICE, records=LAND, geometry=True)
def sliver_part(view: View, found: Found) -> None:
    """A part of a multipolygon so thin that it is left over from cutting."""
    many = np.flatnonzero((view.kind == GeometryType.MULTIPOLYGON) & view.on_earth & view.valid & _several(view))
    if not len(many):
        return
    parts, owner = shapely.get_parts(view.mended[many], return_index=True)
    # Width is measured on the scale of the middle of each part: plenty for telling 0.5 m from more.
    middle = np.radians(shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(parts), 0))[:, 1])
    counts = shapely.get_num_coordinates(parts)
    scale = np.stack([111_320.0 * np.cos(middle), np.full(len(parts), 111_200.0)], axis=1)
    flat = shapely.set_coordinates(parts.copy(), shapely.get_coordinates(parts) * np.repeat(scale, counts, axis=0))
    width = 2 * shapely.area(flat) / shapely.length(flat)
    thin = width < SLIVER_M
    first = np.searchsorted(owner, np.arange(len(many) + 1))
    for number in np.unique(owner[thin]).tolist():
        mine = slice(first[number], first[number + 1])
        kept = parts[mine][~thin[mine]]
        repair = None
        if len(kept):
            whole = shapely.MultiPolygon(list(kept))
            repair = {"geometry_wkt": shapely.to_wkt(whole, rounding_precision=-1), "lowers": True}
        found(
            int(many[number]),
            field="geometry",
            repair=repair,
            parts=int(thin[mine].sum()),
            of=len(thin[mine]),
            width_m=round(float(width[mine].min()), 3),
        )


def _several(view: View) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(shapely.get_num_geometries(view.mended) > 1)


def _kind(view: View, index: int) -> str:
    return str(view.shapes[index].geom_type)
