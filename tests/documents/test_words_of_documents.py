"""Documents are whole in both languages, and in neither do they call ground safe."""

from __future__ import annotations

import dataclasses
import html
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fallow import terms
from fallow.documents import Document, build_totals, render
from fallow.documents.html import to_html
from fallow.documents.model import Msg, Quantity, Span, Vague
from fallow.documents.words import Words
from fallow.documents.xlsx import to_xlsx
from fallow.i18n import translator
from tests.documents.conftest import KINDS
from tests.documents.small_register import Info, SmallRegister, ostravia

# English words that no Ukrainian page of these documents may show; names of the invented land are in Latin letters.
ENGLISH = re.compile(
    r"\b(the|of|and|is|no|not|area|areas|record|records|released|unknown|depth|class|known|at least)\b"
)


def messages(value: Any) -> Iterator[Msg]:
    """Every page text inside a document."""
    if isinstance(value, Msg):
        yield value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from messages(getattr(value, field.name))
    elif isinstance(value, dict):
        for each in value.values():
            yield from messages(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from messages(each)


def visible(page: str) -> str:
    """The words of a page, one line per element; labels that are read out among them."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    spoken = re.findall(r'aria-label="([^"]*)"', body)
    return html.unescape("\n\n".join([re.sub(r"<[^>]+>", "\n\n", body), *spoken]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_has_a_translation(kind: str, documents: dict[str, Document]) -> None:
    translate = translator("uk")
    found = {message.text for message in messages(documents[kind])}
    assert len(found) > 15
    kept = {
        text for text in found if translate(text) == text and re.search("[A-Za-z]{3}", re.sub(r"\{\w+\}", "", text))
    }
    assert kept == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_ukrainian_page_is_ukrainian(kind: str, documents: dict[str, Document]) -> None:
    text = visible(to_html(documents[kind], Words("uk")))
    english = [
        line.strip() for line in text.splitlines() if ENGLISH.search(line) and "Register of Ostravia" not in line
    ]
    names = ("Orchard by the river", "Register")
    assert [line for line in english if not any(name in line for name in names)] == []
    assert re.search("[а-яіїєґ]{4}", text)


@pytest.mark.parametrize("lang", ["en", "uk"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_page_calls_ground_safe(kind: str, lang: str, documents: dict[str, Document]) -> None:
    text = visible(to_html(documents[kind], Words(lang)))
    for each in ("en", "uk"):
        assert terms.forbidden_phrases(text, each) == []
    assert to_xlsx(documents[kind], Words(lang))


@pytest.mark.needs("pdftotext")
def test_text_of_a_pdf_can_be_searched(documents: dict[str, Document], tmp_path: Path) -> None:
    (path,) = render(documents["area"], "uk", ("pdf",), tmp_path)
    command = [str(shutil.which("pdftotext")), "-layout", str(path), "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pages = [page for page in text.split("\f") if page.strip()]
    assert len(pages) >= 3
    for page in pages:
        assert "СИНТЕТИЧНІ ДАНІ" in page, "the banner is on every page"
        assert "Клас даних: Службові" in page
        assert documents["area"].head in page, "the head of the chain is on every page"
        assert "не оцінена" in page
    assert terms.forbidden_phrases(text, "uk") == []


def test_a_real_register_shows_its_notice_and_no_banner(tmp_path: Path) -> None:
    own = ostravia(synthetic=False, notice="City of Example, CC BY 4.0")
    page = to_html(build_totals(own), Words("en"))
    assert "City of Example, CC BY 4.0" in page
    assert "SYNTHETIC" not in page
    assert "SYNTHETIC DATA" in to_html(build_totals(ostravia()), Words("en"))


@pytest.mark.parametrize(
    ("lang", "cell", "shown"),
    [
        ("en", Quantity(12340.6, "m2"), "12,341\u00a0m²"),
        ("uk", Quantity(12340.6, "m2"), "12\u00a0341\u00a0м²"),
        ("en", Quantity(-5.0, "m2", signed=True), "−5\u00a0m²"),
        ("en", Quantity(5.0, signed=True), "+5"),
        ("en", Quantity(0.2, signed=True), "0"),
        ("uk", Quantity(0.25, "m", None), "0,25\u00a0м"),
        ("en", Span(3, 3), "3"),
        ("en", Span(3, 5), "3–5"),
        ("uk", Span(1, None), "щонайменше 1"),
        ("en", Vague({"from": "2024-04-01", "to": "2024-04-30", "precision": "month"}), "April 2024"),
    ],
)
def test_numbers_and_dates_in_the_readers_way(lang: str, cell: Any, shown: str) -> None:
    assert Words(lang)(cell) == shown


def test_an_empty_register_says_what_it_does_not_know() -> None:
    page = visible(to_html(build_totals(SmallRegister(Info(synthetic=False))), Words("en")))
    for sentence in (
        "No map: no record has a position.",
        "No accidents are recorded. This does not mean that none happened.",
        "No hazardous areas are recorded as open. This does not mean that there is no hazard.",
        "No items found are recorded. This does not mean that none are in the ground.",
        "No releases are recorded.",
        "none recorded",
    ):
        assert sentence in page
