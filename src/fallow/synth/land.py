"""Writing the invented land as a folder of files that go in through the normal door."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from fallow.errors import Where
from fallow.synth.cells import cell_columns
from fallow.synth.drawing import Drawing, draw, place_on_earth
from fallow.synth.errors import FolderNotEmptyError
from fallow.synth.files import write_layer
from fallow.synth.frame import ISSUER, areas_of_scale, stream
from fallow.synth.ground_rows import COUNTRY
from fallow.synth.manifest import (
    FILE_NAME,
    LandFacts,
    Manifest,
    MessyFacts,
    Person,
    RegisterFacts,
    Relation,
    StepFacts,
    write_manifest,
)
from fallow.synth.messy import write_messy
from fallow.synth.names import invent
from fallow.synth.population import draw_population, write_population
from fallow.synth.steps import Step, make_steps, period_name, period_of
from fallow.synth.story import FIRST, LAST
from fallow.synth.wire import MARK, REMARK, iso

_COAST, _POPULATION, _NOTE = "coast.geojson", "population.tif", "SYNTHETIC.txt"
_TIDY, _MESSY = "tidy", "messy"


@dataclass(frozen=True)
class Land:
    """An invented land that was written to a folder.

    Args:
        folder: where it was written.
        manifest: what ``steps.toml`` in it says.
        rows: record type → rows in the tidy files, updates included.
    """

    folder: Path
    manifest: Manifest
    rows: dict[str, int]


def make_land(seed: int, scale: int | str, out_dir: Path) -> Land:
    """Draw an invented land and write its files.

    The same seed and scale give the same bytes of every file in the same environment.

    Args:
        seed: any whole number from 0.
        scale: ``small`` (60 hazardous areas), ``medium`` (2,000), ``large`` (100,000), or a number of areas.
        out_dir: folder to write to; it is made, and must be empty if it is there.

    Raises:
        ScaleError: there is no land of that size.
        FolderNotEmptyError: the folder holds files already: an invented land is never mixed with anything.
    """
    count = areas_of_scale(scale)
    if out_dir.exists() and any(out_dir.iterdir()):
        raise FolderNotEmptyError(Where(file=str(out_dir)), folder=str(out_dir))
    for name in (_TIDY, _MESSY):
        (out_dir / name).mkdir(parents=True, exist_ok=True)
    drawing = draw(seed, count)
    place_on_earth(drawing)
    steps = make_steps(drawing.tables)
    people = _people(drawing)
    facts = [_write_step(out_dir, number, step, people) for number, step in enumerate(steps, start=1)]
    messy = write_messy(drawing, out_dir, _MESSY)
    coast = drawing.frame.to_lonlat(np.array([drawing.land], dtype=object))[0]
    _write_coast(out_dir / _COAST, drawing, coast)
    write_population(out_dir / _POPULATION, *draw_population(drawing.ground, stream(seed, "population")))
    (out_dir / _NOTE).write_text(f"{REMARK}\n", encoding="utf-8")
    manifest = _manifest(drawing, coast, people, facts, messy)
    write_manifest(out_dir / FILE_NAME, manifest)
    rows: dict[str, int] = {}
    for fact in facts:
        rows[fact.record] = rows.get(fact.record, 0) + fact.rows
    return Land(out_dir, manifest, rows)


def _people(drawing: Drawing) -> tuple[Person, ...]:
    names = [f"{english} {MARK}" for english, _ in invent(5, stream(drawing.seed, "officers"))]
    centre = f"Mine Action Centre of {drawing.country[0]} {MARK}"
    roles = ("steward", "enter", "enter", "review", "approve")
    return tuple(Person(name, role, centre) for name, role in zip(names, roles, strict=True))


def _write_step(folder: Path, number: int, step: Step, people: tuple[Person, ...]) -> StepFacts:
    table = step.table
    file = f"{_TIDY}/{period_name(int(period_of(table.day[:1])[0]))}.gpkg"
    layer = f"s{number:03d}_{table.record}"
    write_layer(folder / file, layer, cell_columns(table.record, table.columns), table.shapes)
    own = table.codes
    clerks = [person.name for person in people if person.role == "enter"]
    return StepFacts(
        number=number,
        record=table.record,
        file=file,
        layer=layer,
        rows=len(table),
        act=table.act,
        match=table.match,
        enter=clerks[number % len(clerks)],
        approve=next(person.name for person in people if person.role == "approve"),
        decided=iso(step.decided),
        reason=step.reason or "",
        evidence=tuple(step.evidence),
        relations=tuple(Relation(table.record, own[row], kind, target) for row, kind, target in table.relations),
    )


def _write_coast(path: Path, drawing: Drawing, coast: Any) -> None:
    properties = {"name": f"{drawing.country[0]} {MARK}", "code": COUNTRY, "synthetic": True, "remarks": REMARK}
    feature = {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(coast))}
    body = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(body, ensure_ascii=False) + "\n", encoding="utf-8")


def _manifest(
    drawing: Drawing, coast: Any, people: tuple[Person, ...], steps: list[StepFacts], messy: list[MessyFacts]
) -> Manifest:
    from fallow.geodesy import equal_area_for

    west, south, east, north = (float(value) for value in coast.bounds)
    name = f"{drawing.country[0]} {MARK}"
    return Manifest(
        land=LandFacts(
            name=name,
            name_uk=f"{drawing.country[1]} {MARK}",
            seed=drawing.seed,
            areas=len(drawing.areas.found),
            issuer=ISSUER,
            first_day=iso(FIRST),
            last_day=iso(LAST),
            bounds=(west, south, east, north),
            coast=_COAST,
            population=_POPULATION,
        ),
        register=RegisterFacts(
            name=f"Register of {name}",
            country=COUNTRY,
            equal_area=equal_area_for((west, south, east, north)),
            booking_basis="decision",
            synthetic=True,
            notice=REMARK,
        ),
        people=people,
        steps=tuple(steps),
        messy=tuple(messy),
    )
