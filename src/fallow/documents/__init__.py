"""Documents: the printed pages that an authority files, from a register and for the people who read them.

A builder (``build_totals``, ``build_filed``, ``build_balance``, ``build_area``) turns what a register knows at a
checkpoint into a :class:`Document`, which is plain data without a language. ``render`` writes it in English or
Ukrainian as HTML, PDF and XLSX. Every figure opens the records that it stands on; the same document gives the same
bytes; the ground of every map is *not assessed* until a record says otherwise.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

# No module is named like a function that it exports: importing the module would hide the function.
_EXPORTS = {
    "Document": "fallow.documents.model",
    "DocumentSource": "fallow.documents.source",
    "build_area": "fallow.documents.area",
    "build_balance": "fallow.documents.balance",
    "build_filed": "fallow.documents.filed",
    "build_totals": "fallow.documents.totals",
    "render": "fallow.documents.rendering",
}

if TYPE_CHECKING:
    from fallow.documents.area import build_area as build_area
    from fallow.documents.balance import build_balance as build_balance
    from fallow.documents.filed import build_filed as build_filed
    from fallow.documents.model import Document as Document
    from fallow.documents.rendering import render as render
    from fallow.documents.source import DocumentSource as DocumentSource
    from fallow.documents.totals import build_totals as build_totals

__all__ = [
    "Document",
    "DocumentSource",
    "build_area",
    "build_balance",
    "build_filed",
    "build_totals",
    "render",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.documents' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
