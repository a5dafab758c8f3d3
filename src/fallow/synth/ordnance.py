"""Which entries of the ordnance catalogue the invented land draws from, by contamination class and by lasting."""

from __future__ import annotations

from functools import cache

import numpy as np

from fallow.synth.frame import Rng


@cache
def by_class() -> dict[str, tuple[str, ...]]:
    """Return contamination class → codes of the catalogue, in its order."""
    from fallow.terms import ordnance

    found: dict[str, list[str]] = {}
    for code, entry in ordnance().items():
        found.setdefault(entry.contamination, []).append(code)
    return {name: tuple(entries) for name, entries in found.items()}


@cache
def short_lived() -> dict[str, bool]:
    """Return code → whether its lasting is preset: a record of it should declare a life."""
    from fallow.terms import ordnance

    return {code: entry.lasting.startswith("self_") for code, entry in ordnance().items()}


@cache
def _lasting(name: str, short: bool) -> tuple[str, ...]:
    entries = by_class()[name]
    return tuple(code for code in entries if short_lived()[code] == short) or entries


def draw(classes: list[str], rng: Rng, short: list[bool] | None = None) -> list[str]:
    """Return one catalogue code per contamination class; ``mixed`` takes from any class.

    Args:
        classes: contamination classes.
        rng: random stream.
        short: per row, whether to draw an entry with a preset life where the class has one; None: any entry.
    """
    everything = tuple(code for entries in by_class().values() for code in entries)
    rolls = rng.random(len(classes))
    result = []
    for row, (name, roll) in enumerate(zip(classes, rolls, strict=True)):
        if name not in by_class():
            entries = everything
        elif short is None:
            entries = by_class()[name]
        else:
            entries = _lasting(name, short[row])
        result.append(entries[int(np.floor(roll * len(entries)))])
    return result
