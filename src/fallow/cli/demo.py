"""``fallow demo``: two registers, filled through the same door as any other, and the documents they give."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fallow.cli.common import JsonOption, LangOption, begin, console, language, plain, progress, put_json, wants_json
from fallow.cli.common import text as _
from fallow.errors import FallowError

if TYPE_CHECKING:
    from fallow.register import Register

REAL, INVENTED = "amsterdam.fallow", "invented-land.fallow"
# (file, profile, record, what approval needs)
AMSTERDAM = (
    ("verdachte_gebieden.csv", "amsterdam_suspected", None),
    ("reeds_uitgevoerd_ce_onderzoek.csv", "amsterdam_surveyed", None),
    ("inslagen.csv", "amsterdam_impacts", None),
    ("gevrijwaard_gebied.csv", "amsterdam_released", "clearance_completed"),
)
NOTICE = (
    "City of Amsterdam, map of unexploded ordnance of 1940–1945 (repository Amsterdam/milieuthemas), MPL-2.0. "
    "Four unlinked layers; a sample, not the city's present record."
)
MOST_SHEETS, PDF_SHEETS = 200, 3
BOX = (4.72, 52.27, 5.08, 52.44)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the two registers and their documents.")] = Path(
        "demo"
    ),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the invented land.")] = 1,
    areas: Annotated[int, typer.Option("--areas", min=10, max=200_000, help="About how many invented areas.")] = 60,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Make two registers and their documents: four real layers of Amsterdam, and an invented land. Harmless to repeat."""
    begin(json_, lang)
    done = out / "done"
    if not done.exists():
        _clear(out)
        out.mkdir(parents=True, exist_ok=True)
        _amsterdam(out)
        _invented(out, seed, areas)
        done.write_text("Fallow demo, complete.\n", encoding="utf-8")
        fresh = True
    else:
        fresh = False
    _summary(out, fresh)


def _clear(out: Path) -> None:
    """Take away what an interrupted demo left: only files that the demo itself makes."""
    import shutil

    for name in (REAL, INVENTED):
        for suffix in ("", "-wal", "-shm"):
            (out / f"{name}{suffix}").unlink(missing_ok=True)
    for folder in ("land", "documents", "keys"):
        shutil.rmtree(out / folder, ignore_errors=True)


def _amsterdam(out: Path) -> None:
    from fallow.geodesy import equal_area_for
    from fallow.register import Actor, Register
    from fallow.register.importing import import_file

    folder = resources.files("fallow.exchange") / "samples" / "amsterdam"
    register = Register.create(
        out / REAL,
        actor=Actor("Demo steward", "steward", "Demo"),
        name="Amsterdam 1940–1945",
        country="NLD",
        equal_area=equal_area_for(BOX),
        notice=NOTICE,
        keys=out / "keys",
    )
    with register, progress(_("Amsterdam")) as stage:
        for name, profile, reason in AMSTERDAM:
            with resources.as_file(folder / name) as path:
                import_file(register.as_actor(Actor("Demo entry", "enter", "Demo")), path, profile=profile, stage=stage)
            register.as_actor(Actor("Demo approval", "approve", "Demo")).approve(
                None, reason=reason, evidence=[f"{name} as published by the city"] if reason else [], leave=True
            )
        _documents(register, out / "documents" / "amsterdam", None, stage)


def _invented(out: Path, seed: int, areas: int) -> None:
    from fallow.synth import make_land

    with progress(_("Invented land")) as stage:
        stage(_("inventing"))
        land = make_land(seed, areas, out / "land")
        with play(land.manifest, out / "land", out / INVENTED, out / "keys", stage) as register:
            _documents(register, out / "documents" / "invented-land", dt.date(2025, 12, 31), stage)


def play(manifest: Any, folder: Path, path: Path, keys: Path, stage: Any) -> Register:
    """Play a land's manifest: every step imported by one person and approved by another, each on its own day.

    Returns:
        The open register.
    """
    from fallow.register import Actor, Register
    from fallow.register.importing import import_file

    facts = manifest.register
    people = {person.name: person for person in manifest.people}
    clock = [dt.datetime.fromisoformat(f"{manifest.land.first_day}T08:00:00+00:00")]

    def time() -> dt.datetime:
        clock[0] += dt.timedelta(milliseconds=5)
        return clock[0]

    steward = Actor("Demo steward", "steward", "SYNTHETIC")
    register = Register.create(
        path,
        actor=steward,
        name=facts.name,
        country=facts.country,
        equal_area=facts.equal_area,
        booking_basis=facts.booking_basis,
        synthetic=True,
        notice=facts.notice,
        keys=keys,
        time=time,
    ).at_time(time)
    for step in manifest.steps:
        stage(f"{step.decided} {step.file}")
        clock[0] = max(clock[0], dt.datetime.fromisoformat(f"{step.decided}T09:00:00+00:00"))
        enter, approve = people[step.enter], people[step.approve]
        entered = import_file(
            register.as_actor(Actor(enter.name, "enter", enter.organisation)),
            folder / step.file,
            profile=folder / step.profile if step.profile else None,
            layer=step.layer or None,
            record=step.record,
            today=clock[0].date(),
        )
        second = register.as_actor(Actor(approve.name, "approve", approve.organisation))
        reports = entered.intake.reports
        second.decide_all(reports, step.match)
        second.approve(None, reason=step.reason or None, evidence=list(step.evidence), leave=True)
        _relate(register, step, enter, second)
    stage(_("untidy files"))
    for messy in manifest.messy:
        entry = register.as_actor(Actor(manifest.people[0].name, "enter", manifest.people[0].organisation))
        # A file that is refused whole leaves nothing behind; the officer sees why, and the demo goes on.
        with suppress(FallowError):
            import_file(
                entry,
                folder / messy.file,
                profile=folder / messy.profile if messy.profile else None,
                crs=messy.crs or None,
                record=messy.record,
                today=clock[0].date(),
            )
    return register


def _relate(register: Register, step: Any, enter: Any, second: Register) -> None:
    from fallow.register import Actor

    links = []
    for link in step.relations:
        links.append([register.find(link.subject)[0], link.kind, register.find(link.other)[0]])
    if links:
        report = register.as_actor(Actor(enter.name, "enter", enter.organisation)).propose("relate", relations=links)
        second.approve([report])


def _documents(register: Register, folder: Path, filed: dt.date | None, stage: Any) -> None:
    """Write every document in both languages; the sheets of the first areas as PDF too."""
    from fallow.documents import build_area, build_balance, build_filed, build_totals, render
    from fallow.terms import LANGUAGES

    ids = register.snapshot().ids("hazardous_area")
    last = register.checkpoint().at
    year = (last or dt.datetime.now(dt.UTC)).year
    periods = [(dt.date(each, 1, 1), dt.date(each + 1, 1, 1)) for each in range(year - 2, year + 1)]
    documents = [build_totals(register), build_balance(register, periods)]
    if filed is not None:
        documents.append(build_filed(register, filed, filed, today=None if last is None else last.date()))
    sheets = [build_area(register, entity) for entity in ids[:MOST_SHEETS]]
    linked = set(ids[:MOST_SHEETS])
    for lang in LANGUAGES:
        # Pages on screen in both languages; paper and spreadsheets, which take longer, in the reader's own.
        rest = ("pdf", "xlsx") if lang == language() else ()
        for document in documents:
            stage(f"{document.name} {lang}")
            render(document, lang, ("html", *rest), folder, sheets=linked)
        stage(_("sheets") + f" {lang}")
        for place, sheet in enumerate(sheets):
            render(sheet, lang, ("html", *(rest if place < PDF_SHEETS else ())), folder, sheets=linked)


def _summary(out: Path, fresh: bool) -> None:
    from fallow.register import Register

    facts = []
    for name, folder in ((REAL, "amsterdam"), (INVENTED, "invented-land")):
        with Register.open(out / name, keys=out / "keys") as register:
            snapshot = register.snapshot()
            facts.append(
                {
                    "register": str(out / name),
                    "name": register.info.name,
                    "synthetic": register.info.synthetic,
                    "areas": len(snapshot.ids("hazardous_area")),
                    "products": len(snapshot.ids("release_product")) if "release_product" in snapshot.records() else 0,
                    "acts": register.checkpoint().seq,
                    "held": len(snapshot.held),
                    "unverified": sum(len(ids) for ids, _r, _s in snapshot.unverified.values()),
                    "sources": register.sources(),
                    "document": str(out / "documents" / folder / f"totals.{language()}.html"),
                }
            )
    if wants_json():
        put_json({"fresh": fresh, "registers": facts})
        return
    shown = console()
    if not fresh:
        shown.print(
            plain(
                _("The demo is there already; nothing was changed. Delete {folder} to make it anew.").format(folder=out)
            )
        )
    for entry in facts:
        kind = _("SYNTHETIC, an invented land") if entry["synthetic"] else _("real: four unlinked layers of a city")
        shown.print()
        shown.print(plain(f"{entry['name']}  ({kind})"), style="bold")
        shown.print(plain(f"  {entry['register']}"))
        shown.print(
            "  "
            + _(
                "{areas} hazardous areas, {products} release products, {acts} acts; {held} rows held, {unverified} unverified"
            ).format(**{name: entry[name] for name in ("areas", "products", "acts", "held", "unverified")})
        )
        shown.print(plain("  " + _("document: {document}").format(document=entry["document"])))
    shown.print()
    shown.print(_("Next: ask what is recorded at a place."))
    shown.print(plain(f"  .venv/bin/fallow at 4.91,52.39 --register {out / REAL}"), style="dim")
    shown.print(_("A blank place on any page means not assessed. Nothing here says that land may be entered."))
