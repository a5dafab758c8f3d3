"""Form and meaning of single wire values: one checker per field, made from its definition.

A checker takes a wire value that is neither None nor a reason for absence and returns the code of the first fault,
or None. Faults have messages under their codes like errors do.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Container
from functools import lru_cache
from typing import Any

from fallow.records.canonical import canonical
from fallow.records.errors import NotCanonical
from fallow.records.values import Absent, KnownHow, Precision, Wire
from fallow.terms.definitions import FieldDefinition

WRONG_TYPE = "records.wrong_type"
UNKNOWN_CODE = "records.unknown_code"
UNKNOWN_UNIT = "records.unknown_unit"
UNKNOWN_DATUM = "records.unknown_datum"
UNKNOWN_FIELD = "records.unknown_field"
REQUIRED_MISSING = "records.required_missing"
IMPOSSIBLE_INTERVAL = "records.impossible_interval"
OUT_OF_RANGE = "records.out_of_range"
WRONG_PATTERN = "records.wrong_pattern"
FAULTS = (
    WRONG_TYPE,
    UNKNOWN_CODE,
    UNKNOWN_UNIT,
    UNKNOWN_DATUM,
    UNKNOWN_FIELD,
    REQUIRED_MISSING,
    IMPOSSIBLE_INTERVAL,
    OUT_OF_RANGE,
    WRONG_PATTERN,
)

Checker = Callable[[Any], str | None]
Codes = Callable[[str], Container[str]]

HEX64 = re.compile("[0-9a-f]{64}")
ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REASONS = frozenset(reason.value for reason in Absent)
_PRECISIONS = frozenset(precision.value for precision in Precision)
_HOWS = frozenset(how.value for how in KnownHow)
_LARGEST = 2**63 - 1  # what a column of 64-bit integers holds
_SIGNED_DATUM = "national_datum"  # heights above and below a national zero have both signs


def reason_of(wire: Wire) -> str | None:
    """Return the reason for absence that a wire value states, valid or not; None if it states none."""
    if isinstance(wire, dict) and "absent" in wire:
        reason = wire["absent"]
        return reason if isinstance(reason, str) else ""
    return None


def is_reason(wire: dict[str, Any]) -> bool:
    """Return whether a stated absence has a known reason and nothing else."""
    return len(wire) == 1 and _among(_REASONS)(wire["absent"]) is None


def checker(definition: FieldDefinition, codes: Codes) -> Checker:
    """Return the checker of a field.

    Args:
        definition: the field.
        codes: gives the codes of a list by its name; asked when the first value is checked.
    """
    return _MAKERS[definition.type](definition, codes)


def accepted_as_is(definition: FieldDefinition) -> type | None:
    """Return the JSON type whose every value passes the field's checker; None: values have to be looked at."""
    if definition.type == "text" and definition.pattern is None:
        return str
    return bool if definition.type == "flag" else None


def _text(definition: FieldDefinition, _codes: Codes) -> Checker:
    pattern = re.compile(definition.pattern) if definition.pattern else None
    personal = definition.personal

    def check(wire: Any) -> str | None:
        if personal and isinstance(wire, dict):
            return _parts(wire, {"sealed": _str, "digest": _str}, needed=("sealed", "digest"))
        if not isinstance(wire, str):
            return WRONG_TYPE
        return WRONG_PATTERN if pattern and not pattern.fullmatch(wire) else None

    return check


def _code(definition: FieldDefinition, codes: Codes) -> Checker:
    name = definition.list or ""

    def check(wire: Any) -> str | None:
        if not isinstance(wire, str):
            return WRONG_TYPE
        return None if wire in codes(name) else UNKNOWN_CODE

    return check


def _list_of(check: Checker) -> Checker:
    def check_list(wire: Any) -> str | None:
        if not isinstance(wire, list):
            return WRONG_TYPE
        return next((fault for fault in map(check, wire) if fault), None)

    return check_list


def _number(definition: FieldDefinition, _codes: Codes) -> Checker:
    whole = definition.type == "integer"
    low = -float("inf") if definition.minimum is None else definition.minimum
    high = float("inf") if definition.maximum is None else definition.maximum

    def check(wire: Any) -> str | None:
        if fault := (_whole if whole else _finite)(wire):
            return fault
        return None if low <= wire <= high else OUT_OF_RANGE

    return check


def _flag(_definition: FieldDefinition, _codes: Codes) -> Checker:
    return lambda wire: None if isinstance(wire, bool) else WRONG_TYPE


def _when(_definition: FieldDefinition, _codes: Codes) -> Checker:
    parts: dict[str, Checker] = {
        "from": _day,
        "to": _day,
        "precision": _among(_PRECISIONS),
        "typed": _str,
        "how": _among(_HOWS),
    }

    def check(wire: Any) -> str | None:
        if fault := _parts(wire, parts, any_of=("from", "to", "typed")):
            return fault
        if wire.get("precision", "") is None or wire.get("how", "") is None:
            return WRONG_TYPE
        first, last = wire.get("from"), wire.get("to")
        return IMPOSSIBLE_INTERVAL if first and last and first > last else None

    return check


def _count(_definition: FieldDefinition | None, _codes: Codes) -> Checker:
    def check(wire: Any) -> str | None:
        if fault := _parts(wire, {"low": _whole, "high": _whole, "typed": _str}, needed=("low",)):
            return fault
        if "high" not in wire:
            return WRONG_TYPE
        low, high = wire["low"], wire["high"]
        if low < 0:
            return OUT_OF_RANGE
        return IMPOSSIBLE_INTERVAL if high is not None and high < low else None

    return check


def _measured(definition: FieldDefinition, codes: Codes) -> Checker:
    parts: dict[str, Checker] = {
        "value": _finite,
        "unit": lambda part: None if part in definition.units else UNKNOWN_UNIT,
        "typed": _str,
        "accuracy": _finite,
        "datum": lambda part: (
            None if definition.datum and isinstance(part, str) and part in codes("depth_datum") else UNKNOWN_DATUM
        ),
    }

    def check(wire: Any) -> str | None:
        if fault := _parts(wire, parts, needed=("value", "unit")):
            return fault
        if wire["value"] < 0 and wire.get("datum") != _SIGNED_DATUM:
            return OUT_OF_RANGE
        accuracy = wire.get("accuracy")
        return OUT_OF_RANGE if accuracy is not None and accuracy < 0 else None

    return check


def _geometry(_definition: FieldDefinition, _codes: Codes) -> Checker:
    parts: dict[str, Checker] = {"digest": _digest, "surveyed": _digest, "crs": _str, "operation": _operation}
    return lambda wire: _parts(wire, parts, needed=("digest",))


def _position(_definition: FieldDefinition | None, _codes: Codes) -> Checker:
    parts: dict[str, Checker] = {
        "typed": _str,
        "lon": _finite,
        "lat": _finite,
        "crs": _str,
        "operation": _operation,
    }

    def check(wire: Any) -> str | None:
        if fault := _parts(wire, parts, any_of=("typed", "lon")):
            return fault
        lon, lat = wire.get("lon"), wire.get("lat")
        if (lon is None) != (lat is None):
            return WRONG_TYPE
        return OUT_OF_RANGE if lon is not None and not (abs(lon) <= 180 and abs(lat) <= 90) else None

    return check


def _identifiers(_definition: FieldDefinition, _codes: Codes) -> Checker:
    parts: dict[str, Checker] = {"issuer": _word, "value": _word, "from": _day, "to": _day}
    return _list_of(lambda wire: _parts(wire, parts, needed=("issuer", "value")))


def _ref(_definition: FieldDefinition, _codes: Codes) -> Checker:
    parts: dict[str, Checker] = {"ref": _word, "typed": _word, "issuer": _word}
    return lambda wire: _parts(wire, parts, any_of=("ref", "typed"))


def _casualties(_definition: FieldDefinition, codes: Codes) -> Checker:
    def coded(name: str) -> Checker:
        return lambda part: WRONG_TYPE if not isinstance(part, str) else None if part in codes(name) else UNKNOWN_CODE

    parts: dict[str, Checker] = {
        "sex": coded("sex"),
        "age_band": coded("age_band"),
        "outcome": coded("casualty_outcome"),
        "count": _count(None, codes),
    }
    return _list_of(lambda wire: _parts(wire, parts, needed=("count",)))


def _table(definition: FieldDefinition, codes: Codes) -> Checker:
    cells = {name: checker(column, codes) for name, column in definition.columns.items()}
    needed = tuple(name for name, column in definition.columns.items() if column.required)

    def check(wire: Any) -> str | None:
        if not isinstance(wire, dict):
            return WRONG_TYPE
        if any(name not in cells for name in wire):
            return UNKNOWN_FIELD
        if any(wire.get(name) is None for name in needed):
            return REQUIRED_MISSING
        for name, cell in wire.items():
            if cell is None:
                continue
            if reason_of(cell) is not None:
                if not is_reason(cell):
                    return UNKNOWN_CODE
            elif fault := cells[name](cell):
                return fault
        return None

    return _list_of(check)


def _json(_definition: FieldDefinition, _codes: Codes) -> Checker:
    def check(wire: Any) -> str | None:
        try:
            canonical(wire)
        except NotCanonical:
            return WRONG_TYPE
        return None

    return check


_MAKERS: dict[str, Callable[[FieldDefinition, Codes], Checker]] = {
    "text": _text,
    "code": _code,
    "codes": lambda definition, codes: _list_of(_code(definition, codes)),
    "flag": _flag,
    "integer": _number,
    "number": _number,
    "when": _when,
    "count": _count,
    "measured": _measured,
    "geometry": _geometry,
    "position": _position,
    "identifiers": _identifiers,
    "ref": _ref,
    "refs": lambda definition, codes: _list_of(_ref(definition, codes)),
    "casualties": _casualties,
    "table": _table,
    "json": _json,
}


def _parts(
    wire: Any, parts: dict[str, Checker], *, needed: tuple[str, ...] = (), any_of: tuple[str, ...] = ()
) -> str | None:
    """Check an object: only known parts, each fine or null, those needed there."""
    if not isinstance(wire, dict):
        return WRONG_TYPE
    for name, part in wire.items():
        check = parts.get(name)
        if check is None:
            return WRONG_TYPE
        if part is not None and (fault := check(part)):
            return fault
    if any(wire.get(name) is None for name in needed):
        return WRONG_TYPE
    return WRONG_TYPE if any_of and all(wire.get(name) is None for name in any_of) else None


def _among(words: frozenset[str]) -> Checker:
    return lambda part: None if isinstance(part, str) and part in words else WRONG_TYPE


def _str(part: Any) -> str | None:
    return None if isinstance(part, str) else WRONG_TYPE


def _word(part: Any) -> str | None:
    return None if isinstance(part, str) and part.strip() else WRONG_TYPE


def _whole(part: Any) -> str | None:
    if isinstance(part, bool) or not isinstance(part, int):
        return WRONG_TYPE
    return None if abs(part) <= _LARGEST else OUT_OF_RANGE


def _finite(part: Any) -> str | None:
    if isinstance(part, bool) or not isinstance(part, int | float):
        return WRONG_TYPE
    return None if -float("inf") < part < float("inf") else WRONG_TYPE


def _day(part: Any) -> str | None:
    return None if isinstance(part, str) and _is_day(part) else WRONG_TYPE


@lru_cache(maxsize=100_000)
def _is_day(text: str) -> bool:
    try:
        return ISO_DAY.fullmatch(text) is not None and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _digest(part: Any) -> str | None:
    return None if isinstance(part, str) and HEX64.fullmatch(part) else WRONG_TYPE


def _operation(part: Any) -> str | None:
    parts: dict[str, Checker] = {"name": _str, "code": _str, "accuracy_m": _finite}
    if fault := _parts(part, parts, needed=("name",)):
        return fault
    return None if {"code", "accuracy_m"} <= set(part) else WRONG_TYPE
