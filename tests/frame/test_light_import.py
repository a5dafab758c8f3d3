"""Importing the package and asking for help stay light. What is counted is modules, not seconds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Each of these costs tens of milliseconds or more; they load inside the function that needs them.
HEAVY = {
    "babel",
    "cryptography",
    "geopandas",
    "jinja2",
    "numpy",
    "openpyxl",
    "orjson",
    "pandas",
    "ppigrf",
    "pyarrow",
    "pydantic",
    "pydantic_settings",
    "pyogrio",
    "pyproj",
    "rasterio",
    "shapely",
    "weasyprint",
    "xlsxwriter",
}
# What the command line itself is made of.
COMMAND_LINE = {"click", "rich", "typer"}


def loaded(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after running some code."""
    report = "import sys, json; sys.stderr.write('@@' + json.dumps(sorted({n.split('.')[0] for n in sys.modules})))"
    wrapped = f"try:\n {code}\nexcept SystemExit as end:\n assert not end.code, end.code\n{report}"
    run = subprocess.run([sys.executable, "-c", wrapped], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stderr.rpartition("@@")[2]))


def test_the_probe_sees_a_heavy_import() -> None:
    assert "numpy" in loaded("import numpy")


@pytest.mark.parametrize("module", ["fallow", "fallow.errors", "fallow.terms"])
def test_import_is_light(module: str) -> None:
    assert not loaded(f"import {module}") & (HEAVY | COMMAND_LINE)


def test_help_is_light() -> None:
    code = "import sys; sys.argv = ['fallow', '--help']; from fallow.cli import main; main()"
    assert not loaded(code) & HEAVY
