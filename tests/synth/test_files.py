"""The folder of an invented land: bytes, manifest, refusals."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fallow.synth import Land, load_manifest, make_land
from fallow.synth.errors import FolderNotEmptyError, ManifestError, ScaleError
from fallow.synth.frame import SCALES, areas_of_scale
from tests.synth.conftest import AREAS, SEED


def digests(folder: Path) -> dict[str, str]:
    """Return path → digest of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_of_every_file(land: Land, tmp_path: Path) -> None:
    assert digests(make_land(SEED, AREAS, tmp_path / "again").folder) == digests(land.folder)


def test_another_seed_gives_another_land(land: Land, tmp_path: Path) -> None:
    other, this = digests(make_land(SEED + 1, AREAS, tmp_path / "other").folder), digests(land.folder)
    same = {name for name in this.keys() & other.keys() if this[name] == other[name]}
    profiles = {name for name in this if name.endswith(".toml") and name.startswith("messy/")}
    # Profiles, the note and the table of finds (its faults stand in fixed rows) say nothing of the land.
    assert same == profiles | {"SYNTHETIC.txt", "messy/finds/finds.cpg", "messy/finds/finds.dbf"}


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("real", encoding="utf-8")
    with pytest.raises(FolderNotEmptyError):
        make_land(1, 10, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_manifest_names_every_file_and_only_files_that_are_there(land: Land) -> None:
    there = set(digests(land.folder))
    named = set(land.manifest.files())
    assert named <= there
    beside = {"steps.toml", "SYNTHETIC.txt"} | {f"messy/finds/finds.{end}" for end in ("dbf", "shx", "cpg")}
    assert there - named == beside
    assert not list(land.folder.rglob("*.prj"))


def test_the_manifest_reads_back_as_it_was_written(land: Land) -> None:
    assert load_manifest(land.folder) == land.manifest
    assert load_manifest(land.folder / "steps.toml") == land.manifest


@pytest.mark.parametrize(
    ("old", "new"),
    [("format = 1", "format = 2"), ("synthetic = true", "synthetic = false"), ("[land]", "[elsewhere]"), ('"', "'''")],
)
def test_what_is_no_manifest_is_refused(land: Land, tmp_path: Path, old: str, new: str) -> None:
    text = (land.folder / "steps.toml").read_text(encoding="utf-8")
    (tmp_path / "steps.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ManifestError) as error:
        load_manifest(tmp_path)
    assert error.value.where.file == str(tmp_path / "steps.toml")


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        load_manifest(tmp_path)


@pytest.mark.parametrize(("scale", "count"), [*SCALES.items(), (60, 60), ("1_500", 1_500), (" 75 ", 75)])
def test_sizes_by_name_and_number(scale: int | str, count: int) -> None:
    assert areas_of_scale(scale) == count


@pytest.mark.parametrize("scale", ["huge", "", 9, -5, "1e5", 2_000_000, "٦٠"])
def test_other_sizes_are_refused(scale: int | str) -> None:
    with pytest.raises(ScaleError):
        areas_of_scale(scale)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_smallest_land_can_be_made(tmp_path: Path, seed: int) -> None:
    made = make_land(seed, 10, tmp_path / str(seed))
    assert made.rows["release_product"] >= 1
    assert sum(step.rows for step in made.manifest.steps) == sum(made.rows.values())
