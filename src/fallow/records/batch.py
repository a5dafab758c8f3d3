"""The column-wise shape that rows have between a file and the inbox, and the check results that travel with them."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as column
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from fallow.records.values import Wire

Shapes = npt.NDArray[np.object_]


class Severity(StrEnum):
    """What a check result does to its row."""

    BLOCKING = "blocking"  # the row is held until somebody mends it
    WARNING = "warning"  # the row goes on; the result stays with the report
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One finding about one row.

    Args:
        code: code of the check, also the key of its message and docs heading (``check.self_crossing``).
        severity: what it does to the row.
        index: position of the row in its batch (0-based), or -1 for the whole file.
        field: the field (register name) that it is about, if one.
        value: the value found, as text.
        detail: facts that the message names.
        repair: a proposed patch of wire values (geometry as WKT under ``geometry_wkt``); never applied by itself.
    """

    code: str
    severity: Severity
    index: int
    field: str | None = None
    value: str | None = None
    detail: dict[str, Any] = column(default_factory=dict)
    repair: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A coordinate operation that was really used. ``accuracy_m`` None means that its source states none."""

    name: str
    code: str | None
    accuracy_m: float | None

    def wire(self) -> dict[str, Wire]:
        """Return the wire form."""
        return {"name": self.name, "code": self.code, "accuracy_m": self.accuracy_m}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What is known of the file that rows came from."""

    name: str
    sha256: str
    size: int
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None  # as stated by the file, the profile or the officer: "EPSG:28992" or PROJ/WKT text
    crs_from: str | None = None  # "file", "profile" or "officer"
    profile: str | None = None
    profile_version: int | None = None
    profile_sha256: str | None = None


@dataclass(slots=True)
class Batch:
    """Rows of one record type from one source, column-wise. All columns have the same length.

    Args:
        record: record type (``hazardous_area``).
        source: the file.
        rows: row numbers as an officer counts them (line of a text file, row of a sheet, feature number from 1).
        columns: register field name → wire values; None where the source gave nothing.
        raw: source column name → values as received (JSON types).
        geometry: shapes in WGS 84, longitude first, 2D; None entries where there is none.
        surveyed: shapes as received, in ``source.crs``; the same array object when no operation was needed.
        operation: the operation from ``source.crs`` to WGS 84.
        results: findings met while reading.
        unread: (row number, raw text, code) of rows that could not be made into a row at all: *rejected*.
    """

    record: str
    source: SourceFile
    rows: npt.NDArray[np.int64]
    columns: dict[str, list[Wire]]
    raw: dict[str, list[Any]]
    geometry: Shapes | None = None
    surveyed: Shapes | None = None
    operation: Operation | None = None
    results: list[CheckResult] = column(default_factory=list)
    unread: list[tuple[int, str, str]] = column(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)
