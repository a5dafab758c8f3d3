"""The register at one date of both times, as every analysis and document reads it.

A snapshot holds the wire states of the records as they stood (``true``), as far as the register had accepted them
(``known``). Arrow tables and shapes are built from it on demand and kept. It cannot be written to the register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import shapely

from fallow.errors import Where
from fallow.records.batch import Shapes
from fallow.records.errors import BadColumns, UnknownRecord
from fallow.records.values import Wire
from fallow.terms.definitions import record_definitions

if TYPE_CHECKING:
    import pyarrow as pa

State = dict[str, Wire]
# ids, wire states, WKB (little-endian, WGS 84, longitude first; None where there is no shape), all of one length
Columns = tuple[Sequence[str], Sequence[State], Sequence[bytes | None]]


class Rows:
    """The rows of one record type: parallel lists, and what is built from them on demand.

    It answers like a snapshot that holds this record only, and unpacks into ids, wire states and shapes.

    Args:
        record: name of the record.
        ids: UUIDs of the entities.
        rows: wire states.
        wkb: shapes as WKB, None where there is none. An empty sequence stands for a record without shapes.

    Raises:
        UnknownRecord: there is no such record.
        BadColumns: the sequences differ in length.
    """

    __slots__ = ("_ids", "_index", "_rows", "_shapes", "_table", "_wkb", "record")

    def __init__(
        self, record: str, ids: Sequence[str], rows: Sequence[State], wkb: Sequence[bytes | None] = ()
    ) -> None:
        if record not in record_definitions():
            raise UnknownRecord(Where(value=record), record=record, records=tuple(record_definitions()))
        wkb = wkb if len(wkb) or not len(ids) else [None] * len(ids)
        if not len(ids) == len(rows) == len(wkb):
            raise BadColumns(what=record, lengths=(len(ids), len(rows), len(wkb)))
        self.record = record
        # Lists are taken as they are: the states of a large register are not copied from hand to hand.
        self._ids = ids if isinstance(ids, list) else list(ids)
        self._rows = rows if isinstance(rows, list) else list(rows)
        self._wkb = wkb if isinstance(wkb, list) else list(wkb)
        self._index: dict[str, int] | None = None
        self._shapes: Shapes | None = None
        self._table: pa.Table | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Any]:
        return iter((self._ids, self._rows, self.shapes()))

    def __contains__(self, entity: object) -> bool:
        return entity in self._positions()

    def __getstate__(self) -> tuple[str, list[str], list[State], list[bytes | None]]:
        # What can be built again does not travel.
        return self.record, self._ids, self._rows, self._wkb

    def __setstate__(self, state: tuple[str, list[str], list[State], list[bytes | None]]) -> None:
        self.record, self._ids, self._rows, self._wkb = state
        self._index = self._shapes = self._table = None

    def records(self) -> tuple[str, ...]:
        """Return the name of the record, if there are rows."""
        return (self.record,) if self._ids else ()

    def ids(self, record: str | None = None) -> list[str]:
        """Return the UUIDs of the entities; the list itself, not to be changed."""
        return self._ids if record in (None, self.record) else []

    def rows(self, record: str | None = None) -> list[State]:
        """Return the wire states; the list itself, not to be changed."""
        return self._rows if record in (None, self.record) else []

    def wkb(self, record: str | None = None) -> list[bytes | None]:
        """Return the shapes as WKB; the list itself, not to be changed."""
        return self._wkb if record in (None, self.record) else []

    def shapes(self, record: str | None = None) -> Shapes:
        """Return the shapes in WGS 84, longitude first; None where there is none. Read-only, built on first use."""
        if record not in (None, self.record):
            return np.empty(0, dtype=object)
        if self._shapes is None:
            self._shapes = shapely.from_wkb(np.fromiter(self._wkb, object, len(self._wkb)))
            self._shapes.flags.writeable = False
        return self._shapes

    def table(self) -> pa.Table:
        """Return the Arrow table, built on first use; see :mod:`fallow.records.arrow` for its columns."""
        if self._table is None:
            from fallow.records.arrow import build_table

            self._table = build_table(record_definitions()[self.record], self._ids, self._rows, self._wkb)
        return self._table

    def row(self, entity: str) -> State:
        """Return the wire state of one entity.

        Raises:
            KeyError: it is not among the rows.
        """
        return self._rows[self._positions()[entity]]

    def _positions(self) -> dict[str, int]:
        if self._index is None:
            self._index = {entity: number for number, entity in enumerate(self._ids)}
        return self._index


class Snapshot:
    """The register at one date of both times.

    Args:
        register_id: UUID of the register.
        true: the date at which things stood so; None: the latest versions.
        known_seq: last acceptance sequence of the register that is counted.
        known_at: when that was accepted; None: nothing was yet.
        synthetic: whether the register holds an invented land.
        rows: record → rows.
        unverified: record → rows of reports that raise hazard and are not yet approved.
        held: rows that could not be taken, as the inbox describes them; every map and export counts them.
    """

    __slots__ = ("_rows", "held", "known_at", "known_seq", "register_id", "synthetic", "true", "unverified")

    def __init__(
        self,
        *,
        register_id: str,
        true: dt.date | None,
        known_seq: int,
        known_at: dt.datetime | None,
        synthetic: bool,
        rows: Mapping[str, Rows],
        unverified: Mapping[str, Rows],
        held: list[dict[str, Any]],
    ) -> None:
        self.register_id = register_id
        self.true = true
        self.known_seq = known_seq
        self.known_at = known_at
        self.synthetic = synthetic
        self._rows = dict(rows)
        self.unverified = dict(unverified)
        self.held = held

    @classmethod
    def build(
        cls,
        *,
        register_id: str,
        true: dt.date | None,
        known_seq: int,
        known_at: dt.datetime | None,
        synthetic: bool,
        tables: Mapping[str, Columns],
        unverified: Mapping[str, Columns] | None = None,
        held: Sequence[dict[str, Any]] = (),
    ) -> Self:
        """Return a snapshot of columns: record → (ids, wire states, WKB). Lists are not copied.

        Raises:
            UnknownRecord: a record is not known.
            BadColumns: columns of one record differ in length.
        """
        return cls(
            register_id=register_id,
            true=true,
            known_seq=known_seq,
            known_at=known_at,
            synthetic=synthetic,
            rows={record: Rows(record, *columns) for record, columns in tables.items()},
            unverified={record: Rows(record, *columns) for record, columns in (unverified or {}).items()},
            held=held if isinstance(held, list) else list(held),
        )

    def records(self) -> tuple[str, ...]:
        """Return the names of the records of which there are rows, in the fixed order."""
        return tuple(name for name in record_definitions() if len(self._rows.get(name, ())))

    def of(self, record: str) -> Rows:
        """Return the rows of a record; none are no error.

        Raises:
            UnknownRecord: there is no such record.
        """
        if record not in self._rows:
            self._rows[record] = Rows(record, [], [])
        return self._rows[record]

    def count(self, record: str) -> int:
        """Return how many rows a record has."""
        return len(self.of(record))

    def ids(self, record: str) -> list[str]:
        """Return the UUIDs of a record's entities; the list itself, not to be changed."""
        return self.of(record).ids()

    def rows(self, record: str) -> list[State]:
        """Return the wire states of a record; the list itself, not to be changed."""
        return self.of(record).rows()

    def row(self, record: str, entity: str) -> State:
        """Return the wire state of one entity.

        Raises:
            KeyError: the record has no such entity in this snapshot.
        """
        return self.of(record).row(entity)

    def wkb(self, record: str) -> list[bytes | None]:
        """Return the shapes of a record as WKB; the list itself, not to be changed."""
        return self.of(record).wkb()

    def shapes(self, record: str) -> Shapes:
        """Return the shapes of a record (WGS 84, longitude first; None where there is none), built on first use."""
        return self.of(record).shapes()

    def table(self, record: str) -> pa.Table:
        """Return the Arrow table of a record, built on first use; see :mod:`fallow.records.arrow`."""
        return self.of(record).table()
