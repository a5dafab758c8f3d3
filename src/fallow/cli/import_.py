"""``fallow import``: take the rows of a file into the inbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from fallow.errors import FallowError

if TYPE_CHECKING:
    from fallow.register.importing import Import

ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        help="Mapping profile: a TOML file, or the name of one that Fallow brings.",
        show_default=False,
    ),
]
CrsOption = Annotated[
    str | None,
    typer.Option("--crs", help="Reference system of the coordinates, for example EPSG:28406.", show_default=False),
]
LayerOption = Annotated[str | None, typer.Option("--layer", help="Layer or sheet of the file.", show_default=False)]
RecordOption = Annotated[
    str | None, typer.Option("--record", help="Record type of the rows, when no profile says it.", show_default=False)
]
OperationOption = Annotated[
    str | None,
    typer.Option(
        "--operation",
        help="EPSG code of an operation to WGS 84, chosen on purpose where none covers the place.",
        show_default=False,
    ),
]
MOST_SHOWN = 12


class RowsHeld(FallowError):
    """Some rows wait for repair, or could not be read."""

    code = "check.rows_held"


def import_(
    files: Annotated[list[Path], typer.Argument(help="Files to import: GeoPackage, GeoJSON, Shapefile, CSV, XLSX.")],
    profile: ProfileOption = None,
    crs: CrsOption = None,
    layer: LayerOption = None,
    record: RecordOption = None,
    operation: OperationOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check only; nothing changes.")] = False,
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Import files into the inbox. Every row is counted: in = accepted + held + rejected.

    Leaves with status 13 when rows are held or cannot be read; they are kept, with their reasons, in the inbox.
    """
    begin(json_, lang)
    from fallow.register.importing import import_file

    done: list[tuple[Path, Import]] = []
    with opened(register, user=user, role=role, organisation=organisation) as land:
        for file in files:
            with progress(file.name) as stage:
                result = import_file(
                    land,
                    file,
                    profile=profile,
                    crs=crs,
                    layer=layer,
                    record=record,
                    operation=operation,
                    dry_run=dry_run,
                    stage=stage,
                )
            done.append((file, result))
            if not wants_json():
                say_import(file.name, result)
    if wants_json():
        put_json([import_data(file.name, result) for file, result in done])
    held = sum(result.intake.held for _, result in done)
    unread = sum(result.intake.unreadable for _, result in done)
    if held or unread:
        raise RowsHeld(held=held, unread=unread)


def import_data(name: str, result: Import) -> dict[str, Any]:
    """Return one import as plain data."""
    source = result.batch.source
    return {
        "file": name,
        "record": result.batch.record,
        "dry_run": result.dry_run,
        "crs": source.crs,
        "crs_from": source.crs_from,
        "encoding": source.encoding,
        "operation": None if result.batch.operation is None else result.batch.operation.wire(),
        "counts": result.intake.as_dict(),
        "results": [
            {
                "code": item.code,
                "severity": item.severity.value,
                "row": int(result.batch.rows[item.index]) if item.index >= 0 else None,
                "field": item.field,
                "value": item.value,
                "detail": item.detail,
                "repair": item.repair,
            }
            for item in result.results
        ],
        "unread": [{"row": row, "code": code, "text": raw[:200]} for row, raw, code in result.batch.unread],
    }


def say_import(name: str, result: Import) -> None:
    """Print one import: counts first, then what was found, worst first."""
    from fallow.cli.wording import record_label

    out = console()
    counts = result.intake
    source = result.batch.source
    title = _("{file}: {record}").format(file=name, record=record_label(result.batch.record))
    out.print(plain(title), style="bold")
    system = source.crs or _("no coordinates")
    operation = result.batch.operation
    if operation is not None and operation.accuracy_m:
        system = _("{crs}, by {operation}, ± {metres} m").format(
            crs=system, operation=operation.name, metres=operation.accuracy_m
        )
    out.print("  " + plain(_("reference system: {system}").format(system=system)), style="dim")
    if source.encoding:
        out.print("  " + plain(_("text encoding: {encoding}").format(encoding=source.encoding)), style="dim")
    line = _("{total} in = {accepted} accepted + {held} held + {rejected} rejected").format(
        total=counts.total, accepted=counts.accepted, held=counts.held, rejected=counts.rejected
    )
    if counts.already_received:
        line += " " + _("({count} were received before)").format(count=counts.already_received)
    out.print("  " + line)
    if result.dry_run:
        out.print("  " + _("Dry run: nothing was changed."))
    say_results(result.results, result.batch.rows)
    for row, raw, code in result.batch.unread[:MOST_SHOWN]:
        out.print(
            "  " + plain(_("row {row} could not be read ({code}): {text}").format(row=row, code=code, text=raw[:80]))
        )


def say_results(results: list[Any], rows: Any) -> None:
    """Print check results by code, each with its first rows, what it means and what to do."""
    from fallow.cli.common import language
    from fallow.terms import explain

    groups: dict[tuple[int, str], list[Any]] = {}
    rank = {"blocking": 0, "warning": 1, "advice": 2}
    for item in results:
        groups.setdefault((rank[item.severity.value], item.code), []).append(item)
    if not groups:
        return
    lines = []
    for (_rank, code), items in sorted(groups.items()):
        first = items[0]
        place = sorted({int(rows[item.index]) for item in items if item.index >= 0})
        shown = ", ".join(str(row) for row in place[:MOST_SHOWN]) + (" …" if len(place) > MOST_SHOWN else "")
        facts = {"row": place[0] if place else "", "field": first.field, "value": first.value, **first.detail}
        told = explain(code, facts, language())
        lines.append([_severity(first.severity.value), code, str(len(items)), shown, told.what])
    columns = [_("Severity"), _("Check"), _("Count"), _("Rows"), _("What (first one)")]
    console().print(table("", columns, lines, right=frozenset({2})))


def _severity(code: str) -> str:
    from fallow.cli.wording import code as labelled

    return labelled("severity", code)
