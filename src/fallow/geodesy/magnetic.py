"""Magnetic declination by the International Geomagnetic Reference Field, and the convergence of a grid.

A bearing means nothing without its north. Records reach back for decades, and declination moves by degrees in
that time, so it is always computed for the date of the record, and a date outside the model is refused, never
stretched.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from fallow.geodesy.errors import NoDeclination, OutOfRange
from fallow.geodesy.systems import resolve_crs

MODEL = "IGRF-14"
FIRST = dt.date(1900, 1, 1)
LAST = dt.date(2030, 1, 1)
_HEIGHT_KM = 0.0


def declination(lon: float, lat: float, date: dt.date) -> tuple[float, str]:
    """Return the declination in degrees, east positive, and the name of the model.

    Args:
        lon: longitude in degrees, WGS 84.
        lat: latitude in degrees.
        date: the day for which it is asked.

    Raises:
        NoDeclination: the day is outside the model (1900-01-01 to 2030-01-01).
        OutOfRange: no such place.
    """
    _checked(lon, lat)
    day = date.date() if isinstance(date, dt.datetime) else date
    if not FIRST <= day <= LAST:
        raise NoDeclination(date=day.isoformat(), first=FIRST.isoformat(), last=LAST.isoformat(), model=MODEL)
    import ppigrf

    # The model has a seam at the poles only; half a millionth of a degree from them changes nothing
    # elsewhere.
    north_limited = max(-89.9999995, min(89.9999995, lat))
    when = dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 (the model's own time has no zone)
    east, north, _ = ppigrf.igrf(lon, north_limited, _HEIGHT_KM, when)
    return math.degrees(math.atan2(float(east.item()), float(north.item()))), MODEL


def convergence(lon: float, lat: float, crs: str) -> float:
    """Return the grid convergence in degrees: the angle from true north to grid north, east positive.

    Args:
        lon: longitude in degrees.
        lat: latitude in degrees.
        crs: a projected system.

    Raises:
        UnknownSystem: ``crs`` names no system.
        OutOfRange: no such place, or a place the projection cannot show.
    """
    _checked(lon, lat)
    from pyproj import Proj
    from pyproj.exceptions import ProjError

    system = resolve_crs(crs)
    if not system.is_projected:
        return 0.0
    try:
        angle = float(Proj(system).get_factors(lon, lat, errcheck=True).meridian_convergence)
    except ProjError:
        raise OutOfRange(bounds=f"{lon}, {lat}") from None
    return angle


def declination_note(lon: float, lat: float, date: dt.date, labels: Mapping[str, str]) -> str:
    """Return the line for a printed sheet, such as ``Declination 9.3° E (IGRF-14, 2026-01-01)``.

    Args:
        lon: longitude in degrees.
        lat: latitude in degrees.
        date: the day for which it holds.
        labels: the words ``declination``, ``east`` and ``west`` in the sheet's language.

    Raises:
        NoDeclination, OutOfRange: see :func:`declination`.
    """
    degrees, model = declination(lon, lat, date)
    rounded = round(degrees, 1)
    side = "" if rounded == 0 else " " + labels["east" if rounded > 0 else "west"]
    return f"{labels['declination']} {abs(rounded):.1f}°{side} ({model}, {date.isoformat()[:10]})"


def _checked(lon: float, lat: float) -> None:
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise OutOfRange(bounds=f"{lon}, {lat}")
