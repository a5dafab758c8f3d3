"""The register: the inbox of immutable reports, the append-only log of acts, and its views in two times.

Reports come in and never change; a second person approves them; each approval is an act, a set of changes in a signed
chain. State is a fold of the accepted acts; everything else in the file is derived and can be made again.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

_EXPORTS = {
    "Actor": "fallow.register.register",
    "Approval": "fallow.register.approve",
    "Checkpoint": "fallow.register.views",
    "Info": "fallow.register.register",
    "Intake": "fallow.register.inbox",
    "Register": "fallow.register.register",
    "ROLES": "fallow.register.register",
    "at": "fallow.register.place",
}

if TYPE_CHECKING:
    from fallow.register.approve import Approval as Approval
    from fallow.register.inbox import Intake as Intake
    from fallow.register.place import at as at
    from fallow.register.register import ROLES as ROLES
    from fallow.register.register import Actor as Actor
    from fallow.register.register import Info as Info
    from fallow.register.register import Register as Register
    from fallow.register.views import Checkpoint as Checkpoint

__all__ = ["ROLES", "Actor", "Approval", "Checkpoint", "Info", "Intake", "Register", "at"]


def __getattr__(name: str) -> object:
    """Resolve a public name on first use."""
    try:
        module = _EXPORTS[name]
    except KeyError:
        raise AttributeError(f"module 'fallow.register' has no attribute {name!r}") from None
    return getattr(import_module(module), name)
