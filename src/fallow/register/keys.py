"""Keys that stay outside the register file: the instance key that signs, and one key per person sealed.

The file alone can neither be signed for nor opened to a person's name. A register that was copied or restored is
noticed here: the key folder remembers the path, the last sequence and the head that it signed, and a file that
does not fit starts a new epoch that names its parent.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fallow.register import errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Watermark:
    """What the holder of the key remembers: which file, how far, and the head there."""

    origin: str
    path: str
    seq: int
    head: str


def _write(path: Path, body: bytes) -> None:
    """Write a small file whole or not at all, for the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


class KeyFolder:
    """The folder of keys of one register.

    Args:
        folder: where all keys lie (setting ``keys``).
        register_id: the register they belong to.
    """

    def __init__(self, folder: Path, register_id: str) -> None:
        self.folder = folder / register_id

    def instance(self, origin: str) -> Ed25519PrivateKey | None:
        """Return the signing key of an origin, or None if it is not held here.

        Raises:
            KeyUnusable: the file is there and is no key.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        path = self.folder / f"{origin}.key"
        if not path.is_file():
            return None
        try:
            return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        except (ValueError, OSError) as error:
            raise errors.KeyUnusable(path=str(path)) from error

    def new_instance(self, origin: str) -> Ed25519PrivateKey:
        """Make and keep the signing key of a new origin."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        try:
            _write(self.folder / f"{origin}.key", key.private_bytes_raw())
        except OSError as error:
            raise errors.KeyUnusable(path=str(self.folder)) from error
        return key

    def watermark(self, origin: str) -> Watermark | None:
        """Return what was last signed for an origin, if anything."""
        path = self.folder / f"{origin}.mark"
        if not path.is_file():
            return None
        try:
            return Watermark(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, OSError) as error:
            raise errors.KeyUnusable(path=str(path)) from error

    def remember(self, mark: Watermark) -> None:
        """Keep what was last signed."""
        _write(self.folder / f"{mark.origin}.mark", json.dumps(asdict(mark), sort_keys=True).encode())

    def _persons(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / "persons.sqlite"
        fresh = not path.exists()
        connection = sqlite3.connect(path, timeout=5)
        if fresh:
            path.chmod(0o600)
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("CREATE TABLE IF NOT EXISTS person(id TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID")
        return connection

    def new_persons(self, ids: list[str]) -> dict[str, bytes]:
        """Make one key per person and keep them before anything is sealed with them."""
        keys = {person: secrets.token_bytes(32) for person in ids}
        connection = self._persons()
        try:
            with connection:
                connection.executemany("INSERT INTO person VALUES(?,?)", keys.items())
        finally:
            connection.close()
        return keys

    def person(self, person: str) -> bytes | None:
        """Return a person's key, or None if it was erased or is not held here."""
        connection = self._persons()
        try:
            row = connection.execute("SELECT key FROM person WHERE id=?", (person,)).fetchone()
        finally:
            connection.close()
        return None if row is None else bytes(row[0])

    def erase_person(self, person: str) -> bool:
        """Destroy a person's key; what was sealed with it can never be read again, and the chain stays whole."""
        connection = self._persons()
        try:
            with connection:
                return connection.execute("DELETE FROM person WHERE id=?", (person,)).rowcount == 1
        finally:
            connection.close()


def seal(key: bytes, text: str, bound_to: str) -> tuple[bytes, bytes]:
    """Encrypt a personal value (AES-256-GCM); return (nonce, body). ``bound_to`` ties it to its place."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    return nonce, AESGCM(key).encrypt(nonce, text.encode(), bound_to.encode())


def unseal(key: bytes, nonce: bytes, body: bytes, bound_to: str) -> str:
    """Decrypt a personal value.

    Raises:
        KeyUnusable: the key does not fit, or the body was changed.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(nonce, body, bound_to.encode()).decode()
    except InvalidTag as error:
        raise errors.KeyUnusable(path=bound_to) from error
