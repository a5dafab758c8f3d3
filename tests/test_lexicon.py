"""Fallow never calls ground safe: no label, message, template, page or string of the code does, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallow.terms import (
    LANGUAGES,
    Lexicon,
    code_list,
    code_list_names,
    explain,
    forbidden,
    forbidden_phrases,
    glossary,
    messages,
    time_note,
)
from fallow.terms._files import load
from tests import page_texts

LEXICONS = [forbidden(lang) for lang in LANGUAGES]
EXAMPLES = [(lexicon.lang, text) for lexicon in LEXICONS for text in lexicon.examples]
NEGATIONS = [(lexicon.lang, text) for lexicon in LEXICONS for text in lexicon.negations]


def faults(texts: Iterator[tuple[Path, str]]) -> list[str]:
    """Both lexicons read every text: a page may quote the other language."""
    return [
        f"{path.relative_to(page_texts.ROOT)}: {phrase!r} in {text[:80]!r}"
        for path, text in texts
        for lexicon in LEXICONS
        for phrase in lexicon.phrases(text)
    ]


@pytest.mark.parametrize(("lang", "text"), EXAMPLES)
def test_a_phrase_that_calls_ground_safe_is_caught(lang: str, text: str) -> None:
    assert forbidden_phrases(text, lang)


@pytest.mark.parametrize(("lang", "text"), NEGATIONS)
def test_a_denial_passes(lang: str, text: str) -> None:
    assert forbidden_phrases(text, lang) == []


@pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.lang)
def test_every_pattern_is_proved_by_an_example(lexicon: Lexicon) -> None:
    for pattern in lexicon.patterns:
        alone = replace(lexicon, patterns=(pattern,), allowed=())
        assert any(alone.phrases(text) for text in lexicon.examples), f"no example is caught by {pattern.pattern}"


@pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.lang)
def test_every_allowed_phrase_is_needed(lexicon: Lexicon) -> None:
    """An allowed phrase that no pattern reads would only wait to hide something else."""
    bare = replace(lexicon, allowed=())
    for phrase in load("lexicon", lexicon.lang)["allowed"]:
        assert bare.phrases(phrase), f"needless: {phrase}"
        assert lexicon.phrases(phrase) == [], phrase


@given(
    example=st.sampled_from(EXAMPLES),
    hiding=st.sampled_from([("\n", ""), ("\u00a0", ""), (" ", "**"), (" ", "\u200b"), (" ", "_"), ("\t \n", "\u00ad")]),
    before=st.sampled_from(["", "Data of 2024. ", "Fallow never calls ground safe. ", "Дані 2024 року. "]),
    after=st.sampled_from(["", " Ask the authority.", "\n\nNext paragraph", " Запитайте."]),
)
def test_markup_breaks_and_neighbours_do_not_hide_a_phrase(
    example: tuple[str, str], hiding: tuple[str, str], before: str, after: str
) -> None:
    lang, text = example
    blank, around = hiding
    hidden = blank.join(f"{around}{word}{around}" for word in text.split())
    if text.strip(".!| ").casefold() in {"safe", "безпечно"} or "|" in text:  # only these alone are a label
        before = after = ""
    assert forbidden_phrases(before + hidden + after, lang)


def test_a_denial_excuses_only_itself() -> None:
    assert forbidden_phrases("Fallow never calls ground safe, but this field is safe.") == ["is safe"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_and_definitions(lang: str) -> None:
    words = [
        (f"{name}.{term.code}", text)
        for name in code_list_names()
        for term in code_list(name).terms.values()
        for text in (term.labels[lang], term.definition.get(lang, ""))
    ]
    words += [(f"glossary.{key}", f"{entry.word}: {entry.definition}") for key, entry in glossary(lang).items()]
    words.append(("ordnance", time_note(lang)))
    assert len(words) > 500
    assert [(place, forbidden_phrases(text, lang)) for place, text in words if forbidden_phrases(text, lang)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_messages(lang: str) -> None:
    for code in messages(lang):
        explained = explain(code, {}, lang)
        text = f"{explained.title}\n\n{explained.what}\n\n{explained.todo}"
        assert forbidden_phrases(text, lang) == [], code


def test_data_of_the_package() -> None:
    assert faults(page_texts.data_strings()) == []


def test_gettext_catalogues() -> None:
    assert faults(page_texts.catalogue_strings()) == []


def test_templates_and_styles() -> None:
    texts = list(page_texts.templates())
    assert faults(iter(texts)) == []
    names = [
        (path.name, match[0]) for path, text in texts for match in re.finditer(r"[.#]safe\b|[\"' ]safe[\"' ]", text)
    ]
    assert names == [], "a style or a class is named so"


def test_strings_of_the_code() -> None:
    assert faults(page_texts.code_strings()) == []


def test_documentation() -> None:
    pages = list(page_texts.pages())
    assert pages, "no page was found"
    assert faults(iter(pages)) == []
