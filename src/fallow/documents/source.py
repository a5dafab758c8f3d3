"""What a document needs from a register: a few names, a snapshot, the versions of a record type, a checkpoint."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fallow.records import Snapshot, Versions


class Info(Protocol):
    """What a register says of itself. ``notice`` is the notice and licence of its data, or empty."""

    @property
    def id(self) -> str:
        """Id of the register."""

    @property
    def name(self) -> str:
        """Its name for people."""

    @property
    def country(self) -> str:
        """Code of the country."""

    @property
    def equal_area(self) -> str:
        """PROJ text of the system in which areas are counted."""

    @property
    def booking_basis(self) -> str:
        """Code of the list ``booking_basis``."""

    @property
    def synthetic(self) -> bool:
        """Whether it holds synthetic data."""

    @property
    def notice(self) -> str:
        """Notice and licence of the data."""


class Point(Protocol):
    """A checkpoint of the register's acceptance log."""

    @property
    def seq(self) -> int:
        """Place in the acceptance log."""

    @property
    def at(self) -> dt.datetime | None:
        """When the register accepted it; None while nothing is accepted."""

    @property
    def head(self) -> str:
        """Head of the chain there, in hexadecimal digits."""


class DocumentSource(Protocol):
    """A register, as documents read it."""

    @property
    def info(self) -> Info:
        """What it says of itself."""

    def snapshot(self, true: dt.date | None = None, known: int | None = None) -> Snapshot:
        """Return the register on a day, as known at a place of its acceptance log.

        ``true`` None is the latest state; ``known`` None is the present, which alone has an inbox.
        """

    def versions(self, record: str, known: int | None = None) -> Versions:
        """Return the accepted changes of a record type up to a place of the acceptance log."""

    def checkpoint(self, at: dt.date | int | None = None) -> Point:
        """Return the last checkpoint at or before a day or place; None: the latest."""
