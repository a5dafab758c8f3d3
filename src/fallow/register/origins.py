"""Origins: which instance of which register signs, and when a file must start a new epoch."""

from __future__ import annotations

import sqlite3

from fallow.register import errors
from fallow.register.ids import uuid7
from fallow.register.keys import KeyFolder, Watermark
from fallow.register.log import Signer


def current_signer(connection: sqlite3.Connection, folder: KeyFolder, path: str, now: str) -> Signer:
    """Return who signs now, inside a write transaction.

    A new epoch starts, naming its parent, when the key is not held here (the file came from another machine), when
    the key folder has signed further than the file reaches (the file was restored from an older copy), when the heads
    differ, or when the file lies elsewhere than the one that was signed last (a copy).
    """
    row = connection.execute("SELECT id, uuid FROM origin ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return _new(connection, folder, path, now, None, None)
    origin_id, origin = int(row[0]), str(row[1])
    key = folder.instance(origin)
    last = connection.execute(
        "SELECT last_seq, head FROM batch WHERE origin=? ORDER BY last_seq DESC LIMIT 1", (origin_id,)
    ).fetchone()
    head = None if last is None else bytes(last[1])
    if key is None or not _fits(connection, origin_id, folder.watermark(origin), path, last):
        return _new(connection, folder, path, now, origin_id, head)
    return Signer(origin_id, origin, key, folder, path)


def _fits(
    connection: sqlite3.Connection, origin_id: int, mark: Watermark | None, path: str, last: tuple[int, bytes] | None
) -> bool:
    if mark is None:
        return last is None
    if mark.path != path or last is None or mark.seq > last[0]:
        return False
    there = connection.execute("SELECT head FROM batch WHERE origin=? AND last_seq=?", (origin_id, mark.seq)).fetchone()
    return there is not None and bytes(there[0]).hex() == mark.head


def _new(
    connection: sqlite3.Connection,
    folder: KeyFolder,
    path: str,
    now: str,
    parent: int | None,
    parent_head: bytes | None,
) -> Signer:
    origin = uuid7()
    key = folder.new_instance(origin)
    cursor = connection.execute(
        "INSERT INTO origin(uuid, public_key, parent, parent_head, started_at) VALUES(?,?,?,?,?)",
        (origin, key.public_key().public_bytes_raw(), parent, parent_head, now),
    )
    if cursor.lastrowid is None:  # pragma: no cover - SQLite always gives one after an insert
        raise errors.RegisterError(path=path)
    return Signer(cursor.lastrowid, origin, key, folder, path)
