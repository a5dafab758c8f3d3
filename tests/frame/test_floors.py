"""The contract on floors names every room, holds, and would notice a breach."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "src" / "fallow"


def named_rooms() -> set[str]:
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    return set(re.findall(r"\w+", contract["importlinter:contract:floors"]["layers"]))


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's contract in a folder that holds ``fallow``."""
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    command = [sys.executable, "-c", code, "--no-cache", "--no-logo", "--config", str(ROOT / ".importlinter")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house with rooms on four floors and nothing wrong with it."""
    for room in ("", "errors", "records", "geodesy", "ledger", "checks", "register"):
        (tmp_path / "fallow" / room).mkdir()
        (tmp_path / "fallow" / room / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "fallow" / "register" / "acts.py").write_text("import fallow.ledger\n", encoding="utf-8")
    return tmp_path


def test_every_room_is_named_in_the_contract() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if (path / "__init__.py").exists() or path.suffix == ".py"}
    assert rooms - {"__init__"} <= named_rooms()


def test_a_sound_house_passes(house: Path) -> None:
    run = lint(house)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("module", "line", "why"),
    [
        ("ledger/lines.py", "import fallow.register", "a lower floor imports a higher one"),
        ("ledger/lines.py", "def f():\n    import fallow.register", "hiding it in a function does not help"),
        ("ledger/lines.py", "from fallow import checks", "siblings are independent"),
        ("errors/codes.py", "from fallow.ledger import *", "the ground floor imports nothing"),
        ("cellar/__init__.py", "", "a room that the contract does not name"),
        ("residual/fate.py", "import sqlite3", "the numerics open no file"),
    ],
)
def test_a_breach_is_noticed(house: Path, module: str, line: str, why: str) -> None:
    path = house / "fallow" / module
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(line + "\n", encoding="utf-8")
    assert lint(house).returncode == 1, why


def test_the_real_house_stands(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "fallow", ignore=shutil.ignore_patterns("__pycache__", "data"))
    run = lint(tmp_path)
    assert run.returncode == 0, run.stdout
