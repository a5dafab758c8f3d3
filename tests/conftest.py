"""What every test relies on: settings that do not leak in, examples that repeat, and skips that are written down."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]

# The same examples in every run: a change that breaks a property breaks it for everybody. `make soak` draws new ones.
hypothesis.settings.register_profile("repeat", derandomize=True, deadline=None, database=None, print_blob=True)


def _postgis() -> str | None:
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and shutil.which("initdb") is None:
        return "no PostgreSQL server is installed (postgresql-15, postgresql-15-postgis-3)"
    if not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        return "PostGIS is not installed (postgresql-15-postgis-3)"
    return None


def _browser() -> str | None:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return None if found else "no Chromium is installed (chromium)"


def _pdftotext() -> str | None:
    return None if shutil.which("pdftotext") else "pdftotext is not installed (poppler-utils)"


def _make() -> str | None:
    return None if shutil.which("make") else "make is not installed"


def _git() -> str | None:
    if shutil.which("git") is None:
        return "git is not installed"
    return None if (ROOT / ".git").exists() else "this is not a git checkout"


# name in @pytest.mark.needs("…") -> why it is missing, or None if it is there
TOOLS: dict[str, Callable[[], str | None]] = {
    "postgis": _postgis,
    "browser": _browser,
    "pdftotext": _pdftotext,
    "make": _make,
    "git": _git,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--skip-report", metavar="FILE", help="write every skipped test with its reason to FILE (JSON)")
    parser.addoption("--soak-times", type=int, default=1, metavar="N", help="N times the usual number of examples")


def pytest_configure(config: pytest.Config) -> None:
    times = config.getoption("--soak-times")
    usual = hypothesis.settings.get_profile("repeat").max_examples
    hypothesis.settings.register_profile(
        "soak", derandomize=False, deadline=None, database=None, print_blob=True, max_examples=usual * times
    )
    hypothesis.settings.load_profile("soak" if times > 1 else "repeat")
    config.pluginmanager.register(SkipReport(config), "fallow-skip-report")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            missing = TOOLS[tool]()
            if missing:
                pytest.skip(f"needs {tool}: {missing}")


class SkipReport:
    """Collects skips in the process that prints the summary, so that it is whole with and without workers."""

    def __init__(self, config: pytest.Config) -> None:
        self.path = None if hasattr(config, "workerinput") else config.getoption("--skip-report")
        self.skipped: list[dict[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append({"test": report.nodeid, "reason": reason.removeprefix("Skipped: ")})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append({"test": report.nodeid, "reason": reason.removeprefix("Skipped: ")})

    def pytest_sessionfinish(self) -> None:
        if self.path:
            unique = {(each["test"], each["reason"]): each for each in self.skipped}
            rows = [unique[key] for key in sorted(unique)]
            Path(self.path).write_text(json.dumps({"skipped": rows}, indent=2) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def soak_times(request: pytest.FixtureRequest) -> int:
    """How many times the usual size a soak test should take."""
    return int(request.config.getoption("--soak-times"))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """A person's own FALLOW_ settings and keys never reach a test, nor a test's keys their home."""
    for name in [name for name in os.environ if name.startswith("FALLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FALLOW_KEYS", str(tmp_path_factory.getbasetemp() / "keys"))
    for name in ("PROJ_DATA", "PROJ_LIB", "GDAL_DATA"):
        monkeypatch.delenv(name, raising=False)
    from fallow.settings import settings

    settings.cache_clear()
    yield
    settings.cache_clear()
