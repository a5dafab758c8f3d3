"""What a check is, and the decorator that registers one under its code."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from fallow.records.batch import CheckResult, Severity

if TYPE_CHECKING:
    from fallow.checks.view import View

ALL: Final = frozenset({"*"})  # a check for every record type


class Found:
    """Collects the findings of one check; call it once per finding."""

    __slots__ = ("code", "results", "severity")

    def __init__(self, code: str, severity: Severity) -> None:
        self.code = code
        self.severity = severity
        self.results: list[CheckResult] = []

    def __call__(
        self,
        index: int,
        *,
        field: str | None = None,
        value: str | None = None,
        severity: Severity | None = None,
        repair: dict[str, Any] | None = None,
        **detail: Any,
    ) -> None:
        """Add a finding.

        Args:
            index: position of the row in the batch.
            field: field that it is about.
            value: value found, as text.
            severity: another severity than that of the check, for this finding only.
            repair: proposed patch; see :class:`~fallow.records.batch.CheckResult`. A proposal after which less
                ground would be recorded as hazardous carries ``"lowers": True``.
            detail: facts for the message: text, numbers, lists of text.
        """
        for name, fact in detail.items():
            # A size that could not be measured is a fact not known; results are stored as JSON.
            if type(fact) is float and not isfinite(fact):
                detail[name] = None
        self.results.append(CheckResult(self.code, severity or self.severity, index, field, value, detail, repair))


@dataclass(frozen=True, slots=True)
class Check:
    """One registered check.

    Args:
        code: ``check.<name>``; key of its message.
        severity: the severest that a finding of it has without saying so itself.
        records: record types that it applies to (:data:`ALL`: every one).
        geometry: it looks at shapes, and is left out where a batch has none.
        alone: what it finds in a row depends on that row and the context only, never on the other rows.
        run: the function.
    """

    code: str
    severity: Severity
    records: frozenset[str]
    geometry: bool
    alone: bool
    run: Callable[[View, Found], None]

    def applies(self, record: str) -> bool:
        """Tell whether the check is made for a record type."""
        return "*" in self.records or record in self.records


REGISTERED: dict[str, Check] = {}


def check(
    code: str,
    severity: Severity,
    *,
    records: Collection[str] = ALL,
    geometry: bool = False,
    alone: bool = True,
) -> Callable[[Callable[[View, Found], None]], Callable[[View, Found], None]]:
    """Register a function ``(view, found)`` as a check.

    Raises:
        ValueError: the code is taken, or is no ``check.<name>``.
    """

    def register(run: Callable[[View, Found], None]) -> Callable[[View, Found], None]:
        if not code.startswith("check.") or code in REGISTERED:
            raise ValueError(f"check code {code!r} is taken or does not begin with 'check.'")
        REGISTERED[code] = Check(code, severity, frozenset(records), geometry, alone, run)
        return run

    return register
