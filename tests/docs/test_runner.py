"""The runner of documentation pages runs what they show and notices when it is not so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.docs.runner import Session, blocks, matches, run_page, steps


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "home"
    folder.mkdir()
    return Session(folder, Path(sys.executable).parent)


GOOD = """
Text with `code`.

```console
$ export WHO=ana; mkdir land; cd land
$ cat > note.txt <<'END'
> one
>
> three
> END
$ cat note.txt
one

three
$ echo "$WHO at $(basename "$PWD")"
ana at land
```

```python
from pathlib import Path
lines = (Path("land") / "note.txt").read_text().splitlines()
assert len(lines) == 3
```

```console
$ ls missing; echo gone >&2; exit 4
…
gone
[exit 4]
```

```text
$ false
```
"""


def test_a_true_page_passes_and_counts_what_it_ran(session: Session) -> None:
    assert run_page(GOOD, session) == 6


@pytest.mark.parametrize(
    "page",
    [
        "```console\n$ echo one\ntwo\n```",
        "```console\n$ echo one\none\ntwo\n```",
        "```console\n$ printf 'one\\ntwo\\n'\none\n```",
        "```console\n$ false\n```",
        "```console\n$ true\n[exit 1]\n```",
        "```console\n$ echo error >&2\nnothing\n```",
        "```python\nassert 1 == 2\n```",
        '```console\n$ export A=1\n```\n\n```console\n$ test "$A" = 2\n```',
    ],
)
def test_a_false_page_fails(page: str, session: Session) -> None:
    with pytest.raises(AssertionError):
        run_page(page, session)


def test_a_page_does_not_see_the_settings_of_its_reader(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALLOW_USER", "somebody")
    run_page('```console\n$ echo "[$FALLOW_USER] $HOME"\n[] …/home\n```', session)


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        (["a … c"], ["a b c"], True),
        (["a … c"], ["a b d"], False),
        (["…", "end"], ["one", "two", "end"], True),
        (["…", "end"], ["end"], True),
        (["start", "…"], ["other", "start"], False),
        (["x.y"], ["xzy"], False),
    ],
)
def test_wildcards(expected: list[str], printed: list[str], fits: bool) -> None:
    assert matches(expected, printed) is fits


def test_a_console_block_starts_with_a_command() -> None:
    with pytest.raises(ValueError, match="line 2"):
        steps(blocks("```console\necho one\n```")[0])
