"""Where the invented land lies, how large it is, and the metre frame that its shapes are drawn in.

The land lies in open ocean, north of 40° N in the Atlantic. Its size follows the number of hazardous areas, so that
areas stay as thinly spread in a large land as in a small one.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from fallow.errors import Where
from fallow.records.batch import Shapes
from fallow.synth.errors import ScaleError

Rng = np.random.Generator
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ISSUER = "synthetic-land"
SCALES: dict[str, int] = {"small": 60, "medium": 2_000, "large": 100_000}
LEAST, MOST = 10, 1_000_000
DECIMALS = 7  # of a degree: about a centimetre, what a survey receiver writes
_SOUTH, _WEST = 40.15, -30.45
_METRES_PER_DEGREE = 111_132.0


def stream(seed: int, name: str) -> Rng:
    """Return the random stream of one part of the land: adding a part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def areas_of_scale(scale: int | str) -> int:
    """Return how many hazardous areas a size means.

    Args:
        scale: ``small``, ``medium``, ``large``, or a number from 10 to 1,000,000 (as a number or as text).

    Raises:
        ScaleError: anything else.
    """
    text = str(scale).strip().replace("_", "").replace(",", "")
    if text in SCALES:
        return SCALES[text]
    if text.isascii() and text.isdigit() and LEAST <= int(text) <= MOST:
        return int(text)
    raise ScaleError(Where(field="scale", value=str(scale)), sizes=", ".join(SCALES), low=LEAST, high=MOST)


@dataclass(frozen=True)
class Frame:
    """A Lambert azimuthal equal-area frame in metres around the middle of the land.

    Args:
        lon: longitude of the middle, degrees.
        lat: latitude of the middle, degrees.
        radius: mean radius of the land, metres.
    """

    lon: float
    lat: float
    radius: float

    @classmethod
    def for_areas(cls, areas: int) -> Frame:
        """Return the frame of a land with so many hazardous areas."""
        radius = float(np.clip(4_200.0 * np.sqrt(areas), 26_000.0, 190_000.0))
        # The coast reaches at most 1.5 radii from the middle; it stays north and west of the stated corner.
        reach = 1.5 * radius / _METRES_PER_DEGREE
        lat = _SOUTH + reach
        lon = _WEST - reach / float(np.cos(np.radians(lat)))
        return cls(round(lon, 3), round(lat, 3), radius)

    @property
    def proj(self) -> str:
        """The frame as PROJ text."""
        return f"+proj=laea +lat_0={self.lat} +lon_0={self.lon} +datum=WGS84 +units=m +no_defs +type=crs"

    @cached_property
    def _out(self) -> Any:
        from pyproj import Transformer

        return Transformer.from_crs(self.proj, "EPSG:4326", always_xy=True)

    def to_lonlat(self, shapes: Shapes) -> Shapes:
        """Return metre shapes in WGS 84, longitude first, rounded to ``DECIMALS``; None stays None."""

        def convert(xy: Floats) -> Floats:
            lon, lat = self._out.transform(xy[:, 0], xy[:, 1])
            return np.round(np.column_stack([lon, lat]), DECIMALS)

        moved: Shapes = shapely.transform(shapes, convert)
        return moved

    def to_metres(self, shapes: Shapes) -> Shapes:
        """Return WGS 84 shapes, longitude first, in the frame's metres."""

        def convert(lonlat: Floats) -> Floats:
            x, y = self._out.transform(lonlat[:, 0], lonlat[:, 1], direction="INVERSE")
            return np.column_stack([x, y])

        moved: Shapes = shapely.transform(shapes, convert)
        return moved
