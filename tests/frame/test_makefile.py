"""Set-up says in one line what is missing; every target is described; the README's commands exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = {"setup", "demo", "test", "lint", "docs", "bench", "soak", "clean", "lock", "help"}


def run_make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "requirements-uv.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def python_that(folder: Path, *, version_is_new: bool, has_venv: bool) -> str:
    """Write a stand-in for python3 that answers the Makefile's two questions and does nothing else."""
    path = folder / "python-stand-in"
    answers = f"""#!/bin/sh
case "$2" in
  *version_info*) exit {int(not version_is_new)} ;;
  *ensurepip*) exit {int(not has_venv)} ;;
esac
echo "set-up went on" >&2; exit 9
"""
    path.write_text(answers, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.needs("make")
@pytest.mark.parametrize(
    ("version_is_new", "has_venv", "expected"),
    [(False, True, "Python 3.11 or newer"), (True, False, "python3-venv")],
)
def test_setup_says_in_one_line_what_to_install(
    checkout: Path, version_is_new: bool, has_venv: bool, expected: str
) -> None:
    python = python_that(checkout, version_is_new=version_is_new, has_venv=has_venv)
    run = run_make(checkout, "setup", f"PYTHON={python}")
    said = [line for line in run.stderr.splitlines() if not line.startswith(("make:", "make["))]
    assert run.returncode != 0
    assert len(said) == 1
    assert expected in said[0]
    assert "install it with your package manager" in said[0]
    assert not (checkout / ".venv").exists()


@pytest.mark.needs("make")
def test_setup_says_so_without_any_python(checkout: Path) -> None:
    run = run_make(checkout, "setup", "PYTHON=no-such-python")
    said = [line for line in run.stderr.splitlines() if not line.startswith(("make:", "make["))]
    assert run.returncode != 0
    assert len(said) == 1
    assert "no-such-python" in said[0]


@pytest.mark.needs("make")
def test_setup_runs_again_only_when_a_lock_file_changed(checkout: Path) -> None:
    stamp = checkout / ".venv" / ".synced"
    stamp.parent.mkdir()
    stamp.touch()
    assert run_make(checkout, "--question", "setup").returncode == 0
    lock = checkout / "requirements-dev.txt"
    later = stamp.stat().st_mtime + 60
    os.utime(lock, (later, later))
    assert run_make(checkout, "--question", "setup").returncode == 1


@pytest.mark.needs("make")
def test_help_lists_every_target(checkout: Path) -> None:
    listed = set(re.findall(r"^  make ([a-z-]+)", run_make(checkout, "help").stdout, re.MULTILINE))
    declared = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert declared == listed
    assert declared >= TARGETS


def test_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", "\n".join(re.findall(r"```.*?```|`[^`]+`", readme, re.DOTALL))))
    assert named
    assert named <= set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
