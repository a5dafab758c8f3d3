"""Every text of the project that a reader may meet, with the place it stands in: shared by the tests of words."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "fallow"
TEMPLATES = (".html", ".j2", ".css", ".svg", ".js", ".xml", ".txt", ".jinja")
# The lexicon holds the very phrases that it forbids.
LEXICON = PACKAGE / "terms" / "data" / "lexicon"
# Lists the words to avoid beside the words to use.
GLOSSARY_PAGE = ROOT / "docs" / "reference" / "glossary.md"


def pages() -> Iterator[tuple[Path, str]]:
    """Markdown pages: everything under docs and at the top of the repository."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for page in sorted(found):
        if "_build" not in page.parts:
            yield page, page.read_text("utf-8")


def prose(text: str) -> str:
    """A Markdown page without its code: fenced blocks, inline code, addresses of links."""
    text = re.sub(r"^(\s*)(`{3,}|~{3,}).*?^\s*\2`*\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", text, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)|<https?://[^>]*>", "]", text)


def templates() -> Iterator[tuple[Path, str]]:
    """Templates, styles and other text files of the package."""
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in TEMPLATES and "node_modules" not in file.parts:
            yield file, file.read_text("utf-8")


def data_strings() -> Iterator[tuple[Path, str]]:
    """Every string value of every TOML file of the package, the lexicon and the words to avoid left out."""
    for file in sorted(PACKAGE.rglob("*.toml")):
        if LEXICON not in file.parents:
            for text in _strings(tomllib.loads(file.read_text("utf-8"))):
                yield file, text


def code_strings() -> Iterator[tuple[Path, str]]:
    """Every string of every module of the package, docstrings included; f-strings with … for their values."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield file, node.value
            elif isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
                yield file, "".join(map(str, parts))


def catalogue_strings() -> Iterator[tuple[Path, str]]:
    """Message ids and translations of every gettext catalogue."""
    from babel.messages.pofile import read_po

    for file in sorted((PACKAGE / "locale").rglob("*.po")):
        with file.open("rb") as stream:
            for message in read_po(stream):
                texts = [message.id, message.string]
                for text in texts:
                    yield from ((file, each) for each in ([text] if isinstance(text, str) else text))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key != "not":
                yield from _strings(each)
