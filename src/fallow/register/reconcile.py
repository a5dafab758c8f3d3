"""Matching a report with what the register has: new, update of an entity, or the same as one.

Candidates are found by issued id, by the same shape, and by overlap. A match by issued id is taken without asking; a
match by place alone waits for a person's decision.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

NEW, UPDATE, SAME_AS = "new", "update", "same_as"
# One piece of land is rightly the place of many activities and searches.
SHARED_PLACE = frozenset(
    {
        "activity",
        "searched_area",
        "release_product",
        "evidence",
        "item_found",
        "accident",
        "marking",
        "task",
        "document",
    }
)
LIKELY_SAME = 0.8


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that a report may be about."""

    entity: str
    why: str  # "identifier", "same_shape", "overlap"
    share: float  # 1.0, or intersection over union


@dataclass(frozen=True, slots=True)
class Match:
    """What a report is taken for, and what else it might be."""

    kind: str | None  # None: a person must decide
    entity: str | None
    candidates: tuple[Candidate, ...]


PLAIN_NEW = Match(NEW, None, ())


def by_identifier(
    connection: sqlite3.Connection, record: str, wanted: Sequence[Sequence[tuple[str, str]]]
) -> list[tuple[str, ...]]:
    """Return for each report the entities of a record type that carry one of its issued identifiers."""
    found: dict[tuple[str, str], list[str]] = {}
    if connection.execute("SELECT 1 FROM identifier LIMIT 1").fetchone() is None:
        return [()] * len(wanted)
    values = sorted({value for issued in wanted for _, value in issued})
    for start in range(0, len(values), 500):
        some = values[start : start + 500]
        marks = ",".join("?" * len(some))
        for issuer, value, entity in connection.execute(
            "SELECT DISTINCT i.issuer, i.value, e.uuid FROM identifier i JOIN entity e ON e.id=i.entity "
            f"WHERE i.value IN ({marks}) AND e.record=? ORDER BY e.id",
            (*some, record),
        ):
            found.setdefault((issuer, value), []).append(entity)
    return [tuple(dict.fromkeys(entity for key in issued for entity in found.get(key, ()))) for issued in wanted]


def by_place(record: str, shapes: Any, ids: Sequence[str], existing: Any) -> dict[int, list[Candidate]]:
    """Return candidates by place: position of the shape → entities with the same or nearly the same shape.

    Args:
        record: record type; those that rightly share ground have none.
        shapes: array of the reports' shapes, WGS 84 (None entries allowed).
        ids: entities of the same type.
        existing: array of their shapes.
    """
    if record in SHARED_PLACE or not len(ids) or not len(shapes):
        return {}
    tree = shapely.STRtree(existing)
    ours, theirs = tree.query(shapes, predicate="intersects")
    if not len(ours):
        return {}
    mine, other = shapely.make_valid(shapes[ours]), shapely.make_valid(existing[theirs])
    same = shapely.equals(shapes[ours], existing[theirs])
    union = shapely.area(shapely.union(mine, other))
    both = shapely.area(shapely.intersection(mine, other))
    found: dict[int, list[Candidate]] = {}
    for at, entity, equal, joined, shared in zip(
        ours.tolist(), theirs.tolist(), same.tolist(), union.tolist(), both.tolist(), strict=True
    ):
        share = 1.0 if equal else (shared / joined if joined > 0 else 0.0)
        found.setdefault(at, []).append(Candidate(ids[entity], "same_shape" if equal else "overlap", share))
    for candidates in found.values():
        candidates.sort(key=lambda candidate: (-candidate.share, candidate.entity))
    return found


def decide(entities: tuple[str, ...], places: Sequence[Candidate]) -> Match:
    """Return the match of one report from its candidates."""
    if not entities and not places:
        return PLAIN_NEW
    named = tuple(Candidate(entity, "identifier", 1.0) for entity in entities)
    others = tuple(candidate for candidate in places if candidate.entity not in entities)
    candidates = named + others
    if len(entities) == 1:
        return Match(UPDATE, entities[0], candidates)
    if len(entities) > 1:
        return Match(None, None, candidates)
    if any(candidate.share >= LIKELY_SAME for candidate in others):
        return Match(None, None, candidates)
    return Match(NEW, None, candidates)
