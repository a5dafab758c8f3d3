"""CPU seconds of starting: `import fallow` and `fallow --help`, beside an interpreter that does nothing.

CPU seconds of the child process are told, the smallest of several runs, because they hardly depend on what else the
machine does. `python benchmarks/startup.py [RUNS]`.
"""

from __future__ import annotations

import os
import subprocess
import sys

RUNS = 7
CASES = {
    "python -c pass": "pass",
    "import fallow": "import fallow",
    "fallow --help": "import sys; sys.argv = ['fallow', '--help']; from fallow.cli import main; main()",
}


def cpu_seconds(code: str) -> float:
    """Return user and system seconds that an interpreter takes to run some code."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    for code in CASES.values():
        cpu_seconds(code)  # once for the file cache
    base = None
    for name, code in CASES.items():
        seconds = min(cpu_seconds(code) for _ in range(runs))
        base = seconds if base is None else base
        print(f"{name:<16} {seconds:6.3f} s CPU   {seconds - base:+6.3f} s over the bare interpreter")


if __name__ == "__main__":
    main()
