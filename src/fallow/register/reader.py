"""Reading a register: reports, the two-time views, relations, filings, and the audit. Nothing here writes."""

from __future__ import annotations

import datetime as dt
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from fallow.register import approve, clock, errors, inbox, outside, views
from fallow.register.base import Base, definitions
from fallow.register.keys import unseal
from fallow.register.store import bulk

if TYPE_CHECKING:
    from fallow.records import Snapshot, Versions


class Reader(Base):
    """A register as it is read."""

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

    def _context(
        self, connection: sqlite3.Connection, now: str, reason: str | None, evidence: list[str], outside_decision: str
    ) -> approve.Context:
        self._history.refresh()
        info = self.info
        return approve.Context(
            connection,
            self._history,
            definitions(),
            info.equal_area,
            now,
            self._history.upto,
            info.synthetic,
            reason,
            evidence,
            outside_decision,
        )

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

    def filings(self) -> list[dict[str, Any]]:
        """List filed documents with their checkpoints."""
        with self._store.read() as connection:
            return [
                {
                    "filing": row[0],
                    "kind": row[1],
                    "checkpoint": row[2],
                    "true": row[3],
                    "filed_at": row[4],
                    "name": row[5],
                }
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

    def audit(self) -> Any:
        """Walk the chain and compare the derived tables with what the log gives; see :mod:`fallow.register.audit`."""
        from fallow.register.audit import audit

        with self._store.read() as connection:
            return audit(connection)


def title_of(values: dict[str, Any]) -> str:
    """Return what a person would call a record: its name or title, else its first issued identifier."""
    for name in ("name", "title", "order_number", "report_number"):
        if isinstance(values.get(name), str):
            return str(values[name])
    for issued in values.get("identifiers") or ():
        if isinstance(issued, dict) and issued.get("value"):
            return str(issued["value"])
    return ""
