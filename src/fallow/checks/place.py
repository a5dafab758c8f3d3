"""Does the shape lie where it can: on the Earth, in the country, in the unit that the source names?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from fallow.checks.columns import Bools, distinct
from fallow.checks.context import fold
from fallow.checks.registration import Found, check
from fallow.checks.shapes import boundary_tree, comparable, lengths_m
from fallow.checks.view import View
from fallow.records.batch import Severity, Shapes

NULL_DEG = 1e-6
BORDER_M = 1_000.0  # up to this far outside the border line of a small-scale map may be at fault
NEAR_UNIT_M = 100.0
# A wrong zone moves a transverse Mercator coordinate by whole zones of longitude and by nothing else.
ZONE_DEG = (6, -6, 3, -3)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the shapes of a batch lie; each row is in one of the lists at most.

    Args:
        off: not on the Earth, or not finite.
        null: at 0° E 0° N.
        swapped: in the country once latitude and longitude change places.
        outside: outside the country for any other reason.
        crossing: partly outside.
    """

    off: Bools
    null: Bools
    swapped: Bools
    outside: Bools
    crossing: Bools


def places(view: View) -> Places:
    """Return where the shapes of a batch lie, worked out once."""
    found: Places = view.once("place", "places", lambda: _places(view))
    return found


def _places(view: View) -> Places:
    nowhere = np.zeros(view.n, dtype=bool)
    country = view.context.country
    off = view.filled & ~view.on_earth
    null = _at_null(view)
    open_ = np.flatnonzero(view.on_earth & ~null & ~shapely.is_missing(view.ground))
    swapped, outside, crossing = nowhere.copy(), nowhere.copy(), nowhere.copy()
    if country is None:
        turned = np.flatnonzero(off)
        swapped[turned] = _on_earth_swapped(view.bounds[turned])
        return Places(off & ~swapped, null, swapped, outside, crossing)

    shapely.prepare(country)
    inside = shapely.intersects(country, view.ground[open_])
    away = open_[~inside]
    candidates = np.concatenate((away, np.flatnonzero(off)))
    fits = _on_earth_swapped(view.bounds[candidates])
    candidates = candidates[fits]
    hits = shapely.intersects(country, comparable(_swap(view.shapes[candidates])))
    swapped[candidates[hits]] = True
    outside[away] = True
    outside &= ~swapped
    # Only what comes near the border line can cross it.
    border = view.context.border
    if border is not None:
        near = open_[inside]
        near = near[np.unique(border.query(view.ground[near])[0])]
        crossing[near[~shapely.covers(country, view.ground[near])]] = True
    return Places(off & ~swapped, null, swapped, outside, crossing)


def _at_null(view: View) -> Bools:
    """(n,) True where a vertex lies at 0° E 0° N."""
    boxes = view.bounds
    near = np.asarray((boxes[:, :2] <= NULL_DEG).all(axis=1) & (boxes[:, 2:] >= -NULL_DEG).all(axis=1))
    found = np.zeros(view.n, dtype=bool)
    where = np.flatnonzero(near & view.on_earth)
    xy, owner = shapely.get_coordinates(view.shapes[where], return_index=True)
    found[where[owner[(np.abs(xy) <= NULL_DEG).all(axis=1)]]] = True
    return found


def _on_earth_swapped(boxes: np.ndarray[Any, np.dtype[np.float64]]) -> Bools:
    return np.asarray((np.abs(boxes) <= (90, 180, 90, 180)).all(axis=1))


def _swap(shapes: Shapes) -> Shapes:
    turned: Shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return turned


@check("check.coordinates_out_of_range", Severity.BLOCKING, geometry=True)
def coordinates_out_of_range(view: View, found: Found) -> None:
    """A longitude beyond ±180°, a latitude beyond ±90°, or a coordinate that is no number."""
    for index in np.flatnonzero(places(view).off).tolist():
        xy = shapely.get_coordinates(view.shapes[index])
        lon, lat = xy[~(np.abs(xy) <= (180, 90)).all(axis=1)][0].tolist()
        found(index, field="geometry", lon=lon, lat=lat)


@check("check.null_island", Severity.BLOCKING, geometry=True)
def null_island(view: View, found: Found) -> None:
    """A vertex at 0° E 0° N: an empty coordinate that was read as zero."""
    for index in np.flatnonzero(places(view).null).tolist():
        found(index, field="geometry")


@check("check.swapped_axes", Severity.BLOCKING, geometry=True)
def swapped_axes(view: View, found: Found) -> None:
    """Latitude and longitude in each other's place."""
    where = np.flatnonzero(places(view).swapped)
    turned = _swap(view.shapes[where])
    for index, shape in zip(where.tolist(), turned, strict=True):
        lon, lat = np.round(shapely.get_coordinates(view.shapes[index])[0], 7).tolist()
        repair = {"geometry_wkt": shapely.to_wkt(shape, rounding_precision=-1), "lowers": False}
        found(index, field="geometry", repair=repair, lon=lon, lat=lat)


@check("check.outside_country", Severity.BLOCKING, geometry=True)
def outside_country(view: View, found: Found) -> None:
    """Nothing of the shape lies in the country; within 1 km of the border that is a warning."""
    where = np.flatnonzero(places(view).outside)
    border = view.context.border
    if border is None:
        return
    for index, metres in zip(where.tolist(), _away_m(border, view.ground[where]).tolist(), strict=True):
        severity = Severity.WARNING if metres <= BORDER_M else None
        found(index, field="geometry", severity=severity, km=_km(metres))


@check("check.crosses_border", Severity.WARNING, geometry=True)
def crosses_border(view: View, found: Found) -> None:
    """The shape lies partly outside the country."""
    where = np.flatnonzero(places(view).crossing)
    rest = shapely.difference(view.ground[where], view.context.country) if len(where) else view.ground[where]
    for index, m2 in zip(where.tolist(), view.measure(rest).tolist(), strict=True):
        found(index, field="geometry", m2=round(m2, 1))


@check("check.outside_unit", Severity.WARNING, geometry=True)
def outside_unit(view: View, found: Found) -> None:
    """The shape does not lie in the administrative unit that the source names."""
    for index, positions, metres in _outside_units(view):
        if metres <= NEAR_UNIT_M:
            continue
        names = view.context.known_units.names
        hits = view.context.unit_tree.query(view.ground[index], predicate="intersects")
        lies_in = sorted({str(names[hit]) for hit in np.atleast_1d(hits).tolist()})
        found(
            index,
            field="unit",
            value=view.typed("unit", index),
            unit=str(names[positions[0]]),
            km=_km(metres),
            lies_in=lies_in or None,
        )


@check("check.zone_shift", Severity.ADVICE, geometry=True)
def zone_shift(view: View, found: Found) -> None:
    """A shape in a wrong place would lie in the country or the named unit in a neighbouring zone."""
    context = view.context
    groups: list[tuple[Any, list[int]]] = [(context.country, np.flatnonzero(places(view).outside).tolist())]
    by_unit: dict[tuple[int, ...], list[int]] = {}
    for index, positions, metres in _outside_units(view):
        if metres > NEAR_UNIT_M and not places(view).outside[index]:
            by_unit.setdefault(tuple(positions), []).append(index)
    groups += [(shapely.union_all(context.unit_shapes[list(key)]), where) for key, where in by_unit.items()]
    for goal, where in groups:
        if not where:
            continue
        shapely.prepare(goal)
        shapes = view.ground[where]
        fits = np.column_stack([shapely.intersects(goal, _shifted(shapes, step)) for step in ZONE_DEG])
        for number in np.flatnonzero(fits.any(axis=1)).tolist():
            steps = [step for step, fit in zip(ZONE_DEG, fits[number], strict=True) if fit]
            shifts = [f"{step:+d}°".replace("-", "−") for step in steps]
            found(where[number], field="geometry", shifts=shifts, crs=view.batch.source.crs)


def _shifted(shapes: Shapes, step: int) -> Shapes:
    moved: Shapes = shapely.transform(shapes, lambda xy: xy + np.array([step, 0.0]))
    return moved


def _outside_units(view: View) -> list[tuple[int, list[int], float]]:
    """Return (row, positions of the named units, metres to the nearest of them) of rows that touch none of them."""
    found: list[tuple[int, list[int], float]] = view.once("place", "units", lambda: _find_outside_units(view))
    return found


def _find_outside_units(view: View) -> list[tuple[int, list[int], float]]:
    context = view.context
    if not len(context.known_units.ids) or not view.has("unit"):
        return []
    values, codes = distinct(view.column("unit"))
    named = [_positions(view, value) for value in values]
    wanted = view.on_earth & ~shapely.is_missing(view.ground) & ~places(view).null & ~places(view).swapped
    found: list[tuple[int, list[int], float]] = []
    for code, positions in enumerate(named):
        if not positions:
            continue
        where = np.flatnonzero(wanted & (codes == code))
        shapes = context.unit_shapes[positions]
        hit = np.zeros(len(where), dtype=bool)
        for shape in shapes:
            hit |= shapely.intersects(shape, view.ground[where])
        away = where[~hit]
        if len(away):
            metres = np.min([_away_m(boundary_tree(shape), view.ground[away]) for shape in shapes], axis=0)
            found.extend((int(index), positions, float(far)) for index, far in zip(away, metres, strict=True))
    return sorted(found, key=lambda entry: entry[0])


def _positions(view: View, wire: Any) -> list[int]:
    if not isinstance(wire, dict):
        return []
    word = wire.get("ref") or wire.get("typed")
    if not isinstance(word, str):
        return []
    positions = view.context.unit_positions.get(fold(word), [])
    return [position for position in positions if view.context.unit_shapes[position] is not None]


def _away_m(border: shapely.STRtree, shapes: Shapes) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the distance in m from shapes outside to a boundary, along the line that is shortest in degrees."""
    if not len(shapes):
        return np.empty(0)
    _, nearest = border.query_nearest(shapes, all_matches=False)
    ends = shapely.get_coordinates(shapely.shortest_line(border.geometries[nearest], shapes)).reshape(-1, 2, 2)
    return lengths_m(ends[:, 0], ends[:, 1])


def _km(metres: float) -> float:
    km = metres / 1000
    return round(km, 2) if km < 10 else round(km)
