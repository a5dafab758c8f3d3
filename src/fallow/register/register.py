"""The register: one file, its inbox and its log, behind one class."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from fallow.register import approve, clock, errors, inbox, outside, reconcile, views
from fallow.register.ids import uuid7
from fallow.register.keys import KeyFolder, Watermark, unseal
from fallow.register.log import NewAct, Patch, append_acts, canonical
from fallow.register.origins import current_signer
from fallow.register.store import Store, bulk

if TYPE_CHECKING:
    from fallow.records import Registry, Snapshot, Versions
    from fallow.records.batch import Batch, CheckResult

# What each role may do; the tables of a national authority with many users are another room's.
ROLES: dict[str, frozenset[str]] = {
    "read": frozenset(),
    "enter": frozenset({"enter"}),
    "review": frozenset({"review", "reconcile"}),
    "approve": frozenset({"review", "reconcile", "approve"}),
    "steward": frozenset({"enter", "define"}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which role, for which organisation."""

    name: str
    role: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Info:
    """What a register says of itself. ``equal_area`` is the system that its square metres are counted in."""

    id: str
    name: str
    country: str
    equal_area: str
    booking_basis: str
    synthetic: bool
    notice: str


class Register:
    """An open register.

    Use :meth:`create` or :meth:`open`. Every writing method is one transaction and names who acted.

    Args:
        store: the open file.
        actor: who acts; None for reading only.
        keys: the folder of keys, outside the file.
        time: the clock; only a synthetic register takes another than the system's.
    """

    def __init__(self, store: Store, actor: Actor | None, keys: Path, time: clock.Clock | None = None) -> None:
        self._store = store
        self.actor = actor
        connection = store.connection
        self.id = str(connection.execute("SELECT value FROM meta WHERE key='register'").fetchone()[0])
        self._keys = KeyFolder(keys, self.id)
        self._history = views.History(connection)
        self._registry: tuple[int, Registry] | None = None
        if time is not None and not self.info.synthetic:
            raise errors.MixedSynthetic(path=str(store.path))
        self._time = time or clock.system_clock

    # --- opening -------------------------------------------------------------------------------------------------

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
            register._keys = KeyFolder(_keys(keys), register_id)
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

    @classmethod
    def open(
        cls, path: Path, *, actor: Actor | None = None, keys: Path | None = None, time: clock.Clock | None = None
    ) -> Register:
        """Open a register; without an actor it can only be read."""
        return cls._opened(Store.open(path), actor, keys, time)

    @classmethod
    def _opened(cls, store: Store, actor: Actor | None, keys: Path | None, time: clock.Clock | None) -> Register:
        try:
            return cls(store, actor, _keys(keys), time)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def __enter__(self) -> Register:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    def as_actor(self, actor: Actor) -> Register:
        """Return the same open register in another person's hands."""
        other = object.__new__(Register)
        other.__dict__.update(self.__dict__)
        other.actor = actor
        return other

    def at_time(self, time: clock.Clock) -> Register:
        """Return the same open register under another clock; only an invented land has one.

        Raises:
            MixedSynthetic: the register is real.
        """
        if not self.info.synthetic:
            raise errors.MixedSynthetic(path=str(self.path))
        other = object.__new__(Register)
        other.__dict__.update(self.__dict__)
        other._time = time
        return other

    @property
    def info(self) -> Info:
        """What the register says of itself, by its acts."""
        self._history.refresh()
        state = self._history.state("register", self.id, None, self._history.upto)
        values = state.values
        return Info(
            self.id,
            str(values.get("name", "")),
            str(values.get("country", "")),
            str(values.get("equal_area", "")),
            str(values.get("booking_basis", "decision")),
            bool(values.get("synthetic", False)),
            str(values.get("notice", "")),
        )

    @property
    def registry(self) -> Registry:
        """The field definitions: the core's and this register's national ones."""
        from fallow.records import Registry

        self._history.refresh()
        upto = self._history.upto
        if self._registry is None or self._registry[0] != upto:
            states = self._history.states("national_field", None, upto)
            registry = Registry.with_national(state.values for state in states.values())
            self._registry = (upto, registry)
        return self._registry[1]

    # --- who ------------------------------------------------------------------------------------------------------

    def _may(self, step: str) -> Actor:
        actor = self.actor
        if actor is None or not actor.name.strip():
            raise errors.NoActor(step=step)
        if actor.role not in ROLES or step not in ROLES[actor.role]:
            needed = ", ".join(sorted(role for role, steps in ROLES.items() if step in steps))
            raise errors.WrongRole(user=actor.name, role=actor.role, needed=needed, step=step)
        return actor

    @staticmethod
    def _actor_id(connection: sqlite3.Connection, actor: Actor) -> int:
        key = (actor.name, actor.role, actor.organisation)
        connection.execute("INSERT OR IGNORE INTO actor(name, role, organisation) VALUES(?,?,?)", key)
        row = connection.execute("SELECT id FROM actor WHERE name=? AND role=? AND organisation=?", key).fetchone()
        return int(row[0])

    def _now(self, connection: sqlite3.Connection) -> str:
        """Return the present stamp; the log never goes back in time, even if the machine's clock does."""
        now = clock.stamp(self._time())
        last = connection.execute("SELECT accepted_at FROM acceptance ORDER BY first DESC LIMIT 1").fetchone()
        return now if last is None else max(now, last[0])

    def _append(
        self, connection: sqlite3.Connection, acts: Sequence[NewAct], now: str
    ) -> tuple[list[str], Watermark]:
        actor = self.actor
        if actor is None:
            raise errors.NoActor(step="write")
        signer = current_signer(connection, self._keys, str(self.path.resolve()), now)
        restricted = {
            name: frozenset(
                field
                for field, item in definition.fields.items()
                if "restricted" in (definition.sensitivity, item.sensitivity)
            )
            for name, definition in _definitions().items()
        }
        return append_acts(
            connection,
            acts,
            signer=signer,
            restricted_fields=restricted,
            approved_by=actor.name,
            decided=now,
            accepted_at=now,
            actor=self._actor_id(connection, actor),
        )

    # --- inbox ----------------------------------------------------------------------------------------------------

    def intake(self, batch: Batch, results: Sequence[CheckResult] = (), *, dry_run: bool = False) -> inbox.Intake:
        """Take a batch into the inbox: rows with a blocking result are held, the others submitted.

        Args:
            batch: the rows.
            results: check results, by position of the row.
            dry_run: count only; nothing is written.

        Raises:
            MixedSynthetic: a real register was given synthetic rows, or the other way round.
        """
        actor = self._may("enter")
        definition = self.registry.record(batch.record)
        self._refuse_mixture(batch)
        personal = frozenset(name for name, item in definition.fields.items() if item.sensitivity == "personal")
        results = [*batch.results, *results]
        with bulk():
            prepared = inbox.prepare(batch, personal, self.info.synthetic)
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
        known_acts = {change.act for group in self._history.by_record.values() for line in group.values() for change in line}
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
                "INSERT INTO report(uuid,form,form_version,source,row,actor,received_at,geometry,fields,raw) "
                "VALUES(?,?,?,NULL,NULL,?,?,NULL,?,?)",
                (report, f"act.{kind}", 1, who, now, body, b"{}"),
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

    def reports(self, state: str | None = None) -> list[dict[str, Any]]:
        """List reports of a state, or all that are not closed (submitted, reviewed, held, returned)."""
        with self._store.read() as connection:
            array, names = inbox.states(connection)
            chosen = [state] if state else [inbox.SUBMITTED, inbox.REVIEWED, inbox.HELD, inbox.RETURNED]
            wanted = np.isin(array, [names.index(name) for name in chosen if name in names])
            found = []
            for row in connection.execute(
                "SELECT r.id, r.uuid, r.form, r.received_at, a.name, s.name, r.row, r.fields, "
                "(SELECT count(*) FROM check_result k WHERE k.report=r.id) FROM report r JOIN actor a ON a.id=r.actor "
                "LEFT JOIN source s ON s.id=r.source ORDER BY r.id"
            ):
                if not wanted[row[0]]:
                    continue
                values = orjson.loads(row[7])
                found.append(
                    {
                        "report": row[1],
                        "record": row[2],
                        "state": names[array[row[0]]],
                        "received_at": row[3],
                        "entered_by": row[4],
                        "file": row[5],
                        "row": row[6],
                        "title": title_of(values),
                        "results": row[8],
                    }
                )
            return found

    def report(self, report: str) -> dict[str, Any]:
        """Return one report with its steps, check results, candidates and decision.

        Raises:
            UnknownReport: there is none with this id, or more than one that begins so.
        """
        with self._store.read() as connection:
            report_id = self._report_id(connection, report)
            row = connection.execute(
                "SELECT r.uuid, r.form, r.form_version, r.received_at, a.name, s.name, r.row, r.fields, r.raw "
                "FROM report r JOIN actor a ON a.id=r.actor LEFT JOIN source s ON s.id=r.source WHERE r.id=?",
                (report_id,),
            ).fetchone()
            steps = [
                {"state": state, "by": name, "at": at, "note": note}
                for state, name, at, note in connection.execute(
                    "SELECT t.state, a.name, t.at, t.note FROM step t JOIN actor a ON a.id=t.actor "
                    "WHERE t.first<=? AND t.last>=? ORDER BY t.id",
                    (report_id, report_id),
                )
            ]
            results = [
                {
                    "code": code,
                    "severity": severity,
                    "field": field,
                    "value": value,
                    "detail": orjson.loads(detail),
                    "repair": None if repair is None else orjson.loads(repair),
                }
                for code, severity, field, value, detail, repair in connection.execute(
                    "SELECT code, severity, field, value, detail, repair FROM check_result WHERE report=? ORDER BY id",
                    (report_id,),
                )
            ]
            match = None
            if not row[1].startswith("act."):
                match = self._match(connection, report_id)
        return {
            "report": row[0],
            "record": row[1],
            "form_version": row[2],
            "received_at": row[3],
            "entered_by": row[4],
            "file": row[5],
            "row": row[6],
            "fields": orjson.loads(row[7]),
            "raw": orjson.loads(row[8]),
            "state": steps[-1]["state"],
            "steps": steps,
            "results": results,
            "match": match,
        }

    def _match(self, connection: sqlite3.Connection, report_id: int) -> dict[str, Any]:
        incoming = approve.load(connection, [report_id])
        context = self._context(connection, clock.stamp(self._time()), None, [], outside.WORK_OUTSIDE)
        match = approve.match_one(context, incoming[0])
        decided = approve.decisions(connection, [report_id]).get(report_id)
        return {
            "kind": match.kind,
            "entity": match.entity,
            "decided": decided is not None,
            "candidates": [
                {"entity": item.entity, "why": item.why, "share": round(item.share, 4)} for item in match.candidates
            ],
        }

    @staticmethod
    def _report_id(connection: sqlite3.Connection, report: str) -> int:
        rows = connection.execute(
            "SELECT id FROM report WHERE uuid>=? AND uuid<? LIMIT 2", (report, report + "g")
        ).fetchall()
        if len(rows) != 1 or len(report) < 4:
            raise errors.UnknownReport(report=report)
        return int(rows[0][0])

    def reconcile(self, report: str, kind: str, entity: str | None = None, note: str = "") -> None:
        """Say what a report is: ``new``, an ``update`` of an entity, or the ``same_as`` one.

        Raises:
            UnknownReport, UnknownEntity, InvalidAct: as they say.
        """
        actor = self._may("reconcile")
        if kind not in (reconcile.NEW, reconcile.UPDATE, reconcile.SAME_AS) or (entity is None) != (kind == reconcile.NEW):
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
    ) -> approve.Approval:
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
        done = approve.Approval()
        refused: set[int] = set()

        def refuse(report: approve.Incoming, error: errors.FallowError) -> None:
            if not leave:
                raise error
            done.left[error.code] = done.left.get(error.code, 0) + 1
            refused.add(report.id)

        mark = None
        with bulk(), self._store.write() as connection:
            now = self._now(connection)
            incoming = self._up_for_approval(connection, reports, actor, refuse)
            context = self._context(connection, now, reason, list(evidence), outside_decision)
            acts = approve.make_acts(context, [item for item in incoming if item.id not in refused], refuse)
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

    def _sum_up(self, done: approve.Approval, acts: Sequence[NewAct]) -> None:
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
    ) -> list[approve.Incoming]:
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
        incoming = approve.load(connection, sorted(set(ids)))
        for item in incoming:
            if item.entered_by == actor.name:
                refuse(item, errors.SamePerson(report=item.uuid, user=actor.name))
        return incoming

    def _context(
        self, connection: sqlite3.Connection, now: str, reason: str | None, evidence: list[str], outside_decision: str
    ) -> approve.Context:
        self._history.refresh()
        info = self.info
        return approve.Context(
            connection,
            self._history,
            _definitions(),
            info.equal_area,
            now,
            self._history.upto,
            info.synthetic,
            reason,
            evidence,
            outside_decision,
        )

    # --- reading --------------------------------------------------------------------------------------------------

    def checkpoint(self, at: dt.datetime | dt.date | int | None = None) -> views.Checkpoint:
        """Return the place in the acceptance log at a time, a day (its end), a sequence, or now."""
        with self._store.read() as connection:
            return views.checkpoint(connection, at)

    def snapshot(self, true: dt.date | None = None, known: dt.datetime | dt.date | int | None = None) -> Snapshot:
        """Return what held on a day (``true``; None: the latest), as this register knew it then (``known``).

        The inbox (unverified and held reports) is part of the present only.
        """
        with bulk(), self._store.read() as connection:
            self._history.refresh()
            info = self.info
            return views.snapshot(
                connection,
                self._history,
                register_id=self.id,
                synthetic=info.synthetic,
                true=true,
                known=views.checkpoint(connection, known),
                with_inbox=known is None,
            )

    def versions(self, record: str, known: dt.datetime | dt.date | int | None = None) -> Versions:
        """Return every accepted change of a record type, in fold order, as known at a checkpoint."""
        with bulk(), self._store.read() as connection:
            self._history.refresh()
            return views.versions(connection, self._history, record, views.checkpoint(connection, known).seq, None)

    def history(self, entity: str) -> Versions:
        """Return every accepted change of one entity."""
        uuid, record = self.find(entity)
        with self._store.read() as connection:
            self._history.refresh()
            return views.versions(connection, self._history, record, self._history.upto, uuid)

    def find(self, text: str) -> tuple[str, str]:
        """Return (uuid, record) of the entity with this UUID, its beginning (8 signs or more), or an issued id.

        Raises:
            UnknownEntity: none.
            AmbiguousEntity: more than one.
        """
        with self._store.read() as connection:
            rows = connection.execute(
                "SELECT uuid, record FROM entity WHERE uuid=?1 UNION SELECT e.uuid, e.record FROM identifier i "
                "JOIN entity e ON e.id=i.entity WHERE i.value=?1 OR i.issuer || ':' || i.value=?1",
                (text,),
            ).fetchall()
            if not rows and len(text) >= 8:
                rows = connection.execute(
                    "SELECT uuid, record FROM entity WHERE uuid>=? AND uuid<? LIMIT 3", (text, text + "g")
                ).fetchall()
        if not rows:
            raise errors.UnknownEntity(entity=text)
        if len(rows) > 1:
            listed = ", ".join(f"{uuid} ({record})" for uuid, record in rows[:5])
            raise errors.AmbiguousEntity(entity=text, candidates=listed)
        return str(rows[0][0]), str(rows[0][1])

    def relations(self, entity: str) -> list[dict[str, str]]:
        """Return the typed relations from and to an entity."""
        with self._store.read() as connection:
            return [
                {"subject": subject, "kind": kind, "object": target}
                for subject, kind, target in connection.execute(
                    "SELECT DISTINCT subject, kind, object FROM relation WHERE subject=?1 OR object=?1 ORDER BY 1, 2, 3",
                    (entity,),
                )
            ]

    def personal(self, report: str) -> dict[str, str | None]:
        """Return the personal values sealed in a report; None where a person's key was erased."""
        self._may("approve")
        with self._store.read() as connection:
            report_id = self._report_id(connection, report)
            rows = connection.execute(
                "SELECT id, field, person, nonce, body FROM sealed WHERE report=? ORDER BY id", (report_id,)
            ).fetchall()
        found: dict[str, str | None] = {}
        for sealed_id, field, person, nonce, body in rows:
            key = self._keys.person(person)
            found[field] = None if key is None else unseal(key, nonce, body, f"{sealed_id}/{field}")
        return found

    def erase_personal(self, report: str) -> int:
        """Destroy the keys of the personal values in a report; returns how many. The chain stays whole."""
        self._may("approve")
        with self._store.read() as connection:
            report_id = self._report_id(connection, report)
            persons = [row[0] for row in connection.execute("SELECT person FROM sealed WHERE report=?", (report_id,))]
        return sum(self._keys.erase_person(person) for person in persons)

    # --- filing ---------------------------------------------------------------------------------------------------

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

    def filings(self) -> list[dict[str, Any]]:
        """List filed documents with their checkpoints."""
        with self._store.read() as connection:
            return [
                {"filing": row[0], "kind": row[1], "checkpoint": row[2], "true": row[3], "filed_at": row[4], "name": row[5]}
                for row in connection.execute(
                    "SELECT uuid, kind, checkpoint, true_date, filed_at, name FROM filing ORDER BY id"
                )
            ]

    def sources(self) -> list[dict[str, Any]]:
        """List the files that were imported, with their counts."""
        with self._store.read() as connection:
            return [
                {"file": row[0], "record": row[1], "received_at": row[2], "profile": row[3], "crs": row[4]}
                | {"operation": None if row[5] is None else orjson.loads(row[5])}
                | orjson.loads(row[6])
                for row in connection.execute(
                    "SELECT name, record, received_at, profile, crs, operation, counts FROM source ORDER BY id"
                )
            ]

    # --- proof ----------------------------------------------------------------------------------------------------

    def audit(self) -> Any:
        """Walk the chain and compare the derived tables with what the log gives; see :mod:`fallow.register.audit`."""
        from fallow.register.audit import audit

        with self._store.read() as connection:
            return audit(connection)

    def rebuild(self) -> int:
        """Make the derived tables again from the log; returns the number of acts read."""
        from fallow.register.audit import rebuild

        with self._store.write() as connection:
            return rebuild(connection)


def title_of(values: dict[str, Any]) -> str:
    """Return what a person would call a record: its name or title, else its first issued identifier."""
    for name in ("name", "title", "order_number", "report_number"):
        if isinstance(values.get(name), str):
            return str(values[name])
    for issued in values.get("identifiers") or ():
        if isinstance(issued, dict) and issued.get("value"):
            return str(issued["value"])
    return ""


def _keys(keys: Path | None) -> Path:
    if keys is not None:
        return keys
    from fallow.settings import settings

    return settings().keys


def _definitions() -> Any:
    from fallow.terms import record_definitions

    return record_definitions()


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
