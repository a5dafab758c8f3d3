"""The inbox: reports as they came, never changed, with their steps, check results and the rows that could not be taken.

A row of a file is one report. Its id is made of its content, so that sending twice is sending once; what people type
gets a UUIDv7 where it is made. Counts in = accepted + held + rejected, always.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
import shapely

from fallow.records.batch import Batch, CheckResult, Severity
from fallow.register import errors
from fallow.register.ids import content_uuid
from fallow.register.keys import KeyFolder, seal

SUBMITTED, HELD, REVIEWED, APPROVED, REJECTED, RETURNED = (
    "submitted",
    "held",
    "reviewed",
    "approved",
    "rejected",
    "returned",
)
OPEN_STATES = (SUBMITTED, REVIEWED)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the rows of one import: ``total == accepted + held + rejected``."""

    total: int
    accepted: int
    held: int
    rejected: int
    already_received: int  # of the rejected: rows that were in the inbox before
    unreadable: int  # of the rejected: what could not be made into a row
    source: int | None
    reports: tuple[str, ...]
    results: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "total": self.total,
            "accepted": self.accepted,
            "held": self.held,
            "rejected": self.rejected,
            "already_received": self.already_received,
            "unreadable": self.unreadable,
            "results": dict(sorted(self.results.items())),
        }


@dataclass(slots=True)
class Prepared:
    """Rows ready to be written: made outside the transaction, so that writers wait as little as possible."""

    uuids: list[str]
    sha256: list[str]  # of each report: see :func:`report_digest`
    fields: list[bytes]
    raws: list[bytes]
    contents: dict[bytes, bytes]
    geometry: list[bytes | None]
    sealed: list[tuple[int, str, str, str]]  # (position, field, person, text)


def report_digest(form: str, fields: bytes, raw: bytes) -> str:
    """Return the digest of a report (hex); the act that is made of it keeps it."""
    return hashlib.sha256(b"%b\0%b\0%b" % (form.encode(), fields, raw)).hexdigest()


def prepare(batch: Batch, personal: frozenset[str], synthetic: bool) -> Prepared:
    """Encode a batch as reports.

    Args:
        batch: the rows.
        personal: names of fields to take out and seal.
        synthetic: whether every row is to be flagged synthetic.
    """
    count = len(batch)
    names = sorted(name for name in batch.columns if name != "geometry")
    columns = [batch.columns[name] for name in names]
    contents: dict[bytes, bytes] = {}
    digests = _shape_digests(batch.geometry, contents, count)
    surveyed = digests if batch.surveyed is batch.geometry else _shape_digests(batch.surveyed, contents, count)
    operation = None if batch.operation is None else batch.operation.wire()
    crs = batch.source.crs
    dumps, sort = orjson.dumps, orjson.OPT_SORT_KEYS
    raw_names = list(batch.raw)
    raws = [
        dumps(dict(zip(raw_names, row, strict=True)), option=sort, default=str)
        for row in zip(*batch.raw.values(), strict=True)
    ]
    if not raws:
        raws = [b"{}"] * count
    sealed: list[tuple[int, str, str, str]] = []
    fields: list[bytes] = []
    hidden = [name for name in names if name in personal]
    rows: Iterable[tuple[Any, ...]] = zip(*columns, strict=True) if columns else (() for _ in range(count))
    digests_of: list[str] = []
    uuids: list[str] = []
    form = batch.record
    seen: dict[str, int] = {}
    sha256 = hashlib.sha256
    for i, row in enumerate(rows):
        values = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        if synthetic:
            values["synthetic"] = True
        digest = digests[i]
        if digest is not None:
            own = surveyed[i]
            values["geometry"] = {
                "crs": crs,
                "digest": digest.hex(),
                "operation": operation,
                "surveyed": (own or digest).hex(),
            }
        for name in hidden:
            text = values.get(name)
            if isinstance(text, str) and text.strip():
                sealed.append((i, name, "", text))
                del values[name]
        body = dumps(values, option=sort)
        raw = raws[i] if not hidden else _without(raws[i], sealed, i)
        raws[i] = raw
        # The identity of a row is its whole content; the n-th row with the same content is another report.
        key = report_digest(form, body, raw)
        again = seen.get(key, 0) + 1
        seen[key] = again
        digests_of.append(key)
        uuids.append(content_uuid(key if again == 1 else sha256(f"{key}{again}".encode()).hexdigest()))
        fields.append(body)
    return Prepared(uuids, digests_of, fields, raws, contents, digests, sealed)


def _without(raw: bytes, sealed: list[tuple[int, str, str, str]], position: int) -> bytes:
    """Take the texts that are sealed out of the row as received, wherever they stand in it."""
    texts = [text.strip() for at, _, _, text in sealed if at == position]
    if not texts:
        return raw
    row = orjson.loads(raw)
    return orjson.dumps(
        {
            name: ({"sealed": True} if isinstance(value, str) and any(text in value for text in texts) else value)
            for name, value in row.items()
        },
        option=orjson.OPT_SORT_KEYS,
    )


def _shape_digests(shapes: Any, contents: dict[bytes, bytes], count: int) -> list[bytes | None]:
    """Return the digest of each shape's little-endian 2D WKB; the bodies go into ``contents``."""
    if shapes is None:
        return [None] * count
    sha256 = hashlib.sha256
    digests: list[bytes | None] = []
    for body in shapely.to_wkb(shapes, output_dimension=2, byte_order=1).tolist():
        if body is None:
            digests.append(None)
            continue
        digest = sha256(body).digest()
        contents[digest] = body
        digests.append(digest)
    return digests


def known_uuids(connection: sqlite3.Connection, uuids: Sequence[str]) -> set[str]:
    """Return which reports are there already."""
    if connection.execute("SELECT 1 FROM report LIMIT 1").fetchone() is None:
        return set()
    found: set[str] = set()
    for start in range(0, len(uuids), CHUNK):
        some = uuids[start : start + CHUNK]
        marks = ",".join("?" * len(some))
        found.update(row[0] for row in connection.execute(f"SELECT uuid FROM report WHERE uuid IN ({marks})", some))
    return found


def store_contents(connection: sqlite3.Connection, contents: dict[bytes, bytes]) -> dict[bytes, int]:
    """Store bodies that are new; return the row id of each digest."""
    ordered = sorted(contents)
    ids: dict[bytes, int] = {}
    if connection.execute("SELECT 1 FROM content LIMIT 1").fetchone() is not None:
        for start in range(0, len(ordered), CHUNK):
            some = ordered[start : start + CHUNK]
            marks = ",".join("?" * len(some))
            ids.update(
                (bytes(digest), row_id)
                for digest, row_id in connection.execute(
                    f"SELECT digest, id FROM content WHERE digest IN ({marks})", some
                )
            )
    next_id = (connection.execute("SELECT max(id) FROM content").fetchone()[0] or 0) + 1
    rows = []
    for digest in ordered:
        if digest not in ids:
            ids[digest] = next_id
            rows.append((next_id, digest, contents[digest]))
            next_id += 1
    connection.executemany("INSERT INTO content VALUES(?,?,?)", rows)
    return ids


def write_reports(
    connection: sqlite3.Connection,
    batch: Batch,
    results: Sequence[CheckResult],
    prepared: Prepared,
    *,
    form_version: int,
    actor: int,
    now: str,
    keys: KeyFolder,
) -> Intake:
    """Write a batch into the inbox, inside the caller's transaction."""
    known = known_uuids(connection, prepared.uuids)
    fresh = [i for i, uuid in enumerate(prepared.uuids) if uuid not in known]
    unreadable = len(batch.unread)
    blocked = {result.index for result in results if result.severity is Severity.BLOCKING and result.index >= 0}
    held = sum(1 for i in fresh if i in blocked)
    counts = Intake(
        len(batch) + unreadable,
        len(fresh) - held,
        held,
        len(batch) - len(fresh) + unreadable,
        len(batch) - len(fresh),
        unreadable,
        None,
        tuple(prepared.uuids[i] for i in fresh),
        Counter(result.code for result in results),
    )
    if not fresh and not unreadable:
        return counts
    source = _write_source(connection, batch, actor, now, counts)
    connection.executemany(
        "INSERT INTO source_row VALUES(?,?,?,?)", [(source, row, code, text[:2000]) for row, text, code in batch.unread]
    )
    if len(fresh) == len(batch):
        contents = prepared.contents
    else:
        used = {prepared.geometry[i] for i in fresh}
        surveyed_too = {
            bytes.fromhex(orjson.loads(prepared.fields[i])["geometry"]["surveyed"])
            for i in fresh
            if prepared.geometry[i] is not None
        }
        contents = {digest: body for digest, body in prepared.contents.items() if digest in used | surveyed_too}
    ids = store_contents(connection, contents)
    first = (connection.execute("SELECT max(id) FROM report").fetchone()[0] or 0) + 1
    place = {i: first + n for n, i in enumerate(fresh)}
    fields = _seal(connection, prepared, place, keys)
    sealed = {position for position, _, _, _ in prepared.sealed}

    def digest_of(i: int) -> str:
        # Sealing puts a salted digest into the fields: what is kept is what is hashed.
        return report_digest(batch.record, fields[i], prepared.raws[i]) if i in sealed else prepared.sha256[i]

    rows = batch.rows.tolist()
    connection.executemany(
        "INSERT INTO report VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
        [
            (
                place[i],
                prepared.uuids[i],
                batch.record,
                form_version,
                source,
                rows[i],
                actor,
                now,
                None if (digest := prepared.geometry[i]) is None else ids[digest],
                digest_of(i),
                fields[i],
                prepared.raws[i],
            )
            for i in fresh
        ],
    )
    _write_results(connection, results, place)
    states = np.array([HELD if i in blocked else SUBMITTED for i in fresh])
    add_steps(connection, np.arange(first, first + len(fresh)), states, actor, now, "")
    return Intake(
        counts.total,
        counts.accepted,
        counts.held,
        counts.rejected,
        counts.already_received,
        counts.unreadable,
        source,
        counts.reports,
        counts.results,
    )


def _write_source(connection: sqlite3.Connection, batch: Batch, actor: int, now: str, counts: Intake) -> int:
    file = batch.source
    cursor = connection.execute(
        "INSERT INTO source(sha256,name,size,layer,encoding,crs,crs_from,operation,profile,profile_version,"
        "profile_sha256,record,received_at,actor,counts) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            file.sha256,
            file.name,
            file.size,
            file.layer,
            file.encoding,
            file.crs,
            file.crs_from,
            None if batch.operation is None else orjson.dumps(batch.operation.wire()).decode(),
            file.profile,
            file.profile_version,
            file.profile_sha256,
            batch.record,
            now,
            actor,
            orjson.dumps(counts.as_dict()).decode(),
        ),
    )
    return int(cursor.lastrowid or 0)


def _seal(connection: sqlite3.Connection, prepared: Prepared, place: dict[int, int], keys: KeyFolder) -> list[bytes]:
    """Seal personal values under keys kept outside the file; leave a salted digest in their place."""
    mine = [item for item in prepared.sealed if item[0] in place]
    if not mine:
        return prepared.fields
    from fallow.register.ids import uuid7s

    fields = list(prepared.fields)
    persons = uuid7s(len(mine))
    person_keys = keys.new_persons(persons)
    sealed_ids = uuid7s(len(mine))
    rows = []
    for (position, name, _, text), person, sealed_id in zip(mine, persons, sealed_ids, strict=True):
        nonce, body = seal(person_keys[person], text, f"{sealed_id}/{name}")
        rows.append((sealed_id, place[position], name, person, nonce, body))
        values = orjson.loads(fields[position])
        # Salted with the person's key: once the key is erased, no guess at the name can be tested either.
        salted = hashlib.sha256(person_keys[person] + sealed_id.encode() + text.encode()).hexdigest()
        values[name] = {"digest": salted, "sealed": sealed_id}
        fields[position] = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    connection.executemany("INSERT INTO sealed VALUES(?,?,?,?,?,?)", rows)
    return fields


def _write_results(connection: sqlite3.Connection, results: Sequence[CheckResult], place: dict[int, int]) -> None:
    connection.executemany(
        "INSERT INTO check_result(report,code,severity,field,value,detail,repair) VALUES(?,?,?,?,?,?,?)",
        [
            (
                place[result.index],
                result.code,
                result.severity.value,
                result.field,
                result.value,
                orjson.dumps(result.detail, default=str).decode(),
                None if result.repair is None else orjson.dumps(result.repair, default=str).decode(),
            )
            for result in results
            if result.index in place
        ],
    )


def add_steps(connection: sqlite3.Connection, ids: Any, states: Any, actor: int, now: str, note: str) -> None:
    """Write steps, one row per run of neighbouring reports that take the same step."""
    ids = np.asarray(ids)
    if not len(ids):
        return
    states = np.asarray(states)
    breaks = np.flatnonzero((np.diff(ids) != 1) | (states[1:] != states[:-1])) + 1
    starts = np.concatenate(([0], breaks))
    ends = np.concatenate((breaks, [len(ids)])) - 1
    connection.executemany(
        "INSERT INTO step(first,last,state,actor,at,note) VALUES(?,?,?,?,?,?)",
        [(int(ids[a]), int(ids[b]), str(states[a]), actor, now, note) for a, b in zip(starts, ends, strict=True)],
    )


def states(connection: sqlite3.Connection) -> tuple[Any, list[str]]:
    """Return the present state of every report: an array indexed by report id (0 unused), and the states' names."""
    count = connection.execute("SELECT max(id) FROM report").fetchone()[0] or 0
    names = ["", SUBMITTED, HELD, REVIEWED, APPROVED, REJECTED, RETURNED]
    place = {name: index for index, name in enumerate(names)}
    array = np.zeros(count + 1, dtype=np.int8)
    for first, last, state in connection.execute("SELECT first, last, state FROM step ORDER BY id"):
        array[first : last + 1] = place[state]
    return array, names


def state_of(connection: sqlite3.Connection, report: int) -> str:
    """Return the present state of one report."""
    row = connection.execute(
        "SELECT state FROM step WHERE last>=? AND first<=? ORDER BY id DESC LIMIT 1", (report, report)
    ).fetchone()
    if row is None:
        raise errors.UnknownReport(report=report)
    return str(row[0])
