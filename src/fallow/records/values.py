"""Value types of the records: vague dates, vague counts, measurements, and reasons for absence.

Every value has a *wire* form (plain JSON types, used in reports, acts and the chain) and a typed form. ``None`` on
the wire means that the source had no such field; a reason for absence says that it was asked and why there is
nothing. Neither is ever read as zero.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

Wire = str | int | float | bool | None | list[Any] | dict[str, Any]


class Absent(StrEnum):
    """Why a value is missing."""

    NOT_ASKED = "not_asked"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"

    def wire(self) -> dict[str, str]:
        """Return the wire form."""
        return {"absent": self.value}


def absence(wire: Wire) -> Absent | None:
    """Return the reason that a wire value gives for being empty, or None if it holds a value.

    A missing key (``None``) counts as *not asked*.
    """
    if wire is None:
        return Absent.NOT_ASKED
    if isinstance(wire, dict) and "absent" in wire:
        return Absent(wire["absent"])
    return None


class Precision(StrEnum):
    """How fine a date was stated."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"


class KnownHow(StrEnum):
    """How a date is known."""

    STATED = "stated"
    DOCUMENT = "document"
    SOURCE_DATE = "source_date"  # only the date of the source (a photograph, a report) is known: a latest bound
    ESTIMATED = "estimated"


_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), "ymd"),
    (re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"), "ymd"),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), "dmy"),
    (re.compile(r"(\d{4})-(\d{1,2})"), "ym"),
    (re.compile(r"(\d{4})/(\d{1,2})"), "ym"),
    (re.compile(r"(\d{1,2})[./](\d{4})"), "my"),
    (re.compile(r"(\d{4})"), "y"),
)


@dataclass(frozen=True, slots=True)
class When:
    """A date that may be vague: it lies between ``earliest`` and ``latest``, both included.

    Args:
        earliest: first possible day, or None when open.
        latest: last possible day, or None when open.
        precision: how fine it was stated.
        typed: the text as it came.
        how: how it is known.
    """

    earliest: dt.date | None
    latest: dt.date | None
    precision: Precision = Precision.DAY
    typed: str | None = None
    how: KnownHow = KnownHow.STATED

    def __post_init__(self) -> None:
        if self.earliest and self.latest and self.earliest > self.latest:
            raise ValueError(f"earliest {self.earliest} after latest {self.latest}")

    @classmethod
    def day(cls, day: dt.date, how: KnownHow = KnownHow.STATED) -> Self:
        """Return an exact day."""
        return cls(day, day, Precision.DAY, None, how)

    @classmethod
    def parse(cls, text: str, how: KnownHow = KnownHow.STATED) -> Self:
        """Read a day, month, year, or a span ``a..b`` of them; a time of day after the date is kept as typed.

        Accepted: ``2024-03-01``, ``2024/03/01``, ``01.03.2024``, ``2024-03``, ``03.2024``, ``2024``,
        ``2022-03..2022-05``, ``..2022``. Orders that could be read two ways (``03/04/2024``) are refused.

        Raises:
            ValueError: the text is none of these.
        """
        typed = text.strip()
        if ".." in typed:
            left, right = (part.strip() for part in typed.split("..", 1))
            if not (left or right) or ".." in right:
                raise ValueError(f"no date in {text!r}")
            first = cls.parse(left, how).earliest if left else None
            last = cls.parse(right, how).latest if right else None
            return cls(first, last, Precision.RANGE, typed, how)
        head = re.split(r"[ T]", typed, maxsplit=1)
        if len(head) == 2 and not re.fullmatch(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?", head[1]):
            raise ValueError(f"no date in {text!r}")
        for pattern, form in _FORMS:
            match = pattern.fullmatch(head[0])
            if match:
                parts = dict(zip(form, (int(group) for group in match.groups()), strict=True))
                return cls._from_parts(parts, typed, how, has_time=len(head) == 2)
        raise ValueError(f"no date in {text!r}")

    @classmethod
    def _from_parts(cls, parts: dict[str, int], typed: str, how: KnownHow, *, has_time: bool) -> Self:
        year = parts["y"]
        if "d" in parts:
            day = dt.date(year, parts["m"], parts["d"])
            return cls(day, day, Precision.MINUTE if has_time else Precision.DAY, typed, how)
        if has_time:
            raise ValueError(f"a time without a day: {typed!r}")
        if "m" in parts:
            last = calendar.monthrange(year, parts["m"])[1]
            return cls(dt.date(year, parts["m"], 1), dt.date(year, parts["m"], last), Precision.MONTH, typed, how)
        return cls(dt.date(year, 1, 1), dt.date(year, 12, 31), Precision.YEAR, typed, how)

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: from, to, precision, typed, how (empty parts left out)."""
        parts: dict[str, Wire] = {
            "from": self.earliest.isoformat() if self.earliest else None,
            "to": self.latest.isoformat() if self.latest else None,
            "precision": self.precision.value,
            "typed": self.typed,
            "how": self.how.value,
        }
        return {name: part for name, part in parts.items() if part is not None}

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(
            dt.date.fromisoformat(wire["from"]) if wire.get("from") else None,
            dt.date.fromisoformat(wire["to"]) if wire.get("to") else None,
            Precision(wire.get("precision", "day")),
            wire.get("typed"),
            KnownHow(wire.get("how", "stated")),
        )


@dataclass(frozen=True, slots=True)
class Count:
    """A number of things that may be vague: at least ``low``, at most ``high`` (None: open)."""

    low: int
    high: int | None
    typed: str | None = None

    def __post_init__(self) -> None:
        if self.low < 0 or (self.high is not None and self.high < self.low):
            raise ValueError(f"count from {self.low} to {self.high}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``12``, ``3-5``, ``3..5``, ``10+``, ``>10``, ``>=10``, ``<5``, ``~7`` (kept as 7, open above).

        Raises:
            ValueError: the text is none of these.
        """
        typed = text.strip()
        if match := re.fullmatch(r"(\d+)", typed):
            return cls(int(match[1]), int(match[1]), typed)
        if match := re.fullmatch(r"(\d+)\s*(?:-|–|\.\.)\s*(\d+)", typed):
            return cls(int(match[1]), int(match[2]), typed)
        if match := re.fullmatch(r"(\d+)\s*\+|>=\s*(\d+)|≥\s*(\d+)|[~≈]\s*(\d+)", typed):
            return cls(int(next(group for group in match.groups() if group)), None, typed)
        if match := re.fullmatch(r">\s*(\d+)", typed):
            return cls(int(match[1]) + 1, None, typed)
        if (match := re.fullmatch(r"<\s*(\d+)", typed)) and int(match[1]) > 0:
            return cls(0, int(match[1]) - 1, typed)
        raise ValueError(f"no count in {text!r}")

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: low, high (null: open), typed."""
        parts: dict[str, Wire] = {"low": self.low, "high": self.high}
        return parts if self.typed is None else parts | {"typed": self.typed}

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(wire["low"], wire["high"], wire.get("typed"))


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured or typed quantity with its unit.

    Args:
        value: the number, in ``unit``.
        unit: a code of the list ``unit`` (``m2``, ``m``, ``km``, ``h``, ``d``, ``building``, ``item`` …).
        typed: the text as it came.
        accuracy: one standard error in ``unit``, or None when not stated.
        datum: for depths, what the depth is measured from (list ``depth_datum``).
    """

    value: float
    unit: str
    typed: str | None = None
    accuracy: float | None = None
    datum: str | None = None

    def __post_init__(self) -> None:
        if self.value != self.value or self.value in (float("inf"), float("-inf")):
            raise ValueError(f"measured value {self.value}")

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: value, unit, typed, accuracy, datum (empty parts left out)."""
        parts: dict[str, Wire] = {
            "value": self.value,
            "unit": self.unit,
            "typed": self.typed,
            "accuracy": self.accuracy,
            "datum": self.datum,
        }
        return {name: part for name, part in parts.items() if part is not None}

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(wire["value"], wire["unit"], wire.get("typed"), wire.get("accuracy"), wire.get("datum"))
