"""Sample data that is shipped with the package, each folder with its licence and notice."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

SAMPLES = ("amsterdam",)


def sample(name: str = "amsterdam") -> Path:
    """Return the folder of a sample.

    Raises:
        KeyError: there is no such sample.
    """
    if name not in SAMPLES:
        raise KeyError(name)
    return Path(str(resources.files(__name__).joinpath(name)))
