"""The tables of a register file, format 1.

Two kinds of tables, and nothing in between: the *log* (append-only, triggers refuse update and delete) and what is
*derived* from it (dropped and made again by ``rebuild``). The format is described for outsiders in
``docs/reference/register-format.md``.
"""

from __future__ import annotations

FORMAT = 1
APPLICATION_ID = 0x464C5731  # "FLW1"

LOG = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE actor(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, organisation TEXT NOT NULL,
  UNIQUE(name, role, organisation));
CREATE TABLE source(
  id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, layer TEXT, encoding TEXT,
  crs TEXT, crs_from TEXT, operation TEXT, profile TEXT, profile_version INTEGER, profile_sha256 TEXT,
  record TEXT NOT NULL, received_at TEXT NOT NULL, actor INTEGER NOT NULL REFERENCES actor(id), counts TEXT NOT NULL);
CREATE TABLE source_row(
  source INTEGER NOT NULL REFERENCES source(id), row INTEGER NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE content(id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE report(
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, form TEXT NOT NULL, form_version INTEGER NOT NULL,
  source INTEGER REFERENCES source(id), row INTEGER, actor INTEGER NOT NULL REFERENCES actor(id),
  received_at TEXT NOT NULL, geometry INTEGER REFERENCES content(id), sha256 TEXT NOT NULL,
  fields BLOB NOT NULL, raw BLOB NOT NULL);
CREATE TABLE step(
  id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, state TEXT NOT NULL,
  actor INTEGER NOT NULL REFERENCES actor(id), at TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE check_result(
  id INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES report(id), code TEXT NOT NULL, severity TEXT NOT NULL,
  field TEXT, value TEXT, detail TEXT NOT NULL, repair TEXT);
CREATE TABLE decision(
  id INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES report(id), kind TEXT NOT NULL, entity TEXT, base TEXT,
  actor INTEGER NOT NULL REFERENCES actor(id), at TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE sealed(
  id TEXT PRIMARY KEY, report INTEGER NOT NULL, field TEXT NOT NULL, person TEXT NOT NULL, nonce BLOB NOT NULL,
  body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE origin(
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, public_key BLOB NOT NULL, parent INTEGER REFERENCES origin(id),
  parent_head BLOB, started_at TEXT NOT NULL);
CREATE TABLE batch(
  id INTEGER PRIMARY KEY, origin INTEGER NOT NULL REFERENCES origin(id), first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL, leaves INTEGER NOT NULL, prev BLOB NOT NULL, root BLOB NOT NULL, signed_at TEXT NOT NULL,
  head BLOB NOT NULL, signature BLOB NOT NULL, UNIQUE(origin, first_seq));
CREATE TABLE act(
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, origin INTEGER NOT NULL REFERENCES origin(id), seq INTEGER NOT NULL,
  batch INTEGER NOT NULL REFERENCES batch(id), report INTEGER REFERENCES report(id), salt BLOB NOT NULL,
  body BLOB NOT NULL);
CREATE TABLE act_part(
  act INTEGER NOT NULL REFERENCES act(id), class TEXT NOT NULL, salt BLOB NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY(act, class));
CREATE TABLE acceptance(
  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, accepted_at TEXT NOT NULL, actor INTEGER NOT NULL REFERENCES actor(id));
CREATE TABLE filing(
  id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, checkpoint INTEGER NOT NULL, head BLOB NOT NULL,
  true_date TEXT, filed_at TEXT NOT NULL, actor INTEGER NOT NULL REFERENCES actor(id), name TEXT NOT NULL,
  sha256 TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX source_by_sha ON source(sha256);
CREATE INDEX step_by_last ON step(last, first);
CREATE INDEX check_by_report ON check_result(report);
CREATE INDEX decision_by_report ON decision(report);
"""

LOG_TABLES = (
    "meta",
    "actor",
    "source",
    "source_row",
    "content",
    "report",
    "step",
    "check_result",
    "decision",
    "sealed",
    "origin",
    "batch",
    "act",
    "act_part",
    "acceptance",
    "filing",
)

DERIVED = """
CREATE TABLE entity(id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, record TEXT NOT NULL);
CREATE TABLE change(
  id INTEGER PRIMARY KEY, act INTEGER NOT NULL, n INTEGER NOT NULL, entity INTEGER NOT NULL, decided TEXT NOT NULL,
  valid_from TEXT, valid_to TEXT, geometry BLOB);
CREATE TABLE identifier(issuer TEXT NOT NULL, value TEXT NOT NULL, entity INTEGER NOT NULL, act INTEGER NOT NULL);
CREATE TABLE relation(
  act INTEGER NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL);
CREATE VIRTUAL TABLE geometry_index USING rtree(id, minx, maxx, miny, maxy);
CREATE INDEX identifier_by_value ON identifier(value, issuer);
CREATE INDEX relation_by_subject ON relation(subject);
CREATE INDEX relation_by_object ON relation(object);
"""

DERIVED_TABLES = ("entity", "change", "identifier", "relation", "geometry_index")


def append_only() -> str:
    """Return the triggers that refuse to change or delete rows of the log."""
    return "\n".join(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END;"
        for table in LOG_TABLES
        for verb in ("UPDATE", "DELETE")
    )
