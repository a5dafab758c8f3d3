"""Blank templates, made from the field definitions: what an office fills in, and what the readers take back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

from fallow.errors import Where
from fallow.exchange.errors import RecordMissing, UnknownFormat
from fallow.terms.definitions import FieldDefinition, RecordDefinition, record_definitions
from fallow.terms.lists import code_list

KINDS = ("csv", "xlsx", "toml")
# Kept by acts alone; nobody types it.
_NOT_TYPED = ("record_status",)
# A workbook carries the day on which it was made; a template has none of its own.
_STAMP = dt.datetime(2000, 1, 1)  # noqa: DTZ001 (the format has no zone)
_VALIDATED_ROWS = 5_000


def template(record: str, kind: str = "csv", lang: str = "en") -> bytes:
    """Return a blank template of a record type.

    Args:
        record: record type.
        kind: ``csv`` (headings only), ``xlsx`` (with a sheet of fields and one of codes) or ``toml`` (one record,
            with the help of every field).
        lang: language of labels and help.

    Raises:
        RecordMissing: there is no such record type.
        UnknownFormat: no such kind.
    """
    definitions = record_definitions()
    if record not in definitions:
        raise RecordMissing(Where(value=record), record=record, known=", ".join(definitions))
    definition = definitions[record]
    if kind == "csv":
        return _csv(definition)
    if kind == "xlsx":
        return _xlsx(definition, lang)
    if kind == "toml":
        return _toml(definition, lang)
    raise UnknownFormat(Where(value=kind), ending=kind, known=", ".join(KINDS))


def headings(definition: RecordDefinition) -> list[str]:
    """Return the columns of a template: the fields, the datum of depths, the reference system of the outline."""
    return [name for name, _ in _columns(definition)]


def _columns(definition: RecordDefinition) -> Iterator[tuple[str, FieldDefinition]]:
    for name, field in definition.fields.items():
        if name in _NOT_TYPED:
            continue
        yield name, field
        if field.datum:
            yield f"{name}.datum", field
        if field.type == "geometry":
            yield f"{name}.crs", field


def _label(field: FieldDefinition, lang: str) -> str:
    return field.labels.get(lang) or field.labels["en"]


def _csv(definition: RecordDefinition) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(headings(definition))
    # The mark at the start makes spreadsheets read the file as UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _toml(definition: RecordDefinition, lang: str) -> bytes:
    label = definition.labels.get(lang) or definition.labels["en"]
    lines = [f"# {label}", f'record = "{definition.name}"', f"form_version = {definition.version}"]
    if definition.geometry != "none":
        lines += ["", "# EPSG:…", 'crs = ""']
    lines += ["", "[values]"]
    for name, field in definition.fields.items():
        if name in _NOT_TYPED:
            continue
        help_text = field.help.get(lang) or field.help.get("en") or ""
        lines += ["", f"# {_label(field, lang)}{' *' if field.required else ''}: {help_text}".rstrip()]
        lines += [f"# {line}" for line in _form(field)]
        mark = "" if field.required else "# "
        lines.append(f"{mark}{name} = {_blank(field)}")
        if field.datum:
            lines.append(f'# "{name}.datum" = ""')
    return ("\n".join(lines) + "\n").encode("utf-8")


def _blank(field: FieldDefinition) -> str:
    return "[]" if field.type == "codes" else '""'


def _form(field: FieldDefinition) -> list[str]:
    """Say how a value is written, in signs that need no language."""
    known = code_list(field.list).current if field.list else ()
    shown = ", ".join(known) if len(known) <= 40 else f"{', '.join(known[:40])} …"
    forms = {
        "code": shown,
        "codes": shown,
        "flag": "true, false",
        "when": "2024-03-01, 2024-03, 2024, 2022..2024, ..2024",
        "count": "12, 3-5, 10+, <5",
        "measured": ", ".join(f"1.5 {unit}" for unit in (field.units or ((field.unit,) if field.unit else ()))),
        "geometry": "POLYGON ((…))",
        "position": "49.9900, 36.2300; N 49°59′24″ E 36°13′48″; 37U 301454 5541196",
        "identifiers": "issuer:number; issuer:number",
        "ref": "issuer:number",
        "refs": "issuer:number; issuer:number",
        "casualties": "killed/male/18_59=1; injured=2",
        "table": "[{…}]",
    }
    form = forms.get(field.type, "")
    return [form] if form else []


def _xlsx(definition: RecordDefinition, lang: str) -> bytes:
    import xlsxwriter

    target = io.BytesIO()
    # Strings stay strings: nothing typed into a definition can become a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": _STAMP})
        bold = book.add_format({"bold": True})
        needed = book.add_format({"bold": True, "underline": True})
        text = book.add_format({"num_format": "@"})
        page = book.add_worksheet(definition.name)
        fields = book.add_worksheet("fields")
        codes = book.add_worksheet("codes")
        places = _codes_sheet(codes, definition, lang, bold)
        page.freeze_panes(1, 0)
        for column, (name, field) in enumerate(_columns(definition)):
            page.write_string(0, column, name, needed if field.required and name == field.name else bold)
            page.set_column(column, column, max(12, len(name) + 2), text)
            _validate(page, column, field if name == field.name else None, places)
            if name.endswith(".datum"):
                _restrict(page, column, places["depth_datum"])
        _fields_sheet(fields, definition, lang, bold)
    return target.getvalue()


def _fields_sheet(sheet: Any, definition: RecordDefinition, lang: str, bold: Any) -> None:
    for column, heading in enumerate(("field", "label", "type", "form", "required", "list", "help")):
        sheet.write_string(0, column, heading, bold)
    for line, field in enumerate((field for name, field in _columns(definition) if name == field.name), start=1):
        help_text = field.help.get(lang) or field.help.get("en") or ""
        cells = (
            field.name,
            _label(field, lang),
            field.type,
            "; ".join(_form(field)) if field.type not in ("code", "codes") else "",
            "*" if field.required else "",
            field.list or "",
            help_text,
        )
        for column, cell in enumerate(cells):
            sheet.write_string(line, column, cell)


def _codes_sheet(sheet: Any, definition: RecordDefinition, lang: str, bold: Any) -> dict[str, tuple[int, int]]:
    """Write every list that the record uses and return the first and last row of each (from 0)."""
    for column, heading in enumerate(("list", "code", "label")):
        sheet.write_string(0, column, heading, bold)
    used = [field.list for field in definition.fields.values() if field.list and field.name not in _NOT_TYPED]
    if any(field.datum for field in definition.fields.values()):
        used.append("depth_datum")
    places: dict[str, tuple[int, int]] = {}
    line = 1
    for name in dict.fromkeys(used):
        terms = code_list(name)
        first = line
        for code in terms.current:
            labels = terms[code].labels
            for column, cell in enumerate((name, code, labels.get(lang) or labels["en"])):
                sheet.write_string(line, column, cell)
            line += 1
        places[name] = (first, line - 1)
    return places


def _validate(page: Any, column: int, field: FieldDefinition | None, places: dict[str, tuple[int, int]]) -> None:
    if field is None:
        return
    if field.type == "code" and field.list in places:
        _restrict(page, column, places[field.list])
    elif field.type == "flag":
        page.data_validation(1, column, _VALIDATED_ROWS, column, {"validate": "list", "source": ["true", "false"]})


def _restrict(page: Any, column: int, place: tuple[int, int]) -> None:
    source = f"=codes!$B${place[0] + 1}:$B${place[1] + 1}"
    # A word that is no code is a finding when the file is read; the sheet only warns.
    rule = {"validate": "list", "source": source, "error_type": "warning"}
    page.data_validation(1, column, _VALIDATED_ROWS, column, rule)
