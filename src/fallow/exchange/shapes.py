"""Shapes as sources write them: WKT, pairs of columns, WKB. What is broken is named by row, never left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from fallow.errors import FallowError
from fallow.exchange.numbers import decimal_sign, number
from fallow.exchange.tables import Column, object_array
from fallow.records.batch import Shapes

UNREADABLE = "check.unreadable_geometry"
UNCLOSED = "check.unclosed_ring"
_SRID = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
_CURVED = re.compile(r"CURVE|CIRCULAR|SURFACE|\bTIN\b|TRIANGLE", re.IGNORECASE)
# Collections inside collections are unpacked by recursion; nobody surveys a hazard fifty levels deep.
_DEEPEST = 50
_COLLECTION_WKB = (b"\x01\x07\x00\x00\x00", b"\x00\x00\x00\x00\x07")


@dataclass(frozen=True, slots=True)
class BrokenShape:
    """A shape that could not be taken.

    Args:
        row: its position.
        code: code of the finding.
        value: what was received, as text.
        mended: the shape with its rings closed, for a proposal; None when there is nothing to propose.
    """

    row: int
    code: str
    value: str
    mended: Any = None


def from_wkt(column: Column) -> tuple[Shapes, list[BrokenShape], str | None]:
    """Read shapes from WKT.

    Returns:
        (n,) shapes, None where there is none or it is broken; the broken ones; and the reference system when
        all texts state one and the same (``SRID=4326;POINT …``), else None.
    """
    texts = [value if isinstance(value, str) and value.strip() else None for value in column.values]
    broken = [
        BrokenShape(row, UNREADABLE, str(value))
        for row, value in enumerate(column.values)
        if value is not None and not isinstance(value, str)
    ]
    stated = {match[1] if (match := _SRID.match(text)) else "" for text in texts if text is not None}
    srid = stated.pop() if len(stated) == 1 else ""
    bare = [None if text is None else _SRID.sub("", text, count=1) for text in texts]
    wild = {row for row, text in enumerate(bare) if text is not None and _wild_text(text)}
    safe = object_array(None if row in wild else text for row, text in enumerate(bare))
    shapes = np.asarray(shapely.from_wkt(safe, on_invalid="ignore"), dtype=object)
    for row in [row for row, text in enumerate(bare) if text is not None and shapes[row] is None]:
        mended = None if row in wild else _closed(bare[row])
        broken.append(BrokenShape(row, UNCLOSED if mended is not None else UNREADABLE, bare[row] or "", mended))
    return shapes, sorted(broken, key=lambda one: one.row), f"EPSG:{srid}" if srid else None


def from_columns(x: Column, y: Column, decimal: str | None) -> tuple[Shapes, list[BrokenShape]]:
    """Read points from a column of easting or longitude and one of northing or latitude, in numbers or angles."""
    size = len(x.values)
    signs = decimal or decimal_sign(x.values) or decimal_sign(y.values)
    xy = np.full((size, 2), np.nan)
    broken = []
    for row, pair in enumerate(zip(x.values, y.values, strict=True)):
        given = [not (value is None or (isinstance(value, str) and not value.strip())) for value in pair]
        if not any(given):
            continue
        try:
            xy[row] = [_coordinate(value, signs) for value in pair]
        except (ValueError, FallowError):
            broken.append(BrokenShape(row, UNREADABLE, f"{pair[0]}, {pair[1]}"))
    shapes = np.full(size, None, dtype=object)
    there = np.isfinite(xy).all(axis=1)
    shapes[there] = shapely.points(xy[there])
    return shapes, broken


def from_wkb(blobs: npt.NDArray[np.object_]) -> tuple[Shapes, list[BrokenShape]]:
    """Read shapes from WKB; see :func:`from_wkt`."""
    try:
        shapes = np.asarray(shapely.from_wkb(blobs, on_invalid="ignore"), dtype=object)
    except (NotImplementedError, shapely.errors.GEOSException):
        # One curved shape makes the whole call fail; the others must not be lost with it.
        shapes = object_array(_one_wkb(blob) for blob in blobs)
    broken = []
    if shapely.is_missing(shapes).any():
        for row in np.flatnonzero(shapely.is_missing(shapes)):
            blob = blobs[row]
            if blob:
                mended = _one_wkb(blob, "fix")
                code = UNCLOSED if mended is not None else UNREADABLE
                broken.append(BrokenShape(int(row), code, blob[:60].hex(), mended))
    return shapes, broken


def too_deep(blob: bytes) -> bool:
    """Tell whether WKB nests collections deeper than anything surveyed."""
    return any(blob.count(mark) > _DEEPEST for mark in _COLLECTION_WKB)


def exchanged(shapes: Shapes) -> Shapes:
    """Return shapes with the two axes of every coordinate exchanged."""
    swapped: Shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return swapped


def _one_wkb(blob: Any, on_invalid: str = "ignore") -> Any:
    try:
        return None if blob is None else shapely.from_wkb(blob, on_invalid=on_invalid)
    except (NotImplementedError, shapely.errors.GEOSException):
        return None


def _wild_text(text: str) -> bool:
    return bool(_CURVED.search(text[:200])) or text.upper().count("GEOMETRYCOLLECTION") > _DEEPEST


def _closed(text: str | None) -> Any:
    try:
        return shapely.from_wkt(text, on_invalid="fix")
    except (NotImplementedError, shapely.errors.GEOSException):
        return None


def _coordinate(value: Any, decimal: str | None) -> float:
    if isinstance(value, bool):
        raise ValueError("a truth value is no coordinate")
    if isinstance(value, int | float):
        if not np.isfinite(value):
            raise ValueError("no finite coordinate")
        return float(value)
    if not isinstance(value, str):
        raise ValueError("no coordinate")
    try:
        return number(value, decimal)
    except ValueError:
        from fallow.geodesy.positions import parse_angle

        # A bare "1,234" that number() refused must not come back as an angle.
        if not re.search(r"[°º˚NSEWnsew]|\d\s+\d", value):
            raise
        return parse_angle(value)
