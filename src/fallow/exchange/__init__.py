"""Exchange: files in, files out.

Readers turn a file of one format into rows of one record type: columns by register field, the values as
received beside them, the shapes as surveyed and in WGS 84, and a finding for everything that could not be
taken as it stood. Mapping profiles say what the columns of a source mean. Nothing is guessed in silence and
nothing is dropped: what has no place among the fields stays with the row, and a file that does not say where
it is, is refused.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# No module is named like a function that it exports: importing the module would hide the function.
_EXPORTS = {
    "Profile": "fallow.exchange.profiles",
    "packaged_profiles": "fallow.exchange.profiles",
    "read": "fallow.exchange.reader",
    "read_typed": "fallow.exchange.typed",
    "sample": "fallow.exchange.samples",
    "template": "fallow.exchange.templates",
    "typed_batch": "fallow.exchange.typed",
    "write_records": "fallow.exchange.writer",
    "write_snapshot": "fallow.exchange.writer",
}

if TYPE_CHECKING:
    from fallow.exchange.profiles import Profile as Profile
    from fallow.exchange.profiles import packaged_profiles as packaged_profiles
    from fallow.exchange.reader import read as read
    from fallow.exchange.samples import sample as sample
    from fallow.exchange.templates import template as template
    from fallow.exchange.typed import read_typed as read_typed
    from fallow.exchange.typed import typed_batch as typed_batch
    from fallow.exchange.writer import write_records as write_records
    from fallow.exchange.writer import write_snapshot as write_snapshot

__all__ = [
    "Profile",
    "packaged_profiles",
    "read",
    "read_typed",
    "sample",
    "template",
    "typed_batch",
    "write_records",
    "write_snapshot",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.exchange' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
