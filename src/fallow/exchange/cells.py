"""From wire values back to cells, in the forms that the readers take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from fallow.exchange.convert import Unfit, one_value
from fallow.exchange.fieldmaps import plain_map
from fallow.records.values import Wire
from fallow.terms.definitions import FieldDefinition

# Parts of a value that stand in a column of their own, where any row has them.
_BESIDE = {"measured": ("datum", "accuracy"), "when": ("how",)}
_PLAIN = ("flag", "integer", "number")
_TYPED = ("when", "count", "measured", "position")


def cell_columns(definition: FieldDefinition, column: Sequence[Wire]) -> dict[str, list[Any]]:
    """Return the columns that hold a field: the value, and its datum, accuracy or "how known" where a row states it.

    Args:
        definition: the field.
        column: wire values; None where there is nothing.

    Returns:
        Heading → cells. Truth values and numbers keep their type where every row has one; all else is text.
    """
    name = definition.name
    if definition.type in _PLAIN and not any(isinstance(value, dict) or value is None for value in column):
        return {name: list(column)}
    known: dict[bytes, str | None] = {}
    cells: list[Any] = []
    for value in column:
        if value is None or isinstance(value, str):
            cells.append(value)
            continue
        key = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if key not in known:
            known[key] = cell(definition, value)
        cells.append(known[key])
    result = {name: cells}
    for part in _BESIDE.get(definition.type, ()):
        held = [value.get(part) if isinstance(value, dict) else None for value in column]
        if any(value not in (None, "stated") for value in held):
            result[f"{name}.{part}"] = held
    return result


def cell(definition: FieldDefinition, value: Wire) -> str | None:
    """Return one wire value as text: as it was typed where that reads back to the same value, else in a plain form."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and "absent" in value:
        return f"absent:{value['absent']}"
    if isinstance(value, dict) and definition.type in _TYPED and isinstance(value.get("typed"), str):
        beside = {part: value[part] for part in (*_BESIDE.get(definition.type, ()), "crs") if part in value}
        try:
            if one_value(plain_map(definition, definition.name), value["typed"], beside) == value:
                return str(value["typed"])
        except Unfit:
            pass
    return _WRITERS.get(definition.type, _json)(value)


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
