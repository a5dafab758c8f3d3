"""One record typed by hand: a filled template, or field and value pairs from a command."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from fallow.errors import Where
from fallow.exchange.errors import RecordMissing, Unreadable
from fallow.exchange.guards import checked, sha256_of
from fallow.exchange.mapping import ATTRIBUTES, identity_maps, mapped
from fallow.exchange.reader import batch_of
from fallow.exchange.shapes import UNREADABLE, BrokenShape, from_wkt
from fallow.exchange.tables import Column, Table, object_array, short
from fallow.records.batch import Batch, Severity, SourceFile
from fallow.records.errors import UnknownField
from fallow.terms.definitions import RecordDefinition, record_definitions

# A record typed by hand is small; what is larger is some other JSON.
_LARGEST = 16 * 1024**2
_KEYS = {"record", "form_version", "crs", "geometry", "values"}
_FEATURES = {"Feature", "FeatureCollection", "Topology"}
GEOMETRY = "geometry"


def is_typed(path: Path) -> bool:
    """Tell whether a JSON file is a filled template and not a layer of features."""
    if path.stat().st_size > _LARGEST:
        return False
    try:
        document = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return False
    return isinstance(document, dict) and "values" in document and document.get("type") not in _FEATURES


def read_typed(
    path: str | Path, *, record: str | None = None, crs: str | None = None, operation: str | None = None
) -> Batch:
    """Read a filled template: TOML or JSON of one record, or CSV or XLSX whose columns are called like the fields.

    Args:
        path: the file.
        record: record type; None: the one that the template names.
        crs: reference system of the outline; None: the one that the template names.
        operation: EPSG code of an operation to WGS 84 that was accepted on purpose.

    Raises:
        Unreadable: it is no TOML or JSON, or has parts that a template does not have.
        RecordMissing: nobody says which record it is.
        UnknownField: a value is given for a field that the record does not have.
        ExchangeError, UnknownSystem, NoOperation: see :func:`fallow.exchange.read`.
    """
    file = Path(path)
    kind = file.suffix.lower()
    if kind == ".json":
        checked(file)
    if kind != ".toml" and not (kind == ".json" and is_typed(file)):
        from fallow.exchange.reader import read

        return read(file, record=record, crs=crs, operation=operation)
    size = checked(file)
    document = _document(file)
    source = SourceFile(file.name, sha256_of(file), size, encoding="utf-8")
    name = record or document.get("record")
    if record is not None and document.get("record") not in (None, "", record):
        raise RecordMissing(
            Where(file=file.name, value=str(document["record"])), record=document["record"], known=record
        )
    values = dict(document.get("values", {}))
    outline = document.get(GEOMETRY) or values.pop(GEOMETRY, None)
    system = values.pop(f"{GEOMETRY}.crs", None) or document.get("crs") or None
    return _batch(_definition(name, file.name), values, outline, source, crs=crs, stated=system, operation=operation)


def typed_batch(
    record: str,
    values: Mapping[str, Any],
    *,
    wkt: str | None = None,
    crs: str | None = None,
    partial: bool = False,
    operation: str | None = None,
) -> Batch:
    """Make a batch of one record from field and value pairs.

    Args:
        record: record type.
        values: field → text as a person types it, or a wire value; ``depth.datum`` and the like give a part of one.
        wkt: the outline.
        crs: the reference system of the outline.
        partial: the values are a change to a record and not a whole one: each of them has to be readable.
        operation: EPSG code of an operation to WGS 84 that was accepted on purpose.

    Raises:
        RecordMissing: there is no such record type.
        UnknownField: the record has no such field.
        SystemMissing: an outline without a reference system.
        UnknownSystem, NoOperation: see :func:`fallow.geodesy.transform_shapes`.
    """
    given = dict(values)
    outline = wkt or given.pop(GEOMETRY, None)
    content = orjson.dumps([record, given, outline, crs], option=orjson.OPT_SORT_KEYS, default=str)
    source = SourceFile("typed", hashlib.sha256(content).hexdigest(), len(content), encoding="utf-8")
    batch = _batch(_definition(record, "typed"), given, outline, source, crs=crs, operation=operation)
    if partial:
        batch.results = [
            replace(one, severity=Severity.BLOCKING) if one.severity is Severity.WARNING else one
            for one in batch.results
        ]
    return batch


def _document(file: Path) -> dict[str, Any]:
    where = Where(file=str(file))
    try:
        content = file.read_bytes()
        document = tomllib.loads(content.decode("utf-8-sig")) if file.suffix == ".toml" else orjson.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(where, reason=str(error).splitlines()[0][:200]) from None
    except OSError as error:
        raise Unreadable(where, reason=type(error).__name__) from None
    if not isinstance(document, dict) or not isinstance(document.get("values", {}), dict):
        raise Unreadable(where, reason="values")
    for key in document:
        if key not in _KEYS:
            raise Unreadable(Where(file=str(file), field=key), reason=key)
    return document


def _definition(record: Any, file: str) -> RecordDefinition:
    known = record_definitions()
    if not isinstance(record, str) or record not in known:
        raise RecordMissing(
            Where(file=file, value=None if record is None else str(record)), record=record, known=", ".join(known)
        )
    return known[record]


def _batch(
    definition: RecordDefinition,
    values: Mapping[str, Any],
    outline: Any,
    source: SourceFile,
    *,
    crs: str | None,
    stated: str | None = None,
    operation: str | None = None,
) -> Batch:
    for name in values:
        field, _, part = name.partition(".")
        if field not in definition.fields or (part and part not in ATTRIBUTES):
            raise UnknownField(Where(file=source.name, field=name), record=definition.name, field=name)
    raw = {name: _json(value) for name, value in values.items()}
    table = Table({name: Column([value]) for name, value in raw.items()}, np.array([1], dtype=np.int64), crs=stated)
    broken: list[BrokenShape] = []
    if outline not in (None, ""):
        table.columns[GEOMETRY] = Column([_json(outline)])
        broken = _outline(table, outline)
    columns = mapped(table, identity_maps(definition, list(raw)), None, source.name, (GEOMETRY,))
    return batch_of(table, broken, columns, definition, source, crs=crs, operation=operation)


def _outline(table: Table, outline: Any) -> list[BrokenShape]:
    if isinstance(outline, dict):
        import shapely

        shape = shapely.from_geojson(orjson.dumps(outline), on_invalid="ignore")
        table.shapes = object_array([shape])
        return [BrokenShape(0, UNREADABLE, short(outline))] if shape is None else []
    table.shapes, broken, srid = from_wkt(Column([outline]))
    table.crs = table.crs or srid
    return broken


def _json(value: Any) -> Any:
    """Return a value of TOML as a JSON value: dates as ISO text."""
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json(part) for part in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
