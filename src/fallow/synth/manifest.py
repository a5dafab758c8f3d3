"""The manifest of an invented land: which files there are, and the order in which officers take them in and decide.

``steps.toml`` is written by :func:`write_manifest` and read back by :func:`load_manifest`; its keys are described in
``docs/explanation/invented-land.md``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fallow.errors import Where
from fallow.synth.errors import ManifestError

FILE_NAME = "steps.toml"
FORMAT = 1


@dataclass(frozen=True)
class LandFacts:
    """What the land is: name, seed, size, span of time, and the files that are not imported."""

    name: str
    name_uk: str
    seed: int
    areas: int
    issuer: str
    first_day: str
    last_day: str
    bounds: tuple[float, float, float, float]
    coast: str
    population: str


@dataclass(frozen=True)
class RegisterFacts:
    """How a register for the land is made."""

    name: str
    country: str
    equal_area: str
    booking_basis: str
    synthetic: bool
    notice: str


@dataclass(frozen=True)
class Person:
    """An officer of the invented land and the role in which they act."""

    name: str
    role: str
    organisation: str


@dataclass(frozen=True)
class Relation:
    """A typed link between two records by issued identifier; both are there when the step has been approved."""

    record: str
    subject: str
    kind: str
    other: str


@dataclass(frozen=True)
class StepFacts:
    """One import and its approval.

    Args:
        number: place in the order, from 1.
        record: record type of all rows.
        file: file, relative to the manifest.
        layer: layer of the file.
        rows: number of rows.
        act: code of ``act_kind``.
        match: ``new`` or ``update``: what every row is. Rows are matched by issued identifier; where the register
            asks because of the place alone, this is the answer.
        enter: who imports.
        approve: who approves, another person.
        decided: day of the decision, ``YYYY-MM-DD``; never earlier than in the step before.
        profile: profile, relative to the manifest; empty: the columns are the register's own.
        reason: code of ``lowering_reason``; empty: nothing is lowered.
        evidence: issued identifiers of documents that came in with an earlier step.
        relations: links to write down once the rows are records.
    """

    number: int
    record: str
    file: str
    layer: str
    rows: int
    act: str
    match: str
    enter: str
    approve: str
    decided: str
    profile: str = ""
    reason: str = ""
    evidence: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class Expected:
    """A check result that must come of a file: its code and the row as an officer counts it (0: the whole file)."""

    code: str
    row: int


@dataclass(frozen=True)
class MessyFacts:
    """One untidy file and what must come of it.

    Args:
        file: file, relative to the manifest.
        record: record type.
        what: what is wrong with it, in a sentence.
        rows: number of rows that are read.
        profile: profile, relative to the manifest; empty: none is needed.
        crs: the answer to give on the command line when the file states no reference system; else empty.
        refused: code of the error that reading without that answer ends with; else empty.
        expect: findings that must be among those of the file.
    """

    file: str
    record: str
    what: str
    rows: int
    profile: str = ""
    crs: str = ""
    refused: str = ""
    expect: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """Everything that ``steps.toml`` says."""

    land: LandFacts
    register: RegisterFacts
    people: tuple[Person, ...]
    steps: tuple[StepFacts, ...]
    messy: tuple[MessyFacts, ...] = field(default=())

    def files(self) -> list[str]:
        """Return every file that the manifest names, once, in order."""
        pairs = [(step.file, step.profile) for step in self.steps] + [(one.file, one.profile) for one in self.messy]
        named = [self.land.coast, self.land.population, *(name for pair in pairs for name in pair if name)]
        return list(dict.fromkeys(named))


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write a manifest as TOML."""
    lines = [
        "# SYNTHETIC. An invented land, drawn at random: no place, person or event in these files is real.",
        f"format = {FORMAT}",
        "synthetic = true",
        *_section("[land]", asdict(manifest.land)),
        *_section("[register]", asdict(manifest.register)),
    ]
    for person in manifest.people:
        lines += _section("[[person]]", asdict(person))
    for step in manifest.steps:
        lines += _section("[[step]]", asdict(step))
    for messy in manifest.messy:
        lines += _section("[[messy]]", asdict(messy))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _section(head: str, entries: dict[str, Any]) -> Iterable[str]:
    yield ""
    yield head
    for name, value in entries.items():
        if value not in ("", ()):
            yield f"{name} = {_toml(value)}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(part)}" for name, part in value.items()) + " }"
    return text(str(value))


def text(value: str) -> str:
    """Return a TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def load_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Args:
        path: ``steps.toml`` or the folder that holds it.

    Raises:
        ManifestError: the file is not there, is no manifest, or is of a newer format.
    """
    file = path / FILE_NAME if path.is_dir() else path
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT or data["synthetic"] is not True:
            raise ValueError(f"format {data['format']}")
        land = data["land"]
        return Manifest(
            LandFacts(**land | {"bounds": tuple(land["bounds"])}),
            RegisterFacts(**data["register"]),
            tuple(Person(**entry) for entry in data.get("person", [])),
            tuple(_step(entry) for entry in data.get("step", [])),
            tuple(_messy(entry) for entry in data.get("messy", [])),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ManifestError(Where(file=str(file)), problem=str(error)) from error


def _step(entry: dict[str, Any]) -> StepFacts:
    relations = tuple(Relation(**link) for link in entry.pop("relations", []))
    return StepFacts(**entry | {"evidence": tuple(entry.get("evidence", [])), "relations": relations})


def _messy(entry: dict[str, Any]) -> MessyFacts:
    expect = tuple(Expected(**finding) for finding in entry.pop("expect", []))
    return MessyFacts(**entry, expect=expect)
