"""Reference systems: from what people write to a system, and what is known about a system without a code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from fallow.geodesy.errors import UnknownSystem

if TYPE_CHECKING:
    from pyproj import CRS

WGS84 = "EPSG:4326"

# The same system with the axes named differently, or with a height that is dropped on entry.
_SAME_AS_WGS84 = frozenset({("EPSG", "4326"), ("EPSG", "4979"), ("OGC", "CRS84"), ("OGC", "CRS84h")})
_STRUCTURED = re.compile(r"^\s*(\+|[A-Za-z_]+\[|\{|urn:|https?:|[A-Za-z]+:)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Identified:
    """What a reference system is, as far as the EPSG register can tell.

    Args:
        text: ``EPSG:…`` when certain, else the definition as it stands (WKT).
        certain: the definition carries a code, or agrees with one fully. When False, ``guesses`` need a
            person.
        guesses: (code, name) of systems that have the same projection and ellipsoid, best first.
    """

    text: str
    certain: bool
    guesses: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=256)
def resolve_crs(text: str) -> CRS:
    """Return the reference system that a text names.

    Accepted are an EPSG code (``28992``, ``EPSG:28992``, a URN), the full name in the EPSG register, a PROJ
    string and WKT. A name must be complete: a part of a name names several systems and is refused.

    Raises:
        UnknownSystem: the text names none.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    wanted = text.strip()
    try:
        crs = CRS.from_epsg(int(wanted)) if wanted.isdecimal() else CRS.from_user_input(wanted)
    except (CRSError, ValueError, OverflowError):
        raise UnknownSystem(text=_short(text)) from None
    # PROJ answers a part of a name ("Pulkovo") with one of the systems that begin so: never accepted.
    if not wanted.isdecimal() and not _STRUCTURED.match(wanted) and not _same_name(wanted, crs.name):
        raise UnknownSystem(text=_short(text))
    return crs


def crs_text(crs: CRS) -> str:
    """Return the short name under which a system is kept: ``EPSG:28992``, or its WKT when it has no code."""
    authority = crs.to_authority(min_confidence=100)
    return f"{authority[0]}:{authority[1]}" if authority else str(crs.to_wkt())


def crs_shown(crs: CRS) -> str:
    """Return what a message calls a system: its code, its name, or the text that it was given as, cut short."""
    authority = crs.to_authority(min_confidence=100)
    if authority:
        return f"{authority[0]}:{authority[1]}"
    return _short(crs.srs) if crs.name.lower() in ("unknown", "undefined", "unnamed") else str(crs.name)


def is_wgs84(crs: CRS) -> bool:
    """Tell whether coordinates in this system are WGS 84 longitude and latitude as they stand."""
    return crs.to_authority(min_confidence=100) in _SAME_AS_WGS84


def same_system(one: CRS, other: CRS) -> bool:
    """Tell whether two systems give every place the same coordinates, the order of axes aside."""
    if one.equals(other, ignore_axis_order=True):
        return True
    return is_wgs84(one) and is_wgs84(other)


def identify(
    text: str, bounds: tuple[float, float, float, float] | None = None, expected: str | None = None
) -> Identified:
    """Say what a system without a code is.

    Old ``.prj`` files give a projection and an ellipsoid but no datum. Such a definition is never taken as it
    stands: it would be placed some hundred metres off. Systems of the EPSG register that cover the data and
    have the same projection are offered as guesses, for a person to confirm.

    Args:
        text: code, WKT or PROJ text.
        bounds: extent of the data in that system (min x, min y, max x, max y), to narrow the guesses.
        expected: the system that somebody states it to be; where it fits, no others are looked for.

    Raises:
        UnknownSystem: the text is no reference system at all.
    """
    crs = resolve_crs(text)
    authority = crs.to_authority(min_confidence=100)
    if authority is not None:
        return Identified(f"{authority[0]}:{authority[1]}", True)
    if _placeable(crs):
        # The definition is private, but its datum is known (or the shift is given with it): nothing to guess.
        return Identified(str(crs.to_wkt()), True)
    if expected is not None and _close(_parameters(resolve_crs(expected)), _parameters(crs)):
        fitting = resolve_crs(expected)
        return Identified(str(crs.to_wkt()), False, ((crs_text(fitting), fitting.name),))
    found = [(item.auth_name, item.code) for item in crs.list_authority(auth_name="EPSG", min_confidence=25)]
    guesses = [(f"{name}:{code}", resolve_crs(f"{name}:{code}").name) for name, code in found]
    for guess in _same_projection(crs, bounds):
        if guess not in guesses:
            guesses.append(guess)
    return Identified(str(crs.to_wkt()), False, tuple(guesses))


def _placeable(crs: CRS) -> bool:
    """Tell whether any operation, other than pretending that there is none to make, leads to WGS 84."""
    from pyproj.transformer import TransformerGroup

    return bool(TransformerGroup(crs, resolve_crs(WGS84), allow_ballpark=False).transformers)


def _same_projection(crs: CRS, bounds: tuple[float, float, float, float] | None) -> list[tuple[str, str]]:
    """List EPSG systems over the data with the ellipsoid and projection parameters of ``crs``."""
    from pyproj import Transformer
    from pyproj.aoi import AreaOfInterest
    from pyproj.database import query_crs_info
    from pyproj.enums import PJType

    if bounds is None or not crs.is_projected or crs.geodetic_crs is None or crs.coordinate_operation is None:
        return []
    plain = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    west, south, east, north = plain.transform_bounds(*bounds)
    if not all(abs(value) <= 360 for value in (west, south, east, north)):
        return []
    wanted = _parameters(crs)
    area = AreaOfInterest(west, south, east, north)
    known = query_crs_info("EPSG", PJType.PROJECTED_CRS, area_of_interest=area)
    found = []
    for info in known:
        candidate = resolve_crs(f"EPSG:{info.code}")
        if not info.deprecated and _close(_parameters(candidate), wanted):
            found.append((f"EPSG:{info.code}", info.name))
    return found


def _parameters(crs: CRS) -> dict[str, float]:
    """Return ellipsoid and projection parameters by name, in metres and degrees."""
    values: dict[str, float] = {}
    if crs.ellipsoid is not None:
        values["semi-major axis"] = crs.ellipsoid.semi_major_metre
        values["inverse flattening"] = crs.ellipsoid.inverse_flattening
    if crs.coordinate_operation is not None:
        values |= {
            param.name.lower(): float(param.value) * (57.29577951308232 if param.unit_name == "radian" else 1.0)
            for param in crs.coordinate_operation.params
        }
    return values


def _close(one: dict[str, float], other: dict[str, float]) -> bool:
    # 1e-6 degree is 0.1 m on the ground, far below what separates two national systems.
    return one.keys() == other.keys() and all(abs(one[name] - other[name]) <= 1e-6 for name in one)


def _same_name(wanted: str, name: str) -> bool:
    def plain(text: str) -> str:
        return re.sub(r"[\s/_-]+", "", text).casefold()

    return plain(wanted) == plain(name)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"
