"""The contract on SQLite, and what only a file can suffer: kills, full disks, tampering, copies, two writers."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fallow.errors import exit_code
from fallow.register import Register, errors
from fallow.register.contract import ANNA, BOHDAN, EQUAL_AREA, SQUARE, STEWARD, RegisterContract, area, area_batch
from fallow.register.store import Store, filesystem_of
from fallow.terms import FieldDefinition


def made(folder: Path, **more: Any) -> Register:
    given_ = {"actor": STEWARD, "name": "Test", "equal_area": EQUAL_AREA, "keys": folder / "keys"} | more
    return Register.create(folder / "land.fallow", **given_)


def opened(folder: Path, **more: Any) -> Register:
    return Register.open(folder / "land.fallow", **({"actor": BOHDAN, "keys": folder / "keys"} | more))


class TestSQLite(RegisterContract):
    def make(self, tmp_path: Path, **more: Any) -> Register:
        return made(tmp_path, **more)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["new", "set", "set", "undo"]),
        st.integers(1, 3),
        st.sampled_from(["indication", "sha", "cha"]),
        st.sampled_from(["2023-01-01", "2024-01-01", "2024-02-01", "2024-06-01"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(steps=STEPS)
def test_random_scripts_agree_with_the_model(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    TestSQLite().test_model_agrees(tmp_path_factory.mktemp("script"), steps)


@pytest.mark.soak
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(steps=STEPS)
def test_many_random_scripts_agree_with_the_model(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    TestSQLite().test_model_agrees(tmp_path_factory.mktemp("script"), steps)


@pytest.mark.parametrize("table", ["report", "act", "batch", "step", "content", "acceptance"])
def test_log_refuses_update_and_delete(tmp_path: Path, table: str) -> None:
    with made(tmp_path) as register:
        contract = TestSQLite()
        contract.approved(register, [area(1)], [SQUARE])
    connection = sqlite3.connect(tmp_path / "land.fallow")
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid=rowid"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def tamper(path: Path, statement: str, *args: Any) -> None:
    """Do what an attacker with the file can do: drop the triggers, then change rows."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    assert connection.execute(statement, args).rowcount != 0
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE act SET body=replace(body, 'Bohdan', 'Mykola') WHERE id=2", "root"),
        ("UPDATE report SET fields=replace(fields, 'sha', 'cha') WHERE id=1", "report"),
        ("DELETE FROM act WHERE id=3", "act_count"),
        ("UPDATE batch SET signed_at='2020-01-01T00:00:00.000Z' WHERE id=2", "head"),
        ("UPDATE batch SET signature=zeroblob(64) WHERE id=2", "signature"),
        ("UPDATE content SET body=zeroblob(10) WHERE id=1", "content"),
        ("UPDATE acceptance SET last=last+1 WHERE first=2", "acceptance"),
        ("UPDATE change SET valid_from='2000-01-01' WHERE act=2", "derived"),
        ("DELETE FROM identifier", "derived"),
        ("UPDATE act SET report=NULL WHERE id=2", "act_row"),
    ],
)
def test_audit_names_tampering(tmp_path: Path, statement: str, kind: str) -> None:
    with made(tmp_path) as register:
        TestSQLite().approved(register, [area(1)], [SQUARE])
        TestSQLite().approved(register, [area(2)], [shapely.box(31, 50, 31.001, 50.001)])
        assert register.audit().faults == []
    tamper(tmp_path / "land.fallow", statement)
    try:
        with opened(tmp_path) as register:
            assert kind in {fault["kind"] for fault in register.audit().faults}
    except errors.NotARegister as error:
        # An act whose report is gone cannot be read: refused by name, never read as no change.
        assert kind == "act_row"
        assert "its report is gone" in str(error)


def test_a_copy_starts_a_new_epoch_that_names_its_parent(tmp_path: Path) -> None:
    with made(tmp_path) as register:
        TestSQLite().approved(register, [area(1)], [SQUARE])
    copy = tmp_path / "copy.fallow"
    shutil.copy(tmp_path / "land.fallow", copy)
    with Register.open(copy, actor=STEWARD, keys=tmp_path / "keys") as register:
        TestSQLite().approved(register, [area(2)], [shapely.box(31, 50, 31.001, 50.001)])
        found = register.audit()
        assert (found.origins, found.faults) == (2, [])


def test_an_older_copy_put_back_starts_a_new_epoch(tmp_path: Path) -> None:
    with made(tmp_path) as register:
        TestSQLite().approved(register, [area(1)], [SQUARE])
    older = tmp_path / "older"
    shutil.copy(tmp_path / "land.fallow", older)
    with opened(tmp_path) as register:
        TestSQLite().approved(register, [area(2)], [shapely.box(31, 50, 31.001, 50.001)])
    shutil.copy(older, tmp_path / "land.fallow")
    with opened(tmp_path) as register:
        TestSQLite().approved(register, [area(3)], [shapely.box(32, 50, 32.001, 50.001)])
        assert register.audit().origins == 2


def test_without_the_key_folder_a_new_epoch_starts(tmp_path: Path) -> None:
    with made(tmp_path) as register:
        TestSQLite().approved(register, [area(1)], [SQUARE])
    with opened(tmp_path, keys=tmp_path / "elsewhere") as register:
        TestSQLite().approved(register, [area(2)], [shapely.box(31, 50, 31.001, 50.001)])
        assert (register.audit().origins, register.audit().faults) == (2, [])


def test_two_writers_wait_or_say_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path).close()
    blocker = sqlite3.connect(tmp_path / "land.fallow", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("fallow.register.store.BUSY_MS", 50)
    with opened(tmp_path, actor=ANNA) as register:
        with pytest.raises(errors.Busy) as caught:
            register.intake(area_batch([area(1)], [SQUARE]))
        blocker.execute("ROLLBACK")
        assert register.intake(area_batch([area(1)], [SQUARE])).accepted == 1
    assert exit_code(caught.value.code) == 21
    blocker.close()


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    with made(tmp_path) as register:
        pages = register._store.connection.execute("PRAGMA page_count").fetchone()[0]
        register._store.connection.execute(f"PRAGMA max_page_count={pages + 2}")
        many = [area(number, remarks="x" * 500) for number in range(200)]
        with pytest.raises(errors.DiskFull) as caught:
            register.as_actor(ANNA).intake(area_batch(many, [SQUARE] * 200))
        assert exit_code(caught.value.code) == 22
        register._store.connection.execute("PRAGMA max_page_count=100000")
        assert register.reports() == []
        assert register.audit().faults == []


KILLED = """
    import sys, pathlib, numpy, os
    from fallow.register import Register
    from fallow.register.contract import *
    folder = pathlib.Path(sys.argv[1])
    register = Register.open(folder / "land.fallow", actor=ANNA, keys=folder / "keys")
    for round in range(1000):
        rows = [area(round * 50 + n) for n in range(50)]
        shapes = [shapely.box(n, 0, n + 0.001, 0.001) for n in range(50)]
        done = register.as_actor(ANNA).intake(area_batch(rows, shapes))
        register.as_actor(BOHDAN).approve(done.reports, leave=True)
        print(len(done.reports), flush=True)
"""


def _kill_once(tmp_path: Path, lines: int) -> None:
    made(tmp_path).close()
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for _ in range(lines):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    with opened(tmp_path) as register:
        waiting = len(register.reports("submitted"))
        approved = len(register.reports("approved"))
        # Every acknowledged round is there; at most the two transactions of the round being written are more.
        acknowledged = 50 * (lines + len(rest))
        assert approved + waiting >= acknowledged
        assert approved % 50 == 0
        assert waiting % 50 == 0
        assert register.audit().faults == []
        assert len(register.snapshot().ids("hazardous_area")) == approved


def test_kill_nine_loses_nothing_acknowledged(tmp_path: Path) -> None:
    _kill_once(tmp_path, 3)


@pytest.mark.soak
@pytest.mark.parametrize("lines", range(1, 51))
def test_fifty_kills(tmp_path: Path, lines: int) -> None:
    _kill_once(tmp_path, lines % 7 + 1)


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    with pytest.raises(errors.NotARegister):
        Register.open(text)
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).execute("CREATE TABLE t(a)").connection.commit()
    with pytest.raises(errors.NotARegister):
        Register.open(other)
    with pytest.raises(errors.RegisterMissing):
        Register.open(tmp_path / "none.fallow")
    with made(tmp_path):
        pass
    with pytest.raises(errors.RegisterExists):
        made(tmp_path)
    newer = sqlite3.connect(tmp_path / "land.fallow")
    newer.execute("PRAGMA user_version=99")
    newer.commit()
    newer.close()
    with pytest.raises(errors.NewerFormat):
        opened(tmp_path)


def test_network_drives_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert filesystem_of(tmp_path / "land.fallow", str(mounts)) == "nfs4"
    monkeypatch.setattr("fallow.register.store.filesystem_of", lambda _path: "nfs4")
    with pytest.raises(errors.NetworkDrive):
        Store.create(tmp_path / "land.fallow")


def test_only_an_invented_land_has_another_clock(tmp_path: Path) -> None:
    with made(tmp_path) as register, pytest.raises(errors.MixedSynthetic):
        register.at_time(lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC))


def test_read_only_without_an_actor(tmp_path: Path) -> None:
    made(tmp_path).close()
    with opened(tmp_path, actor=None) as register, pytest.raises(errors.NoActor):
        register.intake(area_batch([area(1)], [SQUARE]))


def test_a_national_field_enters_a_live_register(tmp_path: Path) -> None:
    with made(tmp_path) as register:
        contract = TestSQLite()
        contract.approved(register, [area(1)], [SQUARE])
        field = FieldDefinition(
            name="x_cadastre",
            type="text",
            labels={"en": "Cadastre sheet", "uk": "Кадастровий аркуш"},
            help={"en": "", "uk": ""},
            source="national",
        )
        report = register.as_actor(STEWARD).define_field("hazardous_area", field)
        register.as_actor(BOHDAN).approve([report])
        assert "x_cadastre" in register.registry.record("hazardous_area").fields
        later = shapely.box(31, 50, 31.001, 50.001)
        contract.approved(register, [area(2, x_cadastre="12-A")], [later])
        contract.approved(register, [area(3)], [shapely.box(32, 50, 32.001, 50.001)])  # a form made before
        rows = register.snapshot().rows("hazardous_area")
        assert [row.get("x_cadastre") for row in rows] == [None, "12-A", None]
        assert register.audit().faults == []


def test_a_shrink_that_repeats_an_old_survey_day_holds_from_its_decision(tmp_path: Path) -> None:
    with made(tmp_path) as register:
        contract = TestSQLite()
        (entity,) = contract.approved(register, [area(1)], [SQUARE])
        smaller = shapely.box(30.0, 50.0, 30.0005, 50.001)
        contract.approved(register, [area(1)], [smaller])  # the same date of information, 2024-05-01
        then = register.snapshot(dt.date(2024, 6, 1))
        assert then.shapes("hazardous_area")[then.ids("hazardous_area").index(entity)].equals(SQUARE)
