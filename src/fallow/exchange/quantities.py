"""Readers of numbers, counts, measurements and dates."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from fallow.exchange.fieldmaps import FieldMap, Pattern, folded
from fallow.exchange.fitting import Attributes, Unfit, group, searched, unmatched
from fallow.exchange.numbers import as_text, number
from fallow.records.values import Count, KnownHow, Measured, When, Wire
from fallow.terms.lists import code_list

_QUANTITY = re.compile(
    r"(?P<value>[-+−]?\d[\d.,  ’']*?)\s*(?P<unit>[^\W\d_]+[23](?!\d)|[^\W\d_][^\d±]*)?\s*(?:±\s*(?P<accuracy>[\d.,]+)\s*\w*)?"
)
_LONGEST = 200
_LARGEST = 2**63 - 1  # what a column of whole numbers holds
_DAY = re.compile(r"%-?[djxcDF]")
_MONTH = re.compile(r"%-?[mbBhUWV]")
_UNIT_SIGNS = {"m²": "m2", "km²": "km2", "м²": "m2", "м2": "m2", "км²": "km2", "км2": "km2"}


def integer(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    """Read a whole number."""
    read = _real(value, fields.decimal)
    if not read.is_integer() or abs(read) > _LARGEST:
        raise Unfit(value)
    return int(read)


def plain_number(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    """Read a number."""
    return _real(value, fields.decimal)


def count(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    """Read a count, exact or vague."""
    read = _counts(fields, value)
    if isinstance(read, Count):
        if max(read.low, read.high or 0) > _LARGEST:
            raise Unfit(value)
        return read.wire()
    return read


def _counts(fields: FieldMap, value: Any) -> Count | Wire:
    if isinstance(value, dict):
        return Count.from_wire(value)
    if isinstance(value, bool):
        raise Unfit(value)
    if isinstance(value, int | float):
        if value != int(value):
            raise Unfit(value)
        return Count(int(value), int(value))
    text = value.strip()
    found = searched(fields, text)
    if found is not None:
        return _counted(*found, text)
    try:
        return Count.parse(text)
    except ValueError:
        if fields.patterns and fields.prose:
            return None
    read = number(text, fields.decimal)
    if not read.is_integer():
        raise Unfit(value)
    return Count(int(read), int(read), text)


def measured(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    """Read a quantity with its unit, datum and accuracy."""
    if isinstance(value, dict):
        return Measured.from_wire({"unit": fields.unit, **value}).wire()
    datum = _datum(attributes.get("datum")) or fields.datum
    accuracy = attributes.get("accuracy")
    spread = fields.accuracy if accuracy in (None, "") else _real(accuracy, fields.decimal)
    unit = _unit(fields, attributes["unit"]) if attributes.get("unit") else None
    if not isinstance(value, str):
        return Measured(_real(value, None), unit or _default_unit(fields), None, spread, datum).wire()
    text = value.strip()
    found = searched(fields, text)
    if found is not None:
        pattern, match = found
        if pattern.absent is not None:
            return pattern.absent.wire()
        word = group(match, "unit")
        named = _unit(fields, word) if word else pattern.unit or unit or _default_unit(fields)
        decimal = fields.decimal
        return Measured(number(match["value"], decimal), named, text, spread, pattern.datum or datum).wire()
    # A long text is prose; the expression is not let loose on it.
    quantity = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if quantity is None or not quantity["value"]:
        return unmatched(fields, value)
    word = (quantity["unit"] or "").strip()
    named = _unit(fields, word) if word else unit or _default_unit(fields)
    if quantity["accuracy"]:
        spread = number(quantity["accuracy"], fields.decimal)
    return Measured(number(quantity["value"], fields.decimal), named, text, spread, datum).wire()


def when(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    """Read a date, exact or vague."""
    if isinstance(value, dict):
        return When.from_wire(value).wire()
    if isinstance(value, bool | list):
        raise Unfit(value)
    how = KnownHow(attributes["how"]) if attributes.get("how") else fields.how
    text = as_text(value).strip()
    found = searched(fields, text)
    if found is not None:
        pattern, match = found
        if pattern.absent is not None:
            return pattern.absent.wire()
        when = _dated(fields, match, text, pattern.how or how)
    else:
        read = _by_format(fields, text, how) or _parsed(text, how)
        if read is None:
            return unmatched(fields, value)
        when = read
    if fields.bound == "latest":
        when = When(None, when.latest, when.precision, when.typed, when.how)
    elif fields.bound == "earliest":
        when = When(when.earliest, None, when.precision, when.typed, when.how)
    return when.wire()


def _real(value: Any, decimal: str | None) -> float:
    if isinstance(value, bool):
        raise Unfit(value)
    return float(value) if isinstance(value, int | float) else number(value, decimal)


def _counted(pattern: Pattern, match: re.Match[str], text: str) -> Count | Wire:
    if pattern.absent is not None:
        return pattern.absent.wire()
    groups = {name: int(part) for name, part in match.groupdict().items() if part and part.isdecimal()}
    plus = groups.get("plus", 0)
    low = groups.get("low", pattern.low if pattern.low is not None else groups.get("value", 0)) + plus
    high = groups.get("high", pattern.high if pattern.high is not None else groups.get("value"))
    return Count(low, None if high is None else high + plus, text)


def _unit(fields: FieldMap, word: Any) -> str:
    text = str(word).strip()
    unit = fields.units.get(folded(text)) or _UNIT_SIGNS.get(text.casefold()) or code_list("unit").find(text)
    allowed = fields.definition.units
    if unit is None or (allowed and unit not in allowed):
        raise Unfit(word)
    return unit


def _default_unit(fields: FieldMap) -> str:
    if fields.unit is None:
        raise Unfit(fields.name)
    return fields.unit


def _datum(word: Any) -> str | None:
    if word in (None, ""):
        return None
    datum = code_list("depth_datum").find(str(word))
    if datum is None:
        raise Unfit(word)
    return datum


def _by_format(fields: FieldMap, text: str, how: KnownHow) -> When | None:
    for form in fields.date_formats:
        try:
            day = dt.datetime.strptime(text, form).date()  # noqa: DTZ007 (a day of the calendar has no zone)
        except ValueError:
            continue
        # A format without a day reads as the first of the month; it means the whole month, or the whole year.
        stated = "%Y-%m-%d" if _DAY.search(form) else "%Y-%m" if _MONTH.search(form) else "%Y"
        read = When.parse(day.strftime(stated), how)
        return When(read.earliest, read.latest, read.precision, text, how)
    return None


def _parsed(text: str, how: KnownHow) -> When | None:
    try:
        return When.parse(text, how)
    except ValueError:
        return None


def _dated(fields: FieldMap, match: re.Match[str], text: str, how: KnownHow) -> When:
    groups = {name: int(part) for name, part in match.groupdict().items() if part and name in ("y", "y2", "m", "d")}
    year = groups["y"] if "y" in groups else fields.century + groups["y2"]
    parts = [f"{year:04d}", *(f"{groups[name]:02d}" for name in ("m", "d") if name in groups)]
    read = When.parse("-".join(parts), how)
    return When(read.earliest, read.latest, read.precision, text, how)
