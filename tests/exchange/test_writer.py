from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import Geod

from fallow.exchange import read, sample, write_records, write_snapshot
from fallow.exchange.errors import OutputExists, RecordMissing, UnknownFormat
from fallow.records.batch import Batch
from fallow.records.snapshot import Snapshot


def rows_of(batch: Batch) -> list[dict[str, Any]]:
    names = list(batch.columns)
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*batch.columns.values(), strict=True)
    ]


def ids(count: int) -> list[str]:
    return [f"0197b3f0-0000-7000-8000-{row:012d}" for row in range(count)]


def snapshot(**batches: Batch) -> Snapshot:
    return Snapshot.build(
        register_id="0197b3f0-0000-7000-8000-00000000ffff",
        true=dt.date(2024, 12, 31),
        known_seq=7,
        known_at=dt.datetime(2025, 1, 15, 12, tzinfo=dt.UTC),
        synthetic=False,
        tables={
            name: (
                ids(len(batch)),
                rows_of(batch),
                [] if batch.geometry is None else list(shapely.to_wkb(batch.geometry)),
            )
            for name, batch in batches.items()
        },
        held=[{"row": 3}],
    )


@pytest.fixture(scope="module")
def city() -> dict[str, Batch]:
    folder = sample("amsterdam")
    return {
        "hazardous_area": read(folder / "verdachte_gebieden.csv", profile="amsterdam_suspected"),
        "evidence": read(folder / "inslagen.csv", profile="amsterdam_impacts"),
        "release_product": read(folder / "gevrijwaard_gebied.csv", profile="amsterdam_released"),
    }


def furthest(one: np.ndarray, other: np.ndarray) -> float:
    a, b = shapely.get_coordinates(one), shapely.get_coordinates(other)
    assert a.shape == b.shape
    return float(np.max(Geod(ellps="WGS84").inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2]))


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "csv"])
def test_what_is_written_reads_back_within_a_centimetre(tmp_path: Path, city: dict[str, Batch], kind: str) -> None:
    target = tmp_path / "out.gpkg" if kind == "gpkg" else tmp_path / "out"
    files = write_snapshot(snapshot(**city), target, kind=kind)
    assert len(files) == (1 if kind == "gpkg" else 3)
    for name, batch in city.items():
        file = files[0] if kind == "gpkg" else target / f"{name}.{kind}"
        got = read(file, record=name, layer=name if kind == "gpkg" else None)
        assert got.raw["id"] == ids(len(batch))
        assert furthest(got.geometry, batch.geometry) < 0.01
        assert got.operation is not None
        assert got.operation.name == "none"
        for field, column in batch.columns.items():
            if field in ("source_document",):
                assert field not in got.columns  # restricted: stays behind
            elif any(value is not None for value in column):
                assert got.columns[field] == column, field


def test_a_file_says_what_it_is_and_what_it_cannot_show(tmp_path: Path, city: dict[str, Batch]) -> None:
    given = snapshot(evidence=city["evidence"])
    write_snapshot(given, tmp_path / "a.geojson")
    said = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["fallow"]
    expected = {"true": "2024-12-31", "known_seq": 7, "synthetic": False, "held": 1, "rows": 27, "without_geometry": 0,
                "sensitivity": "operational", "record": "evidence"}  # fmt: skip
    assert {name: said[name] for name in expected} == expected
    write_snapshot(given, tmp_path / "a.gpkg")
    told = pyogrio.read_info(tmp_path / "a.gpkg", layer="evidence")["layer_metadata"]
    assert told["true"] == "2024-12-31"
    assert told["sensitivity"] == "operational"
    write_snapshot(given, tmp_path / "a.csv")
    got = read(tmp_path / "a.csv", record="evidence")
    assert set(got.raw["fallow.true"]) == {"2024-12-31"}
    assert set(got.raw["fallow.sensitivity"]) == {"operational"}


def test_restricted_fields_are_written_only_when_asked_for(tmp_path: Path, city: dict[str, Batch]) -> None:
    given = snapshot(evidence=city["evidence"])
    write_snapshot(given, tmp_path / "a.csv", sensitivity=("public", "operational", "restricted"))
    got = read(tmp_path / "a.csv", record="evidence")
    assert got.columns["source_document"] == city["evidence"].columns["source_document"]
    assert set(got.raw["fallow.sensitivity"]) == {"restricted"}


def test_nothing_is_overwritten_and_nothing_is_left_half(tmp_path: Path, city: dict[str, Batch]) -> None:
    given = snapshot(evidence=city["evidence"])
    write_snapshot(given, tmp_path / "a.gpkg")
    before = (tmp_path / "a.gpkg").read_bytes()
    with pytest.raises(OutputExists):
        write_snapshot(given, tmp_path / "a.gpkg")
    assert (tmp_path / "a.gpkg").read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.gpkg"]


def test_equal_content_gives_equal_bytes(tmp_path: Path, city: dict[str, Batch]) -> None:
    for kind in ("gpkg", "geojson", "csv"):
        first, second = tmp_path / "1" / f"a.{kind}", tmp_path / "2" / f"a.{kind}"
        for path in (first, second):
            path.parent.mkdir(exist_ok=True)
            write_snapshot(snapshot(evidence=city["evidence"]), path)
        assert first.read_bytes() == second.read_bytes(), kind


def test_text_that_a_spreadsheet_would_run_is_guarded_and_reads_back(tmp_path: Path) -> None:
    rows = [{"title": "=cmd|' /C calc'!A0"}, {"title": "-5"}, {"title": "plain"}]
    path = write_records(tmp_path / "a.csv", "document", ids(3), rows)
    text = path.read_text(encoding="utf-8-sig")
    assert ",=" not in text
    assert "\n=" not in text
    got = read(path, record="document")
    assert got.columns["title"] == [row["title"] for row in rows]


def test_rows_without_a_shape_are_counted(tmp_path: Path) -> None:
    shapes = np.array([shapely.Point(36, 50), None], dtype=object)
    path = write_records(tmp_path / "a.geojson", "item_found", ids(2), [{"count": {"low": 1, "high": 1}}, {}], shapes)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["fallow"]["without_geometry"] == 1
    assert [feature["geometry"] is None for feature in document["features"]] == [False, True]


def test_unknown_kinds_and_records_are_refused(tmp_path: Path, city: dict[str, Batch]) -> None:
    given = snapshot(**city)
    with pytest.raises(UnknownFormat):
        write_snapshot(given, tmp_path / "a.docx")
    with pytest.raises(UnknownFormat):
        write_snapshot(given, tmp_path / "a.csv")  # three record types do not fit one table
    with pytest.raises(RecordMissing):
        write_snapshot(given, tmp_path / "a.csv", records=["minefield"])
