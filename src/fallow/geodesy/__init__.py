"""Geodesy: where a thing is, and how well that is known.

This room resolves reference systems, carries shapes to WGS 84 by one named coordinate operation with its
stated accuracy, lays them into the register's equal-area system, measures areas, writes positions the ways
they are read on a sheet, and gives magnetic declination and grid convergence. It never applies a shift that
the EPSG register does not define for the place, and it never measures an area in degrees.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# No module is named like a function that it exports: importing the module would hide the function.
_EXPORTS = {
    "WGS84": "fallow.geodesy.systems",
    "identify": "fallow.geodesy.systems",
    "resolve_crs": "fallow.geodesy.systems",
    "Projector": "fallow.geodesy.operations",
    "projector_for": "fallow.geodesy.operations",
    "transform_shapes": "fallow.geodesy.operations",
    "area_m2": "fallow.geodesy.areas",
    "equal_area_for": "fallow.geodesy.areas",
    "geodesic_area_m2": "fallow.geodesy.areas",
    "to_equal_area": "fallow.geodesy.areas",
    "format_position": "fallow.geodesy.positions",
    "parse_position": "fallow.geodesy.positions",
    "convergence": "fallow.geodesy.magnetic",
    "declination": "fallow.geodesy.magnetic",
    "declination_note": "fallow.geodesy.magnetic",
}

if TYPE_CHECKING:
    from fallow.geodesy.areas import area_m2 as area_m2
    from fallow.geodesy.areas import equal_area_for as equal_area_for
    from fallow.geodesy.areas import geodesic_area_m2 as geodesic_area_m2
    from fallow.geodesy.areas import to_equal_area as to_equal_area
    from fallow.geodesy.magnetic import convergence as convergence
    from fallow.geodesy.magnetic import declination as declination
    from fallow.geodesy.magnetic import declination_note as declination_note
    from fallow.geodesy.operations import Projector as Projector
    from fallow.geodesy.operations import projector_for as projector_for
    from fallow.geodesy.operations import transform_shapes as transform_shapes
    from fallow.geodesy.positions import format_position as format_position
    from fallow.geodesy.positions import parse_position as parse_position
    from fallow.geodesy.systems import WGS84 as WGS84
    from fallow.geodesy.systems import identify as identify
    from fallow.geodesy.systems import resolve_crs as resolve_crs

__all__ = [
    "WGS84",
    "Projector",
    "area_m2",
    "convergence",
    "declination",
    "declination_note",
    "equal_area_for",
    "format_position",
    "geodesic_area_m2",
    "identify",
    "parse_position",
    "projector_for",
    "resolve_crs",
    "to_equal_area",
    "transform_shapes",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.geodesy' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
