"""The generated reference pages, one function each, as Markdown made from the program and its data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.program import Command, commands, error_codes, finding_codes, settings_by_variable

if TYPE_CHECKING:
    from fallow.terms import FieldDefinition

_NOTE = "% Written by `make docs-pages` from the program itself: change the program or its data, not this page.\n\n"


def plain(text: object) -> str:
    """Return text as Markdown that reads as it stands, on one line."""
    joined = " ".join(str(text).split())
    return re.sub(r"([\\|<*\[\]])", r"\\\1", joined)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; cells are taken as finished Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def code(text: object) -> str:
    """Return text as code, or nothing for nothing."""
    return f"`{text}`" if text not in (None, "") else ""


def page(title: str, lead: str, *parts: str) -> str:
    """Return a whole page."""
    body = "\n\n".join(part.strip() for part in (f"# {title}", lead, *parts) if part.strip())
    return _NOTE + body + "\n"


def commands_page() -> str:
    """Every command with its arguments and options."""
    root, *rest = commands()
    lead = (
        "What `fallow` can be asked to do. `fallow COMMAND --help` prints the same on the terminal. Exit "
        "statuses stand in "
        "[exit codes](exit-codes.md), the environment variables in [settings](settings.md)."
    )
    overview = table(
        ("command", "what it does"),
        ((f"[`fallow {each.path}`](#{_slug('fallow ' + each.path)})", plain(each.summary)) for each in rest),
    )
    return page("Commands", lead, overview, _command(root), *(_command(each) for each in rest))


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _command(command: Command) -> str:
    name = f"fallow {command.path}".strip()
    arguments = [each for each in command.parameters if each.kind == "argument"]
    options = [each for each in command.parameters if each.kind == "option"]
    usage = [name, "[OPTIONS]" if options else ""]
    for each in arguments:
        word = each.spellings[0] + ("..." if each.repeatable else "")
        usage.append(word if each.required else f"[{word}]")
    usage.append("COMMAND [ARGUMENTS]..." if command.group else "")
    rows = []
    for each in (*arguments, *options):
        notes = [plain(each.help)]
        notes += [f"One of {', '.join(code(choice) for choice in each.choices)}."] if each.choices else []
        notes += ["May be given more than once."] if each.repeatable and each.kind == "option" else []
        notes += ["Required."] if each.required else []
        notes += [f"Default: {code(each.default)}."] if each.default else []
        rows.append((", ".join(code(spelling) for spelling in each.spellings), " ".join(filter(None, notes))))
    told = "\n\n".join(plain(paragraph) for paragraph in command.help.split("\n\n"))
    return "\n\n".join(
        filter(
            None,
            (
                f"## {name}",
                told,
                f"```text\n{' '.join(filter(None, usage))}\n```",
                table(("argument or option", "meaning"), rows) if rows else "",
            ),
        )
    )


def settings_page() -> str:
    """Every setting of a process."""
    parts = []
    home = str(Path.home())
    for name, setting in settings_by_variable().items():
        default = "none" if setting.default is None else code(str(setting.default).replace(home, "~"))
        parts.append(f"## {name}\n\n{plain(setting.description)}\n\nDefault: {default}.")
    lead = (
        "Settings of one process, given as environment variables. An option on the command line goes before the "
        "variable. "
        "What belongs to a register (its name, its equal-area system, its booking basis) is not a setting: it "
        "stands in the "
        "register and changes only by an act."
    )
    return page("Settings", lead, *parts)


def exit_codes_page() -> str:
    """The exit status of every family of errors."""
    from fallow.errors import EXIT_CODES

    rows = [(status, code(name)) for name, status in sorted(EXIT_CODES.items(), key=lambda item: item[1])]
    lead = (
        "A command ends with 0 when it did what was asked. Otherwise the status tells the family of the "
        "[error](errors.md), or "
        "one error by its whole code, so that a script can tell a busy register from a wrong file."
    )
    return page("Exit codes", lead, table(("status", "family or code"), [(0, "done"), *rows]))


def errors_page() -> str:
    """Every error with its sentences and exit status."""
    from fallow.errors import exit_code

    lead = (
        "What a message means and what to do. Words in braces are filled in with the facts of the case. Results "
        "of data checks "
        "have [a page of their own](checks.md)."
    )
    parts = []
    family = ""
    for name in error_codes():
        if name.startswith("check.") and name in _check_codes():
            continue
        if name.split(".", 1)[0] != family:
            family = name.split(".", 1)[0]
            parts.append(f"## {family}")
        parts.append(f"### {name}\n\n{_sentences(name)}\n\nExit status: {exit_code(name)}.")
    return page("Errors", lead, *parts)


def _sentences(name: str) -> str:
    from fallow.terms import messages

    told = []
    for lang, todo in (("en", "What to do"), ("uk", "Що зробити")):
        entry = messages(lang)[name]
        told.append(f"**{plain(entry['title'])}**\n: {plain(entry['what'])} *{todo}:* {plain(entry['todo'])}")
    return "\n\n".join(told)


def _check_codes() -> tuple[str, ...]:
    from fallow.checks import CHECKS

    return tuple(sorted(CHECKS))


def checks_page() -> str:
    """Every data check."""
    from fallow.checks import CHECKS

    lead = (
        "What is looked at when a file is imported or checked. A *blocking* result holds the row until somebody "
        "mends it; a "
        "*warning* stays with the report; *advice* is no more than that. A check proposes and never changes "
        "anything itself."
    )
    rows = [
        (f"[`{name}`](#{_slug(name)})", CHECKS[name].severity.value, plain(_title(name))) for name in _check_codes()
    ]
    parts = []
    for name in _check_codes():
        check = CHECKS[name]
        about = "every record" if "*" in check.records else ", ".join(code(each) for each in sorted(check.records))
        parts.append(f"## {name}\n\n{_sentences(name)}\n\nSeverity: {check.severity.value}. Looks at: {about}.")
    read = [f"### {name}\n\n{_sentences(name)}" for name in finding_codes()]
    told = "What a reader notices while it reads a file, and what is found when single values are compared with their fields."
    return page(
        "Checks",
        lead,
        table(("check", "severity", "finds"), rows),
        *parts,
        "## Findings of readers",
        told,
        *read,
    )


def _title(name: str) -> str:
    from fallow.terms import messages

    return str(messages("en")[name]["title"])


def code_lists_page() -> str:
    """Every code list with its words."""
    from fallow.terms import code_list, code_list_names

    lead = (
        "Codes are stable: they are never renamed and never used again for something else. A code that is no "
        "longer given out "
        "is marked *retired* and still read. The words follow the named source, or are the project's own translation."
    )
    parts = []
    for name in code_list_names():
        terms = code_list(name)
        rows = []
        for term in terms.terms.values():
            extra = ", ".join(f"{key} {value:g}" for key, value in term.extra.items())
            retired = f"*retired {term.retired}*" if term.retired else ""
            notes = "; ".join(filter(None, (f"part of {code(term.parent)}" if term.parent else "", extra, retired)))
            rows.append((code(term.code), plain(term.labels["en"]), plain(term.labels["uk"]), notes))
        used = ", ".join(code(each) for each in _fields_with(name))
        told = f"Source: {plain(terms.source)}." + (f" Used by: {used}." if used else "")
        parts.append(f"## {name}\n\n{told}\n\n{table(('code', 'English', 'Ukrainian', 'notes'), rows)}")
    return page("Code lists", lead, *parts)


def _fields_with(list_name: str) -> list[str]:
    from fallow.terms import record_definitions

    return [
        f"{record}.{name}"
        for record, definition in record_definitions().items()
        for name, entry in definition.fields.items()
        if entry.list == list_name
    ]


def fields_page() -> str:
    """Every record with its fields."""
    from fallow.terms import record_definitions

    lead = (
        "What the register holds. *Sensitivity* decides who may see a field; personal fields are taken out at "
        "intake and sealed. "
        "A field that raises or lowers hazard says so: lowering passes [one door](../explanation/lowering.md) only."
    )
    definitions = record_definitions()
    common = set.intersection(*(set(definition.fields) for definition in definitions.values()))
    first = next(iter(definitions.values()))
    parts = [
        "## Common fields",
        "Every record has these.",
        _fields(entry for entry in first.fields.values() if entry.name in common),
    ]
    for record, definition in definitions.items():
        own = [entry for entry in definition.fields.values() if entry.name not in common]
        parts.append(
            f"## {record}\n\n{plain(definition.labels['en'])} · {plain(definition.labels['uk'])}. Geometry: "
            f"{definition.geometry}. Form version {definition.version}. Sensitivity: {definition.sensitivity}. "
            f"Source: "
            f"{plain(definition.source)}."
        )
        parts.append(_fields(own))
    return page("Records and fields", lead, *parts)


def _fields(entries: Iterable[FieldDefinition]) -> str:
    rows = []
    for entry in entries:
        kind = entry.type
        if entry.list:
            kind = f"{kind} of [{entry.list}](code-lists.md#{_slug(entry.list)})"
        elif entry.refers:
            kind = f"{kind} to {', '.join(code(each) for each in entry.refers)}"
        elif entry.units or entry.unit:
            kind = f"{kind} in {', '.join(code(each) for each in (entry.units or (entry.unit,)))}"
        notes = [plain(entry.help.get("en", ""))]
        notes += ["Required."] if entry.required else []
        notes += [f"*Raises hazard:* {plain(entry.raises)}"] if entry.raises else []
        notes += [f"*Lowers hazard:* {plain(entry.lowers)}"] if entry.lowers else []
        labels = f"{plain(entry.labels['en'])} · {plain(entry.labels['uk'])}"
        rows.append((code(entry.name), labels, kind, entry.sensitivity, " ".join(filter(None, notes))))
    return table(("field", "label", "type", "sensitivity", "meaning"), rows)


def glossary_page() -> str:
    """The project's words."""
    from fallow.terms import glossary

    ukrainian = glossary("uk")
    lead = "One word per thing, in the program, in documents and on these pages."
    parts = []
    for key, entry in sorted(glossary("en").items(), key=lambda item: item[1].word.casefold()):
        parts.append(f"## {entry.word}\n\n{plain(entry.definition)}\n\nUkrainian: {plain(ukrainian[key].word)}.")
    return page("Glossary", lead, *parts)


def register_format_page() -> str:
    """The tables of a register file."""
    from fallow.register import schema

    lead = (
        f"A register is one SQLite file in format {schema.FORMAT} (`PRAGMA user_version`), application id "
        f"`0x{schema.APPLICATION_ID:08X}`. This page is for those who want to read one without Fallow. A newer "
        f"format than a "
        "program knows is refused by it; every released format stays readable."
    )
    log = (
        "## The log\n\nOnly ever appended to. Triggers refuse UPDATE and DELETE on "
        + ", ".join(code(name) for name in schema.LOG_TABLES)
        + ". An act's canonical bytes are `act.body`, and for its restricted fields `act_part.body`: JSON with sorted "
        'keys, stored once and never written anew. A patch that reads `"report"` stands for all fields of the report '
        "that the act names by id and SHA-256. Times are UTC, ISO 8601 with milliseconds. Geometry is little-endian 2D "
        "well-known binary in "
        "WGS 84 (longitude, latitude), stored once per distinct shape in `content` under its SHA-256 digest.\n\n"
        f"```sql\n{schema.LOG.strip()}\n```"
    )
    derived = (
        "## Derived tables\n\nEverything here follows from the log. `fallow rebuild` drops these tables and "
        "makes them again; "
        "`fallow audit` compares them with a fresh derivation. Do not rely on their shape.\n\n"
        f"```sql\n{schema.DERIVED.strip()}\n```"
    )
    return page("Register file format", lead, log, derived)


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "settings.md": settings_page,
    "exit-codes.md": exit_codes_page,
    "errors.md": errors_page,
    "checks.md": checks_page,
    "code-lists.md": code_lists_page,
    "fields.md": fields_page,
    "glossary.md": glossary_page,
    "register-format.md": register_format_page,
}
