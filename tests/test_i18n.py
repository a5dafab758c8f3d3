"""Page text in the reader's language; numbers and dates no finer and no other than they are."""

from __future__ import annotations

import ast
import datetime as dt
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from fallow import i18n
from fallow.i18n import format_area, format_date, format_number, translations, translator
from fallow.terms import code_list
from tests.page_texts import PACKAGE

NB = "\u00a0"
TEMPLATES = [(f"**{ending}", "jinja2") for ending in (".html", ".j2", ".jinja", ".xml", ".txt")]
MARKS = {"_": 1, "gettext": 1, "ngettext": 2}  # name of the function → how many of its arguments are texts


def marked_in_templates(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(place, texts) of every mark in the templates under a folder."""
    for file, line, message, _comments, _context in extract_from_dir(str(folder), TEMPLATES):
        yield f"{file}:{line}", (message,) if isinstance(message, str) else tuple(filter(None, message))


def marked_in_code(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(place, texts) of every mark in the modules under a folder, also inside f-strings, where babel does not look."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in MARKS:
                place = f"{file.relative_to(folder)}:{node.lineno}"
                texts = node.args[: MARKS[name]]
                assert not any(isinstance(text, ast.JoinedStr) for text in texts), f"{place}: a text with values in it"
                constants = [text.value for text in texts if isinstance(text, ast.Constant)]
                if constants:
                    yield place, tuple(constants)


def marked(folder: Path) -> list[tuple[str, tuple[str, ...]]]:
    return [*marked_in_code(folder), *marked_in_templates(folder)]


def catalogue(lang: str) -> dict[str, object]:
    with (PACKAGE / "locale" / lang / "LC_MESSAGES" / "fallow.po").open("rb") as stream:
        messages = read_po(stream, locale=lang, abort_invalid=True)
    assert not any(message.fuzzy for message in messages if message.id)
    return {message.id if isinstance(message.id, str) else message.id[0]: message.string for message in messages}


def holes(text: str) -> set[str]:
    return set(re.findall(r"\{[^{}]*\}|%\([a-z_]+\)[sd]|%[sd]", text))


def test_languages_agree() -> None:
    from fallow import terms

    found = {entry.name for entry in (PACKAGE / "locale").iterdir() if entry.is_dir()}
    assert set(i18n.LANGUAGES) == {i18n.SOURCE_LANGUAGE, *found} == set(terms.LANGUAGES)


@pytest.mark.parametrize("lang", [lang for lang in i18n.LANGUAGES if lang != i18n.SOURCE_LANGUAGE])
def test_every_marked_text_is_translated(lang: str) -> None:
    translated = catalogue(lang)
    texts = marked(PACKAGE)
    assert len(texts) >= 8
    gaps = []
    for place, ids in texts:
        string = translated.get(ids[0])
        forms = (string,) if isinstance(string, str) else tuple(string or ())
        if not forms or not all(forms):
            gaps.append(f"{place}: {ids[0]!r}")
    assert gaps == []


@pytest.mark.parametrize("lang", [lang for lang in i18n.LANGUAGES if lang != i18n.SOURCE_LANGUAGE])
def test_translations_keep_the_facts(lang: str) -> None:
    for message, string in catalogue(lang).items():
        if message:
            for form in (string,) if isinstance(string, str) else tuple(string or ()):  # type: ignore[arg-type]
                assert holes(form) == holes(message), message
                assert not re.search("[ыэъё]", form.casefold()), message


def test_every_mark_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>{{ _('in a page') }}</p>{{ gettext('and there') }}", encoding="utf-8")
    (tmp_path / "code.py").write_text(
        "_('in code')\nself.gettext('by attribute')\nf'{_(\"inside\")} x'\nngettext('one', 'many', 3)\n_(name)\n",
        encoding="utf-8",
    )
    assert {texts for _, texts in marked(tmp_path)} == {
        ("in a page",),
        ("and there",),
        ("in code",),
        ("by attribute",),
        ("inside",),
        ("one", "many"),
    }


def test_a_mark_around_values_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text("_(f'{count} things')\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="values in it"):
        marked(tmp_path)


def test_english_is_the_source() -> None:
    assert translator("en")("anything at all") == "anything at all"
    assert translator("uk")("unknown") == "невідомо"
    assert translator("uk")("a text that nobody marked") == "a text that nobody marked"
    assert translations("uk") is translations("uk")


@pytest.mark.parametrize(
    "function", [translator, lambda lang: format_number(1, lang), lambda lang: format_date(None, lang)]
)
def test_an_unknown_language_is_refused(function: object) -> None:
    for lang in ("xx", "", "../uk", "UK"):
        with pytest.raises(ValueError, match="no language"):
            function(lang)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("value", "decimals", "en", "uk"),
    [
        (0, None, "0", "0"),
        (1234567.125, None, "1,234,567.125", f"1{NB}234{NB}567,125"),
        (12340, 2, "12,340.00", f"12{NB}340,00"),
        (-1234.5, 1, "-1,234.5", f"-1{NB}234,5"),
        (-0.2, 0, "0", "0"),
        (Decimal("2.5"), 0, "2", "2"),
        (Decimal("3.5"), 0, "4", "4"),
    ],
)
def test_numbers(value: float, decimals: int | None, en: str, uk: str) -> None:
    assert format_number(value, "en", decimals) == en
    assert format_number(value, "uk", decimals) == uk


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        format_number(value, "en")
    with pytest.raises(ValueError, match="finite"):
        format_area(value, "uk")


@given(value=st.decimals(-(10**12), 10**12, places=4), decimals=st.integers(0, 4), lang=st.sampled_from(i18n.LANGUAGES))
def test_what_is_printed_is_the_number(value: Decimal, decimals: int, lang: str) -> None:
    text = format_number(value, lang, decimals)
    back = Decimal(text.replace(NB, "").replace(",", ".") if lang == "uk" else text.replace(",", ""))
    assert back == round(value, decimals)


def test_areas() -> None:
    assert format_area(12340, "en") == f"12,340{NB}m²"
    assert format_area(12340, "uk") == f"12{NB}340{NB}м²"
    assert format_area(12340.0, "en", "ha", 2) == f"1.23{NB}ha"
    assert format_area(1_500_000, "uk", "km2", 1) == f"1,5{NB}км²"
    with pytest.raises(ValueError, match="no unit of area 'acre'"):
        format_area(1, "en", "acre")


def test_units_of_area_are_those_of_the_code_list() -> None:
    units = code_list("unit")
    for code, (size, english, ukrainian) in i18n._AREA_UNITS.items():
        assert units[code].extra["factor"] == size
        assert units[code].labels["en"] == english
        assert units[code].labels["uk"] == ukrainian


@pytest.mark.parametrize(
    ("value", "en", "uk"),
    [
        (dt.date(2024, 3, 1), "1 March 2024", "1 березня 2024"),
        (dt.datetime(2024, 3, 1, 14, 5, tzinfo=dt.UTC), "1 March 2024, 14:05 UTC", "1 березня 2024, 14:05 UTC"),
        ({"from": "2024-03-01", "to": "2024-03-01", "precision": "day"}, "1 March 2024", "1 березня 2024"),
        ({"from": "2024-03-01", "to": "2024-03-31", "precision": "month"}, "March 2024", "березень 2024"),
        ({"from": "2024-01-01", "to": "2024-12-31", "precision": "year"}, "2024", "2024"),
        (
            {"from": "2022-03-01", "to": "2022-05-31", "precision": "range"},
            "1 March 2022 – 31 May 2022",
            "1 березня 2022 – 31 травня 2022",
        ),
        ({"from": "2022-03-01", "precision": "range"}, "from 1 March 2022", "від 1 березня 2022"),
        ({"to": "2022-05-31", "precision": "range"}, "until 31 May 2022", "до 31 травня 2022"),
        (
            {"from": "2024-03-01", "to": "2024-03-31", "precision": "month", "how": "estimated"},
            "about March 2024",
            "орієнтовно березень 2024",
        ),
        (
            {"from": "1944-05-03", "to": "1944-05-03", "precision": "day", "how": "source_date"},
            "not later than 3 May 1944",
            "не пізніше 3 травня 1944",
        ),
        ({"absent": "refused"}, "refused", "відмова відповідати"),
        (None, "not asked", "не запитували"),
    ],
)
def test_dates_are_no_finer_than_known(value: object, en: str, uk: str) -> None:
    assert format_date(value, "en") == en  # type: ignore[arg-type]
    assert format_date(value, "uk") == uk  # type: ignore[arg-type]


@given(first=st.dates(), second=st.dates(), lang=st.sampled_from(i18n.LANGUAGES))
def test_a_span_names_both_its_years(first: dt.date, second: dt.date, lang: str) -> None:
    start, end = sorted((first, second))
    text = format_date({"from": start.isoformat(), "to": end.isoformat(), "precision": "range"}, lang)
    assert str(start.year) in text and str(end.year) in text


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"typed": "long ago"},
        {"absent": "forgotten"},
        dt.datetime(2024, 1, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None),
    ],
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        format_date(value, "en")  # type: ignore[arg-type]
