"""``fallow correct``: propose a change to what is recorded; a second person decides."""

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
    wants_json,
)
from fallow.cli.common import text as _


def correct(
    entity: Annotated[
        str, typer.Argument(help="What to correct: UUID or issued id. With --undo: any entity of that act.")
    ],
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="field=value, once per field.", show_default=False)
    ] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw the record: an error or a duplicate.")] = False,
    merge_into: Annotated[
        str | None, typer.Option("--merge-into", help="The record that this one is merged into.", show_default=False)
    ] = None,
    undo: Annotated[
        str | None, typer.Option("--undo", help="UUID of an act to undo as a whole.", show_default=False)
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason", help="Proposed reason (list lowering_reason), if it lowers hazard.", show_default=False
        ),
    ] = None,
    evidence: Annotated[
        list[str] | None, typer.Option("--evidence", help="Proposed evidence, if it lowers hazard.", show_default=False)
    ] = None,
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Propose a correction. Whatever shrinks or softens open hazard passes one door: second person, reason, evidence."""
    begin(json_, lang)
    chosen = [bool(sets), withdraw, merge_into is not None, undo is not None]
    if sum(chosen) != 1:
        raise BadValue(option="--set", value="", wanted="one of --set, --withdraw, --merge-into, --undo")
    with opened(register, user=user, role=role, organisation=organisation) as land:
        uuid, record = land.find(entity)
        kind, patch, relations = "correct", {}, []
        if sets:
            patch = _patch(record, sets)
        elif withdraw:
            kind, patch = "withdraw", {"record_status": "withdrawn"}
        elif merge_into is not None:
            target, other = land.find(merge_into)
            if other != record or target == uuid:
                raise BadValue(option="--merge-into", value=merge_into, wanted=record)
            kind, patch, relations = "merge", {"record_status": "merged"}, [[uuid, "merged_into", target]]
        else:
            kind = "undo"
        changes: list[dict[str, Any]] = [{"entity": uuid, "record": record, "patch": patch}] if patch else []
        report = land.propose(kind, changes, relations=relations, undoes=undo, reason=reason, evidence=evidence or [])
    if wants_json():
        put_json({"report": report, "kind": kind, "entity": uuid})
        return
    console().print(_("Proposed, as report {report}. It waits for a second person.").format(report=report))


def _patch(record: str, sets: list[str]) -> dict[str, Any]:
    from fallow.exchange import typed_batch
    from fallow.records.batch import Severity

    values = {}
    for item in sets:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadValue(option="--set", value=item, wanted="field=value")
        values[name.strip()] = value.strip()
    batch = typed_batch(record, values, partial=True)
    for result in batch.results:
        if result.severity is not Severity.ADVICE:
            raise BadValue(option="--set", value=f"{result.field}={result.value}", wanted=result.code)
    return {name: column[0] for name, column in batch.columns.items() if column[0] is not None}
