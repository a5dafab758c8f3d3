"""``fallow template``: a blank form of a record type."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fallow.cli.common import BadValue, JsonOption, LangOption, begin, console, language, plain, put_json, wants_json
from fallow.cli.common import text as _

KINDS = ("csv", "xlsx", "toml")


def template(
    record: Annotated[str, typer.Argument(help="Record type, for example hazardous_area.")],
    path: Annotated[Path, typer.Argument(help="The file to write: .csv, .xlsx or .toml.")],
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Write a blank template of a record type, with its fields, units and codes."""
    begin(json_, lang)
    from fallow.exchange import template as made
    from fallow.terms import record_definitions

    kind = path.suffix.lstrip(".").lower()
    if kind not in KINDS:
        raise BadValue(option="PATH", value=str(path), wanted=", ".join(f".{item}" for item in KINDS))
    if record not in record_definitions():
        raise BadValue(option="RECORD", value=record, wanted=", ".join(record_definitions()))
    if path.exists():
        raise BadValue(option="PATH", value=str(path), wanted=_("a file that is not there yet"))
    path.write_bytes(made(record, kind, language()))
    if wants_json():
        put_json({"template": str(path), "record": record})
        return
    console().print(plain(_("Wrote {path}.").format(path=path)))
