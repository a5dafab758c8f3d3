"""No command, option, setting, record, field, code or public name carries a refused notion.

The refused names stand in docs/decisions/refused-uses.md, one section for each refusal; this test reads them there.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tools.program import commands

PAGE = ROOT / "docs" / "decisions" / "refused-uses.md"
REFUSALS = (
    "planned or future hazards",
    "layouts, spacing and obstacle effect",
    "routes, corridors, gaps, least-hazard paths",
    "positions of items not yet found",
    "countdowns of when a hazard ends",
    "firing points, units, targets, losses, contact lines and military feeds",
    "what-if hazards",
    "rankings of types by how badly they are detected",
    "explosives worth recovering",
    "exports that strip",
    "automatic release",
)


def sections() -> dict[str, str]:
    """Return heading -> text of each section of the page."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def refused_names() -> dict[str, tuple[str, ...]]:
    """Return heading -> refused names."""
    found = {}
    for heading, text in sections().items():
        listed = re.search(r"^Refused names: (.+)$", text, flags=re.MULTILINE)
        if listed:
            found[heading] = tuple(re.findall(r"`([a-z_]+)`", listed[1]))
    return found


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name, lower case, plural endings taken off."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return tuple(word.removesuffix("s") for word in re.findall(r"[a-z0-9]+", spaced.lower()))


def refusal_of(name: str) -> str | None:
    """Return the heading of the refusal that a name falls under, or None."""
    have = words(name)
    for heading, names in refused_names().items():
        for refused in names:
            want = words(refused)
            if any(have[i : i + len(want)] == want for i in range(len(have) - len(want) + 1)):
                return heading
    return None


def names_of_commands() -> Iterator[str]:
    for command in commands():
        yield command.path
        for parameter in command.parameters:
            yield from (f"{command.path} {name}" for name in (parameter.name, *parameter.choices))


def names_of_settings() -> Iterator[str]:
    from fallow.settings import Settings

    yield from Settings.model_fields


def names_of_fields() -> Iterator[str]:
    from fallow.terms import record_definitions

    for record, definition in record_definitions().items():
        yield record
        yield from definition.fields


def names_of_codes() -> Iterator[str]:
    from fallow.terms import code_list, code_list_names

    for name in code_list_names():
        yield name
        yield from code_list(name)


def public_names() -> Iterator[str]:
    for path in sorted((ROOT / "src" / "fallow").iterdir()):
        if (path / "__init__.py").exists():
            yield from getattr(importlib.import_module(f"fallow.{path.name}"), "__all__", ())


def test_every_refusal_has_its_section_a_reason_and_names() -> None:
    have = refused_names()
    assert len(have) == len(REFUSALS)
    for heading in have:
        reason = sections()[heading].split("Refused names:")[0]
        assert len(reason.split()) > 15, heading
        assert have[heading], heading
    for refusal in REFUSALS:
        assert any(refusal in heading.lower() for heading in have), refusal


@pytest.mark.parametrize(
    "name",
    ["plan-route", "least_hazard_path", "inert_date", "firing_points", "sort by expiry", "autoRelease", "what-if"],
)
def test_a_refused_name_is_recognised(name: str) -> None:
    assert refusal_of(name)


@pytest.mark.parametrize(
    "name", ["declared_life", "by_activity", "laid_date", "release_product", "as-of", "path", "unit"]
)
def test_a_name_that_is_needed_is_not_refused(name: str) -> None:
    assert refusal_of(name) is None


@pytest.mark.parametrize(
    "names",
    [names_of_commands, names_of_settings, names_of_fields, names_of_codes, public_names],
    ids=lambda walk: walk.__name__,
)
def test_nothing_carries_a_refused_name(names: object) -> None:
    walked = list(names())
    assert walked
    assert {name: refusal for name in walked if (refusal := refusal_of(name))} == {}
