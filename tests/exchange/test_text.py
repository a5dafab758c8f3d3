from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from fallow.exchange import Profile, read
from fallow.exchange.errors import (
    EncodingUnknown,
    LineTooLong,
    NotFound,
    NulBytes,
    SystemContradicts,
    TooLarge,
    TooManyRows,
    UnknownFormat,
    Unreadable,
)
from fallow.records.batch import Batch, Severity
from fallow.settings import settings

PROFILE = """name = "p"
version = 1
record = "hazardous_area"
crs = "EPSG:4326"
[fields.identifiers]
column = "Номер"
issuer = "op"
[fields.name]
column = "Назва"
[fields.classification]
column = "Статус"
codes = { "ПНР" = "sha", "Підтверджений" = "cha" }
[fields.typed_area]
column = "Площа"
unit = "ha"
"""
ROWS = "Номер;Назва;Статус;Площа;Довгота;Широта\n7;Поле;ПНР;12,5;36,25;50,1\n8;Яр;Підтверджений;1,250;36,26;50,2\n"


def written(tmp_path: Path, content: bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def profile(tmp_path: Path, text: str = PROFILE) -> Profile:
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    return Profile.load(path)


def codes(batch: Batch) -> list[str]:
    return [one.code for one in batch.results]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le"])
def test_semicolons_decimal_commas_and_the_encodings_of_the_field(tmp_path: Path, encoding: str) -> None:
    content = ROWS.encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    got = read(written(tmp_path, content), profile=profile(tmp_path))
    assert got.columns["name"] == ["Поле", "Яр"]
    assert got.columns["classification"] == ["sha", "cha"]
    # "1,250" has two meanings by itself; beside "12,5" it has one.
    assert [area["value"] for area in got.columns["typed_area"]] == [12.5, 1.25]
    assert shapely.get_coordinates(got.geometry).tolist() == [[36.25, 50.1], [36.26, 50.2]]
    assert got.rows.tolist() == [2, 3]
    guessed = [one for one in got.results if one.code == "check.encoding_guessed"]
    assert len(guessed) == (encoding == "cp1251")
    assert got.source.encoding in {"utf-8", "utf-8-sig", "cp1251", "utf-16"}
    assert got.raw["Площа"] == ["12,5", "1,250"]


def test_western_text_is_told_from_cyrillic_by_its_bytes(tmp_path: Path) -> None:
    got = read(written(tmp_path, "title,remarks\nRésumé,déminé à côté\n".encode("cp1252")), record="document")
    assert got.source.encoding == "cp1252"
    assert got.columns["title"] == ["Résumé"]


def test_a_stated_encoding_is_used_and_a_wrong_one_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS.encode("cp1251"))
    got = read(path, profile=profile(tmp_path, PROFILE + '[reader]\nencoding = "cp1251"\n'))
    assert got.columns["name"] == ["Поле", "Яр"]
    assert "check.encoding_guessed" not in codes(got)
    with pytest.raises(Unreadable):
        read(path, profile=profile(tmp_path, PROFILE + '[reader]\nencoding = "utf-8"\n'))
    with pytest.raises(EncodingUnknown):
        read(path, profile=profile(tmp_path, PROFILE + '[reader]\nencoding = "klingon"\n'))


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, sign: str) -> None:
    lines = [["name", "classification", "geometry"], ["a, b", "sha", "POINT (36 50)"]]
    text = "\r\n".join(sign.join(f'"{cell}"' for cell in line) for line in lines)
    got = read(written(tmp_path, text.encode()), record="hazardous_area", crs="EPSG:4326")
    assert got.columns["name"] == ["a, b"]
    assert got.geometry is not None
    assert got.geometry[0].equals(shapely.Point(36, 50))


def test_rows_are_counted_by_lines_even_over_quotations(tmp_path: Path) -> None:
    text = 'title,remarks\n"a","one\ntwo\nthree"\n\nb,c\n'
    got = read(written(tmp_path, text.encode()), record="document")
    assert got.rows.tolist() == [2, 6]
    assert codes(got) == ["check.blank_rows"]
    assert got.columns["remarks"] == ["one\ntwo\nthree", "c"]


def test_a_row_that_does_not_fit_the_headings_is_kept_as_unread(tmp_path: Path) -> None:
    got = read(written(tmp_path, b"title,remarks\na,b\nc\nd,e,f\n,\n"), record="document")
    assert got.columns["title"] == ["a"]
    assert got.unread == [(3, "c", "check.row_length"), (4, "d,e,f", "check.row_length")]
    assert [one.detail["count"] for one in got.results if one.code == "check.blank_rows"] == [1]


def test_headings_that_are_empty_or_double_hide_no_column(tmp_path: Path) -> None:
    got = read(written(tmp_path, b"title,title,,x\na,b,c,d\n"), record="document")
    assert list(got.raw) == ["title", "title (2)", "column 3", "x"]
    assert [got.raw[name][0] for name in got.raw] == ["a", "b", "c", "d"]
    assert "check.renamed_column" in codes(got)
    unmapped = next(one for one in got.results if one.code == "check.unmapped_column")
    assert unmapped.detail["count"] == 3
    assert unmapped.severity is Severity.ADVICE


def test_an_unclosed_ring_is_proposed_closed_and_the_row_held(tmp_path: Path) -> None:
    text = 'name,geometry\na,"POLYGON ((36 50, 36.1 50, 36.1 50.1))"\nb,"POLYGON ((36 50, 36.1"\nc,\n'
    got = read(written(tmp_path, text.encode()), record="hazardous_area", crs="EPSG:4326")
    assert len(got) == 3
    unclosed, broken = [one for one in got.results if one.field == "geometry"]
    assert (unclosed.code, unclosed.severity, unclosed.index) == ("check.unclosed_ring", Severity.BLOCKING, 0)
    assert unclosed.repair is not None
    assert shapely.from_wkt(unclosed.repair["geometry_wkt"]).is_valid
    assert (broken.code, broken.severity, broken.index) == ("check.unreadable_geometry", Severity.BLOCKING, 1)
    assert broken.repair is None
    assert list(got.geometry) == [None, None, None]  # nothing is repaired by itself
    assert str(got.raw["geometry"][1]).startswith("POLYGON ((36 50")


def test_a_proposal_is_in_wgs84_whatever_the_survey_was_in(tmp_path: Path) -> None:
    text = 'name,geometry\na,"POLYGON ((121687 487484, 121787 487484, 121787 487584))"\n'
    got = read(written(tmp_path, text.encode()), record="hazardous_area", crs="EPSG:28992")
    shape = shapely.from_wkt(got.results[0].repair["geometry_wkt"])
    assert shape.bounds[0] == pytest.approx(4.898, abs=0.001)


def test_shapes_may_name_their_system(tmp_path: Path) -> None:
    got = read(written(tmp_path, b"name,geometry\na,SRID=28992;POINT (121687 487484)\n"), record="hazardous_area")
    assert (got.source.crs, got.source.crs_from) == ("EPSG:28992", "file")
    got = read(
        written(tmp_path, b"name,geometry,geometry.crs\na,POINT (121687 487484),EPSG:28992\n"), record="hazardous_area"
    )
    assert (got.source.crs, got.source.crs_from) == ("EPSG:28992", "file")


def test_shapes_in_different_systems_do_not_mix(tmp_path: Path) -> None:
    head = b"name,geometry,geometry.crs\na,POINT (36 50),EPSG:4326\n"
    with pytest.raises(SystemContradicts):
        read(written(tmp_path, head + b"b,POINT (36 50),EPSG:4284\n"), record="hazardous_area")
    got = read(written(tmp_path, head + b"b,POINT (36 50),4326\n"), record="hazardous_area")
    assert got.source.crs == "EPSG:4326"


def test_coordinates_may_be_degrees_and_minutes(tmp_path: Path) -> None:
    text = 'name;lon;lat\na;"E 36° 2’ 30""";"N 51° 51’ 28"""\nb;36 61;51\nc;36,5;\n'
    got = read(written(tmp_path, text.encode()), record="place", crs="EPSG:4326")
    assert shapely.get_coordinates(got.geometry[:1])[0].tolist() == pytest.approx([36.041667, 51.857778], abs=1e-6)
    assert [one.index for one in got.results if one.code == "check.unreadable_geometry"] == [1, 2]


def test_swapped_axes_are_kept_for_the_checks(tmp_path: Path) -> None:
    got = read(written(tmp_path, b"name,geometry\na,POINT (50 36)\n"), record="hazardous_area", crs="EPSG:4326")
    assert shapely.get_coordinates(got.geometry).tolist() == [[50, 36]]
    far = read(
        written(tmp_path, b"name,geometry\na,POINT (487484 121687)\n"), record="hazardous_area", crs="EPSG:28992"
    )
    assert [one.code for one in far.results] == ["check.outside_operation_area"]
    assert far.geometry[0] is not None


def test_a_profile_may_say_that_the_northing_comes_first(tmp_path: Path) -> None:
    text = PROFILE.replace("EPSG:4326", "EPSG:28407") + '[reader]\nx = "X"\ny = "Y"\n'
    body = "Номер;Назва;Статус;Площа;X;Y\n7;Поле;ПНР;1;5543515;7301489\n"
    head = text.split("[", 1)
    turned = profile(tmp_path, head[0] + 'axis = "yx"\n[' + head[1])
    got = read(written(tmp_path, body.encode()), profile=turned)
    assert shapely.get_coordinates(got.geometry)[0].tolist() == pytest.approx([36.23, 49.99], abs=1e-4)
    assert shapely.get_coordinates(got.surveyed)[0].tolist() == [7301489, 5543515]


def test_nul_bytes_are_refused_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(NulBytes) as caught:
        read(written(tmp_path, b"title\na\nb\0c\n"), record="document")
    assert caught.value.where.row == 3


@pytest.mark.parametrize(
    "content",
    [
        b"title\na\n" + b"x" * 5000 + b"\n",
        b"title\na\n" + b"x" * 5000,
        b"x" * 5000,
        b'title\na\n"' + b"x\n" * 2500,
    ],
)
def test_an_endless_line_or_quotation_is_refused(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FALLOW_MAX_LINE_BYTES", "2000")
    settings.cache_clear()
    with pytest.raises(LineTooLong) as caught:
        read(written(tmp_path, content), record="document")
    assert caught.value.values["limit"] == 2000
    assert caught.value.where.row == (1 if content.startswith(b"x") else 3)


def test_a_huge_line_is_not_read_into_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.write(b"title\n")
        stream.truncate(3 * 1024**3)  # a hole: nothing on the disk
    tracemalloc.start()
    try:
        with pytest.raises((LineTooLong, NulBytes)):
            read(path, record="document")
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024**2
    finally:
        tracemalloc.stop()


def test_bounds_of_rows_and_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, b"title\na\nb\nc\n")
    monkeypatch.setenv("FALLOW_MAX_ROWS", "2")
    settings.cache_clear()
    with pytest.raises(TooManyRows):
        read(path, record="document")
    monkeypatch.setenv("FALLOW_MAX_FILE_BYTES", "5")
    settings.cache_clear()
    with pytest.raises(TooLarge):
        read(path, record="document")


def test_what_is_no_file_of_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read(tmp_path / "none.csv", record="document")
    with pytest.raises(NotFound):
        read(tmp_path, record="document")
    with pytest.raises(Unreadable):
        read(written(tmp_path, b""), record="document")
    with pytest.raises(UnknownFormat):
        read(written(tmp_path, b"a", "a.docx"), record="document")
    import os

    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(NotFound):
        read(tmp_path / "pipe.csv", record="document")


def test_text_encoded_twice_is_reported_and_turned_back_when_the_profile_says_so(tmp_path: Path) -> None:
    doubled = "déminé".encode().decode("cp1252")
    path = written(tmp_path, f"t\n{doubled}\nplain\n".encode())
    base = 'name = "p"\nversion = 1\nrecord = "document"\n[fields.title]\ncolumn = "t"\n'
    kept = read(path, profile=profile(tmp_path, base))
    assert kept.columns["title"] == [doubled, "plain"]
    assert [(one.detail["count"], one.detail["repaired"]) for one in kept.results] == [(1, False)]
    turned = read(path, profile=profile(tmp_path, base + "[reader]\nrepair_encoding = true\n"))
    assert turned.columns["title"] == ["déminé", "plain"]
    assert turned.raw["t"] == [doubled, "plain"]
