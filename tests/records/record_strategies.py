"""Hypothesis strategies for wire values, made from the field definitions."""

from __future__ import annotations

import datetime as dt
import string
from typing import Any

from hypothesis import strategies as st

from fallow.records.values import Absent, KnownHow, Precision
from fallow.terms import code_list
from fallow.terms.definitions import FieldDefinition, RecordDefinition

# Surrogates have no UTF-8 bytes and reach no program through JSON.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = texts.filter(str.strip)
numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
not_negative = st.floats(min_value=0, max_value=1e12, allow_nan=False)
whole = st.integers(0, 10**9)
days = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)).map(dt.date.isoformat)
digests = st.text(string.hexdigits.lower(), min_size=64, max_size=64).map(lambda text: text[:64])
absences = st.sampled_from([reason.wire() for reason in Absent])
operations = st.fixed_dictionaries(
    {"name": texts, "code": st.none() | texts, "accuracy_m": st.none() | not_negative},
)


@st.composite
def whens(draw: st.DrawFn) -> dict[str, Any]:
    first, last = sorted((draw(days), draw(days)))
    parts = draw(
        st.sampled_from([{"from": first, "to": last}, {"from": first}, {"to": last}, {"typed": "за словами мешканців"}])
    )
    return {
        **parts,
        "precision": draw(st.sampled_from([each.value for each in Precision])),
        "how": draw(st.sampled_from([each.value for each in KnownHow])),
    }


@st.composite
def counts(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(whole)
    wire = {"low": low, "high": draw(st.none() | st.integers(low, 2 * 10**9))}
    return wire | draw(st.sampled_from([{}, {"typed": "3-5"}]))


@st.composite
def measures(draw: st.DrawFn, field: FieldDefinition) -> dict[str, Any]:
    wire: dict[str, Any] = {"value": draw(not_negative), "unit": draw(st.sampled_from(field.units))}
    if draw(st.booleans()):
        wire["typed"] = draw(texts)
    if draw(st.booleans()):
        wire["accuracy"] = draw(not_negative)
    if field.datum and draw(st.booleans()):
        wire["datum"] = draw(st.sampled_from(tuple(code_list("depth_datum"))))
    return wire


@st.composite
def positions(draw: st.DrawFn) -> dict[str, Any]:
    wire: dict[str, Any] = {"typed": draw(texts)}
    if draw(st.booleans()):
        wire |= {"lon": draw(st.floats(-180, 180)), "lat": draw(st.floats(-90, 90)), "operation": draw(operations)}
    if draw(st.booleans()):
        wire["crs"] = "EPSG:28992"
    return wire


def codes(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(tuple(code_list(name)))


refs = st.one_of(
    st.uuids().map(lambda each: {"ref": str(each)}),
    words.map(lambda each: {"typed": each}),
    st.tuples(words, words).map(lambda each: {"typed": each[0], "issuer": each[1]}),
)


def values_of(field: FieldDefinition) -> st.SearchStrategy[Any]:
    """Wire values without fault, reasons for absence left aside."""
    match field.type:
        case "text":
            if field.name == "sha256":
                return digests
            plain = st.sampled_from(["en", "uk", "uk-Cyrl"]) if field.pattern else words
            sealed = st.fixed_dictionaries({"sealed": words, "digest": digests})
            return plain | sealed if field.personal else plain
        case "code":
            return codes(field.list or "")
        case "codes":
            return st.lists(codes(field.list or ""), min_size=1, max_size=4)
        case "flag":
            return st.booleans()
        case "integer":
            return st.integers(int(field.minimum or 0), int(field.maximum or 10**6))
        case "number":
            return st.floats(field.minimum, field.maximum) if field.maximum is not None else numbers
        case "when":
            return whens()
        case "count":
            return counts()
        case "measured":
            return measures(field)
        case "geometry":
            return st.fixed_dictionaries(
                {"digest": digests}, optional={"surveyed": digests, "crs": texts, "operation": operations}
            )
        case "position":
            return positions()
        case "identifiers":
            part = st.fixed_dictionaries({"issuer": words, "value": words}, optional={"from": days, "to": days})
            return st.lists(part, min_size=1, max_size=3)
        case "ref":
            return refs
        case "refs":
            return st.lists(refs, min_size=1, max_size=3)
        case "casualties":
            part = st.fixed_dictionaries(
                {"count": counts()},
                optional={"sex": codes("sex"), "age_band": codes("age_band"), "outcome": codes("casualty_outcome")},
            )
            return st.lists(part, min_size=1, max_size=3)
        case "table":
            cells = {name: values_of(column) for name, column in field.columns.items()}
            needed = {name: cells[name] for name, column in field.columns.items() if column.required}
            rest = {name: cells[name] | absences for name in cells.keys() - needed.keys()}
            return st.lists(st.fixed_dictionaries(needed, optional=rest), min_size=1, max_size=3)
        case "json":
            return st.dictionaries(texts, numbers | texts, max_size=3)
    raise AssertionError(field.type)


def states_of(record: RecordDefinition) -> st.SearchStrategy[dict[str, Any]]:
    """Wire values of a record without fault."""
    needed = {name: values_of(record.fields[name]) for name in record.required}
    rest = {name: values_of(field) | absences for name, field in record.fields.items() if not field.required}
    return st.fixed_dictionaries(needed, optional=rest)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
