"""Text files: delimited values with a geometry in WKT or in two columns.

The file goes by twice, line by line, so that neither its size nor one endless line fills the memory: once to
find encoding, delimiter and faults of the bytes, once to read.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from fallow.errors import Where
from fallow.exchange.encodings import Encoding, Listener, marked
from fallow.exchange.errors import EncodingUnknown, LineTooLong, NulBytes, TooManyRows, Unreadable
from fallow.exchange.guards import CHUNK
from fallow.exchange.profiles import ReaderOptions
from fallow.exchange.tables import Table, advice, short, text_column, unique_names
from fallow.settings import settings

DELIMITERS = (",", ";", "\t", "|")
RAGGED = "check.row_length"
_WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a first pass over a text file found."""

    sha256: str
    encoding: Encoding


def scan(path: Path, encoding: str | None = None) -> Scan:
    """Pass over a text file once: hash, encoding, NUL bytes, longest line.

    Args:
        path: the file.
        encoding: the encoding that the profile states, or None.

    Raises:
        NulBytes: it holds NUL bytes and no mark of an encoding that has them.
        LineTooLong: a line is over ``settings.max_line_bytes``.
        EncodingUnknown: its bytes are text in none of the encodings tried, or the stated one is unknown.
    """
    where = Where(file=str(path))
    limit = settings().max_line_bytes
    digest = hashlib.sha256()
    listener = Listener()
    found: Encoding | None = None
    line, length, first = 1, 0, True
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            digest.update(piece)
            if first:
                found, first = marked(piece), False
            if found is None or found.name not in _WIDE:
                if b"\0" in piece:
                    row = line + piece.count(b"\n", 0, piece.index(b"\0"))
                    raise NulBytes(Where(file=str(path), row=row))
                listener.feed(piece)
            length, line = _lines(piece, length, line, limit, path)
    if encoding is not None:
        try:
            "".encode(encoding)
        except LookupError:
            raise EncodingUnknown(where, encoding=encoding) from None
        return Scan(digest.hexdigest(), Encoding(encoding))
    found = found or listener.encoding()
    if found is None:
        raise EncodingUnknown(where, encoding="utf-8, cp1251, cp1252")
    return Scan(digest.hexdigest(), found)


def _lines(piece: bytes, length: int, line: int, limit: int, path: Path) -> tuple[int, int]:
    """Follow the length of the current line through a piece; return it and the number of the line."""
    ends = piece.count(b"\n")
    head = piece.find(b"\n")
    if length + (len(piece) if head < 0 else head) > limit:
        raise LineTooLong(Where(file=str(path), row=line), limit=limit)
    if ends > 1 and len(piece) > limit:
        for offset, part in enumerate(piece.split(b"\n")[1:-1], start=1):
            if len(part) > limit:
                raise LineTooLong(Where(file=str(path), row=line + offset), limit=limit)
    if ends == 0:
        return length + len(piece), line
    rest = len(piece) - piece.rfind(b"\n") - 1
    if rest > limit:
        raise LineTooLong(Where(file=str(path), row=line + ends), limit=limit)
    return rest, line + ends


def read_text(path: Path, options: ReaderOptions) -> tuple[Table, str]:
    """Read a delimited text file.

    Args:
        path: the file.
        options: delimiter, encoding and row of headings where the profile states them.

    Returns:
        The table, and the SHA-256 of the file.

    Raises:
        NulBytes, LineTooLong, EncodingUnknown: see :func:`scan`.
        TooManyRows: more rows than ``settings.max_rows``.
        Unreadable: it is empty, or its bytes are not in the stated encoding.
    """
    found = scan(path, options.encoding)
    name = found.encoding.name
    with path.open("rb") as stream:
        delimiter = options.delimiter or _delimiter(_decoded(stream, name, path), options.header)
    table = _read(path, name, delimiter, options.header)
    table.encoding = name
    if found.encoding.guessed:
        table.results.append(advice("check.encoding_guessed", encoding=name))
    return table, found.sha256


def _read(path: Path, encoding: str, delimiter: str, header: int) -> Table:
    limit, most = settings().max_line_bytes, settings().max_rows
    # The csv module keeps one limit for the whole process; it must not be under ours.
    csv.field_size_limit(max(csv.field_size_limit(), limit))
    rows: list[int] = []
    cells: list[list[str]] = []
    unread: list[tuple[int, str, str]] = []
    names: list[str] | None = None
    table = Table({}, np.empty(0, dtype=np.int64))
    blank = 0
    with path.open("rb") as stream:
        lines = _decoded(stream, encoding, path)
        meter = _Meter(lines, limit, path)
        reader = csv.reader(meter, delimiter=delimiter, strict=False)
        for record in _records(reader, path):
            line = meter.start
            meter.finish()
            if line < header:
                continue
            if names is None:
                names = unique_names(record, table.results)
            elif not any(cell.strip() for cell in record):
                blank += 1
            elif len(record) != len(names):
                unread.append((line, short(delimiter.join(record), 1000), RAGGED))
            elif len(rows) >= most:
                raise TooManyRows(Where(file=str(path), row=line), limit=most)
            else:
                rows.append(line)
                cells.append(record)
    if names is None:
        raise Unreadable(Where(file=str(path)), reason="–")
    if blank:
        table.results.append(advice("check.blank_rows", count=blank))
    columns = zip(*cells, strict=True) if cells else ([] for _ in names)
    table.columns = {
        name: text_column([cell or None for cell in column]) for name, column in zip(names, columns, strict=True)
    }
    table.rows = np.array(rows, dtype=np.int64)
    table.unread = unread
    return table


def _records(reader: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise Unreadable(Where(file=str(path)), reason=str(error)) from None


class _Meter:
    """Hands lines to the csv reader, remembers where a record began, and ends a quotation that never closes."""

    def __init__(self, lines: Iterator[str], limit: int, path: Path) -> None:
        self._lines = lines
        self._limit = limit
        self._path = path
        self._line = 0
        self._size = 0
        self.start = 1

    def __iter__(self) -> _Meter:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._line += 1
        self._size += len(line)
        if self._size > self._limit:
            raise LineTooLong(Where(file=str(self._path), row=self.start), limit=self._limit)
        return line

    def finish(self) -> None:
        """Note that a record ended."""
        self.start = self._line + 1
        self._size = 0


def _decoded(stream: BinaryIO, encoding: str, path: Path) -> Iterator[str]:
    """Yield the lines of a file as text, with their ends."""
    wrapper = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield from wrapper
    except UnicodeError as error:
        raise Unreadable(Where(file=str(path)), reason=f"{encoding}: {error}") from None
    finally:
        # The file is its opener's to close; a sample that stopped early may find it closed already.
        if not stream.closed:
            wrapper.detach()


def _delimiter(lines: Iterator[str], header: int) -> str:
    """Return the delimiter that stands in the headings, outside quotations; of several, the one that fits most rows."""
    sample = [line for _, line in zip(range(header + 20), lines, strict=False)][header - 1 :]
    if not sample:
        return DELIMITERS[0]

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(record) for record in csv.reader(sample, delimiter=delimiter)]
        except csv.Error:
            return (0, 0)
        same = sum(width == widths[0] for width in widths)
        return (same * (widths[0] > 1), widths[0])

    return max(DELIMITERS, key=fit)
