"""The project's own language: a glossary with one word per thing, and a lexicon of words that call ground safe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from fallow.terms._files import load

# Between paragraphs; no pattern holds it, so no phrase is read across them.
_BREAK = " ¶ "


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """One thing and its one word.

    Args:
        key: stable key, the same in every language.
        word: the word to use.
        definition: what it means here.
        avoid: words that must not be used for it; a trailing ``*`` stands for any ending.
    """

    key: str
    word: str
    definition: str
    avoid: tuple[str, ...]

    def avoided_in(self, text: str) -> list[str]:
        """Return the passages of a text that use a word to avoid."""
        return [match[0] for word in self.avoid for match in _avoided(word).finditer(_plain(text))]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns that call ground safe in one language, and the exact phrases around them that deny it.

    Args:
        lang: language.
        patterns: what must not be said.
        allowed: phrases in which a pattern is denied; a find inside one of them does not count.
        examples: sentences that must be caught.
        negations: sentences that must pass.
    """

    lang: str
    patterns: tuple[re.Pattern[str], ...]
    allowed: tuple[re.Pattern[str], ...]
    examples: tuple[str, ...]
    negations: tuple[str, ...]

    def phrases(self, text: str) -> list[str]:
        """Return the passages of a text that call ground safe, in their order."""
        plain = _plain(text)
        denied = [match.span() for phrase in self.allowed for match in phrase.finditer(plain)]
        found = {
            match.span(): match[0]
            for pattern in self.patterns
            for match in pattern.finditer(plain)
            if not any(start <= match.start() and match.end() <= end for start, end in denied)
        }
        return [found[span] for span in sorted(found)]


@cache
def glossary(lang: str = "en") -> Mapping[str, GlossaryEntry]:
    """Return key → entry of a language, in the order of the data.

    Raises:
        FileNotFoundError: the project has no such language.
    """
    return MappingProxyType(
        {
            key: GlossaryEntry(key, entry["word"], entry["definition"], tuple(entry.get("not", ())))
            for key, entry in load("glossary", lang).items()
        }
    )


@cache
def forbidden(lang: str = "en") -> Lexicon:
    """Return the lexicon of words that call ground safe.

    Raises:
        FileNotFoundError: the project has no such language.
    """
    data = load("lexicon", lang)
    return Lexicon(
        lang=lang,
        patterns=tuple(re.compile(pattern, re.IGNORECASE) for pattern in data["patterns"]),
        allowed=tuple(re.compile(_literal(phrase), re.IGNORECASE) for phrase in data["allowed"]),
        examples=tuple(data["examples"]),
        negations=tuple(data["negations"]),
    )


def forbidden_phrases(text: str, lang: str = "en") -> list[str]:
    """Return the passages of a text that call ground safe, in their order; empty when there are none.

    Marks of Markdown and HTML, line breaks inside a paragraph and invisible signs do not hide a phrase.

    Args:
        text: any text of the project: label, message, template, page, document.
        lang: the language whose words are looked for.

    Raises:
        FileNotFoundError: the project has no such language.
    """
    return forbidden(lang).phrases(text)


@cache
def _avoided(word: str) -> re.Pattern[str]:
    parts = [re.escape(part[:-1]) + r"\w*" if part.endswith("*") else re.escape(part) for part in word.split()]
    return re.compile(r"(?<![\w-])" + r"\s+".join(parts) + r"(?![\w-])", re.IGNORECASE)


def _literal(phrase: str) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, phrase.split())) + r"(?!\w)"


def _plain(text: str) -> str:
    """Undo what hides words: markup, entities of blanks, invisible signs, typographic variants, line breaks."""
    text = re.sub(r"&(?:nbsp|thinsp|#160|#xa0);", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"&(?:shy|#173|#xad);", "", text, flags=re.IGNORECASE)
    text = unicodedata.normalize("NFKC", text).replace("ʼ", "'").replace("’", "'")
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    text = re.sub(r"</?[A-Za-z][^<>]*>|[*`]|(?<!\w)_|_(?!\w)", "", text)
    text = re.sub(r"\n[^\S\n]*\n\s*", _BREAK, text)
    return re.sub(r"\s+", " ", text)
