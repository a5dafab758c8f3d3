"""From wire values back to cells, in the forms that the readers take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from fallow.exchange.convert import Unfit, one_value
from fallow.exchange.fieldmaps import plain_map
from fallow.geodesy.systems import WGS84
from fallow.records.values import Wire
from fallow.terms.definitions import FieldDefinition

# Parts of a value that stand in a column of their own, where any row needs it.
_BESIDE = {
    "measured": ("datum", "accuracy", "typed"),
    "when": ("how", "typed"),
    "count": ("typed",),
    "position": ("crs", "typed"),
}
_PLAIN = ("flag", "integer", "number")
_NEEDLESS = (None, "stated", WGS84)


def cell_columns(definition: FieldDefinition, column: Sequence[Wire]) -> dict[str, list[Any]]:
    """Return the columns that hold a field: the value, and its datum, accuracy or typed text where a row needs it.

    Args:
        definition: the field.
        column: wire values; None where there is nothing.

    Returns:
        Heading → cells. Truth values and numbers keep their type where every row has one; all else is text.
    """
    name = definition.name
    if definition.type in _PLAIN and not any(isinstance(value, dict) or value is None for value in column):
        return {name: list(column)}
    known: dict[bytes, tuple[str | None, dict[str, Any]]] = {}
    cells: list[str | None] = []
    beside: dict[str, list[Any]] = {part: [] for part in _BESIDE.get(definition.type, ())}
    for value in column:
        text, parts = (None, {}) if value is None else _known(definition, value, known)
        cells.append(text)
        for part, held in beside.items():
            held.append(parts.get(part))
    needed = {part: held for part, held in beside.items() if any(value not in _NEEDLESS for value in held)}
    return {name: cells, **{f"{name}.{part}": held for part, held in needed.items()}}


def cell(definition: FieldDefinition, value: Wire) -> tuple[str | None, dict[str, Any]]:
    """Return one wire value as text, and the parts of it that stand beside.

    The text is as it was typed where that reads back to the same value; else a plain form, with the typed text
    beside it; else the wire value itself.
    """
    if value is None or isinstance(value, str):
        return value, {}
    if isinstance(value, dict) and "absent" in value:
        return f"absent:{value['absent']}", {}
    plain = _WRITERS.get(definition.type, _json)(value)
    if not isinstance(value, dict):
        return (plain, {}) if _reads_back(definition, plain, {}, value) else (_json(value), {})
    beside = {part: value[part] for part in _BESIDE.get(definition.type, ()) if part in value}
    typed = beside.get("typed")
    without = {part: held for part, held in beside.items() if part != "typed"}
    if isinstance(typed, str) and _reads_back(definition, typed, without, value):
        return typed, without
    if _reads_back(definition, plain, beside, value):
        return plain, beside
    return _json(value), {}


def _known(
    definition: FieldDefinition, value: Wire, known: dict[bytes, tuple[str | None, dict[str, Any]]]
) -> tuple[str | None, dict[str, Any]]:
    """Write every distinct value once."""
    if isinstance(value, str):
        return value, {}
    key = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if key not in known:
        known[key] = cell(definition, value)
    return known[key]


def _reads_back(definition: FieldDefinition, text: str, beside: dict[str, Any], value: Wire) -> bool:
    try:
        read = one_value(plain_map(definition, definition.name), text, beside)
    except Unfit:
        return False
    if isinstance(read, dict) and isinstance(value, dict) and "typed" not in value:
        # A value without a typed text gets that of its cell; it means the same.
        read = {part: held for part, held in read.items() if part != "typed"}
    return read == value


def _when(value: Any) -> str:
    first, last = value.get("from"), value.get("to")
    if first and last:
        if first == last:
            return str(first)
        if value.get("precision") == "year":
            return str(first)[:4]
        if value.get("precision") == "month":
            return str(first)[:7]
    return f"{first or ''}..{last or ''}"


def _count(value: Any) -> str:
    low, high = value["low"], value["high"]
    if high is None:
        return f"{low}+"
    return str(low) if low == high else f"{low}-{high}"


def _measured(value: Any) -> str:
    return f"{value['value']!r} {value['unit']}"


def _position(value: Any) -> str:
    if value.get("lon") is None:
        return str(value["typed"])
    return f"{value['lat']!r}, {value['lon']!r}"


def _identifiers(value: Any) -> str:
    return "; ".join(f"{one['issuer']}:{one['value']}" for one in value)


def _ref(value: Any) -> str:
    if value.get("ref"):
        return str(value["ref"])
    return f"{value['issuer']}:{value['typed']}" if value.get("issuer") else str(value["typed"])


def _casualties(value: Any) -> str:
    groups = []
    for one in value:
        words = "/".join(str(one.get(part) or "") for part in ("outcome", "sex", "age_band")).rstrip("/")
        groups.append(f"{words}={_count(one['count'])}")
    return "; ".join(groups)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode("utf-8")


_WRITERS: dict[str, Callable[[Any], str]] = {
    "codes": "; ".join,
    "flag": lambda value: "true" if value else "false",
    "integer": str,
    "number": repr,
    "when": _when,
    "count": _count,
    "measured": _measured,
    "position": _position,
    "identifiers": _identifiers,
    "ref": _ref,
    "refs": lambda value: "; ".join(map(_ref, value)),
    "casualties": _casualties,
}
