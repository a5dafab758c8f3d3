"""Time as the register writes it: UTC, ISO 8601 with milliseconds, never going back within one register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]


def system_clock() -> dt.datetime:
    """Return the present time in UTC."""
    return dt.datetime.now(dt.UTC)


def stamp(moment: dt.datetime) -> str:
    """Return a moment as text (``2026-11-22T10:00:00.000Z``).

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> dt.datetime:
    """Read such a text."""
    return dt.datetime.fromisoformat(text)


def end_of(day: dt.date) -> str:
    """Return the last stamp of a day, so that *known by a day* includes the whole day."""
    return f"{day.isoformat()}T23:59:59.999Z"
