"""``fallow inbox``: what waits for a second person."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fallow.cli.common import (
    JsonOption,
    LangOption,
    OrganisationOption,
    RegisterOption,
    RoleOption,
    UserOption,
    begin,
    console,
    opened,
    plain,
    progress,
    put_json,
    table,
    wants_json,
)
from fallow.cli.common import text as _

app = typer.Typer(
    help="Reports that wait: list, show, reconcile, review, approve, reject, return.", no_args_is_help=True
)

MOST_LISTED = 50


@app.command("list")
def list_(
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            help="submitted, held, reviewed, approved, rejected, returned. Default: all open.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most lines printed.")] = MOST_LISTED,
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """List reports."""
    begin(json_, lang)
    from fallow.cli.common import BadValue
    from fallow.cli.wording import code, record_label
    from fallow.terms import code_list

    if state is not None and state not in code_list("report_state"):
        raise BadValue(option="--state", value=state, wanted=", ".join(code_list("report_state").current))
    with opened(register) as land:
        found = land.reports(state)
    if wants_json():
        put_json(found)
        return
    if not found:
        console().print(_("The inbox holds no such report."))
        return
    lines = [
        [
            item["report"],
            code("report_state", item["state"]),
            record_label(item["record"]),
            item["title"],
            "" if item["file"] is None else f"{item['file']}:{item['row']}",
            item["entered_by"],
            str(item["results"]),
        ]
        for item in found[:limit]
    ]
    columns = [_("Report"), _("State"), _("Record"), _("Title"), _("File and row"), _("Entered by"), _("Check results")]
    console().print(table("", columns, lines, right=frozenset({6})))
    console().print(_("{shown} of {count} reports").format(shown=len(lines), count=len(found)), style="dim")


@app.command("show")
def show(
    report: Annotated[str, typer.Argument(help="Id of the report, or its unambiguous beginning.")],
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show one report: what it says, what the checks found, and what it may be about."""
    begin(json_, lang)
    from fallow.cli.common import language
    from fallow.cli.wording import code, field_label, record_label, value
    from fallow.terms import explain

    with opened(register) as land:
        found = land.report(report)
    if wants_json():
        put_json(found)
        return
    out = console()
    out.print(f"[bold]{plain(record_label(found['record']))}[/]  {found['report']}")
    lines = [
        [field_label(found["record"], name), value(found["record"], name, wire)]
        for name, wire in found["fields"].items()
    ]
    out.print(table("", [_("Field"), _("Value")], lines))
    for step in found["steps"]:
        note = f" – {step['note']}" if step["note"] else ""
        out.print(plain(f"  {step['at']}  {code('report_state', step['state'])}  {step['by']}{note}"))
    for item in found["results"]:
        facts = {"row": found["row"], "field": item["field"], "value": item["value"], **item["detail"]}
        told = explain(item["code"], facts, language())
        out.print(plain(f"  [{code('severity', item['severity'])}] {told.title}: {told.what}"))
        out.print(plain(f"      → {told.todo}  ({item['code']})"), style="dim")
        if item["repair"]:
            out.print(plain(_("      proposed repair: {repair}").format(repair=str(item["repair"])[:300])), style="dim")
    match = found["match"]
    if match is not None and found["state"] != "approved":
        _say_match(match)


def _say_match(match: dict[str, Any]) -> None:
    out = console()
    words = {
        "new": _("Taken for new."),
        "update": _("Taken for an update of {entity}."),
        "same_as": _("Taken for the same as {entity}."),
        None: _("Somebody must say what it is: fallow inbox reconcile."),
    }
    out.print(words[match["kind"]].format(entity=match["entity"]))
    for item in match["candidates"]:
        out.print(plain(f"  {item['entity']}  {item['why']}  {item['share']:.0%}"), style="dim")


@app.command("reconcile")
def reconcile(
    report: Annotated[str, typer.Argument(help="Id of the report.")],
    kind: Annotated[str, typer.Option("--kind", help="new, update or same_as.")],
    entity: Annotated[
        str | None,
        typer.Option("--entity", help="The entity that it updates or repeats: UUID or issued id.", show_default=False),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what a report is: new, an update of an entity, or the same as one."""
    begin(json_, lang)
    with opened(register, user=user, role=role, organisation=organisation) as land:
        chosen = None if entity is None else land.find(entity)[0]
        land.reconcile(report, kind, chosen, note)
    if wants_json():
        put_json({"report": report, "kind": kind, "entity": chosen})
        return
    console().print(_("Noted."))


@app.command("approve")
def approve(
    reports: Annotated[list[str] | None, typer.Argument(help="Ids of reports.", show_default=False)] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every report that waits.")] = False,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason", help="Reason of the list lowering_reason, for what lowers hazard.", show_default=False
        ),
    ] = None,
    evidence: Annotated[
        list[str] | None,
        typer.Option("--evidence", help="The evidence it rests on: document, report, activity.", show_default=False),
    ] = None,
    outside: Annotated[
        str,
        typer.Option(
            "--outside", help="Ground of a product outside recorded hazard: work_outside, extend_boundary, new_hazard."
        ),
    ] = "work_outside",
    leave: Annotated[bool, typer.Option("--leave", help="Leave what cannot be approved in the inbox.")] = False,
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Approve reports; who entered one never approves it. What lowers hazard needs a reason and evidence."""
    begin(json_, lang)
    from fallow.cli.common import BadValue

    if bool(reports) == all_:
        raise BadValue(option="--all", value=str(all_), wanted=_("either report ids or --all"))
    with opened(register, user=user, role=role, organisation=organisation) as land, progress(_("approving")):
        done = land.approve(
            None if all_ else reports, reason=reason, evidence=evidence or [], outside_decision=outside, leave=leave
        )
    if wants_json():
        put_json(
            {
                "approved": done.approved,
                "unchanged": done.unchanged,
                "left": done.left,
                "conflicts": done.conflicts,
                "outside_m2": round(done.outside_m2, 2),
                "acts": done.acts,
                "entities": done.entities,
            }
        )
        return
    out = console()
    out.print(_("{count} reports approved.").format(count=done.approved))
    if done.unchanged:
        out.print(_("{count} said nothing new.").format(count=done.unchanged))
    if done.outside_m2:
        from fallow.cli.common import language
        from fallow.i18n import format_area

        area = format_area(done.outside_m2, language())
        out.print(_("{area} of released ground lies outside recorded hazard.").format(area=area))
    if done.conflicts:
        out.print(
            _("{count} entities are in conflict: until somebody decides, the worse stands.").format(
                count=done.conflicts
            )
        )
    for code, count in sorted(done.left.items()):
        out.print(_("{count} left in the inbox: {code}").format(count=count, code=code))


def _step(state: str, reports: list[str], note: str, options: tuple[Any, ...], json_: bool, lang: str | None) -> None:
    begin(json_, lang)
    register, user, role, organisation = options
    with opened(register, user=user, role=role, organisation=organisation) as land:
        count = land.step(reports, state, note)
    if wants_json():
        put_json({"state": state, "reports": count})
        return
    console().print(_("{count} reports: {state}").format(count=count, state=state))


@app.command("review")
def review(
    reports: Annotated[list[str], typer.Argument(help="Ids of reports.")],
    note: Annotated[str, typer.Option("--note", help="What was looked at.")] = "",
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Mark reports as reviewed."""
    _step("reviewed", reports, note, (register, user, role, organisation), json_, lang)


@app.command("reject")
def reject(
    reports: Annotated[list[str], typer.Argument(help="Ids of reports.")],
    note: Annotated[str, typer.Option("--note", help="Why; it stays with the report.")],
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Reject reports, with a reason. They stay in the inbox for ever."""
    _step("rejected", reports, note, (register, user, role, organisation), json_, lang)


@app.command("return")
def return_(
    reports: Annotated[list[str], typer.Argument(help="Ids of reports.")],
    note: Annotated[str, typer.Option("--note", help="What to mend.")],
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Return reports to who entered them."""
    _step("returned", reports, note, (register, user, role, organisation), json_, lang)
