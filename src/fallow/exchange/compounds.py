"""Readers of values with parts: identifiers, links, positions, casualties, tables."""

from __future__ import annotations

import re
from typing import Any

import orjson

from fallow.errors import FallowError
from fallow.exchange.fieldmaps import FieldMap
from fallow.exchange.fitting import LIST_SEPARATORS, NO_ATTRIBUTES, Attributes, Unfit
from fallow.exchange.numbers import as_text
from fallow.exchange.quantities import count
from fallow.records.compound import Casualties, Identifier, Position, Ref
from fallow.records.values import Count, Wire
from fallow.terms.lists import code_list

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CASUALTIES = re.compile(r"(?P<outcome>\w+)(?:/(?P<sex>\w*))?(?:/(?P<age_band>\w*))?\s*[=:]\s*(?P<count>.+)")


def identifiers(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    """Read issued identifiers: ``issuer:number; issuer:number``, or numbers of one stated issuer."""
    if isinstance(value, list):
        return [dict(Identifier.from_wire(part).wire()) for part in value]
    if isinstance(value, bool | dict):
        raise Unfit(value)
    text = as_text(value).strip()
    issuer = attributes.get("issuer") or fields.issuer
    if issuer is None:
        pairs = [part.split(":", 1) for part in LIST_SEPARATORS.split(text) if part.strip()]
        if not pairs or any(len(pair) != 2 or not pair[0].strip() or not pair[1].strip() for pair in pairs):
            raise Unfit(value)
        return [{"issuer": name.strip(), "value": issued.strip()} for name, issued in pairs]
    issued = text.split(fields.separator) if fields.separator else [text]
    return [{"issuer": str(issuer), "value": part.strip()} for part in issued if part.strip()]


def ref(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    """Read a link: a UUID, or an issued identifier."""
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


def refs(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    """Read several links."""
    if isinstance(value, list):
        return [ref(fields, part, attributes) for part in value]
    text = as_text(value)
    parts = text.split(fields.separator) if fields.separator else LIST_SEPARATORS.split(text)
    return [ref(fields, part, attributes) for part in parts if part.strip()]


def position(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    """Read a typed position; one that cannot be placed is kept as it was typed."""
    if isinstance(value, dict):
        return Position.from_wire(value).wire()
    from fallow.geodesy.positions import parse_position
    from fallow.geodesy.systems import WGS84

    crs = str(attributes.get("crs") or fields.crs or WGS84)
    try:
        return dict(parse_position(value, crs).wire())
    except FallowError:
        raise Unfit(value, keep={"typed": as_text(value), "crs": crs}) from None


def casualties(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    """Read numbers of people harmed: ``killed/male/18_59=1; injured=2``, or one number of a stated kind."""
    if isinstance(value, list):
        return [dict(Casualties.from_wire(part).wire()) for part in value]
    if fields.fixed:
        return [{**fields.fixed, "count": count(fields, value, NO_ATTRIBUTES)}]
    groups: list[dict[str, Wire]] = []
    for part in LIST_SEPARATORS.split(as_text(value)):
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


def json(_: FieldMap, value: Any, __: Attributes) -> Wire:
    """Read any JSON value."""
    read: Wire = orjson.loads(value) if isinstance(value, str) else value
    return read


def table(fields: FieldMap, value: Any, attributes: Attributes) -> Wire:
    """Read the rows of a table, as JSON."""
    rows = json(fields, value, attributes)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unfit(value)
    return rows
