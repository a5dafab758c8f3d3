"""A map before it is drawn: shapes and symbols in millimetres on paper, and the furniture around them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fallow.documents.model import Cell, Joined, Msg


class Style(StrEnum):
    """How an outline is drawn. The order is the order of drawing: what comes later lies above."""

    UNIT = "unit"
    RELEASED = "released"
    INDICATION = "indication"
    SHA = "sha"
    CHA = "cha"
    RELEASED_EDGE = "released_edge"  # the outline of a release as surveyed, whatever it leaves open
    WITHDRAWN = "withdrawn"  # recorded once, withdrawn by correction: not released
    EARLIER = "earlier"  # an outline that is no longer in force
    UNVERIFIED = "unverified"  # reported, not yet approved
    MARKING = "marking"


class Sign(StrEnum):
    """How a point is drawn."""

    HAZARD = "hazard_point"  # a hazardous area of which only a point is known, or too small for the scale
    UNVERIFIED = "unverified_point"
    ITEM = "item"
    ACCIDENT = "accident"
    EVIDENCE_FOR = "evidence_for"
    EVIDENCE_AGAINST = "evidence_against"
    REFERENCE = "reference_point"
    BENCHMARK = "benchmark"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Outline:
    """A polygon or line.

    Args:
        style: how it is drawn.
        shape: shapely geometry in mm on paper, x to the right, y downwards.
        label: what is written at it, or None.
    """

    style: Style
    shape: Any
    label: Cell = None


@dataclass(frozen=True, slots=True)
class Symbol:
    """A point sign at ``x``, ``y`` (mm on paper)."""

    sign: Sign
    x: float
    y: float
    label: Cell = None


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """A numbered turning point; ``dx``, ``dy`` is the direction in which its number stands."""

    number: str
    x: float
    y: float
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class GridLine:
    """A line of the coordinate grid, with its value as text and the side where that stands."""

    points: tuple[tuple[float, float], ...]
    label: Cell
    side: str  # "left" or "bottom"


@dataclass(frozen=True, slots=True)
class MapData:
    """Everything that one map shows.

    Args:
        key: name of the map inside its document; part of the ids in the drawing.
        title: what it shows, read out by screen readers.
        width_mm: outer width, with the margins where the grid is labelled.
        height_mm: outer height.
        inner: the map face (left, top, right, bottom) in mm.
        scale: denominator of the scale on paper.
        bar_m: length of the scale bar in m; 0 leaves it out.
        north_deg: true north at the centre, clockwise from the top of the page.
        outlines: polygons and lines, in the order of drawing.
        symbols: point signs.
        turning: numbered turning points.
        grid: grid lines.
        grid_name: the system of the grid.
        synthetic: burn the word for synthetic data into the drawing.
        captions: sentences that belong to the drawing.
    """

    key: str
    title: Msg | Joined
    width_mm: float
    height_mm: float
    inner: tuple[float, float, float, float]
    scale: float
    bar_m: float
    north_deg: float
    outlines: tuple[Outline, ...]
    symbols: tuple[Symbol, ...]
    turning: tuple[TurningPoint, ...]
    grid: tuple[GridLine, ...]
    grid_name: Cell
    synthetic: bool

    @property
    def styles(self) -> tuple[Style, ...]:
        """Return the outline styles that occur, in the order of drawing."""
        present = {outline.style for outline in self.outlines}
        return tuple(style for style in Style if style in present)

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Return the point signs that occur."""
        present = {symbol.sign for symbol in self.symbols}
        return tuple(sign for sign in Sign if sign in present)
