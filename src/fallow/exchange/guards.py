"""Bounds that every file has to keep before anything is made of its content."""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from pathlib import Path

from fallow.errors import Where
from fallow.exchange.errors import NotFound, TooLarge, Unreadable
from fallow.settings import settings

CHUNK = 1 << 20
_RISKY = ("=", "+", "-", "@", "\t", "\r")
MAX_ENTRIES = 10_000
MAX_UNPACKED = 2 * 1024**3
MAX_RATIO = 200
# Small files pack far better than large ones; under this size a ratio says nothing.
_RATIO_FROM = 10 * 1024**2
# RuntimeError is what the library raises for an encrypted entry.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_XML_ENDINGS = (".xml", ".rels", ".vml")
# A document type or entity in a spreadsheet serves no purpose but an attack, in any of the encodings XML may
# have.
_FORBIDDEN = tuple(
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
)


def checked(path: Path) -> int:
    """Return the size of a plain file that may be read.

    Raises:
        NotFound: there is no such file, or it is a folder, a pipe or a device.
        TooLarge: it is over ``settings.max_file_bytes``.
    """
    try:
        status = path.stat()
    except OSError:
        raise NotFound(Where(file=str(path))) from None
    if not stat.S_ISREG(status.st_mode):
        raise NotFound(Where(file=str(path)))
    limit = settings().max_file_bytes
    if status.st_size > limit:
        raise TooLarge(Where(file=str(path)), size=status.st_size, limit=limit)
    return status.st_size


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hex.

    Raises:
        NotFound: it cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        raise NotFound(Where(file=str(path))) from None


def checked_archive(path: Path, *, xml: bool = False) -> list[str]:
    """Return the entries of a zip archive that keeps the bounds.

    Every entry is unpacked once, piece by piece, and counted: the sizes that an archive states of itself may
    lie.

    Args:
        path: the archive.
        xml: also refuse document types and entities in its XML parts.

    Raises:
        Unreadable: it is no archive, is broken, or an entry is encrypted.
        TooLarge: too many entries, or they unpack to more than the bounds.
    """
    where = Where(file=str(path))
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise TooLarge(where, size=len(entries), limit=MAX_ENTRIES)
            for entry in entries:
                total += _unpacked(archive, entry, Where(file=str(path), value=entry.filename), total, xml=xml)
            return [entry.filename for entry in entries]
    except _BROKEN as error:
        raise Unreadable(where, reason=type(error).__name__) from None


def check_xml(path: Path, shown: Path) -> None:
    """Refuse an XML file with a document type or entities.

    Raises:
        Unreadable: it has one.
    """
    tail = b""
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            if any(mark in tail + piece for mark in _FORBIDDEN):
                raise Unreadable(Where(file=str(shown)), reason="DOCTYPE")
            tail = piece[-64:]


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: Where, before: int, *, xml: bool) -> int:
    limit = min(MAX_UNPACKED, settings().max_file_bytes)
    packed = Path(str(where.file)).stat().st_size
    size = 0
    tail = b""
    look = xml and entry.filename.lower().endswith(_XML_ENDINGS)
    with archive.open(entry) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            total = before + size
            if total > limit:
                raise TooLarge(where, size=total, limit=limit)
            if total > _RATIO_FROM and total > MAX_RATIO * packed:
                raise TooLarge(where, size=total, limit=MAX_RATIO * packed)
            if look:
                window = tail + piece
                if any(mark in window for mark in _FORBIDDEN):
                    raise Unreadable(where, reason="DOCTYPE")
                tail = window[-64:]
    return size


def guarded(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula: an apostrophe stands before a risky first sign."""
    return f"'{text}" if text.startswith(_RISKY) else text


def unguarded(text: str) -> str:
    """Return a text as it was before :func:`guarded`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_RISKY) else text
