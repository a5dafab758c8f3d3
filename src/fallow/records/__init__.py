"""The records: what a register holds, in wire form and in typed form, and the frozen views that leave it.

Value types (vague dates and counts, measurements, reasons for absence), the record types generated from the field
definitions, the registry that joins them with a country's own fields, the column-wise batch of rows on their way in,
the snapshot at one date of both times, the versions of a record, and the depth bands of hazard and release.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

_EXPORTS = {
    "Absent": "fallow.records.values",
    "Count": "fallow.records.values",
    "Measured": "fallow.records.values",
    "When": "fallow.records.values",
    "Wire": "fallow.records.values",
    "absence": "fallow.records.values",
    "Batch": "fallow.records.batch",
    "CheckResult": "fallow.records.batch",
    "Operation": "fallow.records.batch",
    "Severity": "fallow.records.batch",
    "SourceFile": "fallow.records.batch",
    "Casualties": "fallow.records.compound",
    "Geometry": "fallow.records.compound",
    "Identifier": "fallow.records.compound",
    "Position": "fallow.records.compound",
    "Ref": "fallow.records.compound",
    "Sealed": "fallow.records.compound",
    "Fault": "fallow.records.fields",
    "Registry": "fallow.records.fields",
    "RECORD_TYPES": "fallow.records.types",
    "Record": "fallow.records.types",
    "Snapshot": "fallow.records.snapshot",
    "Rows": "fallow.records.snapshot",
    "Version": "fallow.records.versions",
    "Versions": "fallow.records.versions",
}

if TYPE_CHECKING:
    from fallow.records.batch import Batch as Batch
    from fallow.records.batch import CheckResult as CheckResult
    from fallow.records.batch import Operation as Operation
    from fallow.records.batch import Severity as Severity
    from fallow.records.batch import SourceFile as SourceFile
    from fallow.records.compound import Casualties as Casualties
    from fallow.records.compound import Geometry as Geometry
    from fallow.records.compound import Identifier as Identifier
    from fallow.records.compound import Position as Position
    from fallow.records.compound import Ref as Ref
    from fallow.records.compound import Sealed as Sealed
    from fallow.records.fields import Fault as Fault
    from fallow.records.fields import Registry as Registry
    from fallow.records.snapshot import Rows as Rows
    from fallow.records.snapshot import Snapshot as Snapshot
    from fallow.records.types import RECORD_TYPES as RECORD_TYPES
    from fallow.records.types import Record as Record
    from fallow.records.values import Absent as Absent
    from fallow.records.values import Count as Count
    from fallow.records.values import Measured as Measured
    from fallow.records.values import When as When
    from fallow.records.values import Wire as Wire
    from fallow.records.values import absence as absence
    from fallow.records.versions import Version as Version
    from fallow.records.versions import Versions as Versions

__all__ = [
    "RECORD_TYPES",
    "Absent",
    "Batch",
    "Casualties",
    "CheckResult",
    "Count",
    "Fault",
    "Geometry",
    "Identifier",
    "Measured",
    "Operation",
    "Position",
    "Record",
    "Ref",
    "Registry",
    "Rows",
    "Sealed",
    "Severity",
    "Snapshot",
    "SourceFile",
    "Version",
    "Versions",
    "When",
    "Wire",
    "absence",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.records' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
