"""The words of the register: code lists, ordnance catalogue, field definitions, messages, glossary, lexicon.

This room is data with look-up and nothing else: TOML files under ``data/`` and the few functions that read them. It
imports nothing of Fallow, so every other room may use it. Codes are stable and never reused; a code that is no longer
given out stays, marked *retired*, and still resolves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fallow.terms._files import LANGUAGES

# No module is named like a function that it exports: importing the module would hide the function.
_EXPORTS = {
    "CodeList": "fallow.terms.lists",
    "Term": "fallow.terms.lists",
    "UnknownCodeError": "fallow.terms.lists",
    "code_list": "fallow.terms.lists",
    "code_list_names": "fallow.terms.lists",
    "label": "fallow.terms.lists",
    "Figure": "fallow.terms.catalogue",
    "LifePreset": "fallow.terms.catalogue",
    "Ordnance": "fallow.terms.catalogue",
    "life_presets": "fallow.terms.catalogue",
    "ordnance": "fallow.terms.catalogue",
    "time_note": "fallow.terms.catalogue",
    "FieldDefinition": "fallow.terms.definitions",
    "RecordDefinition": "fallow.terms.definitions",
    "record_definitions": "fallow.terms.definitions",
    "Explained": "fallow.terms.sentences",
    "explain": "fallow.terms.sentences",
    "messages": "fallow.terms.sentences",
    "GlossaryEntry": "fallow.terms.words",
    "Lexicon": "fallow.terms.words",
    "forbidden": "fallow.terms.words",
    "forbidden_phrases": "fallow.terms.words",
    "glossary": "fallow.terms.words",
}

if TYPE_CHECKING:
    from fallow.terms.catalogue import Figure as Figure
    from fallow.terms.catalogue import LifePreset as LifePreset
    from fallow.terms.catalogue import Ordnance as Ordnance
    from fallow.terms.catalogue import life_presets as life_presets
    from fallow.terms.catalogue import ordnance as ordnance
    from fallow.terms.catalogue import time_note as time_note
    from fallow.terms.definitions import FieldDefinition as FieldDefinition
    from fallow.terms.definitions import RecordDefinition as RecordDefinition
    from fallow.terms.definitions import record_definitions as record_definitions
    from fallow.terms.lists import CodeList as CodeList
    from fallow.terms.lists import Term as Term
    from fallow.terms.lists import UnknownCodeError as UnknownCodeError
    from fallow.terms.lists import code_list as code_list
    from fallow.terms.lists import code_list_names as code_list_names
    from fallow.terms.lists import label as label
    from fallow.terms.sentences import Explained as Explained
    from fallow.terms.sentences import explain as explain
    from fallow.terms.sentences import messages as messages
    from fallow.terms.words import GlossaryEntry as GlossaryEntry
    from fallow.terms.words import Lexicon as Lexicon
    from fallow.terms.words import forbidden as forbidden
    from fallow.terms.words import forbidden_phrases as forbidden_phrases
    from fallow.terms.words import glossary as glossary

__all__ = [
    "LANGUAGES",
    "CodeList",
    "Explained",
    "FieldDefinition",
    "Figure",
    "GlossaryEntry",
    "Lexicon",
    "LifePreset",
    "Ordnance",
    "RecordDefinition",
    "Term",
    "UnknownCodeError",
    "code_list",
    "code_list_names",
    "explain",
    "forbidden",
    "forbidden_phrases",
    "glossary",
    "label",
    "life_presets",
    "messages",
    "ordnance",
    "record_definitions",
    "time_note",
]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.terms' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
