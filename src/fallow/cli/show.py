"""``fallow show``: one record as it stands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fallow.cli.common import (
    JsonOption,
    KnownOption,
    LangOption,
    RegisterOption,
    TrueOption,
    begin,
    console,
    day,
    knowledge,
    moment,
    opened,
    plain,
    put_json,
    table,
    wants_json,
)
from fallow.cli.common import text as _


def show(
    entity: Annotated[str, typer.Argument(help="UUID (or its beginning), or an issued id.")],
    true: TrueOption = None,
    known: KnownOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show one record: its values, its relations, and what is in conflict."""
    begin(json_, lang)
    from fallow.cli.wording import field_label, record_label, value
    from fallow.register.errors import UnknownEntity

    with opened(register) as land:
        uuid, record = land.find(entity)
        snapshot = land.snapshot(day(true, "--true"), knowledge(known))
        if record not in snapshot.records() or uuid not in snapshot.ids(record):
            raise UnknownEntity(entity=entity)
        values: dict[str, Any] = snapshot.row(record, uuid)
        relations = land.relations(uuid)
        seq, at = snapshot.known_seq, snapshot.known_at
    if wants_json():
        put_json(
            {
                "entity": uuid,
                "record": record,
                "values": values,
                "relations": relations,
                "known_seq": seq,
                "known_at": at,
            }
        )
        return
    out = console()
    out.print(f"[bold]{plain(record_label(record))}[/]  {uuid}")
    lines = [
        [field_label(record, name), value(record, name, wire)]
        for name, wire in values.items()
        if not name.startswith("_")
    ]
    out.print(table("", [_("Field"), _("Value")], lines))
    for conflict in values.get("_conflicts", []):
        shown = " / ".join(value(record, conflict["field"], wire) for wire in conflict["values"])
        out.print(
            plain(_("In conflict: {field}: {values}. The worse stands.").format(field=conflict["field"], values=shown))
        )
    for link in relations:
        out.print(plain(f"  {link['subject']}  {link['kind']}  {link['object']}"), style="dim")
    out.print(_("As known at checkpoint {seq}, {at}.").format(seq=seq, at=moment(at)), style="dim")
