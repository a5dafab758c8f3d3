"""``fallow submit``: one record typed by hand, or filled in a template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
    opened,
    put_json,
    wants_json,
)
from fallow.cli.import_ import CrsOption, OperationOption, RowsHeld, import_data, say_import


def submit(
    record: Annotated[str, typer.Argument(help="Record type, for example hazardous_area.")],
    file: Annotated[
        Path | None, typer.Option("--from", help="A filled template: TOML, JSON, CSV or XLSX.", show_default=False)
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="field=value, once per field.", show_default=False)
    ] = None,
    wkt: Annotated[str | None, typer.Option("--wkt", help="The outline as WKT.", show_default=False)] = None,
    crs: CrsOption = None,
    operation: OperationOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; nothing changes.")] = False,
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Submit one record to the inbox. An outline needs its reference system (--crs); none is assumed."""
    begin(json_, lang)
    from fallow.exchange import read_typed, typed_batch
    from fallow.register.importing import take_in

    if (file is None) == (not sets):
        raise BadValue(option="--from", value=str(file), wanted="--from FILE or --set field=value")
    if file is not None:
        batch = read_typed(file, record=record, crs=crs, operation=operation)
    else:
        values = {}
        for item in sets or []:
            name, equals, value = item.partition("=")
            if not equals:
                raise BadValue(option="--set", value=item, wanted="field=value")
            values[name.strip()] = value.strip()
        batch = typed_batch(record, values, wkt=wkt, crs=crs, operation=operation)
    with opened(register, user=user, role=role, organisation=organisation) as land:
        if land.info.synthetic:
            batch.columns["synthetic"] = [True] * len(batch)
        result = take_in(land, batch, dry_run=dry_run)
    name = batch.source.name
    if wants_json():
        put_json(import_data(name, result) | {"reports": list(result.intake.reports)})
    else:
        say_import(name, result)
        for report in result.intake.reports:
            from fallow.cli.common import console

            console().print(report)
    if result.intake.held or result.intake.unreadable:
        raise RowsHeld(held=result.intake.held, unread=result.intake.unreadable)
