"""The documentation builds without a warning, every link inside it resolves, and a page fetches nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Attributes through which a page makes the browser fetch something, as opposed to a link that a person follows.
FETCHING = {
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("img", "srcset"),
    ("source", "src"),
    ("source", "srcset"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("video", "src"),
    ("audio", "src"),
    ("use", "href"),
}
OUTSIDE = re.compile(r"^\s*(https?:)?//")
IN_STYLE = re.compile(r"""(?:@import\s+|url\(\s*)["']?((?:https?:)?//[^"')\s]+)""")


class Fetches(HTMLParser):
    """Collects what a page would fetch from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        rel = dict(attrs).get("rel") or ""
        for name, value in attrs:
            if (tag, name) in FETCHING and value and OUTSIDE.match(value) and rel != "canonical":
                self.outside.append(value)
            if name == "style":
                self.outside += IN_STYLE.findall(value or "")


def fetched_by(html: str) -> list[str]:
    parser = Fetches()
    parser.feed(html)
    return parser.outside + [
        address
        for style in re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
        for address in IN_STYLE.findall(style)
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", str(folder / "trees")]
    run = subprocess.run(
        [*command, str(ROOT / "docs"), str(folder / "html")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return folder / "html"


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="stylesheet" href="https://fonts.example.org/a.css">',
        '<script src="//cdn.example.org/a.js"></script>',
        "<style>@import url('https://fonts.example.org/a.css');</style>",
        '<p style="background: url(https://example.org/a.png)">',
    ],
)
def test_a_fetch_is_recognised(html: str) -> None:
    assert fetched_by(html)


def test_no_page_fetches_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert site / "index.html" in pages
    assert {page.name: found for page in pages if (found := fetched_by(page.read_text(encoding="utf-8")))} == {}
    for style in site.rglob("*.css"):
        assert not IN_STYLE.findall(style.read_text(encoding="utf-8")), style.name


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=lambda page: page.name)
def test_links_of_pages_beside_the_documentation_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            path = page.parent / target.partition("#")[0]
            assert path.exists(), f"{page.name} links to {target}"
