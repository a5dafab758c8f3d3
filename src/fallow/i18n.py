"""Page text, numbers and dates in the reader's language.

English is the language of the message ids; every other language has a catalogue under ``locale/<lang>/LC_MESSAGES``,
read as it is (``.po``), without a build step. Labels of codes and the sentences of errors are not here but in
:mod:`fallow.terms`.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "uk")
SOURCE_LANGUAGE = "en"

_NO_BREAK = "\N{NO-BREAK SPACE}"
_EN_DASH = "\N{EN DASH}"
# unit → (m² in one unit, English symbol, Ukrainian symbol)
_AREA_UNITS = {"m2": (1, "m²", "м²"), "ha": (10_000, "ha", "га"), "km2": (1_000_000, "km²", "км²")}
# Latin digits, Gregorian calendar; a month without a day stands in the nominative in Ukrainian (LLLL, not MMMM).
_PATTERNS = {"day": "d MMMM y", "month": "LLLL y", "year": "y", "minute": "d MMMM y, HH:mm"}

Translator = Callable[[str], str]


@cache
def translations(lang: str) -> NullTranslations:
    """Return the catalogue of a language, as Jinja2 and the standard library take it.

    Raises:
        ValueError: the project has no such language, or its catalogue is faulty.
    """
    _known(lang)
    if lang == SOURCE_LANGUAGE:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = files("fallow").joinpath("locale", lang, "LC_MESSAGES", "fallow.po")
    catalogue = read_po(io.BytesIO(file.read_bytes()), locale=lang, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def translator(lang: str) -> Translator:
    """Return the function that turns English page text into a language.

    Mark text as ``_("…")`` with the function under the name ``_``: a test finds every mark and asks for its
    translation. Text without a translation comes back in English.

    Raises:
        ValueError: the project has no such language.
    """
    return translations(lang).gettext


def format_number(value: float | Decimal, lang: str, decimals: int | None = None) -> str:
    """Write a number with the signs of a language: ``12,340.5`` in English, ``12 340,5`` in Ukrainian.

    Groups are parted by a no-break space where the language uses a space. Halves are rounded to even.

    Args:
        value: a finite number.
        lang: language.
        decimals: digits after the decimal sign, always that many; None: as many as needed, at most three.

    Raises:
        ValueError: the number is not finite, or the project has no such language.
    """
    from babel.numbers import format_decimal

    _known(lang)
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    pattern = "#,##0.###" if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    text = str(format_decimal(value, format=pattern, locale=lang))
    return text if any(sign in "123456789" for sign in text) else text.lstrip("-")


def format_area(m2: float | Decimal, lang: str, unit: str = "m2", decimals: int = 0) -> str:
    """Write an area: ``12,340 m²`` in English, ``12 340 м²`` in Ukrainian, the unit after a no-break space.

    Args:
        m2: area in square metres.
        lang: language.
        unit: unit to print in: ``m2``, ``ha`` or ``km2``.
        decimals: digits after the decimal sign.

    Raises:
        ValueError: not finite, or no such unit or language.
    """
    if unit not in _AREA_UNITS:
        raise ValueError(f"no unit of area {unit!r}; there are {', '.join(_AREA_UNITS)}")
    size, *symbols = _AREA_UNITS[unit]
    value = m2 if isinstance(m2, Decimal) else Decimal(repr(float(m2)))
    return format_number(value / size, lang, decimals) + _NO_BREAK + symbols[LANGUAGES.index(lang)]


def format_date(value: dt.date | Mapping[str, Any] | None, lang: str) -> str:
    """Write a date no finer than it is known.

    A vague date stays vague: a month is printed as a month, a range as a range, an open end as *from* or *until*, an
    estimate with *about*, and a date of which only the source's date is known as *not later than*.

    Args:
        value: a date, a date with time (must carry its offset, which is printed), the wire form of a
            :class:`fallow.records.When`, the wire form of an absence, or None (printed as not asked).
        lang: language.

    Raises:
        ValueError: a time without offset, a wire form without any date or with an unknown reason for absence, or
            no such language.
    """
    _ = translator(lang)
    if value is None:
        return _("not asked")
    if isinstance(value, dt.datetime):
        offset = value.strftime("%Z")
        if value.utcoffset() is None:
            raise ValueError(f"a time without its offset: {value}")
        return f"{_date(value, 'minute', lang)} {offset}"
    if isinstance(value, dt.date):
        return _date(value, "day", lang)
    if "absent" in value:
        reasons = {
            "unknown": _("unknown"),
            "not_asked": _("not asked"),
            "refused": _("refused"),
            "not_applicable": _("not applicable"),
        }
        if value["absent"] not in reasons:
            raise ValueError(f"no reason for absence {value['absent']!r}")
        return reasons[value["absent"]]
    return _vague(value, lang)


def _vague(wire: Mapping[str, Any], lang: str) -> str:
    _ = translator(lang)
    start, end = (dt.date.fromisoformat(wire[key]) if wire.get(key) else None for key in ("from", "to"))
    how, precision = wire.get("how", "stated"), wire.get("precision", "day")
    if start is None and end is None:
        raise ValueError(f"no date in {dict(wire)}")
    if end is not None and how == "source_date" and (start is None or start == end or precision != "range"):
        return _("not later than {date}").format(date=_date(end, "day", lang))
    if end is None:
        text = _("from {date}").format(date=_date(start, "day", lang))
    elif start is None:
        text = _("until {date}").format(date=_date(end, "day", lang))
    elif precision in {"month", "year"}:
        text = _date(start, precision, lang)
    elif start == end:
        text = _date(start, "day", lang)
    else:
        text = f"{_date(start, 'day', lang)} {_EN_DASH} {_date(end, 'day', lang)}"
    return _("about {date}").format(date=text) if how == "estimated" else text


def _date(value: dt.date | None, precision: str, lang: str) -> str:
    if value is None:  # babel would print today
        raise ValueError("no date")
    from babel.dates import format_date as babel_date
    from babel.dates import format_datetime as babel_datetime

    pattern = _PATTERNS[precision]
    if isinstance(value, dt.datetime):
        # babel would move the time to another zone: it is printed as it stands, with its own offset beside it.
        return str(babel_datetime(value.replace(tzinfo=None), pattern, locale=lang))
    return str(babel_date(value, pattern, locale=lang))


def _known(lang: str) -> None:
    if lang not in LANGUAGES:
        raise ValueError(f"no language {lang!r}; there are {', '.join(LANGUAGES)}")
