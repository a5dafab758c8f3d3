"""From which day a version holds, by survey or decision; what is missing counts in the hazardous direction.

Hazard holds from the first possible day of its survey or information, and always where no date is known. What lowers
holds from the last possible day, and from the decision where no date is known.
"""

from __future__ import annotations

from typing import Any

RELEASE_DATES = ("decided", "end", "date_of_information")
SURVEY_DATES = ("surveyed_on", "date_of_information")


def valid_from(record: str, values: dict[str, Any], decided: str) -> str | None:
    """Return the first day on which a version holds (``YYYY-MM-DD``), or None for always."""
    if record in ("release_product", "searched_area"):
        for name in RELEASE_DATES:
            when = values.get(name)
            if isinstance(when, dict) and when.get("to"):
                return str(min(when["to"], decided[:10]))
        return decided[:10]
    if record in ("hazardous_area", "evidence", "marking"):
        for name in SURVEY_DATES:
            when = values.get(name)
            if isinstance(when, dict) and when.get("from"):
                return str(when["from"])
    return None


def update_from(record: str, patch: dict[str, Any], values: dict[str, Any], decided: str, lowers: bool) -> str | None:
    """Return the first day on which an update holds.

    A raising update holds from its survey; one that lowers holds from its survey only where the report states the
    day, and from the decision otherwise.
    """
    names = RELEASE_DATES if record in ("release_product", "searched_area") else SURVEY_DATES
    end = "to" if lowers else "from"
    for name in names:
        # A day that the report merely repeats says when the hazard was surveyed, not when it was lowered.
        when = patch.get(name) if lowers else patch.get(name) or values.get(name)
        if isinstance(when, dict) and when.get(end):
            return str(min(when[end], decided[:10]))
    return decided[:10]
