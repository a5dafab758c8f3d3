"""One word per thing: documentation and messages use the words of the glossary and not the others."""

from __future__ import annotations

import pytest

from fallow.terms import LANGUAGES, explain, glossary, messages
from fallow.terms.words import GlossaryEntry
from tests import page_texts


def avoided(text: str, lang: str) -> list[str]:
    return [f"{found!r}: use {entry.word!r}" for entry in glossary(lang).values() for found in entry.avoided_in(text)]


def test_languages_define_the_same_things() -> None:
    assert list(glossary("en")) == list(glossary("uk"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_word_means_one_thing(lang: str) -> None:
    entries = glossary(lang).values()
    words = [entry.word.casefold() for entry in entries]
    assert sorted(words) == sorted(set(words))
    for entry in entries:
        assert entry.word.strip() == entry.word != ""
        assert entry.definition.endswith("."), entry.key
        assert len(entry.avoid) == len(set(entry.avoid)), entry.key
    assert [found for entry in entries for found in avoided(entry.word, lang)] == [], "a word is in another's `not`"
    everything = [word.casefold() for entry in entries for word in entry.avoid]
    assert sorted(everything) == sorted(set(everything)), "a word to avoid belongs to one thing"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_definitions_use_the_words_themselves(lang: str) -> None:
    assert [found for entry in glossary(lang).values() for found in avoided(entry.definition, lang)] == []


def test_the_finder_finds() -> None:
    entry = GlossaryEntry("x", "submunition", "A piece.", ("bomblet*", "data issue*"))
    assert entry.avoided_in("Two Bomblets and a *bomblet*") == ["Bomblets", "bomblet"]
    assert entry.avoided_in("A data\nissue.") == ["data issue"]
    assert entry.avoided_in("The data issued in May; metadata issue-tracker") == ["data issued"]
    assert entry.avoided_in("a pre-bomblet-like thing, an issue of data") == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_messages(lang: str) -> None:
    for code in messages(lang):
        explained = explain(code, {}, lang)
        text = f"{explained.title}\n\n{explained.what}\n\n{explained.todo}"
        assert avoided(text, lang) == [], code


def test_documentation() -> None:
    faults = [
        f"{page.relative_to(page_texts.ROOT)}: {fault}"
        for page, text in page_texts.pages()
        if page != page_texts.GLOSSARY_PAGE
        for fault in avoided(page_texts.prose(text), "en")
    ]
    assert faults == []


def test_prose_leaves_out_code() -> None:
    page = "Use `picklist` here\n\n```python\nbomblet = 1\n```\n\n~~~\nblockchain\n~~~\n\n[word](picklist.md) text\n"
    assert avoided(page, "en") != []
    assert avoided(page_texts.prose(page), "en") == []
    assert "word" in page_texts.prose(page) and "text" in page_texts.prose(page)
