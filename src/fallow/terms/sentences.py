"""The sentences of errors and checks, per language, keyed by code; put together with the facts of one case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from fallow.terms._files import load

UNKNOWN_FACT = "…"
_PARTS = ("title", "what", "todo")
_FACT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
# Facts come from files that others made: control characters and marks that turn the reading direction could rewrite
# the line that an officer sees on a terminal.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST_FACT = 400


@dataclass(frozen=True, slots=True)
class Explained:
    """A message with its facts filled in: a short title, what happened, what to do."""

    title: str
    what: str
    todo: str


@cache
def messages(lang: str = "en") -> Mapping[str, Mapping[str, str]]:
    """Return code → {title, what, todo} of a language.

    Raises:
        FileNotFoundError: the project has no such language.
    """
    return MappingProxyType({code: MappingProxyType(parts) for code, parts in load("messages", lang).items()})


def explain(code: str, values: Mapping[str, Any] | None = None, lang: str = "en") -> Explained:
    """Put together the message of a code.

    Never fails for what is missing: an explanation is often the last thing that works. A fact that is not given is
    shown as ``…``; a code without a message in ``lang`` is explained in English, and without any, by the code and
    the facts themselves. Facts are put in as text; nothing inside a fact or behind a name in braces is evaluated.

    Args:
        code: code of an error or check (``exchange.crs_missing``).
        values: the facts that the sentences name in braces.
        lang: language; an unknown one is read as English.
    """
    facts = {name: _shown(value) for name, value in (values or {}).items()}
    for candidate in (lang, "en"):
        try:
            parts = messages(candidate).get(code)
        except FileNotFoundError:
            continue
        if parts is not None:
            return Explained(*(_fill(parts.get(part, ""), facts) for part in _PARTS))
    listed = "; ".join(f"{name}: {value}" for name, value in facts.items())
    return Explained(code, listed or UNKNOWN_FACT, "")


def _fill(sentence: str, facts: Mapping[str, str]) -> str:
    return _FACT.sub(lambda match: facts.get(match[1], UNKNOWN_FACT), sentence)


def _shown(value: object) -> str:
    if value is None or value == "":
        return UNKNOWN_FACT
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value)
        text = ", ".join(parts) or UNKNOWN_FACT
    else:
        text = str(value)
    text = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= _LONGEST_FACT else text[: _LONGEST_FACT - 1] + UNKNOWN_FACT
