"""``fallow check``: the checks of an import, without any register being changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fallow.cli.common import (
    JsonOption,
    LangOption,
    RegisterOption,
    begin,
    console,
    plain,
    progress,
    put_json,
    wants_json,
)
from fallow.cli.common import text as _
from fallow.cli.import_ import (
    CrsOption,
    LayerOption,
    OperationOption,
    ProfileOption,
    RecordOption,
    RowsHeld,
    say_results,
)


def check(
    file: Annotated[Path, typer.Argument(help="The file to check.")],
    profile: ProfileOption = None,
    crs: CrsOption = None,
    layer: LayerOption = None,
    record: RecordOption = None,
    operation: OperationOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Read and check a file; nothing is written anywhere. With --register it is compared with what is recorded."""
    begin(json_, lang)
    from fallow.checks import run_checks
    from fallow.exchange import read
    from fallow.records.batch import Severity
    from fallow.register import Register
    from fallow.register.importing import context_of
    from fallow.settings import settings

    chosen = register or settings().register_path
    with progress(file.name) as stage:
        stage(_("reading"))
        batch = read(file, profile=profile, crs=crs, layer=layer, record=record, operation=operation)
        stage(_("checking"))
        if chosen is None:
            results = run_checks(batch, context_of(None))
        else:
            with Register.open(chosen) as land:
                results = run_checks(batch, context_of(land))
    results = [*batch.results, *results]
    blocked = {item.index for item in results if item.severity is Severity.BLOCKING and item.index >= 0}
    if wants_json():
        put_json(
            {
                "file": file.name,
                "record": batch.record,
                "rows": len(batch) + len(batch.unread),
                "would_be_held": len(blocked),
                "unreadable": len(batch.unread),
                "crs": batch.source.crs,
                "results": [
                    {
                        "code": item.code,
                        "severity": item.severity.value,
                        "row": int(batch.rows[item.index]) if item.index >= 0 else None,
                        "field": item.field,
                        "value": item.value,
                        "detail": item.detail,
                        "repair": item.repair,
                    }
                    for item in results
                ],
            }
        )
    else:
        out = console()
        out.print(plain(file.name), style="bold")
        out.print(
            "  "
            + _("{rows} rows: {held} would be held, {unread} cannot be read").format(
                rows=len(batch) + len(batch.unread), held=len(blocked), unread=len(batch.unread)
            )
        )
        say_results(results, batch.rows)
    if blocked or batch.unread:
        raise RowsHeld(held=len(blocked), unread=len(batch.unread))
