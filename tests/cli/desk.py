"""A desk: a folder with a register, and the command line run in this process."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fallow.settings import settings


@dataclass
class Answer:
    """What a command left: exit status and what it printed."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


class Desk:
    """Runs commands as a named person against one register."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.monkeypatch, self.capsys = folder, monkeypatch, capsys
        self.register = folder / "land.fallow"
        for name in ("FALLOW_USER", "FALLOW_ROLE", "FALLOW_ORGANISATION", "FALLOW_LANG"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("FALLOW_KEYS", str(folder / "keys"))
        monkeypatch.setenv("FALLOW_REGISTER", str(self.register))
        settings.cache_clear()

    def run(self, *args: str | Path) -> Answer:
        """Run ``fallow`` with arguments."""
        from fallow.cli.app import run

        self.monkeypatch.setattr(sys, "argv", ["fallow", *map(str, args)])
        code = 0
        try:
            run()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
        printed = self.capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Answer(code, printed.out, printed.err)

    def ok(self, *args: str | Path) -> Answer:
        """Run a command that must succeed."""
        answer = self.run(*args)
        assert answer.code == 0, answer.out + answer.err
        return answer

    def as_(self, who: str, role: str) -> tuple[str, str, str, str]:
        """Return the options that say who acts."""
        return ("--as", who, "--role", role)

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        return path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    yield Desk(tmp_path, monkeypatch, capsys)
    settings.cache_clear()


@pytest.fixture
def land(desk: Desk) -> Desk:
    """A desk with a register of a small square country, and three areas in it."""
    desk.ok("init", desk.register, "--name", "Test land", "--centre", "30.5,50.5", "--as", "Sofia")
    country = desk.write(
        "country.csv",
        'WKT,identifiers,name,level,date_of_information\n"POLYGON ((30 50, 31 50, 31 51, 30 51, 30 50))",iso:TST,Testland,0,2020-01-01\n'
        '"POLYGON ((30 50, 30.5 50, 30.5 51, 30 51, 30 50))",iso:TST-1,West,1,2020-01-01\n'
        '"POLYGON ((30.5 50, 31 50, 31 51, 30.5 51, 30.5 50))",iso:TST-2,East,1,2020-01-01\n',
    )
    desk.ok("import", country, "--record", "admin_unit", "--crs", "EPSG:4326", *desk.as_("Anna", "enter"))
    desk.ok("inbox", "approve", "--all", *desk.as_("Bohdan", "approve"))
    return desk


HEAD = "WKT,identifiers,name,classification,contamination,date_of_information\n"


def square(west: float, south: float, side: float = 0.01) -> str:
    """Return the WKT of a square, in degrees."""
    east, north = west + side, south + side
    corners = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    return f"POLYGON (({corners}))"


def area_row(number: int, wkt: str, *, day: str = "2024-05-01", classification: str = "sha") -> str:
    """Return a CSV row of a hazardous area."""
    return f'"{wkt}",op:HA-{number},Area {number},{classification},ap_mine,{day}\n'
