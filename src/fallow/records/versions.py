"""The versions of a record type: one row per accepted change, in the order in which states fold.

The order is (decided, origin, sequence), never arrival: a change accepted late may stand before earlier ones and
changes the states after it. So the versions at an earlier acceptance are not simply fewer rows: the register reads
them again (``reread``), or, for columns without a register behind them, states are folded again here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from fallow.records.batch import Shapes
from fallow.records.errors import BadColumns
from fallow.records.values import Wire

State = dict[str, Wire]


class Version(NamedTuple):
    """One accepted change of one entity and the state after it; the parts are those of :class:`Versions`."""

    entity: str
    act: str
    act_kind: str
    reason: str | None
    lowering: bool
    seq: int
    decided: dt.date
    accepted: dt.datetime
    valid_from: dt.date | None
    valid_to: dt.date | None
    state: State
    changed: tuple[str, ...]
    geometry: shapely.Geometry | None
    report: str | None
    approved_by: str
    entered_by: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Versions:
    """Accepted changes of one record type, column-wise, in fold order. All columns have the same length.

    Args:
        record: name of the record.
        entity: UUIDs of the entities.
        act: ids of the acts.
        act_kind: kinds of the acts.
        reason: reasons of acts that lower hazard (list ``lowering_reason``), else None.
        lowering: whether the change lowers hazard.
        seq: acceptance sequence, int64.
        decided: when it was decided.
        accepted: when the register accepted it.
        valid_from: first day on which it holds, None: open.
        valid_to: first day on which it no longer holds, None: open.
        state: wire states of the entity after the change.
        changed: names of the fields that the change sets; ``geometry`` among them where it sets the shape.
        geometry: shapes after the change in WGS 84, longitude first; None where there is none.
        report: ids of the reports behind them, or None.
        approved_by: who approved.
        entered_by: who entered.
        reread: gives the versions as known at a sequence; see :meth:`known`. It does not travel with a pickle.

    Raises:
        BadColumns: columns differ in length.
    """

    record: str
    entity: list[str]
    act: list[str]
    act_kind: list[str]
    reason: list[str | None]
    lowering: list[bool]
    seq: npt.NDArray[np.int64]
    decided: list[dt.date]
    accepted: list[dt.datetime]
    valid_from: list[dt.date | None]
    valid_to: list[dt.date | None]
    state: list[State]
    changed: list[tuple[str, ...]]
    geometry: Shapes
    report: list[str | None]
    approved_by: list[str]
    entered_by: list[str]
    reread: Callable[[int], Versions] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in Version._fields}
        if len(set(lengths.values())) > 1:
            raise BadColumns(what=self.record, lengths=lengths)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("record", *Version._fields)} | {"reread": None}

    @classmethod
    def empty(cls, record: str) -> Versions:
        """Return no versions of a record."""
        columns: dict[str, Any] = {name: [] for name in Version._fields}
        columns["seq"] = np.zeros(0, np.int64)
        columns["geometry"] = np.zeros(0, object)
        return cls(record=record, **columns)

    def __len__(self) -> int:
        return len(self.entity)

    def __iter__(self) -> Iterator[Version]:
        return (self.row(number) for number in range(len(self)))

    def row(self, number: int) -> Version:
        """Return one row with its parts named."""
        return Version(*(getattr(self, name)[number] for name in Version._fields))

    @cached_property
    def rows_by_entity(self) -> dict[str, npt.NDArray[np.int64]]:
        """Entity → positions of its rows in fold order; entities in the order of their first row."""
        positions: dict[str, list[int]] = {}
        for number, entity in enumerate(self.entity):
            positions.setdefault(entity, []).append(number)
        return {entity: np.asarray(rows, np.int64) for entity, rows in positions.items()}

    @property
    def entities(self) -> tuple[str, ...]:
        """The distinct entities in the order of their first row."""
        return tuple(self.rows_by_entity)

    @cached_property
    def decided_days(self) -> npt.NDArray[np.datetime64]:
        """Days of decision as ``datetime64[D]``."""
        return np.asarray(self.decided, "datetime64[D]")

    @cached_property
    def last_rows(self) -> npt.NDArray[np.int64]:
        """Positions of the last row of every entity, ascending: where each stands now."""
        return np.sort(np.asarray([rows[-1] for rows in self.rows_by_entity.values()], np.int64))

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_] | Sequence[int]) -> Versions:
        """Return the rows at these positions or under this mask, their states as they are.

        Args:
            rows: positions, or a mask of the length of the versions.
        """
        wanted = np.asarray(rows)
        if wanted.dtype == np.bool_:
            wanted = np.flatnonzero(wanted)
        wanted = wanted.astype(np.int64)
        listed = wanted.tolist()
        columns: dict[str, Any] = {}
        for name in Version._fields:
            values = getattr(self, name)
            columns[name] = values[wanted] if isinstance(values, np.ndarray) else [values[number] for number in listed]
        return Versions(record=self.record, **columns)

    def of(self, entity: str) -> Versions:
        """Return the versions of one entity; none are no error."""
        found = self.take(self.rows_by_entity.get(entity, np.zeros(0, np.int64)))
        if self.reread is None:
            return found
        return replace(found, reread=lambda seq: self.known(seq).of(entity))

    def known(self, seq: int) -> Versions:
        """Return the versions as they were when the register had accepted up to this sequence.

        Versions that come from a register read it again: an act that was undone later counts there, and a conflict
        stands as it stood. Without a register a change accepted later falls away, and where it stood before changes
        that stay, the states after it are folded again from what each change set; of a conflict the value that
        stands is kept.
        """
        if self.reread is not None:
            return self.reread(seq)
        keep = self.seq <= seq
        if keep.all():
            return self
        kept = self.take(keep)
        dropped = {self.entity[number] for number in np.flatnonzero(~keep)}
        for entity in dropped & kept.rows_by_entity.keys():
            rows = self.rows_by_entity[entity]
            if not keep[rows[: int(np.flatnonzero(keep[rows])[-1])]].all():
                kept._fold(entity)
        return kept

    def _fold(self, entity: str) -> None:
        """Fold the states of an entity again. Only for columns that this object has made itself."""
        state: State = {}
        shape: shapely.Geometry | None = None
        for number in self.rows_by_entity[entity]:
            after = self.state[number]
            state = dict(state)
            for name in self.changed[number]:
                if name in after:
                    state[name] = after[name]
                else:
                    state.pop(name, None)
            if "geometry" in self.changed[number]:
                shape = self.geometry[number]
            self.state[number] = state
            self.geometry[number] = shape
