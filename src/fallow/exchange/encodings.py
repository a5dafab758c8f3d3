"""Which encoding a text is in: stated by its first bytes, proved by UTF-8's own rules, or guessed and said so."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import numpy as np

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HIGH = 0x80
# In Cyrillic text nearly every letter is above 0x7F, so high bytes stand side by side; in Western text they
# stand alone between ASCII letters.
_CYRILLIC_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and whether it is only a guess."""

    name: str
    guessed: bool = False


def marked(start: bytes) -> Encoding | None:
    """Return the encoding that a byte order mark at the start of a text states."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name)
    return None


class Listener:
    """Watches the bytes of a text go by and then says which encoding they are in."""

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._valid = True
        self._high = 0
        self._paired = 0
        self._last_high = False
        self._seen = np.zeros(256, dtype=bool)

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self._valid:
            try:
                self._utf8.decode(piece)
            except UnicodeDecodeError:
                self._valid = False
        values = np.frombuffer(piece, dtype=np.uint8)
        high = values >= _HIGH
        if not high.any():
            self._last_high = False
            return
        self._seen |= np.bincount(values, minlength=256).astype(bool)
        before = np.concatenate(([self._last_high], high[:-1]))
        self._high += int(high.sum())
        self._paired += int((high & before).sum())
        self._last_high = bool(high[-1])

    def encoding(self) -> Encoding | None:
        """Return the encoding, or None when the bytes are text in none of those tried."""
        if self._valid:
            try:
                self._utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                self._valid = False
        if self._valid:
            return Encoding("utf-8")
        cyrillic = self._paired >= _CYRILLIC_FROM * self._high
        for name in ("cp1251", "cp1252") if cyrillic else ("cp1252", "cp1251"):
            try:
                bytes(np.flatnonzero(self._seen).astype(np.uint8)).decode(name)
            except UnicodeDecodeError:
                continue
            return Encoding(name, guessed=True)
        return None


def encoding_of(text: bytes) -> Encoding | None:
    """Return the encoding of a whole text (see :class:`Listener`)."""
    listener = Listener()
    listener.feed(text)
    return listener.encoding()


def undoubled(text: str) -> str | None:
    """Return a text that was encoded twice as it was before, or None when it was not.

    UTF-8 that was taken for an older code page and encoded again ("geÃ¯nterpreteerd") can be told with near
    certainty: turned back, it is valid UTF-8, which no ordinary text is by chance.
    """
    if text.isascii():
        return None
    for name in ("cp1252", "latin-1", "cp1251"):
        try:
            once = text.encode(name).decode("utf-8")
        except UnicodeError:
            continue
        if once != text:
            return once
    return None
