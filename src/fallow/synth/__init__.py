"""The invented land: synthetic records for the demonstration, for tests and for benchmarks.

An island country that does not exist, in open ocean, with units, places, parcels, people, and records of hazard and
of the work done on it. Everything is drawn at random from a seed and flagged synthetic in every record; areas are
scattered uniformly and on their own, and the room has no means to draw them in any other way. What it makes are files
that go in through the normal door; it never touches a register.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

_EXPORTS = {
    "SCALES": "fallow.synth.frame",
    "Land": "fallow.synth.land",
    "make_land": "fallow.synth.land",
    "Manifest": "fallow.synth.manifest",
    "load_manifest": "fallow.synth.manifest",
    "random_batch": "fallow.synth.batches",
}

if TYPE_CHECKING:
    from fallow.synth.batches import random_batch as random_batch
    from fallow.synth.frame import SCALES as SCALES
    from fallow.synth.land import Land as Land
    from fallow.synth.land import make_land as make_land
    from fallow.synth.manifest import Manifest as Manifest
    from fallow.synth.manifest import load_manifest as load_manifest

__all__ = ["SCALES", "Land", "Manifest", "load_manifest", "make_land", "random_batch"]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.synth' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
