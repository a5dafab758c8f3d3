"""Columns of wire values as arrays. What does not fit is read as *nothing there*: the value checks name it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fallow.records.values import Wire

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def distinct(column: Sequence[Wire]) -> tuple[list[Wire], Ints]:
    """Return the distinct values of a column and, per row, the position of its value among them.

    Readers give equal cells one object, so objects are told apart first and only their contents compared.
    """
    marks = np.fromiter(map(id, column), np.int64, len(column))
    _, first, inverse = np.unique(marks, return_index=True, return_inverse=True)
    table: dict[Hashable, int] = {}
    values: list[Wire] = []
    codes = np.empty(len(first), dtype=np.int64)
    for number, row in enumerate(first.tolist()):
        value = column[row]
        code = table.setdefault(_key(value), len(values))
        if code == len(values):
            values.append(value)
        codes[number] = code
    return values, codes[inverse]


def _key(value: Wire) -> Hashable:
    """Return something hashable that is equal for equal values of one type."""
    if isinstance(value, str):
        return value
    # 1 and True are equal in Python and not on the wire, so only texts are compared as they are.
    if isinstance(value, dict) and all(type(part) is str for part in value.values()):
        return (dict, *value.items())
    if isinstance(value, list) and all(type(part) is str for part in value):
        return (list, *value)
    return (type(value), repr(value))


@dataclass(frozen=True, slots=True)
class Days:
    """Dates of a column: first and last possible day as proleptic ordinals (NaN: open or none).

    Args:
        first: (n,) ordinals.
        last: (n,) ordinals.
        given: (n,) True where a date of any kind stands.
        source_only: (n,) True where only the date of the source is known.
    """

    first: Floats
    last: Floats
    given: Bools
    source_only: Bools


def days(column: Sequence[Wire]) -> Days:
    """Read a column of wire dates."""
    values, codes = distinct(column)
    parts = np.array([_day(value) for value in values], dtype=np.float64).reshape(len(values), 4)[codes]
    return Days(parts[:, 0], parts[:, 1], parts[:, 2] > 0, parts[:, 3] > 0)


def _day(value: Wire) -> tuple[float, float, bool, bool]:
    if not isinstance(value, dict) or "absent" in value:
        return (np.nan, np.nan, False, False)
    first, last = (_ordinal(value.get(end)) for end in ("from", "to"))
    given = not (np.isnan(first) and np.isnan(last))
    return (first, last, given, given and value.get("how") == "source_date")


def _ordinal(text: object) -> float:
    if not isinstance(text, str):
        return np.nan
    try:
        return float(dt.date.fromisoformat(text).toordinal())
    except ValueError:
        return np.nan


def day_text(ordinal: float) -> str:
    """Return an ordinal as an ISO date."""
    return dt.date.fromordinal(int(ordinal)).isoformat()


def typed_text(value: Wire) -> str | None:
    """Return how a value was written in its source, as far as that is known."""
    if isinstance(value, dict):
        if value.get("typed") is None and value.get("unit") is not None:
            return f"{value.get('value')} {value['unit']}"
        for part in ("typed", "value", "from", "to", "low", "ref"):
            if value.get(part) is not None:
                return str(value[part])
        return None
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or None
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Quantities:
    """Measured values of a column.

    Args:
        value: (n,) number in its unit, NaN where there is none.
        unit: (n,) unit code, or None.
        datum: (n,) datum code, or None.
        accuracy: (n,) one standard error in its unit, or NaN.
    """

    value: Floats
    unit: npt.NDArray[np.object_]
    datum: npt.NDArray[np.object_]
    accuracy: Floats

    @property
    def given(self) -> Bools:
        """(n,) True where a number stands."""
        return ~np.isnan(self.value)

    def times(self, factors: dict[str, float]) -> Floats:
        """(n,) the values in another unit; NaN where the unit has no factor. Args: factors: unit → factor."""
        return self.value * np.array([factors.get(unit, np.nan) for unit in self.unit], dtype=np.float64)


def quantities(column: Sequence[Wire]) -> Quantities:
    """Read a column of wire measurements."""
    parts = [value if type(value) is dict else _NOTHING for value in column]
    return Quantities(
        numbers([part.get("value") for part in parts]),
        texts([part.get("unit") for part in parts]),
        texts([part.get("datum") for part in parts]),
        numbers([part.get("accuracy") for part in parts]),
    )


_NOTHING: dict[str, Any] = {}


def numbers(column: Sequence[Any]) -> Floats:
    """Return finite numbers as floats, NaN for anything else (also for true and false)."""
    kinds = set(map(type, column))
    if kinds <= {float, int, type(None)}:
        try:
            found = np.array(column, dtype=np.float64)
        except OverflowError:
            found = np.array([_number(value) for value in column], dtype=np.float64)
    else:
        found = np.array([_number(value) for value in column], dtype=np.float64)
    found = found.reshape(len(column))
    found[~np.isfinite(found)] = np.nan
    return found


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.nan


def texts(column: Sequence[Any]) -> npt.NDArray[np.object_]:
    """Return texts as they are, None for anything else."""
    found = np.empty(len(column), dtype=object)
    found[:] = [value if type(value) is str else None for value in column]
    return found


def code_sets(column: Sequence[Wire]) -> tuple[list[frozenset[str]], Ints]:
    """Return the distinct sets of codes in a column of a code or of codes, and per row which one it holds."""
    values, codes = distinct(column)
    return [as_codes(value) for value in values], codes


def as_codes(value: Wire) -> frozenset[str]:
    """Return the codes of one value."""
    if isinstance(value, str):
        return frozenset((value,))
    return frozenset(part for part in value if isinstance(part, str)) if isinstance(value, list) else frozenset()


Key = tuple[str, str]  # (issuer, value) of an issued identifier; an issuer that is not named is ""


@dataclass(frozen=True, slots=True)
class Issued:
    """The identifiers of a column, end to end.

    Args:
        keys: (k,) identifiers, outer blanks cut.
        owners: (k,) row of each.
        padded: rows with an identifier that has outer blanks.
        doubtful: rows whose value is more or less than a list of issuers and values.
    """

    keys: list[Key]
    owners: list[int]
    padded: list[int]
    doubtful: list[int]


def issued(column: Sequence[Wire]) -> Issued:
    """Read a column of wire identifiers; what is none is left out."""
    keys: list[Key] = []
    owners: list[int] = []
    padded: list[int] = []
    doubtful: list[int] = []
    for index, wire in enumerate(column):
        if wire is None:
            continue
        plain = type(wire) is list
        for entry in wire if isinstance(wire, list) else ():
            if type(entry) is not dict:
                plain = False
                continue
            value, issuer = entry.get("value"), entry.get("issuer")
            if type(value) is not str or not (cut := value.strip()):
                plain = False
                continue
            if type(issuer) is not str or len(entry) != 2 or not issuer or issuer.isspace():
                plain = False
                issuer = issuer if type(issuer) is str else ""
            keys.append((issuer.strip(), cut))
            owners.append(index)
            if cut != value:
                padded.append(index)
        if not plain:
            doubtful.append(index)
    return Issued(keys, owners, padded, doubtful)


def positions_of(found: Issued) -> dict[Key, list[int] | int]:
    """Return identifier → its row, or its rows where there are several."""
    table: dict[Key, list[int] | int] = dict(zip(found.keys, found.owners, strict=True))
    if len(table) < len(found.keys):
        rows: dict[Key, list[int]] = {}
        for key, owner in zip(found.keys, found.owners, strict=True):
            rows.setdefault(key, []).append(owner)
        table.update({key: list(dict.fromkeys(owners)) for key, owners in rows.items() if len(owners) > 1})
    return table
