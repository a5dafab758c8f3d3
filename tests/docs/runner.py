"""Runs what documentation pages show: shell sessions in order in one folder, and Python blocks in one namespace.

In a ``console`` block a line that starts with ``$ `` is a command (``> `` goes on with it), and the lines after it
are what it prints, standard output and error together. ``…`` stands for any text within a line; a line that is
nothing but ``…`` stands for any number of lines. No lines after a command: what it prints is not looked at. A last
line ``[exit N]`` says that the command ends with status N; otherwise it must end with 0. Blocks in other languages
are not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<language>[\w-]*)[^\n]*\n(?P<body>.*?)^(?P=ticks)[ \t]*$", re.MULTILINE | re.DOTALL
)
EXIT = re.compile(r"\[exit (\d+)\]")
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and the line of the page on which its text starts."""

    language: str
    body: str
    line: int


@dataclass(slots=True)
class Step:
    """One command of a console block with what it is expected to print and its exit status."""

    command: str
    line: int
    expected: list[str] = field(default_factory=list)
    status: int = 0


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [
        Block(match["language"], match["body"], text.count("\n", 0, match.start("body")) + 1)
        for match in FENCE.finditer(text)
    ]


def steps(block: Block) -> list[Step]:
    """Return the commands of a console block.

    Raises:
        ValueError: the block starts with something that is no command.
    """
    found: list[Step] = []
    in_command = False
    for number, line in enumerate(block.body.splitlines(), start=block.line):
        if line.startswith("$ "):
            found.append(Step(line[2:], number))
            in_command = True
        elif not found:
            raise ValueError(f"line {number}: a console block starts with a command: {line!r}")
        elif in_command and line.startswith("> "):
            found[-1].command += "\n" + line[2:]
        elif in_command and line == ">":
            found[-1].command += "\n"
        elif match := EXIT.fullmatch(line):
            found[-1].status = int(match[1])
        else:
            in_command = False
            found[-1].expected.append(line.rstrip())
    return found


def matches(expected: list[str], printed: list[str]) -> bool:
    """Return whether printed lines fit expected ones with their wildcards."""
    parts = []
    for line in expected:
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*?".join(re.escape(piece) for piece in line.rstrip().split("…")) + r"\n")
    return re.fullmatch("".join(parts), "".join(line.rstrip() + "\n" for line in printed)) is not None


class Session:
    """A shell whose folder and variables live from one command to the next.

    Args:
        folder: the folder that the session starts in; it is also its home.
        bin_folder: where ``fallow`` is found.
    """

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder = folder
        self._state = folder.parent / f"{folder.name}.state"
        self._env = {
            "PATH": f"{bin_folder}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "120",
            "NO_COLOR": "1",
        }
        self._state.write_text(f"cd {folder}\n", encoding="utf-8")

    def run(self, command: str) -> tuple[int, str]:
        """Run a command; return its exit status and what it printed."""
        keep = f'\n__status=$?\n{{ declare -px; printf "cd %q\\n" "$PWD"; }} > "{self._state}"\nexit $__status\n'
        # `set -a`: variables live on from one command to the next, as they would in one shell.
        script = f'source "{self._state}" 2> /dev/null\nset -a\n{command}{keep}'
        run = subprocess.run(
            ["bash", "-c", script],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
        return run.returncode, run.stdout.decode("utf-8", errors="replace")


def run_page(text: str, session: Session, name: str = "page") -> int:
    """Run every console and Python block of a page in order.

    Returns:
        How many commands and Python blocks were run.

    Raises:
        AssertionError: something ended or printed otherwise than the page says; the message shows both.
    """
    ran = 0
    namespace: dict[str, object] = {"__name__": "page"}
    for block in blocks(text):
        if block.language == "python":
            where = os.getcwd()  # noqa: PTH109 - what chdir needs back
            os.chdir(session.folder)
            try:
                padded = "\n" * (block.line - 1) + block.body
                exec(compile(padded, name, "exec"), namespace)  # noqa: S102 - the page is ours
            finally:
                os.chdir(where)
            ran += 1
        elif block.language == "console":
            for step in steps(block):
                status, printed = session.run(step.command)
                told = f"{name}, line {step.line}: $ {step.command}\n"
                assert status == step.status, f"{told}ended with {status}, not {step.status}:\n{printed}"
                fits = not step.expected or matches(step.expected, printed.splitlines())
                assert fits, f"{told}expected:\n" + "\n".join(step.expected) + f"\nprinted:\n{printed}"
                ran += 1
    return ran
