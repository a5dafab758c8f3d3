"""Writing and reading the log: acts with their parts, batches, signatures, acceptance, and the derived tables.

An act's canonical bytes are made once and stored once; everything in the derived tables can be made again from them
(:func:`derive`), which is what ``rebuild`` does and ``audit`` compares.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson

from fallow.register import chain, errors
from fallow.register.fold import Change
from fallow.register.ids import uuid7s
from fallow.register.keys import KeyFolder, Watermark

SCHEMA_VERSION = 1
RESTRICTED = "restricted"
WHOLE = b'"report"'  # stands in the place of a patch: the fields of the act's report, as they were filed


@dataclass(slots=True)
class Patch:
    """One change on its way into an act.

    ``whole`` says that the values are the whole of the report's fields, unchanged: the act then names the report and
    its digest, and the bytes are stored once.
    """

    entity: str
    record: str
    values: dict[str, Any]
    base: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    whole: bool = False


@dataclass(slots=True)
class NewAct:
    """One act on its way into the log."""

    kind: str
    patches: list[Patch]
    report: int | None = None
    report_uuid: str | None = None
    report_sha256: str | None = None
    entered_by: str = ""
    reason: str | None = None
    evidence: list[str] = field(default_factory=list)
    lowering: list[str] = field(default_factory=list)
    relations: list[list[str]] = field(default_factory=list)
    note: dict[str, Any] = field(default_factory=dict)
    undoes: str | None = None


def canonical(value: Any) -> bytes:
    """Return the canonical JSON bytes of a value."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the origin row, its key, and where the watermark is kept."""

    origin_id: int
    origin: str
    key: Any
    folder: KeyFolder
    path: str


def append_acts(
    connection: sqlite3.Connection,
    acts: Sequence[NewAct],
    *,
    signer: Signer,
    restricted_fields: dict[str, frozenset[str]],
    approved_by: str,
    decided: str,
    accepted_at: str,
    actor: int,
) -> tuple[list[str], Watermark]:
    """Append acts as one signed batch inside the caller's transaction.

    Returns:
        The acts' UUIDs in order, and the watermark to remember once the transaction is kept.
    """
    last = connection.execute(
        "SELECT last_seq, head FROM batch WHERE origin=? ORDER BY last_seq DESC LIMIT 1", (signer.origin_id,)
    ).fetchone()
    first_seq, prev = (1, chain.GENESIS) if last is None else (last[0] + 1, bytes(last[1]))
    act_id = (connection.execute("SELECT max(id) FROM act").fetchone()[0] or 0) + 1
    batch_id = (connection.execute("SELECT max(id) FROM batch").fetchone()[0] or 0) + 1
    uuids = uuid7s(len(acts))
    act_rows: list[tuple[Any, ...]] = []
    part_rows: list[tuple[Any, ...]] = []
    leaves: list[bytes] = []
    salts = secrets.token_bytes(32 * len(acts))
    writer = _Writer(approved_by, decided, signer.origin, restricted_fields)
    sha256 = hashlib.sha256
    for i, (act, uuid) in enumerate(zip(acts, uuids, strict=True)):
        seq = first_seq + i
        body, secret = writer.parts(act, uuid, seq)
        salt = salts[32 * i : 32 * i + 16]
        leaves.append(sha256(b"\x00" + salt + body).digest())
        act_rows.append((act_id + i, uuid, signer.origin_id, seq, batch_id, act.report, salt, body))
        if secret is not None:
            salt = salts[32 * i + 16 : 32 * i + 32]
            leaves.append(sha256(b"\x00" + salt + secret).digest())
            part_rows.append((act_id + i, RESTRICTED, salt, secret))
    last_seq = first_seq + len(acts) - 1
    tree = chain.root(leaves)
    head = chain.head(
        prev, tree, origin=signer.origin, first=first_seq, last=last_seq, leaves=len(leaves), signed_at=accepted_at
    )
    connection.execute(
        "INSERT INTO batch VALUES(?,?,?,?,?,?,?,?,?,?)",
        (
            batch_id,
            signer.origin_id,
            first_seq,
            last_seq,
            len(leaves),
            prev,
            tree,
            accepted_at,
            head,
            signer.key.sign(head),
        ),
    )
    connection.executemany("INSERT INTO act VALUES(?,?,?,?,?,?,?,?)", act_rows)
    connection.executemany("INSERT INTO act_part VALUES(?,?,?,?)", part_rows)
    connection.execute("INSERT INTO acceptance VALUES(?,?,?,?)", (act_id, act_id + len(acts) - 1, accepted_at, actor))
    derive(
        connection,
        (
            (
                act_id + i,
                decided,
                [(p.entity, p.record, p.valid_from, p.valid_to, p.values) for p in act.patches],
                act.relations,
            )
            for i, act in enumerate(acts)
        ),
    )
    return uuids, Watermark(signer.origin, signer.path, last_seq, head.hex())


class _Writer:
    """Writes acts as canonical bytes; what many acts of a batch share is encoded once."""

    def __init__(self, by: str, decided: str, origin: str, restricted_fields: dict[str, frozenset[str]]) -> None:
        self._by = b'","by":' + canonical(by) + b',"changes":['
        self._decided = b'],"decided":' + canonical(decided)
        self._origin = b',"origin":' + canonical(origin)
        self._restricted = restricted_fields
        self._shared: tuple[Any, bytes, bytes] = (None, b"", b"")

    def parts(self, act: NewAct, uuid: str, seq: int) -> tuple[bytes, bytes | None]:
        """Return the bytes of an act: open part and, if it has one, restricted part; keys stand in sorted order."""
        secret: list[dict[str, Any]] = []
        changes = b",".join([self._change(act, patch, secret) for patch in act.patches])
        before, after = self._common(act)
        body = b'{"act":"%b%b%b%b%b,"report":%b,"report_sha256":%b,"schema":%d,"seq":%d,"undoes":%b}' % (
            uuid.encode(),
            self._by,
            changes,
            before,
            after,
            _id(act.report_uuid),
            _id(act.report_sha256),
            SCHEMA_VERSION,
            seq,
            _id(act.undoes),
        )
        if not secret:
            return body, None
        return body, canonical({"act": uuid, "changes": secret, "class": RESTRICTED})

    def _change(self, act: NewAct, patch: Patch, secret: list[dict[str, Any]]) -> bytes:
        hidden = self._restricted.get(patch.record, _NONE) & patch.values.keys()
        if hidden:
            secret.append({"entity": patch.entity, "patch": {name: patch.values[name] for name in hidden}})
            fields = canonical({name: value for name, value in patch.values.items() if name not in hidden})
        elif patch.whole and act.report_sha256 is not None:
            fields = WHOLE
        else:
            fields = canonical(patch.values)
        return b'{"base":%b,"entity":"%b","from":%b,"patch":%b,"record":"%b","to":%b}' % (
            _id(patch.base),
            patch.entity.encode(),
            _id(patch.valid_from),
            fields,
            patch.record.encode(),
            _id(patch.valid_to),
        )

    def _common(self, act: NewAct) -> tuple[bytes, bytes]:
        """Return what stands between the changes and the report; acts in a row mostly share it."""
        key = (act.entered_by, act.evidence, act.kind, act.lowering, act.note, act.reason, act.relations)
        if self._shared[0] != key:
            before = self._decided + b',"entered_by":' + canonical(act.entered_by)
            before += b',"evidence":' + canonical(act.evidence) + b',"kind":' + canonical(act.kind)
            before += b',"lowering":' + canonical(act.lowering) + b',"note":' + canonical(act.note)
            after = self._origin + b',"reason":' + _text(act.reason) + b',"relations":' + canonical(act.relations)
            self._shared = (key, before, after)
        return self._shared[1], self._shared[2]


_NONE: frozenset[str] = frozenset()


def _id(value: str | None) -> bytes:
    """Return an id, a digest or a day as JSON; none of them holds a sign that would need escaping."""
    return b"null" if value is None else b'"%b"' % value.encode()


def _text(value: str | None) -> bytes:
    return b"null" if value is None else canonical(value)


DerivedAct = tuple[int, str, list[tuple[str, str, str | None, str | None, dict[str, Any]]], list[list[str]]]


def derive(connection: sqlite3.Connection, acts: Iterable[DerivedAct]) -> None:
    """Fill the derived tables from acts, given in acceptance order as (id, decided, changes, relations)."""
    acts = list(acts)
    references = _references()
    next_entity = (connection.execute("SELECT max(id) FROM entity").fetchone()[0] or 0) + 1
    entities = _known_entities(connection, [patch[0] for act in acts for patch in act[2]])
    new_entities: list[tuple[int, str, str]] = []
    changes: list[tuple[Any, ...]] = []
    identifiers: list[tuple[Any, ...]] = []
    relations: list[tuple[Any, ...]] = []
    digests: set[bytes] = set()
    for act_id, decided, patches, links in acts:
        for n, (uuid, record, valid_from, valid_to, values) in enumerate(patches):
            entity = entities.get(uuid)
            if entity is None:
                entity = entities[uuid] = next_entity
                next_entity += 1
                new_entities.append((entity, uuid, record))
            geometry = values.get("geometry")
            digest = None
            if isinstance(geometry, dict) and "digest" in geometry:
                digest = bytes.fromhex(geometry["digest"])
                digests.add(digest)
            changes.append((None, act_id, n, entity, decided, valid_from, valid_to, digest))
            for issued in values.get("identifiers") or ():
                if isinstance(issued, dict) and issued.get("value"):
                    identifiers.append((str(issued.get("issuer") or ""), str(issued["value"]), entity, act_id))
            for name in references.get(record, _NONE) & values.keys():
                value = values[name]
                relations.extend(
                    (act_id, uuid, name, item["ref"])
                    for item in (value if isinstance(value, list) else [value])
                    if isinstance(item, dict) and isinstance(item.get("ref"), str)
                )
        relations.extend((act_id, *link) for link in links)
    connection.executemany("INSERT INTO entity VALUES(?,?,?)", new_entities)
    connection.executemany("INSERT INTO change VALUES(?,?,?,?,?,?,?,?)", changes)
    connection.executemany("INSERT INTO identifier VALUES(?,?,?,?)", identifiers)
    connection.executemany("INSERT INTO relation VALUES(?,?,?,?)", relations)
    _index_shapes(connection, digests)


@cache
def _references() -> dict[str, frozenset[str]]:
    """Return the names of the fields that point to other records, by record."""
    from fallow.terms import record_definitions

    return {
        record: frozenset(name for name, item in definition.fields.items() if item.type in ("ref", "refs"))
        for record, definition in record_definitions().items()
    }


def _known_entities(connection: sqlite3.Connection, uuids: list[str]) -> dict[str, int]:
    """Return the row numbers of the entities that are there already."""
    found: dict[str, int] = {}
    if connection.execute("SELECT 1 FROM entity LIMIT 1").fetchone() is None:
        return found
    for start in range(0, len(uuids), 500):
        some = uuids[start : start + 500]
        marks = ",".join("?" * len(some))
        found.update(connection.execute(f"SELECT uuid, id FROM entity WHERE uuid IN ({marks})", some).fetchall())
    return found


def _index_shapes(connection: sqlite3.Connection, digests: set[bytes]) -> None:
    """Put each distinct accepted shape into the R*Tree once."""
    import shapely

    ordered = sorted(digests)
    for start in range(0, len(ordered), 20_000):
        some = ordered[start : start + 20_000]
        rows: list[tuple[int, bytes]] = []
        for at in range(0, len(some), 500):
            part = some[at : at + 500]
            marks = ",".join("?" * len(part))
            rows += connection.execute(
                f"SELECT c.id, c.body FROM content c WHERE c.digest IN ({marks})", part
            ).fetchall()
        if not rows:
            continue
        bounds = shapely.bounds(shapely.from_wkb([row[1] for row in rows])).tolist()
        connection.executemany(
            "INSERT OR IGNORE INTO geometry_index VALUES(?,?,?,?,?)",
            [
                (row[0], box[0], box[2], box[1], box[3])
                for row, box in zip(rows, bounds, strict=True)
                if box[0] == box[0]
            ],
        )


def read_acts(
    connection: sqlite3.Connection, where: str = "", args: Sequence[Any] = (), *, lenient: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield acts in acceptance order, their parts joined, each with its place (``known``) and origin.

    Args:
        connection: the register.
        where: SQL condition on the act ``a``.
        args: its values.
        lenient: go on where an act's report is gone (the audit names it); otherwise that is an error, for a change
            that cannot be read must never read as no change.

    Raises:
        NotARegister: the report of an act is gone.
    """
    rows = connection.execute(
        "SELECT a.id, a.uuid, o.uuid, a.body, r.fields, p.body FROM act a JOIN origin o ON o.id=a.origin "
        f"LEFT JOIN report r ON r.id=a.report LEFT JOIN act_part p ON p.act=a.id {where} ORDER BY a.id",
        args,
    )
    for act_id, uuid, origin, body, fields, secret in rows:
        act = orjson.loads(body)
        act["known"] = act_id
        act["origin"] = origin
        for change in act["changes"]:
            if change["patch"] == "report":
                if fields is None and not lenient:
                    raise errors.NotARegister(path=str(_path(connection)), reason=f"act {uuid}: its report is gone")
                change["patch"] = {} if fields is None else orjson.loads(fields)
        if secret is not None:
            by_entity = {change["entity"]: change for change in act["changes"]}
            for change in orjson.loads(secret)["changes"]:
                by_entity[change["entity"]]["patch"].update(change["patch"])
        yield act


def _path(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA database_list").fetchone()[2])


def changes_of(act: dict[str, Any]) -> list[Change]:
    """Return an act's changes as the fold takes them."""
    return [
        Change(
            act["act"],
            act["kind"],
            act["known"],
            (act["decided"], act["origin"], act["seq"], n),
            change["entity"],
            change["record"],
            change["base"],
            change["from"],
            change["to"],
            change["patch"],
            act["undoes"],
            act["report"],
            act["reason"],
            bool(act["lowering"]),
            act["entered_by"],
            act["by"],
        )
        for n, change in enumerate(act["changes"])
    ]
