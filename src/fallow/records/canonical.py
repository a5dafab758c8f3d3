"""Canonical bytes: one byte string per value, whatever the order of its keys and the spelling of its letters."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

import orjson

from fallow.records.errors import NotCanonical

# Dates, records and arrays have wire forms; what is not plain JSON gets no bytes rather than somebody's guess.
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of wire values.

    UTF-8 JSON without blanks, keys sorted by code point, text in Unicode normal form C, numbers finite, no negative
    zero, numbers in the shortest form that reads back the same. A tuple counts as a list.

    Raises:
        NotCanonical: a number is not finite or too large, a key is no text or occurs twice after normalisation, text
            holds half a character, values are nested more than 254 deep, or a value is no JSON type.
    """
    try:
        data = orjson.dumps(value, option=_OPTIONS)
        # Most values need nothing: what is not finite would have been written as null, and where the text as a whole is
        # normal, so is each string in it, for no sign that JSON puts around or into strings joins with a letter.
        plain = b"null" not in data and b"-0.0" not in data
        if plain and (data.isascii() or unicodedata.is_normalized("NFC", data.decode())):
            return data
        return orjson.dumps(_normal(value), option=_OPTIONS)
    except orjson.JSONEncodeError as error:
        raise NotCanonical(reason=str(error)) from error


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotCanonical(reason=f"number {value}")
        return value + 0.0
    if isinstance(value, dict):
        normal = {unicodedata.normalize("NFC", key): _normal(part) for key, part in value.items()}
        if len(normal) != len(value):
            raise NotCanonical(reason="two keys are the same text")
        return normal
    if isinstance(value, list | tuple):
        return [_normal(part) for part in value]
    return value
