"""A small reference model of a register: the oracle that every store is compared with.

It keeps reports and acts in lists and answers by going through all of them. Nothing is indexed, nothing is cached,
nothing is fast; that is the point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

RANK = {"indication": 0, "sha": 1, "cha": 2}


@dataclass
class ModelChange:
    """One change: who it changes, what, from when, knowing what."""

    act: int
    entity: str
    patch: dict[str, Any]
    start: str | None
    knew: int  # acts up to this number were known to who made it
    end: str | None = None


@dataclass
class Model:
    """Acts in the order in which they were decided and accepted (one origin, so the two orders are one)."""

    changes: list[ModelChange] = field(default_factory=list)
    undone: dict[int, int] = field(default_factory=dict)  # act that undoes → act undone
    acts: int = 0

    def add(self, changes: list[tuple[str, dict[str, Any], str | None]], knew: int | None = None) -> int:
        """Accept one act; returns its number."""
        self.acts += 1
        seen = self.acts - 1 if knew is None else knew
        self.changes += [ModelChange(self.acts, entity, patch, start, seen) for entity, patch, start in changes]
        return self.acts

    def undo(self, act: int) -> int:
        """Accept an act that undoes another."""
        self.acts += 1
        self.undone[self.acts] = act
        return self.acts

    def _void(self, known: int) -> set[int]:
        void: set[int] = set()
        for undoer in sorted((item for item in self.undone if item <= known), reverse=True):
            if undoer not in void:
                void.add(self.undone[undoer])
        return void

    def state(self, entity: str, true: str | None, known: int) -> dict[str, Any] | None:
        """Return an entity's values on a day as known after an act, or None if it is not there."""
        void = self._void(known)
        values: dict[str, Any] = {}
        there = False
        mine = [item for item in self.changes if item.entity == entity and item.act <= known and item.act not in void]
        held = [item for item in mine if _holds(item, true)]
        for item in held:
            apart = [other for other in held if item.knew < other.act < item.act]
            for name, value in item.patch.items():
                if there and any(name in other.patch and other.patch[name] != value for other in apart):
                    values[name] = _worse(name, values.get(name), value)
                else:
                    values[name] = value
            there = True
        return values if there else None


def _holds(item: ModelChange, true: str | None) -> bool:
    if true is None:
        return item.end is None
    return (item.start is None or item.start <= true) and (item.end is None or true < item.end)


def _worse(name: str, ours: Any, theirs: Any) -> Any:
    if name == "classification":
        return ours if RANK[ours] >= RANK[theirs] else theirs
    if name == "contamination":
        return sorted({*ours, *theirs})
    return ours
