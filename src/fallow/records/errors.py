"""Errors of the records."""

from __future__ import annotations

from fallow.errors import FallowError


class RecordsError(FallowError):
    """Base of the errors of this room."""

    code = "records.error"


class UnknownRecord(RecordsError):
    """There is no such type of record. Facts: record."""

    code = "records.unknown_record"


class UnknownField(RecordsError):
    """The record has no such field. Facts: record, field."""

    code = "records.unknown_field"


class BadValue(RecordsError):
    """A stored value cannot be read as the type of its field. Facts: field, type."""

    code = "records.bad_value"


class BadDefinition(RecordsError):
    """A national field is defined wrongly. Facts: record, field, reason."""

    code = "records.bad_definition"


class NotCanonical(RecordsError):
    """A value has no canonical bytes. Facts: reason."""

    code = "records.not_canonical"


class BadColumns(RecordsError):
    """Columns that belong together differ in length. Facts: what, lengths."""

    code = "records.bad_columns"
