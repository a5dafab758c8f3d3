"""What commands share: options, the open register, plain output or JSON, and errors in two languages."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fallow.errors import FallowError

if TYPE_CHECKING:
    from rich.console import Console

    from fallow.register import Register

RegisterOption = Annotated[
    Path | None,
    typer.Option("--register", "-r", help="The register file. Default: FALLOW_REGISTER.", show_default=False),
]
UserOption = Annotated[str | None, typer.Option("--as", help="Who you are. Default: FALLOW_USER.", show_default=False)]
RoleOption = Annotated[
    str | None,
    typer.Option(
        "--role", help="Your role: enter, review, approve, read, steward. Default: FALLOW_ROLE.", show_default=False
    ),
]
OrganisationOption = Annotated[
    str | None, typer.Option("--org", help="Your organisation. Default: FALLOW_ORGANISATION.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
LangOption = Annotated[
    str | None,
    typer.Option("--lang", help="Language of what is printed: en or uk. Default: FALLOW_LANG.", show_default=False),
]
TrueOption = Annotated[
    str | None,
    typer.Option("--true", help="The day asked about, YYYY-MM-DD. Default: the latest state.", show_default=False),
]
KnownOption = Annotated[
    str | None,
    typer.Option(
        "--known",
        help="As known by this register at a day, a time, or a checkpoint number. Default: now.",
        show_default=False,
    ),
]


class Interrupted(FallowError):
    """Ctrl-C."""

    code = "interrupted.by_user"


class NoRegister(FallowError):
    """No register was named."""

    code = "usage.no_register"


class BadValue(FallowError):
    """An option has a value that cannot be read."""

    code = "usage.bad_value"


class BadSetting(FallowError):
    """An environment variable holds what is no such setting."""

    code = "settings.bad_value"


_session: dict[str, Any] = {"json": False, "lang": None}


def begin(json_: bool, lang: str | None) -> None:
    """Note how this command prints.

    Raises:
        BadValue: the language is not one of ours.
    """
    from fallow.terms import LANGUAGES

    _session["json"] = json_
    if lang is not None and lang not in LANGUAGES:
        raise BadValue(option="--lang", value=lang, wanted=", ".join(LANGUAGES))
    _session["lang"] = lang


def language() -> str:
    """Return the language of this command."""
    from fallow.terms import LANGUAGES

    chosen = _session["lang"] or os.environ.get("FALLOW_LANG", "en")
    return chosen if chosen in LANGUAGES else "en"


def console(*, error: bool = False) -> Console:
    """Return a console; wide enough not to break ids when the output is no terminal."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(stderr=error, highlight=False, soft_wrap=True, width=None if stream.isatty() else 140)


def wants_json() -> bool:
    """Return whether this command prints JSON."""
    return bool(_session["json"])


def put_json(data: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n")


def say_error(error: FallowError) -> None:
    """Print an error: what, where, what to do, its code and where to read more."""
    from fallow.terms import explain

    where = error.where.as_dict()
    told = explain(error.code, {**where, **error.values}, language())
    if wants_json():
        put_json(
            {
                "error": {
                    "code": error.code,
                    "title": told.title,
                    "what": told.what,
                    "todo": told.todo,
                    "where": where,
                    "values": {name: str(value) for name, value in error.values.items()},
                }
            }
        )
        return
    out = console(error=True)
    out.print(f"[bold red]{_plain(told.title)}[/]  [dim]{error.code}[/]")
    out.print(_plain(told.what))
    if where:
        out.print("  " + " · ".join(f"{name}: {_plain(str(value))}" for name, value in where.items()), style="dim")
    out.print(f"→ {_plain(told.todo)}")


def _plain(text: str) -> str:
    """Return text that rich prints as it is: nothing that came from a file is read as markup or control."""
    from rich.markup import escape

    return escape("".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text))


plain = _plain


@contextmanager
def opened(
    path: Path | None, *, user: str | None = None, role: str | None = None, organisation: str | None = None
) -> Iterator[Register]:
    """Open the register that was named, in the hands of who was named."""
    from fallow.register import Register
    from fallow.settings import settings

    chosen = path or settings().register_path
    if chosen is None:
        raise NoRegister
    register = Register.open(chosen, actor=who(user, role, organisation))
    try:
        yield register
    finally:
        register.close()


def who(user: str | None, role: str | None, organisation: str | None) -> Any:
    """Return the actor that options and settings name, or None if they name nobody."""
    from fallow.register import Actor
    from fallow.settings import settings

    now = settings()
    name = user or now.user
    return None if not name else Actor(name, role or now.role or "read", organisation or now.organisation or "")


def day(text: str | None, option: str) -> dt.date | None:
    """Read a day.

    Raises:
        BadValue: it is none.
    """
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadValue(option=option, value=text, wanted="YYYY-MM-DD") from error


def knowledge(text: str | None) -> dt.datetime | dt.date | int | None:
    """Read ``--known``: a checkpoint number, a day, or a time with its zone.

    Raises:
        BadValue: it is none of these.
    """
    if text is None:
        return None
    if text.isdigit() and len(text) < 8:
        return int(text)
    try:
        if len(text) == 10:
            return dt.date.fromisoformat(text)
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise BadValue(option="--known", value=text, wanted="YYYY-MM-DD, YYYY-MM-DDThh:mmZ, 123") from error
    if moment.tzinfo is None:
        raise BadValue(option="--known", value=text, wanted="YYYY-MM-DDThh:mmZ")
    return moment


@contextmanager
def progress(title: str) -> Iterator[Any]:
    """Show that long work goes on; yields a function that names the present stage. Silent with --json or no terminal."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    if wants_json() or not sys.stderr.isatty():
        yield lambda _stage: None
        return
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console(error=True),
        transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda stage: bar.update(task, description=f"{title}: {stage}")


def table(title: str, columns: list[str], rows: list[list[str]], *, right: frozenset[int] = frozenset()) -> Any:
    """Return a printable table of plain text."""
    from rich import box
    from rich.table import Table

    made = Table(title=_plain(title) if title else None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        # Ids must be copied whole: a column of them is never broken.
        ids = any(len(row[index]) == 36 and row[index].count("-") == 4 for row in rows)
        made.add_column(_plain(column), justify="right" if index in right else "left", overflow="fold", no_wrap=ids)
    for row in rows:
        made.add_row(*(_plain(cell) for cell in row))
    return made


def moment(at: dt.datetime | str | None) -> str:
    """Return a time as people read it, in UTC; nothing accepted yet has none."""
    if at is None:
        return "–"
    when = dt.datetime.fromisoformat(at) if isinstance(at, str) else at
    return when.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def text(message: str) -> str:
    """Return page text in this command's language."""
    from fallow.i18n import translator

    return translator(language())(message)
