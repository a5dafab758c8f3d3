"""What the program offers, read from the program itself: commands, settings, error codes, checks, lists, fields.

The generated reference pages and the tests that look for undocumented or refused names both start here, so neither can
forget a command that the other knows.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument or option of a command, as ``--help`` shows it."""

    name: str
    kind: str  # "argument" or "option"
    spellings: tuple[str, ...]
    help: str
    required: bool
    choices: tuple[str, ...]
    default: str | None
    repeatable: bool
    takes_value: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command or a group of commands.

    Args:
        path: the words that call it, without the program's own name (``inbox approve``).
        summary: first paragraph of its help.
        help: the whole help text.
        parameters: arguments, then options, in the order of declaration.
        group: whether it only holds other commands.
    """

    path: str
    summary: str
    help: str
    parameters: tuple[Parameter, ...]
    group: bool


def _parameter(raw: Any) -> Parameter:
    is_argument = raw.param_type_name == "argument"
    descriptor = raw.type_descriptor
    default = raw.default
    shown = None
    if not is_argument and raw.show_default and default not in (None, False, "", [], ()):
        shown = str(getattr(default, "value", default))
    return Parameter(
        name=str(raw.name),
        kind="argument" if is_argument else "option",
        spellings=(str(raw.name).upper(),) if is_argument else (*raw.opts, *raw.secondary_opts),
        help=raw.help or "",
        required=bool(raw.required),
        choices=tuple(str(getattr(choice, "value", choice)) for choice in (descriptor.choices or ())),
        default=shown,
        repeatable=bool(raw.multiple) or raw.nargs == -1,
        takes_value=not getattr(raw, "is_flag", False),
    )


def _walk(raw: Any, path: tuple[str, ...]) -> Iterator[Command]:
    inner = getattr(raw, "commands", None)
    text = (raw.help or "").strip()
    parameters = [_parameter(each) for each in raw.params if not getattr(each, "hidden", False)]
    yield Command(
        path=" ".join(path),
        summary=text.split("\n\n", 1)[0].replace("\n", " "),
        help=text,
        parameters=tuple(parameters),
        group=inner is not None,
    )
    for name, command in (inner or {}).items():
        if not command.hidden:
            yield from _walk(command, (*path, name))


@cache
def commands() -> tuple[Command, ...]:
    """Return every command and group, the program itself (path ``""``) first, in the order of ``--help``."""
    import typer.main

    from fallow.cli.app import app

    return tuple(_walk(typer.main.get_command(app), ()))


@cache
def error_codes() -> dict[str, str]:
    """Return error code → class that carries it first (``fallow.register.errors.Busy``), over all modules."""
    import fallow
    from fallow.errors import FallowError

    for module in pkgutil.walk_packages(fallow.__path__, "fallow."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: dict[str, str] = {}
    waiting: list[type[FallowError]] = [FallowError]
    while waiting:
        error = waiting.pop(0)
        found.setdefault(error.code, f"{error.__module__}.{error.__qualname__}")
        waiting.extend(sorted(error.__subclasses__(), key=lambda each: (each.__module__, each.__qualname__)))
    return dict(sorted(found.items()))


@cache
def finding_codes() -> tuple[str, ...]:
    """Return the codes of findings that no registered check makes: those of readers and of the field validation.

    They have no registry; what is looked for is the literal code in the source.
    """
    import fallow
    from fallow.checks import CHECKS

    wanted = re.compile(r"(check|records)\.[a-z0-9_]+")
    found = {
        node.value
        for module in Path(fallow.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and wanted.fullmatch(node.value)
    }
    return tuple(sorted(found - set(CHECKS) - set(error_codes())))


def settings_by_variable() -> dict[str, Any]:
    """Return environment variable → setting, in the order of the class."""
    from fallow.settings import Settings

    prefix = Settings.model_config["env_prefix"]
    found = {}
    for name, setting in Settings.model_fields.items():
        alias = setting.validation_alias
        found[alias if isinstance(alias, str) else f"{prefix}{name}".upper()] = setting
    return found
