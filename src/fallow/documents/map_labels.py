"""Where the words of a map stand: a label is set only where it covers no other."""

from __future__ import annotations

import math

# Widths of characters in parts of the type size, for a common sans serif; a little wide, so that boxes hold.
_NARROW = frozenset("iljtf.,:;|!'′″()[] ІіїЇ1")
_WIDE = frozenset("mwMWШЩЖЮФшщжюфмМ@%")
_DIRECTIONS = tuple((math.cos(turn * math.pi / 6), math.sin(turn * math.pi / 6)) for turn in range(12))


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is, in the unit of ``size``."""
    return sum(0.4 if char in _NARROW else 0.92 if char in _WIDE else 0.64 for char in text) * size


class Labels:
    """The boxes that are taken on a map face.

    Args:
        face: left, top, right, bottom in mm.
    """

    def __init__(self, face: tuple[float, float, float, float]) -> None:
        self.face = face
        self._taken: list[tuple[float, float, float, float]] = []

    def take(self, x0: float, y0: float, x1: float, y1: float, *, force: bool = False) -> bool:
        """Take a box if it is free and on the face; ``force`` takes it in any case."""
        if not (force or self.free(x0, y0, x1, y1)):
            return False
        self._taken.append((x0, y0, x1, y1))
        return True

    def free(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        """Return whether a box lies on the face and covers no other."""
        left, top, right, bottom = self.face
        if x0 < left or y0 < top or x1 > right or y1 > bottom:
            return False
        return not any(x0 < bx1 and bx0 < x1 and y0 < by1 and by0 < y1 for bx0, by0, bx1, by1 in self._taken)

    def find(self, x: float, y: float, width: float, height: float, steps: int = 1) -> tuple[float, float] | None:
        """Return the centre of a free box at or around a point, and take it; None when all are taken.

        Args:
            x: the point.
            y: the point.
            width: width of the box.
            height: height of the box.
            steps: how far to go: rings of candidates around the point.
        """
        if self._fits(x, y, width, height):
            return x, y
        for ring in range(1, steps + 1):
            gap = 1.6 + 6.0 * (ring - 1)
            for dx, dy in _DIRECTIONS:
                at = (x + dx * (width / 2 + gap), y + dy * (height / 2 + gap))
                if self._fits(*at, width, height):
                    return at
        return None

    def _fits(self, x: float, y: float, width: float, height: float) -> bool:
        return self.take(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
