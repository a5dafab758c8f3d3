"""``fallow rebuild``: make the derived tables again from the log."""

from __future__ import annotations

from fallow.cli.common import (
    JsonOption,
    LangOption,
    RegisterOption,
    begin,
    console,
    opened,
    progress,
    put_json,
    wants_json,
)
from fallow.cli.common import text as _


def rebuild(register: RegisterOption = None, json_: JsonOption = False, lang: LangOption = None) -> None:
    """Make the derived tables again from the log. Nothing of the log changes."""
    begin(json_, lang)
    with opened(register) as land, progress(_("rebuild")):
        acts = land.rebuild()
    if wants_json():
        put_json({"acts": acts})
        return
    console().print(_("Rebuilt from {acts} acts.").format(acts=acts))
