"""One base error, one-line subclasses with a code, and the one table from code to exit status.

An error carries facts (``values``) and a place (``where``); its sentences live in ``terms/data/messages`` per
language, keyed by ``code``, and are put together by :func:`fallow.terms.explain`. Every code has a heading in
``docs/reference/errors.md``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a fault, as an officer would point at it."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    field: str | None = None
    value: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the known parts only."""
        return {name: part for name, part in asdict(self).items() if part is not None}


class FallowError(Exception):
    """Base of every error that Fallow raises on purpose.

    Args:
        where: the place of the fault.
        values: facts that the message of this code names in braces.
    """

    code = "fallow.error"

    def __init__(self, where: Where | None = None, **values: Any) -> None:
        self.where = where or Where()
        self.values = values
        super().__init__(f"{self.code} {self.where.as_dict() | values}")


# Exit status by the first part of a code; a whole code may override its family.
EXIT_CODES: dict[str, int] = {
    "fallow": 1,
    "usage": 2,
    "settings": 3,
    "exchange": 10,
    "profile": 11,
    "geodesy": 12,
    "check": 13,
    "records": 14,
    "register": 20,
    "register.busy": 21,
    "register.disk_full": 22,
    "register.network_drive": 23,
    "register.newer_format": 24,
    "inbox": 30,
    "act": 31,
    "audit": 40,
    "ledger": 50,
    "document": 60,
    "synth": 70,
    "interrupted": 130,
}


def exit_code(code: str) -> int:
    """Return the exit status of an error code.

    Raises:
        KeyError: neither the code nor its family is in the table.
    """
    return EXIT_CODES[code] if code in EXIT_CODES else EXIT_CODES[code.split(".", 1)[0]]
