"""Readers of text, codes and truth values."""

from __future__ import annotations

import difflib
import re
from typing import Any

from fallow.exchange.fieldmaps import FieldMap, folded, list_of
from fallow.exchange.fitting import Attributes, Unfit, group, searched, unmatched
from fallow.exchange.numbers import as_text
from fallow.records.values import Wire
from fallow.terms.definitions import FieldDefinition
from fallow.terms.lists import CodeList

_SEPARATORS = re.compile(r"\s*[;,|]\s*")
_TRUE = frozenset({"true", "yes", "y", "1", "так", "т"})
_FALSE = frozenset({"false", "no", "n", "0", "ні", "н"})


def text(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    """Read text, or the part of it that a pattern finds."""
    if isinstance(value, bool | list | dict):
        raise Unfit(value)
    text = as_text(value).strip()
    if not fields.patterns:
        return text
    found = searched(fields, text)
    if found is None:
        return unmatched(fields, value)
    pattern, match = found
    if pattern.absent is not None:
        return pattern.absent.wire()
    return (group(match, "text") or match[0]).strip()


def code(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    """Read one code: by the profile's words, its patterns, the code itself or a label in any language."""
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


def codes(fields: FieldMap, value: Any, _: Attributes) -> Wire:
    """Read a list of codes."""
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


def flag(_: FieldMap, value: Any, __: Attributes) -> Wire:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    word = folded(as_text(value))
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Unfit(value)


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
