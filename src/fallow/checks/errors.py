"""Errors of this room."""

from fallow.errors import FallowError


class UnknownCheck(FallowError):
    """A check was asked for by a code that no check has."""

    code = "check.unknown_check"
