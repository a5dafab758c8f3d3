"""Records out: GeoPackage, GeoJSON and CSV with ids and codes kept, and what the rows are said with them.

Every file carries the date for which it holds, what the register had accepted by then, its sensitivity, and the
numbers of rows that it cannot show. Restricted and personal fields stay behind unless they are asked for.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely

from fallow import __version__
from fallow.errors import Where
from fallow.exchange.cells import cell_columns
from fallow.exchange.errors import OutputExists, RecordMissing, UnknownFormat
from fallow.exchange.guards import guarded
from fallow.exchange.tables import object_array
from fallow.geodesy.systems import WGS84
from fallow.records.batch import Shapes
from fallow.records.values import Wire
from fallow.terms.definitions import SENSITIVITIES, RecordDefinition, record_definitions

if TYPE_CHECKING:
    from fallow.records.snapshot import Snapshot

KINDS = ("gpkg", "geojson", "csv")
SHOWN = ("public", "operational")
Labels = Mapping[str, Any]


def write_snapshot(
    snapshot: Snapshot,
    path: str | Path,
    *,
    kind: str | None = None,
    records: Sequence[str] | None = None,
    sensitivity: Sequence[str] = SHOWN,
) -> list[Path]:
    """Write records of a snapshot.

    Args:
        snapshot: the register at one date of both times.
        path: the file; for GeoJSON and CSV of several records a folder, with one file each.
        kind: ``gpkg``, ``geojson`` or ``csv``; None: by the ending of ``path``.
        records: record types; None: all of which there are rows.
        sensitivity: classes of fields that are written.

    Returns:
        The files written.

    Raises:
        UnknownFormat: no such kind.
        OutputExists: a file is there already.
        RecordMissing: no such record type.
    """
    target = Path(path)
    chosen = _kind(kind or target.suffix.lstrip(".").lower(), target)
    names = list(snapshot.records() if records is None else records)
    definitions = record_definitions()
    for name in names:
        if name not in definitions:
            raise RecordMissing(Where(value=name), record=name, known=", ".join(definitions))
    labels = {
        "register": snapshot.register_id,
        "true": snapshot.true.isoformat() if snapshot.true else None,
        "known_seq": snapshot.known_seq,
        "known_at": snapshot.known_at.isoformat() if snapshot.known_at else None,
        "synthetic": snapshot.synthetic,
        "held": len(snapshot.held),
        "unverified": {name: len(rows) for name, rows in snapshot.unverified.items()},
    }
    layers = [(definitions[name], snapshot.ids(name), snapshot.rows(name), snapshot.shapes(name)) for name in names]
    if chosen == "gpkg":
        _placed(target, lambda spot: _geopackage(spot, layers, labels, sensitivity))
        return [target]
    if target.suffix:
        files = [target]
        if len(layers) != 1:
            raise UnknownFormat(Where(file=str(target)), ending=target.suffix, known="folder")
    else:
        target.mkdir(parents=True, exist_ok=True)
        files = [target / f"{name}.{chosen}" for name in names]
    for file, layer in zip(files, layers, strict=True):
        _write_one(file, chosen, layer, labels, sensitivity)
    return files


def write_records(
    path: str | Path,
    record: str,
    ids: Sequence[str],
    rows: Sequence[Mapping[str, Wire]],
    shapes: Shapes | None = None,
    *,
    kind: str | None = None,
    labels: Labels | None = None,
    sensitivity: Sequence[str] = SHOWN,
) -> Path:
    """Write rows of one record type.

    Args:
        path: the file.
        record: record type.
        ids: UUIDs of the entities.
        rows: wire states.
        shapes: (n,) shapes in WGS 84, longitude first; None entries where there is none.
        kind: ``gpkg``, ``geojson`` or ``csv``; None: by the ending of ``path``.
        labels: what is said of the file as a whole (dates, register, whether it is synthetic).
        sensitivity: classes of fields that are written.

    Raises:
        UnknownFormat, OutputExists, RecordMissing: see :func:`write_snapshot`.
    """
    target = Path(path)
    chosen = _kind(kind or target.suffix.lstrip(".").lower(), target)
    definitions = record_definitions()
    if record not in definitions:
        raise RecordMissing(Where(value=record), record=record, known=", ".join(definitions))
    placed = object_array([None] * len(ids)) if shapes is None else shapes
    layer = (definitions[record], list(ids), list(rows), placed)
    if chosen == "gpkg":
        _placed(target, lambda spot: _geopackage(spot, [layer], labels or {}, sensitivity))
    else:
        _write_one(target, chosen, layer, labels or {}, sensitivity)
    return target


Layer = tuple[RecordDefinition, Sequence[str], Sequence[Mapping[str, Wire]], Shapes]


def _kind(kind: str, path: Path) -> str:
    if kind not in KINDS:
        raise UnknownFormat(Where(file=str(path)), ending=kind, known=", ".join(KINDS))
    return kind


def _write_one(path: Path, kind: str, layer: Layer, labels: Labels, sensitivity: Sequence[str]) -> None:
    write = _geojson if kind == "geojson" else _csv
    _placed(path, lambda spot: spot.write_bytes(write(layer, labels, sensitivity)))


def _placed(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the target first: a file that is there is whole."""
    if path.exists():
        raise OutputExists(Where(file=str(path)))
    with tempfile.TemporaryDirectory(prefix=".fallow-", dir=path.parent) as folder:
        spot = Path(folder, path.name)
        write(spot)
        os.replace(spot, path)  # noqa: PTH105 (one call, whole or not at all)


def _columns(layer: Layer, sensitivity: Sequence[str]) -> dict[str, list[Any]]:
    """Return the columns of a layer: ``id`` first, then every shown field of which a row says anything."""
    definition, ids, rows, _ = layer
    columns: dict[str, list[Any]] = {"id": list(ids)}
    for name, field in definition.fields.items():
        if field.type == "geometry" or field.sensitivity not in sensitivity:
            continue
        column = [row.get(name) for row in rows]
        if any(value is not None for value in column):
            columns |= cell_columns(field, column)
    return columns


def _said(layer: Layer, labels: Labels, sensitivity: Sequence[str]) -> dict[str, Any]:
    definition, ids, _, shapes = layer
    shown = [name for name in SENSITIVITIES if name in sensitivity]
    return {
        **labels,
        "record": definition.name,
        "form_version": definition.version,
        "rows": len(ids),
        "without_geometry": int(shapely.is_missing(shapes).sum()) if len(ids) else 0,
        "sensitivity": shown[-1] if shown else None,
        "fallow": __version__,
    }


def _geopackage(path: Path, layers: Sequence[Layer], labels: Labels, sensitivity: Sequence[str]) -> None:
    import pyarrow as pa
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    # The format notes when a layer was changed; the register's own time makes equal content equal bytes.
    stamp = str(labels.get("known_at") or "2000-01-01T00:00:00")[:19] + ".000Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        for layer in layers:
            definition, _, _, shapes = layer
            columns: dict[str, Any] = {name: _arrow(values) for name, values in _columns(layer, sensitivity).items()}
            said = {name: _text(value) for name, value in _said(layer, labels, sensitivity).items()}
            spatial = definition.geometry != "none"
            place: dict[str, Any] = {"geometry_type": None}
            if spatial:
                wkb = shapely.to_wkb(shapes, output_dimension=2, byte_order=1)
                columns["geometry"] = pa.array(list(wkb), type=pa.binary())
                place = {"geometry_name": "geometry", "geometry_type": "Unknown", "crs": WGS84}
            pyogrio.write_arrow(
                pa.table(columns),
                path,
                layer=definition.name,
                driver="GPKG",
                append=path.exists(),
                layer_metadata=said,
                **place,
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _arrow(values: Sequence[Any]) -> Any:
    import pyarrow as pa

    for kind, arrow in ((bool, pa.bool_()), (int, pa.int64()), (float, pa.float64())):
        if values and all(type(value) is kind for value in values):
            return pa.array(values, type=arrow)
    return pa.array([None if value is None else _text(value) for value in values], type=pa.string())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode("utf-8")


def _geojson(layer: Layer, labels: Labels, sensitivity: Sequence[str]) -> bytes:
    columns = _columns(layer, sensitivity)
    outlines = shapely.to_geojson(layer[3])
    lines = []
    for row in range(len(layer[1])):
        properties = {name: values[row] for name, values in columns.items() if values[row] is not None}
        outline = outlines[row]
        feature = {
            "type": "Feature",
            "properties": properties,
            "geometry": orjson.Fragment(outline) if outline is not None else None,
        }
        lines.append(orjson.dumps(feature))
    said = orjson.dumps(_said(layer, labels, sensitivity))
    head = b'{"type":"FeatureCollection","fallow":' + said + b',"features":[\n'
    return head + b",\n".join(lines) + b"\n]}\n"


def _csv(layer: Layer, labels: Labels, sensitivity: Sequence[str]) -> bytes:
    columns = _columns(layer, sensitivity)
    if layer[0].geometry != "none":
        wkt = shapely.to_wkt(layer[3], rounding_precision=-1)
        columns["geometry"] = list(wkt)
        columns["geometry.crs"] = [None if text is None else WGS84 for text in wkt]
    said = _said(layer, labels, sensitivity)
    # A text file has no place for what holds of it as a whole, so every row says it.
    for name in ("true", "known_seq", "synthetic", "sensitivity"):
        if name not in columns and said.get(name) is not None:
            columns[f"fallow.{name}"] = [said[name]] * len(layer[1])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return guarded(value) if isinstance(value, str) else value
