from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import orjson
import pytest
import shapely

from fallow.exchange import read, read_typed, template, typed_batch
from fallow.exchange.errors import NotFound, ProfileValue, RecordMissing, SystemMissing, UnknownFormat, Unreadable
from fallow.exchange.templates import headings
from fallow.records.batch import Severity
from fallow.records.errors import UnknownField
from fallow.terms import label
from fallow.terms.definitions import RECORD_NAMES, record_definitions

FILLED = """record = "release_product"
form_version = 1
crs = "EPSG:28992"
[values]
kind = "cleared"
contamination = ["ap_mine"]
geometry = "POLYGON ((121687 487484, 121787 487484, 121787 487584, 121687 487484))"
depth = "0,2 m"
"depth.datum" = "ground_surface"
decided = 2024-03-01
remarks = ""
[values.quantity]
value = 5000
unit = "m2"
"""


def test_a_filled_template_becomes_one_row(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(FILLED, encoding="utf-8")
    for got in (read_typed(path), read(path)):
        assert got.record == "release_product"
        assert got.rows.tolist() == [1]
        assert got.results == []
        assert got.columns["depth"] == [{"value": 0.2, "unit": "m", "typed": "0,2 m", "datum": "ground_surface"}]
        assert got.columns["quantity"] == [{"value": 5000, "unit": "m2"}]
        assert got.columns["decided"][0]["from"] == "2024-03-01"
        assert got.columns["remarks"] == [None]
        assert (got.source.crs, got.source.crs_from) == ("EPSG:28992", "file")
        assert 4.8 < shapely.total_bounds(got.geometry)[0] < 5
    with pytest.raises(RecordMissing):
        read_typed(path, record="evidence")
    with pytest.raises(ProfileValue):
        read(path, profile="amsterdam_released")


def test_json_and_geojson_outlines(tmp_path: Path) -> None:
    outline = {"type": "Point", "coordinates": [36.2, 50.1]}
    document = {"record": "item_found", "crs": "EPSG:4326", "values": {"count": "3-5", "geometry": outline}}
    path = tmp_path / "a.json"
    path.write_bytes(orjson.dumps(document))
    got = read(path)
    assert got.columns["count"] == [{"low": 3, "high": 5, "typed": "3-5"}]
    assert shapely.get_coordinates(got.geometry).tolist() == [[36.2, 50.1]]
    document["values"]["geometry"] = {"type": "Point", "coordinates": "here"}
    path.write_bytes(orjson.dumps(document))
    held = read(path)
    assert [(one.code, one.severity) for one in held.results] == [("check.unreadable_geometry", Severity.BLOCKING)]


def test_layers_of_features_are_not_taken_for_templates(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    feature = {"type": "Feature", "properties": {"name": "a", "values": 1}, "geometry": None}
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": [feature]}))
    got = read(path, record="place")
    assert got.columns["name"] == ["a"]


@pytest.mark.parametrize("content", ["= =", "[values\n", "values = 1\n", 'colour = "red"\n[values]\n', "\x00"])
def test_what_is_no_template_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((Unreadable, RecordMissing)):
        read_typed(path)
    with pytest.raises(NotFound):
        read_typed(tmp_path / "b.toml")


def test_nobody_is_believed_about_an_outline_without_a_system() -> None:
    with pytest.raises(SystemMissing):
        typed_batch("hazardous_area", {"classification": "sha"}, wkt="POINT (36 50)")


def test_field_and_value_pairs() -> None:
    got = typed_batch(
        "hazardous_area", {"classification": "SHA", "event_date": "spring"}, wkt="POINT (36 50)", crs="4326"
    )
    assert got.columns["classification"] == ["sha"]
    assert [(one.code, one.severity) for one in got.results] == [("check.unreadable_value", Severity.WARNING)]
    assert got.raw["event_date"] == ["spring"]
    change = typed_batch("hazardous_area", {"event_date": "spring"}, partial=True)
    assert [one.severity for one in change.results] == [Severity.BLOCKING]
    for wrong in ("colour", "name.colour"):
        with pytest.raises(UnknownField):
            typed_batch("hazardous_area", {wrong: "red"})
    with pytest.raises(RecordMissing):
        typed_batch("minefield", {})


def test_a_personal_value_never_stands_in_a_finding() -> None:
    got = typed_batch("hazardous_area", {"informant": {"a": 1}})
    assert [one.value for one in got.results] == [None]


@pytest.mark.parametrize("record", RECORD_NAMES)
@pytest.mark.parametrize("lang", ["en", "uk"])
def test_blank_templates_read_back_as_nothing(tmp_path: Path, record: str, lang: str) -> None:
    definition = record_definitions()[record]
    table = template(record, "csv", lang)
    assert next(csv.reader(io.StringIO(table.decode("utf-8-sig")))) == headings(definition)
    path = tmp_path / "a.csv"
    path.write_bytes(table)
    empty = read(path, record=record)
    assert len(empty) == 0
    assert not [one for one in empty.results if one.code == "check.unmapped_column"]
    path = tmp_path / "a.toml"
    path.write_bytes(template(record, "toml", lang))
    got = read_typed(path)
    assert got.record == record
    assert all(column == [None] for column in got.columns.values())
    assert got.results == []
    sheet = template(record, "xlsx", lang)
    assert sheet == template(record, "xlsx", lang)  # equal content, equal bytes
    path = tmp_path / "a.xlsx"
    path.write_bytes(sheet)
    assert len(read(path, record=record)) == 0


def test_a_workbook_explains_its_fields_and_codes(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template("hazardous_area", "xlsx", "uk")))
    assert book.sheetnames == ["hazardous_area", "fields", "codes"]
    codes = {(row[0].value, row[1].value): row[2].value for row in book["codes"].iter_rows(min_row=2)}
    assert codes["classification", "sha"] == label("classification", "sha", "uk")
    assert ("depth_datum", "national_datum") in codes
    fields = [row[0].value for row in book["fields"].iter_rows(min_row=2)]
    assert "classification" in fields
    assert "record_status" not in fields
    assert len(book["hazardous_area"].data_validations.dataValidation) > 5


def test_a_filled_workbook_and_table_are_read(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template("hazardous_area", "xlsx")))
    page = book["hazardous_area"]
    columns = {cell.value: cell.column for cell in page[1]}
    filled = {
        "classification": "cha",
        "contamination": "ap_mine",
        "geometry": "POINT (36 50)",
        "geometry.crs": "EPSG:4326",
    }
    for name, value in filled.items():
        page.cell(2, columns[name], value)
    book.save(tmp_path / "a.xlsx")
    got = read_typed(tmp_path / "a.xlsx", record="hazardous_area")
    assert got.columns["classification"] == ["cha"]
    assert got.source.crs == "EPSG:4326"
    assert not [one for one in got.results if one.severity is not Severity.ADVICE]


def test_unknown_records_and_kinds() -> None:
    with pytest.raises(RecordMissing):
        template("minefield")
    with pytest.raises(UnknownFormat):
        template("place", "docx")


@pytest.mark.parametrize(
    ("text", "value", "unit"), [("9877 m2", 9877.0, "m2"), ("1.2 km2", 1.2, "km2"), ("3 m²", 3.0, "m2")]
)
def test_square_units_are_read_as_they_are_typed(text: str, value: float, unit: str) -> None:
    batch = typed_batch("hazardous_area", {"typed_area": text}, partial=True)
    read = batch.columns["typed_area"][0]
    assert isinstance(read, dict)
    assert (read["value"], read["unit"]) == (value, unit)
