"""From a cell of a source to a wire value of a field, one value at a time; a value that does not fit is an error.

A cell may hold text, a number, a truth value, or already a wire value (in templates filled in as TOML or
JSON).
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from fallow.errors import FallowError
from fallow.exchange.fieldmaps import FieldMap, Pattern, folded, list_of
from fallow.exchange.numbers import as_text, number
from fallow.exchange.tables import Formula
from fallow.records.compound import Casualties, Identifier, Position, Ref
from fallow.records.values import Absent, Count, KnownHow, Measured, Precision, When, Wire
from fallow.terms.definitions import FieldDefinition
from fallow.terms.lists import CodeList, code_list

Attributes = Mapping[str, Any]
_NONE: Attributes = {}
# Text longer than this is no value of a field; expressions are not let loose on it.
_LONGEST = 20_000
_SEPARATORS = re.compile(r"\s*[;,|]\s*")
_LIST_SEPARATORS = re.compile(r"\s*[;|]\s*")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_QUANTITY = re.compile(
    r"(?P<value>[-+−]?\d[\d.,  ’']*?)\s*(?P<unit>[^\W\d_][^\d±]*)?(?:±\s*(?P<accuracy>[\d.,]+)\s*\w*)?"
)
_CASUALTIES = re.compile(r"(?P<outcome>\w+)(?:/(?P<sex>\w*))?(?:/(?P<age_band>\w*))?\s*[=:]\s*(?P<count>.+)")
_TRUE = frozenset({"true", "yes", "y", "1", "так", "т"})
_FALSE = frozenset({"false", "no", "n", "0", "ні", "н"})
_UNIT_SIGNS = {"m²": "m2", "km²": "km2", "м²": "m2", "м2": "m2", "км²": "km2", "км2": "km2"}
_ABSENT = "absent:"
_COMPOUND = frozenset({"codes", "when", "count", "measured", "position", "identifiers", "ref", "refs", "casualties"})


class Unfit(Exception):  # a finding in the making; it never leaves the room
    """A value that cannot be read as its field.

    Args:
        value: the value.
        list_name: the code list in which it is not, for coded fields.
        near: codes that look alike.
        keep: what is kept all the same, such as the text of a position that cannot be placed.
    """

    def __init__(self, value: Any, list_name: str | None = None, near: tuple[str, ...] = (), keep: Wire = None) -> None:
        self.value = value
        self.list_name = list_name
        self.near = near
        self.keep = keep
        super().__init__(value)


def one_value(fields: FieldMap, value: Any, attributes: Attributes = _NONE) -> Wire:
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


# --- text and codes
# -----------------------------------------------------------------------------------------------


def _text(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    if isinstance(value, bool | list | dict):
        raise Unfit(value)
    text = as_text(value).strip()
    if not fields.patterns:
        return text
    found = _searched(fields, text)
    if found is None:
        return _unmatched(fields, value)
    pattern, match = found
    if pattern.absent is not None:
        return pattern.absent.wire()
    return (_group(match, "text") or match[0]).strip()


def _code(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    if isinstance(value, bool | list | dict):
        raise Unfit(value)
    text = as_text(value).strip()
    found = fields.codes.get(folded(text))
    if found is None:
        for pattern in fields.patterns:
            if pattern.match.search(text):
                if pattern.absent is not None:
                    return pattern.absent.wire()
                found = pattern.codes
                break
    if found is None:
        code = _listed(fields.definition).find(text)
        found = () if code is None else (code,)
    if len(found) == 1:
        return found[0]
    if fields.prose and not found:
        return None
    raise _unknown(fields.definition, text)


def _codes(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    if isinstance(value, list):
        return _unique(code for part in value for code in _split_codes(fields, part))
    if isinstance(value, bool | dict):
        raise Unfit(value)
    text = as_text(value).strip()
    if fields.patterns:
        hits = [pattern for pattern in fields.patterns if pattern.match.search(text)]
        codes = _unique(code for pattern in hits for code in pattern.codes)
        if codes:
            return codes
        reason = next((pattern.absent for pattern in hits if pattern.absent is not None), None)
        if reason is not None:
            return reason.wire()
        if fields.prose:
            return None
    return _unique(_split_codes(fields, text))


def _split_codes(fields: FieldMap, value: Any) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise Unfit(value)
    text = value.strip()
    whole = _named(fields, text)
    if whole is not None:
        return whole
    parts = text.split(fields.separator) if fields.separator else _SEPARATORS.split(text)
    found: list[str] = []
    for part in parts:
        if part.strip():
            codes = _named(fields, part)
            if codes is None:
                raise _unknown(fields.definition, part.strip())
            found += codes
    if not found:
        raise _unknown(fields.definition, text)
    return tuple(found)


def _named(fields: FieldMap, text: str) -> tuple[str, ...] | None:
    mapped = fields.codes.get(folded(text))
    if mapped is not None:
        return mapped
    code = _listed(fields.definition).find(text)
    return None if code is None else (code,)


def _unknown(definition: FieldDefinition, text: str) -> Unfit:
    known = _listed(definition)
    words = {folded(word): code for code, term in known.terms.items() for word in (code, *term.labels.values())}
    near = [words[word] for word in difflib.get_close_matches(folded(text)[:200], words, n=3, cutoff=0.5)]
    return Unfit(text, known.name, tuple(dict.fromkeys(near)))


def _listed(definition: FieldDefinition) -> CodeList:
    known = list_of(definition)
    if known is None:
        raise Unfit(definition.name)
    return known


def _unique(codes: Any) -> list[Any]:
    return list(dict.fromkeys(codes))


def _flag(_: FieldMap, value: Any, __: Attributes) -> Wire:
    if isinstance(value, bool):
        return value
    word = folded(as_text(value))
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Unfit(value)


# --- numbers
# ------------------------------------------------------------------------------------------------------


def _integer(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    read = _real(value, fields.decimal)
    if not read.is_integer():
        raise Unfit(value)
    return int(read)


def _number(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    return _real(value, fields.decimal)


def _real(value: Any, decimal: str | None) -> float:
    if isinstance(value, bool):
        raise Unfit(value)
    return float(value) if isinstance(value, int | float) else number(value, decimal)


def _count(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    if isinstance(value, dict):
        return Count.from_wire(value).wire()
    if isinstance(value, bool):
        raise Unfit(value)
    if isinstance(value, int | float):
        if value != int(value):
            raise Unfit(value)
        return Count(int(value), int(value)).wire()
    text = value.strip()
    if fields.patterns:
        found = _searched(fields, text)
        if found is not None:
            return _counted(*found, text)
    try:
        return Count.parse(text).wire()
    except ValueError:
        if fields.patterns and fields.prose:
            return None
        read = number(text, fields.decimal)
        if not read.is_integer():
            raise
        return Count(int(read), int(read), text).wire()


def _counted(pattern: Pattern, match: re.Match[str], text: str) -> Wire:
    if pattern.absent is not None:
        return pattern.absent.wire()
    groups = {name: int(part) for name, part in match.groupdict().items() if part and part.isdecimal()}
    plus = groups.get("plus", 0)
    low = groups.get("low", pattern.low if pattern.low is not None else groups.get("value", 0)) + plus
    high = groups.get("high", pattern.high if pattern.high is not None else groups.get("value"))
    return Count(low, None if high is None else high + plus, text).wire()


def _measured(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    if isinstance(value, dict):
        return Measured.from_wire({"unit": fields.unit, **value}).wire()
    datum = _datum(attributes.get("datum")) or fields.datum
    accuracy = attributes.get("accuracy")
    spread = fields.accuracy if accuracy in (None, "") else _real(accuracy, fields.decimal)
    unit = _unit(fields, attributes["unit"]) if attributes.get("unit") else None
    if not isinstance(value, str):
        return Measured(_real(value, None), unit or _default_unit(fields), None, spread, datum).wire()
    text = value.strip()
    found = _searched(fields, text)
    if found is not None:
        pattern, match = found
        if pattern.absent is not None:
            return pattern.absent.wire()
        word = _group(match, "unit")
        named = _unit(fields, word) if word else pattern.unit or unit or _default_unit(fields)
        decimal = fields.decimal
        return Measured(number(match["value"], decimal), named, text, spread, pattern.datum or datum).wire()
    quantity = _QUANTITY.fullmatch(text)
    if quantity is None or not quantity["value"]:
        return _unmatched(fields, value)
    word = (quantity["unit"] or "").strip()
    named = _unit(fields, word) if word else unit or _default_unit(fields)
    if quantity["accuracy"]:
        spread = number(quantity["accuracy"], fields.decimal)
    return Measured(number(quantity["value"], fields.decimal), named, text, spread, datum).wire()


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


# --- dates
# --------------------------------------------------------------------------------------------------------


def _when(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    if isinstance(value, dict):
        return When.from_wire(value).wire()
    if isinstance(value, bool | list):
        raise Unfit(value)
    how = KnownHow(attributes["how"]) if attributes.get("how") else fields.how
    text = as_text(value).strip()
    found = _searched(fields, text)
    if found is not None:
        pattern, match = found
        if pattern.absent is not None:
            return pattern.absent.wire()
        when = _dated(fields, match, text, pattern.how or how)
    else:
        read = _by_format(fields, text, how) or _parsed(text, how)
        if read is None:
            return _unmatched(fields, value)
        when = read
    if fields.bound == "latest":
        when = When(None, when.latest, when.precision, when.typed, when.how)
    elif fields.bound == "earliest":
        when = When(when.earliest, None, when.precision, when.typed, when.how)
    return when.wire()


def _by_format(fields: FieldMap, text: str, how: KnownHow) -> When | None:
    for form in fields.date_formats:
        try:
            day = dt.datetime.strptime(text, form).date()  # noqa: DTZ007 (a day of the calendar has no zone)
        except ValueError:
            continue
        return When(day, day, Precision.DAY, text, how)
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


# --- compound values
# ----------------------------------------------------------------------------------------------


def _identifiers(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    if isinstance(value, list):
        return [dict(Identifier.from_wire(part).wire()) for part in value]
    if isinstance(value, bool | dict):
        raise Unfit(value)
    text = as_text(value).strip()
    issuer = attributes.get("issuer") or fields.issuer
    if issuer is None:
        pairs = [part.split(":", 1) for part in _LIST_SEPARATORS.split(text) if part.strip()]
        if not pairs or any(len(pair) != 2 or not pair[0].strip() or not pair[1].strip() for pair in pairs):
            raise Unfit(value)
        return [{"issuer": name.strip(), "value": issued.strip()} for name, issued in pairs]
    issued = text.split(fields.separator) if fields.separator else [text]
    return [{"issuer": str(issuer), "value": part.strip()} for part in issued if part.strip()]


def _ref(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    if isinstance(value, dict):
        return Ref.from_wire(value).wire()
    if isinstance(value, bool | list):
        raise Unfit(value)
    text = as_text(value).strip()
    if _UUID.fullmatch(text.lower()):
        return {"ref": text.lower()}
    issuer = attributes.get("issuer") or fields.issuer
    if issuer is None and ":" in text:
        issuer, text = (part.strip() for part in text.split(":", 1))
    return Ref(None, text, str(issuer) if issuer else None).wire()


def _refs(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    if isinstance(value, list):
        return [_ref(fields, part, attributes) for part in value]
    text = as_text(value)
    parts = text.split(fields.separator) if fields.separator else _LIST_SEPARATORS.split(text)
    return [_ref(fields, part, attributes) for part in parts if part.strip()]


def _position(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    if isinstance(value, dict):
        return Position.from_wire(value).wire()
    from fallow.geodesy.positions import parse_position
    from fallow.geodesy.systems import WGS84

    crs = str(attributes.get("crs") or fields.crs or WGS84)
    try:
        return dict(parse_position(value, crs).wire())
    except FallowError:
        raise Unfit(value, keep={"typed": as_text(value), "crs": crs}) from None


def _casualties(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    if isinstance(value, list):
        return [dict(Casualties.from_wire(part).wire()) for part in value]
    if fields.fixed:
        return [{**fields.fixed, "count": _count(fields, value, _NONE)}]
    groups: list[dict[str, Wire]] = []
    for part in _LIST_SEPARATORS.split(as_text(value)):
        match = _CASUALTIES.fullmatch(part.strip())
        if match is None:
            raise Unfit(value)
        one: dict[str, Wire] = {}
        for key, name in (("sex", "sex"), ("age_band", "age_band"), ("outcome", "casualty_outcome")):
            if match[key]:
                code = code_list(name).find(match[key])
                if code is None:
                    raise Unfit(match[key], name)
                one[key] = code
        groups.append({**one, "count": Count.parse(match["count"]).wire()})
    return groups


def _json(_: FieldMap, value: Any, __: Attributes) -> Wire:
    read: Wire = orjson.loads(value) if isinstance(value, str) else value
    return read


def _table(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    rows = _json(fields, value, attributes)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unfit(value)
    return rows


def _geometry(_: FieldMap, value: Any, __: Attributes) -> Wire:
    raise Unfit(value)  # shapes never come through here; the readers take them


_READERS: dict[str, Callable[[FieldMap, Any, Attributes], Wire]] = {
    "text": _text,
    "code": _code,
    "codes": _codes,
    "flag": _flag,
    "integer": _integer,
    "number": _number,
    "when": _when,
    "count": _count,
    "measured": _measured,
    "geometry": _geometry,
    "position": _position,
    "identifiers": _identifiers,
    "ref": _ref,
    "refs": _refs,
    "casualties": _casualties,
    "table": _table,
    "json": _json,
}


def _searched(fields: FieldMap, text: str) -> tuple[Pattern, re.Match[str]] | None:
    for pattern in fields.patterns:
        if match := pattern.match.search(text):
            return pattern, match
    return None


def _unmatched(fields: FieldMap, value: Any) -> Wire:
    """Prose that holds no such value is no fault; anything else is."""
    if fields.patterns and fields.prose:
        return None
    raise Unfit(value)


def _group(match: re.Match[str], name: str) -> str | None:
    return match.groupdict().get(name)
