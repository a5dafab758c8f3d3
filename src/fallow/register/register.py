"""The register: one file, its inbox and its log, behind one class."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fallow.errors import FallowError
from fallow.register import approve as approval
from fallow.register import clock, errors, inbox, outside, reconcile, views
from fallow.register.base import ROLES, Actor, Info, keys_folder
from fallow.register.ids import uuid7
from fallow.register.keys import KeyFolder
from fallow.register.log import NewAct, Patch, canonical
from fallow.register.reader import Reader, title_of
from fallow.register.store import Store, bulk

if TYPE_CHECKING:
    from fallow.records.batch import Batch, CheckResult

__all__ = ["ROLES", "Actor", "Info", "Register", "title_of"]


class Register(Reader):
    """An open register.

    Use :meth:`create` or :meth:`open`. Every writing method is one transaction and names who acted.
    """

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        actor: Actor,
        name: str,
        country: str = "",
        equal_area: str,
        booking_basis: str = "decision",
        synthetic: bool = False,
        notice: str = "",
        keys: Path | None = None,
        time: clock.Clock | None = None,
    ) -> Register:
        """Make a new register.

        Raises:
            RegisterExists, NetworkDrive, WrongRole: as they say.
        """
        if actor.role != "steward":
            raise errors.WrongRole(user=actor.name, role=actor.role, needed="steward", step="init")
        store = Store.create(path)
        try:
            register_id = uuid7()
            with store.write() as connection:
                connection.execute("INSERT INTO meta VALUES('register', ?)", (register_id,))
            register = cls._opened(store, actor, keys, None)
            register._time = time if synthetic and time is not None else clock.system_clock
            register._keys = KeyFolder(keys_folder(keys), register_id)
            patch = {
                "name": name,
                "country": country,
                "equal_area": equal_area,
                "booking_basis": booking_basis,
                "synthetic": synthetic,
                "notice": notice,
            }
            with store.write() as connection:
                act = NewAct("create_register", [Patch(register_id, "register", patch)], entered_by=actor.name)
                _, mark = register._append(connection, [act], clock.stamp(register._time()))
            register._keys.remember(mark)
        except BaseException:
            store.close()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
            raise
        return register

    def prepare(self, batch: Batch) -> inbox.Prepared:
        """Encode a batch as reports; nothing is written. It can be done while the checks run."""
        definition = self.registry.record(batch.record)
        personal = frozenset(name for name, item in definition.fields.items() if item.sensitivity == "personal")
        with bulk():
            return inbox.prepare(batch, personal, self.info.synthetic)

    def intake(
        self,
        batch: Batch,
        results: Sequence[CheckResult] = (),
        *,
        dry_run: bool = False,
        prepared: inbox.Prepared | None = None,
    ) -> inbox.Intake:
        """Take a batch into the inbox: rows with a blocking result are held, the others submitted.

        Args:
            batch: the rows.
            results: check results, by position of the row.
            dry_run: count only; nothing is written.
            prepared: what :meth:`prepare` made of the same batch.

        Raises:
            MixedSynthetic: a real register was given synthetic rows, or the other way round.
        """
        actor = self._may("enter")
        definition = self.registry.record(batch.record)
        self._refuse_mixture(batch)
        results = [*batch.results, *results]
        if prepared is None:
            prepared = self.prepare(batch)
        if dry_run:
            with self._store.read() as connection:
                known = inbox.known_uuids(connection, prepared.uuids)
            return _dry(batch, results, prepared, known)
        with bulk(), self._store.write() as connection:
            now = self._now(connection)
            return inbox.write_reports(
                connection,
                batch,
                results,
                prepared,
                form_version=definition.version,
                actor=self._actor_id(connection, actor),
                now=now,
                keys=self._keys,
            )

    def _refuse_mixture(self, batch: Batch) -> None:
        flags = batch.columns.get("synthetic")
        if not self.info.synthetic and flags is not None and any(flag is True for flag in flags):
            raise errors.MixedSynthetic(path=str(self.path))
        if self.info.synthetic and (flags is None or not all(flag is True for flag in flags)):
            raise errors.MixedSynthetic(path=str(self.path))

    def propose(
        self,
        kind: str,
        changes: Iterable[dict[str, Any]] = (),
        *,
        relations: Iterable[Sequence[str]] = (),
        undoes: str | None = None,
        reason: str | None = None,
        evidence: Sequence[str] = (),
    ) -> str:
        """Put an act before a second person: withdraw, merge, split, correct, undo, define a national field.

        Args:
            kind: code of the list ``act_kind``.
            changes: dicts of entity, record, patch, and if known from, to; the base is filled in.
            relations: (subject, kind, object) entities.
            undoes: UUID of the act to undo.
            reason: proposed reason, if it lowers.
            evidence: proposed evidence, if it lowers.

        Returns:
            The report's UUID.
        """
        actor = self._may("define" if kind == "define_field" else "enter")
        from fallow.terms import code_list

        if kind not in code_list("act_kind"):
            raise errors.InvalidAct(kind=kind, problem="kind")
        self._history.refresh()
        upto = self._history.upto
        prepared = []
        for change in changes:
            state = self._history.state(change["record"], change["entity"], None, upto)
            if not state.exists and kind not in ("define_field", "split"):
                raise errors.UnknownEntity(entity=change["entity"])
            prepared.append({"base": state.head, "from": None, "to": None} | change)
        known_acts = {
            change.act for group in self._history.by_record.values() for line in group.values() for change in line
        }
        if undoes is not None and undoes not in known_acts:
            raise errors.InvalidAct(kind=kind, problem=f"undoes {undoes}")
        links = [list(link) for link in relations]
        if not prepared and not links and undoes is None:
            raise errors.InvalidAct(kind=kind, problem="changes")
        body = canonical(
            {
                "changes": prepared,
                "relations": links,
                "undoes": undoes,
                "reason": reason,
                "evidence": list(evidence),
            }
        )
        report = uuid7()
        with self._store.write() as connection:
            now = self._now(connection)
            who = self._actor_id(connection, actor)
            cursor = connection.execute(
                "INSERT INTO report(uuid,form,form_version,source,row,actor,received_at,geometry,sha256,fields,raw) "
                "VALUES(?,?,?,NULL,NULL,?,?,NULL,?,?,?)",
                (report, f"act.{kind}", 1, who, now, inbox.report_digest(f"act.{kind}", body, b"{}"), body, b"{}"),
            )
            inbox.add_steps(connection, [cursor.lastrowid], [inbox.SUBMITTED], who, now, "")
        return report

    def define_field(self, record: str, definition: Any) -> str:
        """Propose a national field (a :class:`fallow.terms.FieldDefinition`); returns the report's UUID.

        Raises:
            BadDefinition: the field cannot be added to this register as it stands.
        """
        self._may("define")
        registry = self.registry
        newer = replace(definition, version=registry.record(record).version + 1)
        registry.adding(record, newer)
        change = {"entity": uuid7(), "record": "national_field", "patch": registry.entry(record, newer)}
        return self.propose("define_field", [change])

    def reconcile(self, report: str, kind: str, entity: str | None = None, note: str = "") -> None:
        """Say what a report is: ``new``, an ``update`` of an entity, or the ``same_as`` one.

        Raises:
            UnknownReport, UnknownEntity, InvalidAct: as they say.
        """
        actor = self._may("reconcile")
        if kind not in (reconcile.NEW, reconcile.UPDATE, reconcile.SAME_AS) or (entity is None) != (
            kind == reconcile.NEW
        ):
            raise errors.InvalidAct(kind=kind, problem="reconcile")
        self._history.refresh()
        with self._store.write() as connection:
            report_id = self._report_id(connection, report)
            form = connection.execute("SELECT form FROM report WHERE id=?", (report_id,)).fetchone()[0]
            base = None
            if entity is not None:
                state = self._history.state(form, entity, None, self._history.upto)
                if not state.exists:
                    raise errors.UnknownEntity(entity=entity)
                base = state.head
            now = self._now(connection)
            connection.execute(
                "INSERT INTO decision(report,kind,entity,base,actor,at,note) VALUES(?,?,?,?,?,?,?)",
                (report_id, kind, entity, base, self._actor_id(connection, actor), now, note),
            )

    def decide_all(self, reports: Sequence[str], kind: str) -> int:
        """Decide for many reports at once that they are ``new``, or ``update`` of what their issued ids name.

        Reports that need no decision get none. Returns how many got one.
        """
        if kind not in (reconcile.NEW, reconcile.UPDATE):
            raise errors.InvalidAct(kind=kind, problem="reconcile")
        decided = 0
        for report in reports:
            with self._store.read() as connection:
                report_id = self._report_id(connection, report)
                waits = inbox.state_of(connection, report_id) in inbox.OPEN_STATES
                match = self._match(connection, report_id) if waits else None
            if match is None or match["kind"] is not None:
                continue
            named = [item["entity"] for item in match["candidates"] if item["why"] == "identifier"]
            if kind == reconcile.NEW:
                self.reconcile(report, reconcile.NEW)
                decided += 1
            elif len(named) == 1:
                self.reconcile(report, reconcile.UPDATE, named[0])
                decided += 1
        return decided

    def step(self, reports: Sequence[str], state: str, note: str = "") -> int:
        """Review, reject or return reports; approval is :meth:`approve`.

        Raises:
            WrongState: a report is closed already.
            InvalidAct: a rejection without a note.
        """
        step = {inbox.REVIEWED: "review", inbox.REJECTED: "approve", inbox.RETURNED: "review"}.get(state)
        if step is None:
            raise errors.InvalidAct(kind=state, problem="step")
        actor = self._may(step)
        if state in (inbox.REJECTED, inbox.RETURNED) and not note.strip():
            raise errors.InvalidAct(kind=state, problem="note")
        with self._store.write() as connection:
            ids = sorted(self._report_id(connection, report) for report in reports)
            for report_id, report in zip(ids, reports, strict=True):
                present = inbox.state_of(connection, report_id)
                if present in (inbox.APPROVED, inbox.REJECTED):
                    raise errors.WrongState(report=report, state=present, step=state)
            now = self._now(connection)
            states = np.full(len(ids), state, dtype=object)
            inbox.add_steps(connection, ids, states, self._actor_id(connection, actor), now, note)
        return len(ids)

    def approve(
        self,
        reports: Sequence[str] | None = None,
        *,
        reason: str | None = None,
        evidence: Sequence[str] = (),
        outside_decision: str = outside.WORK_OUTSIDE,
        leave: bool = False,
    ) -> approval.Approval:
        """Approve reports; each becomes one act, all of them one signed batch, kept whole or not at all.

        Args:
            reports: UUIDs (or unambiguous beginnings), or None for every submitted or reviewed report.
            reason: reason of the list ``lowering_reason``, for acts that lower.
            evidence: the evidence, for acts that lower.
            outside_decision: what ground of a product outside recorded hazard is.
            leave: leave reports that cannot be approved in the inbox instead of refusing the whole.

        Raises:
            SamePerson: the approver entered a report.
            WrongState, NeedsDecision, NeedsReason, NeedsEvidence: as they say (unless ``leave``).
        """
        actor = self._may("approve")
        if outside_decision not in outside.DECISIONS:
            raise errors.InvalidAct(kind=outside_decision, problem="outside")
        self._history.refresh()
        done = approval.Approval()
        refused: set[int] = set()

        def refuse(report: approval.Incoming, error: FallowError) -> None:
            if not leave:
                raise error
            done.left[error.code] = done.left.get(error.code, 0) + 1
            refused.add(report.id)

        mark = None
        with bulk(), self._store.write() as connection:
            now = self._now(connection)
            incoming = self._up_for_approval(connection, reports, actor, refuse)
            context = self._context(connection, now, reason, list(evidence), outside_decision)
            acts = approval.make_acts(context, [item for item in incoming if item.id not in refused], refuse)
            if acts:
                uuids, mark = self._append(connection, acts, now)
                ids = np.array(sorted(act.report for act in acts if act.report is not None))
                states = np.full(len(ids), inbox.APPROVED, dtype=object)
                inbox.add_steps(connection, ids, states, self._actor_id(connection, actor), now, reason or "")
                done.acts = uuids
        if mark is not None:
            self._keys.remember(mark)
        self._sum_up(done, acts)
        return done

    def _sum_up(self, done: approval.Approval, acts: Sequence[NewAct]) -> None:
        touched: dict[str, str] = {}
        changed: dict[str, str] = {}
        for act in acts:
            done.approved += 1
            done.unchanged += act.kind == "same_as"
            done.outside_m2 += float(act.note.get("outside", {}).get("m2", 0.0))
            for patch in act.patches:
                touched[patch.entity] = patch.record
                if patch.base is not None:
                    changed[patch.entity] = patch.record
        done.entities = list(touched)
        if changed:
            self._history.refresh()
            upto = self._history.upto
            done.conflicts = sum(
                bool(self._history.state(record, entity, None, upto).conflicts) for entity, record in changed.items()
            )

    def _up_for_approval(
        self, connection: sqlite3.Connection, reports: Sequence[str] | None, actor: Actor, refuse: Any
    ) -> list[approval.Incoming]:
        array, names = inbox.states(connection)
        ready = [names.index(name) for name in inbox.OPEN_STATES]
        if reports is None:
            ids = [int(item) for item in np.flatnonzero(np.isin(array, ready))]
        else:
            ids = []
            for report in reports:
                report_id = self._report_id(connection, report)
                if array[report_id] not in ready:
                    raise errors.WrongState(report=report, state=names[array[report_id]], step=inbox.APPROVED)
                ids.append(report_id)
        incoming = approval.load(connection, sorted(set(ids)))
        for item in incoming:
            if item.entered_by == actor.name:
                refuse(item, errors.SamePerson(report=item.uuid, user=actor.name))
        return incoming

    def erase_personal(self, report: str) -> int:
        """Destroy the keys of the personal values in a report; returns how many. The chain stays whole."""
        self._may("approve")
        with self._store.read() as connection:
            report_id = self._report_id(connection, report)
            persons = [row[0] for row in connection.execute("SELECT person FROM sealed WHERE report=?", (report_id,))]
        return sum(self._keys.erase_person(person) for person in persons)

    def file_document(self, kind: str, name: str, body: bytes, *, true: dt.date | None, known: views.Checkpoint) -> str:
        """Keep a document's own bytes and pin its checkpoint; returns the filing's UUID."""
        import hashlib

        actor = self._may("approve")
        filing = uuid7()
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO filing(uuid,kind,checkpoint,head,true_date,filed_at,actor,name,sha256,body) "
                "VALUES(?,?,?,?,?,?,?,?,?,?)",
                (
                    filing,
                    kind,
                    known.seq,
                    bytes.fromhex(known.head),
                    None if true is None else true.isoformat(),
                    self._now(connection),
                    self._actor_id(connection, actor),
                    name,
                    hashlib.sha256(body).hexdigest(),
                    body,
                ),
            )
        return filing

    def rebuild(self) -> int:
        """Make the derived tables again from the log; returns the number of acts read."""
        from fallow.register.audit import rebuild

        with self._store.write() as connection:
            return rebuild(connection)


def _dry(batch: Batch, results: Sequence[CheckResult], prepared: inbox.Prepared, known: set[str]) -> inbox.Intake:
    from collections import Counter

    from fallow.records.batch import Severity

    blocked = {item.index for item in results if item.severity is Severity.BLOCKING and item.index >= 0}
    fresh = [i for i, uuid in enumerate(prepared.uuids) if uuid not in known]
    held = sum(1 for i in fresh if i in blocked)
    repeated = len(batch) - len(fresh)
    return inbox.Intake(
        len(batch) + len(batch.unread),
        len(fresh) - held,
        held,
        repeated + len(batch.unread),
        repeated,
        len(batch.unread),
        None,
        tuple(prepared.uuids[i] for i in fresh),
        Counter(item.code for item in results),
    )
