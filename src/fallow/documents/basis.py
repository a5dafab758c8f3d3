"""What every document states before its first figure: register, day, checkpoint, booking basis, equal-area system."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from fallow.documents.model import Cell, Facts, Label, Note, Quantity, Verbatim
from fallow.documents.model import mark as _
from fallow.documents.source import DocumentSource, Info, Point


@dataclass(frozen=True, slots=True)
class Basis:
    """What the figures of one document rest on.

    Args:
        info: the register.
        true: the day for which the figures hold; None stands for the latest state.
        point: the checkpoint up to which the register is read.
    """

    info: Info
    true: dt.date | None
    point: Point

    @property
    def day(self) -> dt.date:
        """Return the day for which the figures hold, or the day of the checkpoint."""
        return self.true or self.dated.date()

    @property
    def dated(self) -> dt.datetime:
        """Return when the checkpoint was accepted; a register without any acceptance has the first of all days."""
        return self.point.at or dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

    @property
    def state(self) -> Cell:
        """Return the sentence that stands under the title."""
        values: dict[str, Cell] = {
            "day": self.day,
            "seq": Quantity(self.point.seq),
            "at": self.point.at,
        }
        if self.point.at is None:
            return _("Nothing is accepted yet")
        if self.true is None:
            return _("Latest state known at checkpoint {seq} ({at})", values)
        return _("State on {day}, as known at checkpoint {seq} ({at})", values)

    @property
    def identifier(self) -> str:
        """Return a text that is the same for the same inputs."""
        return f"{self.info.id} {self.day.isoformat()} {self.point.seq} {self.point.head}"

    def facts(self) -> Facts:
        """Return the names and values that are printed at the end of every document."""
        return Facts(
            "basis",
            (
                (_("Register"), self.info.name),
                (_("Country"), self.info.country),
                (_("Day for which the figures hold"), self.day if self.true else _("the latest state")),
                (_("Known up to checkpoint"), Quantity(self.point.seq)),
                (_("Checkpoint accepted"), self.point.at),
                (_("Releases are booked by"), Label("booking_basis", self.info.booking_basis)),
                (_("Head of the chain at the checkpoint"), Verbatim(self.point.head)),
                (_("Areas are counted in"), Verbatim(self.info.equal_area)),
                (_("Id of the register"), Verbatim(self.info.id)),
            ),
        )


def read_basis(source: DocumentSource, true: dt.date | None, known: int | dt.date | None) -> Basis:
    """Return the basis of a document.

    Args:
        source: the register.
        true: the day for which the figures hold; None: the latest state.
        known: a place or a day in the acceptance log; None: everything accepted.
    """
    return Basis(source.info, true, source.checkpoint(known))


def notices(info: Info) -> tuple[str, ...]:
    """Return the notice of the data, if it has one."""
    return (info.notice.strip(),) if info.notice.strip() else ()


def notice_note(info: Info) -> tuple[Note, ...]:
    """Return the note that prints source and licence of the data."""
    lines = notices(info)
    return (Note(lines, _("Source and licence of the data")),) if lines else ()


ROUNDING = _("Every figure is rounded once, to what is printed; a total may therefore differ from the sum of its rows.")
