"""The one way by which coordinates come to WGS 84: a single published operation, named, with its accuracy.

Libraries choose an operation point by point and, where none covers the place, silently apply no shift at all;
that puts an area some hundred metres off without a word. Here one operation is chosen for all shapes of a
source, its area of use must cover them, and what was used travels with the shapes.

Axis order: coordinates are taken and given as *x, y* = easting, northing or longitude, latitude, as files
hold them, whatever order the definition of the system names. Systems whose definition puts the northing first
(the Gauss-Krüger zones of Pulkovo 1942, EPSG:28401 to 28432, CS63 and UCS-2000) are therefore given easting
first; a source that really lists the northing first must have its columns exchanged before (profiles:
``axis``).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from fallow.geodesy.errors import NoOperation, NotTransformable, UnknownOperation
from fallow.geodesy.systems import crs_shown, crs_text, is_wgs84, resolve_crs
from fallow.records.batch import Operation, Shapes

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

Bounds = tuple[float, float, float, float]
IDENTITY = Operation("none", None, 0.0)
_WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
# EPSG writes 999 for "accuracy not known".
_UNKNOWN_ACCURACY = 999.0


@dataclass(frozen=True, slots=True, eq=False)
class Projector:
    """One operation from a source system to WGS 84.

    Args:
        crs: the source system.
        operation: name, code and accuracy of the operation; its code is that of the step that moves the
            datum.
        area: west, south, east, north in degrees of the operation's area of use (west > east: over 180°).
        transformer: None when the source is WGS 84.
    """

    crs: CRS
    operation: Operation
    area: Bounds
    transformer: Transformer | None

    def points(self, xy: npt.NDArray[np.float64], *, inverse: bool = False) -> npt.NDArray[np.float64]:
        """Carry (n, 2) x, y to longitude, latitude (or back); what cannot be carried becomes inf."""
        if self.transformer is None:
            return xy
        from pyproj.enums import TransformDirection

        direction = TransformDirection.INVERSE if inverse else TransformDirection.FORWARD
        return np.column_stack(self.transformer.transform(xy[:, 0], xy[:, 1], direction=direction))

    def covers(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Tell which points (n, 2), in degrees, lie in the operation's area of use."""
        return _inside(lonlat, self.area)


def transform_shapes(
    shapes: Shapes, crs: str, aoi: Bounds | None = None, operation: str | None = None
) -> tuple[Shapes, Operation]:
    """Carry shapes to WGS 84, longitude first, by one operation.

    Args:
        shapes: (n,) shapes in ``crs``, x = easting or longitude; None entries stay None.
        crs: the source system, in any form that :func:`~fallow.geodesy.systems.resolve_crs` reads.
        aoi: west, south, east, north in degrees that the operation must cover; None: the extent of the
            shapes.
        operation: EPSG code of the operation to use, when an officer accepted one on purpose.

    Returns:
        The shapes in WGS 84 and the operation. Shapes that are in WGS 84 already come back as the same array.

    Raises:
        UnknownSystem: ``crs`` names no system.
        NoOperation: no published operation covers the place; the candidates are in ``values["candidates"]``.
        UnknownOperation: ``operation`` is not published for this system.
        NotTransformable: some shapes hold coordinates that cannot be carried; their positions are in
            ``values["indices"]``.
    """
    system = resolve_crs(crs)
    if is_wgs84(system) and operation is None:
        return shapes, IDENTITY
    projector = projector_for(crs, aoi if aoi is not None else data_area(shapes, crs), operation)
    xy, index = shapely.get_coordinates(shapes, return_index=True)
    moved = projector.points(xy)
    wrong = ~np.isfinite(moved).all(axis=1)
    if wrong.any():
        indices = [int(row) for row in np.unique(index[wrong])]
        raise NotTransformable(crs=crs_shown(system), indices=indices, count=len(indices))
    # set_coordinates works in place on its array, so it is given a copy; dropping z keeps the arrays aligned.
    return shapely.set_coordinates(shapely.force_2d(shapes), moved), projector.operation


def projector_for(crs: str, aoi: Bounds | None = None, operation: str | None = None) -> Projector:
    """Choose the operation for an area.

    Among the published operations whose area of use covers ``aoi`` the one with the best stated accuracy is
    taken; equal ones are ordered by the smaller area of use, then as PROJ orders them.
    ``data/operations.toml`` overrides this where areas of use, being boxes, would pick an operation made for
    a neighbouring country.

    Args:
        crs: the source system.
        aoi: west, south, east, north in degrees; None: the area of use of the system.
        operation: EPSG code of an operation accepted on purpose, whatever its area of use.

    Raises:
        UnknownSystem, NoOperation, UnknownOperation: see :func:`transform_shapes`.
    """
    system = resolve_crs(crs)
    if is_wgs84(system) and operation is None:
        return Projector(system, IDENTITY, _WORLD, None)
    base = system.geodetic_crs
    use = system.area_of_use or (base.area_of_use if base is not None else None)
    area = aoi if aoi is not None else _box(use.bounds) if use is not None else _WORLD
    candidates = _candidates(crs, area)
    if operation is not None:
        for candidate in candidates:
            if candidate.operation.code == _code(operation):
                return candidate
        known = [candidate.operation.code for candidate in candidates]
        raise UnknownOperation(operation=operation, crs=crs_shown(system), known=", ".join(filter(None, known)))
    suspects = {row["operation"] for row in _choices().get("suspect", [])}
    covering = [
        candidate
        for candidate in candidates
        if _contains(candidate.area, area) and candidate.operation.code not in suspects
    ]
    if not covering:
        raise _refusal(system, area, candidates)
    wanted = _preferred(system, area)
    return min(
        covering,
        key=lambda candidate: (
            candidate.operation.code != wanted,
            np.inf if candidate.operation.accuracy_m is None else candidate.operation.accuracy_m,
            _size(candidate.area),
        ),
    )


def data_area(shapes: Shapes, crs: str) -> Bounds | None:
    """Return the extent of shapes in degrees of the source's own datum (west, south, east, north).

    Shapes outside the area of use of their own datum are left out: exchanged axes in one row must not decide
    which operation the others get. A zone of a projection is no such limit, because surveys run over its edges.
    None when no shape is left.
    """
    from pyproj import Transformer

    system = resolve_crs(crs)
    if system.geodetic_crs is None or not len(shapes):
        return None
    corners = shapely.bounds(shapes)
    corners = corners[np.isfinite(corners).all(axis=1)]
    plain = Transformer.from_crs(system, system.geodetic_crs, always_xy=True)
    low = np.column_stack(plain.transform(corners[:, 0], corners[:, 1]))
    high = np.column_stack(plain.transform(corners[:, 2], corners[:, 3]))
    good = np.isfinite(low).all(axis=1) & np.isfinite(high).all(axis=1)
    use = system.geodetic_crs.area_of_use
    if use is not None:
        good &= _inside((low + high) / 2, _box(use.bounds))
    if not good.any():
        return None
    both = np.concatenate((low[good], high[good]))
    west, south = both.min(axis=0)
    east, north = both.max(axis=0)
    return float(west), float(south), float(east), float(north)


@lru_cache(maxsize=64)
def _candidates(crs: str, area: Bounds) -> tuple[Projector, ...]:
    """List every published operation, without the ones that only pretend ("ballpark")."""
    from pyproj.transformer import AreaOfInterest, TransformerGroup

    system = resolve_crs(crs)
    found: dict[str, Projector] = {}
    # Asked with an area, PROJ hides some regional operations; asked without, some local ones. Both are
    # wanted.
    for interest in (AreaOfInterest(*area), None):
        group = TransformerGroup(
            system, resolve_crs("EPSG:4326"), always_xy=True, area_of_interest=interest, allow_ballpark=False
        )
        for transformer in group.transformers:
            use = transformer.area_of_use
            bounds = _box(use.bounds) if use is not None else _WORLD
            found.setdefault(transformer.definition, Projector(system, _described(transformer), bounds, transformer))
    return tuple(found.values())


def _described(transformer: Transformer) -> Operation:
    """Name an operation by its steps, leaving out the exchange of axes, which moves nothing."""
    steps = [step for step in transformer.operations or () if "Axis Order Reversal" not in step.method_name]
    name = " + ".join(step.name for step in steps) or transformer.description
    identified = [(step, step.to_json_dict().get("id")) for step in steps]
    # The step that moves the datum states an accuracy; a mere projection is exact and states none.
    moving = [ident for step, ident in identified if ident and step.accuracy >= 0]
    chosen = moving or [ident for _, ident in identified if ident]
    code = "+".join(f"{_authority(ident)}:{ident['code']}" for ident in chosen) or None
    accuracy = transformer.accuracy
    known = accuracy is not None and 0 <= accuracy < _UNKNOWN_ACCURACY
    return Operation(name, code, float(accuracy) if known else None)


def _authority(ident: dict[str, Any]) -> str:
    return str(ident["authority"]).removeprefix("INVERSE(").removesuffix(")")


def _code(text: str) -> str:
    return f"EPSG:{text.strip()}" if text.strip().isdecimal() else text.strip().upper()


def _refusal(system: CRS, area: Bounds, candidates: tuple[Projector, ...]) -> NoOperation:
    """List what there is and how far apart it puts the centre of the data, so that a person can choose."""
    from pyproj import Geod, Transformer

    west, south, east, north = area
    centre = np.array([[(west + (east if east >= west else east + 360)) / 2, (south + north) / 2]])
    listed: list[dict[str, Any]] = []
    spread = 0.0
    if system.geodetic_crs is not None and candidates:
        plain = Transformer.from_crs(system.geodetic_crs, system, always_xy=True)
        source = np.column_stack(plain.transform(centre[:, 0], centre[:, 1]))
        geod = Geod(ellps="WGS84")
        places = [candidate.points(source)[0] for candidate in candidates]
        for candidate, place in zip(candidates, places, strict=True):
            transformer = candidate.transformer
            use = transformer.area_of_use if transformer is not None else None
            listed.append(
                {
                    "code": candidate.operation.code,
                    "name": candidate.operation.name,
                    "accuracy_m": candidate.operation.accuracy_m,
                    "area": use.name if use is not None else None,
                    "shift_m": _distance(geod, centre[0], place),
                }
            )
        known = [place for place in places if np.isfinite(place).all()]
        spread = max((_distance(geod, one, other) or 0.0 for one in known for other in known), default=0.0)
    text = "; ".join(
        f"{row['code']} {row['name']} ({row['area']}), shift {row['shift_m']:.0f} m"
        for row in listed
        if row["shift_m"] is not None
    )
    return NoOperation(
        crs=crs_shown(system),
        name=system.name,
        bounds=", ".join(f"{value:.3f}" for value in area),
        candidates=listed,
        candidates_text=text or "–",
        spread_m=round(spread),
    )


def _distance(geod: Any, one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float | None:
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return None
    return float(geod.inv(one[0], one[1], other[0], other[1])[2])


@cache
def _choices() -> dict[str, list[dict[str, Any]]]:
    text = resources.files("fallow.geodesy").joinpath("data", "operations.toml").read_text("utf-8")
    return tomllib.loads(text)


def _preferred(system: CRS, area: Bounds) -> str | None:
    base = system.geodetic_crs
    code = crs_text(base) if base is not None else None
    for row in _choices().get("prefer", []):
        if row["source"] == code and _contains(_box(row["box"]), area):
            return str(row["operation"])
    return None


def _contains(outer: Bounds, inner: Bounds) -> bool:
    # A hundredth of a degree of slack: boxes of use are rounded to two decimals.
    slack = 0.01
    if not (outer[1] - slack <= inner[1] and inner[3] <= outer[3] + slack):
        return False
    width = (outer[2] - outer[0]) % 360 or 360.0
    start = (inner[0] - outer[0] + slack) % 360 - slack
    return start + (inner[2] - inner[0]) % 360 <= width + slack


def _inside(lonlat: npt.NDArray[np.float64], bounds: Bounds) -> npt.NDArray[np.bool_]:
    width = (bounds[2] - bounds[0]) % 360 or 360.0
    with np.errstate(invalid="ignore"):
        east = (lonlat[:, 0] - bounds[0]) % 360 <= width
        return east & (lonlat[:, 1] >= bounds[1]) & (lonlat[:, 1] <= bounds[3])


def _box(values: Any) -> Bounds:
    west, south, east, north = (float(value) for value in values)
    return west, south, east, north


def _size(bounds: Bounds) -> float:
    return ((bounds[2] - bounds[0]) % 360 or 360.0) * (bounds[3] - bounds[1])
