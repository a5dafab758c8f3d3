"""The SQLite file under a register: opening, safety settings, transactions, and plain errors for what goes wrong."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fallow.register import errors, schema

NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "davfs", "fuse.sshfs", "fuse.davfs2", "fuse.rclone", "ncpfs"}
)
BUSY_MS = 5_000


def filesystem_of(path: Path, mounts: str = "/proc/mounts") -> str | None:
    """Return the file system type that holds ``path``, or None where the system does not tell."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    target = path.resolve()
    best: tuple[int, str | None] = (-1, None)
    for line in lines:
        parts = line.split()
        if len(parts) < 3:
            continue
        mount = Path(parts[1].replace("\\040", " "))
        if (mount == target or mount in target.parents) and len(mount.parts) >= best[0]:
            best = (len(mount.parts), parts[2])
    return best[1]


def _connect(path: Path, *, mode: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    connection.execute("PRAGMA foreign_keys=OFF")  # checked by the audit; rows of the log are never deleted
    connection.execute("PRAGMA cache_size=-131072")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


@contextmanager
def bulk() -> Iterator[None]:
    """Run a block that makes very many small objects without the cycle collector walking all of them again and again.

    None of them forms a cycle; what else is in the process is collected afterwards as before.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Store:
    """One open register file.

    Durability: write-ahead log with ``synchronous=FULL``: a transaction that returned survives a killed process and
    a power cut. One writer at a time; readers never wait.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def create(cls, path: Path) -> Store:
        """Make a new, empty register file.

        Raises:
            RegisterExists: something is there already.
            NetworkDrive: the folder lies on a network drive, where locks cannot be trusted.
        """
        if path.exists():
            raise errors.RegisterExists(path=str(path))
        if not path.parent.is_dir():
            raise errors.RegisterMissing(path=str(path.parent))
        cls._refuse_network(path.parent)
        with plain_errors(path):
            connection = _connect(path, mode="rwc")
            connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={schema.FORMAT}")
            connection.execute("PRAGMA page_size=8192")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(f"BEGIN IMMEDIATE;{schema.LOG}{schema.append_only()}{schema.DERIVED}COMMIT;")
        return cls(path, connection)

    @classmethod
    def open(cls, path: Path) -> Store:
        """Open a register file.

        Raises:
            RegisterMissing: no such file.
            NotARegister: another kind of file, or a broken one.
            NewerFormat: written by a newer Fallow.
            NetworkDrive: the file lies on a network drive.
        """
        if not path.is_file():
            raise errors.RegisterMissing(path=str(path))
        cls._refuse_network(path)
        with plain_errors(path):
            connection = _connect(path, mode="rw")
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if application != schema.APPLICATION_ID:
                connection.close()
                raise errors.NotARegister(path=str(path), reason="another kind of file")
            if version > schema.FORMAT:
                connection.close()
                raise errors.NewerFormat(path=str(path), found=version, known=schema.FORMAT)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        return cls(path, connection)

    @staticmethod
    def _refuse_network(path: Path) -> None:
        kind = filesystem_of(path)
        if kind in NETWORK_FILESYSTEMS:
            raise errors.NetworkDrive(path=str(path), filesystem=kind)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run a block as one transaction: all of it is kept, or nothing.

        Raises:
            Busy: another writer held the file for the whole waiting time.
            DiskFull: there was no room; nothing was written.
        """
        with plain_errors(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
            try:
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Run a block of reads on one unchanging view of the file."""
        with plain_errors(self.path):
            outermost = not self.connection.in_transaction
            if outermost:
                self.connection.execute("BEGIN")
            try:
                yield self.connection
            finally:
                if outermost:
                    self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite says into errors that an officer can act on."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise errors.Busy(path=str(path), seconds=BUSY_MS // 1000) from error
        if "full" in text:
            raise errors.DiskFull(path=str(path)) from error
        raise errors.NotARegister(path=str(path), reason=text) from error
    except sqlite3.DatabaseError as error:
        raise errors.NotARegister(path=str(path), reason=str(error)) from error
