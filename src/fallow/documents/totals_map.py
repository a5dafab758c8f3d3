"""The map of the whole register, on the equal-area plane: recorded hazard, releases, unverified reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from fallow.documents import reading
from fallow.documents.area_map import HAZARD_STYLES
from fallow.documents.ground import Closed, open_part
from fallow.documents.map_frame import Frame
from fallow.documents.map_model import MapData, Outline, Sign, Style, Symbol
from fallow.documents.model import Cell, Picture
from fallow.documents.model import mark as _

if TYPE_CHECKING:
    from fallow.records import Snapshot

# What would be drawn narrower than this (mm) gets a sign instead.
_SMALLEST = 1.6
# Signs closer than this (mm) are drawn once.
_CELL = 1.5
# Finest corners that a drawing of the whole shows, in mm.
_TOLERANCE = 0.06
_MOST_UNITS = 240
_MOST_NAMES = 60


def totals_map(snapshot: Snapshot, equal_area: str, closed: Closed, *, synthetic: bool) -> Picture | None:
    """Draw the map of the whole; None when no record has a position.

    Args:
        snapshot: the register on the day.
        equal_area: the system that it is drawn in.
        closed: the ground that the ledger holds open in no layer.
        synthetic: whether the register holds synthetic data.
    """
    areas = [each for each in reading.standing(snapshot, "hazardous_area") if _drawable(each[2])]
    products = [
        each
        for each in reading.standing(snapshot, "release_product")
        if _drawable(each[2]) and shapely.get_dimensions(each[2]) == 2
    ]
    waiting = [shape for shape in _unverified(snapshot) if _drawable(shape)]
    units = _units(snapshot)
    shapes = _array([shape for *_rest, shape in (*areas, *products)] + waiting)
    if len(shapes) == 0:
        return None
    frame = Frame.around(shapes, equal_area, height_mm=(92.0, 158.0), least_m=1500.0, room=1.12)
    outlines: list[Outline] = []
    symbols: list[Symbol] = []
    names = len(areas) <= _MOST_NAMES
    for (_entity, row, _shape), paper in zip(units, frame.place([shape for *_rest, shape in units]), strict=True):
        outlines.append(Outline(Style.UNIT, _plain(paper), reading.text(row.get("name")) if len(units) <= 30 else None))
    released = frame.place([shape for *_rest, shape in products])
    hazards = frame.place([shape for *_rest, shape in areas])
    shut = frame.paper(_array([closed.released, closed.withdrawn, closed.any]))
    outlines += [Outline(Style.RELEASED, shut[0]), Outline(Style.WITHDRAWN, shut[1])]
    outlines += [Outline(Style.RELEASED_EDGE, _plain(paper)) for paper in released]
    for (entity, row, shape), paper in zip(areas, hazards, strict=True):
        label: Cell = reading.short_name(row, entity) if names else None
        left = paper if shapely.get_dimensions(shape) < 2 else open_part(paper, shut[2])
        if left.is_empty:
            continue
        if shapely.get_dimensions(shape) < 2 or _small(left):
            symbols += _signs(Sign.HAZARD, left, label)
        else:
            style = HAZARD_STYLES.get(str(row.get("classification")), Style.CHA)
            outlines.append(Outline(style, _plain(left), label))
    for paper in frame.place(waiting):
        if shapely.get_dimensions(paper) < 2 or _small(paper):
            symbols += _signs(Sign.UNVERIFIED, paper, None)
        else:
            outlines.append(Outline(Style.UNVERIFIED, _plain(paper)))
    drawn = MapData(
        key="whole",
        title=_("Map of the whole register"),
        width_mm=frame.width_mm,
        height_mm=frame.height_mm,
        inner=frame.inner,
        scale=frame.scale,
        bar_m=frame.bar_m,
        north_deg=frame.north()[0],
        outlines=tuple(outline for outline in outlines if not outline.shape.is_empty),
        symbols=tuple(_apart(symbols)),
        turning=(),
        grid=frame.net(),
        grid_name=_("meridians and parallels, WGS 84"),
        synthetic=synthetic,
    )
    caption = [
        _("Drawn in the equal-area system of the register. Ground without a mark is not assessed."),
        _("Small areas are drawn as signs; where signs would cover each other, one stands for all of them."),
    ]
    if not names:
        caption.append(_("There are too many areas to name them here: the tables and sheets do."))
    return Picture("whole", drawn, tuple(caption))


def _units(snapshot: Snapshot) -> list[tuple[str, reading.Row, Any]]:
    """Return the units of the finest level that a small map can show."""
    units = [each for each in reading.standing(snapshot, "admin_unit") if _drawable(each[2])]
    levels: dict[int, list[tuple[str, reading.Row, Any]]] = {}
    for each in units:
        level = each[1].get("level")
        levels.setdefault(level if isinstance(level, int) else 0, []).append(each)
    fitting = [level for level, members in levels.items() if len(members) <= _MOST_UNITS]
    return levels[max(fitting)] if fitting else []


def _unverified(snapshot: Snapshot) -> list[Any]:
    rows = snapshot.unverified.get("hazardous_area")
    return [] if rows is None else list(rows.shapes())


def _drawable(shape: Any) -> bool:
    return shape is not None and not shape.is_empty


def _small(paper: Any) -> bool:
    left, top, right, bottom = shapely.bounds(paper)
    return bool(max(right - left, bottom - top) < _SMALLEST)


def _plain(paper: Any) -> Any:
    return shapely.simplify(paper, _TOLERANCE, preserve_topology=True)


def _signs(sign: Sign, paper: Any, label: Cell) -> list[Symbol]:
    points = shapely.get_parts(paper) if shapely.get_dimensions(paper) == 0 else [shapely.centroid(paper)]
    return [Symbol(sign, float(point.x), float(point.y), label) for point in points if not point.is_empty]


def _apart(symbols: Iterable[Symbol]) -> list[Symbol]:
    """Return the signs without those that would fall on another of their kind."""
    kept: dict[tuple[Sign, int, int], Symbol] = {}
    for symbol in symbols:
        kept.setdefault((symbol.sign, round(symbol.x / _CELL), round(symbol.y / _CELL)), symbol)
    return list(kept.values())


def _array(shapes: list[Any]) -> npt.NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array
