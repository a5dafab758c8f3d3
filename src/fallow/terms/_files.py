"""Reading of the data files of this room."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "uk")


def names(folder: str) -> tuple[str, ...]:
    """Return the names (without ending) of the TOML files in a folder of the data, sorted."""
    root = files("fallow.terms").joinpath("data", folder)
    return tuple(sorted(entry.name[:-5] for entry in root.iterdir() if entry.name.endswith(".toml")))


def load(*path: str) -> dict[str, Any]:
    """Read one TOML file of the data, named without its ending: ``load("lists", "unit")``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not TOML; the message names it.
    """
    *folders, name = path
    file = files("fallow.terms").joinpath("data", *folders, f"{name}.toml")
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"terms/data/{'/'.join(path)}.toml: {error}") from error


@cache
def _sources() -> dict[str, dict[str, str]]:
    return load("sources")


def source_name(key: str, where: str) -> str:
    """Return the reference name of a source.

    Args:
        key: key in ``data/sources.toml``.
        where: who asks, for the message.

    Raises:
        ValueError: no such source.
    """
    try:
        return _sources()[key]["name"]
    except KeyError:
        raise ValueError(f"{where}: no source {key!r} in terms/data/sources.toml") from None
