"""Nothing of the program is undocumented, and the generated pages are what the program would write today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.docs import drift
from tools.pages import PAGES
from tools.program import commands, error_codes, finding_codes, settings_by_variable

REFERENCE = ROOT / "docs" / "reference"
HAND_WRITTEN = [
    page for folder in ("tutorial", "how-to", "explanation") for page in sorted((ROOT / "docs" / folder).glob("*.md"))
]


def headings(name: str) -> set[str]:
    return set(re.findall(r"^#+ (.+)$", (REFERENCE / name).read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_the_generated_pages_have_not_drifted() -> None:
    assert drift(REFERENCE) == {}


def test_drift_is_noticed(tmp_path: Path) -> None:
    for name in PAGES:
        (tmp_path / name).write_text((REFERENCE / name).read_text(encoding="utf-8"), encoding="utf-8")
    page = tmp_path / "settings.md"
    page.write_text(page.read_text(encoding="utf-8").replace("## FALLOW_KEYS", "## FALLOW_OTHER"), encoding="utf-8")
    (tmp_path / "glossary.md").unlink()
    assert set(drift(tmp_path)) == {"settings.md", "glossary.md"}


def test_every_command_has_a_heading_help_and_a_page_that_uses_it() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in HAND_WRITTEN)
    for command in commands():
        assert command.summary, f"fallow {command.path} has no help"
        assert f"fallow {command.path}".strip() in headings("commands.md")
        if not command.group:
            assert f"fallow {command.path}" in text, f"no tutorial, how-to or explanation uses fallow {command.path}"
        for parameter in command.parameters:
            assert parameter.help, f"fallow {command.path}: {parameter.spellings} has no help"


def test_every_setting_has_a_heading_and_a_description() -> None:
    for name, setting in settings_by_variable().items():
        assert name.startswith("FALLOW_")
        assert setting.description, name
        assert name in headings("settings.md")


def test_every_error_code_has_a_heading_an_exit_status_and_sentences_in_every_language() -> None:
    from fallow.checks import CHECKS
    from fallow.errors import exit_code
    from fallow.terms import LANGUAGES, messages

    documented = headings("errors.md") | headings("checks.md")
    for code, name in error_codes().items():
        assert exit_code(code) > 0
        assert code in documented, f"{name}: {code} has no heading"
        for lang in LANGUAGES:
            assert set(messages(lang)[code]) >= {"title", "what", "todo"}, f"{name}: {code} has no sentences in {lang}"
    for code in (*CHECKS, *finding_codes()):
        assert code in headings("checks.md")
        for lang in LANGUAGES:
            assert set(messages(lang)[code]) >= {"title", "what", "todo"}, f"{code} has no sentences in {lang}"


def test_no_sentence_is_left_over() -> None:
    from fallow.checks import CHECKS
    from fallow.terms import LANGUAGES, messages

    used = set(error_codes()) | set(CHECKS) | set(finding_codes())
    for lang in LANGUAGES:
        assert set(messages(lang)) - used == set()


def test_every_code_list_and_every_code_is_on_its_page() -> None:
    from fallow.terms import code_list, code_list_names

    text = (REFERENCE / "code-lists.md").read_text(encoding="utf-8")
    for name in code_list_names():
        section = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
        assert section, name
        assert set(code_list(name)) <= set(re.findall(r"^\| `([^`]+)`", section[1], flags=re.MULTILINE))


def test_every_record_has_a_heading_and_every_field_a_row() -> None:
    from fallow.terms import record_definitions

    text = (REFERENCE / "fields.md").read_text(encoding="utf-8")
    for record, definition in record_definitions().items():
        assert record in headings("fields.md")
        for field in definition.fields:
            assert f"| `{field}` |" in text, f"{record}.{field}"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_generated_page_says_that_it_is(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8").startswith("% Written by `make docs-pages`")
