"""What a page shows is run: every console and Python block, in order, in an empty home."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.runner import Session, blocks, run_page

RUN = {"console", "python"}
PAGES = [
    page
    for page in (*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md")))
    if "_build" not in page.parts and any(each.language in RUN for each in blocks(page.read_text(encoding="utf-8")))
]


def test_the_tutorial_is_among_the_pages() -> None:
    assert ROOT / "docs" / "tutorial" / "first-hour.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    session = Session(folder, Path(sys.executable).parent)
    assert run_page(page.read_text(encoding="utf-8"), session, page.name) > 0
