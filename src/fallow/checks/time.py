"""Dates: in the future, in the wrong order, or only the date of a source."""

from __future__ import annotations

import datetime as dt

import numpy as np

from fallow.checks.columns import Days, Floats, day_text, days
from fallow.checks.ground import hazard_of_products
from fallow.checks.registration import Found, check
from fallow.checks.view import View
from fallow.records.batch import Severity
from fallow.records.values import Wire

EARLIEST = dt.date(1900, 1, 1)

# (record or None for every one, earlier field, later field): the later cannot end before the earlier begins.
ORDER = (
    (None, "start", "end"),
    ("release_product", "end", "decided"),
    ("release_product", "decided", "handover_date"),
    ("release_product", "end", "handover_date"),
    ("hazardous_area", "event_date", "surveyed_on"),
    ("hazardous_area", "surveyed_on", "handover_date"),
    ("use_record", "laid_date", "custodian_released"),
    ("marking", "installed", "checked"),
    ("item_found", "found", "disposed"),
    ("evidence", "event_date", "source_date"),
)
# An order may name days to come; what it covers is work, never a hazard.
PLANNED = {"task": ("start", "end")}
_PLANNED_STATES = ("ordered", "under_way", "suspended")

# When something was laid, struck or happened; beside it, where the record has one, the date of its source.
EVENTS = {
    "evidence": ("event_date", "source_date"),
    "hazardous_area": ("event_date", None),
    "use_record": ("laid_date", None),
    "accident": ("date", None),
    "item_found": ("found", None),
}


def _dates(view: View) -> list[str]:
    return [name for name, field in view.fields.items() if field.type == "when" and view.has(name)]


@check("check.date_in_future", Severity.BLOCKING)
def date_in_future(view: View, found: Found) -> None:
    """A date that lies wholly after today: what the register holds has happened."""
    today = view.context.today.toordinal()
    for name in _dates(view):
        dates = view.days(name)
        late = dates.first > today
        if name in PLANNED.get(view.record, ()):
            continue
        if view.record == "activity" and name in ("start", "end") and late.any():
            late &= ~view.holds("status", *_PLANNED_STATES)
        for index in np.flatnonzero(late).tolist():
            found(
                index,
                field=name,
                value=view.typed(name, index),
                date=day_text(dates.first[index]),
                today=view.context.today.isoformat(),
            )


@check("check.date_unlikely", Severity.WARNING)
def date_unlikely(view: View, found: Found) -> None:
    """A date that lies wholly before 1900."""
    for name in _dates(view):
        dates = view.days(name)
        early = dates.last < EARLIEST.toordinal()
        for index in np.flatnonzero(early).tolist():
            found(index, field=name, value=view.typed(name, index), date=day_text(dates.last[index]))


@check("check.date_reversed", Severity.WARNING)
def date_reversed(view: View, found: Found) -> None:
    """What ends before it starts, is handed over before it is decided, is checked before it was put up.

    For a release product it is blocking: the year that its land is booked in rests on these dates.
    """
    severity = Severity.BLOCKING if view.record == "release_product" else None
    for record, earlier, later in ORDER:
        if record not in (None, view.record) or not (view.has(earlier) and view.has(later)):
            continue
        one, other = view.days(earlier), view.days(later)
        wrong = other.last < one.first
        for index in np.flatnonzero(wrong).tolist():
            found(
                index,
                field=later,
                value=view.typed(later, index),
                severity=severity,
                earlier_field=earlier,
                earlier=day_text(one.first[index]),
                later=day_text(other.last[index]),
            )


@check("check.source_date_as_event", Severity.WARNING, records=tuple(EVENTS))
def source_date_as_event(view: View, found: Found) -> None:
    """Only the date of the source is known, or it was entered as the date of the event: a latest bound, no date."""
    event, source = EVENTS[view.record]
    happened = view.days(event)
    flagged = happened.source_only.copy()
    only = np.zeros(view.n, dtype=bool)
    if source is not None and view.has(source):
        seen = view.days(source)
        exact = (happened.first == seen.first) & (happened.last == seen.last)
        flagged |= exact
        only = seen.given & ~happened.given
        flagged |= only
    else:
        seen = happened
    for index in np.flatnonzero(flagged).tolist():
        bound = _last(seen if only[index] else happened, index)
        name = source if only[index] and source is not None else event
        found(index, field=event, value=view.typed(name, index), latest=bound, source_field=name)


def _last(dates: Days, index: int) -> str | None:
    last = dates.last[index] if np.isfinite(dates.last[index]) else dates.first[index]
    return day_text(last) if np.isfinite(last) else None


@check("check.missing_date_of_information", Severity.ADVICE)
def missing_date_of_information(view: View, found: Found) -> None:
    """Nobody said on which day the record held."""
    if "date_of_information" not in view.fields:
        return
    for index in np.flatnonzero(~view.days("date_of_information").given).tolist():
        found(index, field="date_of_information")


@check("check.release_before_survey", Severity.WARNING, records=["release_product"])
def release_before_survey(view: View, found: Found) -> None:
    """Land released before the survey that recorded its hazard."""
    existing = view.context.existing.get("hazardous_area")
    if existing is None or not len(existing.ids):
        return
    released = _released_by(view)
    for index, positions in hazard_of_products(view).items():
        if not np.isfinite(released[index]):
            continue
        for position in positions:
            surveyed = _surveyed_from(existing.rows[position])
            if np.isfinite(surveyed) and released[index] < surveyed:
                found(
                    index,
                    field="end" if view.days("end").given[index] else "decided",
                    released=day_text(released[index]),
                    surveyed=day_text(surveyed),
                    other=existing.label(position),
                )
                break


def _released_by(view: View) -> Floats:
    """(n,) last day on which each product's land can have been released: end of the work, else the decision."""
    end, decided = view.days("end"), view.days("decided")
    return np.where(end.given, np.fmax(end.first, end.last), np.fmax(decided.first, decided.last))


def _surveyed_from(row: dict[str, Wire]) -> float:
    """Return the first day on which an area can have been surveyed, NaN when unknown."""
    surveyed = days([row.get("surveyed_on")])
    return float(surveyed.first[0])
