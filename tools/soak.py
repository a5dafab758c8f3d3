"""Run the tests marked ``soak`` with many more examples and note the run, dated, in ``docs/soak.md``.

`python tools/soak.py --times 20` asks each property for twenty times its usual examples, drawn anew. A run that fails
is noted as well: the page says what was tried, not what is hoped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "soak.md"
HEAD = """# Soak runs

What `make soak` did, newest last. Each run draws new examples; *times* is the factor on the usual number.

| day | version | revision | times | tests | failed | seconds | machine |
|---|---|---|---|---|---|---|---|
"""
NO_TESTS = 5  # pytest's own exit status


@dataclass(frozen=True, slots=True)
class Run:
    """One soak run: number of tests, how many failed, seconds it took, pytest's exit status."""

    tests: int
    failed: int
    seconds: float
    status: int


def read_junit(text: str) -> tuple[int, int]:
    """Return (tests run, tests failed) from a JUnit file's text.

    Args:
        text: XML that pytest wrote on this machine a moment ago.
    """
    suites = ET.fromstring(text).iter("testsuite")  # noqa: S314 - written by our own child process
    tests = failed = 0
    for suite in suites:
        tests += int(suite.get("tests", 0)) - int(suite.get("skipped", 0))
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return tests, failed


def soak(times: int) -> Run:
    """Run the soak tests with ``times`` the usual examples."""
    with tempfile.TemporaryDirectory() as folder:
        junit = Path(folder) / "junit.xml"
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-m", "soak", f"--soak-times={times}", f"--junit-xml={junit}"]
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        seconds = time.monotonic() - started
        tests, failed = read_junit(junit.read_text(encoding="utf-8")) if junit.exists() else (0, 0)
    return Run(tests, failed, seconds, status)


def line(run: Run, times: int, day: dt.date, revision: str) -> str:
    """Return the table row of a run."""
    from fallow import __version__

    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    cells = (day, __version__, revision, times, run.tests, run.failed, f"{run.seconds:.0f}", machine)
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def revision() -> str:
    """Return the short revision, marked when the tree has changes, or a dash outside a checkout."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
        state = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "–"
    return name.stdout.strip() + (" with changes" if state.stdout.strip() else "")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Run the soak tests and note the run.")
    parser.add_argument("--times", type=int, default=10, help="times the usual number of examples")
    times = parser.parse_args().times
    run = soak(times)
    if run.status == NO_TESTS:
        print("No test is marked soak.", file=sys.stderr)
        return 1
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    PAGE.write_text(text + line(run, times, dt.datetime.now(dt.UTC).date(), revision()), encoding="utf-8")
    return run.status


if __name__ == "__main__":
    sys.exit(main())
