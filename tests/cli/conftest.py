"""Fixtures of the command line's tests."""

from tests.cli.desk import desk, land

__all__ = ["desk", "land"]
