"""Depth bands and contamination classes that a hazard occupies and that a release covers.

Both lean to the side of hazard: what is not known occupies everything and releases nothing, so that removing
information never makes the register say less hazard. A stated accuracy is not used here for that reason: a depth
would count differently once its accuracy was lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from fallow.records.values import Absent, Wire
from fallow.terms.lists import code_list

GROUND_SURFACE = "ground_surface"
MIXED = "mixed"
UNKNOWN = "unknown"
_METRE = "m"
# What a release may state without a depth: that it holds for the whole column.
_WHOLE_COLUMN_KINDS = frozenset(("cancelled", "reduced"))
_KINDS = _WHOLE_COLUMN_KINDS | {"cleared"}


@cache
def band_limits() -> dict[str, tuple[float, float]]:
    """Return band → (upper, lower) limit in metres below the ground surface, from the top down.

    A band holds the depths below its upper limit down to its lower one, that one included; the surface band holds
    what lies on the ground.
    """
    terms = code_list("depth_band").terms
    return {code: (term.extra["from_m"], term.extra.get("to_m", float("inf"))) for code, term in terms.items()}


def all_bands() -> tuple[str, ...]:
    """Return every depth band, from the top down."""
    return tuple(band_limits())


def metres(depth: Wire) -> float | None:
    """Return a depth in metres below the ground surface, or None when it is not known as such.

    Args:
        depth: wire form of a measured depth, a reason for absence, or None. A depth from any other datum, or from
            none that is stated, is not known: a bed of water or a national zero says nothing about the ground.
    """
    if not isinstance(depth, dict) or depth.get("datum") != GROUND_SURFACE:
        return None
    value, unit = depth.get("value"), depth.get("unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        return None
    term = code_list("unit").terms.get(unit) if isinstance(unit, str) else None
    if term is None or _METRE not in (term.code, term.parent):
        return None
    # Centimetres come as whole numbers; dividing keeps 20 cm the same number as 0.2 m.
    factor = term.extra["factor"]
    return value / round(1 / factor) if factor < 1 else value * factor


def bands(depth_from: Wire, depth_to: Wire) -> tuple[str, ...]:
    """Return the depth bands that a hazard occupies, from the top down. A band that it touches in part counts.

    Args:
        depth_from: least depth, wire form; unknown: from the surface.
        depth_to: greatest depth, wire form; unknown: without end. Depths that contradict each other are unknown.
    """
    first, last = metres(depth_from), metres(depth_to)
    top = 0.0 if first is None else first
    bottom = float("inf") if last is None else last
    if top > bottom:
        return all_bands()
    return tuple(
        band
        for band, (upper, lower) in band_limits().items()
        if (top <= 0.0 if lower == upper else bottom > upper and top <= lower)
    )


def bands_released(depth: Wire, kind: str | None) -> tuple[str, ...]:
    """Return the depth bands that a release product covers fully, from the top down.

    Args:
        depth: wire form of the depth released.
        kind: code of ``release_kind``. Cancelled and reduced ground may state that a depth is not applicable: it is
            released through the whole column then. Nothing else without a depth releases anything.
    """
    if kind not in _KINDS:
        return ()
    if depth == Absent.NOT_APPLICABLE.wire():
        return all_bands() if kind in _WHOLE_COLUMN_KINDS else ()
    down_to = metres(depth)
    if down_to is None:
        return ()
    return tuple(band for band, (_, lower) in band_limits().items() if lower <= down_to)


@cache
def all_classes() -> tuple[str, ...]:
    """Return every contamination class that is a layer: all but *mixed*, which only sums up its parts."""
    return tuple(code for code in code_list("contamination_class") if code != MIXED)


def classes(contamination: Wire | Sequence[str]) -> tuple[str, ...]:
    """Return the contamination classes that a hazard occupies, in the order of the list.

    *Mixed* stands for the parts listed beside it, and for every class where none is. *Unknown* is a class of its
    own. Contamination that is missing, or holds what is no code, counts as every class.

    Args:
        contamination: list of codes, a reason for absence, or None.
    """
    named = _named(contamination)
    return all_classes() if named is None else named


def classes_released(contamination: Wire | Sequence[str]) -> tuple[str, ...]:
    """Return the contamination classes that a release product covers, in the order of the list.

    Only classes that it names: *mixed* without its parts, and contamination that is missing, release none, or a
    release would cover more once its parts were lost.

    Args:
        contamination: list of codes, a reason for absence, or None.
    """
    return _named(contamination) or ()


def _named(contamination: Wire | Sequence[str]) -> tuple[str, ...] | None:
    """Return the classes that are named, or None when they are not known."""
    if not isinstance(contamination, list | tuple) or not contamination:
        return None
    known = code_list("contamination_class")
    if any(not isinstance(code, str) or code not in known for code in contamination):
        return None
    return tuple(code for code in all_classes() if code in contamination) or None
