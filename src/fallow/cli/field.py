"""``fallow field``: national fields, added to a live register."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fallow.cli.common import (
    BadValue,
    JsonOption,
    LangOption,
    OrganisationOption,
    RegisterOption,
    RoleOption,
    UserOption,
    begin,
    console,
    opened,
    put_json,
    table,
    wants_json,
)
from fallow.cli.common import text as _

app = typer.Typer(help="National fields: add one, list them.", no_args_is_help=True)

TYPES = ("text", "code", "codes", "flag", "integer", "number", "when", "count", "measured")


@app.command("add")
def add(
    record: Annotated[str, typer.Argument(help="Record type that gets the field.")],
    name: Annotated[str, typer.Argument(help="Name, beginning with x_.")],
    type_: Annotated[str, typer.Option("--type", help="One of: " + ", ".join(TYPES))] = "text",
    english: Annotated[str, typer.Option("--en", help="English label.")] = "",
    ukrainian: Annotated[str, typer.Option("--uk", help="Ukrainian label.")] = "",
    list_: Annotated[
        str | None, typer.Option("--list", help="Code list, for code and codes.", show_default=False)
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Unit, for measured.", show_default=False)] = None,
    sensitivity: Annotated[
        str, typer.Option("--sensitivity", help="public, operational, restricted, personal.")
    ] = "operational",
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Propose a national field (role steward). A second person approves it; records made before keep their meaning."""
    begin(json_, lang)
    from fallow.terms import FieldDefinition, code_list, record_definitions

    if record not in record_definitions():
        raise BadValue(option="RECORD", value=record, wanted=", ".join(record_definitions()))
    if not name.startswith("x_") or not name.isidentifier() or not name.islower() or len(name) > 40:
        raise BadValue(option="NAME", value=name, wanted="x_name")
    if type_ not in TYPES:
        raise BadValue(option="--type", value=type_, wanted=", ".join(TYPES))
    if sensitivity not in code_list("sensitivity"):
        raise BadValue(option="--sensitivity", value=sensitivity, wanted=", ".join(code_list("sensitivity").current))
    if not english or not ukrainian:
        raise BadValue(option="--en", value=english or ukrainian, wanted=_("a label in both languages"))
    if (type_ in ("code", "codes")) != (list_ is not None):
        raise BadValue(option="--list", value=str(list_), wanted=_("a code list, for code and codes only"))
    definition = FieldDefinition(
        name=name,
        type=type_,
        labels={"en": english, "uk": ukrainian},
        help={"en": "", "uk": ""},
        source="national",
        sensitivity=sensitivity,
        list=list_,
        unit=unit,
    )
    with opened(register, user=user, role=role, organisation=organisation) as land:
        report = land.define_field(record, definition)
    if wants_json():
        put_json({"report": report, "record": record, "field": name})
        return
    console().print(_("Proposed, as report {report}. It waits for a second person.").format(report=report))


@app.command("list")
def list_fields(
    record: Annotated[str, typer.Argument(help="Record type.")],
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """List the fields of a record type, national ones included."""
    begin(json_, lang)
    from fallow.cli.common import language
    from fallow.terms import record_definitions

    if record not in record_definitions():
        raise BadValue(option="RECORD", value=record, wanted=", ".join(record_definitions()))
    with opened(register) as land:
        definition = land.registry.record(record)
    rows: list[dict[str, Any]] = [
        {
            "name": item.name,
            "type": item.type,
            "unit": item.unit,
            "list": item.list,
            "label": item.labels.get(language(), item.name),
            "sensitivity": item.sensitivity,
            "required": item.required,
        }
        for item in definition.fields.values()
    ]
    if wants_json():
        put_json(rows)
        return
    lines = [
        [
            row["name"],
            row["label"],
            row["type"],
            row["unit"] or row["list"] or "",
            row["sensitivity"],
            "!" if row["required"] else "",
        ]
        for row in rows
    ]
    console().print(
        table("", [_("Name"), _("Label"), _("Type"), _("Unit or list"), _("Sensitivity"), _("Required")], lines)
    )
