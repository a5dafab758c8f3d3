"""Messages: the same codes in every language, whole, and put together without ever failing or evaluating a fact."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallow.errors import EXIT_CODES, exit_code
from fallow.terms import LANGUAGES, explain, messages
from fallow.terms.sentences import UNKNOWN_FACT

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def facts(sentence: str) -> set[str]:
    return set(re.findall(r"\{([^{}]*)\}", sentence))


def test_languages_have_the_same_codes() -> None:
    assert set(messages("en")) == set(messages("uk"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_message_is_whole(lang: str) -> None:
    for code, parts in messages(lang).items():
        assert set(parts) == {"title", "what", "todo"}, code
        for part, sentence in parts.items():
            assert sentence == sentence.strip() != "", (code, part)
            assert not sentence.endswith(".") if part == "title" else sentence[-1] in ".?!…:)", (code, part)
            assert sentence.count("{") == sentence.count("}") == len(re.findall(r"\{[^{}]*\}", sentence)), code
            for fact in facts(sentence):
                assert re.fullmatch(r"[a-z_][a-z0-9_]*", fact), f"{code}: a fact is a plain name, not {fact!r}"


def test_languages_name_the_same_facts() -> None:
    for code, english in messages("en").items():
        ukrainian = messages("uk").get(code, english)
        in_english = set().union(*map(facts, english.values()))
        in_ukrainian = set().union(*map(facts, ukrainian.values()))
        assert in_english == in_ukrainian, code


def test_ukrainian_sentences_are_ukrainian() -> None:
    for code, parts in messages("uk").items():
        for sentence in parts.values():
            assert re.search("[а-яіїєґ]", sentence.casefold()), code
            assert not re.search("[ыэъё]", sentence.casefold()), code


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_an_exit_status_and_stands_under_its_family(lang: str) -> None:
    family = None
    text = files("fallow.terms").joinpath("data", "messages", f"{lang}.toml").read_text("utf-8")
    headings = []
    for line in text.splitlines():
        if heading := re.match(r"# --- (\w+) -+$", line):
            family = heading[1]
            headings.append(family)
        elif code := re.match(r'\["([^"]+)"\]', line):
            assert code[1].split(".")[0] == family, f"{code[1]} stands under {family}"
            assert isinstance(exit_code(code[1]), int)
    families = [code for code in EXIT_CODES if "." not in code]
    assert headings == families


def test_facts_are_filled_in() -> None:
    told = explain("fallow.error", {"reason": "the disk went away"}, "en")
    assert told.what == "Fallow stopped: the disk went away."
    assert explain("fallow.error", {"reason": ["a", "b"]}).what == "Fallow stopped: a, b."


@pytest.mark.parametrize("values", [{}, {"reason": None}, {"reason": ""}, {"reason": []}, {"other": 1}, None])
def test_a_missing_fact_is_shown_as_missing(values: dict[str, object] | None) -> None:
    assert explain("fallow.error", values).what == f"Fallow stopped: {UNKNOWN_FACT}."


def test_nothing_in_a_fact_is_evaluated() -> None:
    class Secret:
        word = "secret"

        def __str__(self) -> str:
            return "shown"

    told = explain("fallow.error", {"reason": "{other} {reason.__class__} %s \\1", "other": "x"})
    assert told.what == "Fallow stopped: {other} {reason.__class__} %s \\1."
    assert "secret" not in explain("fallow.error", {"reason": Secret()}).what


def test_signs_that_rewrite_a_terminal_are_taken_out() -> None:
    told = explain("fallow.error", {"reason": "a\x1b[2Jb\r\nc\u202ed\u2066e"}).what
    assert not re.search("[\x00-\x1f\u202e\u2066]", told)
    assert "a" in told and "[2Jb" in told
    assert len(explain("fallow.error", {"reason": "x" * 10_000}).what) < 1000


def test_a_code_without_a_message_is_told_by_its_facts() -> None:
    told = explain("nobody.knows", {"file": "a.csv", "row": 3})
    assert told.title == "nobody.knows"
    assert told.what == "file: a.csv; row: 3"
    assert explain("nobody.knows", {}).what == UNKNOWN_FACT


def test_an_unknown_language_is_told_in_english() -> None:
    assert explain("interrupted.by_user", {}, "xx") == explain("interrupted.by_user", {}, "en")


@given(
    code=st.sampled_from(sorted(messages("en"))) | st.text(),
    values=st.dictionaries(st.sampled_from(["reason", "file", "row"]) | st.text(), ANYTHING),
    lang=st.sampled_from(["en", "uk", "xx", "../en"]),
)
def test_it_never_fails(code: str, values: dict[str, object], lang: str) -> None:
    told = explain(code, values, lang)
    if code not in messages("en"):
        assert told.title == code
    else:
        assert told.title and told.what and told.todo
        shown = " ".join((told.title, told.what, told.todo))
        left = {fact for fact in facts(shown) if fact in set().union(*map(facts, messages("en")[code].values()))}
        assert not left or any("{" in str(value) for value in values.values())
