"""Single values: missing, not of their list, not of their type, impossible or unlikely."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np

from fallow.checks.columns import Bools, distinct, typed_text
from fallow.checks.registration import Found, check
from fallow.checks.view import View
from fallow.records import validate
from fallow.records.batch import Severity
from fallow.records.values import Wire
from fallow.terms import FieldDefinition

DEEPEST_MINE_M = 10.0
MOST_ITEMS = 100_000
MINES = frozenset(("ap_mine", "ap_mine_improvised", "av_mine"))

_MISSING = (validate.REQUIRED_MISSING,)
_UNKNOWN = (validate.UNKNOWN_CODE, validate.UNKNOWN_UNIT, validate.UNKNOWN_DATUM)
_IMPOSSIBLE = (validate.OUT_OF_RANGE, validate.IMPOSSIBLE_INTERVAL)
_PLAIN_MEASURE = frozenset(("value", "unit", "typed"))
_PLAIN = frozenset((str, int, float, bool, type(None)))


def _faults(view: View) -> list[tuple[int, str, str]]:
    """Return (row, field, code) of all values that the registry objects to; worked out once."""
    found: list[tuple[int, str, str]] = view.once("values", "faults", lambda: _find_faults(view))
    return found


def _find_faults(view: View) -> list[tuple[int, str, str]]:
    if view.definition is None:
        return []
    found: list[tuple[int, str, str]] = []
    for name, field in view.fields.items():
        if field.type == "geometry":
            continue  # the shape travels beside the columns and has checks of its own
        if not view.has(name):
            if field.required:
                found.extend((index, name, validate.REQUIRED_MISSING) for index in range(view.n))
            continue
        column = view.column(name)
        if {type(value) for value in column} <= _PLAIN:
            found.extend((at, name, code) for at, code in view.registry.column_faults(view.record, name, column))
            continue
        doubtful = _doubtful(view, field, column)
        part = column if doubtful is None else [column[index] for index in doubtful]
        values, codes = distinct(part)
        faults = dict(view.registry.column_faults(view.record, name, values))
        if faults:
            flagged = np.isin(codes, np.array(sorted(faults), dtype=np.int64))
            for at in np.flatnonzero(flagged).tolist():
                found.append((at if doubtful is None else doubtful[at], name, faults[int(codes[at])]))
    return found


def _doubtful(view: View, field: FieldDefinition, column: list[Wire]) -> list[int] | None:
    """Return the rows whose value has to be looked at, None: all; the others are beyond doubt at a glance.

    Only for types whose values differ from row to row; of the other types each distinct value is looked at once.
    """
    if field.required:
        return None
    if field.type == "measured":
        units = frozenset(field.units)
        return [index for index, value in enumerate(column) if not _plain_measure(value, units)]
    return view.identifiers.doubtful if field.type == "identifiers" else None


def _plain_measure(wire: Wire, units: frozenset[str]) -> bool:
    if wire is None:
        return True
    if type(wire) is not dict or type(wire.get("value")) is not float or not wire.keys() <= _PLAIN_MEASURE:
        return False
    unit = wire.get("unit")
    return type(unit) is str and unit in units and 0 <= wire["value"] < 1e300 and type(wire.get("typed", "")) is str


def _name(view: View, found: Found, codes: tuple[str, ...]) -> None:
    for index, name, code in _faults(view):
        if code in codes:
            field = view.fields[name]
            value = None if field.personal or not view.has(name) else typed_text(view.column(name)[index])
            severity = None
            if code in _UNKNOWN and not field.required:
                severity = Severity.WARNING
            near: dict[str, Any] = _near(view, field, value) if code == validate.UNKNOWN_CODE else {}
            found(index, field=name, value=value, severity=severity, wanted=field.list or field.type, **near)


def _near(view: View, field: FieldDefinition, value: str | None) -> dict[str, list[str]]:
    """Return codes of the field's list that look like a value."""
    if field.list is None or value is None:
        return {"near": []}
    return {"near": difflib.get_close_matches(value, view.registry.code_list(field.list), n=3)}


@check("check.required_missing", Severity.BLOCKING)
def required_missing(view: View, found: Found) -> None:
    """A field that the record cannot do without is empty."""
    _name(view, found, _MISSING)


@check("check.unknown_code", Severity.BLOCKING)
def unknown_code(view: View, found: Found) -> None:
    """A code, unit or datum that its list does not have; blocking in a field that the record cannot do without."""
    _name(view, found, _UNKNOWN)


@check("check.impossible_value", Severity.BLOCKING)
def impossible_value(view: View, found: Found) -> None:
    """A negative area, depth or count, a share above 1, an interval that ends before it begins."""
    _name(view, found, _IMPOSSIBLE)
    if view.has("depth_from") and view.has("depth_to"):
        upper, lower = (view.metres(name) for name in ("depth_from", "depth_to"))
        same = view.quantities("depth_from").datum == view.quantities("depth_to").datum
        wrong = same & (lower < upper) & ~(view.quantities("depth_from").datum == "national_datum")
        for index in np.flatnonzero(wrong).tolist():
            found(index, field="depth_to", value=view.typed("depth_to", index), wanted="depth_from")


@check("check.wrong_type", Severity.BLOCKING)
def wrong_type(view: View, found: Found) -> None:
    """A value that cannot be read as the type of its field, or does not have the form asked for."""
    other = {code for _, _, code in _faults(view)} - {*_MISSING, *_UNKNOWN, *_IMPOSSIBLE}
    _name(view, found, tuple(other))
    received = view.batch.geometry
    if received is not None:
        odd = [index for index, shape in enumerate(received) if shape is not None and not view.given[index]]
        for index in odd[: view.n]:
            found(index, field="geometry", value=type(received[index]).__name__, wanted="geometry")


@check("check.unknown_field", Severity.WARNING, alone=False)
def unknown_field(view: View, found: Found) -> None:
    """A column that the record type has no field for; said once for the file."""
    if view.definition is not None:
        for name in view.batch.columns:
            if name not in view.fields:
                found(-1, field=name)


@check("check.unlikely_value", Severity.WARNING)
def unlikely_value(view: View, found: Found) -> None:
    """A mine more than 10 m deep, or more than 100,000 items in one record."""
    mines = _only_mines(view)
    for name in ("depth", "depth_from", "depth_to"):
        if name in view.fields and view.has(name):
            deep = mines & (view.metres(name) > DEEPEST_MINE_M)
            for index in np.flatnonzero(deep).tolist():
                found(index, field=name, value=view.typed(name, index), most={"value": DEEPEST_MINE_M, "unit": "m"})
    for name in ("count", "estimated_count"):
        if name in view.fields and view.has(name):
            for index, wire in enumerate(view.column(name)):
                low = wire.get("low") if isinstance(wire, dict) else None
                if type(low) is int and low > MOST_ITEMS:
                    found(index, field=name, value=view.typed(name, index), most=MOST_ITEMS)


def _only_mines(view: View) -> Bools:
    if "contamination" not in view.fields:
        return np.zeros(view.n, dtype=bool)
    values, which = view.codes("contamination")
    return np.array([bool(value) and value <= MINES for value in values], dtype=bool)[which]
