"""Figures against what can be measured, and depths and limits that decide what a product releases."""

from __future__ import annotations

import numpy as np

from fallow.checks.columns import Floats, distinct
from fallow.checks.registration import Found, check
from fallow.checks.view import View
from fallow.records.batch import Severity
from fallow.records.depths import GROUND_SURFACE, bands_released, classes_released

TYPED_AREA_SHARE = 0.05  # typed and measured area may differ by this before it is named
UNIT_SHARE = 0.2  # how near the quotient of both must be to the factor of a unit to name that unit
UNIT_FACTORS = (("ha", 1e4), ("km2", 1e6), ("dunum", 1e3))


def _typed_areas(view: View) -> dict[str, tuple[Floats, Floats]]:
    """Return field → (typed m², measured m²) where both are known and differ by more than the share; else NaN."""
    found: dict[str, tuple[Floats, Floats]] = view.once("values", "areas", lambda: _find_typed_areas(view))
    return found


def _find_typed_areas(view: View) -> dict[str, tuple[Floats, Floats]]:
    found = {}
    sound = view.polygonal & view.on_earth & view.valid
    for name in ("typed_area", "estimated_area", "area", "quantity"):
        field = view.fields.get(name)
        if field is None or field.type != "measured" or not view.has(name):
            continue
        typed = view.quantities(name).times(view.factors("m2"))
        rough = view.rough_m2
        # The rough area is right to 1 %: what differs by less than 4 % of it cannot differ by 5 %.
        doubtful = np.flatnonzero(sound & ~np.isnan(typed) & ~(np.abs(typed - rough) < 0.04 * rough))
        measured = np.full(view.n, np.nan)
        measured[doubtful] = view.measure(view.mended[doubtful])
        differ = np.abs(typed - measured) > TYPED_AREA_SHARE * measured
        found[name] = np.where(differ, typed, np.nan), np.where(differ, measured, np.nan)
    return found


def _unit_slip(typed: float, measured: float) -> str | None:
    """Return the unit that a typed figure was probably meant in, or was by mistake labelled with."""
    for unit, factor in UNIT_FACTORS:
        for wrong in (factor, 1 / factor):
            if typed > 0 and measured > 0 and abs(measured / typed / wrong - 1) <= UNIT_SHARE:
                return unit
    return None


@check("check.typed_area_differs", Severity.WARNING, geometry=True)
def typed_area_differs(view: View, found: Found) -> None:
    """The typed area differs from that of the shape by more than 5 %; both figures are named."""
    for name, (typed, measured) in _typed_areas(view).items():
        for index in np.flatnonzero(~np.isnan(typed)).tolist():
            stated, true = float(typed[index]), float(measured[index])
            if _unit_slip(stated, true) is None:
                percent = round(100 * (stated - true) / true, 1) if true > 0 else None
                found(
                    index,
                    field=name,
                    value=view.typed(name, index),
                    typed_m2=_figure(stated),
                    measured_m2=_figure(true),
                    percent=percent,
                )


@check("check.typed_area_unit", Severity.WARNING, geometry=True)
def typed_area_unit(view: View, found: Found) -> None:
    """Typed and measured area differ by the factor of a unit: probably the unit is wrong."""
    for name, (typed, measured) in _typed_areas(view).items():
        for index in np.flatnonzero(~np.isnan(typed)).tolist():
            stated, true = float(typed[index]), float(measured[index])
            unit = _unit_slip(stated, true)
            if unit is not None:
                found(
                    index,
                    field=name,
                    value=view.typed(name, index),
                    typed_m2=_figure(stated),
                    measured_m2=_figure(true),
                    unit=unit,
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
