"""The proof: salted leaves, one digest tree per batch, one signed head after another per origin.

A leaf is made of one act's bytes of one sensitivity class, so that a part can be shown, or left out, without
breaking the rest. What the chain does and does not catch is written in ``docs/explanation/chain.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import orjson

GENESIS = bytes(32)


def leaf(salt: bytes, body: bytes) -> bytes:
    """Return the digest of one salted body."""
    return hashlib.sha256(b"\x00" + salt + body).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root of the digest tree over leaves (an odd one is carried up unchanged).

    Raises:
        ValueError: there is no leaf.
    """
    if not leaves:
        raise ValueError("a batch without leaves has no root")
    level = list(leaves)
    sha256 = hashlib.sha256
    while len(level) > 1:
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def path_to_root(leaves: Sequence[bytes], index: int) -> list[tuple[bool, bytes]]:
    """Return the siblings from one leaf up: (sibling stands on the right, its digest)."""
    path: list[tuple[bool, bytes]] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append((sibling > index, level[sibling]))
        paired = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level, index = paired, index // 2
    return path


def climb(start: bytes, path: Sequence[tuple[bool, bytes]]) -> bytes:
    """Return the root that a leaf and its path lead to."""
    node = start
    for on_right, sibling in path:
        node = hashlib.sha256(b"\x01" + (node + sibling if on_right else sibling + node)).digest()
    return node


def head(prev: bytes, tree_root: bytes, *, origin: str, first: int, last: int, leaves: int, signed_at: str) -> bytes:
    """Return the digest that a batch adds to its origin's chain; it is what is signed."""
    facts = orjson.dumps(
        {"first": first, "last": last, "leaves": leaves, "origin": origin, "signed_at": signed_at},
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(b"\x02" + prev + tree_root + facts).digest()
