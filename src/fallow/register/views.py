"""Reading the register in two times: what held on a day, as known at a place in the acceptance log."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely

from fallow.records import Snapshot, Versions
from fallow.register import clock, errors, inbox
from fallow.register.door import RAISING_RECORDS
from fallow.register.fold import Change, State, fold, undone_acts
from fallow.register.log import changes_of, read_acts

# Where one of these holds a report, nobody knows where it lies: it is counted among the held, and drawn nowhere.
MISPLACED = (
    "check.swapped_axes",
    "check.outside_country",
    "check.coordinates_out_of_range",
    "check.null_island",
    "check.zone_shift",
)
# What the register keeps of itself; no snapshot holds it.
OWN_RECORDS = frozenset({"register", "national_field"})


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in this register's acceptance log: everything accepted up to ``seq``, and the chain's head there."""

    seq: int
    at: dt.datetime | None
    head: str


def checkpoint(connection: sqlite3.Connection, at: dt.datetime | dt.date | int | None) -> Checkpoint:
    """Return the checkpoint at a time, a day (its end), a sequence, or the latest.

    Raises:
        UnknownEntity: a sequence beyond the log.
    """
    if isinstance(at, int):
        row = connection.execute("SELECT max(a.id) FROM act a WHERE a.id<=?", (at,)).fetchone()
        seq = row[0] or 0
        if at > seq:
            raise errors.UnknownEntity(entity=f"checkpoint {at}")
    elif at is None:
        seq = connection.execute("SELECT max(last) FROM acceptance").fetchone()[0] or 0
    else:
        text = clock.stamp(at) if isinstance(at, dt.datetime) else clock.end_of(at)
        seq = connection.execute("SELECT max(last) FROM acceptance WHERE accepted_at<=?", (text,)).fetchone()[0] or 0
    accepted = connection.execute(
        "SELECT accepted_at FROM acceptance WHERE first<=? AND last>=?", (seq, seq)
    ).fetchone()
    head = connection.execute("SELECT b.head FROM batch b JOIN act a ON a.batch=b.id WHERE a.id=?", (seq,)).fetchone()
    return Checkpoint(
        int(seq), None if accepted is None else clock.moment(accepted[0]), "" if head is None else bytes(head[0]).hex()
    )


class History:
    """All accepted changes up to a place in the log, decoded once, grouped by record and entity."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.upto = 0
        self.by_record: dict[str, dict[str, list[Change]]] = {}
        self.undone_by_seq: list[Change] = []
        self.ends: dict[str, int] = {}

    def refresh(self) -> None:
        """Read the acts that came since."""
        newest = self.connection.execute("SELECT max(id) FROM act").fetchone()[0] or 0
        if newest <= self.upto:
            return
        for act in read_acts(self.connection, "WHERE a.id>?", (self.upto,)):
            if act["undoes"]:
                self.undone_by_seq.append(
                    Change(
                        act["act"], act["kind"], act["known"], (act["decided"], act["origin"], act["seq"], 0), "", "", None,
                        None, None, {}, act["undoes"],
                    )
                )  # fmt: skip
            for change in changes_of(act):
                self.by_record.setdefault(change.record, {}).setdefault(change.entity, []).append(change)
        self.upto = newest

    def undone(self, known: int) -> frozenset[str]:
        """Return the acts that count for nothing at a place in the log."""
        return undone_acts(change for change in self.undone_by_seq if change.known <= known)

    def state(self, record: str, entity: str, true: str | None, known: int) -> State:
        """Return one entity's state."""
        changes = self.by_record.get(record, {}).get(entity, [])
        return fold([change for change in changes if change.known <= known], true, self.undone(known))

    def states(self, record: str, true: str | None, known: int) -> dict[str, State]:
        """Return the state of every entity of a type that exists then, in the order of first acceptance."""
        undone = self.undone(known)
        found: dict[str, State] = {}
        for entity, changes in self.by_record.get(record, {}).items():
            if len(changes) == 1:
                only = changes[0]
                if only.known <= known and only.act not in undone and only.holds(true):
                    found[entity] = State(only.patch, only.act, [], True)
                continue
            state = fold([change for change in changes if change.known <= known], true, undone)
            if state.exists:
                found[entity] = state
        return found


def bodies(connection: sqlite3.Connection, digests: set[str]) -> dict[str, bytes]:
    """Return the WKB of shapes by digest (hex)."""
    ordered = sorted(digests)
    if len(ordered) > 20_000:
        wanted = set(ordered)
        return {
            key: body
            for digest, body in connection.execute("SELECT digest, body FROM content")
            if (key := bytes(digest).hex()) in wanted
        }
    found: dict[str, bytes] = {}
    for start in range(0, len(ordered), 500):
        some = [bytes.fromhex(digest) for digest in ordered[start : start + 500]]
        marks = ",".join("?" * len(some))
        found.update(
            (bytes(digest).hex(), body)
            for digest, body in connection.execute(f"SELECT digest, body FROM content WHERE digest IN ({marks})", some)
        )
    return found


def geometry_digests(value: Any) -> list[str]:
    """Return the digests that a geometry value names (two while it is in conflict)."""
    if not isinstance(value, dict):
        return []
    if "both" in value:
        return [digest for part in value["both"] for digest in geometry_digests(part)]
    return [value["digest"]] if "digest" in value else []


def shape_of(value: Any, wkb: dict[str, bytes]) -> Any:
    """Return the shape of a geometry value; in conflict the union stands (of what lowers: only what both cover)."""
    digests = geometry_digests(value)
    if not digests:
        return None
    shapes = shapely.from_wkb([wkb[digest] for digest in digests])
    if len(shapes) == 1:
        return shapes[0]
    shapes = shapely.make_valid(shapes)
    if value.get("joined") == "least":
        return shapely.intersection_all(shapes)
    return shapely.union_all(shapes)


def with_conflicts(state: State) -> dict[str, Any]:
    """Return the values of a state, with its open conflicts under ``_conflicts``."""
    return {**state.values, "_conflicts": state.conflicts} if state.conflicts else state.values


def snapshot(
    connection: sqlite3.Connection,
    history: History,
    *,
    register_id: str,
    synthetic: bool,
    true: dt.date | None,
    known: Checkpoint,
    with_inbox: bool,
) -> Snapshot:
    """Build the snapshot of a day as known at a checkpoint."""
    day = None if true is None else true.isoformat()
    tables: dict[str, tuple[list[str], list[dict[str, Any]], list[bytes | None]]] = {}
    for record in sorted(set(history.by_record) - OWN_RECORDS):
        found = history.states(record, day, known.seq)
        ids = list(found)
        rows = [with_conflicts(state) for state in found.values()]
        tables[record] = (ids, rows, _wkbs(connection, rows))
    unverified: dict[str, tuple[list[str], list[dict[str, Any]], list[bytes | None]]] = {}
    held: list[dict[str, Any]] = []
    if with_inbox:
        unverified = unverified_reports(connection)
        held = held_rows(connection)
    return Snapshot.build(
        register_id=register_id,
        true=true,
        known_seq=known.seq,
        known_at=known.at,
        synthetic=synthetic,
        tables=tables,
        unverified=unverified,
        held=held,
    )


def _wkbs(connection: sqlite3.Connection, rows: list[dict[str, Any]]) -> list[bytes | None]:
    wanted: set[str] = set()
    for row in rows:
        wanted.update(geometry_digests(row.get("geometry")))
    if not wanted:
        return [None] * len(rows)
    wkb = bodies(connection, wanted)
    found: list[bytes | None] = []
    for row in rows:
        value = row.get("geometry")
        digests = geometry_digests(value)
        if len(digests) == 1:
            found.append(wkb[digests[0]])
        else:
            shape = shape_of(value, wkb)
            found.append(None if shape is None else shapely.to_wkb(shape, output_dimension=2, byte_order=1))
    return found


def unverified_reports(
    connection: sqlite3.Connection,
) -> dict[str, tuple[list[str], list[dict[str, Any]], list[bytes | None]]]:
    """Return raising reports that nobody approved yet.

    Held ones are among them, for a report with a fault may be true; but not where the fault is its place.
    """
    array, names = inbox.states(connection)
    waiting = np.flatnonzero(np.isin(array, [names.index(name) for name in (*inbox.OPEN_STATES, inbox.HELD)]))
    found: dict[str, tuple[list[str], list[dict[str, Any]], list[bytes | None]]] = {}
    places = ",".join("?" * len(MISPLACED))
    for start in range(0, len(waiting), 500):
        some = [int(item) for item in waiting[start : start + 500]]
        marks = ",".join("?" * len(some))
        for uuid, form, fields, body in connection.execute(
            "SELECT r.uuid, r.form, r.fields, c.body FROM report r LEFT JOIN content c ON c.id=r.geometry "
            f"WHERE r.id IN ({marks}) AND NOT EXISTS(SELECT 1 FROM check_result k WHERE k.report=r.id "
            f"AND k.severity='blocking' AND k.code IN ({places})) ORDER BY r.id",
            (*some, *MISPLACED),
        ):
            if form not in RAISING_RECORDS:
                continue
            values = orjson.loads(fields)
            if form == "evidence" and values.get("polarity") == "against":
                continue
            ids, rows, wkb = found.setdefault(form, ([], [], []))
            ids.append(uuid)
            rows.append(values)
            wkb.append(body)
    return found


def held_rows(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return what is held, with file, row, and every check result."""
    array, names = inbox.states(connection)
    held = np.flatnonzero(array == names.index(inbox.HELD))
    found: list[dict[str, Any]] = []
    for start in range(0, len(held), 500):
        some = [int(item) for item in held[start : start + 500]]
        marks = ",".join("?" * len(some))
        results: dict[int, list[dict[str, Any]]] = {}
        for report, code, severity, name, value, detail, repair in connection.execute(
            "SELECT report, code, severity, field, value, detail, repair FROM check_result "
            f"WHERE report IN ({marks}) ORDER BY id",
            some,
        ):
            results.setdefault(report, []).append(
                {
                    "code": code,
                    "severity": severity,
                    "field": name,
                    "value": value,
                    "detail": orjson.loads(detail),
                    "repair": None if repair is None else orjson.loads(repair),
                }
            )
        for report, uuid, form, file, row in connection.execute(
            "SELECT r.id, r.uuid, r.form, s.name, r.row FROM report r LEFT JOIN source s ON s.id=r.source "
            f"WHERE r.id IN ({marks}) ORDER BY r.id",
            some,
        ):
            found.append({"report": uuid, "record": form, "file": file, "row": row, "results": results.get(report, [])})
    return found


def versions(connection: sqlite3.Connection, history: History, record: str, known: int, entity: str | None) -> Versions:
    """Return every accepted change of a record type with the state after it, in fold order."""
    undone = history.undone(known)
    lines: list[tuple[Change, dict[str, Any], Any]] = []
    groups = history.by_record.get(record, {})
    chosen = groups if entity is None else {entity: groups.get(entity, [])}
    for changes in chosen.values():
        live = sorted(
            (change for change in changes if change.known <= known and change.act not in undone),
            key=lambda change: change.order,
        )
        for at, change in enumerate(live):
            if at == 0:
                values = change.patch
            else:
                # The state on the first day on which both the entity and this change hold.
                starts = [day for day in (change.valid_from, live[0].valid_from) if day is not None]
                values = with_conflicts(fold(live[: at + 1], max(starts, default=None)))
            lines.append((change, values, values.get("geometry")))
    lines.sort(key=lambda line: line[0].order)
    wanted: set[str] = set()
    for line in lines:
        wanted.update(geometry_digests(line[2]))
    wkb = bodies(connection, wanted)
    shapes = np.empty(len(lines), dtype=object)
    single = [
        (i, wkb[geometry_digests(line[2])[0]]) for i, line in enumerate(lines) if len(geometry_digests(line[2])) == 1
    ]
    if single:
        shapes[[i for i, _ in single]] = shapely.from_wkb([body for _, body in single])
    for i, line in enumerate(lines):
        if len(geometry_digests(line[2])) > 1:
            shapes[i] = shape_of(line[2], wkb)
    accepted = _accepted_at(connection)
    return Versions(
        record=record,
        entity=[line[0].entity for line in lines],
        act=[line[0].act for line in lines],
        act_kind=[line[0].kind for line in lines],
        reason=[line[0].reason for line in lines],
        lowering=[line[0].lowering for line in lines],
        seq=np.array([line[0].known for line in lines], dtype=np.int64),
        decided=[dt.date.fromisoformat(line[0].decided[:10]) for line in lines],
        accepted=[accepted(line[0].known) for line in lines],
        valid_from=[_day(line[0].valid_from) for line in lines],
        valid_to=[_day(line[0].valid_to) for line in lines],
        state=[line[1] for line in lines],
        changed=[tuple(sorted(line[0].patch)) for line in lines],
        geometry=shapes,
        report=[line[0].report for line in lines],
        approved_by=[line[0].approved_by for line in lines],
        entered_by=[line[0].entered_by for line in lines],
        reread=lambda seq: versions(connection, history, record, seq, entity),
    )


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def _accepted_at(connection: sqlite3.Connection) -> Any:
    import bisect

    rows = connection.execute("SELECT last, accepted_at FROM acceptance ORDER BY first").fetchall()
    lasts = [row[0] for row in rows]
    moments = [clock.moment(row[1]) for row in rows]
    return lambda seq: moments[bisect.bisect_left(lasts, seq)]
