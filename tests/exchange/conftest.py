"""Where the large public data sets lie, when they are there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

# Read when the tests are collected: settings from outside are taken away while they run.
_FOLDER = Path(os.environ.get("FALLOW_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


@pytest.fixture
def data() -> Callable[[str], Path]:
    """Return a path among the data sets, or skip the test where they are not."""

    def path(name: str) -> Path:
        if not (_FOLDER / name).exists():
            pytest.skip(f"{name} is not in {_FOLDER}; set FALLOW_DATA to the folder of the data sets")
        return _FOLDER / name

    return path


@pytest.fixture
def squares() -> np.ndarray:
    """Return three squares near Kharkiv, in degrees."""
    return np.array([shapely.box(36 + n / 10, 50, 36.01 + n / 10, 50.01) for n in range(3)], dtype=object)
