"""The room's door: every public name resolves, stays itself whatever is imported first, and costs little."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

import fallow.terms

HEAVY = ("numpy", "shapely", "pyproj", "pyarrow", "babel", "jinja2", "pydantic")


@pytest.mark.parametrize("name", fallow.terms.__all__)
def test_a_public_name_resolves(name: str) -> None:
    assert getattr(fallow.terms, name) is not None


def test_exports_and_public_names_agree() -> None:
    assert {*fallow.terms._EXPORTS, "LANGUAGES"} == set(fallow.terms.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        fallow.terms.nonsense  # noqa: B018


def test_no_module_hides_a_function() -> None:
    for module in set(fallow.terms._EXPORTS.values()):
        import_module(module)
        assert module.rsplit(".", 1)[1] not in fallow.terms.__all__


def test_importing_and_using_it_is_light() -> None:
    code = (
        "import sys, fallow.terms as t; t.label('unit', 'm2'); t.explain('fallow.error'); t.ordnance(); "
        "t.forbidden_phrases('x'); t.glossary(); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
