from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from fallow.exchange import Profile, read
from fallow.exchange.errors import (
    NotFound,
    SystemContradicts,
    SystemMissing,
    TooManyRows,
    UnknownLayer,
    Unreadable,
)
from fallow.records.batch import Severity
from fallow.settings import settings


def layer(
    path: Path, shapes: np.ndarray, *, crs: str | None = "EPSG:4326", called: str = "areas", **columns: list
) -> Path:
    count = len(shapes)
    columns = columns or {"name": [f"a{row}" for row in range(count)], "classification": ["sha"] * count}
    table = pa.table({**columns, "geometry": pa.array(list(shapely.to_wkb(shapes)), type=pa.binary())})
    options = {} if path.suffix == ".shp" else {"layer": called}
    kind = "Unknown" if path.suffix == ".gpkg" else "Polygon"
    if path.suffix == ".fgb":
        options["SPATIAL_INDEX"] = "NO"  # the index of this format puts the features in another order
    pyogrio.write_arrow(
        table, path, geometry_name="geometry", geometry_type=kind, crs=crs, append=path.exists(), **options
    )
    return path


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp", ".fgb"])
def test_the_vector_formats_give_the_same_rows(tmp_path: Path, squares: np.ndarray, ending: str) -> None:
    columns = {"name": ["а", "б", "в"], "remarks": ["x", None, "z"], "other": [1.5, 2.5, 3.5]}
    got = read(layer(tmp_path / f"a{ending}", squares, **columns), record="hazardous_area")
    assert got.columns["name"] == ["а", "б", "в"]
    assert got.columns["remarks"] == ["x", None, "z"]
    assert got.raw["other"] == [1.5, 2.5, 3.5]
    assert got.rows.tolist() == [1, 2, 3]
    assert (got.source.crs, got.source.crs_from) == ("EPSG:4326", "file")
    assert shapely.equals_exact(shapely.normalize(got.geometry), shapely.normalize(squares), 1e-9).all()
    assert got.surveyed is got.geometry
    assert got.operation is not None
    assert got.operation.name == "none"


def test_a_zipped_shapefile_is_read_where_it_lies(tmp_path: Path, squares: np.ndarray) -> None:
    layer(tmp_path / "a.shp", squares, name=["a", "b", "c"])
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for part in tmp_path.glob("a.[sdpc]*"):
            target.write(part, f"../deep/er/{part.name}")
    got = read(archive, record="hazardous_area")
    assert got.columns["name"] == ["a", "b", "c"]
    assert got.source.name == "a.zip"
    with zipfile.ZipFile(archive, "a") as target:
        target.write(tmp_path / "a.shp", "b.shp")
    with pytest.raises(UnknownLayer) as caught:
        read(archive, record="hazardous_area")
    assert caught.value.values["known"] == "a, b"
    assert len(read(archive, record="hazardous_area", layer="a")) == 3


def test_broken_archives_are_refused(tmp_path: Path, squares: np.ndarray) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 this is no archive")
    with pytest.raises(Unreadable):
        read(path, record="hazardous_area")
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("readme.txt", "nothing here")
    with pytest.raises(Unreadable):
        read(path, record="hazardous_area")
    layer(tmp_path / "b.shp", squares)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in tmp_path.glob("b.[sdpc]*"):
            target.write(part, part.name)
    whole = path.read_bytes()
    for cut in (len(whole) // 3, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:cut])
        with pytest.raises(Unreadable):
            read(path, record="hazardous_area")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    from fallow.exchange.errors import TooLarge

    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a.shp", b"\0" * (64 * 1024**2))
    with pytest.raises(TooLarge):
        read(path, record="hazardous_area")
    with zipfile.ZipFile(path, "w") as target:
        for number in range(10_001):
            target.writestr(f"{number}", b"")
    with pytest.raises(TooLarge):
        read(path, record="hazardous_area")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_geopackage_is_refused(tmp_path: Path, squares: np.ndarray, share: float) -> None:
    path = layer(tmp_path / "a.gpkg", np.repeat(squares, 2000))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Unreadable) as caught:
        read(path, record="hazardous_area")
    assert caught.value.where.file is not None


def test_a_geopackage_with_scribbled_pages_never_reads_as_less(tmp_path: Path, squares: np.ndarray) -> None:
    path = layer(tmp_path / "a.gpkg", np.repeat(squares, 2000))
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 40_000] = b"\xaa" * 40_000
    path.write_bytes(bytes(whole))
    try:
        got = read(path, record="hazardous_area")
    except Unreadable:
        return
    assert len(got) == 6000


@pytest.mark.parametrize(
    ("ending", "share"), [(".geojson", 0.5), (".geojson", 0.99), (".shp", 0.7), (".fgb", 0.1), (".fgb", 0.7)]
)
def test_other_truncated_files_are_refused(tmp_path: Path, squares: np.ndarray, ending: str, share: float) -> None:
    path = layer(tmp_path / f"a{ending}", np.repeat(squares, 100))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Unreadable):
        read(path, record="hazardous_area")


@pytest.mark.parametrize("ending", [".dbf", ".shx"])
def test_a_shapefile_without_a_part_is_refused(tmp_path: Path, squares: np.ndarray, ending: str) -> None:
    path = layer(tmp_path / "a.shp", squares)
    path.with_suffix(ending).unlink()
    with pytest.raises(Unreadable) as caught:
        read(path, record="hazardous_area")
    assert f"a{ending}" in caught.value.values["reason"]


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.json", "a.shp", "a.fgb", "a.kml"])
def test_other_content_behind_an_ending_is_never_opened(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n", encoding="utf-8")
    path = tmp_path / name
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{secret}</SrcDataSource>'
        "<SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    for ending in (".shx", ".dbf"):
        path.with_suffix(ending).write_bytes(b"")
    with pytest.raises(Unreadable):
        read(path, record="hazardous_area")


def test_layers_are_never_chosen_by_chance(tmp_path: Path, squares: np.ndarray) -> None:
    path = layer(tmp_path / "a.gpkg", squares, called="one")
    layer(path, squares[:1], called="two")
    for wanted in (None, "three"):
        with pytest.raises(UnknownLayer) as caught:
            read(path, record="hazardous_area", layer=wanted)
        assert caught.value.values["known"] == "one, two"
    assert len(read(path, record="hazardous_area", layer="two")) == 1


def test_a_file_without_a_system_is_refused_and_the_officer_may_state_it(tmp_path: Path, squares: np.ndarray) -> None:
    path = layer(tmp_path / "a.gpkg", squares, crs=None)
    with pytest.raises(SystemMissing) as caught:
        read(path, record="hazardous_area")
    assert caught.value.code == "exchange.crs_missing"
    got = read(path, record="hazardous_area", crs="EPSG:4326")
    assert (got.source.crs, got.source.crs_from) == ("EPSG:4326", "officer")


def test_two_systems_that_contradict_each_other_are_refused(tmp_path: Path, squares: np.ndarray) -> None:
    path = layer(tmp_path / "a.gpkg", squares)
    with pytest.raises(SystemContradicts) as caught:
        read(path, record="hazardous_area", crs="EPSG:4284")
    assert caught.value.values["other"] == "EPSG:4326"
    assert read(path, record="hazardous_area", crs="OGC:CRS84").source.crs_from == "officer"
    text = 'name = "p"\nversion = 1\nrecord = "hazardous_area"\ncrs = "EPSG:4284"\n{}[fields.name]\ncolumn = "name"\n'
    (tmp_path / "p.toml").write_text(text.format(""), encoding="utf-8")
    with pytest.raises(SystemContradicts):
        read(path, profile=tmp_path / "p.toml")
    (tmp_path / "p.toml").write_text(text.format("crs_override = true\n"), encoding="utf-8")
    got = read(path, profile=Profile.load(tmp_path / "p.toml"))
    assert (got.source.crs, got.source.crs_from) == ("EPSG:4284", "profile")
    assert got.surveyed is not got.geometry


def test_a_broken_shape_holds_its_row_and_no_other(tmp_path: Path, squares: np.ndarray) -> None:
    path = layer(tmp_path / "a.gpkg", squares)
    import sqlite3

    with sqlite3.connect(path) as base:
        base.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            base.create_function(name, 1, lambda _: 0.0)
        blob = base.execute("SELECT geom FROM areas WHERE fid = 2").fetchone()
        column = "geom"
        cut = bytes(blob[0])[:-24]
        base.execute(f"UPDATE areas SET {column} = ? WHERE fid = 2", (cut,))
    got = read(path, record="hazardous_area")
    assert len(got) == 3
    found = [(one.index, one.severity) for one in got.results if one.code == "check.unreadable_geometry"]
    assert found == [(1, Severity.BLOCKING)]
    assert [shape is None for shape in got.geometry] == [False, True, False]


def test_heights_are_dropped_with_a_word(tmp_path: Path, squares: np.ndarray) -> None:
    got = read(layer(tmp_path / "a.gpkg", shapely.force_3d(squares, 120.0)), record="hazardous_area")
    assert not shapely.has_z(got.geometry).any()
    assert [one.detail["count"] for one in got.results if one.code == "check.height_dropped"] == [3]


def test_coordinates_without_a_place_hold_their_row(tmp_path: Path, squares: np.ndarray) -> None:
    shapes = np.array(
        [shapely.box(1e12, 1e12, 2e12, 2e12), shapely.box(500000, 5540000, 500100, 5540100)], dtype=object
    )
    got = read(layer(tmp_path / "a.gpkg", shapes, crs="EPSG:32636"), record="hazardous_area")
    assert [(one.code, one.index) for one in got.results if one.severity is Severity.BLOCKING] == [
        ("check.unplaceable_geometry", 0)
    ]
    assert got.geometry[0] is None
    assert got.surveyed[0] is not None
    assert got.geometry[1] is not None


def test_dates_numbers_and_truth_values_arrive_as_json(tmp_path: Path, squares: np.ndarray) -> None:
    import datetime as dt

    noon = dt.datetime(2024, 3, 1, 12, 30, tzinfo=dt.UTC)
    columns = {
        "day": pa.array([dt.date(2024, 3, 1), None, dt.date(2024, 3, 2)]),
        "time": pa.array([noon, None, noon], type=pa.timestamp("ms", "UTC")),
        "synthetic": [True, True, False],
        "number": [1, 2, 3],
        "share": [0.5, float("nan"), float("inf")],
        "blob": [b"\x01", None, b"\xff"],
    }
    got = read(layer(tmp_path / "a.gpkg", squares, **columns), record="hazardous_area")
    assert got.raw["day"] == ["2024-03-01", None, "2024-03-02"]
    assert got.raw["time"][0].startswith("2024-03-01T12:30:00")
    assert got.columns["synthetic"] == [True, True, False]
    assert got.raw["number"] == [1, 2, 3]
    assert got.raw["share"][0] == 0.5
    assert got.raw["share"][2] in ("inf", None)
    assert got.raw["blob"] == ["01", None, "ff"]
    import orjson

    orjson.dumps(got.raw)


def test_more_features_than_one_import_takes(
    tmp_path: Path, squares: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = layer(tmp_path / "a.gpkg", squares)
    monkeypatch.setenv("FALLOW_MAX_ROWS", "2")
    settings.cache_clear()
    with pytest.raises(TooManyRows):
        read(path, record="hazardous_area")
    with pytest.raises(NotFound):
        read(tmp_path / "b.gpkg", record="hazardous_area")


def test_a_layer_of_no_rows_and_a_table_without_shapes(tmp_path: Path, squares: np.ndarray) -> None:
    got = read(layer(tmp_path / "a.gpkg", squares[:0], name=pa.array([], type=pa.string())), record="hazardous_area")
    assert len(got) == 0
    pyogrio.write_arrow(pa.table({"name": ["x", "y"]}), tmp_path / "b.gpkg", layer="organisations", geometry_type=None)
    got = read(tmp_path / "b.gpkg", record="organisation")
    assert got.columns["name"] == ["x", "y"]
    assert got.geometry is None
    assert got.source.crs is None


def test_curved_and_deeply_nested_shapes_are_findings_not_crashes() -> None:
    from fallow.exchange.shapes import from_wkb, from_wkt, too_deep
    from fallow.exchange.tables import Column

    nested = "GEOMETRYCOLLECTION (" * 60_000 + "POINT (1 2)" + ")" * 60_000
    texts = ["POINT (1 2)", "CIRCULARSTRING (0 0, 1 1, 2 0)", nested, None, "POLYGON EMPTY", 7]
    shapes, broken, srid = from_wkt(Column(texts))
    assert [one.row for one in broken] == [1, 2, 5]
    assert srid is None
    assert shapes[0].x == 1
    curve = bytes.fromhex("010800000003000000") + np.array([0, 0, 1, 1, 2, 0], dtype="<f8").tobytes()
    blobs = np.array([shapely.to_wkb(shapely.Point(1, 2)), curve, None], dtype=object)
    shapes, broken = from_wkb(blobs)
    assert shapes[0].x == 1
    assert [one.row for one in broken] == [1]
    assert too_deep(b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 51)


def test_text_that_looks_like_a_date_stays_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"event_date": "1943/07/22"}, '
        '"geometry": {"type": "Point", "coordinates": [36, 50]}}]}',
        encoding="utf-8",
    )
    got = read(path, record="evidence")
    assert got.raw["event_date"] == ["1943/07/22"]
    assert got.columns["event_date"][0]["typed"] == "1943/07/22"


KML = """<?xml version="1.0" encoding="UTF-8"?>{}
<kml xmlns="http://www.opengis.net/kml/2.2"><Document id="areas"><Placemark><name>Поле</name><Polygon><outerBoundaryIs>
<LinearRing><coordinates>36,50,0 36.01,50,0 36.01,50.01,0 36,50,0</coordinates></LinearRing></outerBoundaryIs></Polygon>
</Placemark></Document></kml>
"""


def test_kml_is_read_and_its_entities_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(KML.format(""), encoding="utf-8")
    got = read(path, record="hazardous_area")
    assert "Поле" in {value for column in got.raw.values() for value in column}
    assert got.geometry[0].geom_type == "Polygon"
    path.write_text(KML.format('<!DOCTYPE a [<!ENTITY b "b">]>'), encoding="utf-8")
    with pytest.raises(Unreadable):
        read(path, record="hazardous_area")
    path.write_text(KML.format("")[:-30], encoding="utf-8")
    with pytest.raises(Unreadable):
        read(path, record="hazardous_area")
