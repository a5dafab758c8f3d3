"""Errors of this room."""

from __future__ import annotations

from fallow.errors import FallowError


class PdfUnavailable(FallowError):
    """The libraries that set type for PDF are missing on this computer."""

    code = "document.pdf_unavailable"


class UnknownFormat(FallowError):
    """A document was asked for in a format that there is none of."""

    code = "document.unknown_format"


class NoSuchArea(FallowError):
    """A sheet was asked for an area that the register does not know at that date and checkpoint."""

    code = "document.no_such_area"


class NothingFiled(FallowError):
    """A comparison was asked with a date before the first checkpoint of the register."""

    code = "document.nothing_filed"
