"""The contract that every store of a register passes.

A test class subclasses :class:`RegisterContract` and says how a register is made; the reference model is the oracle.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Batch, CheckResult, Severity, SourceFile
from fallow.register import errors
from fallow.register.model import RANK, Model
from fallow.register.register import Actor, Register

ANNA, BOHDAN, STEWARD = Actor("Anna", "enter", "Op"), Actor("Bohdan", "approve", "Authority"), Actor("Sofia", "steward")
SQUARE = shapely.box(30.0, 50.0, 30.001, 50.001)
EQUAL_AREA = "+proj=laea +lat_0=50 +lon_0=30 +x_0=0 +y_0=0 +datum=WGS84 +units=m"


def area_batch(
    rows: list[dict[str, Any]], shapes: list[Any], record: str = "hazardous_area", name: str = "t.csv"
) -> Batch:
    """Return a batch of rows with shapes in WGS 84."""
    names = sorted({key for row in rows for key in row})
    array = np.empty(len(rows), dtype=object)
    array[:] = shapes
    columns = {key: [row.get(key) for row in rows] for key in names}
    raw = {"n": [str(row) for row in rows]}
    source = SourceFile(name, "0" * 64, 1, crs="EPSG:4326", crs_from="file")
    return Batch(record, source, np.arange(1, len(rows) + 1), columns, raw, array, array, None)


def area(number: int, **more: Any) -> dict[str, Any]:
    """Return the values of a hazardous area."""
    day = "2024-05-01"
    return {
        "identifiers": [{"issuer": "op", "value": f"HA-{number}"}],
        "name": f"Area {number}",
        "classification": "sha",
        "contamination": ["ap_mine"],
        "date_of_information": {"from": day, "to": day, "precision": "day"},
    } | more


class RegisterContract:
    """What every store promises. Subclasses give ``make(tmp_path, **settings)``."""

    def make(self, tmp_path: Path, **settings: Any) -> Register:
        """Return a new register, in the steward's hands."""
        raise NotImplementedError("a subclass says how a register is made")

    def entered(self, register: Register, rows: list[dict[str, Any]], shapes: list[Any], **more: Any) -> list[str]:
        """Take rows in as Anna; return the reports' ids."""
        return list(register.as_actor(ANNA).intake(area_batch(rows, shapes, **more)).reports)

    def approved(self, register: Register, rows: list[dict[str, Any]], shapes: list[Any], **more: Any) -> list[str]:
        """Take rows in as Anna and approve them as Bohdan; return the entities."""
        reports = self.entered(register, rows, shapes, **more)
        return register.as_actor(BOHDAN).approve(reports, reason="re_measured", evidence=["report 1"]).entities

    def test_counts_add_up_and_sending_twice_is_sending_once(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            rows, shapes = [area(1), area(2), area(3)], [SQUARE] * 3
            batch = area_batch(rows, shapes)
            batch.unread = [(5, "broken", "check.unreadable_value")]
            blocked = [CheckResult("check.self_crossing", Severity.BLOCKING, 1)]
            first = register.as_actor(ANNA).intake(batch, blocked)
            assert (first.total, first.accepted, first.held, first.rejected) == (4, 2, 1, 1)
            again = register.as_actor(ANNA).intake(batch, blocked)
            assert again.total == again.accepted + again.held + again.rejected
            assert (again.accepted, again.held, again.already_received) == (0, 0, 3)
            assert len(register.reports()) == 3

    def test_dry_run_changes_nothing(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            dry = register.as_actor(ANNA).intake(area_batch([area(1)], [SQUARE]), dry_run=True)
            assert dry.accepted == 1
            assert register.reports() == []

    def test_who_enters_never_approves(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            reports = self.entered(register, [area(1)], [SQUARE])
            for who in (Actor("Anna", "approve"), Actor("Bohdan", "enter"), Actor("", "approve")):
                try:
                    register.as_actor(who).approve(reports)
                except (errors.SamePerson, errors.WrongRole, errors.NoActor):
                    continue
                raise AssertionError(f"{who} approved")
            assert register.snapshot().ids("hazardous_area") == []

    def test_unapproved_shows_as_unverified_and_in_no_figure(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            self.entered(register, [area(1)], [SQUARE])
            snapshot = register.snapshot()
            assert snapshot.ids("hazardous_area") == []
            assert len(snapshot.unverified["hazardous_area"]) == 1

    def test_two_times(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            before = register.checkpoint()
            (entity,) = self.approved(register, [area(1)], [SQUARE])
            after = register.checkpoint()
            self.approved(register, [area(1, classification="cha", date_of_information=_when("2025-01-10"))], [SQUARE])
            assert register.snapshot(known=before.seq).ids("hazardous_area") == []
            assert register.snapshot(known=after.seq).row("hazardous_area", entity)["classification"] == "sha"
            assert register.snapshot(dt.date(2024, 6, 1)).row("hazardous_area", entity)["classification"] == "sha"
            assert register.snapshot(dt.date(2025, 2, 1)).row("hazardous_area", entity)["classification"] == "cha"
            assert register.snapshot(dt.date(2020, 1, 1)).ids("hazardous_area") == []

    def test_lowering_passes_one_door(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            self.approved(register, [area(1, classification="cha")], [SQUARE])
            reports = self.entered(register, [area(1, date_of_information=_when("2025-01-01"))], [SQUARE])
            bohdan = register.as_actor(BOHDAN)
            refusals = [
                ({}, errors.NeedsReason),
                ({"reason": "time_passed", "evidence": ["x"]}, errors.NeedsReason),
                ({"reason": "reclassified_on_evidence"}, errors.NeedsEvidence),
            ]
            for options, refusal in refusals:
                try:
                    bohdan.approve(reports, **options)  # type: ignore[arg-type]  # options are of two kinds
                except refusal:
                    continue
                raise AssertionError(f"{options} passed")
            bohdan.approve(reports, reason="reclassified_on_evidence", evidence=["report 7"])
            versions = register.versions("hazardous_area")
            assert list(versions.lowering) == [False, True]

    def test_conflict_is_kept_and_the_worse_stands(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            (entity,) = self.approved(register, [area(1)], [SQUARE])
            bohdan = register.as_actor(BOHDAN)
            wider = shapely.box(30.0005, 50.0, 30.002, 50.001)
            first = self.entered(register, [area(1, classification="cha", remarks="one")], [SQUARE])
            second = self.entered(register, [area(1, remarks="two")], [wider])
            for report in (*first, *second):
                register.as_actor(Actor("Rita", "review")).reconcile(report, "update", entity)
            bohdan.approve(first, reason="re_measured", evidence=["x"])
            done = bohdan.approve(second, reason="re_measured", evidence=["x"])
            assert done.conflicts == 1
            row = register.snapshot().row("hazardous_area", entity)
            assert row["classification"] == "cha"
            conflicts: Any = row["_conflicts"]
            assert {item["field"] for item in conflicts} == {"remarks"}

    def test_undo_takes_the_whole_set_back(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            (entity,) = self.approved(register, [area(1)], [SQUARE])
            act = register.history(entity).act[0]
            report = register.as_actor(ANNA).propose("undo", undoes=act, reason="survey_error", evidence=["x"])
            register.as_actor(BOHDAN).approve([report])
            assert register.snapshot().ids("hazardous_area") == []
            assert register.snapshot(known=register.checkpoint().seq - 1).ids("hazardous_area") == [entity]

    def test_model_agrees(self, tmp_path: Path, steps: list[tuple[str, int, str, str]] | None = None) -> None:
        """Run a script of (verb, area, classification, day) on the register and on the model."""
        script = steps or [
            ("new", 1, "sha", "2024-01-01"),
            ("new", 2, "cha", "2024-02-01"),
            ("set", 1, "cha", "2024-06-01"),
            ("set", 2, "sha", "2024-03-01"),
            ("undo", 1, "", ""),
            ("set", 1, "indication", "2023-01-01"),
        ]
        with self.make(tmp_path) as register:
            model = Model()
            known: dict[int, tuple[str, list[tuple[int, str]]]] = {}
            base = register.checkpoint().seq
            for verb, number, classification, decided_on in script:
                self._step(register, model, known, verb, number, classification, decided_on)
            for seq in range(model.acts + 1):
                for day in (None, "2022-12-31", "2023-06-01", "2024-01-15", "2024-02-15", "2024-07-01"):
                    true = None if day is None else dt.date.fromisoformat(day)
                    snapshot = register.snapshot(true, base + seq)
                    rows = dict(zip(snapshot.ids("hazardous_area"), snapshot.rows("hazardous_area"), strict=True))
                    for number, (entity, _acts) in known.items():
                        expected = model.state(str(number), day, seq)
                        found = rows.get(entity)
                        shown = None if found is None else found.get("classification")
                        wanted = None if expected is None else expected.get("classification")
                        assert shown == wanted, (seq, day, number, shown, wanted)
            assert register.audit().faults == []

    def _step(
        self,
        register: Register,
        model: Model,
        known: dict[int, tuple[str, list[tuple[int, str]]]],
        verb: str,
        number: int,
        classification: str,
        day: str,
    ) -> None:
        bohdan = register.as_actor(BOHDAN)
        if verb == "undo":
            if number not in known or len(known[number][1]) < 2:
                return
            at, act = known[number][1].pop()
            report = register.as_actor(ANNA).propose("undo", undoes=act, reason="survey_error", evidence=["x"])
            bohdan.approve([report])
            model.undo(at)
            return
        if verb == "set" and number not in known:
            return
        if verb == "new" and number in known:
            return
        shape = shapely.box(30.0 + number, 50.0, 30.001 + number, 50.001)
        row = area(number, classification=classification, date_of_information=_when(day), remarks=f"{model.acts}")
        before = self._before(register, known[number][0]) if number in known else None
        reports = self.entered(register, [row], [shape])
        done = bohdan.approve(reports, reason="reclassified_on_evidence", evidence=["x"])
        # A lowering that repeats the day already recorded holds from its decision.
        start = day
        if before is not None and before["day"] == day and RANK[classification] < RANK[before["classification"]]:
            start = str(register.checkpoint().at)[:10]
        act_at = model.add([(str(number), {"classification": classification}, start)])
        if verb == "new":
            known[number] = (done.entities[0], [(act_at, done.acts[0])])
        else:
            known[number][1].append((act_at, done.acts[0]))

    @staticmethod
    def _before(register: Register, entity: str) -> dict[str, Any] | None:
        snapshot = register.snapshot()
        if entity not in snapshot.ids("hazardous_area"):
            return None
        values: dict[str, Any] = snapshot.row("hazardous_area", entity)
        return {"day": values["date_of_information"]["from"], "classification": values["classification"]}

    def test_rebuild_gives_the_same(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            self.approved(register, [area(number) for number in range(1, 6)], [SQUARE] * 5)
            before = register.snapshot()
            assert register.audit().faults == []
            assert register.rebuild() == register.checkpoint().seq
            assert register.audit().faults == []
            after = register.snapshot()
            assert after.rows("hazardous_area") == before.rows("hazardous_area")

    def test_personal_values_are_sealed_and_can_be_erased(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            batch = area_batch([area(1, informant="Petro Ivanenko")], [SQUARE])
            batch.raw = {"who": ["Petro Ivanenko"]}
            (report,) = register.as_actor(ANNA).intake(batch).reports
            register.as_actor(BOHDAN).approve([report])
            assert "Ivanenko" not in str(register.report(report))
            assert "Ivanenko" not in str(register.snapshot().rows("hazardous_area"))
            assert register.as_actor(BOHDAN).personal(report) == {"informant": "Petro Ivanenko"}
            assert register.as_actor(BOHDAN).erase_personal(report) == 1
            assert register.as_actor(BOHDAN).personal(report) == {"informant": None}
            assert register.audit().faults == []

    def test_product_outside_becomes_a_linked_change(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            (entity,) = self.approved(register, [area(1)], [SQUARE])
            beyond = shapely.box(30.0005, 50.0, 30.0015, 50.001)
            product = {
                "kind": "cleared",
                "contamination": ["ap_mine"],
                "depth": {"value": 0.2, "unit": "m", "datum": "ground_surface"},
                "decided": _when("2025-01-01"),
            }
            reports = self.entered(register, [product], [beyond], record="release_product")
            done = register.as_actor(BOHDAN).approve(
                reports, reason="clearance_completed", evidence=["x"], outside_decision="extend_boundary"
            )
            assert done.outside_m2 > 1000
            grown = register.snapshot().shapes("hazardous_area")[0]
            assert grown.buffer(1e-9).covers(beyond)
            assert entity in register.snapshot().ids("hazardous_area")

    def test_real_and_synthetic_never_mix(self, tmp_path: Path) -> None:
        with self.make(tmp_path) as register:
            try:
                self.entered(register, [area(1, synthetic=True)], [SQUARE])
            except errors.MixedSynthetic:
                return
            raise AssertionError("a synthetic row entered a real register")


def _when(day: str) -> dict[str, str]:
    return {"from": day, "to": day, "precision": "day"}
