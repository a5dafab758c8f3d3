"""Laying records and units out on the plane: distinct shapes, one arrangement, units of faces and of records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from fallow.ledger.areas_exact import GRID_PER_M, Ints, sum_by
from fallow.ledger.arrangement import arrange, on_grid
from fallow.ledger.courses import Courses
from fallow.ledger.coverings import Entries
from fallow.ledger.homes import homes
from fallow.ledger.plane import Plane
from fallow.ledger.units import Editions, Units, editions
from fallow.records.batch import Shapes

# From WGS 84 to metres on the plane that keeps areas.
Lay = Callable[[Shapes], Shapes]


def distinct(columns: Sequence[Shapes]) -> tuple[Shapes, list[Ints]]:
    """Return the distinct geometries of several columns, in an order of their own, and the number of each.

    Args:
        columns: geometries, None allowed.

    Returns:
        (g,) geometries, and per column their numbers, -1 for None.
    """
    joined = np.concatenate(columns) if columns else np.zeros(0, object)
    present = np.flatnonzero(~shapely.is_missing(joined))
    keys = shapely.to_wkb(joined[present], output_dimension=2, byte_order=1)
    # Sorted by content, so that the order in which records come changes nothing.
    _, first, inverse = np.unique(np.asarray(keys, dtype=object), return_index=True, return_inverse=True)
    numbers = np.full(len(joined), -1, dtype=np.int64)
    numbers[present] = inverse.reshape(-1)
    cuts = np.cumsum([len(column) for column in columns])[:-1]
    return joined[present][first], [np.asarray(part) for part in np.split(numbers, cuts)]


@dataclass(frozen=True)
class Layout:
    """The plane, and what places records without ground.

    Args:
        plane: arrangement and units of faces.
        editions: unit boundaries by time.
        shape_of: (g,) shape of each geometry, -1 for what is no polygon.
        point_unit: (editions, g) unit of each geometry that is no polygon, -1 for none.
        shape_area: exact area of each shape on the ground.
    """

    plane: Plane
    editions: Editions
    shape_of: Ints
    point_unit: npt.NDArray[np.int64]
    shape_area: list[int]

    def placed(self, courses: Courses) -> Courses:
        """Return courses with their shapes on the ground."""
        return replace(courses, shape=np.where(courses.geometry >= 0, self.shape_of[courses.geometry], -1))

    def unit_of(self, entries: Entries) -> Callable[[int, int], int]:
        """Return the look-up (entry, day) → unit in which a record is counted, -1 for none.

        A record without polygon lies in the unit of its point, else in the unit that it names.
        """
        number = {unit: index for index, unit in enumerate(self.editions.ids)}

        def find(entry: int, day: int) -> int:
            edition = int(self.plane.edition(np.array([day]))[0])
            shape, geometry = int(entries.shape[entry]), int(entries.geometry[entry])
            if shape >= 0:
                return int(self.plane.home[edition, shape])
            found = int(self.point_unit[edition, geometry]) if geometry >= 0 else -1
            if found >= 0:
                return found
            named = entries.state(entry).get("unit")
            return number.get(str(named["ref"]), -1) if isinstance(named, dict) and "ref" in named else -1

        return find


def lay_out(geometries: Shapes, used: Ints, units: Units | None, lay: Lay) -> Layout:
    """Lay geometries and units out and build the one arrangement.

    Args:
        geometries: (g,) distinct geometries in WGS 84.
        used: numbers of the geometries that some record in force has.
        units: administrative units.
        lay: from WGS 84 to metres on the equal-area plane.
    """
    laid = np.full(len(geometries), None, dtype=object)
    laid[used] = lay(geometries[used])
    flat = on_grid(laid)
    polygons = np.flatnonzero(~shapely.is_missing(flat))
    found = editions(units)
    boundaries = np.zeros(0, object) if units is None else on_grid(lay(np.asarray(units.shapes, dtype=object)))
    boundaries[shapely.is_missing(boundaries)] = shapely.Polygon()
    arrangement = arrange(flat[polygons], boundaries, found.members)
    shape_of = np.full(len(geometries) + 1, -1, dtype=np.int64)
    shape_of[polygons] = np.arange(len(polygons))
    # A sliver thinner than the grid leaves no face: it is a record without ground.
    size = np.bincount(arrangement.shape, minlength=len(polygons))
    shape_of[polygons[size == 0]] = -1
    unit = np.where(arrangement.unit >= 0, found.unit[arrangement.unit], -1) if len(found.ids) else arrangement.unit
    plane = Plane(arrangement, unit, homes(arrangement, unit, len(polygons)), found.days)
    areas = [0] * len(polygons)
    (shape,), total = sum_by([arrangement.shape], arrangement.areas.take(arrangement.face))
    for index, amount in zip(shape.tolist(), total.values(), strict=True):
        areas[index] = amount
    placeless = np.flatnonzero(~shapely.is_missing(laid) & (shape_of[:-1] < 0))
    points = _unit_of_points(laid, placeless, boundaries, found)
    return Layout(plane, found, shape_of, points, areas)


def _unit_of_points(laid: Shapes, which: Ints, boundaries: Shapes, found: Editions) -> npt.NDArray[np.int64]:
    units = np.full((len(found.days), len(laid)), -1, dtype=np.int64)
    which = which[~shapely.is_empty(laid[which])]
    if len(which) == 0 or len(boundaries) == 0:
        return units
    points = shapely.transform(shapely.point_on_surface(laid[which]), lambda xy: np.rint(xy * GRID_PER_M))
    version, point = shapely.STRtree(points).query(boundaries, predicate="intersects")
    for row, members in zip(units, found.members, strict=True):
        inside = np.isin(version, members)
        order = np.argsort(-version[inside], kind="stable")
        row[which[point[inside][order]]] = found.unit[version[inside][order]]
    return units
