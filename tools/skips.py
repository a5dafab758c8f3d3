"""Read the skip report of a test run and fail if a test was skipped that this machine ought to have run.

`python tools/skips.py REPORT` prints nothing and ends with 0 when every skip is a stated property of the platform
(its reason begins with ``platform:``) or of data sets that are not there (it names ``FALLOW_DATA``); any other skip is printed and ends with 1.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ALLOWED = "platform:"
# Data sets lie beside a checkout and are never part of it; a machine without them says so and is no worse for it.
DATA = "FALLOW_DATA"


def unexpected(report: Path) -> list[str]:
    """Return one line for each skip that hides something.

    Args:
        report: file written by ``pytest --skip-report``.

    Raises:
        FileNotFoundError: the tests did not write their report, so nothing is known about them.
    """
    rows = json.loads(report.read_text(encoding="utf-8"))["skipped"]
    return [
        f"skipped: {row['test']}: {row['reason']}"
        for row in rows
        if not row["reason"].startswith(ALLOWED) and DATA not in row["reason"]
    ]


def main(arguments: list[str]) -> int:
    """Run the command."""
    lines = unexpected(Path(arguments[0]))
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
