"""JSON Schemas (draft 2020-12) of wire values, made from the field definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fallow.records.validate import HEX64
from fallow.records.values import Absent, KnownHow, Precision
from fallow.terms.definitions import FieldDefinition, RecordDefinition
from fallow.terms.lists import CodeList

Schema = dict[str, Any]
Lists = Callable[[str], CodeList]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}
_WORD: Schema = {"type": "string", "pattern": r"\S"}
_DAY: Schema = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_DIGEST: Schema = {"type": "string", "pattern": f"^{HEX64.pattern}$"}
_REASONS = [reason.value for reason in Absent]


def record_schema(definition: RecordDefinition, lang: str, lists: Lists) -> Schema:
    """Return the schema of a record's wire values.

    Args:
        definition: the record.
        lang: language of titles and descriptions.
        lists: gives a code list by its name.

    Raises:
        KeyError: the project has no such language.
    """
    return {
        "$schema": DIALECT,
        "$id": f"urn:fallow:record:{definition.name}:{definition.version}:{lang}",
        "title": definition.labels[lang],
        "$comment": definition.source,
        "type": "object",
        "properties": {name: _property(entry, lang, lists) for name, entry in definition.fields.items()},
        "required": list(definition.required),
        "additionalProperties": False,
        "$defs": {
            "absent": _object({"absent": {"enum": _REASONS}}, ("absent",)),
            "answer": _object({"absent": {"enum": _REASONS[1:]}}, ("absent",)),
            "sealed": _object({"sealed": _TEXT, "digest": _TEXT}, ("sealed", "digest")),
            "operation": _object(
                {"name": _TEXT, "code": _or_null(_TEXT), "accuracy_m": _or_null({"type": "number"})},
                ("name", "code", "accuracy_m"),
            ),
        },
    }


def _property(entry: FieldDefinition, lang: str, lists: Lists) -> Schema:
    choices = [_value(entry, lang, lists)]
    if entry.personal:
        choices.append({"$ref": "#/$defs/sealed"})
    if not entry.required:
        choices += [{"$ref": "#/$defs/absent"}, {"type": "null"}]
    elif entry.unknown_allowed:
        choices.append({"$ref": "#/$defs/answer"})
    schema: Schema = {"title": entry.labels[lang]}
    if entry.help.get(lang):
        schema["description"] = entry.help[lang]
    if entry.source:
        schema["$comment"] = entry.source
    return schema | {"anyOf": choices, "x-sensitivity": entry.sensitivity, "x-version": entry.version}


def _value(entry: FieldDefinition, lang: str, lists: Lists) -> Schema:
    match entry.type:
        case "text":
            if entry.pattern is not None:
                return {"type": "string", "pattern": f"^(?:{entry.pattern})$"}
            return _WORD if entry.required else _TEXT
        case "code":
            return _codes(lists(entry.list or ""), lang)
        case "codes":
            items: Schema = {"type": "array", "items": _codes(lists(entry.list or ""), lang)}
            return {**items, "minItems": 1} if entry.required else items
        case "flag":
            return {"type": "boolean"}
        case "integer" | "number":
            limits = {"minimum": entry.minimum, "maximum": entry.maximum}
            return {"type": entry.type} | {key: limit for key, limit in limits.items() if limit is not None}
        case "measured":
            return _measured(entry, lang, lists)
        case "casualties":
            parts = {"sex": "sex", "age_band": "age_band", "outcome": "casualty_outcome"}
            properties = {name: _or_null(_codes(lists(source), lang)) for name, source in parts.items()}
            return _array(_object(properties | {"count": _COUNT}, ("count",)))
        case "table":
            cells = {name: _cell(column, lang, lists) for name, column in entry.columns.items()}
            return _array(_object(cells, tuple(name for name, part in entry.columns.items() if part.required)))
        case "json":
            return {}
        case _:
            return _FIXED[entry.type]


def _cell(column: FieldDefinition, lang: str, lists: Lists) -> Schema:
    choices = [_value(column, lang, lists), {"$ref": "#/$defs/absent"}]
    return {"title": column.labels[lang], "anyOf": choices if column.required else [*choices, {"type": "null"}]}


def _codes(terms: CodeList, lang: str) -> Schema:
    """Every code that ever was: retired ones stay readable, marked as deprecated."""
    return {
        "type": "string",
        "oneOf": [
            {"const": code, "title": term.labels[lang]} | ({"deprecated": True} if term.retired else {})
            for code, term in terms.terms.items()
        ],
    }


def _measured(entry: FieldDefinition, lang: str, lists: Lists) -> Schema:
    properties: Schema = {
        "value": {"type": "number"},
        "unit": {"enum": list(entry.units)},
        "typed": _or_null(_TEXT),
        "accuracy": _or_null({"type": "number", "minimum": 0}),
    }
    if not entry.datum:
        properties["value"]["minimum"] = 0
        return _object(properties | {"datum": {"type": "null"}}, ("value", "unit"))
    properties["datum"] = _or_null(_codes(lists("depth_datum"), lang))
    # Only heights against a national zero have both signs.
    return _object(properties, ("value", "unit")) | {
        "if": {"properties": {"datum": {"const": "national_datum"}}, "required": ["datum"]},
        "else": {"properties": {"value": {"minimum": 0}}},
    }


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _any_of(schema: Schema, *names: str) -> Schema:
    there = [{"properties": {name: {"not": {"type": "null"}}}, "required": [name]} for name in names]
    return schema | {"anyOf": there}


_OPERATION = _or_null({"$ref": "#/$defs/operation"})
_COUNT = _object(
    {
        "low": {"type": "integer", "minimum": 0},
        "high": _or_null({"type": "integer", "minimum": 0}),
        "typed": _or_null(_TEXT),
    },
    ("low", "high"),
)
_REF = _any_of(_object({"ref": _or_null(_WORD), "typed": _or_null(_WORD), "issuer": _or_null(_WORD)}), "ref", "typed")
_BOTH_OR_NEITHER = {
    "if": {"properties": {"lon": {"type": "number"}}, "required": ["lon"]},
    "then": {"properties": {"lat": {"type": "number"}}, "required": ["lat"]},
    "else": {"properties": {"lat": {"type": "null"}}},
}
_FIXED: dict[str, Schema] = {
    "when": _any_of(
        _object(
            {
                "from": _or_null(_DAY),
                "to": _or_null(_DAY),
                "precision": {"enum": [precision.value for precision in Precision]},
                "typed": _or_null(_TEXT),
                "how": {"enum": [how.value for how in KnownHow]},
            }
        ),
        "from",
        "to",
        "typed",
    ),
    "count": _COUNT,
    "geometry": _object(
        {"digest": _DIGEST, "surveyed": _or_null(_DIGEST), "crs": _or_null(_TEXT), "operation": _OPERATION},
        ("digest",),
    ),
    "position": _any_of(
        _object(
            {
                "typed": _or_null(_TEXT),
                "lon": _or_null({"type": "number", "minimum": -180, "maximum": 180}),
                "lat": _or_null({"type": "number", "minimum": -90, "maximum": 90}),
                "crs": _or_null(_TEXT),
                "operation": _OPERATION,
            }
        ),
        "typed",
        "lon",
    )
    | _BOTH_OR_NEITHER,
    "identifiers": _array(
        _object({"issuer": _WORD, "value": _WORD, "from": _or_null(_DAY), "to": _or_null(_DAY)}, ("issuer", "value"))
    ),
    "ref": _REF,
    "refs": _array(_REF),
}
