"""State is a fold: the accepted changes of an entity, in the order (decided, origin, sequence), laid over each other.

Nothing here reads a file. Two changes made apart from the same base on the same field with different values make a
conflict: both values are kept and shown, and until a later change that knew both decides, the worse stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

HAZARD_ORDER = ("indication", "sha", "cha")
# Records that lower: between two versions of them the one that releases or counts less stands.
LOWERING_RECORDS = frozenset({"release_product", "searched_area"})


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted change of one entity.

    ``known`` is the place in this register's acceptance log; ``order`` is (decided, origin, sequence, place in act).
    """

    act: str
    kind: str
    known: int
    order: tuple[str, str, int, int]
    entity: str
    record: str
    base: str | None
    valid_from: str | None
    valid_to: str | None
    patch: dict[str, Any]
    undoes: str | None = None
    report: str | None = None
    reason: str | None = None
    lowering: bool = False
    entered_by: str = ""
    approved_by: str = ""

    @property
    def decided(self) -> str:
        """When it was decided (ISO 8601, UTC)."""
        return self.order[0]

    def holds(self, true: str | None) -> bool:
        """Return whether it holds on a day (``YYYY-MM-DD``); None asks for the latest, open-ended state."""
        if true is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= true) and (self.valid_to is None or true < self.valid_to)


@dataclass(slots=True)
class State:
    """What an entity is after a fold."""

    values: dict[str, Any] = field(default_factory=dict)
    head: str | None = None
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    exists: bool = False


def undone_acts(changes: Iterable[Change]) -> frozenset[str]:
    """Return the acts that later acts undid. An undoing that was itself undone counts for nothing."""
    undoings = {change.act: (change.order[:3], change.undoes) for change in changes if change.undoes}
    undone: set[str] = set()
    for act, (_, target) in sorted(undoings.items(), key=lambda item: item[1][0], reverse=True):
        if act not in undone and target is not None:
            undone.add(target)
    return frozenset(undone)


def worse(record: str, name: str, ours: Any, theirs: Any) -> Any:
    """Return the value that stands while two are in conflict: the more hazardous, or both where they can be joined."""
    if name == "geometry":
        both = [part for value in (ours, theirs) for part in _parts(value)]
        return {"both": both, "joined": "least" if record in LOWERING_RECORDS else "union"}
    if name == "classification":
        ranked = [value for value in (ours, theirs) if value in HAZARD_ORDER]
        return max(ranked, key=HAZARD_ORDER.index) if ranked else ours
    if name == "contamination" and isinstance(ours, list) and isinstance(theirs, list):
        if record in LOWERING_RECORDS:
            return sorted(set(ours) & set(theirs)) or ["unknown"]
        return sorted(set(ours) | set(theirs))
    if name == "record_status":
        keeps = "withdrawn" if record in LOWERING_RECORDS else "current"
        return keeps if keeps in (ours, theirs) else ours
    if name in ("depth_from", "depth_to", "depth"):
        return {"absent": "unknown"}  # unknown opens all bands of a hazard and releases none of a product
    return ours


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict) and "both" in value:
        return list(value["both"])
    return [] if value is None else [value]


def fold(changes: Sequence[Change], true: str | None, undone: frozenset[str] = frozenset()) -> State:
    """Fold one entity's changes.

    Args:
        changes: all accepted changes of the entity, in any order.
        true: the day asked for, or None for the latest state.
        undone: acts that count for nothing.
    """
    state = State()
    live = sorted((change for change in changes if change.act not in undone), key=lambda change: change.order)
    place = {change.act: index for index, change in enumerate(live)}
    for index, change in enumerate(live):
        if not change.holds(true):
            continue
        seen = place.get(change.base, -1) if change.base is not None else (index if not state.exists else -1)
        apart = [
            other
            for other in live[seen + 1 : index]
            if other.holds(true) and other.act != change.act and not _knew(live, place, change, other)
        ]
        for name, value in change.patch.items():
            against = [other for other in apart if name in other.patch and other.patch[name] != value]
            if against and state.exists:
                ours = state.values.get(name)
                state.values[name] = worse(change.record, name, ours, value)
                state.conflicts.append(
                    {
                        "field": name,
                        "acts": [other.act for other in against] + [change.act],
                        "values": [other.patch[name] for other in against] + [value],
                    }
                )
            else:
                state.values[name] = value
                state.conflicts = [conflict for conflict in state.conflicts if conflict["field"] != name]
        state.head = change.act
        state.exists = True
    return state


def _knew(live: Sequence[Change], place: dict[str, int], change: Change, other: Change) -> bool:
    """Return whether ``change`` was made in knowledge of ``other``: it lies on the line of its bases."""
    base = change.base
    steps = 0
    while base is not None and base in place and steps <= len(live):
        if base == other.act:
            return True
        base = live[place[base]].base
        steps += 1
    return False
