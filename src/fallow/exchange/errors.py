"""The errors of exchange: files that cannot be taken, and profiles that say nothing sensible."""

from __future__ import annotations

from fallow.errors import FallowError


class ExchangeError(FallowError):
    """A file cannot be taken or written."""

    code = "exchange.unreadable"


class NotFound(ExchangeError):
    """There is no such file, or it is no plain file."""

    code = "exchange.not_found"


class UnknownFormat(ExchangeError):
    """The ending of the file names no format that is read."""

    code = "exchange.unknown_format"


class Unreadable(ExchangeError):
    """The content is broken, cut off or of another format than its ending says."""

    code = "exchange.unreadable"


class TooLarge(ExchangeError):
    """The file, or what it unpacks to, is over a bound of the settings."""

    code = "exchange.too_large"


class LineTooLong(ExchangeError):
    """One line or one record of a text file is over the bound of the settings."""

    code = "exchange.line_too_long"


class TooManyRows(ExchangeError):
    """The file has more rows than one import takes."""

    code = "exchange.too_many_rows"


class NulBytes(ExchangeError):
    """A text file holds NUL bytes: it is no text."""

    code = "exchange.nul_bytes"


class EncodingUnknown(ExchangeError):
    """The bytes of a text are in none of the encodings tried."""

    code = "exchange.encoding"


class UnknownLayer(ExchangeError):
    """The file has no such layer or sheet, or several and none was named."""

    code = "exchange.unknown_layer"


class SystemMissing(ExchangeError):
    """Nobody says in which reference system the coordinates are."""

    code = "exchange.crs_missing"


class SystemUncertain(ExchangeError):
    """The file's reference system has no code and no datum; what it looks like is a guess."""

    code = "exchange.crs_uncertain"


class SystemContradicts(ExchangeError):
    """The file names another reference system than the officer or the profile."""

    code = "exchange.crs_contradiction"


class ColumnMissing(ExchangeError):
    """A column that a required field comes from is not in the file."""

    code = "exchange.column_missing"


class RecordMissing(ExchangeError):
    """Neither the call nor the profile nor the file says which record type the rows are."""

    code = "exchange.record_missing"


class OutputExists(ExchangeError):
    """A file to be written exists already."""

    code = "exchange.output_exists"


class ProfileError(FallowError):
    """A mapping profile is wrong; ``where`` names the file and the key."""

    code = "profile.invalid"


class ProfileNotFound(ProfileError):
    """There is no such profile."""

    code = "profile.not_found"


class ProfileUnreadable(ProfileError):
    """The profile is no TOML."""

    code = "profile.unreadable"


class ProfileKey(ProfileError):
    """A key is missing or unknown."""

    code = "profile.key"


class ProfileValue(ProfileError):
    """A value is of the wrong kind, or names a code, unit or reason that there is not."""

    code = "profile.value"


class ProfileField(ProfileError):
    """A field is not a field of the record."""

    code = "profile.field"
