"""From a cell of a source to a wire value of a field, one value at a time; a value that does not fit is an error.

A cell may hold text, a number, a truth value, or already a wire value (in templates filled in as TOML or JSON).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import orjson

from fallow.exchange import compounds, quantities, words
from fallow.exchange.fieldmaps import FieldMap, folded
from fallow.exchange.fitting import NO_ATTRIBUTES, Attributes, Unfit
from fallow.exchange.tables import Formula
from fallow.records.values import Absent, Wire

__all__ = ["Unfit", "one_value"]

# Text longer than this is no value of a field; expressions are not let loose on it.
_LONGEST = 20_000
_ABSENT = "absent:"
_COMPOUND = frozenset({"codes", "when", "count", "measured", "position", "identifiers", "ref", "refs", "casualties"})


def one_value(fields: FieldMap, value: Any, attributes: Attributes = NO_ATTRIBUTES) -> Wire:
    """Read one cell.

    Args:
        fields: how the field is made.
        value: the cell; None and blank text give None.
        attributes: unit, datum, accuracy, how, issuer or crs from further columns.

    Returns:
        The wire value, a reason for absence, or None where the source has nothing.

    Raises:
        Unfit: the cell does not hold such a value.
    """
    if value is None or (isinstance(value, list) and not value):
        return None
    if isinstance(value, str):
        if type(value) is Formula:
            raise Unfit(value)
        if not value or value.isspace():
            return None
        if len(value) > _LONGEST and fields.definition.type != "text":
            raise Unfit(value)
        if (reason := _reason(fields, value)) is not None:
            return reason.wire()
    elif isinstance(value, dict) and "absent" in value:
        try:
            return Absent(value["absent"]).wire()
        except ValueError:
            raise Unfit(value) from None
    elif isinstance(value, float) and not math.isfinite(value):
        raise Unfit(value)
    kind = fields.definition.type
    try:
        if isinstance(value, str) and value[0] in "{[" and kind in _COMPOUND:
            value = orjson.loads(value)  # a wire value, as our own files hold those that no plain text can
        read = _READERS[kind](fields, value, attributes)
        if attributes.get("typed") and isinstance(read, dict):
            read = {**read, "typed": str(attributes["typed"])}
        return read
    except Unfit as fault:
        # What is no code is named by itself; of any other value the officer needs to see the whole cell.
        raise Unfit(fault.value if fault.list_name else value, fault.list_name, fault.near, fault.keep) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        raise Unfit(value) from None


def _reason(fields: FieldMap, text: str) -> Absent | None:
    if fields.absent:
        found = fields.absent.get(folded(text))
        if found is not None:
            return found
    if text.startswith(_ABSENT):
        try:
            return Absent(text[len(_ABSENT) :].strip())
        except ValueError:
            raise Unfit(text) from None
    return None


def _geometry(_: FieldMap, value: Any, __: Attributes) -> Wire:
    raise Unfit(value)  # shapes never come through here; the readers take them


_READERS: dict[str, Callable[[FieldMap, Any, Attributes], Wire]] = {
    "text": words.text,
    "code": words.code,
    "codes": words.codes,
    "flag": words.flag,
    "integer": quantities.integer,
    "number": quantities.plain_number,
    "when": quantities.when,
    "count": quantities.count,
    "measured": quantities.measured,
    "geometry": _geometry,
    "position": compounds.position,
    "identifiers": compounds.identifiers,
    "ref": compounds.ref,
    "refs": compounds.refs,
    "casualties": compounds.casualties,
    "table": compounds.table,
    "json": compounds.json,
}
