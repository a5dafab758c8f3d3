"""A skip cannot hide: the report lists it and the reader of the report fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.skips import main, unexpected

SAMPLE = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="needs a thing")
def test_skips():
    pass

def test_skips_inside():
    pytest.skip("platform: this system has no such call")
"""


@pytest.fixture(params=["one process", "two workers"])
def report(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / "conftest.py").write_text(
        (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    workers = ["-n", "2"] if request.param == "two workers" else []
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--skip-report=skips.json", *workers]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return tmp_path / "skips.json"


def test_every_skip_is_written_once(report: Path) -> None:
    rows = json.loads(report.read_text(encoding="utf-8"))["skipped"]
    assert [(row["test"].rpartition("::")[2], row["reason"]) for row in rows] == [
        ("test_skips", "needs a thing"),
        ("test_skips_inside", "platform: this system has no such call"),
    ]


def test_only_a_property_of_the_platform_is_let_through(report: Path) -> None:
    assert [line.partition("::")[2] for line in unexpected(report)] == ["test_skips: needs a thing"]
    assert main([str(report)]) == 1


def test_nothing_skipped_passes_and_no_report_fails(tmp_path: Path) -> None:
    empty = tmp_path / "skips.json"
    empty.write_text('{"skipped": []}', encoding="utf-8")
    assert main([str(empty)]) == 0
    with pytest.raises(FileNotFoundError):
        main([str(tmp_path / "absent.json")])
