"""Whatever stands in a file, reading it ends in rows or in an error with a code."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fallow.errors import FallowError, exit_code
from fallow.exchange import read
from fallow.exchange.profiles import ReaderOptions
from fallow.exchange.sheet import read_sheet

_CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["sha", "ap_mine", "2024-03", "POINT (36 50)", "POLYGON ((0 0, 1 1", "1,234", "=1+1", "absent:x", '"', "\ufeff"]
    ),
)
_HEADINGS = st.lists(
    st.sampled_from(["name", "classification", "geometry", "geometry.crs", "x", "y", "typed_area", "", "Назва"]),
    min_size=1,
    max_size=5,
)


def ends_well(content: bytes, name: str, record: str = "hazardous_area") -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        try:
            batch = read(path, record=record, crs="EPSG:4326")
        except FallowError as error:
            assert exit_code(error.code) in (10, 12, 14)
            return
    size = len(batch)
    assert all(len(column) == size for column in batch.columns.values())
    assert all(len(column) == size for column in batch.raw.values())
    assert all(-1 <= one.index < size for one in batch.results)
    assert batch.geometry is None or len(batch.geometry) == size


@settings(max_examples=150)
@given(st.binary(max_size=300))
def test_any_bytes_as_a_table(content: bytes) -> None:
    ends_well(content, "a.csv")


@settings(max_examples=150)
@given(_HEADINGS, st.lists(st.lists(_CELLS, max_size=6), max_size=5), st.sampled_from([",", ";", "\t"]))
def test_any_cells_as_a_table(headings: list[str], rows: list[list[str]], sign: str) -> None:
    text = "\n".join(sign.join(row) for row in [headings, *rows])
    ends_well(text.encode("utf-8", "surrogatepass"), "a.csv")


@settings(max_examples=60)
@given(st.binary(max_size=200), st.sampled_from([b"SQLite format 3\0", b"PK\x03\x04", b"{", b"\x00\x00\x27\x0a", b""]))
def test_any_bytes_behind_any_ending(content: bytes, start: bytes) -> None:
    for name in ("a.gpkg", "a.geojson", "a.json", "a.shp", "a.zip", "a.xlsx", "a.toml", "a.fgb", "a.kml"):
        ends_well(start + content, name)


@settings(max_examples=60)
@given(st.integers(0, 7000), st.binary(min_size=1, max_size=8))
def test_a_workbook_with_a_few_bytes_changed(place: int, bytes_: bytes) -> None:
    from fallow.exchange import template

    whole = bytearray(template("document", "xlsx"))
    place %= len(whole)
    whole[place : place + len(bytes_)] = bytes_
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.xlsx")
        path.write_bytes(bytes(whole))
        try:
            read_sheet(path, ReaderOptions())
        except FallowError as error:
            assert exit_code(error.code) == 10
