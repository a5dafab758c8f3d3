"""The errors of the land ledger."""

from __future__ import annotations

from fallow.errors import FallowError


class Unbalanced(FallowError):
    """A balance does not add up: a fault of the program, never of the data."""

    code = "ledger.unbalanced"


class WrongPeriods(FallowError):
    """Periods are empty, overlap, or are out of order."""

    code = "ledger.wrong_periods"


class WrongBasis(FallowError):
    """The booking basis is not one of the list ``booking_basis``."""

    code = "ledger.wrong_basis"


class WrongKnowledge(FallowError):
    """The opening is known later than the closing."""

    code = "ledger.wrong_knowledge"


class WrongUnits(FallowError):
    """Administrative units do not fit together: lengths differ, or a version ends before it begins."""

    code = "ledger.wrong_units"


class Unclassified(FallowError):
    """A record lacks the code that decides where its ground is counted."""

    code = "ledger.unclassified"


class NoGround(FallowError):
    """A shape cannot be laid out on the ledger's grid: a coordinate is missing or infinite."""

    code = "ledger.no_ground"
