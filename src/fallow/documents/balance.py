"""The balance of land as a document: opening, lines, closing per unit, layer and classification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from fallow.documents import reading
from fallow.documents.balance_tables import AREA, PRODUCT, Paper, States
from fallow.documents.basis import ROUNDING, Basis, notice_note, notices, read_basis
from fallow.documents.model import (
    Block,
    Cell,
    Document,
    Facts,
    Figure,
    Note,
    Quantity,
    Section,
)
from fallow.documents.model import mark as _
from fallow.documents.open_land import units_of
from fallow.documents.source import DocumentSource

if TYPE_CHECKING:
    from fallow.ledger import Balance


FOOT = _(
    "Layers are never added up: the same ground may lie in several. A release holds for its class, depth and date "
    "only; ground outside recorded hazard is not assessed."
)


def build_balance(
    source: DocumentSource,
    periods: Sequence[tuple[dt.date, dt.date]],
    *,
    level: int | None = None,
    known: int | dt.date | None = None,
    known_open: int | None = None,
) -> Document:
    """Build the balance of land.

    Args:
        source: the register.
        periods: (first day, first day after), in order.
        level: level of the administrative units; None: the widest level with several units.
        known: place or day in the acceptance log up to which changes count; None: everything accepted.
        known_open: place at which the opening of the first period was filed; what was learned later about the time
            before then stands in the line *prior period*.

    Raises:
        WrongPeriods, Unbalanced: see :func:`fallow.ledger.balance`.
    """
    drawn, basis = draw_balance(source, periods, level=level, known=known, known_open=known_open)
    return balance_document(source, drawn, basis)


def draw_balance(
    source: DocumentSource,
    periods: Sequence[tuple[dt.date, dt.date]],
    *,
    level: int | None = None,
    known: int | dt.date | None = None,
    known_open: int | None = None,
) -> tuple[Balance, Basis]:
    """Draw up the balance of a register and check it; the arguments are those of :func:`build_balance`.

    Raises:
        WrongPeriods, Unbalanced: see :func:`fallow.ledger.balance`.
    """
    from fallow.ledger import balance

    basis = read_basis(source, None, known)
    seq = basis.point.seq
    opened = None
    if known_open is not None:
        opened = (source.versions(AREA, known_open), source.versions(PRODUCT, known_open))
    drawn = balance(
        source.versions(AREA, seq),
        source.versions(PRODUCT, seq),
        units=units_of(source.snapshot(None, None if known is None else seq), level),
        equal_area=basis.info.equal_area,
        periods=periods,
        booking_basis=basis.info.booking_basis,
        known_open=known_open,
        known_close=seq,
        opened=opened,
    )
    drawn.check()
    return drawn, basis


def balance_document(source: DocumentSource, drawn: Balance, basis: Basis) -> Document:
    """Put a balance that is drawn up already into a document.

    Args:
        source: the register, for the names of records.
        drawn: the balance.
        basis: the checkpoint that it was drawn up at.
    """
    states = _states(source, basis.point.seq)
    paper = Paper(drawn, states)
    front: list[Block] = [paper.summary(period) for period in drawn.periods]
    sections = [Section("front", None, (*front, *_basis(drawn, basis)))]
    sections += [section for period in drawn.periods for section in paper.period(period)]
    found = {pair for section in sections for figure in _figures(section.blocks) for pair in figure.entities}
    first, last = drawn.periods[0], drawn.periods[-1]
    days: dict[str, Cell] = {"first": first.start, "last": last.end - dt.timedelta(days=1), "state": basis.state}
    return Document(
        kind="balance",
        name="balance",
        title=_("Balance of land"),
        subtitle=_("{first} to {last}. {state}", days),
        register=basis.info.name,
        basis=basis.facts(),
        sections=tuple(sections),
        records={pair: reading.line(*pair, states[pair[0]].get(pair[1], {})) for pair in sorted(found)},
        notices=notices(basis.info),
        synthetic=basis.info.synthetic,
        sensitivity="operational",
        dated=basis.dated,
        identifier=f"balance {first.start} {last.end} {len(drawn.periods)} {drawn.known_open} {basis.identifier}",
        foot=(FOOT,),
        head=basis.point.head,
    )


def _basis(drawn: Balance, basis: Basis) -> tuple[Block, ...]:
    facts = basis.facts()
    opened: Cell = (
        Quantity(drawn.known_open)
        if drawn.known_open is not None
        else _("the same as the close: no opening was filed before")
    )
    pairs = (*facts.pairs, (_("Opening known up to checkpoint"), opened))
    checked = _(
        "Checked when this was drawn up: in every cell opening and lines end at the closing figure, exactly, and the "
        "closing figure was worked out a second time from the open outlines."
    )
    return (Facts("basis", pairs), Note((checked, ROUNDING)), *notice_note(basis.info))


def _figures(blocks: Iterable[Block]) -> Iterable[Figure]:
    from fallow.documents.model import figures_of

    return (figure for block in blocks for figure in figures_of(block))


def _states(source: DocumentSource, seq: int) -> States:
    """Return the last known state of every area and release, withdrawn ones among them."""
    found: States = {}
    for record in (AREA, PRODUCT):
        versions = source.versions(record, seq)
        found[record] = dict(zip(versions.entity, versions.state, strict=True))
    return found
