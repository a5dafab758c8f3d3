"""Code lists: stable codes with labels in every language and the source of each word."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from fallow.terms._files import LANGUAGES, load, names, source_name

_TEXT_KEYS = {
    *LANGUAGES,
    *(f"{lang}_source" for lang in LANGUAGES),
    *(f"definition_{lang}" for lang in LANGUAGES),
    "source",
    "retired",
    "parent",
    "national",
}
# Where a Ukrainian word stands in neither law nor national standard, its source says so.
_OWN_TRANSLATION = "translation"
_ORDNANCE = "ordnance"
# The three signs that Ukrainian texts use for one apostrophe.
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


class UnknownCodeError(KeyError):
    """A code that is in no term of its list, or a list that does not exist.

    Args:
        list_name: the list that was asked.
        code: the code that it does not hold, or None when the list itself is unknown.
        near: codes that look alike.
    """

    def __init__(self, list_name: str, code: str | None, near: tuple[str, ...] = ()) -> None:
        self.list_name = list_name
        self.code = code
        self.near = near
        super().__init__(list_name, code)

    def __str__(self) -> str:
        what = (
            f"no code list {self.list_name!r}"
            if self.code is None
            else f"no code {self.code!r} in the list {self.list_name!r}"
        )
        return f"{what}; near: {', '.join(self.near)}" if self.near else what


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a code list.

    Args:
        code: stable code; never renamed, never reused.
        labels: language → word.
        label_source: language → where the word comes from.
        source: the standard or practice that the entry follows, by reference name.
        retired: ISO date since when it is no longer given out, or None.
        parent: the code of the wider entry (of a unit: its base unit), or None.
        extra: numbers that belong to the entry (limits of a depth band in m, factor of a unit).
        national: system or country → its spellings of this entry.
        definition: language → definition in the project's own words; may be empty.
    """

    code: str
    labels: Mapping[str, str]
    label_source: Mapping[str, str]
    source: str
    retired: str | None = None
    parent: str | None = None
    extra: Mapping[str, float] = field(default_factory=dict)
    national: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    definition: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CodeList:
    """A code list in its stated order.

    Args:
        name: name of the list (``classification``).
        source: what the list as a whole follows.
        terms: code → term, in the order of the data.
    """

    name: str
    source: str
    terms: Mapping[str, Term]

    def __getitem__(self, code: str) -> Term:
        try:
            return self.terms[code]
        except KeyError:
            near = difflib.get_close_matches(str(code), self.terms, n=3)
            raise UnknownCodeError(self.name, code, tuple(near)) from None

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and code in self.terms

    def __iter__(self) -> Iterator[str]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    @cached_property
    def current(self) -> tuple[str, ...]:
        """Codes that may still be given out."""
        return tuple(code for code, term in self.terms.items() if term.retired is None)

    def find(self, text: str, system: str | None = None) -> str | None:
        """Return the code that a text names, by code, label of any language or national spelling.

        Args:
            text: what a source wrote; letter case and outer blanks do not matter.
            system: read the spellings of this system only, beside codes and labels; None: of all systems.

        Returns:
            The code, or None when no term or more than one fits: an ambiguous word is never guessed.
        """
        wanted = _fold(text)
        if wanted in self.terms:
            return wanted
        hits = self._spellings[None].get(wanted, frozenset())
        for name, words in self._spellings.items():
            if name is not None and system in (None, name):
                hits |= words.get(wanted, frozenset())
        return next(iter(hits)) if len(hits) == 1 else None

    @cached_property
    def _spellings(self) -> dict[str | None, dict[str, frozenset[str]]]:
        """System (None: the labels) → folded word → codes."""
        index: dict[str | None, dict[str, frozenset[str]]] = {None: {}}
        for code, term in self.terms.items():
            for name, words in [(None, tuple(term.labels.values())), *term.national.items()]:
                entry = index.setdefault(name, {})
                for word in map(_fold, words):
                    entry[word] = entry.get(word, frozenset()) | {code}
        return index


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold().translate(_APOSTROPHES)


@cache
def code_list_names() -> tuple[str, ...]:
    """Return the names of all code lists, sorted; the ordnance catalogue is one of them."""
    return tuple(sorted((*names("lists"), _ORDNANCE)))


@cache
def code_list(name: str) -> CodeList:
    """Return a code list.

    Args:
        name: name of the list; ``ordnance`` gives the catalogue as a list.

    Raises:
        UnknownCodeError: there is no such list.
        ValueError: the data of the list are faulty.
    """
    if name not in code_list_names():
        raise UnknownCodeError(name, None, tuple(difflib.get_close_matches(name, code_list_names(), n=3)))
    if name == _ORDNANCE:
        from fallow.terms.catalogue import as_code_list

        return as_code_list()
    data = load("lists", name)
    if data["name"] != name:
        raise ValueError(f"terms/data/lists/{name}.toml names itself {data['name']!r}")
    terms = read_terms(name, data["terms"], data["source"])
    return CodeList(name, source_name(data["source"], f"list {name}"), terms)


def label(list_name: str, code: str, lang: str = "en") -> str:
    """Return the word for a code in a language.

    Raises:
        UnknownCodeError: no such list or code: a missing word is a fault to see, not a blank to print.
        KeyError: the project has no such language.
    """
    return code_list(list_name)[code].labels[lang]


def read_terms(list_name: str, table: dict[str, dict[str, Any]], source: str) -> Mapping[str, Term]:
    """Build the terms of one list from its TOML table.

    Args:
        list_name: name of the list, for messages.
        table: code → entry.
        source: key of the source that holds where an entry names none.

    Raises:
        ValueError: an entry lacks a label, names an unknown parent or source, or has a key that nothing reads.
    """
    terms: dict[str, Term] = {}
    for code, entry in table.items():
        where = f"list {list_name}, code {code}"
        extra = {key: float(value) for key, value in entry.items() if _is_number(value)}
        if unread := set(entry) - _TEXT_KEYS - set(extra):
            raise ValueError(f"{where}: keys that nothing reads: {sorted(unread)}")
        if missing := [lang for lang in LANGUAGES if not entry.get(lang)]:
            raise ValueError(f"{where}: no label in {missing}")
        own_source = source_name(entry.get("source", source), where)
        terms[code] = Term(
            code=code,
            labels=MappingProxyType({lang: entry[lang] for lang in LANGUAGES}),
            label_source=MappingProxyType(
                {
                    "en": source_name(entry["en_source"], where) if "en_source" in entry else own_source,
                    "uk": source_name(entry.get("uk_source", _OWN_TRANSLATION), where),
                }
            ),
            source=own_source,
            retired=str(entry["retired"]) if "retired" in entry else None,
            parent=entry.get("parent"),
            extra=MappingProxyType(extra),
            national=MappingProxyType(
                {
                    system: (spelling,) if isinstance(spelling, str) else tuple(spelling)
                    for system, spelling in entry.get("national", {}).items()
                }
            ),
            definition=MappingProxyType(
                {lang: entry[f"definition_{lang}"] for lang in LANGUAGES if f"definition_{lang}" in entry}
            ),
        )
    for term in terms.values():
        if term.parent is not None and term.parent not in terms:
            raise ValueError(f"list {list_name}, code {term.code}: unknown parent {term.parent!r}")
    return MappingProxyType(terms)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
