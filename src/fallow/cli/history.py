"""``fallow history``: every accepted change of one record."""

from __future__ import annotations

from typing import Annotated

import typer

from fallow.cli.common import (
    JsonOption,
    LangOption,
    RegisterOption,
    begin,
    console,
    opened,
    plain,
    put_json,
    wants_json,
)
from fallow.cli.common import text as _


def history(
    entity: Annotated[str, typer.Argument(help="UUID (or its beginning), or an issued id.")],
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show the history of a record: what changed, when it was decided and accepted, who entered and approved it."""
    begin(json_, lang)
    from fallow.cli.wording import code, field_label, record_label, value

    with opened(register) as land:
        versions = land.history(entity)
        uuid, record = land.find(entity)
    if wants_json():
        put_json(
            {
                "entity": uuid,
                "record": record,
                "versions": [
                    {
                        "act": versions.act[i],
                        "kind": versions.act_kind[i],
                        "reason": versions.reason[i],
                        "lowering": versions.lowering[i],
                        "checkpoint": int(versions.seq[i]),
                        "decided": versions.decided[i],
                        "accepted": versions.accepted[i],
                        "valid_from": versions.valid_from[i],
                        "valid_to": versions.valid_to[i],
                        "entered_by": versions.entered_by[i],
                        "approved_by": versions.approved_by[i],
                        "changed": list(versions.changed[i]),
                        "report": versions.report[i],
                        "state": versions.state[i],
                    }
                    for i in range(len(versions))
                ],
            }
        )
        return
    out = console()
    out.print(f"[bold]{plain(record_label(record))}[/]  {uuid}")
    for i in range(len(versions)):
        kind = code("act_kind", versions.act_kind[i])
        out.print()
        out.print(plain(f"{versions.decided[i]}  {kind}  ·  {_('checkpoint')} {int(versions.seq[i])}"), style="bold")
        who = _("entered by {entered}, approved by {approved}").format(
            entered=versions.entered_by[i], approved=versions.approved_by[i]
        )
        out.print(plain(f"  {who}"))
        start = versions.valid_from[i] or _("always")
        end = versions.valid_to[i] or _("open")
        out.print(plain("  " + _("holds from {start} to {end}").format(start=start, end=end)))
        if versions.reason[i]:
            reason = code("lowering_reason", versions.reason[i])
            out.print(plain("  " + _("reason: {reason}").format(reason=reason)))
        for name in versions.changed[i]:
            shown = value(record, name, versions.state[i].get(name))
            out.print(plain(f"  {field_label(record, name)}: {shown}"), style="dim")
