"""Arrow tables of records, one column per field, built from wire states.

Columns: ``id``; the fields in the order of the definition; ``absent`` (map from field to the reason it is empty; the
reason ``sealed`` marks personal values kept elsewhere); ``national`` (the national fields as one canonical JSON
object); ``conflicts`` (open conflicts as the register notes them, JSON). A field that the source never had is null and
stands in no reason. Links not yet resolved keep what was typed in ``<field>_typed``; ``geometry`` is WKB in WGS 84, and
``geometry_source`` says how it was surveyed (null while two surveys are in conflict).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from fallow.records.canonical import canonical
from fallow.records.values import Wire
from fallow.terms.definitions import FieldDefinition, RecordDefinition

if TYPE_CHECKING:
    import pyarrow as pa

SEALED = "sealed"
CONFLICTS = "_conflicts"


def build_table(
    definition: RecordDefinition,
    ids: Sequence[str],
    rows: Sequence[dict[str, Wire]],
    wkb: Sequence[bytes | None],
) -> pa.Table:
    """Return the Arrow table of a record.

    Args:
        definition: the record; fields of rows that it does not have go to ``national``.
        ids: UUIDs, n.
        rows: wire states, n.
        wkb: shapes as WKB or None, n.
    """
    import pyarrow as pa

    absent: list[list[tuple[str, str]] | None] = [None] * len(rows)
    columns: dict[str, pa.Array] = {"id": pa.array(ids, pa.string())}
    for name, entry in definition.fields.items():
        values = _present([row.get(name) for row in rows], name, absent)
        if entry.type == "geometry":
            columns[name] = pa.array(wkb, pa.binary())
            columns[f"{name}_source"] = _column(values, "geometry")
            continue
        columns[name] = _column(values, entry.type)
        if entry.type in ("ref", "refs"):
            columns[f"{name}_typed"] = _column(values, f"{entry.type}_typed")
    columns["absent"] = pa.array(absent, pa.map_(pa.string(), pa.string()))
    columns["national"] = pa.array(_national(rows, definition.fields), pa.string())
    columns["conflicts"] = _column([row.get(CONFLICTS) for row in rows], "json")
    fields = [_arrow_field(name, array, definition) for name, array in columns.items()]
    schema = pa.schema(fields, metadata={"record": definition.name, "version": str(definition.version)})
    return pa.Table.from_arrays(list(columns.values()), schema=schema)


def _arrow_field(name: str, array: pa.Array, definition: RecordDefinition) -> pa.Field:
    import pyarrow as pa

    entry = definition.fields.get(name.removesuffix("_typed").removesuffix("_source"))
    entry = definition.fields.get(name, entry)
    metadata = {} if entry is None else {"sensitivity": entry.sensitivity}
    if entry is not None and entry.unit:
        metadata["unit"] = entry.unit
    if name in definition.fields and definition.fields[name].type == "geometry":
        metadata |= {"encoding": "WKB", "crs": "EPSG:4326", "axes": "longitude, latitude"}
    return pa.field(name, array.type, nullable=name != "id", metadata=metadata)


def _present(column: list[Wire], name: str, absent: list[list[tuple[str, str]] | None]) -> list[Wire]:
    """Return a column with null for stated absences and sealed values, noting each reason under its row."""
    for number, value in enumerate(column):
        if type(value) is dict and ("absent" in value or SEALED in value):
            reasons = absent[number]
            reason = (name, str(value.get("absent", SEALED)))
            absent[number] = [reason] if reasons is None else [*reasons, reason]
            column[number] = None
    return column


def _column(values: list[Wire], kind: str) -> pa.Array:
    import pyarrow as pa

    convert = _CONVERT.get(kind)
    cells: Iterable[Any] = (
        values if convert is None else [None if value is None else convert(value) for value in values]
    )
    return pa.array(cells, _arrow_types()[kind])


def _national(rows: Sequence[dict[str, Wire]], fields: Mapping[str, FieldDefinition]) -> list[str | None]:
    known = {*fields, CONFLICTS}
    cells: list[str | None] = []
    for row in rows:
        rest = {name: row[name] for name in row.keys() - known if row[name] is not None}
        cells.append(canonical(rest).decode() if rest else None)
    return cells


@cache
def _arrow_types() -> dict[str, pa.DataType]:
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    count = [("low", pa.int64()), ("high", pa.int64()), ("typed", text)]
    operation = pa.struct([("name", text), ("code", text), ("accuracy_m", number)])
    when = [("earliest", pa.date32()), ("latest", pa.date32()), ("precision", text), ("typed", text), ("how", text)]
    measured = [("value", number), ("unit", text), ("typed", text), ("accuracy", number), ("datum", text)]
    return {
        "text": text,
        "code": text,
        "codes": pa.list_(text),
        "flag": pa.bool_(),
        "integer": pa.int64(),
        "number": number,
        "when": pa.struct(when),
        "count": pa.struct(count),
        "measured": pa.struct(measured),
        "geometry": pa.struct([("digest", text), ("surveyed", text), ("crs", text), ("operation", operation)]),
        "position": pa.struct(
            [("typed", text), ("lon", number), ("lat", number), ("crs", text), ("operation", operation)]
        ),
        "identifiers": pa.list_(
            pa.struct([("issuer", text), ("value", text), ("since", pa.date32()), ("until", pa.date32())])
        ),
        "ref": text,
        "ref_typed": text,
        "refs": pa.list_(text),
        "refs_typed": pa.list_(text),
        "casualties": pa.list_(pa.struct([("sex", text), ("age_band", text), ("outcome", text), *count])),
        "table": text,
        "json": text,
    }


@cache
def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _when(wire: Any) -> dict[str, Any]:
    first, last = wire.get("from"), wire.get("to")
    return {
        "earliest": _day(first) if first else None,
        "latest": _day(last) if last else None,
        "precision": wire.get("precision", "day"),
        "typed": wire.get("typed"),
        "how": wire.get("how", "stated"),
    }


def _identifiers(wire: Any) -> list[dict[str, Any]]:
    return [
        {
            "issuer": part["issuer"],
            "value": part["value"],
            "since": _day(part["from"]) if part.get("from") else None,
            "until": _day(part["to"]) if part.get("to") else None,
        }
        for part in wire
    ]


def _casualties(wire: Any) -> list[dict[str, Any]]:
    return [{**part, **part["count"]} for part in wire]


def _text_of(wire: Any) -> str:
    return canonical(wire).decode()


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "when": _when,
    "identifiers": _identifiers,
    "casualties": _casualties,
    "geometry": lambda wire: None if "both" in wire else wire,
    "ref": lambda wire: wire.get("ref"),
    "ref_typed": lambda wire: wire.get("typed"),
    "refs": lambda wire: [part.get("ref") for part in wire],
    "refs_typed": lambda wire: [part.get("typed") for part in wire],
    "table": _text_of,
    "json": _text_of,
}
