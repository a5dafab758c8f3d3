"""Figures against what can be measured, and depths and limits that decide what a product releases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fallow.checks.columns import Floats, Ints, distinct
from fallow.checks.registration import Found, check
from fallow.checks.view import View
from fallow.records.batch import Severity
from fallow.records.depths import GROUND_SURFACE, bands_released, classes_released

TYPED_AREA_SHARE = 0.05  # typed and measured area may differ by this before it is named
UNIT_SHARE = 0.2  # how near the quotient of both must be to the factor of a unit to name that unit
UNIT_FACTORS = (("ha", 1e4), ("km2", 1e6), ("dunum", 1e3))


@dataclass(frozen=True, slots=True)
class TypedAreas:
    """The rows of one field whose typed area differs from the measured one.

    Args:
        field: name of the field.
        rows: (k,) rows.
        typed: (k,) m² typed.
        measured: (k,) m² of the shape.
        unit: (k,) position in :data:`UNIT_FACTORS` of the unit that explains the difference, or -1.
    """

    field: str
    rows: Ints
    typed: Floats
    measured: Floats
    unit: Ints


def _typed_areas(view: View) -> list[TypedAreas]:
    found: list[TypedAreas] = view.once("values", "areas", lambda: _find_typed_areas(view))
    return found


def _find_typed_areas(view: View) -> list[TypedAreas]:
    found = []
    sound = view.polygonal & view.on_earth & view.valid
    for name in ("typed_area", "estimated_area", "area", "quantity"):
        field = view.fields.get(name)
        if field is None or field.type != "measured" or not view.has(name):
            continue
        typed = view.quantities(name).times(view.factors("m2"))
        rough = view.rough_m2
        # The rough area is right to 1 %: what differs by less than 3.9 % of it cannot differ by 5 %.
        rows = np.flatnonzero(sound & ~np.isnan(typed) & ~(np.abs(typed - rough) < 0.039 * rough))
        measured = view.measure(view.mended[rows])
        differ = np.abs(typed[rows] - measured) > TYPED_AREA_SHARE * measured
        rows, measured = rows[differ], measured[differ]
        found.append(TypedAreas(name, rows, typed[rows], measured, _unit_slips(typed[rows], measured)))
    return found


def _unit_slips(typed: Floats, measured: Floats) -> Ints:
    """Return which unit each typed figure was probably meant in, or was by mistake labelled with; -1: none."""
    found = np.full(len(typed), -1, dtype=np.int64)
    quotient = measured / typed
    for number, (_, factor) in enumerate(UNIT_FACTORS):
        for wrong in (factor, 1 / factor):
            found[np.abs(quotient / wrong - 1) <= UNIT_SHARE] = number
    return found


@check("check.typed_area_differs", Severity.WARNING, geometry=True)
def typed_area_differs(view: View, found: Found) -> None:
    """The typed area differs from that of the shape by more than 5 %; both figures are named."""
    for areas in _typed_areas(view):
        for at in np.flatnonzero(areas.unit < 0).tolist():
            typed, measured = float(areas.typed[at]), float(areas.measured[at])
            found(
                int(areas.rows[at]),
                field=areas.field,
                value=view.typed(areas.field, int(areas.rows[at])),
                typed_m2=_figure(typed),
                measured_m2=_figure(measured),
                percent=round(100 * (typed - measured) / measured, 1) if measured > 0 else None,
            )


@check("check.typed_area_unit", Severity.WARNING, geometry=True)
def typed_area_unit(view: View, found: Found) -> None:
    """Typed and measured area differ by the factor of a unit: probably the unit is wrong."""
    for areas in _typed_areas(view):
        for at in np.flatnonzero(areas.unit >= 0).tolist():
            index = int(areas.rows[at])
            found(
                index,
                field=areas.field,
                value=view.typed(areas.field, index),
                typed_m2=_figure(float(areas.typed[at])),
                measured_m2=_figure(float(areas.measured[at])),
                unit=UNIT_FACTORS[int(areas.unit[at])][0],
            )


def _figure(value: float) -> float | int:
    return round(value) if value >= 100 else round(value, 2)


@check("check.depth_missing", Severity.WARNING, records=["release_product"])
def depth_missing(view: View, found: Found) -> None:
    """A product without a depth: it releases no depth band, unless it was cancelled or reduced through the column."""
    kinds, kind_of = view.codes("kind")
    depths, depth_of = distinct(view.column("depth"))
    given = view.quantities("depth").given
    releases = np.zeros((len(kinds), len(depths)), dtype=bool)
    for row, kind in enumerate(kinds):
        releases[row] = [bool(bands_released(depth, next(iter(kind), None))) for depth in depths]
    for index in np.flatnonzero(~given & ~releases[kind_of, depth_of]).tolist():
        found(index, field="depth", value=view.typed("depth", index))


@check("check.depth_datum_not_comparable", Severity.WARNING, records=["release_product"])
def depth_datum_not_comparable(view: View, found: Found) -> None:
    """A depth that is not measured from the surface of the ground: it releases no depth band."""
    depth = view.quantities("depth")
    for index in np.flatnonzero(depth.given & (depth.datum != GROUND_SURFACE)).tolist():
        stated = {"value": float(depth.value[index]), "unit": depth.unit[index]}
        found(
            index,
            field="depth",
            value=view.typed("depth", index),
            depth=stated,
            datum=depth.datum[index] or "unknown",
        )


@check("check.release_class_missing", Severity.WARNING, records=["release_product"])
def release_class_missing(view: View, found: Found) -> None:
    """A product that names no contamination class of its own: it releases none."""
    if not view.has("contamination"):
        return
    values, codes = distinct(view.column("contamination"))
    empty = np.array([isinstance(value, list) and not classes_released(value) for value in values], dtype=bool)
    for index in np.flatnonzero(empty[codes]).tolist():
        found(index, field="contamination", value=view.typed("contamination", index))


@check("check.limited_release", Severity.WARNING, records=["release_product"])
def limited_release(view: View, found: Found) -> None:
    """A product limited to some kind or size of ordnance: for all else the ground is not released."""
    if not view.has("limited_to"):
        return
    for index, text in enumerate(view.column("limited_to")):
        if isinstance(text, str) and text.strip():
            found(index, field="limited_to", value=text)
