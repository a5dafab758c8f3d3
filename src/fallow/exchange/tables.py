"""What a reader hands over: named columns of values as received, shapes, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fallow.records.batch import CheckResult, Severity, Shapes

WHOLE_FILE = -1


class Formula(str):
    """The text of a formula in a workbook. It is kept as received and no field takes it for a value."""

    __slots__ = ()


@dataclass(slots=True)
class Column:
    """One column of a source.

    Args:
        values: one JSON value per row, as received; None where there is nothing.
        distinct: the values that occur, each once, when they were sorted out already; else None.
        index: (n,) position of each row's value in ``distinct``; -1 for None.
    """

    values: list[Any]
    distinct: list[Any] | None = None
    index: npt.NDArray[np.int64] | None = None

    def factored(self) -> tuple[list[Any], npt.NDArray[np.int64] | None]:
        """Return the values to look at, and per row which of them it holds (None: row by row)."""
        return (self.values, None) if self.distinct is None else (self.distinct, self.index)


def text_column(values: list[Any]) -> Column:
    """Make a column of Python values; repeated texts are sorted out once when that pays."""
    sample = values[:1000]
    if any(type(value) is not str and value is not None for value in sample):
        return Column(values)
    if len(sample) > 20 and len(set(sample)) > len(sample) // 2:
        return Column(values)
    order: dict[Any, int] = {}
    index = np.empty(len(values), dtype=np.int64)
    for row, value in enumerate(values):
        if value is None:
            index[row] = -1
        elif type(value) is not str:
            return Column(values)  # 1, 1.0 and True are equal and must not be taken for each other
        else:
            index[row] = order.setdefault(value, len(order))
    return Column(values, list(order), index)


@dataclass(slots=True)
class Table:
    """A file, layer or sheet as read.

    Args:
        columns: source column name → column, in the order of the source; all have the same length.
        rows: row numbers as an officer counts them.
        shapes: shapes as received, or None when the source has no geometry at all.
        crs: the reference system that the file states, as code or WKT.
        encoding: the encoding of its text.
        layer: layer or sheet.
        results: findings; their index is a position in ``rows`` or ``WHOLE_FILE``.
        unread: (row number, raw text, code) of rows that could not be made into a row.
    """

    columns: dict[str, Column]
    rows: npt.NDArray[np.int64]
    shapes: Shapes | None = None
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    results: list[CheckResult] = field(default_factory=list)
    unread: list[tuple[int, str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)


def advice(code: str, index: int = WHOLE_FILE, **detail: Any) -> CheckResult:
    """Make a finding that holds nothing up."""
    return CheckResult(code, Severity.ADVICE, index, detail=detail)


def unique_names(names: Sequence[str | None], results: list[CheckResult]) -> list[str]:
    """Give every column a name of its own: an empty or repeated heading must not hide a column.

    Args:
        names: headings as they stand.
        results: a finding is added when a heading had to be changed.
    """
    used: set[str] = set()
    result = []
    changed = []
    for position, name in enumerate(names, start=1):
        wanted = (name or "").strip() or f"column {position}"
        unique, count = wanted, 1
        while unique in used:
            count += 1
            unique = f"{wanted} ({count})"
        if unique != (name or "").strip():
            changed.append(unique)
        used.add(unique)
        result.append(unique)
    if changed:
        results.append(advice("check.renamed_column", columns=", ".join(changed)))
    return result


def short(value: Any, longest: int = 120) -> str:
    """Return a value as text for a message, cut to ``longest`` signs."""
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def object_array(values: Iterable[Any]) -> Shapes:
    """Make a one-dimensional array of objects, whatever they are."""
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array
