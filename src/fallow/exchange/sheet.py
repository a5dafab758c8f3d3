"""Workbooks: one sheet, its headings in one row. Formulas are not worked out; a cell that holds one is reported."""

from __future__ import annotations

import datetime as dt
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from fallow.errors import Where
from fallow.exchange.errors import TooManyRows, UnknownLayer, Unreadable
from fallow.exchange.guards import checked_archive
from fallow.exchange.profiles import ReaderOptions
from fallow.exchange.tables import Formula, Table, advice, text_column, unique_names
from fallow.settings import settings

# Sheets of our own templates that explain and hold no records.
_HELPERS = ("fields", "codes")
_MOST_COLUMNS = 16_384
# SyntaxError is the base of what the XML parser raises.
_BROKEN = (zipfile.BadZipFile, SyntaxError, KeyError, ValueError, TypeError, OSError, AttributeError)


def read_sheet(path: Path, options: ReaderOptions, sheet: str | None = None) -> Table:
    """Read one sheet of a workbook.

    Args:
        path: the workbook (``.xlsx``).
        options: row of the headings, and the sheet where the profile states one.
        sheet: the sheet that was asked for; None: the profile's, or the only one.

    Raises:
        Unreadable: it is no workbook or is broken.
        TooLarge: it unpacks to more than the bounds.
        UnknownLayer: no such sheet, or several and none was named.
        TooManyRows: more rows than ``settings.max_rows``.
    """
    names = checked_archive(path, xml=True)
    if "[Content_Types].xml" not in names:
        raise Unreadable(Where(file=str(path)), reason="[Content_Types].xml")
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, *_BROKEN) as error:
        raise Unreadable(Where(file=str(path)), reason=type(error).__name__) from None
    try:
        name = _chosen(book.sheetnames, sheet or options.sheet, path)
        page = book[name]
        page.reset_dimensions()  # the stated size of a sheet may be wrong, and rows beyond it would be lost
        return _read(page, name, options.header, path)
    except _BROKEN as error:
        raise Unreadable(Where(file=str(path)), reason=type(error).__name__) from None
    finally:
        book.close()


def _chosen(names: list[str], wanted: str | None, path: Path) -> str:
    if wanted is not None:
        if wanted in names:
            return wanted
        raise UnknownLayer(Where(file=str(path), sheet=wanted), layer=wanted, known=", ".join(names))
    holding = [name for name in names if name not in _HELPERS] or names
    if len(holding) != 1:
        raise UnknownLayer(Where(file=str(path)), layer=None, known=", ".join(names))
    return holding[0]


def _read(page: Any, name: str, header: int, path: Path) -> Table:
    table = Table({}, np.empty(0, dtype=np.int64), layer=name)
    most = settings().max_rows
    headings: list[str] | None = None
    width = 0
    rows: list[int] = []
    lines: list[list[Any]] = []
    formulas: list[tuple[int, int, str]] = []
    blank = 0
    for line, cells in enumerate(page.iter_rows(max_col=_MOST_COLUMNS), start=1):
        if line < header:
            continue
        values = [cell.value for cell in cells]
        if headings is None:
            while values and values[-1] is None:
                values.pop()
            headings = unique_names([None if value is None else str(value) for value in values], table.results)
            width = len(headings)
            continue
        if all(value is None or (isinstance(value, str) and not value.strip()) for value in values):
            blank += 1
            continue
        if len(rows) >= most:
            raise TooManyRows(Where(file=str(path), sheet=name, row=line), limit=most)
        values += [None] * (width - len(values))
        if any(value is not None for value in values[width:]):
            text = "; ".join(str(value) for value in values if value is not None)
            table.unread.append((line, text[:1000], "check.row_length"))
            continue
        for position, cell in enumerate(cells[:width]):
            if cell.data_type == "f" or not isinstance(cell.value, _PLAIN):
                formulas.append((len(rows), position, str(getattr(cell.value, "text", cell.value))))
        rows.append(line)
        lines.append([_value(value) for value in values[:width]])
    if headings is None:
        raise Unreadable(Where(file=str(path), sheet=name), reason="–")
    for row, position, text in formulas:
        lines[row][position] = Formula(text)
    if blank:
        table.results.append(advice("check.blank_rows", count=blank))
    columns = zip(*lines, strict=True) if lines else ([] for _ in headings)
    table.columns = {heading: text_column(list(column)) for heading, column in zip(headings, columns, strict=True)}
    table.rows = np.array(rows, dtype=np.int64)
    return table


_PLAIN = (str, int, float, bool, dt.date, dt.time, dt.timedelta, type(None))


def _value(value: Any) -> Any:
    """Return a cell as a JSON value: dates as ISO text, a day where the cell has no time."""
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)
