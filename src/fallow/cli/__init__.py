"""The command ``fallow``: one module per command, thin over the rooms below, the same words as the documents."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from fallow.cli.app import run

    run()
