"""The map of an area's sheet: everything recorded on and around it, on a metric grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from fallow.documents import reading
from fallow.documents.area_tables import Ring
from fallow.documents.ground import Box, Closed, open_part
from fallow.documents.map_frame import Frame, project, unproject, utm_crs
from fallow.documents.map_model import MapData, Outline, Sign, Style, Symbol, TurningPoint
from fallow.documents.model import Cell, Joined, Verbatim
from fallow.documents.model import mark as _
from fallow.documents.reading import Row
from fallow.records.values import When, absence

if TYPE_CHECKING:
    from fallow.records import Rows, Snapshot

HAZARD_STYLES = {"indication": Style.INDICATION, "sha": Style.SHA, "cha": Style.CHA}
# A reference point farther away than this many lengths of the area does not shrink the map; its position is listed.
_REACH = 1.2
_LEAST_M = 160.0  # so that a point has surroundings
# More corners than this are not all numbered on the map; the table numbers them all.
_MOST_NUMBERS = 400


def area_map(
    snapshot: Snapshot,
    entity: str,
    row: Row,
    shape: Any,
    *,
    outline: Sequence[Ring],
    earlier: Sequence[Any],
    equal_area: str,
    closed: Callable[[Box], Closed],
    synthetic: bool,
) -> tuple[MapData, Frame]:
    """Draw the map of one area.

    Args:
        snapshot: the register on the sheet's day.
        entity: the area.
        row: its values.
        shape: its outline or point in WGS 84.
        outline: its rings, for the numbers of the turning points.
        earlier: outlines that are no longer in force.
        equal_area: the register's equal-area system.
        closed: gives the ground around (west, south, east, north) that the ledger holds open in no layer.
        synthetic: whether the register holds synthetic data.
    """
    centre = shape.centroid
    crs = utm_crs(float(centre.x), float(centre.y))
    frame = Frame.around(_wanted(row, shape, crs), crs, least_m=_LEAST_M)
    draw = _Drawing(snapshot, frame)
    outlines = [
        *draw.lines("admin_unit", lambda _: Style.UNIT, lambda *_: None),
        *draw.grounds(entity, closed(draw.box), equal_area),
        *(Outline(Style.EARLIER, each) for each in draw.placed(earlier)),
        *draw.unverified(),
        *draw.lines("marking", lambda _: Style.MARKING, lambda *_: None),
    ]
    symbols = [
        *draw.points("hazardous_area", lambda _: Sign.HAZARD, _name),
        *draw.points("item_found", lambda _: Sign.ITEM),
        *draw.points("accident", lambda _: Sign.ACCIDENT),
        *draw.points(
            "evidence",
            lambda each: Sign.EVIDENCE_AGAINST if each.get("polarity") == "against" else Sign.EVIDENCE_FOR,
        ),
        *draw.points("place", lambda _: Sign.PLACE, lambda each, _: reading.text(each.get("name"))),
        *draw.positions(row),
    ]
    true_north = frame.north()[0]
    data = MapData(
        key="area",
        title=_("Map of hazardous area {name}", {"name": reading.identifiers(row, entity)}),
        width_mm=frame.width_mm,
        height_mm=frame.height_mm,
        inner=frame.inner,
        scale=frame.scale,
        bar_m=frame.bar_m,
        north_deg=true_north,
        outlines=tuple(outlines),
        symbols=tuple(symbols),
        turning=tuple(_turning(outline, frame)),
        grid=frame.metric_grid(),
        grid_name=system_name(crs),
        synthetic=synthetic,
    )
    return data, frame


def system_name(crs: str) -> Cell:
    """Return name and code of a reference system."""
    from fallow.geodesy import resolve_crs

    name = resolve_crs(crs).name
    return Verbatim(f"{name} ({crs})" if len(crs) <= 16 else name)


def release_label(row: Row, entity: str) -> Cell:
    """Return what stands at released ground: kind, class, depth, date."""
    day = row.get("end") if absence(row.get("end")) is None else row.get("decided")
    kind = reading.code("release_kind", row.get("kind"))
    return Joined(
        (
            Joined((reading.short_name(row, entity), kind), ": "),
            reading.codes("contamination_class", row.get("contamination")),
            Joined((reading.depth(row), reading.when(day))),
        ),
        "\n",
    )


def _wanted(row: Row, shape: Any, crs: str) -> npt.NDArray[np.object_]:
    """Return the shapes that the map face must hold: the area, and its reference points if they are near."""
    own = project([shape], crs)[0]
    left, bottom, right, top = own.bounds
    reach = max(right - left, top - bottom, 100.0) * _REACH
    wanted = [shape]
    for name in ("reference_point", "benchmark"):
        wire = row.get(name)
        if absence(wire) is None and isinstance(wire, Mapping) and wire.get("lon") is not None:
            point = shapely.Point(wire["lon"], wire["lat"])
            if project([point], crs)[0].distance(own) <= reach:
                wanted.append(point)
    array = np.empty(len(wanted), dtype=object)
    array[:] = wanted
    return array


def _name(row: Row, entity: str) -> Cell:
    return reading.short_name(row, entity)


class _Drawing:
    """Records that meet the face of a map, as outlines and symbols on paper."""

    def __init__(self, snapshot: Snapshot, frame: Frame) -> None:
        self.snapshot, self.frame = snapshot, frame
        lon, lat = _corners(frame)
        self.box: Box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))

    def near(self, source: Rows) -> list[tuple[str, Row, Any]]:
        """Return the standing records whose box meets the face, with their shapes."""
        ids, rows, shapes = source.ids(), source.rows(), source.shapes()
        if len(ids) == 0:
            return []
        west, south, east, north = self.box
        bounds = shapely.bounds(np.asarray(shapes, dtype=object))
        with np.errstate(invalid="ignore"):
            meets = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
        found = [
            (ids[index], rows[index], shapes[index]) for index in np.flatnonzero(meets) if reading.stands(rows[index])
        ]
        return sorted(found, key=lambda each: each[0])

    def placed(self, shapes: Sequence[Any]) -> list[Any]:
        return [each for each in self.frame.place(list(shapes)) if not each.is_empty] if len(shapes) else []

    def lines(self, record: str, style: Callable[[Row], Style], label: Callable[[Row, str], Cell]) -> list[Outline]:
        found = [each for each in self.near(self.snapshot.of(record)) if shapely.get_dimensions(each[2]) > 0]
        paper = self.frame.place([shape for *_, shape in found])
        return [
            Outline(style(row), shape, label(row, entity))
            for (entity, row, _), shape in zip(found, paper, strict=True)
            if not shape.is_empty
        ]

    def grounds(self, own: str, closed: Closed, equal_area: str) -> list[Outline]:
        """Return released, withdrawn and hazardous ground, and every release as surveyed over them.

        The sheet's own area goes without a name; its own releases say class, depth and date.
        """
        plane = [closed.released, closed.withdrawn, closed.any]
        shut = self.frame.place([shapely.transform(each, lambda xy: unproject(equal_area, xy)) for each in plane])
        outlines = [Outline(Style.RELEASED, shut[0]), Outline(Style.WITHDRAWN, shut[1])]
        for entity, row, shape in self.polygons("hazardous_area"):
            left = open_part(shape, shut[2])
            style = HAZARD_STYLES.get(str(row.get("classification")), Style.CHA)
            outlines.append(Outline(style, left, None if entity == own else _name(row, entity)))
        for entity, row, shape in self.polygons("release_product"):
            mine = reading.ref(row.get("area")) == own
            label = release_label(row, entity) if mine else reading.short_name(row, entity)
            outlines.append(Outline(Style.RELEASED_EDGE, shape, label))
        return [outline for outline in outlines if not outline.shape.is_empty]

    def polygons(self, record: str) -> list[tuple[str, Row, Any]]:
        """Return the records with an outline on the face; shapes in mm on paper."""
        found = [each for each in self.near(self.snapshot.of(record)) if shapely.get_dimensions(each[2]) == 2]
        paper = self.frame.place([shape for *_rest, shape in found])
        return [(each[0], each[1], shape) for each, shape in zip(found, paper, strict=True) if not shape.is_empty]

    def unverified(self) -> list[Outline]:
        rows = self.snapshot.unverified.get("hazardous_area")
        if rows is None:
            return []
        found = [each for each in self.near(rows) if shapely.get_dimensions(each[2]) > 0]
        paper = self.frame.place([shape for *_, shape in found])
        return [Outline(Style.UNVERIFIED, shape) for shape in paper if not shape.is_empty]

    def points(
        self, record: str, sign: Callable[[Row], Sign], label: Callable[[Row, str], Cell] = lambda *_: None
    ) -> list[Symbol]:
        found = [each for each in self.near(self.snapshot.of(record)) if shapely.get_dimensions(each[2]) == 0]
        if not found:
            return []
        paper = self.frame.place([shape for *_, shape in found])
        return [
            Symbol(sign(row), float(part.x), float(part.y), label(row, entity))
            for (entity, row, _), shape in zip(found, paper, strict=True)
            for part in shapely.get_parts(shape)
            if not part.is_empty
        ]

    def positions(self, row: Row) -> list[Symbol]:
        symbols = []
        for name, sign in (("reference_point", Sign.REFERENCE), ("benchmark", Sign.BENCHMARK)):
            wire = row.get(name)
            if absence(wire) is None and isinstance(wire, Mapping) and wire.get("lon") is not None:
                point = self.frame.place([shapely.Point(wire["lon"], wire["lat"])])[0]
                if not point.is_empty:
                    symbols.append(Symbol(sign, float(point.x), float(point.y)))
        return symbols


def _corners(frame: Frame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    left, bottom, right, top = frame.ground
    spare = 4.0 * frame.scale / 1000.0
    lonlat = unproject(
        frame.crs,
        np.array([[x, y] for x in (left - spare, right + spare) for y in (bottom - spare, top + spare)]),
    )
    return lonlat[:, 0], lonlat[:, 1]


def _turning(outline: Sequence[Ring], frame: Frame) -> list[TurningPoint]:
    points = []
    total = sum(len(ring.wgs84) for ring in outline)
    for ring in outline:
        lines = frame.place([shapely.multipoints(ring.wgs84)])
        xy = shapely.get_coordinates(lines[0])
        if len(xy) != len(ring.wgs84):  # part of it lies off the face
            continue
        clockwise = not shapely.is_ccw(shapely.linearrings(xy))
        for index, (x, y) in enumerate(xy):
            dx, dy = _outward(xy[index - 1], xy[(index + 1) % len(xy)], clockwise=clockwise != ring.hole)
            number = ring.number(index) if total <= _MOST_NUMBERS or index % 10 == 0 else ""
            points.append(TurningPoint(number, float(x), float(y), dx, dy))
    return points


def _outward(before: Any, after: Any, *, clockwise: bool) -> tuple[float, float]:
    """Return the unit vector that points away from the ground of the area, half way between the two edges."""
    edge = after - before
    length = float(np.hypot(*edge)) or 1.0
    left = np.array([edge[1], -edge[0]]) / length
    # On paper y grows downwards: the side that is left of the way there lies outside a ring drawn counter-clockwise.
    outward = left if not clockwise else -left
    return float(outward[0]), float(outward[1])


def event_day(row: Row, *names: str) -> When | None:
    """Return the first of several dates that is there."""
    for name in names:
        if absence(row.get(name)) is None:
            return When.from_wire(row[name])
    return None
