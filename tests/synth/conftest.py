"""One small invented land, written once; what its steps say, and what a register would hold after them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fallow.checks import CheckContext, ExistingRecords
from fallow.exchange import read
from fallow.records.batch import Batch
from fallow.synth import Land, Manifest, make_land
from fallow.synth.drawing import Drawing, draw, place_on_earth
from fallow.synth.manifest import StepFacts
from fallow.synth.steps import Step, make_steps

SEED, AREAS = 11, 60


@pytest.fixture(scope="session")
def land(tmp_path_factory: pytest.TempPathFactory) -> Land:
    """A small land on disk."""
    return make_land(SEED, AREAS, tmp_path_factory.mktemp("land") / "files")


@pytest.fixture(scope="session")
def drawing() -> Drawing:
    """The same land in memory, shapes in metres."""
    return draw(SEED, AREAS)


@pytest.fixture(scope="session")
def steps() -> list[Step]:
    """The steps of the same land, shapes in WGS 84."""
    drawn = draw(SEED, AREAS)
    place_on_earth(drawn)
    return make_steps(drawn.tables)


@dataclass
class Held:
    """What a register would hold: record → issued identifier → (state, shape)."""

    records: dict[str, dict[str, tuple[dict[str, Any], Any]]]

    def take(self, batch: Batch) -> None:
        held = self.records.setdefault(batch.record, {})
        for row in range(len(batch)):
            values = {name: column[row] for name, column in batch.columns.items() if column[row] is not None}
            code = values["identifiers"][0]["value"]
            shape = None if batch.geometry is None else batch.geometry[row]
            held[code] = (held.get(code, ({}, None))[0] | values, shape)

    def context(self, manifest: Manifest, today: dt.date) -> CheckContext:
        existing = {}
        for record, held in self.records.items():
            shapes = np.empty(len(held), dtype=object)
            shapes[:] = [shape for _, shape in held.values()]
            existing[record] = ExistingRecords(list(held), [state for state, _ in held.values()], shapes)
        units: Any = None
        country: Any = None
        if "admin_unit" in existing:
            level = np.array([row["level"] for row in existing["admin_unit"].rows])
            country = existing["admin_unit"].shapes[level == 0][0]
            rows = np.flatnonzero(level > 0)
            codes = [existing["admin_unit"].ids[row] for row in rows]
            units = (codes, codes, existing["admin_unit"].shapes[rows])
        return CheckContext(manifest.register.equal_area, today, country, units, existing)


def rows_of(folder: Path, step: StepFacts) -> Batch:
    """Read the rows of a step as an officer would."""
    return read(folder / step.file, layer=step.layer, record=step.record)
