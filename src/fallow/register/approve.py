"""Approval: reports become acts. One report makes one atomic set of changes; a batch of approvals is kept whole or not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely

from fallow.errors import FallowError
from fallow.register import door, errors, inbox, outside, reconcile, validity, views
from fallow.register.fold import State
from fallow.register.ids import uuid7s
from fallow.register.log import NewAct, Patch

# What others refer to comes first, so that references made in one approval find their target.
ORDER = (
    "organisation",
    "team",
    "admin_unit",
    "place",
    "parcel",
    "document",
    "hazardous_area",
    "use_record",
    "task",
    "activity",
    "evidence",
    "marking",
    "searched_area",
    "release_product",
    "item_found",
    "accident",
)


class Incoming(NamedTuple):
    """One report up for approval."""

    id: int
    uuid: str
    form: str
    fields: bytes
    wkb: bytes | None
    entered_by: str
    sha256: str


@dataclass(slots=True)
class Context:
    """What approval needs of the register."""

    connection: sqlite3.Connection
    history: views.History
    definitions: Any
    equal_area: str
    decided: str
    known: int
    synthetic: bool
    reason: str | None
    evidence: list[str]
    outside: str
    issued: dict[tuple[str, str, str], str] = field(default_factory=dict)  # (record, issuer, value) → new entity
    made: list[tuple[str, Any]] = field(default_factory=list)  # new hazardous areas with their shapes


@dataclass(slots=True)
class Approval:
    """What an approval did."""

    acts: list[str] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    approved: int = 0
    unchanged: int = 0  # reports that said nothing new
    left: dict[str, int] = field(default_factory=dict)  # code → reports left in the inbox
    conflicts: int = 0
    outside_m2: float = 0.0


def load(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Incoming]:
    """Read reports by row id, in that order."""
    query = (
        "SELECT r.id, r.uuid, r.form, r.fields, c.body, a.name, r.sha256 FROM report r LEFT JOIN content c "
        "ON c.id=r.geometry JOIN actor a ON a.id=r.actor WHERE r.id "
    )
    ordered = sorted(ids)
    found: list[Incoming] = []
    if ordered and ordered[-1] - ordered[0] == len(ordered) - 1:  # the usual import: one run without gaps
        rows = connection.execute(f"{query} BETWEEN ? AND ? ORDER BY r.id", (ordered[0], ordered[-1]))
        return [Incoming._make(row) for row in rows]
    for start in range(0, len(ordered), inbox.CHUNK):
        some = ordered[start : start + inbox.CHUNK]
        marks = ",".join("?" * len(some))
        rows = connection.execute(f"{query} IN ({marks}) ORDER BY r.id", some)
        found += [Incoming._make(row) for row in rows]
    return found


def make_acts(
    context: Context, incoming: list[Incoming], refuse: Callable[[Incoming, FallowError], None]
) -> list[NewAct]:
    """Turn reports into acts.

    Args:
        context: what approval needs.
        incoming: the reports.
        refuse: called with a report that cannot be approved as it stands; it may raise, or leave the report waiting.
    """
    acts: list[NewAct] = []
    groups: dict[str, list[Incoming]] = {}
    for report in incoming:
        groups.setdefault(report.form, []).append(report)
    for form in sorted(groups, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        if form.startswith("act."):
            acts += [act for report in groups[form] if (act := _proposed(context, report, refuse)) is not None]
        else:
            acts += _records(context, form, groups[form], refuse)
    return acts


def _records(
    context: Context, record: str, reports: list[Incoming], refuse: Callable[[Incoming, FallowError], None]
) -> list[NewAct]:
    values = [orjson.loads(report.fields) for report in reports]
    resolved = _resolve_refs(context, record, values)
    shapes = np.empty(len(reports), dtype=object)
    drawn = [i for i, report in enumerate(reports) if report.wkb is not None]
    if drawn:
        shapes[drawn] = shapely.from_wkb([reports[i].wkb for i in drawn])
    issued = [_issued(row) for row in values]
    matches = _matches(context, record, reports, issued, shapes)
    fresh = context.made
    beyond: dict[int, outside.Outside] = {}
    area_ids: list[str] = []
    if record == "release_product":
        area_ids, area_shapes = _areas(context)
        beyond = outside.outside(shapes, area_shapes, context.equal_area)
    entities = uuid7s(len(reports))
    acts: list[NewAct] = []
    known = context.history.by_record.get(record, {})
    for i, report in enumerate(reports):
        match = matches[i]
        if match.kind is None:
            refuse(report, _undecided(report, match))
            continue
        if match.kind == reconcile.NEW:
            found = _claim(context, record, entities[i], issued[i])
            if found is not None:  # the same issued id came twice in one approval: the second waits to be an update
                refuse(report, errors.NeedsDecision(report=report.uuid, candidates=found))
                continue
            try:
                act = _new(context, record, report, entities[i], values[i], i in resolved)
                if i in beyond:
                    _decide_outside(context, act, beyond[i], values[i], area_ids)
            except (errors.NeedsReason, errors.NeedsEvidence) as error:
                refuse(report, error)
                continue
            if record == "hazardous_area":
                fresh.append((entities[i], shapes[i]))
            acts.append(act)
            continue
        if match.entity is None or match.entity not in known:
            refuse(report, errors.UnknownEntity(entity=match.entity or ""))
            continue
        try:
            acts.append(_update(context, record, report, match.entity, values[i], shapes[i], match.kind))
        except (errors.NeedsReason, errors.NeedsEvidence) as error:
            refuse(report, error)
    return acts


def _undecided(report: Incoming, match: reconcile.Match) -> FallowError:
    listed = ", ".join(
        f"{candidate.entity} ({candidate.why}, {candidate.share:.0%})" for candidate in match.candidates[:3]
    )
    return errors.NeedsDecision(report=report.uuid, candidates=listed)


def _new(context: Context, record: str, report: Incoming, entity: str, values: dict[str, Any], changed: bool) -> NewAct:
    lowering = door.lowered(record, None, values) if record in ("release_product", "evidence") else []
    if lowering:
        door.pass_door(lowering, context.reason, context.evidence)
    patch = Patch(
        entity,
        record,
        values,
        None,
        validity.valid_from(record, values, context.decided),
        None,
        not changed,
    )
    return NewAct(
        "release" if record == "release_product" else "record",
        [patch],
        report.id,
        report.uuid,
        report.sha256,
        report.entered_by,
        context.reason if lowering else None,
        context.evidence if lowering else [],
        lowering,
    )


def _update(
    context: Context, record: str, report: Incoming, entity: str, values: dict[str, Any], shape: Any, kind: str
) -> NewAct:
    base, before = _seen(context, record, report, entity)
    patch: dict[str, Any] = {}
    if kind == reconcile.UPDATE:
        patch = {
            name: value
            for name, value in values.items()
            if before.values.get(name) != value and not (isinstance(value, dict) and value.get("absent") == "not_asked")
        }
        if "identifiers" in patch:
            held = before.values.get("identifiers") or []
            patch["identifiers"] = held + [issued for issued in patch["identifiers"] if issued not in held]
            if patch["identifiers"] == held:
                del patch["identifiers"]
        if _same_place(before.values.get("geometry"), patch.get("geometry")):
            del patch["geometry"]
    if not patch:
        relations = [[entity, "same_as_report", report.uuid]]
        return NewAct("same_as", [], report.id, report.uuid, report.sha256, report.entered_by, relations=relations)
    after = before.values | patch
    was_shape = _shape(context, before.values.get("geometry"))
    now_shape = shape if "geometry" in patch else was_shape
    lowering = door.lowered(record, before.values, after, was_shape, now_shape, context.equal_area)
    door.pass_door(lowering, context.reason, context.evidence)
    change = Patch(
        entity, record, patch, base, validity.update_from(record, patch, values, context.decided, bool(lowering)), None
    )
    return NewAct(
        "update",
        [change],
        report.id,
        report.uuid,
        report.sha256,
        report.entered_by,
        context.reason,
        context.evidence,
        lowering,
    )


def _seen(context: Context, record: str, report: Incoming, entity: str) -> tuple[str | None, State]:
    """Return the version that whoever reconciled the report saw, and the state at it; else the present one."""
    row = context.connection.execute(
        "SELECT base FROM decision WHERE report=? ORDER BY id DESC LIMIT 1", (report.id,)
    ).fetchone()
    if row is not None and row[0] is not None:
        seen = [change.known for change in context.history.by_record[record][entity] if change.act == row[0]]
        if seen:
            return str(row[0]), context.history.state(record, entity, None, seen[0])
    before = context.history.state(record, entity, None, context.known)
    return before.head, before


def _same_place(before: Any, after: Any) -> bool:
    return isinstance(before, dict) and isinstance(after, dict) and before.get("digest") == after.get("digest")


def _shape(context: Context, value: Any) -> Any:
    digests = set(views.geometry_digests(value))
    return views.shape_of(value, views.bodies(context.connection, digests)) if digests else None


def _proposed(context: Context, report: Incoming, refuse: Callable[[Incoming, FallowError], None]) -> NewAct | None:
    """Turn a proposed act (withdraw, merge, split, undo, correct …) into an act, through the door."""
    body = orjson.loads(report.fields)
    patches: list[Patch] = []
    lowering: list[str] = []
    if body.get("undoes"):
        lowering.append("undo")  # what an undoing lowers is not judged in parts: it always passes the door
    for change in body.get("changes", []):
        before = context.history.state(change["record"], change["entity"], None, context.known)
        after = before.values | change["patch"]
        lowering += door.lowered(
            change["record"],
            before.values if before.exists else None,
            after,
            _shape(context, before.values.get("geometry")),
            _shape(context, after.get("geometry")),
            context.equal_area,
        )
        start = change.get("from") or validity.update_from(
            change["record"], change["patch"], {}, context.decided, bool(lowering)
        )
        patches.append(
            Patch(change["entity"], change["record"], change["patch"], change.get("base"), start, change.get("to"))
        )
    lowering = list(dict.fromkeys(lowering))
    reason = context.reason or body.get("reason")
    evidence = context.evidence or list(body.get("evidence", []))
    try:
        door.pass_door(lowering, reason, evidence)
    except (errors.NeedsReason, errors.NeedsEvidence) as error:
        refuse(report, error)
        return None
    return NewAct(
        report.form.removeprefix("act."),
        patches,
        report.id,
        report.uuid,
        report.sha256,
        report.entered_by,
        reason,
        evidence,
        lowering,
        [list(link) for link in body.get("relations", [])],
        undoes=body.get("undoes"),
    )


def _issued(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the identifiers that a report states: (issuer, value)."""
    return [
        (str(issued.get("issuer") or ""), str(issued["value"]))
        for issued in values.get("identifiers") or ()
        if isinstance(issued, dict) and issued.get("value")
    ]


def _matches(
    context: Context, record: str, reports: list[Incoming], issued: list[list[tuple[str, str]]], shapes: Any
) -> list[reconcile.Match]:
    entities = reconcile.by_identifier(context.connection, record, issued)
    places: dict[int, list[reconcile.Candidate]] = {}
    if context.history.by_record.get(record) and record not in reconcile.SHARED_PLACE:
        ids, existing = shapes_of(context.connection, context.history, record, context.known)
        places = reconcile.by_place(record, shapes, ids, existing)
    decided = decisions(context.connection, [report.id for report in reports])
    found: list[reconcile.Match] = []
    for i, report in enumerate(reports):
        match = reconcile.decide(entities[i], places.get(i, ()))
        if report.id in decided:
            kind, entity = decided[report.id]
            match = reconcile.Match(kind, entity, match.candidates)
        found.append(match)
    return found


def match_one(context: Context, report: Incoming) -> reconcile.Match:
    """Return what one report would be taken for."""
    shapes = np.empty(1, dtype=object)
    if report.wkb is not None:
        shapes[0] = shapely.from_wkb(report.wkb)
    return _matches(context, report.form, [report], [_issued(orjson.loads(report.fields))], shapes)[0]


def decisions(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Return the last decision of each report that has one."""
    if connection.execute("SELECT 1 FROM decision LIMIT 1").fetchone() is None:
        return {}
    found: dict[int, tuple[str, str | None]] = {}
    for start in range(0, len(ids), inbox.CHUNK):
        some = ids[start : start + inbox.CHUNK]
        marks = ",".join("?" * len(some))
        for report, kind, entity in connection.execute(
            f"SELECT report, kind, entity FROM decision WHERE report IN ({marks}) ORDER BY id", some
        ):
            found[report] = (kind, entity)
    return found


def shapes_of(connection: sqlite3.Connection, history: views.History, record: str, known: int) -> tuple[list[str], Any]:
    """Return the entities of a type with their shapes (WGS 84); those without a shape are left out."""
    states = history.states(record, None, known)
    drawn = {
        entity: state.values["geometry"]
        for entity, state in states.items()
        if views.geometry_digests(state.values.get("geometry"))
        and state.values.get("record_status", "current") == "current"
    }
    wkb = views.bodies(connection, {digest for value in drawn.values() for digest in views.geometry_digests(value)})
    shapes = np.empty(len(drawn), dtype=object)
    for i, value in enumerate(drawn.values()):
        shapes[i] = views.shape_of(value, wkb)
    return list(drawn), shapes


def _areas(context: Context) -> tuple[list[str], Any]:
    ids, shapes = shapes_of(context.connection, context.history, "hazardous_area", context.known)
    fresh = [(entity, shape) for entity, shape in context.made if shape is not None]
    if fresh:
        added = np.empty(len(fresh), dtype=object)
        added[:] = [shape for _, shape in fresh]
        ids, shapes = ids + [entity for entity, _ in fresh], np.concatenate([shapes, added])
    return ids, shapes


def _decide_outside(
    context: Context, act: NewAct, part: outside.Outside, values: dict[str, Any], area_ids: list[str]
) -> None:
    """Add the linked change that the approver chose for ground outside recorded hazard."""
    act.note["outside"] = {"decision": context.outside, "m2": round(part.area_m2, 2)}
    if context.outside == outside.WORK_OUTSIDE:
        return
    geometry = dict(values["geometry"])
    if context.outside == outside.EXTEND:
        if not part.touches:
            act.note["outside"]["decision"] = outside.WORK_OUTSIDE
            return
        entity = area_ids[part.touches[0]]
        state = context.history.state("hazardous_area", entity, None, context.known)
        if not state.exists:
            act.note["outside"]["decision"] = outside.WORK_OUTSIDE
            return
        shape = shapely.union(shapely.make_valid(_shape(context, state.values["geometry"])), part.shape)
        patch = {"geometry": _stored(context, shape)}
        start = state.values.get("surveyed_on") or state.values.get("date_of_information") or {}
        act.patches.insert(0, Patch(entity, "hazardous_area", patch, state.head, start.get("from"), None))
        return
    entity = uuid7s(1)[0]
    hazard = {
        "classification": "indication",
        "contamination": values.get("contamination") or ["unknown"],
        "geometry": _stored(context, part.shape) | {"crs": geometry.get("crs")},
    }
    if context.synthetic:
        hazard["synthetic"] = True
    act.patches.insert(0, Patch(entity, "hazardous_area", hazard, None, act.patches[0].valid_from, None))


def _stored(context: Context, shape: Any) -> dict[str, Any]:
    """Store a shape that an act made, and return its geometry value."""
    import hashlib

    body = shapely.to_wkb(shape, output_dimension=2, byte_order=1)
    digest = hashlib.sha256(body).digest()
    inbox.store_contents(context.connection, {digest: body})
    return {"digest": digest.hex(), "surveyed": digest.hex(), "crs": "EPSG:4326", "operation": None}


def _claim(context: Context, record: str, entity: str, issued: Sequence[tuple[str, str]]) -> str | None:
    """Claim issued identifiers for a new entity; returns the entity that claimed one of them before, if any."""
    for issuer, value in issued:
        first = context.issued.setdefault((record, issuer, value), entity)
        if first != entity:
            return first
    return None


def _resolve_refs(context: Context, record: str, values: list[dict[str, Any]]) -> frozenset[int]:
    """Put the entity in the place of a typed reference where its issued id is known; return the rows changed."""
    definition = context.definitions.get(record)
    if definition is None:
        return frozenset()
    references = {
        name: tuple(item.refers or ()) for name, item in definition.fields.items() if item.type in ("ref", "refs")
    }
    waiting: list[tuple[int, dict[str, Any], tuple[str, ...]]] = []
    for i, row in enumerate(values):
        for name in references.keys() & row.keys():
            value = row[name]
            waiting += [
                (i, item, references[name])
                for item in (value if isinstance(value, list) else [value])
                if isinstance(item, dict) and "ref" not in item and item.get("typed")
            ]
    if not waiting:
        return frozenset()
    found: dict[tuple[str, str, str], str] = {}
    for target in sorted({target for _, _, targets in waiting for target in targets}):
        asked = sorted(
            {(str(item.get("issuer") or ""), str(item["typed"])) for _, item, targets in waiting if target in targets}
        )
        for key, entities in zip(
            asked, reconcile.by_identifier(context.connection, target, [[key] for key in asked]), strict=True
        ):
            fresh = context.issued.get((target, *key))
            if len(entities) == 1 or fresh is not None:
                found[(target, *key)] = entities[0] if len(entities) == 1 else str(fresh)
    changed: set[int] = set()
    for i, item, targets in waiting:
        wanted = (str(item.get("issuer") or ""), str(item["typed"]))
        entity = next((found[(target, *wanted)] for target in targets if (target, *wanted) in found), None)
        if entity is not None:
            item["ref"] = entity
            changed.add(i)
    return frozenset(changed)
