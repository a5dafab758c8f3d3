"""``fallow balance``: opening and closing of the land ledger, and every line between."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from fallow.cli.common import (
    BadValue,
    JsonOption,
    LangOption,
    RegisterOption,
    begin,
    console,
    day,
    language,
    opened,
    progress,
    put_json,
    table,
    wants_json,
)
from fallow.cli.common import text as _

FromOption = Annotated[
    str | None, typer.Option("--from", help="First day, YYYY-MM-DD. Default: this year's first.", show_default=False)
]
ToOption = Annotated[
    str | None, typer.Option("--to", help="Last day, included. Default: the last of that year.", show_default=False)
]
YearsOption = Annotated[
    str | None, typer.Option("--years", help="Calendar years, 2024 or 2022-2024: one period each.", show_default=False)
]
LevelOption = Annotated[
    int | None, typer.Option("--level", min=0, max=9, help="Level of the administrative units.", show_default=False)
]
OpenedOption = Annotated[
    int | None,
    typer.Option(
        "--opened-at",
        min=0,
        help="Checkpoint at which the opening was filed; what came later about earlier days is 'prior period'.",
        show_default=False,
    ),
]
KnownSeqOption = Annotated[
    str | None, typer.Option("--known", help="Checkpoint number or day up to which acts count.", show_default=False)
]


def balance(
    first: FromOption = None,
    last: ToOption = None,
    years: YearsOption = None,
    level: LevelOption = None,
    known: KnownSeqOption = None,
    opened_at: OpenedOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Balance the land ledger: per unit, class, depth band and classification. Layers are never summed."""
    begin(json_, lang)
    from fallow.documents.balance import draw_balance

    with opened(register) as land, progress(_("balance")):
        found, basis = draw_balance(
            land, periods(first, last, years), level=level, known=as_known(known), known_open=opened_at
        )
        booking = land.info.booking_basis
    if wants_json():
        put_json({"booking_basis": booking, "checkpoint": basis.point.seq} | found.to_tables())
        return
    _say(found, booking)


def periods(first: str | None, last: str | None, years: str | None) -> list[tuple[dt.date, dt.date]]:
    """Return the periods that the options name: (first day, first day after).

    Raises:
        BadValue: they are no days, or reversed.
    """
    if years is not None:
        start, _dash, end = years.partition("-")
        try:
            span = range(int(start), int(end or start) + 1)
            made = [(dt.date(year, 1, 1), dt.date(year + 1, 1, 1)) for year in span]
        except ValueError as error:
            raise BadValue(option="--years", value=years, wanted="2024, 2022-2024") from error
        if not made or len(made) > 100:
            raise BadValue(option="--years", value=years, wanted="2024, 2022-2024")
        return made
    begins = day(first, "--from") or dt.datetime.now(dt.UTC).date().replace(month=1, day=1)
    ends = day(last, "--to") or begins.replace(month=12, day=31)
    if ends < begins:
        raise BadValue(option="--to", value=str(ends), wanted=_("a day not before {first}").format(first=begins))
    return [(begins, ends + dt.timedelta(days=1))]


def as_known(text: str | None) -> int | dt.date | None:
    """Read a checkpoint number or a day."""
    if text is None:
        return None
    return int(text) if text.isdigit() and len(text) < 8 else day(text, "--known")


def _say(found: Any, basis: str) -> None:
    """Print one table per period: a line per unit, class and classification; bands with the same figures share it."""
    from fallow.cli.wording import code
    from fallow.i18n import format_number
    from fallow.ledger import LINES

    out = console()
    booked = code("booking_basis", basis)
    out.print(
        _("Booked by: {basis}. Square metres, and the number of areas in brackets.").format(basis=booked), style="dim"
    )
    names = {} if found.units is None else dict(zip(found.units.ids, found.units.names, strict=True))
    for period in found.periods:
        title = f"{period.start} – {period.end - dt.timedelta(days=1)}"
        rows = [row for row in found.rows() if row.cell.period == period]
        if not rows:
            out.print(title, style="bold")
            out.print(_("No recorded hazard in this period. Ground on which nothing is recorded is not assessed."))
        for unit in dict.fromkeys(row.cell.unit for row in rows):
            mine = [row for row in rows if row.cell.unit == unit]
            lines = [name for name in LINES if name in ("opening", "closing") or any(row.printed(name) for row in mine)]
            shared: dict[tuple[Any, ...], list[str]] = {}
            for row in mine:
                figures = tuple((row.printed(name), row.number.get(name, 0)) for name in lines)
                shared.setdefault((row.cell.contamination, row.cell.classification, figures), []).append(row.cell.band)
            printed = []
            for (contamination, classification, figures), bands in shared.items():
                cells = [
                    f"{format_number(metres, language(), 0)} ({count})" if metres or count else "–"
                    for metres, count in figures
                ]
                what = code("contamination_class", contamination)
                printed.append([what, _depths(bands), code("classification", classification), *cells])
            columns = [_("Class"), _("Depth"), _("Classification"), *(code("balance_line", name) for name in lines)]
            place = names.get(unit or "", unit or _("no unit"))
            out.print(table(f"{title} · {place}", columns, printed, right=frozenset(range(3, len(columns)))))
    out.print(
        _("Layers are never summed: one square metre stands in every layer that it may be contaminated in."),
        style="dim",
    )


def _depths(bands: list[str]) -> str:
    """Return neighbouring depth bands as one span, others one by one."""
    from fallow.cli.wording import code
    from fallow.i18n import format_number
    from fallow.terms import code_list

    listed = code_list("depth_band")
    order = list(listed)
    places = sorted(order.index(band) for band in bands)
    if places != list(range(places[0], places[-1] + 1)) or len(places) == 1:
        return "; ".join(code("depth_band", order[place]) for place in places)
    if len(places) == len(order):
        return _("all depths")
    end = listed[order[places[-1]]].extra.get("to_m")
    top = listed[order[places[0]]].extra.get("from_m", 0)
    start = format_number(top, language(), 1)
    if end is None:
        return _("from {start} m down").format(start=start)
    deep = format_number(end, language(), 1)
    if places[0] == 0:
        return _("surface to {end} m").format(end=deep)
    return _("{start} to {end} m").format(start=start, end=deep)
