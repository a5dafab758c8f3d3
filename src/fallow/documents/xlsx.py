"""The tables of a document as a workbook, with the records behind every figure.

Sheets: ``about`` (what the figures rest on), one per table, and ``records`` (figure key → entity ids). Texts are
written as texts, whatever they begin with: no cell is ever a formula.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fallow.documents.html import BANNER, named_figures, sensitivity_line
from fallow.documents.model import Cell, Column, Document, Figure, Headline, Note, Quantity, Span, Table, Value
from fallow.documents.model import mark as _
from fallow.documents.words import Words

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# A text that begins with one of these would be run as a formula if someone edited or re-imported it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_MOST_ROWS = 1_000_000
_MOST_LINKS = 60_000  # Excel drops a sheet with more than 65,530 links
_WIDEST = 60
_LONGEST_NAME = 31
# Characters that XML 1.0 cannot hold at all.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def to_xlsx(document: Document, words: Words) -> bytes:
    """Return the workbook of a document."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    writer = _Writer(book, document, words)
    writer.write()
    book.close()
    return out.getvalue()


class _Writer:
    def __init__(self, book: Workbook, document: Document, words: Words) -> None:
        self.book, self.document, self.words = book, document, words
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.names = {id(named.figure): named.name for named in named_figures(document, words)}
        self.first_row: dict[str, int] = {}
        self.links = 0
        book.set_properties(
            {
                "title": words(document.title),
                "subject": words(document.subtitle),
                "author": document.register,
                "comments": words(BANNER) if document.synthetic else "",
                "created": document.dated.astimezone(dt.UTC).replace(tzinfo=None),
            }
        )

    def write(self) -> None:
        records = self._record_rows()
        self._about()
        for number, table in enumerate(self.document.tables(), 1):
            self._table(number, table)
        for part in range(0, max(len(records), 1), _MOST_ROWS):
            self._records("records" if part == 0 else f"records {part // _MOST_ROWS + 1}", records[part:][:_MOST_ROWS])

    # --- sheets ------------------------------------------------------------------------------------------------

    def _about(self) -> None:
        sheet = self.book.add_worksheet("about")
        row = self._head(sheet, self.document.title, 2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 90)
        for name, value in self.document.basis.pairs:
            self._put(sheet, row, 0, name, bold=True, wrap=True)
            self._put(sheet, row, 1, value, wrap=True)
            row += 1
        for section in self.document.sections:
            for block in section.blocks:
                if isinstance(block, Headline):
                    for name, figure, counts in block.figures:
                        self._put(sheet, row, 0, name, bold=True, wrap=True)
                        self._put(sheet, row, 1, figure)
                        self._put(sheet, row, 2, counts)
                        row += 1
                elif isinstance(block, Note):
                    if block.title is not None:
                        self._put(sheet, row, 0, block.title, bold=True, wrap=True)
                    for line in block.lines:
                        self._put(sheet, row, 1, line, wrap=True)
                        row += 1
        for line in self.document.foot:
            self._put(sheet, row, 1, line, wrap=True)
            row += 1

    def _table(self, number: int, table: Table) -> None:
        table = _ungrouped(table)
        sheet = self.book.add_worksheet(_sheet_name(number, self.words(table.title)))
        row = top = self._head(sheet, table.title, len(table.columns))
        if not table.rows:
            self._put(sheet, row, 0, table.empty)
            row += 1
        else:
            for index, column in enumerate(table.columns):
                self._put(sheet, row, index, column.head, bold=True, wrap=True, border=True, right=column.number)
            sheet.freeze_panes(row + 1, 0)
            sheet.repeat_rows(row)
            row += 1
        for entry in table.rows:
            for column_index, (column, cell) in enumerate(zip(table.columns, entry.cells, strict=True)):
                look = {"bold": entry.kind == "total", "right": column.number, "wrap": not column.number}
                self._put(sheet, row, column_index, cell, **look)
            row += 1
        if table.rows:
            sheet.autofilter(top, 0, row - 1, len(table.columns) - 1)
        for index, width in enumerate(self._widths(table)):
            sheet.set_column(index, index, width)
        row += 1
        for line in table.notes:
            self._put(sheet, row, 0, line, soft=True)
            row += 1

    def _records(self, name: str, rows: list[tuple[Any, ...]]) -> None:
        sheet = self.book.add_worksheet(name)
        heads = (
            _("Figure key"),
            _("Figure"),
            _("Record type"),
            _("Entity"),
            _("Identifiers"),
            _("Record"),
            _("Part"),
        )
        for index, (head, width) in enumerate(zip(heads, (44, 60, 26, 40, 26, 40, 16), strict=True)):
            self._put(sheet, 0, index, head, bold=True, border=True)
            sheet.set_column(index, index, width)
        sheet.freeze_panes(1, 0)
        for row, cells in enumerate(rows, 1):
            for index, cell in enumerate(cells):
                self._put(sheet, row, index, cell)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)
        self._page(sheet)

    def _record_rows(self) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for figure in self.document.figures():
            if figure.key in self.first_row or not figure.parts:
                continue
            self.first_row[figure.key] = len(rows) + 2
            parts = sorted(figure.parts, key=lambda part: (part.record, part.entity, part.mark))
            for part in parts:
                line = self.document.records[part.record, part.entity]
                rows.append(
                    (
                        figure.key,
                        self.names[id(figure)],
                        self.words.record(part.record),
                        part.entity,
                        line.identifiers,
                        self.words(line.title),
                        part.amount,
                    )
                )
        return rows

    # --- cells -------------------------------------------------------------------------------------------------

    def _head(self, sheet: Worksheet, title: Cell, columns: int) -> int:
        """Write the heading that every sheet has; return the first free row."""
        row = 0
        if self.document.synthetic:
            banner = self._format(bold=True, white=True)
            for index in range(max(columns, 1)):
                sheet.write_blank(row, index, None, banner)
            sheet.write_string(row, 0, self.words(BANNER), banner)
            row += 1
        sheet.write_string(row, 0, self.words(title), self._format(bold=True, size=14))
        self._put(sheet, row + 1, 0, self.document.subtitle)
        self._put(sheet, row + 2, 0, sensitivity_line(self.document), soft=True)
        for index, notice in enumerate(self.document.notices):
            self._put(sheet, row + 3 + index, 0, notice, soft=True)
        self._page(sheet)
        return row + 4 + len(self.document.notices)

    def _page(self, sheet: Worksheet) -> None:
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        banner = self.words(BANNER) if self.document.synthetic else ""
        sheet.set_header(
            f"&L{_page_text(self.document.register)}&C{_page_text(banner)}&R{_page_text(self.words(self.document.title))}"
        )
        sheet.set_footer(f"&L{_page_text(self.words(self.document.subtitle))}&R&P / &N")

    def _put(self, sheet: Worksheet, row: int, column: int, cell: Cell | float, **look: Any) -> None:
        if isinstance(cell, float):
            cell = Quantity(cell, "", 2)
        key = cell.key if isinstance(cell, Figure) else None
        value: Value = cell.value if isinstance(cell, Figure) else cell
        if key is not None and key in self.first_row and self.links < _MOST_LINKS:
            self.links += 1
            sheet.write_url(row, column, f"internal:'records'!A{self.first_row[key]}")
        number = _number(value)
        if number is not None:
            shown: dict[str, Any] = look | {"right": True}
            if isinstance(value, Quantity):
                shown |= {"decimals": value.decimals, "signed": value.signed}
                shown |= {"unit": self.words.unit(value.unit)} if value.unit else {}
            sheet.write_number(row, column, number, self._format(**shown))
        elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            stamp = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a sheet knows no time zones
            sheet.write_datetime(row, column, stamp, self._format(date=True, **look))
        else:
            text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", self.words(value))
            guarded = text.startswith(_FORMULA_STARTS)
            if text:
                sheet.write_string(row, column, text[:32_767], self._format(guarded=guarded, **look))
            else:
                sheet.write_blank(row, column, None, self._format(**look))

    def _format(self, **look: Any) -> Format:
        key = tuple(sorted((name, value) for name, value in look.items() if value))
        if key not in self.formats:
            options: dict[str, Any] = {"valign": "top", "font_color": "#1a1a1a"}
            options |= {"bold": True} if look.get("bold") else {}
            options |= {"text_wrap": True} if look.get("wrap") else {}
            options |= {"bottom": 2} if look.get("border") else {}
            options |= {"align": "right"} if look.get("right") else {}
            options |= {"font_color": "#55524e"} if look.get("soft") else {}
            options |= {"font_size": look["size"]} if look.get("size") else {}
            options |= {"quote_prefix": True} if look.get("guarded") else {}
            options |= {"font_color": "#ffffff", "bg_color": "#1a1a1a"} if look.get("white") else {}
            if look.get("date"):
                options |= {"num_format": "yyyy-mm-dd", "align": "left"}
            elif look.get("right"):
                options |= {"num_format": _number_format(look)}
            self.formats[key] = self.book.add_format(options)
        return self.formats[key]

    def _widths(self, table: Table) -> list[int]:
        widths = []
        for index, column in enumerate(table.columns):
            longest = max((len(word) for word in self.words(column.head).split()), default=0)
            for row in table.rows:
                shown = self.words(row.cells[index])
                longest = max(longest, *(len(line) for line in shown.split("\n")))
            widths.append(min(longest + 3, _WIDEST))
        return widths


def _number(value: Value) -> float | None:
    """Return what a cell holds as a number, rounded as it is shown; None for everything else."""
    if isinstance(value, Quantity):
        return round(value.value, 3 if value.decimals is None else value.decimals)
    if isinstance(value, Span) and value.high == value.low:
        return value.low
    return None


def _number_format(look: dict[str, Any]) -> str:
    digits = look.get("decimals", 0)
    unit = look.get("unit")
    plain = (
        "#,##0" + (".###" if digits is None else "." + "0" * digits if digits else "") + (f'" {unit}"' if unit else "")
    )
    return f"+{plain};-{plain};{plain}" if look.get("signed") else plain


def _ungrouped(table: Table) -> Table:
    """Return a table with its group rows as a first column, so that every row stands alone when it is sorted."""
    if not any(row.kind == "group" for row in table.rows):
        return table
    group: Cell = None
    rows = []
    for row in table.rows:
        if row.kind == "group":
            group = row.cells[0]
        else:
            rows.append(replace(row, cells=(group, *row.cells)))
    return replace(table, columns=(Column(table.group), *table.columns), rows=tuple(rows))


def _sheet_name(number: int, title: str) -> str:
    """Return a name of at most 31 characters without the signs that sheets may not have, cut between words."""
    plain = " ".join(re.sub(r"[\[\]:*?/\\']", " ", title).split())
    name = f"{number} {plain}"
    if len(name) > _LONGEST_NAME:
        name = name[: _LONGEST_NAME + 1].rsplit(" ", 1)[0][:_LONGEST_NAME]
    return name.rstrip(" ,;")


def _page_text(text: str) -> str:
    # "&" opens a command in the heads and feet of sheets; the whole must stay under 255 characters.
    return text.replace("&", "&&")[:80]
