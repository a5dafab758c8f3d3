"""Writing files whose bytes depend on their content only: no clock, no user name, no machine in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.synth.cells import Cells
from fallow.synth.wire import REMARK

# What formats write as "last changed". The land has no clock of its own.
_STAMP = "2026-07-01T00:00:00.000Z"
_DAY = _STAMP[:10]


@contextmanager
def _fixed_clock() -> Iterator[None]:
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_layer(
    path: Path, layer: str, columns: dict[str, Cells], shapes: Shapes | None, crs: str = "EPSG:4326"
) -> None:
    """Write one layer of a GeoPackage, beside the layers that are there; without shapes it is a plain table."""
    from pyogrio import raw

    geometry = None if shapes is None else shapely.to_wkb(shapes, byte_order=1)
    place: dict[str, Any] = {"geometry_type": None} if shapes is None else {"geometry_type": "Unknown", "crs": crs}
    with _fixed_clock():
        raw.write(
            path,
            geometry,
            list(columns.values()),
            list(columns),
            layer=layer,
            driver="GPKG",
            append=path.exists(),
            layer_options={"SPATIAL_INDEX": "NO", "DESCRIPTION": REMARK},
            **place,
        )


def write_shapefile(path: Path, columns: dict[str, Cells], shapes: Shapes) -> None:
    """Write a point shapefile in WGS 84 without the file that would name the system."""
    from pyogrio import raw

    with _fixed_clock():
        raw.write(
            path,
            shapely.to_wkb(shapes, byte_order=1),
            list(columns.values()),
            list(columns),
            driver="ESRI Shapefile",
            geometry_type="Point",
            crs="EPSG:4326",
            encoding="UTF-8",
            layer_options={"DBF_DATE_LAST_UPDATE": _DAY},
        )
    path.with_suffix(".prj").unlink()


def write_geojson(path: Path, properties: Sequence[dict[str, Any]], shapes: Shapes) -> None:
    """Write features one a line; coordinates as they are in ``shapes``, in whatever order that is."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": entry, "geometry": json.loads(shapely.to_geojson(shape))},
            ensure_ascii=False,
        )
        for entry, shape in zip(properties, shapes, strict=True)
    ]
    head = f'{{"type": "FeatureCollection", "remark": {json.dumps(REMARK)}, "features": [\n'
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def write_text_table(
    path: Path, head: Sequence[str], rows: Sequence[Sequence[str]], *, sign: str, encoding: str
) -> None:
    """Write a text table with ``sign`` between cells, cells with the sign in quotation marks."""
    import csv

    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=sign, lineterminator="\r\n")
        writer.writerow(head)
        writer.writerows(rows)


def write_workbook(path: Path, sheet: str, rows: Sequence[Sequence[Any]]) -> None:
    """Write a sheet; days become cells with a date format."""
    import datetime as dt

    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    book.set_properties({"created": dt.datetime.fromisoformat(_DAY), "author": "SYNTHETIC", "comments": REMARK})
    dated = book.add_format({"num_format": "dd.mm.yyyy"})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, dt.date):
                page.write_datetime(number, column, dt.datetime(cell.year, cell.month, cell.day), dated)  # noqa: DTZ001
            elif cell is not None:
                page.write(number, column, cell)
    book.close()


def texts(values: Sequence[Any]) -> Cells:
    """Return a column of text cells; None stays None."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = [None if value is None else str(value) for value in values]
    return cells
