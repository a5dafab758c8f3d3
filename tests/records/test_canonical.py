from __future__ import annotations

import datetime as dt
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallow.records.canonical import canonical
from fallow.records.errors import NotCanonical
from tests.records.record_strategies import texts

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def one_key_each(value) -> bool:
    if isinstance(value, dict):
        keys = {unicodedata.normalize("NFC", key) for key in value}
        return len(keys) == len(value) and all(map(one_key_each, value.values()))
    return all(map(one_key_each, value)) if isinstance(value, list) else True


def reordered(value):
    if isinstance(value, dict):
        return {key: reordered(part) for key, part in reversed(value.items())}
    return [reordered(part) for part in value] if isinstance(value, list) else value


def respelled(value):
    if isinstance(value, str):
        return unicodedata.normalize("NFD", value)
    if isinstance(value, dict):
        return {respelled(key): respelled(part) for key, part in value.items()}
    return [respelled(part) for part in value] if isinstance(value, list) else value


@given(values.filter(one_key_each))
def test_bytes_do_not_hang_on_the_order_of_keys_or_the_spelling_of_letters(value) -> None:
    data = canonical(value)
    assert canonical(reordered(value)) == data
    assert canonical(respelled(value)) == data
    assert canonical(json.loads(data)) == data
    assert unicodedata.is_normalized("NFC", data.decode())


@pytest.mark.parametrize(
    "value",
    [
        {"a": float("nan")},
        [float("inf")],
        [None, -float("inf")],
        {"a": 2**64},
        {1: "a"},
        {"é": 1, "e\u0301": 2},
        {"a": "\ud800"},
        {"a": dt.date(2024, 1, 1)},
        {"a": {1, 2}},
    ],
)
def test_what_has_no_one_form_is_refused(value) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_depth_is_limited() -> None:
    value: list[object] = ["é"]
    for _ in range(300):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_bytes_are_these() -> None:
    assert (
        canonical({"b": [1, 1.5, -0.0, None, True], "a": "Поле"}) == '{"a":"Поле","b":[1,1.5,0.0,null,true]}'.encode()
    )
