"""Write the generated reference pages into ``docs/reference``, or say with ``--check`` which ones are out of date."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
sys.path.insert(0, str(ROOT))

from tools.pages import PAGES  # noqa: E402 - found through the line above when run as a script


def drift(folder: Path) -> dict[str, str]:
    """Return name -> difference of each page in ``folder`` that is not what the program would write now."""
    found = {}
    for name, write in PAGES.items():
        path = folder / name
        have = path.read_text(encoding="utf-8") if path.exists() else ""
        want = write()
        if have != want:
            lines = difflib.unified_diff(
                have.splitlines(), want.splitlines(), f"{name} as kept", f"{name} as it should be", n=1
            )
            found[name] = "\n".join(lines)
    return found


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Write the generated reference pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")
    if parser.parse_args().check:
        found = drift(FOLDER)
        for difference in found.values():
            print("\n".join(difference.splitlines()[:20]), file=sys.stderr)
        if found:
            print(f"Out of date: {', '.join(found)}. Write them anew: make docs-pages", file=sys.stderr)
        return 1 if found else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
