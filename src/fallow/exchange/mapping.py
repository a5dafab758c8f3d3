"""From the columns of a source to the columns of a record: each distinct value is read once, faults name their row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fallow.errors import Where
from fallow.exchange.convert import Unfit, one_value
from fallow.exchange.encodings import undoubled
from fallow.exchange.errors import ColumnMissing
from fallow.exchange.fieldmaps import FieldMap, plain_map
from fallow.exchange.guards import unguarded
from fallow.exchange.numbers import as_text, decimal_sign
from fallow.exchange.profiles import Profile
from fallow.exchange.tables import Column, Formula, Table, advice, short
from fallow.records.batch import CheckResult, Severity
from fallow.records.values import Wire, absence
from fallow.terms.definitions import FieldDefinition, RecordDefinition

ATTRIBUTES = ("unit", "datum", "accuracy", "how", "issuer", "crs", "typed")
_NUMERIC = ("measured", "number", "integer", "count")
_Faults = list[tuple[int, Unfit]]


def identity_maps(record: RecordDefinition, columns: Sequence[str]) -> tuple[FieldMap, ...]:
    """Map columns that are called like the fields of a record, by name or by a label in any language.

    ``depth.datum``, ``depth.unit`` and the like hold a part of the value of their field.
    """
    by_label: dict[str, list[str]] = {}
    for name, definition in record.fields.items():
        for label in {label.casefold() for label in definition.labels.values()}:
            by_label.setdefault(label, []).append(name)
    chosen: dict[str, str] = {}
    for column in columns:
        names = [column] if column in record.fields else by_label.get(column.casefold(), [])
        if len(names) == 1 and names[0] not in chosen:
            chosen[names[0]] = column
    maps = []
    for name, column in chosen.items():
        if record.fields[name].type != "geometry":
            parts = {part: f"{column}.{part}" for part in ATTRIBUTES if f"{column}.{part}" in columns}
            maps.append(plain_map(record.fields[name], column, parts))
    return tuple(maps)


def mapped(
    table: Table, maps: Sequence[FieldMap], profile: Profile | None, file: str, taken: Sequence[str] = ()
) -> dict[str, list[Wire]]:
    """Return the register columns of a table; findings are added to ``table.results``.

    Args:
        table: what a reader handed over.
        maps: how each field is made.
        profile: the profile, if one.
        file: name of the file, for errors.
        taken: columns that were used already, for the geometry.

    Raises:
        ColumnMissing: a column that a required field comes from is not there.
    """
    missing = _without_missing(table, maps, file)
    columns = _repaired(table, maps, profile)
    if profile is None:
        columns = {name: _unguarded(column) for name, column in columns.items()}
    result: dict[str, list[Wire]] = {}
    for fields in missing:
        values, faults = _field(fields, columns, len(table))
        result[fields.name] = values
        table.results.extend(_finding(row, fault, fields) for row, fault in faults)
    _report_unmapped(table, maps, profile, taken)
    return result


def _without_missing(table: Table, maps: Sequence[FieldMap], file: str) -> list[FieldMap]:
    """Leave out maps whose columns are not in the source; a required field must have its column."""
    kept = []
    absent: list[str] = []
    for fields in maps:
        gone = [column for column in fields.all_columns() if column not in table.columns]
        if not gone:
            kept.append(fields)
            continue
        there = [column for column in fields.all_columns() if column in table.columns]
        if fields.definition.required and not there:
            where = Where(file=file, field=fields.name, value=gone[0])
            raise ColumnMissing(where, column=gone[0], columns=", ".join(table.columns))
        absent += gone
        reduced = _reduced(fields, table.columns)
        if reduced is not None:
            kept.append(reduced)
    if absent:
        table.results.append(advice("check.missing_column", columns=", ".join(dict.fromkeys(absent))))
    return kept


def _reduced(fields: FieldMap, columns: Mapping[str, Column]) -> FieldMap | None:
    """Return a map without the columns that are not there, or None when nothing is left of it."""
    otherwise = _reduced(fields.otherwise, columns) if fields.otherwise else None
    parts = tuple(part for part in (_reduced(part, columns) for part in fields.parts) if part is not None)
    own = tuple(column for column in fields.columns if column in columns)
    attributes = {part: column for part, column in fields.attributes.items() if column in columns}
    if not own and not parts and fields.constant is None:
        return otherwise
    return replace(fields, columns=own, attributes=attributes, parts=parts, otherwise=otherwise)


def _repaired(table: Table, maps: Sequence[FieldMap], profile: Profile | None) -> dict[str, Column]:
    """Return the columns with text that was encoded twice turned back, when the profile says so; else report it."""
    repair = profile is not None and profile.reader.repair_encoding
    needed = {column for fields in maps for column in fields.all_columns()}
    columns = dict(table.columns)
    doubled: dict[str, int] = {}
    for name, column in table.columns.items():
        values, index = column.factored()
        back = {
            position: text
            for position, value in enumerate(values)
            if type(value) is str and not value.isascii() and (text := undoubled(value)) is not None
        }
        if not back:
            continue
        hits = len(back) if index is None else int(np.isin(index, list(back)).sum())
        doubled[name] = hits
        if repair and name in needed:
            mended = [back.get(position, value) for position, value in enumerate(values)]
            columns[name] = Column(mended) if index is None else Column(column.values, mended, index)
    if doubled:
        count = sum(doubled.values())
        table.results.append(advice("check.double_encoded", columns=", ".join(doubled), count=count, repaired=repair))
    return columns


def _unguarded(column: Column) -> Column:
    """Take the apostrophe away that our own files put before text which a spreadsheet would take for a formula."""
    values, index = column.factored()
    if not any(type(value) is str and value.startswith("'") for value in values):
        return column
    bare = [unguarded(value) if type(value) is str else value for value in values]
    return Column(bare) if index is None else Column(column.values, bare, index)


def _field(fields: FieldMap, columns: Mapping[str, Column], size: int) -> tuple[list[Wire], _Faults]:
    """Return one value per row and the faults by row."""
    if fields.parts:
        values, faults = _from_parts(fields, columns, size)
    elif fields.columns:
        values, faults = _from_columns(fields, columns, size)
    else:
        values, faults = [fields.constant] * size, []
    if fields.otherwise is not None:
        other, more = _field(fields.otherwise, columns, size)
        wrong = {row for row, _ in faults}
        faults += [(row, fault) for row, fault in more if values[row] is None and row not in wrong]
        values = [other[row] if value is None and row not in wrong else value for row, value in enumerate(values)]
    if fields.columns and fields.constant is not None:
        wrong = {row for row, _ in faults}
        values = [fields.constant if value is None and row not in wrong else value for row, value in enumerate(values)]
    return values, faults


def _from_columns(fields: FieldMap, columns: Mapping[str, Column], size: int) -> tuple[list[Wire], _Faults]:
    if len(fields.columns) > 1:
        return _each(fields, _joined(fields, columns, size))
    column = columns[fields.columns[0]]
    if fields.attributes:
        parts = [columns[name].values for name in fields.attributes.values()]
        rows = [dict(zip(fields.attributes, row, strict=True)) for row in zip(*parts, strict=True)]
        return _each(_with_decimal(fields, column.values), column.values, rows)
    values, index = column.factored()
    read, faults = _each(_with_decimal(fields, values), values)
    if index is None:
        return read, faults
    read.append(None)  # what index -1 points to
    spread = list(map(read.__getitem__, index.tolist()))
    expanded = [(int(row), fault) for position, fault in faults for row in np.flatnonzero(index == position)]
    return spread, sorted(expanded, key=lambda entry: entry[0])


def _from_parts(fields: FieldMap, columns: Mapping[str, Column], size: int) -> tuple[list[Wire], _Faults]:
    """Put identifiers or casualties together from several columns."""
    merged: list[Wire] = [None] * size
    faults: _Faults = []
    for part in fields.parts:
        values, more = _field(part, columns, size)
        faults += more
        for row, value in enumerate(values):
            if value is None:
                continue
            before = merged[row]
            if before is None or (absence(before) is not None and absence(value) is None):
                merged[row] = list(value) if isinstance(value, list) else value
            elif isinstance(before, list) and isinstance(value, list):
                before.extend(value)
    return merged, sorted(faults, key=lambda entry: entry[0])


def _joined(fields: FieldMap, columns: Mapping[str, Column], size: int) -> list[Any]:
    parts = [(fields.labels.get(name, ""), columns[name].values) for name in fields.columns]
    result: list[Any] = []
    for row in range(size):
        texts = [
            label + as_text(values[row]).strip()
            for label, values in parts
            if values[row] is not None and as_text(values[row]).strip()
        ]
        # A position needs all of its parts; half a coordinate is none.
        whole = fields.definition.type != "position" or len(texts) in (0, len(parts))
        result.append((fields.join.join(texts) or None) if whole else Incomplete(texts))
    return result


class Incomplete(tuple[str, ...]):
    """The parts of a value of which some are missing; no field takes it."""

    __slots__ = ()


def _with_decimal(fields: FieldMap, values: Sequence[Any]) -> FieldMap:
    if fields.definition.type not in _NUMERIC or fields.decimal is not None:
        return fields
    sign = decimal_sign(values)
    return replace(fields, decimal=sign) if sign else fields


def _each(
    fields: FieldMap, values: Sequence[Any], attributes: Sequence[Mapping[str, Any]] | None = None
) -> tuple[list[Wire], _Faults]:
    """Read every value; the plainest types are read without a call per value, which is most of the time spent."""
    if attributes is None and (quick := _quick(fields, values)) is not None:
        return quick, []
    read: list[Wire] = []
    faults: _Faults = []
    for row, value in enumerate(values):
        try:
            read.append(one_value(fields, value) if attributes is None else one_value(fields, value, attributes[row]))
        except Unfit as fault:
            read.append(fault.keep)
            faults.append((row, fault))
    return read, faults


def _quick(fields: FieldMap, values: Sequence[Any]) -> list[Wire] | None:
    definition = fields.definition
    if fields.absent or fields.patterns:
        return None
    kinds = set(map(type, values))
    if definition.type == "text" and kinds <= {str} and not _any_absent(values):
        return [value.strip() or None for value in values]
    if definition.type == "identifiers" and kinds <= {str} and fields.issuer and not fields.separator:
        issuer = fields.issuer
        if not _any_absent(values):
            return [[{"issuer": issuer, "value": text}] if (text := value.strip()) else None for value in values]
    if definition.type == "measured" and kinds <= {float} and fields.unit and fields.accuracy is None:
        unit, datum = fields.unit, fields.datum
        if np.isfinite(np.asarray(values, dtype=np.float64)).all():
            if datum is None:
                return [{"value": value, "unit": unit} for value in values]
            return [{"value": value, "unit": unit, "datum": datum} for value in values]
    return None


def _any_absent(values: Sequence[str]) -> bool:
    return any(value.startswith("absent:") for value in values)


def _finding(row: int, fault: Unfit, fields: FieldMap) -> CheckResult:
    definition: FieldDefinition = fields.definition
    severity = Severity.BLOCKING if definition.required else Severity.WARNING
    value = None if definition.personal else short(fault.value)
    columns = ", ".join(fields.all_columns())
    if fault.list_name is not None:
        detail = {"column": columns, "wanted": fault.list_name, "near": list(fault.near)}
        return CheckResult("check.unknown_code", severity, row, fields.name, value, detail)
    detail = {"column": columns, "type": definition.type}
    code = "check.formula_cell" if type(fault.value) is Formula else "check.unreadable_value"
    return CheckResult(code, severity, row, fields.name, value, detail)


def _report_unmapped(table: Table, maps: Sequence[FieldMap], profile: Profile | None, taken: Sequence[str]) -> None:
    used = {column for fields in maps for column in fields.all_columns()} | set(taken)
    meant = set(profile.raw_only) if profile is not None else set()
    unmapped = [name for name in table.columns if name not in used and name not in meant]
    if unmapped:
        table.results.append(advice("check.unmapped_column", columns=", ".join(unmapped), count=len(unmapped)))
