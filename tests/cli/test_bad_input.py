"""What comes in broken: a clear error with its code, an exit status that is not zero, nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.cli.desk import HEAD, Desk, area_row, square

RECORD = ("--record", "hazardous_area")
WGS = ("--crs", "EPSG:4326")


def refused(land: Desk, file: Path, code: str, *options: str, status: int) -> None:
    """Import a file that must be refused whole."""
    before = land.ok("inbox", "list", "--json").data
    answer = land.run("import", file, *RECORD, *options, *land.as_("Anna", "enter"))
    assert answer.code == status, answer.out + answer.err
    assert code in answer.err
    assert "→" in answer.err  # what to do
    assert land.ok("inbox", "list", "--json").data == before


def held(land: Desk, file: Path, check: str, *options: str) -> None:
    """Import a file whose first row must be held for a check."""
    answer = land.run("import", file, *RECORD, *options, "--json", *land.as_("Anna", "enter"))
    assert answer.code == 13, answer.out + answer.err
    listed = land.ok("inbox", "list", "--state", "held", "--json").data
    assert listed
    shown = land.ok("inbox", "show", listed[0]["report"], "--json").data
    assert check in {item["code"] for item in shown["results"]}
    assert shown["file"] == file.name
    assert shown["row"] == 2


def test_missing_reference_system(land: Desk) -> None:
    refused(land, land.write("a.csv", HEAD + area_row(1, square(30.1, 50.1))), "exchange.crs_missing", status=10)


def test_unknown_reference_system(land: Desk) -> None:
    file = land.write("a.csv", HEAD + area_row(1, square(30.1, 50.1)))
    refused(land, file, "geodesy.unknown_crs", "--crs", "EPSG:999999", status=12)


def test_broken_zip_and_database(land: Desk) -> None:
    broken = land.folder / "a.gpkg"
    broken.write_bytes(b"SQLite format 3\0" + bytes(5000))
    refused(land, broken, "exchange.unreadable", status=10)
    archive = land.folder / "b.zip"
    archive.write_bytes(b"PK\3\4" + bytes(200))
    refused(land, archive, "exchange.unreadable", status=10)


def test_not_there(land: Desk) -> None:
    refused(land, land.folder / "none.csv", "exchange.not_found", status=10)


def test_a_line_without_end(land: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from fallow.settings import settings

    monkeypatch.setenv("FALLOW_MAX_LINE_BYTES", "100000")
    settings.cache_clear()
    file = land.write("a.csv", HEAD + '"' + "x" * 300_000)
    refused(land, file, "exchange.line_too_long", *WGS, status=10)


def test_zip_bomb(land: Desk) -> None:
    bomb = land.folder / "a.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(200_000_000))
    answer = land.run("import", bomb, *RECORD, *WGS, *land.as_("Anna", "enter"))
    assert answer.code == 10
    assert land.ok("inbox", "list", "--json").data == []


def test_semicolons_decimal_commas_and_cp1251(land: Desk) -> None:
    text = (
        "x;y;identifiers;name;classification;contamination;date_of_information;typed_area\n"
        "30,1052;50,1052;op:HA-1;Ділянка біля млина;sha;ap_mine;01.05.2024;1,5 ha\n"
    )
    file = land.write("a.csv", text, "cp1251")
    done = land.ok("import", file, *RECORD, *WGS, "--json", *land.as_("Anna", "enter")).data[0]
    assert done["counts"]["accepted"] == 1
    assert "1251" in done["encoding"].replace("-", "").replace("_", "")
    assert land.ok("inbox", "list", "--json").data[0]["title"] == "Ділянка біля млина"


@pytest.mark.parametrize(
    ("row", "check"),
    [
        (area_row(1, "POLYGON ((30.1 50.1, 30.2 50.2, 30.2 50.1, 30.1 50.2, 30.1 50.1))"), "check.self_crossing"),
        (area_row(1, square(10.0, 45.0)), "check.outside_country"),
        (area_row(1, square(50.1, 30.1)), "check.swapped_axes"),
        (area_row(1, square(30.1, 50.1), day="2999-01-01"), "check.date_in_future"),
        (area_row(1, square(30.1, 50.1), classification="maybe"), "check.unknown_code"),
    ],
)
def test_rows_that_are_held(land: Desk, row: str, check: str) -> None:
    held(land, land.write("a.csv", HEAD + row), check, *WGS)


def test_messages_in_ukrainian(land: Desk) -> None:
    file = land.write("a.csv", HEAD + area_row(1, square(30.1, 50.1)))
    answer = land.run("import", file, *RECORD, "--lang", "uk", *land.as_("Anna", "enter"))
    assert answer.code == 10
    assert any("а" <= sign <= "я" for sign in answer.err)


def test_nobody_named(land: Desk) -> None:
    file = land.write("a.csv", HEAD + area_row(1, square(30.1, 50.1)))
    answer = land.run("import", file, *RECORD, *WGS)
    assert answer.code == 20
    assert "register.no_actor" in answer.err


def test_no_register(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from fallow.settings import settings

    monkeypatch.delenv("FALLOW_REGISTER")
    settings.cache_clear()
    assert desk.run("as-of").code == 2
    assert desk.run("as-of", "--register", desk.folder / "none.fallow").code == 20


def test_a_setting_that_cannot_be(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from fallow.settings import settings

    monkeypatch.setenv("FALLOW_MAX_ROWS", "many")
    settings.cache_clear()
    answer = desk.run("as-of")
    assert answer.code == 3
    assert "FALLOW_MAX_ROWS" in answer.err


@pytest.mark.parametrize(
    "args",
    [
        ("at", "x,y"),
        ("at", "1,2,3"),
        ("at", "400,50"),
        ("at", "--polygon", "POLYGON ((1 2"),
        ("at", "30,50", "--true", "yesterday"),
        ("as-of", "--known", "2024-13-45"),
        ("as-of", "--record", "minefield"),
        ("balance", "--years", "long ago"),
        ("balance", "--from", "2024-05-01", "--to", "2023-01-01"),
        ("document", "novel"),
        ("document", "area"),
        ("document", "totals", "--format", "docx"),
        ("inbox", "list", "--state", "lost"),
        ("template", "minefield", "x.csv"),
        ("as-of", "--lang", "fr"),
    ],
)
def test_options_that_make_no_sense(land: Desk, args: tuple[str, ...]) -> None:
    answer = land.run(*args)
    assert answer.code == 2
    assert "usage.bad_value" in answer.err


def test_unknown_things(land: Desk) -> None:
    assert land.run("show", "HA-404").code == 20
    assert land.run("inbox", "show", "ffffffff").code == 30
    assert land.run("as-of", "--known", "999").code == 20


def test_errors_as_json(land: Desk) -> None:
    answer = land.run("show", "HA-404", "--json")
    assert answer.code == 20
    assert answer.data["error"]["code"] == "register.unknown_entity"
    assert answer.data["error"]["todo"]


def test_ctrl_c_in_the_middle_writes_nothing(land: Desk) -> None:
    rows = "".join(area_row(n, square(30.01 + (n % 90) * 0.01, 50.01 + (n // 90) * 0.01, 0.005)) for n in range(4000))
    file = land.write("many.csv", HEAD + rows)
    command = [sys.executable, "-m", "fallow", "import", str(file), *RECORD, *WGS, *land.as_("Anna", "enter")]
    child = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.8)
    child.send_signal(signal.SIGINT)
    _out, err = child.communicate(timeout=120)
    waiting = len(land.ok("inbox", "list", "--json").data)
    if child.returncode == 0:  # it was faster than the hand on the keyboard
        assert waiting == 4000
    else:
        assert waiting in (0, 4000)
        assert b"Traceback" not in err
    assert land.ok("audit", "--json").data["faults"] == []
