"""``fallow synth``: write the files of an invented land."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fallow.cli.common import BadValue, JsonOption, LangOption, begin, console, plain, progress, put_json, wants_json
from fallow.cli.common import text as _


def synth(
    out: Annotated[Path, typer.Argument(help="Folder to write; it must be empty or not there.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same land, byte for byte.")] = 1,
    areas: Annotated[int, typer.Option("--areas", min=10, max=200_000, help="About how many hazardous areas.")] = 60,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Write an invented land: coast, units, places, records tidy and messy, scattered at random. Every record says SYNTHETIC."""
    begin(json_, lang)
    from fallow.synth import make_land

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadValue(option="OUT", value=str(out), wanted=_("an empty folder"))
    with progress(_("inventing a land")):
        land = make_land(seed, areas, out)
    steps = land.manifest.steps
    if wants_json():
        put_json({"folder": str(out), "seed": seed, "steps": len(steps), "rows": sum(step.rows for step in steps)})
        return
    console().print(plain(_("SYNTHETIC: an invented land in {folder}.").format(folder=out)), style="bold")
    console().print(
        _("{rows} rows in {steps} imports; steps.toml says in which order they come in and who approves them.").format(
            rows=sum(step.rows for step in steps), steps=len(steps)
        )
    )
