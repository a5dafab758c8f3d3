"""The audit: walk every chain, and compare what is derived with what the log gives."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from fallow.register import chain, schema
from fallow.register.inbox import report_digest
from fallow.register.log import DerivedAct, derive, read_acts

MOST_FAULTS = 100


@dataclass(slots=True)
class Audit:
    """What the audit read and what it found wrong. An empty list of faults is all that it can say."""

    acts: int = 0
    batches: int = 0
    origins: int = 0
    contents: int = 0
    reports: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)

    def fault(self, kind: str, **facts: Any) -> None:
        """Note a fault (the first hundred are kept in full)."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append({"kind": kind, **facts})


def audit(connection: sqlite3.Connection) -> Audit:
    """Walk the whole log; read-only."""
    found = Audit()
    _walk_chains(connection, found)
    _walk_contents(connection, found)
    _walk_log(connection, found)
    _compare_derived(connection, found)
    return found


def _walk_chains(connection: sqlite3.Connection, found: Audit) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    origins = connection.execute("SELECT id, uuid, public_key, parent, parent_head FROM origin ORDER BY id").fetchall()
    heads: dict[int, set[bytes]] = {}
    for origin_id, origin, public, parent, parent_head in origins:
        found.origins += 1
        key = Ed25519PublicKey.from_public_bytes(public)
        if parent is not None and parent_head is not None and bytes(parent_head) not in heads.get(parent, set()):
            found.fault("parent_head", origin=origin)
        prev, expected = chain.GENESIS, 1
        seen = heads.setdefault(origin_id, set())
        for batch in connection.execute(
            "SELECT id, first_seq, last_seq, leaves, prev, root, signed_at, head, signature FROM batch WHERE origin=? "
            "ORDER BY first_seq",
            (origin_id,),
        ).fetchall():
            batch_id, first, last, count, stored_prev, root, signed_at, head, signature = batch
            found.batches += 1
            if first != expected:
                found.fault("sequence", origin=origin, expected=expected, found=first)
            if bytes(stored_prev) != prev:
                found.fault("prev", origin=origin, batch=batch_id)
            leaves = []
            for salt, body, part_salt, part in connection.execute(
                "SELECT a.salt, a.body, p.salt, p.body FROM act a LEFT JOIN act_part p ON p.act=a.id WHERE a.batch=? "
                "ORDER BY a.seq, p.class",
                (batch_id,),
            ):
                leaves.append(chain.leaf(_bytes(salt), _bytes(body)))
                if part is not None:
                    leaves.append(chain.leaf(_bytes(part_salt), _bytes(part)))
            acts = connection.execute("SELECT count(*) FROM act WHERE batch=?", (batch_id,)).fetchone()[0]
            if acts != last - first + 1:
                found.fault("act_count", origin=origin, batch=batch_id, expected=last - first + 1, found=acts)
            if len(leaves) != count:
                found.fault("leaf_count", origin=origin, batch=batch_id, expected=count, found=len(leaves))
            elif not leaves or chain.root(leaves) != bytes(root):
                found.fault("root", origin=origin, batch=batch_id)
            made = chain.head(
                bytes(stored_prev),
                bytes(root),
                origin=origin,
                first=first,
                last=last,
                leaves=count,
                signed_at=signed_at,
            )
            if made != bytes(head):
                found.fault("head", origin=origin, batch=batch_id)
            try:
                key.verify(bytes(signature), bytes(head))
            except InvalidSignature:
                found.fault("signature", origin=origin, batch=batch_id)
            prev, expected = bytes(head), last + 1
            seen.add(prev)
            found.acts += acts
        found.heads[origin] = prev.hex()


def _bytes(stored: bytes | str) -> bytes:
    """Return stored bytes as bytes, even if somebody put text in their place."""
    return stored.encode() if isinstance(stored, str) else bytes(stored)


def _walk_contents(connection: sqlite3.Connection, found: Audit) -> None:
    for content_id, digest, body in connection.execute("SELECT id, digest, body FROM content"):
        found.contents += 1
        if hashlib.sha256(_bytes(body)).digest() != bytes(digest):
            found.fault("content", content=content_id)


def _walk_log(connection: sqlite3.Connection, found: Audit) -> None:
    """Check what the log's rows say of each other: bodies against rows, acceptance without gaps, reports with steps."""
    expected = 1
    for first, last in connection.execute("SELECT first, last FROM acceptance ORDER BY first"):
        if first != expected:
            found.fault("acceptance", expected=expected, found=first)
        expected = last + 1
    newest = connection.execute("SELECT max(id) FROM act").fetchone()[0] or 0
    if expected != newest + 1:
        found.fault("acceptance", expected=newest + 1, found=expected)
    rows = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT a.id, a.uuid, a.seq, r.uuid, r.form, r.fields, r.raw FROM act a JOIN origin o ON o.id=a.origin "
            "LEFT JOIN report r ON r.id=a.report"
        )
    }
    try:
        acts = list(read_acts(connection, lenient=True))
    except (ValueError, KeyError, TypeError) as error:
        found.fault("body", problem=str(error))
        return
    for act in acts:
        uuid, seq, report, form, fields, raw = rows[act["known"]]
        if (act["act"], act["seq"], act["report"]) != (uuid, seq, report):
            found.fault("act_row", act=uuid)
        elif report is not None and act["report_sha256"] != report_digest(form, _bytes(fields), _bytes(raw)):
            found.fault("report", report=report)
    found.reports = connection.execute("SELECT count(*) FROM report").fetchone()[0]
    missing = connection.execute(
        "SELECT uuid FROM report r WHERE NOT EXISTS(SELECT 1 FROM step s WHERE s.first<=r.id AND s.last>=r.id) LIMIT 5"
    ).fetchall()
    for (uuid,) in missing:
        found.fault("report_without_step", report=uuid)


def _derived_acts(connection: sqlite3.Connection) -> Any:
    for act in read_acts(connection, lenient=True):
        derived: DerivedAct = (
            act["known"],
            act["decided"],
            [(item["entity"], item["record"], item["from"], item["to"], item["patch"]) for item in act["changes"]],
            act["relations"],
        )
        yield derived


def _dump(connection: sqlite3.Connection) -> dict[str, str]:
    """Return a digest of each derived table's rows, without row numbers that have no meaning."""
    queries = {
        "entity": "SELECT id, uuid, record FROM entity ORDER BY id",
        "change": "SELECT act, n, entity, decided, valid_from, valid_to, geometry FROM change ORDER BY act, n",
        "identifier": "SELECT issuer, value, entity, act FROM identifier ORDER BY act, entity, issuer, value",
        "relation": "SELECT act, subject, kind, object FROM relation ORDER BY act, subject, kind, object",
        "geometry_index": "SELECT id, minx, maxx, miny, maxy FROM geometry_index ORDER BY id",
    }
    dumped = {}
    for table, query in queries.items():
        digest = hashlib.sha256()
        for row in connection.execute(query):
            digest.update(repr(row).encode())
        dumped[table] = digest.hexdigest()
    return dumped


def _compare_derived(connection: sqlite3.Connection, found: Audit) -> None:
    """Derive everything again into a separate, temporary database and compare."""
    import shapely

    present = _dump(connection)
    scratch = sqlite3.connect(":memory:")
    try:
        scratch.executescript(schema.DERIVED)
        scratch.execute("CREATE TABLE content(id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, body BLOB NOT NULL)")
        scratch.executemany(
            "INSERT INTO content VALUES(?,?,?)", connection.execute("SELECT id, digest, body FROM content")
        )
        derive(scratch, _derived_acts(connection))
        for table, digest in _dump(scratch).items():
            if digest != present[table]:
                found.fault("derived", table=table)
    except (shapely.errors.ShapelyError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
        found.fault("derived", table=f"cannot be made again: {error}")
    finally:
        scratch.close()


def rebuild(connection: sqlite3.Connection) -> int:
    """Drop the derived tables and make them again, inside the caller's transaction."""
    for table in schema.DERIVED_TABLES:
        connection.execute(f"DROP TABLE {table}")
    for statement in schema.DERIVED.split(";"):
        if statement.strip():
            connection.execute(statement)
    derive(connection, _derived_acts(connection))
    return int(connection.execute("SELECT count(*) FROM act").fetchone()[0])
