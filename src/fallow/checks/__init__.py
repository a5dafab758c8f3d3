"""Checks: what is doubtful in the rows of a batch, found before anybody has to believe them.

This room holds the data-quality checks over records: one registered function per kind of finding, vectorised over
the columns and shapes of a :class:`~fallow.records.batch.Batch` and over what the register already holds. One row
and a hundred thousand run through the same code. A check names what it found, where, and what to do; it may propose
a repair; it changes nothing itself, and no result says anything about ground being free of hazard.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

_EXPORTS = {
    "ALL": "fallow.checks.registration",
    "Check": "fallow.checks.registration",
    "Found": "fallow.checks.registration",
    "check": "fallow.checks.registration",
    "CheckContext": "fallow.checks.context",
    "ExistingRecords": "fallow.checks.context",
    "Units": "fallow.checks.context",
    "CHECKS": "fallow.checks.engine",
    "describe": "fallow.checks.engine",
    "explain_result": "fallow.checks.engine",
    "run_checks": "fallow.checks.engine",
    "summary": "fallow.checks.engine",
}

if TYPE_CHECKING:
    from fallow.checks.context import CheckContext as CheckContext
    from fallow.checks.context import ExistingRecords as ExistingRecords
    from fallow.checks.context import Units as Units
    from fallow.checks.engine import CHECKS as CHECKS
    from fallow.checks.engine import describe as describe
    from fallow.checks.engine import explain_result as explain_result
    from fallow.checks.engine import run_checks as run_checks
    from fallow.checks.engine import summary as summary
    from fallow.checks.registration import ALL as ALL
    from fallow.checks.registration import Check as Check
    from fallow.checks.registration import Found as Found
    from fallow.checks.registration import check as check

__all__ = [
    "ALL",
    "CHECKS",
    "Check",
    "CheckContext",
    "ExistingRecords",
    "Found",
    "Units",
    "check",
    "describe",
    "explain_result",
    "run_checks",
    "summary",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.checks' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
