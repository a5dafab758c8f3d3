"""Same inputs, same bytes: in one process, in another one, and whatever order sets happen to have."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fallow.documents import Document, render
from tests.conftest import ROOT
from tests.documents.conftest import KINDS, make
from tests.documents.small_register import ostravia

FORMATS = ("html", "pdf", "xlsx")
SCRIPT = """
import hashlib, pathlib, sys
from fallow.documents import render
from tests.documents.conftest import KINDS, make
from tests.documents.small_register import ostravia
for kind in KINDS:
    for path in render(make(kind, ostravia()), "uk", ("html", "pdf", "xlsx"), pathlib.Path(sys.argv[1])):
        print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def elsewhere(folder: Path, seed: str, zone: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    return subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_two_processes_give_the_same_files(tmp_path: Path) -> None:
    first = elsewhere(tmp_path / "a", "1", "UTC")
    assert first == elsewhere(tmp_path / "b", "77", "Pacific/Auckland")
    assert len(first.splitlines()) == len(KINDS) * len(FORMATS)


@pytest.mark.parametrize("kind", KINDS)
def test_rendering_twice_gives_the_same_files(kind: str, documents: dict[str, Document], tmp_path: Path) -> None:
    again = make(kind, ostravia())
    one = render(documents[kind], "en", FORMATS, tmp_path / "a")
    other = render(again, "en", FORMATS, tmp_path / "b")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]


def test_the_clock_is_nowhere_in_a_file(documents: dict[str, Document], tmp_path: Path) -> None:
    (pdf,) = render(documents["totals"], "en", ("pdf",), tmp_path)
    (page,) = render(documents["totals"], "en", ("html",), tmp_path)
    today = dt.datetime.now(dt.UTC)
    assert f"D:{today:%Y%m%d}".encode() not in pdf.read_bytes()
    assert f"{today:%Y-%m-%d}" not in page.read_text("utf-8")
    assert "2025-02-14T09:30:00Z" in page.read_text("utf-8"), "the date of the checkpoint stands in the file"


def test_another_checkpoint_gives_another_identifier(tmp_path: Path) -> None:
    from pypdf import PdfReader

    from fallow.documents import build_totals

    own = ostravia()
    (one,) = render(build_totals(own), "en", ("pdf",), tmp_path / "a")
    (other,) = render(build_totals(own, known=18), "en", ("pdf",), tmp_path / "b")
    marks = [PdfReader(path).trailer["/ID"][0] for path in (one, other)]
    assert marks[0] != marks[1]
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, other)}) == 2
