"""The Typer application: commands, and what happens to errors."""

from __future__ import annotations

import sys

import typer

from fallow.cli import (
    as_of,
    at,
    audit,
    balance,
    check,
    correct,
    demo,
    document,
    field,
    history,
    import_,
    inbox,
    init,
    rebuild,
    show,
    submit,
    synth,
    template,
)

app = typer.Typer(
    name="fallow",
    help="Fallow, the open register of explosive hazards on land.\n\n"
    "Who you are is always said: --as NAME --role ROLE, or FALLOW_USER and FALLOW_ROLE. "
    "A blank place on any map or answer means not assessed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("init")(init.init)
app.command("import")(import_.import_)
app.command("check")(check.check)
app.command("submit")(submit.submit)
app.command("correct")(correct.correct)
app.add_typer(inbox.app, name="inbox")
app.command("show")(show.show)
app.command("history")(history.history)
app.command("as-of")(as_of.as_of)
app.command("at")(at.at)
app.command("balance")(balance.balance)
app.command("document")(document.document)
app.command("audit")(audit.audit)
app.command("rebuild")(rebuild.rebuild)
app.command("template")(template.template)
app.add_typer(field.app, name="field")
app.command("synth")(synth.synth)
app.command("demo")(demo.demo)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    """Hold what every command shares."""
    if version:
        from fallow import __version__

        print(__version__)  # noqa: T201 - the one plain answer that needs no console
        raise typer.Exit


def run() -> None:
    """Run the application; say every error in the reader's language and leave with its exit status."""
    from fallow.cli.common import say_error
    from fallow.errors import FallowError, exit_code

    try:
        try:
            app()
        except ValueError as error:
            raise _bad_setting(error) from error
    except FallowError as error:
        say_error(error)
        sys.exit(exit_code(error.code))
    except KeyboardInterrupt:
        from fallow.cli.common import Interrupted

        say_error(Interrupted())
        sys.exit(exit_code(Interrupted.code))
    except BrokenPipeError:
        # The reader of a pipe has gone (``| head``): nothing is lost and nothing is wrong.
        sys.stderr.close()
        sys.exit(0)


def _bad_setting(error: ValueError) -> Exception:
    """Return what to say of an environment variable that is no setting; any other error stays itself."""
    from pydantic import ValidationError

    from fallow.cli.common import BadSetting

    if not isinstance(error, ValidationError) or error.title != "Settings":
        return error
    fault = error.errors()[0]
    name = str(fault["loc"][0]).upper() if fault["loc"] else ""
    return BadSetting(
        setting=name if name.startswith("FALLOW_") else f"FALLOW_{name}",
        value=str(fault["input"]),
        problem=fault["msg"],
    )
