"""A document as one HTML file that needs nothing else: styles, maps and lists of records are inside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from fallow.documents import map_svg
from fallow.documents.map_model import MapData, Sign, Style
from fallow.documents.model import (
    Cell,
    Column,
    Document,
    Facts,
    Figure,
    Headline,
    Joined,
    Label,
    Quantity,
    Section,
    Span,
    Table,
    Verbatim,
)
from fallow.documents.model import mark as _
from fallow.documents.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

# More lines than this are not printed on paper: the HTML file and the workbook hold them all.
PRINTED_RECORDS = 4000
_NAMED_ROWS = 2

BANNER = _("SYNTHETIC DATA. An invented land: nothing here describes a real place.")
_LEGEND: Mapping[Style | Sign, Cell] = {
    Style.UNIT: _("Boundary of an administrative unit"),
    Style.EARLIER: _("Earlier outline, no longer in force"),
    Style.RELEASED_EDGE: _("Released, for the stated class, depth and date only"),
    Style.WITHDRAWN: Label("land_state", "withdrawn"),
    Style.INDICATION: Label("classification", "indication"),
    Style.SHA: Label("classification", "sha"),
    Style.CHA: Label("classification", "cha"),
    Style.UNVERIFIED: _("Reported hazard, unverified"),
    Style.MARKING: _("Marking in the field"),
    Sign.HAZARD: _("Hazardous area known as a point only, or too small for this scale"),
    Sign.UNVERIFIED: _("Reported hazard without an outline, unverified"),
    Sign.ITEM: _("Item found"),
    Sign.ACCIDENT: _("Accident or incident"),
    Sign.EVIDENCE_FOR: _("Evidence for hazard"),
    Sign.EVIDENCE_AGAINST: _("Evidence against hazard"),
    Sign.REFERENCE: Label("field:hazardous_area", "reference_point"),
    Sign.BENCHMARK: Label("field:hazardous_area", "benchmark"),
    Sign.PLACE: _("Place"),
}


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A record in a list behind a figure."""

    identifiers: str
    title: str
    link: str | None


@dataclass(frozen=True, slots=True)
class RecordSet:
    """The records that one or several figures stand on; ``lines`` None means that another file lists them."""

    anchor: str
    name: str
    count: Cell
    lines: tuple[ListedRecord, ...] | None


def to_html(document: Document, words: Words, *, sheets: Collection[str] | None = None, paper: bool = False) -> str:
    """Return a document as HTML.

    Args:
        document: the document.
        words: its language.
        sheets: entity ids of the hazardous areas whose sheets are linked; None links every area's sheet.
        paper: the HTML is for print: very long lists of records are left to the other files.
    """
    page = _Page(document, words, sheets, paper)
    return page.render()


@dataclass(frozen=True)
class _Page:
    document: Document
    words: Words
    sheets: Collection[str] | None
    paper: bool

    def render(self) -> str:
        template = _environment().get_template("document.html.j2")
        legend_keys = iter(range(10**9))

        def legend(data: MapData) -> list[tuple[Markup, Cell]]:
            return [
                (_safe_markup(map_svg.swatch(kind, f"k{next(legend_keys)}")), name)
                for kind, name in legend_entries(data)
            ]

        return template.render(
            document=self.document,
            lang=self.words.lang,
            t=self.words,
            anchor=self.anchor,
            legend=legend,
            drawing=lambda data: _safe_markup(map_svg.draw(data, self.words)),
            kind_of=lambda block: type(block).__name__,
            classes=_classes,
            is_wide=_is_wide,
            is_code=lambda value: isinstance(value, Verbatim),
            is_absent=lambda value: isinstance(value, Label) and value.list == "absence",
            section_classes=_section_classes,
            created=self.document.dated.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            stylesheet=_safe_markup(stylesheet()),
            banner=BANNER,
            sensitivity=sensitivity_line(self.document),
            foot_basis=self.document.subtitle,
            chain_head=_("Head of the chain:"),
            sets=self.sets,
            records_title=_("Records behind the figures"),
            records_intro=_(
                "Every figure above is counted from the records listed here. The identifier of a hazardous area "
                "opens its sheet if that was written to the same folder."
            ),
            set_elsewhere=_("Too many to print: the HTML file and the workbook of this document list them."),
        )

    @cached_property
    def _index(self) -> dict[tuple[tuple[str, str], ...], tuple[str, list[tuple[str, str]]]]:
        """Map each distinct set of records to its anchor and to the (table, row) of its figures."""
        found: dict[tuple[tuple[str, str], ...], tuple[str, list[tuple[str, str]]]] = {}
        for named in named_figures(self.document, self.words):
            if named.figure.entities:
                entry = found.setdefault(named.figure.entities, (f"r{len(found) + 1}", []))
                if (named.table, named.row) not in entry[1]:
                    entry[1].append((named.table, named.row))
        return found

    def anchor(self, cell: Cell) -> str | None:
        if isinstance(cell, Figure) and cell.entities:
            return self._index[cell.entities][0]
        return None

    @property
    def sets(self) -> list[RecordSet]:
        printed = sum(len(entities) for entities in self._index)
        listed = not self.paper or printed <= PRINTED_RECORDS
        return [
            RecordSet(
                anchor,
                self._set_name(names),
                _("records: {count}", {"count": Quantity(len(entities))}),
                tuple(self._lines(entities)) if listed else None,
            )
            for entities, (anchor, names) in self._index.items()
        ]

    def _set_name(self, names: list[tuple[str, str]]) -> str:
        """Return which figures a set stands behind: the first two rows, and how many more."""
        shown = []
        table = ""
        for where, row in names[:_NAMED_ROWS]:
            shown.append(row if where == table else ": ".join(part for part in (where, row) if part))
            table = where
        if len(names) > _NAMED_ROWS:
            shown.append(self.words(_("and {count} more", {"count": Quantity(len(names) - _NAMED_ROWS)})))
        return "; ".join(shown)

    def _lines(self, entities: tuple[tuple[str, str], ...]) -> list[ListedRecord]:
        lines = []
        for record, entity in entities:
            line = self.document.records[record, entity]
            linked = record == "hazardous_area" and (self.sheets is None or entity in self.sheets)
            link = f"{sheet_name(entity)}.{self.words.lang}.html" if linked else None
            lines.append(ListedRecord(line.identifiers, self.words(line.title), link))
        return sorted(lines, key=lambda each: (each.identifiers, each.title))


def sheet_name(entity: str) -> str:
    """Return the stem of the files of an area's sheet."""
    return "area-" + "".join(char if char.isalnum() or char in "-_" else "-" for char in entity)


class NamedFigure(NamedTuple):
    """A figure with the words that say which it is: its table, its row and its column."""

    figure: Figure
    table: str
    row: str
    column: str

    @property
    def name(self) -> str:
        """Return the words in one."""
        return " · ".join(part for part in (self.table, self.row, self.column) if part)


def named_figures(document: Document, words: Words) -> list[NamedFigure]:
    """Return each figure of a document with its names, in order."""
    named: list[NamedFigure] = []
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                named += _named_in(block, words)
            elif isinstance(block, Facts):
                found = [(name, value) for name, value in block.pairs if isinstance(value, Figure)]
                named += [NamedFigure(value, "", words(name), "") for name, value in found]
            elif isinstance(block, Headline):
                named += [NamedFigure(figure, "", words(name), "") for name, figure, _counts in block.figures]
    return named


def _named_in(table: Table, words: Words) -> Iterator[NamedFigure]:
    group = ""
    for row in table.rows:
        if row.kind == "group":
            group = words(row.cells[0])
            continue
        heads = [words(cell) for cell in row.cells if not isinstance(cell, Figure)]
        where = " · ".join(head for head in (group, *heads) if head)
        for column, cell in zip(table.columns, row.cells, strict=True):
            if isinstance(cell, Figure):
                yield NamedFigure(cell, words(table.title), where, words(column.head))


def legend_entries(data: MapData) -> list[tuple[Style | Sign | None, Cell]]:
    """Return what a map's legend explains: the ground first, then what occurs on it."""
    styles = [style for style in data.styles if style is not Style.RELEASED]
    kinds: list[Style | Sign] = [*reversed(styles), *data.signs]
    return [(None, map_svg.GROUND_LEGEND), *((kind, _LEGEND[kind]) for kind in kinds)]


def sensitivity_line(document: Document) -> Cell:
    """Return the line that names the strictest class of data inside."""
    return _("Data class: {sensitivity}", {"sensitivity": Label("sensitivity", document.sensitivity)})


@cache
def stylesheet() -> str:
    """Return the one stylesheet."""
    return files("fallow.documents").joinpath("templates", "document.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("fallow.documents", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _safe_markup(text: str) -> Markup:
    """Mark text that this package wrote itself, with everything foreign in it escaped already."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - drawn by map_svg, which escapes; or the packaged stylesheet


def _classes(column: Column, cell: Cell = None) -> Markup:
    tone = _tone(cell)
    marks = (("number", column.number), ("narrow", column.narrow), ("code", column.code), (tone, tone))
    names = [name for name, on in marks if on]
    return _safe_markup(f' class="{" ".join(names)}"' if names else "")


def _tone(cell: Cell) -> str:
    """Return how loud a number is: zeros step back, differences come forward."""
    value = cell.value if isinstance(cell, Figure) else cell
    if isinstance(value, Span):
        return "zero" if value.low == value.high == 0 else ""
    if not isinstance(value, Quantity):
        return ""
    shown = round(value.value, 3 if value.decimals is None else value.decimals)
    return "zero" if shown == 0 else "changed" if value.signed else ""


_WIDE_TEXT = 60


def _is_wide(value: Any) -> bool:
    if isinstance(value, Verbatim):
        return len(value.text) > _WIDE_TEXT
    return isinstance(value, Joined) and len(value.parts) > 3


def _section_classes(section: Section) -> str:
    # A turned page is a page of its own in any case.
    return "new-page wide" if section.wide else "new-page" if section.new_page else ""
