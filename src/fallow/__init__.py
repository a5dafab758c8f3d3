"""Fallow, the open register of explosive hazards on land.

Importing this package is light: public names are resolved on first use (PEP 562), and heavy libraries are
loaded inside the functions that need them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_EXPORTS = {
    "Actor": "fallow.register",
    "Register": "fallow.register",
    "FallowError": "fallow.errors",
    "Snapshot": "fallow.records",
    "When": "fallow.records",
    "Count": "fallow.records",
    "Measured": "fallow.records",
}

if TYPE_CHECKING:
    from fallow.errors import FallowError as FallowError
    from fallow.records import Count as Count
    from fallow.records import Measured as Measured
    from fallow.records import Snapshot as Snapshot
    from fallow.records import When as When
    from fallow.register import Actor as Actor
    from fallow.register import Register as Register

__all__ = ["Actor", "Count", "FallowError", "Measured", "Register", "Snapshot", "When", "__version__"]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
