"""Filed then, known now: each figure of the totals as known at a past checkpoint, beside what is known today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fallow.documents import reading
from fallow.documents.basis import Basis, notice_note, notices, read_basis
from fallow.documents.errors import NothingFiled
from fallow.documents.model import (
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Figure,
    Headline,
    Joined,
    Label,
    Note,
    Part,
    Quantity,
    RecordLine,
    Row,
    Section,
    Span,
    Table,
)
from fallow.documents.model import mark as _
from fallow.documents.source import DocumentSource
from fallow.documents.totals import FOOT, Totals, record_lines

if TYPE_CHECKING:
    from fallow.records import Versions

_Marks = dict[tuple[str, str], set[str]]
_Known = tuple[_Marks, _Marks]
_FOLLOWED = ("hazardous_area", "release_product", "item_found", "accident", "evidence")


def build_filed(
    source: DocumentSource,
    filed: dt.date,
    known: int | dt.date,
    *,
    today: dt.date | None = None,
    level: int | None = None,
) -> Document:
    """Build the comparison of what was filed with what is known now.

    Args:
        source: the register.
        filed: the day for which the figures were filed (31 December).
        known: place or day in the acceptance log at which they were filed.
        today: a later day, whose figures stand beside; None leaves them out.
        level: level of the administrative units, as in the totals.

    Raises:
        NothingFiled: nothing was accepted at that checkpoint.
    """
    then = read_basis(source, filed, known)
    if then.point.seq == 0:
        raise NothingFiled(day=filed.isoformat())
    now = read_basis(source, filed, None)
    sides = [
        _Side(Totals(source, then, present=False, level=level)),
        _Side(Totals(source, now, present=False, level=level)),
    ]
    if today is not None:
        sides.append(_Side(Totals(source, read_basis(source, today, None), present=False, level=level)))
    tables = _compared(sides)
    changed = {part for table in tables for row in table.rows for cell in row.cells for part in _parts(cell)}
    listed = {(part.record, part.entity) for part in changed}
    changes, accepted = _changes(source, then, now)
    listed |= {(part.record, part.entity) for part in accepted}
    compared = tuple(Part(*pair) for pair in sorted({pair for side in sides[:2] for pair in side.pairs}))
    listed |= {pair for side in sides for pair in side.pairs}
    records: dict[tuple[str, str], RecordLine] = {}
    for snapshot in (*(side.totals.snapshot for side in sides), source.snapshot(None, now.point.seq)):
        known_here = {pair for pair in listed if pair[1] in snapshot.of(pair[0])}
        records |= record_lines(snapshot, known_here)
    return Document(
        kind="filed",
        name="filed",
        title=_("Filed figures against today's knowledge"),
        subtitle=_(
            "State on {day}: as known at checkpoint {then}, and as known at checkpoint {now}",
            {"day": filed, "then": Quantity(then.point.seq), "now": Quantity(now.point.seq)},
        ),
        register=now.info.name,
        basis=_basis(then, now, today),
        sections=(
            Section("figures", None, (_summary(tables, compared, accepted), _legend(today), *tables)),
            Section("changes", changes.title, (changes,), new_page=True),
            Section("basis", _("What these figures rest on"), (_basis(then, now, today), *notice_note(now.info))),
        ),
        records=records,
        notices=notices(now.info),
        synthetic=now.info.synthetic,
        sensitivity="operational",
        dated=now.dated,
        identifier=f"filed {then.identifier} {now.identifier} {today}",
        foot=(FOOT,),
        head=now.point.head,
    )


@dataclass(frozen=True)
class _Named:
    """A figure of the totals with the words that say which it is."""

    name: Cell
    figure: Figure
    group: Cell = None


class _Side:
    """The totals as known at one checkpoint: figures by table and key."""

    def __init__(self, totals: Totals) -> None:
        self.totals = totals
        self.titles: dict[str, Cell] = {"headline": _("Front page")}
        self.figures: dict[str, dict[str, _Named]] = {"headline": _headline(totals.headline)}
        for table in totals.tables:
            self.titles[table.key] = table.title
            self.figures[table.key] = _figures(table)

    @property
    def marks(self) -> _Marks:
        """What every record that counts says, over all figures."""
        found: _Marks = {}
        for figures in self.figures.values():
            for named in figures.values():
                for part in named.figure.parts:
                    found.setdefault((part.record, part.entity), set()).add(part.mark)
        return found

    @property
    def pairs(self) -> set[tuple[str, str]]:
        return {
            pair for figures in self.figures.values() for named in figures.values() for pair in named.figure.entities
        }


def _headline(headline: Headline) -> dict[str, _Named]:
    # What cannot be drawn holds the inbox, which no past checkpoint keeps.
    kept = [each for each in headline.figures if each[1].key != "headline.not_drawn"]
    return {figure.key: _Named(name, figure) for name, figure, _counts in kept}


def _figures(table: Table) -> dict[str, _Named]:
    found: dict[str, _Named] = {}
    group: Cell = None
    for row in table.rows:
        if row.kind == "group":
            group = row.cells[0]
            continue
        heads = [cell for cell in row.cells if not isinstance(cell, Figure) and cell is not None]
        for column, cell in zip(table.columns, row.cells, strict=True):
            if isinstance(cell, Figure):
                found[cell.key] = _Named(Joined((*heads, column.head), " · "), cell, group)
    return found


def _compared(sides: Sequence[_Side]) -> list[Table]:
    tables = []
    marks = [side.marks for side in sides]
    for key in sides[0].figures:
        rows: list[Row] = []
        group: Cell = None
        for each in _ordered(sides, key):
            named = [side.figures[key].get(each) for side in sides]
            newest = next(found for found in reversed(named) if found is not None)
            if newest.group is not None and newest.group != group:
                group = newest.group
                rows.append(Row((group,), "group"))
            rows.append(_compared_row(each, newest.name, named, marks))
        title = sides[-1].titles[key]
        columns = [
            Column(_("Figure")),
            Column(_("As filed"), number=True),
            Column(_("Same day, as known now"), number=True),
            Column(_("Learned since"), number=True),
        ]
        if len(sides) > 2:
            columns += [Column(_("Today"), number=True), Column(_("Happened since"), number=True)]
        empty = _(
            "Neither then nor now does this table hold a figure. This does not mean that there was nothing to count."
        )
        tables.append(Table(f"filed.{key}", title, tuple(columns), tuple(rows), empty, group=_("Unit")))
    return tables


def _ordered(sides: Sequence[_Side], table: str) -> list[str]:
    """Return the keys in the order of the newest table; what only an older one has follows its neighbour there."""
    order = list(sides[-1].figures[table])
    for side in reversed(sides[:-1]):
        before = None
        for key in side.figures[table]:
            if key not in order:
                order.insert(0 if before is None else order.index(before) + 1, key)
            before = key
    return order


def _compared_row(key: str, name: Cell, named: Sequence[_Named | None], known: Sequence[_Marks]) -> Row:
    figures = [None if each is None else each.figure for each in named]
    cells: list[Cell] = [name, _shown(key, "filed", figures[0]), _shown(key, "now", figures[1])]
    cells.append(_difference(f"{key}.learned", figures[0], figures[1], (known[0], known[1])))
    if len(figures) > 2:
        cells.append(_shown(key, "today", figures[2]))
        cells.append(_difference(f"{key}.happened", figures[1], figures[2], (known[1], known[2])))
    return Row(tuple(cells))


def _shown(key: str, side: str, figure: Figure | None) -> Cell:
    return "–" if figure is None else Figure(f"{key}.{side}", figure.value, figure.parts)


def _difference(key: str, before: Figure | None, after: Figure | None, known: _Known) -> Cell:
    """Return the difference of two figures, standing on the records whose part in it differs."""
    parts = _differing(before, after, known)
    value = after if after is not None else before
    if value is None:
        return None
    old, new = _amount(before), _amount(after)
    if old is None or new is None:
        return Figure(key, _("another range"), parts) if parts else _("the same")
    unit = value.value.unit if isinstance(value.value, Quantity) else ""
    if new == old and parts:
        return Figure(key, _("0, but records changed"), parts)
    return Figure(
        key,
        Quantity(new - old, unit, None if isinstance(new - old, float) and unit not in {"", "m2"} else 0, signed=True),
        parts,
    )


def _amount(figure: Figure | None) -> float | None:
    """Return a figure as one number; a range of counts has none. A figure that is not there counts as zero."""
    if figure is None:
        return 0.0
    if isinstance(figure.value, Quantity):
        return round(figure.value.value, 3 if figure.value.decimals is None else figure.value.decimals)
    if isinstance(figure.value, Span) and figure.value.low == figure.value.high:
        return float(figure.value.low)
    return None if figure.parts else 0.0


def _differing(before: Figure | None, after: Figure | None, known: _Known) -> tuple[Part, ...]:
    """Return the parts that differ; a record that says the same on both sides explains nothing, unless nothing else does."""
    old = {} if before is None else _by_record(before)
    new = {} if after is None else _by_record(after)
    changed = sorted(pair for pair in {*old, *new} if old.get(pair) != new.get(pair))
    telling = [pair for pair in changed if known[0].get(pair) != known[1].get(pair)]
    return tuple(
        Part(*pair, None, "entered" if pair not in old else "left" if pair not in new else "changed")
        for pair in telling or changed
    )


def _by_record(figure: Figure) -> dict[tuple[str, str], list[tuple[float | None, str]]]:
    found: dict[tuple[str, str], list[tuple[float | None, str]]] = {}
    for part in figure.parts:
        found.setdefault((part.record, part.entity), []).append((part.amount, part.mark))
    return found


def _parts(cell: Cell) -> Iterable[Part]:
    return cell.parts if isinstance(cell, Figure) else ()


def _changes(source: DocumentSource, then: Basis, now: Basis) -> tuple[Table, tuple[Part, ...]]:
    """Return every change of a counted record that was accepted between the two checkpoints, and the records."""
    lines: list[tuple[int, Row, Part]] = []
    for record in _FOLLOWED:
        versions = source.versions(record, now.point.seq)
        lines += [
            (int(versions.seq[index]), _change(record, versions, index), Part(record, versions.entity[index]))
            for index in range(len(versions.entity))
            if then.point.seq < versions.seq[index]
        ]
    lines.sort(key=lambda each: each[0])
    columns = (
        Column(_("No."), number=True),
        Column(_("Record")),
        Column(_("Identifiers"), code=True),
        Column(_("Act")),
        Column(_("What changed")),
        Column(_("Decided")),
        Column(_("Holds since")),
        Column(_("Accepted")),
        Column(_("Approved by")),
    )
    table = Table(
        "changes",
        _("Changes accepted after the filing"),
        columns,
        tuple(row for _seq, row, _part in lines),
        _("Nothing was accepted since."),
        (
            _(
                "A change that holds since a day before the filing altered what is known of that day; "
                "the filed figure stays as it was filed."
            ),
        ),
        dense=True,
    )
    return table, tuple(part for _seq, _row, part in lines)


def _change(record: str, versions: Versions, index: int) -> Row:
    state = versions.state[index]
    act: Cell = reading.code("act_kind", versions.act_kind[index])
    if versions.lowering[index]:
        act = _("{act} (lowers recorded hazard)", {"act": act})
    since = versions.valid_from[index]
    return Row(
        (
            Quantity(int(versions.seq[index])),
            Label("record", record),
            reading.identifiers(state, versions.entity[index]),
            act,
            Joined(tuple(Label(f"field:{record}", name) for name in versions.changed[index])),
            versions.decided[index],
            since if since is not None else "–",
            versions.accepted[index].date(),
            versions.approved_by[index],
        )
    )


def _summary(tables: Sequence[Table], compared: tuple[Part, ...], accepted: tuple[Part, ...]) -> Headline:
    """Return how much was learned about the filed day."""
    learned = [
        cell
        for table in tables
        for row in table.rows
        for cell in row.cells
        if isinstance(cell, Figure) and cell.key.endswith(".learned")
    ]
    different = [figure for figure in learned if figure.parts]
    records = {(part.record, part.entity) for figure in different for part in figure.parts}
    parts = tuple(Part(record, entity) for record, entity in sorted(records))
    return Headline(
        (
            (
                _("Figures compared"),
                Figure("summary.compared", Quantity(len(learned)), compared),
                _("for the same day"),
            ),
            (
                _("Figures that differ"),
                Figure("summary.different", Quantity(len(different)), parts),
                _("by what was learned since"),
            ),
            (
                _("Records that make the difference"),
                Figure("summary.records", Quantity(len(records)), parts),
                _("listed at the end"),
            ),
            (
                _("Changes accepted since"),
                Figure("summary.changes", Quantity(len(accepted)), accepted),
                _("to records of the kinds that are counted"),
            ),
        )
    )


def _legend(today: dt.date | None) -> Block:
    lines: list[Cell] = [
        _("As filed: the figure as the register knew it at the filing. It can be made again at any time."),
        _(
            "Learned since: what later information changed about the same day. "
            "Its number opens the records that make the difference."
        ),
    ]
    if today is not None:
        lines.append(_("Happened since: the difference between that day and {day}, both as known now.", {"day": today}))
    return Note(tuple(lines))


def _basis(then: Basis, now: Basis, today: dt.date | None) -> Facts:
    own = now.facts().pairs[:2]
    pairs: list[tuple[Cell, Cell]] = [
        *own,
        (_("Day for which the figures were filed"), then.day),
        (_("Filed at checkpoint"), _point(then)),
        (_("Compared with checkpoint"), _point(now)),
        (_("Today stands for"), today if today is not None else _("not asked for")),
        *now.facts().pairs[5:],
    ]
    return Facts("basis", tuple(pairs))


def _point(basis: Basis) -> Cell:
    return _("{seq}, accepted {at}", {"seq": Quantity(basis.point.seq), "at": basis.dated})
