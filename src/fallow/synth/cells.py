"""Wire values as cells of a file whose columns are called like the fields of the register."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from fallow.records.values import Wire

if TYPE_CHECKING:
    from fallow.terms import FieldDefinition

Cells = npt.NDArray[Any]


@cache
def definitions(record: str) -> dict[str, FieldDefinition]:
    """Return name → definition of the fields of a record type, in their order, without the shape."""
    from fallow.terms import record_definitions

    return {name: one for name, one in record_definitions()[record].fields.items() if one.type != "geometry"}


def cell_columns(record: str, columns: dict[str, list[Wire]]) -> dict[str, Cells]:
    """Return columns of cells, in the order of the definitions; columns without any value are left out.

    Truth values and numbers keep their type where every row has one; everything else is text. Depths have a second
    column ``<field>.datum``.
    """
    result: dict[str, Cells] = {}
    for name, definition in definitions(record).items():
        column = columns.get(name)
        if column is None or all(value is None for value in column):
            continue
        result[name] = _column(definition, column)
        if definition.datum:
            result[f"{name}.datum"] = _texts(
                [value.get("datum") if isinstance(value, dict) else None for value in column]
            )
    return result


def _column(definition: FieldDefinition, column: Sequence[Wire]) -> Cells:
    plain = {"flag": np.bool_, "integer": np.int64, "number": np.float64}.get(definition.type)
    if plain is not None and not any(value is None or isinstance(value, dict) for value in column):
        return np.array(column, dtype=plain)
    write = _WRITERS.get(definition.type, str)
    return _texts([None if value is None else _text(value, write) for value in column])


def _texts(values: Sequence[Any]) -> Cells:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


def _text(value: Wire, write: Callable[[Any], str]) -> str:
    if isinstance(value, dict) and "absent" in value:
        return f"absent:{value['absent']}"
    return write(value)


def _typed(value: dict[str, Any]) -> str:
    return str(value["typed"])


def _ref(value: dict[str, Any]) -> str:
    return f"{value['issuer']}:{value['typed']}"


def _casualties(value: list[dict[str, Any]]) -> str:
    parts = []
    for group in value:
        words = "/".join(str(group[name]) for name in ("outcome", "sex", "age_band"))
        parts.append(f"{words}={group['count']['low']}")
    return "; ".join(parts)


_WRITERS: dict[str, Callable[[Any], str]] = {
    "codes": "; ".join,
    "identifiers": lambda value: "; ".join(f"{one['issuer']}:{one['value']}" for one in value),
    "ref": _ref,
    "refs": lambda value: "; ".join(map(_ref, value)),
    "when": _typed,
    "count": _typed,
    "measured": _typed,
    "position": _typed,
    "casualties": _casualties,
    "table": lambda value: orjson.dumps(value).decode(),
}
