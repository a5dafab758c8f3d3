"""Drawing of maps as inline SVG: the same map gives the same bytes.

The ground of every map is hatched *not assessed*; recorded hazard lies above released ground, so a release never
covers a hazard. Line, hatch and dots differ in form, not only in colour, and stay apart in a grey print.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely

from fallow.documents.map_labels import Labels, text_width
from fallow.documents.map_model import MapData, Outline, Sign, Style, Symbol
from fallow.documents.model import Cell
from fallow.documents.model import mark as _

Words = Callable[[Cell], str]

INK, HAZARD, LINE, NET = "#1a1a1a", "#7a2e12", "#3c3c3c", "#5a6470"
SMALL, TEXT = 2.25, 2.6  # mm
GROUND_LEGEND = _("Not assessed: nothing is known here")
_SYNTHETIC = _("SYNTHETIC")

# (fill, pattern, stroke, width, dashes)
_STYLES: dict[Style, tuple[str, str | None, str, float, str]] = {
    Style.UNIT: ("none", None, "#6d6d6d", 0.25, ""),
    Style.RELEASED_EDGE: ("none", "dots", LINE, 0.4, ""),
    Style.WITHDRAWN: ("none", None, LINE, 0.35, "0.7 0.7"),
    Style.EARLIER: ("none", None, LINE, 0.35, "2.4 0.8 0.4 0.8"),
    Style.RELEASED: ("#ffffff", None, LINE, 0.15, ""),
    Style.INDICATION: ("#fbf7f3", "wide", HAZARD, 0.5, "0.5 0.9"),
    Style.SHA: ("#f7ebe3", "hatch", HAZARD, 0.55, "2.4 1.1"),
    Style.CHA: ("#e9c8b8", "dense", HAZARD, 0.8, ""),
    Style.UNVERIFIED: ("none", None, HAZARD, 0.8, "0.9 1.6"),
    Style.MARKING: ("none", None, INK, 0.5, "0.3 1.3"),
}

# name: (size, drawing)
_PATTERNS = {
    "ground": (3.2, '<path d="M0 0V3.2" stroke="#a9a9a9" stroke-width="0.28" />', 45),
    "wide": (3.6, f'<path d="M0 0V3.6" stroke="{HAZARD}" stroke-width="0.3" />', 0),
    "hatch": (2.4, f'<path d="M0 0V2.4" stroke="{HAZARD}" stroke-width="0.34" />', -45),
    "dense": (1.1, f'<path d="M0 0V1.1" stroke="{HAZARD}" stroke-width="0.34" />', -45),
    "dots": (1.8, '<circle cx="0.45" cy="0.45" r="0.24" /><circle cx="1.35" cy="1.35" r="0.24" />', 0),
}


def draw(data: MapData, words: Words) -> str:
    """Return a map as an SVG element.

    Args:
        data: what it shows.
        words: the function that turns a cell into text of the document's language.
    """
    left, top, right, bottom = data.inner
    name = "".join(char if char.isalnum() else "-" for char in data.key)
    labels = Labels((left, top, right, bottom))
    for symbol in data.symbols:
        labels.take(symbol.x - 1.6, symbol.y - 1.6, symbol.x + 1.6, symbol.y + 1.6, force=True)
    north = _north(data, words, labels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map" role="img" viewBox="0 0 {_n(data.width_mm)} '
        f'{_n(data.height_mm)}" font-size="{TEXT}" aria-label={quoteattr(words(data.title))}>',
        f"<defs>{''.join(_pattern(name, kind) for kind in _PATTERNS)}"
        f'<clipPath id="{name}-face">{_rect(left, top, right, bottom)}</clipPath></defs>',
        f'<g clip-path="url(#{name}-face)">{_rect(left, top, right, bottom, "#ffffff")}',
        _rect(left, top, right, bottom, f"url(#{name}-ground)"),
    ]
    ordered = sorted(data.outlines, key=lambda outline: list(Style).index(outline.style))
    parts += [_outline(outline, name) for outline in ordered]
    parts.append(f'<g fill="none" stroke="{NET}" stroke-width="0.14">')
    parts += [f'<path d="{_line(line.points)}" />' for line in data.grid]
    parts.append("</g>")
    parts += [symbol_svg(symbol.sign, symbol.x, symbol.y) for symbol in data.symbols]
    parts += _turning(data, labels)
    parts += _labels(data, words, labels)
    if data.synthetic:
        parts.append(_burnt(data, words(_SYNTHETIC)))
    parts += ["</g>", _bar(data, words), north]
    parts.append(_rect(left, top, right, bottom, "none", more=f' stroke="{INK}" stroke-width="0.35"'))
    parts += _grid_labels(data, words)
    parts.append("</svg>")
    return "".join(parts)


def swatch(kind: Style | Sign | None, key: str) -> str:
    """Return a small drawing for the legend; None is the ground of the map.

    Args:
        kind: what it explains.
        key: prefix of the ids in it, unique in the page.
    """
    body = f"{_rect(0.4, 0.4, 9.6, 5.6, '#ffffff')}{_rect(0.4, 0.4, 9.6, 5.6, f'url(#{key}-ground)')}"
    defs = _pattern(key, "ground")
    if isinstance(kind, Style):
        pattern = _STYLES[kind][1]
        defs += _pattern(key, pattern) if pattern else ""
        shape = shapely.linestrings([[0.4, 3], [9.6, 3]]) if kind is Style.MARKING else shapely.box(1, 1, 9, 5)
        body += _outline(Outline(kind, shape), key)
    elif kind is not None:
        body += symbol_svg(kind, 5, 3)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="swatch" viewBox="0 0 10 6" aria-hidden="true">'
        f"<defs>{defs}</defs>{body}</svg>"
    )


def symbol_svg(sign: Sign, x: float, y: float) -> str:
    """Return a point sign, about 3 mm across."""
    at = f'transform="translate({_n(x)} {_n(y)})"'
    edge = 'stroke="#ffffff" stroke-width="0.35"'
    drawings = {
        Sign.HAZARD: f'<path d="M0 -1.9L1.8 1.3H-1.8Z" fill="{HAZARD}" {edge} />'
        '<path d="M0 -0.8V0.3M0 0.7V0.95" stroke="#ffffff" stroke-width="0.4" />',
        Sign.UNVERIFIED: f'<path d="M0 -1.9L1.8 1.3H-1.8Z" fill="#ffffff" stroke="{HAZARD}" stroke-width="0.45" '
        'stroke-dasharray="0.7 0.5" />',
        Sign.ITEM: f'<path d="M0 -1.3L1.3 0L0 1.3L-1.3 0Z" fill="{INK}" {edge} />',
        Sign.ACCIDENT: '<circle r="1.6" fill="#ffffff" stroke="none" />'
        f'<path d="M-1.2 -1.2L1.2 1.2M-1.2 1.2L1.2 -1.2" stroke="{INK}" stroke-width="0.7" />',
        Sign.EVIDENCE_FOR: f'<circle r="1.05" fill="{HAZARD}" {edge} />',
        Sign.EVIDENCE_AGAINST: f'<circle r="1.05" fill="#ffffff" stroke="{LINE}" stroke-width="0.45" />',
        Sign.REFERENCE: f'<path d="M-1.3 -1.3H1.3V1.3H-1.3Z" fill="#ffffff" stroke="{INK}" stroke-width="0.45" />'
        f'<circle r="0.35" fill="{INK}" />',
        Sign.BENCHMARK: f'<path d="M-1.3 -1.3H1.3V1.3H-1.3Z" fill="{INK}" {edge} />',
        Sign.PLACE: f'<circle r="0.7" fill="#ffffff" stroke="{INK}" stroke-width="0.3" />',
    }
    return f"<g {at}>{drawings[sign]}</g>"


def _outline(outline: Outline, name: str) -> str:
    fill, pattern, stroke, width, dashes = _STYLES[outline.style]
    path = "".join(_rings(part) for part in shapely.get_parts(outline.shape))
    if not path:
        return ""
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    ground = f'<path d="{path}" fill="{fill}" fill-rule="evenodd" />' if fill != "none" else ""
    face = f"url(#{name}-{pattern})" if pattern else "none"
    # A white line under the outline keeps it apart from the hatch of the ground.
    under = f'<path d="{path}" fill="none" stroke="#ffffff" stroke-width="{width + 0.5:.2f}" />'
    return (
        f'{ground}{under}<path d="{path}" fill="{face}" fill-rule="evenodd" stroke="{stroke}" '
        f'stroke-width="{width}" stroke-linejoin="round"{dash} />'
    )


def _rings(part: Any) -> str:
    if part.is_empty:
        return ""
    if part.geom_type == "Polygon":
        return "".join(_line(shapely.get_coordinates(ring)[:-1]) + "Z" for ring in (part.exterior, *part.interiors))
    if part.geom_type in {"LineString", "LinearRing"}:
        return _line(shapely.get_coordinates(part))
    return ""


def _line(points: Any) -> str:
    rounded = np.round(np.asarray(points, dtype=np.float64), 2) + 0.0
    if len(rounded) == 0:
        return ""
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in rounded)


def _turning(data: MapData, labels: Labels) -> list[str]:
    parts = [
        f'<circle cx="{_n(point.x)}" cy="{_n(point.y)}" r="0.55" fill="#ffffff" stroke="{INK}" stroke-width="0.3" />'
        for point in data.turning
    ]
    for point in data.turning:
        width = text_width(point.number, SMALL)
        x, y = point.x + point.dx * (1.6 + width / 2), point.y + point.dy * 2.4
        if labels.take(x - width / 2, y - SMALL / 2, x + width / 2, y + SMALL / 2):
            parts.append(_halo(point.number, x, y + SMALL * 0.36, SMALL))
    return parts


def _labels(data: MapData, words: Words, labels: Labels) -> list[str]:
    parts: list[str] = []
    wanted: list[tuple[float, float, Cell, int]] = []
    for outline in sorted(data.outlines, key=lambda each: -float(shapely.area(each.shape))):
        if outline.label is not None and not outline.shape.is_empty:
            point = outline.shape.representative_point()
            # What was released is always said where it is drawn; a name may be left out.
            steps = 7 if outline.style is Style.RELEASED_EDGE else 1
            wanted.append((float(point.x), float(point.y), outline.label, steps))
    wanted.sort(key=lambda each: -each[3])
    wanted += [(symbol.x, symbol.y, symbol.label, 1) for symbol in data.symbols if symbol.label is not None]
    for x, y, label, steps in wanted:
        lines = words(label).split("\n")
        size = TEXT if len(lines) == 1 else SMALL
        width, height = max(text_width(line, size) for line in lines), size * 1.2 * len(lines)
        spot = labels.find(x, y, width, height, steps)
        if spot is None:
            continue
        if abs(spot[0] - x) > width / 2 + 2 or abs(spot[1] - y) > height / 2 + 2:
            parts.append(_leader((x, y), spot, (width / 2, height / 2)))
        for index, line in enumerate(lines):
            parts.append(_halo(line, spot[0], spot[1] - height / 2 + size * (0.9 + 1.2 * index), size))
    return parts


def _leader(point: tuple[float, float], box: tuple[float, float], half: tuple[float, float]) -> str:
    """Return the line from a point to the edge of its label's box (centre and half size)."""
    (x, y), (to_x, to_y) = point, box
    dx, dy = x - to_x, y - to_y
    share = min(half[0] / abs(dx) if dx else 9.0, half[1] / abs(dy) if dy else 9.0)
    end = f"M{_n(x)} {_n(y)}L{_n(to_x + dx * share)} {_n(to_y + dy * share)}"
    return (
        f'<path d="{end}" stroke="#ffffff" stroke-width="0.8" /><path d="{end}" stroke="{INK}" stroke-width="0.25" />'
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="0.4" fill="{INK}" />'
    )


def _halo(text: str, x: float, y: float, size: float) -> str:
    at = f'x="{_n(x)}" y="{_n(y)}" font-size="{size}" text-anchor="middle"'
    shown = escape(text)
    return (
        f'<text {at} fill="#ffffff" stroke="#ffffff" stroke-width="0.9" stroke-linejoin="round">{shown}</text>'
        f'<text {at} fill="{INK}">{shown}</text>'
    )


def _bar(data: MapData, words: Words) -> str:
    """Return scale and scale bar, under the face so that they cover nothing."""
    if data.bar_m <= 0:
        return ""
    right, bottom = data.inner[2:]
    full = data.bar_m * 2 * 1000.0 / data.scale
    caption = words(_("1 : {scale} on A4", {"scale": words_number(words, data.scale)}))
    ends = [words_length(words, metres) for metres in (0.0, data.bar_m, data.bar_m * 2)]
    x, y = right - full - text_width(ends[-1], SMALL) / 2, bottom + 7.6
    ticks = "".join(
        f'<text x="{_n(x + full * part / 2)}" y="{_n(y - 0.9)}" text-anchor="middle">{escape(end)}</text>'
        for part, end in enumerate(ends)
    )
    return (
        f'<g font-size="{SMALL}" fill="{INK}">{ticks}'
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(full / 2)}" height="1" fill="{INK}" />'
        f'<rect x="{_n(x + full / 2)}" y="{_n(y)}" width="{_n(full / 2)}" height="1" fill="#ffffff" '
        f'stroke="{INK}" stroke-width="0.2" />'
        f'<text x="{_n(x - 2.4)}" y="{_n(y + 1)}" text-anchor="end">{escape(caption)}</text></g>'
    )


def _corner(data: MapData, labels: Labels, wide: float, high: float) -> tuple[float, float, float, float]:
    """Return the place of a plate in the corner where it covers least; upper right if all are alike."""
    left, top, right, bottom = data.inner
    x_ends, y_ends = (right - 1.5 - wide, left + 1.5), (top + 1.5, bottom - 1.5 - high)

    def covered(corner: tuple[float, float]) -> float:
        x, y = corner
        box = shapely.box(x, y, x + wide, y + high)
        marks = 0.0 if labels.free(x, y, x + wide, y + high) else 100.0
        hidden = [each.shape for each in data.outlines if each.style is not Style.UNIT]
        points = sum(x - 3 <= point.x <= x + wide + 3 and y - 3 <= point.y <= y + high + 3 for point in data.turning)
        return marks + 100.0 * points + sum(float(shapely.area(shapely.intersection(box, shape))) for shape in hidden)

    x, y = min(((x, y) for y in y_ends for x in x_ends), key=covered)
    return x, y, x + wide, y + high


def words_number(words: Words, value: float) -> str:
    """Return a whole number in the language's way."""
    from fallow.documents.model import Quantity

    return words(Quantity(value))


def words_length(words: Words, metres: float) -> str:
    """Return a length in m or km in the language's way."""
    from fallow.documents.model import Quantity

    if metres == 0:
        return words(Quantity(0.0))
    if metres >= 1000:
        return words(Quantity(metres / 1000.0, "km", 0 if metres % 1000 == 0 else 1))
    return words(Quantity(metres, "m", 0 if metres % 1 == 0 else 1))


def _north(data: MapData, words: Words, labels: Labels) -> str:
    x0, y0, x1, y1 = _corner(data, labels, 10.0, 16.0)
    labels.take(x0, y0, x1, y1, force=True)
    x, y = (x0 + x1) / 2, y0 + 10.3
    return (
        f'<g fill="{INK}">{_plate(x0, y0, x1, y1)}'
        f'<text x="{_n(x)}" y="{_n(y0 + 3.4)}" text-anchor="middle" font-weight="bold">'
        f"{escape(words(_('N')))}</text>"
        f'<g transform="translate({_n(x)} {_n(y)}) rotate({data.north_deg:.2f})">'
        f'<path d="M0 -5.6L2 4.4L0 2.8Z" /><path d="M0 -5.6L-2 4.4L0 2.8Z" fill="#ffffff" stroke="{INK}" '
        'stroke-width="0.25" /></g></g>'
    )


def _burnt(data: MapData, word: str) -> str:
    left, top, right, bottom = data.inner
    wide, high = right - left, bottom - top
    size = min(wide * 0.8 / (0.72 * len(word)), high * 0.3)
    parts = []
    for down in (0.3, 0.75):
        x, y = left + wide / 2, top + high * down
        parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" transform="rotate(-16 {_n(x)} {_n(y)})" font-size="{size:.2f}" '
            f'font-weight="bold" text-anchor="middle" fill="{INK}" fill-opacity="0.13">{escape(word)}</text>'
        )
    return "".join(parts)


def _grid_labels(data: MapData, words: Words) -> list[str]:
    left, top, right, bottom = data.inner
    parts = [f'<g font-size="{SMALL}" fill="{INK}">']
    taken = {"left": bottom + 9.0, "bottom": left - 9.0}
    for line in data.grid:
        shown = words(line.label)
        half = text_width(shown, SMALL) / 2
        if line.side == "bottom":
            x = max(line.points, key=lambda point: point[1])[0]
            x = min(max(x, left + half), right - half)
            if x - half > taken["bottom"]:
                parts.append(f'<text x="{_n(x)}" y="{_n(bottom + 3.2)}" text-anchor="middle">{escape(shown)}</text>')
                taken["bottom"] = x + half + 2
        else:
            y = min(line.points)[1]
            y = min(max(y, top + half), bottom - half)
            if y + half < taken["left"]:
                at = f"{_n(left - 1.2)} {_n(y)}"
                parts.append(
                    f'<text transform="translate({at}) rotate(-90)" text-anchor="middle">{escape(shown)}</text>'
                )
                taken["left"] = y - half - 2
    name = words(_("Grid: {system}", {"system": data.grid_name}))
    parts.append(f'<text x="{_n(left)}" y="{_n(bottom + 8.6)}">{escape(name)}</text></g>')
    return parts


def _pattern(name: str, kind: str) -> str:
    size, drawing, turn = _PATTERNS[kind]
    turned = f' patternTransform="rotate({turn})"' if turn else ""
    return (
        f'<pattern id="{name}-{kind}" width="{size}" height="{size}" patternUnits="userSpaceOnUse"{turned}>'
        f"{drawing}</pattern>"
    )


def _plate(x0: float, y0: float, x1: float, y1: float) -> str:
    return _rect(x0, y0, x1, y1, "#ffffff", more=f' stroke="{LINE}" stroke-width="0.2"')


def _rect(x0: float, y0: float, x1: float, y1: float, fill: str = "", *, more: str = "") -> str:
    painted = f' fill="{fill}"' if fill else ""
    return f'<rect x="{_n(x0)}" y="{_n(y0)}" width="{_n(x1 - x0)}" height="{_n(y1 - y0)}"{painted}{more} />'


def _n(value: float) -> str:
    text = f"{float(value):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


__all__ = ["GROUND_LEGEND", "Symbol", "draw", "swatch", "symbol_svg"]
