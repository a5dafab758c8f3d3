"""``fallow as-of``: the register on a day, as it was known at a day."""

from __future__ import annotations

from typing import Annotated

import typer

from fallow.cli.common import (
    JsonOption,
    KnownOption,
    LangOption,
    RegisterOption,
    TrueOption,
    begin,
    console,
    day,
    knowledge,
    moment,
    opened,
    put_json,
    table,
    wants_json,
)
from fallow.cli.common import text as _


def as_of(
    true: TrueOption = None,
    known: KnownOption = None,
    record: Annotated[
        str | None, typer.Option("--record", help="List this record type in full.", show_default=False)
    ] = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Show what held on a day (--true), as this register knew it then (--known)."""
    begin(json_, lang)
    from fallow.cli.common import BadValue
    from fallow.cli.wording import code, record_label
    from fallow.register.register import title_of

    with opened(register) as land:
        snapshot = land.snapshot(day(true, "--true"), knowledge(known))
    names = [name for name in snapshot.records() if name not in ("register", "national_field")]
    if record is not None and record not in names:
        from fallow.terms import record_definitions

        if record not in record_definitions():
            raise BadValue(option="--record", value=record, wanted=", ".join(record_definitions()))
    head = {
        "true": true,
        "known_seq": snapshot.known_seq,
        "known_at": snapshot.known_at,
        "synthetic": snapshot.synthetic,
    }
    if wants_json():
        if record is None:
            put_json(head | {"records": {name: len(snapshot.ids(name)) for name in names}, "held": len(snapshot.held)})
        else:
            listed = [] if record not in names else zip(snapshot.ids(record), snapshot.rows(record), strict=True)
            put_json(head | {"record": record, "rows": [{"entity": uuid, **row} for uuid, row in listed]})
        return
    out = console()
    out.print(
        _("As known at checkpoint {seq}, {at}.").format(seq=snapshot.known_seq, at=moment(snapshot.known_at)),
        style="dim",
    )
    if record is not None:
        rows = [] if record not in names else list(zip(snapshot.ids(record), snapshot.rows(record), strict=True))
        lines = []
        for uuid, row in rows:
            axis = row.get("classification") or row.get("kind") or ""
            listed_as = "classification" if "classification" in row else {"release_product": "release_kind"}.get(record)
            lines.append([uuid, title_of(dict(row)), code(listed_as, axis)])
        out.print(table(record_label(record), [_("Record"), _("Title"), _("Kind")], lines))
        return
    lines = [[record_label(name), str(len(snapshot.ids(name)))] for name in names]
    out.print(table("", [_("Record"), _("Number")], lines, right=frozenset({1})))
    waiting = sum(len(ids) for ids, _rows, _shapes in snapshot.unverified.values())
    out.print(
        _("{waiting} raising reports wait unverified; {held} rows are held.").format(
            waiting=waiting, held=len(snapshot.held)
        )
    )
