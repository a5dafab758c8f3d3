"""What every hand on a register needs: who acts, the open file, the clock, and how acts are appended."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fallow.register import clock, errors, views
from fallow.register.keys import KeyFolder, Watermark
from fallow.register.log import NewAct, append_acts
from fallow.register.origins import current_signer
from fallow.register.store import Store

if TYPE_CHECKING:
    from fallow.records import Registry

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


class Base:
    """An open register file in somebody's hands.

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

    @classmethod
    def open(
        cls, path: Path, *, actor: Actor | None = None, keys: Path | None = None, time: clock.Clock | None = None
    ) -> Self:
        """Open a register; without an actor it can only be read."""
        return cls._opened(Store.open(path), actor, keys, time)

    @classmethod
    def _opened(cls, store: Store, actor: Actor | None, keys: Path | None, time: clock.Clock | None) -> Self:
        try:
            return cls(store, actor, keys_folder(keys), time)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    def as_actor(self, actor: Actor) -> Self:
        """Return the same open register in another person's hands."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.actor = actor
        return other

    def at_time(self, time: clock.Clock) -> Self:
        """Return the same open register under another clock; only an invented land has one.

        Raises:
            MixedSynthetic: the register is real.
        """
        if not self.info.synthetic:
            raise errors.MixedSynthetic(path=str(self.path))
        other = object.__new__(type(self))
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

    def _append(self, connection: sqlite3.Connection, acts: Sequence[NewAct], now: str) -> tuple[list[str], Watermark]:
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
            for name, definition in definitions().items()
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


def keys_folder(keys: Path | None) -> Path:
    """Return the folder of keys: the one given, else the setting."""
    if keys is not None:
        return keys
    from fallow.settings import settings

    return settings().keys


def definitions() -> Any:
    """Return the record definitions of the core."""
    from fallow.terms import record_definitions

    return record_definitions()
