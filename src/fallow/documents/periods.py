"""Quarters of a year, and dates too vague for one."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from fallow.documents.model import Msg
from fallow.documents.model import mark as _
from fallow.records.values import When, absence


class Period(NamedTuple):
    """A quarter; ``quarter`` 9 is a year without one, ``year`` 9999 is no year. They sort by time, vague ones last."""

    year: int
    quarter: int

    @property
    def key(self) -> str:
        """Return a short key."""
        if self == NO_PERIOD:
            return "unknown"
        return f"{self.year}" if self.quarter == _YEAR_ONLY else f"{self.year}q{self.quarter}"

    @property
    def label(self) -> Msg:
        """Return the words for it."""
        if self == NO_PERIOD:
            return _("date not known closely enough")
        year = str(self.year)  # without a thousands separator
        if self.quarter == _YEAR_ONLY:
            return _("{year}, quarter not known", {"year": year})
        return _("{year}, quarter {quarter}", {"year": year, "quarter": str(self.quarter)})


_YEAR_ONLY = 9
NO_PERIOD = Period(9999, 9)


def quarter_of(wire: Any) -> Period:
    """Return the quarter in which a date surely lies; a vaguer date gives its year or no period."""
    if absence(wire) is not None:
        return NO_PERIOD
    value = When.from_wire(wire)
    first, last = value.earliest, value.latest
    if first is None or last is None or first.year != last.year:
        return NO_PERIOD
    quarters = {_quarter(first), _quarter(last)}
    return Period(first.year, quarters.pop() if len(quarters) == 1 else _YEAR_ONLY)


def _quarter(day: dt.date) -> int:
    return (day.month + 2) // 3
