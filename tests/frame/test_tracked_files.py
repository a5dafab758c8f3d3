"""What is kept in the repository: no traces of one machine, lock files that prove what they install, small modules."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Put together here so that this file does not hold what it looks for.
_HOSTS = ("py" + "pi", "python" + "hosted", "registry.npm" + "js", "registry.yarn" + "pkg", "deb.deb" + "ian")
HOST = re.compile(r"\b(" + "|".join(re.escape(host) for host in _HOSTS) + r")\.(org|com|io)\b")
_TOP = ("home", "root", "tmp", "Users", "mnt", "workspace", "work", "opt")
# An absolute path into somebody's machine; a slash inside a longer path or address does not start one.
MACHINE_PATH = re.compile(r"(?<![\w.~:/$})*-])/(" + "|".join(_TOP) + r")/[\w.]")
LIMIT = 600


def tracked() -> list[Path]:
    """Return the files that are in the repository or about to be."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str | None:
    data = path.read_bytes()
    return None if b"\0" in data[:8000] else data.decode("utf-8", errors="replace")


def traces(text: str) -> list[str]:
    return [match.group(0) for pattern in (HOST, MACHINE_PATH) for match in pattern.finditer(text)]


@pytest.mark.parametrize(
    "text",
    [
        "/" + "home/ana/fallow",
        "see /" + "tmp/x.csv",
        "'/" + "root/.cache'",
        "https://files.python" + "hosted.org/packages",
    ],
)
def test_a_trace_is_recognised(text: str) -> None:
    assert traces(text)


@pytest.mark.parametrize("text", ["docs/tmp/notes", "https://example.org/home/page", "~/projects/fallow", "a/opt/b"])
def test_an_ordinary_path_is_not_a_trace(text: str) -> None:
    assert not traces(text)


@pytest.mark.needs("git")
def test_no_file_names_a_machine_or_a_registry() -> None:
    found = {}
    for path in tracked():
        text = text_of(path)
        if text is not None and (hits := traces(text)):
            found[str(path.relative_to(ROOT))] = sorted(set(hits))
    assert not found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])
def test_lock_file_is_exact_and_without_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    requirements = [
        each for each in re.sub(r"\\\n\s*", "", text).splitlines() if each.strip() and not each.startswith("#")
    ]
    assert requirements
    for each in requirements:
        assert re.match(r"[a-z0-9][a-z0-9.-]*==\S+", each), each
        assert "--hash=sha256:" in each, each
    assert not re.search(r"://|--(extra-)?index-url|--find-links|file:| @ ", text)


def test_locked_runtime_is_a_part_of_the_locked_tools() -> None:
    pins = {}
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins[name] = set(re.findall(r"^([a-z0-9.-]+==[^ \\]+)", text, flags=re.MULTILINE))
    assert pins["requirements.txt"] <= pins["requirements-dev.txt"]


def test_a_long_module_has_a_decision_page() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "decisions").glob("*.md"))
    for module in sorted((ROOT / "src").rglob("*.py")):
        lines = len(module.read_text(encoding="utf-8").splitlines())
        name = module.relative_to(ROOT / "src").as_posix()
        assert lines <= LIMIT or name in pages, f"{name} has {lines} lines and no decision page names it"
