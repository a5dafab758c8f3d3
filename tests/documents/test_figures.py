"""Every figure opens its records, in HTML and in the workbook."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO

import openpyxl
import pytest

from fallow.documents import Document
from fallow.documents.html import to_html
from fallow.documents.model import Figure, Quantity, Span
from fallow.documents.words import Words
from fallow.documents.xlsx import to_xlsx
from tests.documents.conftest import KINDS
from tests.documents.small_register import MILL, ORCHARD


class Page(HTMLParser):
    """Links, targets, and the entities' links under each target."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.targets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.targets.append(str(found["id"]))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))


def is_zero(figure: Figure) -> bool:
    value = figure.value
    if isinstance(value, Quantity):
        return round(value.value, 3) == 0
    return isinstance(value, Span) and value.high == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_that_is_not_zero_stands_on_records(kind: str, documents: dict[str, Document]) -> None:
    figures = list(documents[kind].figures())
    assert figures or kind == "area"
    assert [figure.key for figure in figures if not figure.parts and not is_zero(figure)] == []
    for figure in figures:
        assert all(pair in documents[kind].records for pair in figure.entities), figure.key


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_names_one_figure(kind: str, documents: dict[str, Document]) -> None:
    keys = [figure.key for figure in documents[kind].figures()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", ["en", "uk"])
def test_links_lead_somewhere(kind: str, lang: str, documents: dict[str, Document]) -> None:
    document = documents[kind]
    page = Page(to_html(document, Words(lang)))
    inner = [link for link in page.links if link.startswith("#")]
    assert len(page.targets) == len(set(page.targets))
    assert {link[1:] for link in inner} <= set(page.targets)
    assert len(inner) == sum(1 for figure in document.figures() if figure.parts)
    outer = {link for link in page.links if not link.startswith("#")}
    areas = {
        entity for figure in document.figures() for record, entity in figure.entities if record == "hazardous_area"
    }
    assert outer == {f"area-{entity}.{lang}.html" for entity in areas}


def test_every_record_of_a_figure_is_listed_under_its_link(documents: dict[str, Document]) -> None:
    document = documents["totals"]
    text = to_html(document, Words("en"))
    lists = dict(re.findall(r'<ul id="(r\d+)">(.*?)</ul>', text, re.DOTALL))
    figure = next(each for each in document.figures() if each.key == "headline.areas")
    anchor = re.search(r'href="#(r\d+)">5</a>', text)
    assert anchor
    for entity in figure.entities:
        line = document.records[entity]
        assert line.identifiers in lists[anchor[1]]
    assert lists[anchor[1]].count("<li>") == len(figure.entities) == 5


def test_only_sheets_that_are_written_are_linked(documents: dict[str, Document]) -> None:
    page = Page(to_html(documents["totals"], Words("en"), sheets={MILL}))
    assert {link for link in page.links if not link.startswith("#")} == {f"area-{MILL}.en.html"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_workbook_lists_the_entities_of_every_figure(kind: str, documents: dict[str, Document]) -> None:
    document = documents[kind]
    book = openpyxl.load_workbook(BytesIO(to_xlsx(document, Words("en"))))
    rows = [row for row in book["records"].iter_rows(min_row=2, values_only=True) if row[0]]
    listed: dict[str, set[str]] = {}
    for row in rows:
        listed.setdefault(str(row[0]), set()).add(str(row[3]))
    expected = {
        figure.key: {entity for _record, entity in figure.entities} for figure in document.figures() if figure.parts
    }
    assert listed == expected
    assert book.sheetnames[0] == "about"
    assert len(book.sheetnames) == len(list(document.tables())) + 2


def test_a_number_in_the_workbook_opens_its_rows(documents: dict[str, Document]) -> None:
    book = openpyxl.load_workbook(BytesIO(to_xlsx(documents["totals"], Words("en"))))
    records = book["records"]
    linked = 0
    for sheet in book.worksheets[1:-1]:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink:
                    linked += 1
                    at = re.fullmatch(r"'records'!A(\d+)", cell.hyperlink.location)
                    assert at and records.cell(int(at[1]), 1).value
                    assert records.cell(int(at[1]) - 1, 1).value != records.cell(int(at[1]), 1).value
    assert linked == sum(1 for table in documents["totals"].tables() for row in table.rows for cell in row.cells
                         if isinstance(cell, Figure) and cell.parts)  # fmt: skip


def test_a_changed_record_alone_makes_the_difference(documents: dict[str, Document]) -> None:
    figures = {figure.key: figure for figure in documents["filed"].figures()}
    learned = figures["headline.open_m2.learned"]
    assert [entity for _record, entity in learned.entities] == [MILL]
    assert ORCHARD not in {entity for _record, entity in figures["summary.records"].entities}
