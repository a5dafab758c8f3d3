"""A document as plain data: sections of tables, facts, notes and pictures.

Nothing here is in a language yet: page text is a message id (:class:`Msg`), a coded value is a code of a list
(:class:`Label`), a number is a number with its unit. A renderer chooses the language. Every number that counts or
measures records is a :class:`Figure`: it names the records that it stands on, so that each output can open them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from fallow.documents.map_model import MapData


@dataclass(frozen=True, slots=True)
class Msg:
    """Page text: a message id of the catalogue, with braces that ``values`` fill."""

    text: str
    values: Mapping[str, Cell] = field(default_factory=dict)


def mark(text: str, values: Mapping[str, Cell] | None = None) -> Msg:
    """Return page text. Imported under the name ``_``, so that tools find every text that needs a translation."""
    return Msg(text, values or {})


@dataclass(frozen=True, slots=True)
class Label:
    """A code, shown by its label. ``field:`` and ``record:`` lists name field and record definitions."""

    list: str
    code: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A text that is compared sign by sign: a digest, a reference system, an id."""

    text: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit.

    Args:
        value: the number, in ``unit``; rounded once, when shown.
        unit: a code of the list ``unit`` (``m2``, ``m``, ``km`` …), or "" for a plain number.
        decimals: digits after the decimal sign; None: as many as needed, at most three.
        signed: show ``+`` before a positive number.
    """

    value: float
    unit: str = ""
    decimals: int | None = 0
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A number of things between two bounds; ``high`` None is open."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Vague:
    """A date as recorded, in its wire form; shown no finer than it was stated."""

    wire: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Joined:
    """Several cells in one, with a separator between."""

    parts: tuple[Cell, ...]
    separator: str = ", "


@dataclass(frozen=True, slots=True)
class Part:
    """What one record gives to a figure.

    Args:
        record: record type.
        entity: entity id.
        amount: what it adds (m², count), or None where parts do not add up.
        mark: whatever must stay the same for the part to count as unchanged (geometry digest, codes).
    """

    record: str
    entity: str
    amount: float | None = None
    mark: str = ""


Value: TypeAlias = "Msg | Label | Verbatim | Quantity | Span | Vague | Joined | dt.date | dt.datetime | str | None"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the records that it stands on.

    Args:
        key: stable name of the figure inside its document (``areas.ua-63.cha.ap_mine.m2``).
        value: the number.
        parts: the records; empty for a figure that is zero.
    """

    key: str
    value: Value
    parts: tuple[Part, ...] = ()

    @property
    def entities(self) -> tuple[tuple[str, str], ...]:
        """Return the distinct (record type, entity id) of the figure, sorted."""
        return tuple(sorted({(part.record, part.entity) for part in self.parts}))


Cell: TypeAlias = "Value | Figure"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``number`` columns are set flush right."""

    head: Cell
    number: bool = False
    narrow: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. A ``group`` row heads the rows under it, a ``total`` row closes them."""

    cells: tuple[Cell, ...]
    kind: Literal["row", "total", "group"] = "row"


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Args:
        key: name of the table inside its document.
        title: what it shows.
        columns: its columns.
        rows: its rows.
        empty: what stands in its place when it has no rows.
        notes: sentences under it.
        dense: many rows or columns: set smaller.
        compact: few narrow columns: not stretched over the page.
        group: what the group rows name; in a workbook that is a column of its own.
    """

    key: str
    title: Cell
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: Msg
    notes: tuple[Cell, ...] = ()
    dense: bool = False
    compact: bool = False
    group: Cell = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, in two or three columns."""

    key: str
    pairs: tuple[tuple[Cell, Cell], ...]
    title: Cell = None
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Headline:
    """The few figures that a reader looks for first: (name, figure, what it counts)."""

    figures: tuple[tuple[Cell, Figure, Cell], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence or a list of sentences set apart; a ``boundary`` note says where a document's word ends."""

    lines: tuple[Cell, ...]
    title: Cell = None
    kind: Literal["note", "warning", "boundary"] = "note"


@dataclass(frozen=True, slots=True)
class Picture:
    """A map with its caption."""

    key: str
    map: MapData
    caption: tuple[Cell, ...] = ()


Block: TypeAlias = "Table | Facts | Headline | Note | Picture"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document; ``new_page`` starts it on a new printed page, ``wide`` turns its pages."""

    key: str
    title: Cell
    blocks: tuple[Block, ...]
    new_page: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class RecordLine:
    """How one record is shown in a list of records."""

    record: str
    entity: str
    identifiers: str
    title: Cell = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document before a language is chosen.

    Args:
        kind: ``totals``, ``filed``, ``balance`` or ``area``.
        name: stem of its files.
        title: its name for a reader.
        subtitle: of what.
        register: name of the register.
        basis: what the figures rest on: dates, checkpoint, booking basis, equal-area system.
        sections: its parts.
        records: (record type, entity id) → how that record is shown; holds every record of every figure.
        notices: notices of the data, as received (licence, source); printed on the first page.
        synthetic: the register holds synthetic data.
        sensitivity: strictest sensitivity class among the inputs, printed on every page.
        dated: day that stands in file properties; never the day of making unless the caller gave that.
        identifier: what the file identifier of the PDF is made from.
        foot: a sentence for the foot of every page.
        head: head of the chain at the checkpoint, printed on every page.
    """

    kind: str
    name: str
    title: Cell
    subtitle: Cell
    register: str
    basis: Facts
    sections: tuple[Section, ...]
    records: Mapping[tuple[str, str], RecordLine]
    notices: tuple[str, ...]
    synthetic: bool
    sensitivity: str
    dated: dt.datetime
    identifier: str
    foot: tuple[Cell, ...] = ()
    head: str = ""

    def tables(self) -> Iterator[Table]:
        """Yield every table in its order."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield block

    def figures(self) -> Iterator[Figure]:
        """Yield every figure in its order; one that is shown twice comes twice."""
        for section in self.sections:
            for block in section.blocks:
                yield from figures_of(block)


def figures_of(block: Block) -> Iterator[Figure]:
    """Yield the figures of one block in its order."""
    if isinstance(block, Headline):
        yield from (figure for _, figure, _ in block.figures)
    elif isinstance(block, Table):
        for row in block.rows:
            yield from (cell for cell in row.cells if isinstance(cell, Figure))
    elif isinstance(block, Facts):
        yield from (value for _, value in block.pairs if isinstance(value, Figure))
