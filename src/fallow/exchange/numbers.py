"""Numbers as people write them, and the refusal to guess where a sign can be read two ways."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

# Blanks, thin blanks and apostrophes between groups of three digits.
_GROUPED = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3}(?:\D|$))")
_PLAIN = re.compile(r"[+-]?\d+")
_SIGNED = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)*)(?:[eE][+-]?\d+)?")
_DECIMAL = re.compile(r"[+-]?(\d+)([.,])(\d+)(?:[eE][+-]?\d+)?")


def number(text: str, decimal: str | None = None) -> float:
    """Read a number.

    Args:
        text: the text, without a unit.
        decimal: ``.`` or ``,``; None: found out. ``12,5`` has one meaning; ``1,234`` has two and is refused.

    Raises:
        ValueError: no number, or one that can be read two ways.
    """
    body = _GROUPED.sub("", text.strip().replace("\u2212", "-"))
    if _PLAIN.fullmatch(body):
        return float(body)
    if not _SIGNED.fullmatch(body):
        raise ValueError(f"no number: {text!r}")
    if match := _DECIMAL.fullmatch(body):
        sign = match[2]
        if decimal is None and sign == "," and _ambiguous(match):
            raise ValueError(f"{text!r} can be read two ways")
        if decimal in (None, sign):
            return _finite(body.replace(",", "."))
        if decimal == "," or _ambiguous(match):
            raise ValueError(f"{text!r} can be read two ways")
        raise ValueError(f"no number: {text!r}")
    # Several signs: groups of three by one sign, then at most one decimal sign of the other kind.
    for group, point in ((".", ","), (",", ".")):
        pattern = rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d+)?"
        if decimal in (None, point) and re.fullmatch(pattern, body):
            return _finite(body.replace(group, "").replace(point, "."))
    raise ValueError(f"no number: {text!r}")


def decimal_sign(texts: Iterable[object]) -> str | None:
    """Return the decimal sign that a column uses beyond doubt, or None when it does not show or both occur."""
    seen = set()
    for text in texts:
        if isinstance(text, str) and (match := _DECIMAL.match(text.strip())) and not _ambiguous(match):
            seen.add(match[2])
            if len(seen) > 1:
                return None
    return seen.pop() if seen else None


def as_text(value: object) -> str:
    """Return a value as the text that a person would have typed: ``12`` for 12.0."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def _ambiguous(match: re.Match[str]) -> bool:
    # Three digits after the sign could be thousands, unless the part before it cannot be.
    return len(match[3]) == 3 and len(match[1]) <= 3 and match[1].lstrip("0") != ""


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"no finite number: {text!r}")
    return value
