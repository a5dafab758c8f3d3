"""From coordinates to paper: the face of a map, its scale, its grid and true north."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import shapely

from fallow.documents.map_model import GridLine
from fallow.documents.model import Cell, Quantity

Shapes = npt.NDArray[np.object_]

LEFT, TOP, RIGHT, BOTTOM = 9.0, 3.0, 3.0, 10.0  # mm around the map face
_STEPS = (1.0, 2.0, 5.0)
_SCALES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0)
# Steps of a net of meridians and parallels, in arc seconds.
_ARC_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000)
_DENSIFY = 24  # parts that a line of the net is cut into before it is projected


def nice_step(length: float, parts: int) -> float:
    """Return the step of 1, 2 or 5 times a power of ten that cuts ``length`` into at most ``parts``."""
    rough = length / parts
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (*_STEPS, 10.0) if step * power >= rough)


def nice_scale(rough: float) -> float:
    """Return the next round scale denominator that is not below ``rough``."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (*_SCALES, 10.0) if step * power >= rough * (1 - 1e-9))


def utm_crs(lon: float, lat: float) -> str:
    """Return the code of the UTM system on WGS 84 for a position (degrees)."""
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return f"EPSG:{(32700 if lat < 0 else 32600) + zone}"


@dataclass(frozen=True)
class Frame:
    """A map face on paper.

    Args:
        crs: a projected system in metres whose datum is WGS 84.
        x0: easting of the left edge of the face.
        y0: northing of the upper edge.
        scale: denominator of the scale on paper.
        width_mm: outer width.
        height_mm: outer height.
    """

    crs: str
    x0: float
    y0: float
    scale: float
    width_mm: float
    height_mm: float

    @classmethod
    def around(
        cls,
        shapes: Shapes,
        crs: str,
        *,
        width_mm: float = 178.0,
        height_mm: tuple[float, float] = (92.0, 138.0),
        least_m: float = 60.0,
        room: float = 1.18,
    ) -> Frame:
        """Return the frame that holds shapes in a round scale.

        Args:
            shapes: WGS 84 shapes, longitude first; at least one must not be empty.
            crs: the projected system.
            width_mm: outer width.
            height_mm: least and greatest outer height.
            least_m: shortest side of the ground shown, so that a point has surroundings.
            room: how much wider than the shapes the face is.
        """
        left, bottom, right, top = (float(edge) for edge in shapely.total_bounds(project(shapes, crs)))
        middle = ((left + right) / 2, (bottom + top) / 2)
        wide, high = max((right - left) * room, least_m), max((top - bottom) * room, least_m)
        face_w = width_mm - LEFT - RIGHT
        margins = TOP + BOTTOM
        face_h = min(max(face_w * high / wide, height_mm[0] - margins), height_mm[1] - margins)
        scale = nice_scale(max(wide / face_w, high / face_h) * 1000.0)
        half_w, half_h = face_w * scale / 2000.0, face_h * scale / 2000.0
        return cls(crs, middle[0] - half_w, middle[1] + half_h, scale, width_mm, round(face_h + margins, 2))

    @property
    def inner(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of the face in mm."""
        return LEFT, TOP, self.width_mm - RIGHT, self.height_mm - BOTTOM

    @property
    def ground(self) -> tuple[float, float, float, float]:
        """Return xmin, ymin, xmax, ymax of the face in the frame's system."""
        left, top, right, bottom = self.inner
        metres = self.scale / 1000.0
        return self.x0, self.y0 - (bottom - top) * metres, self.x0 + (right - left) * metres, self.y0

    @property
    def bar_m(self) -> float:
        """Return the length of one half of the scale bar in m: round, the whole about a quarter of the face."""
        left, right = self.inner[0], self.inner[2]
        return nice_step((right - left) * self.scale / 1000.0 / 2, 7)

    @property
    def centre(self) -> tuple[float, float]:
        """Return longitude and latitude of the centre of the face."""
        left, bottom, right, top = self.ground
        lon, lat = unproject(self.crs, np.array([[(left + right) / 2, (bottom + top) / 2]]))[0]
        return float(lon), float(lat)

    def paper(self, projected: Shapes) -> Shapes:
        """Move shapes of the frame's system to mm on paper, cut off a little beyond the face."""
        left, bottom, right, top = self.ground
        spare = 4.0 * self.scale / 1000.0
        cut = shapely.clip_by_rect(projected, left - spare, bottom - spare, right + spare, top + spare)
        return cast(Shapes, shapely.transform(cut, self._to_paper))

    def _to_paper(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        millimetres = 1000.0 / self.scale
        return np.column_stack((LEFT + (xy[:, 0] - self.x0) * millimetres, TOP + (self.y0 - xy[:, 1]) * millimetres))

    def place(self, shapes: Sequence[Any] | Shapes) -> Shapes:
        """Project WGS 84 shapes and move them to paper."""
        return self.paper(project(_array(shapes), self.crs))

    def metric_grid(self) -> tuple[GridLine, ...]:
        """Return the grid of the frame's own system, in round metres."""
        left, bottom, right, top = self.ground
        step = nice_step(min(right - left, top - bottom), 5)
        lines = []
        for x in _multiples(left, right, step):
            ends = self._to_paper(np.array([[x, top], [x, bottom]]))
            lines.append(GridLine(_points(ends), Quantity(x, "", _digits(step)), "bottom"))
        for y in _multiples(bottom, top, step):
            ends = self._to_paper(np.array([[left, y], [right, y]]))
            lines.append(GridLine(_points(ends), Quantity(y, "", _digits(step)), "left"))
        return tuple(lines)

    def net(self) -> tuple[GridLine, ...]:
        """Return a net of meridians and parallels in round arc values, curved as the system has them."""
        left, bottom, right, top = self.ground
        edge = np.linspace(0.0, 1.0, _DENSIFY + 1)
        rim = np.concatenate(
            [np.column_stack((left + (right - left) * edge, np.full_like(edge, y))) for y in (bottom, top)]
            + [np.column_stack((np.full_like(edge, x), bottom + (top - bottom) * edge)) for x in (left, right)]
        )
        geographic = unproject(self.crs, rim)
        west, south = (float(value) for value in geographic.min(axis=0))
        east, north = (float(value) for value in geographic.max(axis=0))
        span = max(east - west, north - south) * 3600.0 / 6
        step = next((arc for arc in _ARC_STEPS if arc >= span), _ARC_STEPS[-1]) / 3600.0
        lines = []
        for lon in _multiples(west, east, step):
            along = np.column_stack((np.full_like(edge, lon), south + (north - south) * edge))
            lines += self._net_line(along, degrees(lon, "lon", step), "bottom")
        for lat in _multiples(south, north, step):
            along = np.column_stack((west + (east - west) * edge, np.full_like(edge, lat)))
            lines += self._net_line(along, degrees(lat, "lat", step), "left")
        return tuple(lines)

    def _net_line(self, along: npt.NDArray[np.float64], label: Cell, side: str) -> list[GridLine]:
        projected = project(_array([shapely.linestrings(along)]), self.crs)
        left, bottom, right, top = self.ground
        cut = self.paper(shapely.clip_by_rect(projected, left, bottom, right, top))[0]
        parts = [part for part in shapely.get_parts(cut) if not part.is_empty and part.geom_type == "LineString"]
        return [GridLine(_points(shapely.get_coordinates(part)), label, side) for part in parts[:1]]

    def north(self) -> tuple[float, float]:
        """Return (true north, grid convergence) at the centre of the face, in degrees.

        The first is clockwise from the top of the page; the second is the angle from true north to grid north,
        positive eastwards.
        """
        from pyproj import Proj

        lon, lat = self.centre
        convergence = float(Proj(self.crs).get_factors(lon, lat).meridian_convergence)
        return -convergence, convergence


def project(shapes: Sequence[Any] | Shapes, crs: str) -> Shapes:
    """Project WGS 84 shapes (longitude first) into a system whose datum is WGS 84; None stays None."""
    from pyproj import Transformer

    turn = Transformer.from_crs("EPSG:4326", crs, always_xy=True, allow_ballpark=False)

    def forward(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))

    return cast(Shapes, shapely.transform(_array(shapes), forward))


def unproject(crs: str, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return (n, 2) longitude, latitude of (n, 2) coordinates in a system whose datum is WGS 84."""
    from pyproj import Transformer

    turn = Transformer.from_crs("EPSG:4326", crs, always_xy=True, allow_ballpark=False)
    return np.column_stack(turn.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))


def degrees(value: float, axis: str, step: float = 0.0) -> str:
    """Write an angle of a position in degrees, minutes and seconds, as fine as the step needs.

    Args:
        value: degrees, north and east positive.
        axis: ``lon`` or ``lat``.
        step: distance between neighbours in degrees; 0 gives tenths of a second.
    """
    letter = ("E" if value >= 0 else "W") if axis == "lon" else ("N" if value >= 0 else "S")
    if step == 0.0:
        tenths = round(abs(value) * 36000.0)
        minutes, rest = divmod(tenths, 600)
        whole, minute = divmod(minutes, 60)
        return f"{whole}°{minute:02d}′{rest // 10:02d}.{rest % 10}″ {letter}"
    seconds = round(abs(value) * 3600.0)
    minutes, second = divmod(seconds, 60)
    whole, minute = divmod(minutes, 60)
    if step >= 1.0:
        return f"{whole}° {letter}"
    if step >= 1.0 / 60.0:
        return f"{whole}°{minute:02d}′ {letter}"
    return f"{whole}°{minute:02d}′{second:02d}″ {letter}"


def _multiples(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step + 1e-9)
    last = math.floor(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def _digits(step: float) -> int:
    return 0 if step >= 1 else 1


def _points(xy: npt.NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 2), round(float(y), 2)) for x, y in xy)


def _array(shapes: Sequence[Any] | Shapes) -> Shapes:
    array = np.empty(len(shapes), dtype=object)
    array[:] = list(shapes)
    return array
