"""Invented names, English spelling beside Ukrainian, put together from syllables of no language."""

from __future__ import annotations

import numpy as np

from fallow.synth.frame import Rng

_ONSETS = {
    "b": "б", "d": "д", "dr": "др", "f": "ф", "fl": "фл", "k": "к", "kv": "кв", "l": "л", "m": "м", "n": "н",
    "p": "п", "pl": "пл", "r": "р", "s": "с", "sk": "ск", "t": "т", "tr": "тр", "v": "в", "z": "з",
}  # fmt: skip
_VOWELS = {"a": "а", "e": "е", "i": "і", "o": "о", "u": "у"}
_CODAS = {"": "", "l": "л", "m": "м", "n": "н", "r": "р"}
_ENDINGS = {
    "ombe": "омбе", "untu": "унту", "erru": "ерру", "impa": "імпа", "ulvo": "улво", "asti": "асті",
    "endro": "ендро", "iffa": "іффа", "orrim": "оррім", "uzzel": "уззел", "ammok": "аммок", "iktu": "ікту",
}  # fmt: skip


def _syllables(count: int, rng: Rng, *, coda: bool) -> tuple[list[str], list[str]]:
    english, ukrainian = [""] * count, [""] * count
    for part in (_ONSETS, _VOWELS, _CODAS if coda else {"": ""}):
        keys = list(part)
        for row, pick in enumerate(rng.integers(0, len(keys), count)):
            english[row] += keys[pick]
            ukrainian[row] += part[keys[pick]]
    return english, ukrainian


def invent(count: int, rng: Rng) -> list[tuple[str, str]]:
    """Return ``count`` different names as (English, Ukrainian), first letter large."""
    names: dict[str, str] = {}
    while len(names) < count:
        want = max(2 * (count - len(names)), 8)
        first = _syllables(want, rng, coda=True)
        second = _syllables(want, rng, coda=False)
        onsets, endings = list(_ONSETS), list(_ENDINGS)
        onset = rng.integers(0, len(onsets), want)
        ending = rng.integers(0, len(endings), want)
        long = rng.random(want) < 0.2
        for row in range(want):
            last = onsets[onset[row]], endings[ending[row]]
            english = first[0][row] + (second[0][row] if long[row] else "") + last[0] + last[1]
            ukrainian = first[1][row] + (second[1][row] if long[row] else "") + _ONSETS[last[0]] + _ENDINGS[last[1]]
            names.setdefault(english.capitalize(), ukrainian.capitalize())
    return list(names.items())[:count]


def people(count: int, rng: Rng, what: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return names of invented persons that nobody can take for real ones: ``SYNTHETIC informant Kelfulvo 0412``."""
    family = [english for english, _ in invent(min(count, 400), rng)] if count else []
    picks = rng.integers(0, max(len(family), 1), count)
    return np.array([f"SYNTHETIC {what} {family[pick]} {row + 1:04d}" for row, pick in enumerate(picks)], dtype=object)
