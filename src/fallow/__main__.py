"""``python -m fallow``: the command line."""

from fallow.cli import main

main()
