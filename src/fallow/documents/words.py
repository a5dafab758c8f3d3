"""From cells to text in one language: translated, with labels for codes, numbers and dates in the language's way."""

from __future__ import annotations

import datetime as dt

from fallow import i18n, terms
from fallow.documents.model import Cell, Figure, Joined, Label, Msg, Quantity, Span, Vague, Verbatim
from fallow.documents.model import mark as _

NO_BREAK = "\N{NO-BREAK SPACE}"
_FIELD = "field:"


class Words:
    """The function that turns a cell into text.

    Args:
        lang: ``en`` or ``uk``.

    Raises:
        ValueError: the project has no such language.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._translate = i18n.translator(lang)

    def __call__(self, cell: Cell) -> str:
        """Return a cell as text; None is empty."""
        if isinstance(cell, Figure):
            return self(cell.value)
        if cell is None:
            return ""
        if isinstance(cell, str):
            return cell
        if isinstance(cell, Verbatim):
            return cell.text
        if isinstance(cell, Msg):
            return self._translate(cell.text).format(**{name: self(value) for name, value in cell.values.items()})
        if isinstance(cell, Label):
            return self.label(cell)
        if isinstance(cell, Joined):
            return cell.separator.join(text for part in cell.parts if (text := self(part)))
        if isinstance(cell, Quantity):
            return self.quantity(cell)
        if isinstance(cell, Span):
            return self.span(cell)
        if isinstance(cell, Vague):
            return i18n.format_date(cell.wire, self.lang)
        if isinstance(cell, dt.datetime):
            return i18n.format_date(cell.astimezone(dt.UTC), self.lang)
        return i18n.format_date(cell, self.lang)

    def label(self, label: Label) -> str:
        """Return the word for a code. Records and fields are named by their definitions."""
        if label.list == "record":
            return self.record(label.code)
        if label.list.startswith(_FIELD):
            definition = terms.record_definitions()[label.list.removeprefix(_FIELD)]
            field = definition.fields.get(label.code)
            return label.code if field is None else field.labels[self.lang]
        return terms.label(label.list, label.code, self.lang)

    def record(self, name: str) -> str:
        """Return the word for a record type; what is no type of the register keeps its name."""
        definition = terms.record_definitions().get(name)
        return name if definition is None else definition.labels[self.lang]

    def unit(self, code: str) -> str:
        """Return the sign of a unit."""
        return terms.label("unit", code, self.lang)

    def quantity(self, quantity: Quantity) -> str:
        """Return a number with its unit, rounded here and nowhere else."""
        text = i18n.format_number(quantity.value, self.lang, quantity.decimals)
        if quantity.signed and quantity.value > 0 and any(digit in text for digit in "123456789"):
            text = f"+{text}"
        text = text.replace("-", "\N{MINUS SIGN}")
        return f"{text}{NO_BREAK}{self.unit(quantity.unit)}" if quantity.unit else text

    def span(self, span: Span) -> str:
        """Return a number of things: exact, between two bounds, or at least."""
        low = i18n.format_number(span.low, self.lang, 0)
        if span.high is None:
            return self(_("at least {number}", {"number": low}))
        if span.high == span.low:
            return low
        return f"{low}\N{EN DASH}{i18n.format_number(span.high, self.lang, 0)}"
