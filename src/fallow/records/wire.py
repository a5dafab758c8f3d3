"""Readers from wire to typed values, one per field type, and the one writer back.

A reader takes the wire values of a record and the name of a field. It returns the typed value, a reason for absence,
or None where the wire has nothing; each raises :class:`BadValue` for a value that is not of its type. Readers check
form, not meaning: code lists, units and limits are the concern of :mod:`fallow.records.fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from fallow.errors import Where
from fallow.records.compound import Casualties, Geometry, Identifier, Position, Ref, Sealed
from fallow.records.errors import BadValue, UnknownField
from fallow.records.values import Absent, Count, Measured, When, Wire
from fallow.terms.definitions import NATIONAL_PREFIX

T = TypeVar("T")
Values = Mapping[str, Wire]


def text(values: Values, name: str) -> str | Absent | None:
    """Read text or a code."""
    return _read(values, name, "text", lambda wire: _is(wire, str))


def personal(values: Values, name: str) -> str | Sealed | Absent | None:
    """Read a personal text, or where it is sealed."""
    return _read(
        values,
        name,
        "text",
        lambda wire: Sealed.from_wire(wire) if isinstance(wire, dict) else cast("str | Sealed", _is(wire, str)),
    )


def texts(values: Values, name: str) -> tuple[str, ...] | Absent | None:
    """Read a list of codes."""
    return _read(values, name, "codes", lambda wire: tuple(_is(part, str) for part in _is(wire, list)))


def flag(values: Values, name: str) -> bool | Absent | None:
    """Read true or false."""
    return _read(values, name, "flag", lambda wire: _is(wire, bool))


def integer(values: Values, name: str) -> int | Absent | None:
    """Read a whole number."""
    return _read(values, name, "integer", _integer)


def number(values: Values, name: str) -> float | Absent | None:
    """Read a finite number."""
    return _read(values, name, "number", _number)


def when(values: Values, name: str) -> When | Absent | None:
    """Read a vague date."""
    return _read(values, name, "when", When.from_wire)


def count(values: Values, name: str) -> Count | Absent | None:
    """Read a vague count."""
    return _read(values, name, "count", Count.from_wire)


def measured(values: Values, name: str) -> Measured | Absent | None:
    """Read a measurement."""
    return _read(values, name, "measured", Measured.from_wire)


def geometry(values: Values, name: str) -> Geometry | Absent | None:
    """Read what is stored of a shape."""
    return _read(values, name, "geometry", Geometry.from_wire)


def position(values: Values, name: str) -> Position | Absent | None:
    """Read a position."""
    return _read(values, name, "position", Position.from_wire)


def identifiers(values: Values, name: str) -> tuple[Identifier, ...] | Absent | None:
    """Read issued identifiers."""
    return _read(
        values, name, "identifiers", lambda wire: tuple(Identifier.from_wire(part) for part in _is(wire, list))
    )


def ref(values: Values, name: str) -> Ref | Absent | None:
    """Read a link."""
    return _read(values, name, "ref", Ref.from_wire)


def refs(values: Values, name: str) -> tuple[Ref, ...] | Absent | None:
    """Read links."""
    return _read(values, name, "refs", lambda wire: tuple(Ref.from_wire(part) for part in _is(wire, list)))


def casualties(values: Values, name: str) -> tuple[Casualties, ...] | Absent | None:
    """Read numbers of casualties."""
    return _read(values, name, "casualties", lambda wire: tuple(Casualties.from_wire(part) for part in _is(wire, list)))


def table(values: Values, name: str) -> tuple[dict[str, Wire], ...] | Absent | None:
    """Read the rows of a table; their cells stay in wire form."""
    return _read(values, name, "table", lambda wire: tuple(dict(_is(part, dict)) for part in _is(wire, list)))


def json(values: Values, name: str) -> Any:
    """Return any JSON value as it is, or its reason for absence."""
    return _read(values, name, "json", lambda wire: wire)


READERS: Mapping[str, Callable[[Values, str], Any]] = {
    "text": text,
    "code": text,
    "codes": texts,
    "flag": flag,
    "integer": integer,
    "number": number,
    "when": when,
    "count": count,
    "measured": measured,
    "geometry": geometry,
    "position": position,
    "identifiers": identifiers,
    "ref": ref,
    "refs": refs,
    "casualties": casualties,
    "table": table,
    "json": json,
}


def national(values: Values, core: frozenset[str], record: str) -> dict[str, Any]:
    """Return the values of national fields, in wire form.

    Args:
        values: wire values of a record.
        core: names of the fields of the core.
        record: name of the record, for the error.

    Raises:
        UnknownField: a name is neither of the core nor national. It is never dropped in silence.
    """
    rest = [name for name in values if name not in core]
    for name in rest:
        if not name.startswith(NATIONAL_PREFIX):
            raise UnknownField(Where(field=name), record=record, field=name)
    return {name: values[name] for name in rest}


def write(values: Mapping[str, Any]) -> dict[str, Wire]:
    """Return the wire form of typed values; None is left out."""
    return {name: one(value) for name, value in values.items() if value is not None}


def one(value: Any) -> Wire:
    """Return the wire form of one typed value."""
    if isinstance(value, Absent):
        return cast(Wire, value.wire())
    if isinstance(value, tuple):
        return [one(part) for part in value]
    if hasattr(value, "wire"):
        return cast(Wire, value.wire())
    return cast(Wire, value)


def _read(values: Values, name: str, kind: str, reader: Callable[[Any], T]) -> T | Absent | None:
    wire = values.get(name)
    if wire is None:
        return None
    try:
        if isinstance(wire, dict) and "absent" in wire:
            return Absent(wire["absent"])
        return reader(wire)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadValue(Where(field=name, value=str(wire)[:200]), field=name, type=kind) from error


def _is(wire: Any, kind: type[T]) -> T:
    if not isinstance(wire, kind):
        raise TypeError(f"{type(wire).__name__} instead of {kind.__name__}")
    return wire


def _integer(wire: Any) -> int:
    if isinstance(wire, bool):
        raise TypeError("bool instead of int")
    return _is(wire, int)


def _number(wire: Any) -> float:
    if isinstance(wire, bool) or not isinstance(wire, int | float):
        raise TypeError("no number")
    if not -float("inf") < wire < float("inf"):
        raise ValueError("not finite")
    return wire
