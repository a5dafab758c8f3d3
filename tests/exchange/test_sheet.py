from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely
import xlsxwriter

from fallow.exchange import Profile, read
from fallow.exchange.errors import TooLarge, TooManyRows, UnknownLayer, Unreadable
from fallow.records.batch import Severity
from fallow.settings import settings


def book(path: Path, **sheets: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path) as target:
        day = target.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            page = target.add_worksheet(name)
            for line, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, dt.date):
                        page.write_datetime(line, column, dt.datetime.combine(value, dt.time()), day)
                    elif value is not None:
                        page.write(line, column, value)
    return path


def test_a_sheet_is_read_with_its_own_row_numbers(tmp_path: Path) -> None:
    rows = [
        ["name", "classification", "event_date", "reported_area", "lon", "lat"],
        ["а", "SHA", dt.date(2024, 3, 1), 1250.5, 36.2, 50],
        [],
        ["б", "cha", "03.2023", "12 ha", 36.3, 50.1],
    ]
    got = read(book(tmp_path / "a.xlsx", areas=rows), record="hazardous_area", crs="EPSG:4326")
    assert got.rows.tolist() == [2, 4]
    assert got.source.layer == "areas"
    assert got.columns["classification"] == ["sha", "cha"]
    assert got.columns["event_date"][0]["from"] == "2024-03-01"
    assert got.columns["event_date"][1]["precision"] == "month"
    assert got.columns["reported_area"] == [
        {"value": 1250.5, "unit": "m2"},
        {"value": 12.0, "unit": "ha", "typed": "12 ha"},
    ]
    assert shapely.get_coordinates(got.geometry).tolist() == [[36.2, 50], [36.3, 50.1]]
    assert got.raw["event_date"] == ["2024-03-01", "03.2023"]
    assert [one.code for one in got.results] == ["check.blank_rows"]


def test_titles_above_the_headings(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", areas=[["Register of areas"], [], ["Nr", "Статус"], ["7", "SHA"]])
    (tmp_path / "p.toml").write_text(
        'name = "p"\nversion = 1\nrecord = "hazardous_area"\n[reader]\nheader = 3\nsheet = "areas"\n'
        '[fields.identifiers]\ncolumn = "Nr"\nissuer = "op"\n[fields.classification]\ncolumn = "Статус"\n',
        encoding="utf-8",
    )
    got = read(path, profile=Profile.load(tmp_path / "p.toml"))
    assert got.rows.tolist() == [4]
    assert got.columns["identifiers"] == [[{"issuer": "op", "value": "7"}]]


def test_formulas_are_never_worked_out(tmp_path: Path) -> None:
    rows = [
        ["name", "classification", "reported_area", "other"],
        ["=1+1", "=A1", "=SUM(A1:A9)", "=HYPERLINK(1)"],
        ["b", "sha", 5, 6],
    ]
    got = read(book(tmp_path / "a.xlsx", areas=rows), record="hazardous_area")
    assert got.columns["classification"] == [None, "sha"]
    assert got.columns["reported_area"][0] is None
    found = {(one.field, one.severity) for one in got.results if one.code == "check.formula_cell"}
    assert found == {
        ("name", Severity.WARNING),
        ("classification", Severity.BLOCKING),
        ("reported_area", Severity.WARNING),
    }
    assert [got.raw[name][0] for name in got.raw] == ["=1+1", "=A1", "=SUM(A1:A9)", "=HYPERLINK(1)"]
    assert all(type(value) in (str, int, float) for column in got.raw.values() for value in column)


def test_sheets_are_never_chosen_by_chance(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", one=[["title"], ["a"]], two=[["title"], ["b"]])
    for wanted in (None, "three"):
        with pytest.raises(UnknownLayer) as caught:
            read(path, record="document", layer=wanted)
        assert caught.value.values["known"] == "one, two"
    assert read(path, record="document", layer="two").columns["title"] == ["b"]


def test_cells_beyond_the_headings_are_kept_as_unread(tmp_path: Path) -> None:
    got = read(book(tmp_path / "a.xlsx", one=[["title"], ["a"], ["b", "c"]]), record="document")
    assert got.columns["title"] == ["a"]
    assert got.unread == [(3, "b; c", "check.row_length")]


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK nothing")
    with pytest.raises(Unreadable):
        read(path, record="document")
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.txt", "a")
    with pytest.raises(Unreadable):
        read(path, record="document")
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("[Content_Types].xml", "<a/>")
        target.writestr("xl/workbook.xml", "<a>")
    with pytest.raises(Unreadable):
        read(path, record="document")
    whole = book(tmp_path / "b.xlsx", one=[["title"], *([f"t{row}"] for row in range(500))]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable):
        read(path, record="document")
    book(tmp_path / "c.xlsx", one=[])
    with pytest.raises(Unreadable):
        read(tmp_path / "c.xlsx", record="document")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_and_entities_are_refused(tmp_path: Path, encoding: str) -> None:
    good = book(tmp_path / "a.xlsx", one=[["title"], ["a"]])
    bad = tmp_path / "b.xlsx"
    attack = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for entry in source.namelist():
            content = attack.encode(encoding) if entry == "xl/sharedStrings.xml" else source.read(entry)
            target.writestr(entry, content)
    with pytest.raises(Unreadable) as caught:
        read(bad, record="document")
    assert caught.value.values["reason"] == "DOCTYPE"


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", "<a/>")
        target.writestr("xl/worksheets/sheet1.xml", b" " * (80 * 1024**2))
    with pytest.raises(TooLarge):
        read(path, record="document")


def test_the_bound_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "a.xlsx", one=[["title"], ["a"], ["b"], ["c"]])
    monkeypatch.setenv("FALLOW_MAX_ROWS", "2")
    settings.cache_clear()
    with pytest.raises(TooManyRows):
        read(path, record="document")
