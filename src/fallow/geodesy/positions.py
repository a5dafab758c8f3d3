"""Positions as people write and read them: decimal degrees, degrees-minutes-seconds, UTM and MGRS."""

from __future__ import annotations

import math
import re

import numpy as np
import shapely

from fallow.geodesy.errors import OutOfRange, UnreadablePosition
from fallow.geodesy.operations import data_area, projector_for
from fallow.geodesy.systems import WGS84, crs_text, resolve_crs
from fallow.records.compound import Position

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
KINDS = ("decimal", "dms", "utm", "mgrs")


def format_position(lon: float, lat: float, kind: str = "decimal") -> str:
    """Write a WGS 84 point for a sheet.

    Args:
        lon: longitude in degrees.
        lat: latitude in degrees.
        kind: ``decimal`` (latitude first, 1e-6°, about 0.1 m), ``dms`` (0.01″, about 0.3 m), ``utm`` (whole
            metres) or ``mgrs`` (whole metres, cut as the system asks, not rounded).

    Raises:
        OutOfRange: no such place, or a pole for UTM and MGRS, which end at 84° N and 80° S.
        ValueError: ``kind`` is none of these.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise OutOfRange(bounds=f"{lon}, {lat}")
    if kind == "decimal":
        return f"{lat + 0.0:.6f}, {lon + 0.0:.6f}"
    if kind == "dms":
        return f"{_dms(lat, 'N', 'S')} {_dms(lon, 'E', 'W')}"
    if kind not in KINDS:
        raise ValueError(f"kind of position {kind!r}: one of {', '.join(KINDS)}")
    zone, band, easting, northing = _utm(lon, lat)
    if kind == "utm":
        return f"{zone}{band} {easting:.0f} {northing:.0f}"
    column = _COLUMNS[(zone - 1) % 3][int(easting // 100_000) - 1]
    row = _ROWS[(int(northing // 100_000) + (5 if zone % 2 == 0 else 0)) % 20]
    return f"{zone}{band} {column}{row} {int(easting % 100_000):05d} {int(northing % 100_000):05d}"


def parse_position(text: str, crs: str = WGS84) -> Position:
    """Read a typed position; what was typed, its system and the operation stay with it.

    Geographic systems: decimal degrees or degrees, minutes, seconds, latitude first unless letters say
    otherwise (``49.99, 36.23``; ``N 51° 51’ 28" E 36° 2’``; ``36.23 E 49.99 N``). Projected systems: easting,
    northing. UTM with its zone and band (``37U 301489 5543515``) is read whatever ``crs`` says.

    Args:
        text: the text as typed.
        crs: the reference system in which it was typed.

    Raises:
        UnreadablePosition: the text is in none of these forms, or has impossible minutes or degrees.
        UnknownSystem, NoOperation: see :func:`fallow.geodesy.operations.projector_for`.
    """
    typed = text.strip()
    if match := re.fullmatch(r"(\d{1,2})\s*([C-HJ-NP-Xc-hj-np-x])\s+(\d{6})(?:\.\d+)?[ ,]+(\d{1,7})(?:\.\d+)?", typed):
        zone, band = int(match[1]), match[2].upper()
        numbers = [float(part) for part in re.findall(r"\d+(?:\.\d+)?", typed[match.end(2) :])]
        if not 1 <= zone <= 60:
            raise UnreadablePosition(text=typed)
        return _placed(typed, numbers[0], numbers[1], f"EPSG:{(32600 if band >= 'N' else 32700) + zone}")
    if resolve_crs(crs).is_projected:
        numbers = [float(part) for part in re.findall(r"[-+]?\d+(?:\.\d+)?", typed)]
        if len(numbers) != 2 or re.search(r"[^\d\s.,;+-]", typed):
            raise UnreadablePosition(text=typed)
        return _placed(typed, numbers[0], numbers[1], crs)
    lat, lon = _latitude_longitude(typed)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UnreadablePosition(text=typed)
    return _placed(typed, lon, lat, crs)


def parse_angle(text: str) -> float:
    """Read one angle in degrees: ``51.8578``, ``51° 51’ 28"``, ``N 51°51'28''``, ``36 14 W`` (W, S negative).

    Raises:
        UnreadablePosition: not an angle, or minutes or seconds of 60 and more.
    """
    body = text.strip().upper()
    letters = re.findall(r"[NSEW]", body)
    if len(letters) > 1 or re.search(r"[^\d\s.,+\-°º˚'’′‘´`\"”″“NSEW]", body):
        raise UnreadablePosition(text=text)
    numbers = re.findall(r"\d+(?:[.,]\d+)?", body)
    if not 1 <= len(numbers) <= 3:
        raise UnreadablePosition(text=text)
    values = [float(number.replace(",", ".")) for number in numbers]
    if any(value >= 60 for value in values[1:]) or any(value % 1 for value in values[:-1]):
        raise UnreadablePosition(text=text)
    angle = math.fsum(value / 60.0**power for power, value in enumerate(values))
    negative = "-" in body or bool(letters and letters[0] in "SW")
    return -angle if negative else angle


def _latitude_longitude(typed: str) -> tuple[float, float]:
    body = typed.upper()
    letters = re.findall(r"[NSEW]", body)
    if len(letters) == 2:
        head = body[0] in "NSEW"
        cut = [match.start() for match in re.finditer(r"[NSEW]", body)]
        middle = cut[1] if head else cut[0] + 1
        halves = [body[:middle], body[middle:]]
    elif not letters:
        halves = re.split(r"\s*[;,]\s+|\s*;\s*|,(?=[-+\d]{1,4}\.)", typed)
        if len(halves) != 2:
            halves = typed.split()
    else:
        raise UnreadablePosition(text=typed)
    if len(halves) != 2:
        raise UnreadablePosition(text=typed)
    values = [parse_angle(half.strip(" ,;")) for half in halves]
    if len(letters) == 2:
        axes = ["lat" if letter in "NS" else "lon" for letter in letters]
        if sorted(axes) != ["lat", "lon"]:
            raise UnreadablePosition(text=typed)
        named = dict(zip(axes, values, strict=True))
        return named["lat"], named["lon"]
    return values[0], values[1]


def _placed(typed: str, x: float, y: float, crs: str) -> Position:
    point = np.array([shapely.Point(x, y)], dtype=object)
    projector = projector_for(crs, data_area(point, crs))
    lon, lat = projector.points(np.array([[x, y]], dtype=np.float64))[0]
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise UnreadablePosition(text=typed)
    return Position(typed, float(lon), float(lat), crs_text(resolve_crs(crs)), projector.operation)


def _dms(value: float, positive: str, negative: str) -> str:
    hundredths = round(abs(value) * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return f"{positive if value >= 0 else negative} {degrees}°{minutes:02d}′{seconds / 100:05.2f}″"


def _utm(lon: float, lat: float) -> tuple[int, str, float, float]:
    from pyproj import Transformer

    if not -80 <= lat <= 84:
        raise OutOfRange(bounds=f"{lon}, {lat}")
    zone = min(int((lon + 180) // 6) + 1, 60)
    if 56 <= lat < 64 and 3 <= lon < 12:
        zone = 32  # south-west Norway
    if lat >= 72 and 0 <= lon < 42:
        zone = 31 + 2 * int((lon + 3) // 12)  # Svalbard
    code = (32600 if lat >= 0 else 32700) + zone
    transformer = Transformer.from_crs(resolve_crs(WGS84), resolve_crs(f"EPSG:{code}"), always_xy=True)
    easting, northing = transformer.transform(lon, lat)
    return zone, _BANDS[min(int((lat + 80) // 8), 19)], float(easting), float(northing)
