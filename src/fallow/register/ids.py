"""Identifiers: UUIDv7 for what people make, and content-made UUIDs (version 8) for rows of files."""

from __future__ import annotations

import secrets
import threading
import time

_last: list[int] = [0]
_lock = threading.Lock()


def _text(raw: str) -> str:
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def uuid7s(count: int) -> list[str]:
    """Return ``count`` UUIDs of version 7, increasing in the order of the list.

    Many are made in one millisecond; the 12 bits after the time and the next 14 carry a counter, so that the order
    of ids is the order of making, and 48 bits stay random.
    """
    with _lock:
        start = max(time.time_ns() // 1_000_000, _last[0] + 1)
        steps = (count + (1 << 26) - 1) >> 26
        _last[0] = start + max(steps, 1) - 1
    noise = secrets.token_bytes(6 * count).hex()
    ids = []
    for step in range(max(steps, 1)):
        ms = start + step
        head = f"{ms >> 16:08x}-{ms & 0xFFFF:04x}-7"
        first = step << 26
        ids += [
            f"{head}{i >> 14:03x}-{0x8000 | (i & 0x3FFF):04x}-{noise[12 * (first + i) : 12 * (first + i) + 12]}"
            for i in range(min(count - first, 1 << 26))
        ]
    return ids


def uuid7() -> str:
    """Return one UUID of version 7."""
    return uuid7s(1)[0]


def content_uuid(digest_hex: str) -> str:
    """Return the version 8 UUID made of the first 122 usable bits of a SHA-256 digest (hex).

    The same content gives the same id in every register, so a row that is sent twice is sent once.
    """
    variant = "89ab"[int(digest_hex[15], 16) & 3]
    return _text(f"{digest_hex[:12]}8{digest_hex[12:15]}{variant}{digest_hex[16:31]}")
