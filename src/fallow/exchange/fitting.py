"""What the readers of cells share: the finding in the making, and the search for a value in prose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fallow.exchange.fieldmaps import FieldMap, Pattern
from fallow.records.values import Wire

Attributes = Mapping[str, Any]
NO_ATTRIBUTES: Attributes = {}
LIST_SEPARATORS = re.compile(r"\s*[;|]\s*")


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


def searched(fields: FieldMap, text: str) -> tuple[Pattern, re.Match[str]] | None:
    """Return the first pattern of a field that is found in a text, and where."""
    for pattern in fields.patterns:
        if match := pattern.match.search(text):
            return pattern, match
    return None


def unmatched(fields: FieldMap, value: Any) -> Wire:
    """Prose that holds no such value is no fault; anything else is."""
    if fields.patterns and fields.prose:
        return None
    raise Unfit(value)


def group(match: re.Match[str], name: str) -> str | None:
    """Return what a named group of an expression holds, if it has that group."""
    return match.groupdict().get(name)
