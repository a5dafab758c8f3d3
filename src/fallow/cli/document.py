"""``fallow document``: the pages that go out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fallow.cli.balance import LevelOption, OpenedOption, YearsOption, as_known, periods
from fallow.cli.common import (
    BadValue,
    JsonOption,
    LangOption,
    OrganisationOption,
    RegisterOption,
    RoleOption,
    TrueOption,
    UserOption,
    begin,
    console,
    day,
    language,
    opened,
    plain,
    progress,
    put_json,
    wants_json,
)
from fallow.cli.common import text as _

KINDS = ("totals", "filed", "balance", "area")


def document(
    kind: Annotated[str, typer.Argument(help="totals, filed, balance or area.")],
    entity: Annotated[str | None, typer.Argument(help="For area: UUID or issued id.", show_default=False)] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path(),
    formats: Annotated[str, typer.Option("--format", help="html, pdf, xlsx, with commas between.")] = "html,pdf,xlsx",
    true: TrueOption = None,
    known: Annotated[
        str | None, typer.Option("--known", help="Checkpoint number or day up to which acts count.", show_default=False)
    ] = None,
    years: YearsOption = None,
    level: LevelOption = None,
    opened_at: OpenedOption = None,
    file: Annotated[
        bool, typer.Option("--file", help="File it: keep its bytes in the register and pin the checkpoint.")
    ] = False,
    register: RegisterOption = None,
    user: UserOption = None,
    role: RoleOption = None,
    organisation: OrganisationOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Write a document as HTML, PDF and XLSX. For filed: --true the day, --known the day or checkpoint of filing."""
    begin(json_, lang)
    from fallow.documents import render
    from fallow.documents.rendering import FORMATS

    if kind not in KINDS:
        raise BadValue(option="KIND", value=kind, wanted=", ".join(KINDS))
    wanted = [item.strip() for item in formats.split(",") if item.strip()]
    if not wanted or set(wanted) - set(FORMATS):
        raise BadValue(option="--format", value=formats, wanted=", ".join(FORMATS))
    if (kind == "area") != (entity is not None):
        raise BadValue(
            option="ENTITY", value=str(entity), wanted=_("an area for the sheet of an area, nothing otherwise")
        )
    with opened(register, user=user, role=role, organisation=organisation) as land, progress(kind):
        made = _built(land, kind, entity, true, known, years, level, opened_at)
        paths = render(made, language(), wanted, out)
        filing = None
        if file:
            pinned = land.checkpoint(as_known(known))
            page = paths[-1]
            filing = land.file_document(kind, page.name, page.read_bytes(), true=day(true, "--true"), known=pinned)
    if wants_json():
        put_json({"files": [str(path) for path in paths], "filing": filing})
        return
    for path in paths:
        console().print(plain(str(path)))
    if filing is not None:
        console().print(_("Filed as {filing}, at checkpoint {seq}.").format(filing=filing, seq=pinned.seq))


def _built(
    land: Any,
    kind: str,
    entity: str | None,
    true: str | None,
    known: str | None,
    years: str | None,
    level: int | None,
    opened_at: int | None,
) -> Any:
    from fallow.documents import build_area, build_balance, build_filed, build_totals

    at, pinned = day(true, "--true"), as_known(known)
    if kind == "totals":
        return build_totals(land, true=at, known=pinned, level=level)
    if kind == "balance":
        return build_balance(land, periods(true, None, years), level=level, known=pinned, known_open=opened_at)
    if kind == "filed":
        if at is None or pinned is None:
            raise BadValue(
                option="--true", value=str(true), wanted=_("--true and --known: the day, and what was filed")
            )
        return build_filed(land, at, pinned, level=level)
    uuid, record = land.find(str(entity))
    if record != "hazardous_area":
        raise BadValue(option="ENTITY", value=str(entity), wanted="hazardous_area")
    return build_area(land, uuid, true=at, known=pinned)
