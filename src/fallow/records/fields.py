"""The registry of fields: the core records plus what a country added, and what follows from both.

Wire values of a record are one flat mapping from field name to wire value. National fields stand among them under
names that begin with ``x_``; stores and tables keep them together in one canonical JSON column, ``national``.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, NoneType
from typing import Any

from fallow.errors import Where
from fallow.records import validate, wire
from fallow.records.canonical import canonical
from fallow.records.errors import BadDefinition, UnknownField, UnknownRecord
from fallow.records.types import RECORD_TYPES, Record
from fallow.records.values import Absent, Wire
from fallow.terms.definitions import (
    NATIONAL_PREFIX,
    FieldDefinition,
    RecordDefinition,
    field_definition,
    field_entry,
    record_definitions,
    stricter,
)
from fallow.terms.lists import CodeList, code_list

__all__ = ["Fault", "Registry", "canonical"]

_NAME = re.compile(r"x_[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What the register refuses to hold has no place among national fields either (docs/decisions/refused-uses.md).
_REFUSED = ("layout", "spacing", "obstacle", "firing", "corridor", "countdown", "expir", "target", "troop", "losses")
# Notes of the register on a state (open conflicts): they stand beside the fields and are none.
NOTE_PREFIX = "_"
_PLAIN = frozenset((str, int, float, bool))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value.

    Args:
        field: name of the field.
        code: one of ``fallow.records.validate.FAULTS``; its message explains it.
        value: the value as text, shortened; None where there is none, and for restricted, personal and unknown
            fields: a fault is read by more people than the field.
    """

    field: str
    code: str
    value: str | None = None


class Registry:
    """Field definitions of one register.

    A registry never changes: adding a national field gives a new one. Definitions are not taken away either, so that
    every stored report stays readable.

    Args:
        core: definitions of the core; None: those of the package.
        national: record → national fields.
        lists: national code lists by name; a field's ``list`` is looked for here first.

    Raises:
        UnknownRecord: ``national`` names a record that there is not.
        BadDefinition: a national field has a bad name, is there already, is of a type that the register alone keeps,
            names an unknown list, or asks for what the register refuses to hold.
    """

    def __init__(
        self,
        core: Mapping[str, RecordDefinition] | None = None,
        national: Mapping[str, Iterable[FieldDefinition]] | None = None,
        lists: Mapping[str, CodeList] | None = None,
    ) -> None:
        self._core = record_definitions() if core is None else core
        self._lists = dict(lists or {})
        self._records = dict(self._core)
        for name, added in (national or {}).items():
            self._records[name] = self._extended(self.record(name), tuple(added))
        self._checkers: dict[tuple[str, str], validate.Checker] = {}
        self._codes: dict[str, frozenset[str]] = {}

    @property
    def records(self) -> Mapping[str, RecordDefinition]:
        """Every record with its national fields: name → definition."""
        return MappingProxyType(self._records)

    def record(self, name: str) -> RecordDefinition:
        """Return a record with its national fields.

        Raises:
            UnknownRecord: there is no such record.
        """
        try:
            return self._records[name]
        except KeyError:
            raise UnknownRecord(Where(value=name), record=name, records=tuple(self._records)) from None

    def field(self, record: str, name: str) -> FieldDefinition:
        """Return a field.

        Raises:
            UnknownRecord: there is no such record.
            UnknownField: the record has no such field.
        """
        try:
            return self.record(record).fields[name]
        except KeyError:
            raise UnknownField(Where(field=name), record=record, field=name) from None

    def code_list(self, name: str) -> CodeList:
        """Return a code list, a national one first.

        Raises:
            UnknownCodeError: there is no such list.
        """
        return self._lists[name] if name in self._lists else code_list(name)

    def national(self, record: str) -> tuple[FieldDefinition, ...]:
        """Return the national fields of a record."""
        return tuple(entry for entry in self.record(record).fields.values() if entry.national)

    @classmethod
    def with_national(
        cls,
        entries: Iterable[Mapping[str, Any]],
        core: Mapping[str, RecordDefinition] | None = None,
        lists: Mapping[str, CodeList] | None = None,
    ) -> Registry:
        """Return a registry from what a register stores of its national fields.

        Args:
            entries: one mapping per field: ``record``, ``name``, and the data of the field as
                :func:`fallow.terms.definitions.field_definition` reads them (``type``, ``source``, ``en``, ``uk``,
                ``version`` …); :meth:`entry` makes one.
            core: definitions of the core; None: those of the package.
            lists: national code lists by name.

        Raises:
            UnknownRecord: an entry names a record that there is not.
            BadDefinition: an entry is no field; see :class:`Registry`.
        """
        national: dict[str, list[FieldDefinition]] = {}
        for entry in entries:
            record, name = str(entry.get("record")), str(entry.get("name"))
            data = {key: value for key, value in entry.items() if key not in ("record", "name")}
            try:
                definition = field_definition(name, data)
            except (KeyError, TypeError, ValueError) as error:
                raise BadDefinition(Where(field=name), record=record, field=name, reason=str(error)) from error
            national.setdefault(record, []).append(definition)
        return cls(core, national, lists)

    @staticmethod
    def entry(record: str, definition: FieldDefinition) -> dict[str, Any]:
        """Return what a register stores of a national field; :meth:`with_national` reads it."""
        return {"record": record, "name": definition.name, **field_entry(definition)}

    def adding(self, record: str, *added: FieldDefinition) -> Registry:
        """Return a registry that has further national fields. Their version has to be a new form version.

        Raises:
            UnknownRecord: there is no such record.
            BadDefinition: see :class:`Registry`; or the version is not newer than the record's.
        """
        version = self.record(record).version
        for definition in added:
            if definition.version <= version:
                raise BadDefinition(
                    Where(field=definition.name),
                    record=record,
                    field=definition.name,
                    reason=f"version {definition.version} is not newer than {version}",
                )
        fields = {name: self.national(name) for name in self._records}
        fields[record] += added
        return Registry(self._core, fields, self._lists)

    def decode(self, record: str, values: Mapping[str, Wire]) -> Record:
        """Read wire values into the record's type; national values are typed too.

        Notes of the register on the state (names that begin with ``_``) are no fields and are left out.

        Raises:
            UnknownRecord: there is no such record.
            UnknownField: a field is neither of the core nor defined by the country.
            BadValue: a value is not of the type of its field.
        """
        definition = self.record(record)
        values = {name: value for name, value in values.items() if not name.startswith(NOTE_PREFIX)}
        for name in values:
            if name not in definition.fields:
                raise UnknownField(Where(field=name), record=record, field=name)
        typed = RECORD_TYPES[record].from_wire(values)
        national = {name: self._typed(definition.fields[name], values) for name in typed.national}
        # The types are dataclasses: replace() needs to see that.
        return dataclasses.replace(typed, national=national)  # type: ignore[type-var]

    def encode(self, typed: Record) -> dict[str, Wire]:
        """Return the wire values of a record, the inverse of :meth:`decode`.

        Raises:
            UnknownField: it holds a national field that is not defined.
        """
        values = typed.to_wire()
        for name in typed.national:
            self.field(typed.RECORD, name)
        return {name: wire.one(value) for name, value in values.items() if value is not None}

    def split(self, record: str, values: Mapping[str, Wire]) -> tuple[dict[str, Wire], bytes | None]:
        """Return the core values, and the national ones as canonical bytes (None: there are none)."""
        core = self._core[self.record(record).name].fields
        national = {name: values[name] for name in values if name.startswith(NATIONAL_PREFIX)}
        national = {name: value for name, value in national.items() if value is not None}
        return (
            {name: value for name, value in values.items() if name in core},
            canonical(national) if national else None,
        )

    def faults(
        self,
        record: str,
        values: Mapping[str, Wire],
        *,
        geometry: bool = True,
        form_version: int | None = None,
    ) -> list[Fault]:
        """Return what is wrong with the wire values of a record, in the order of the fields.

        Args:
            record: name of the record.
            values: wire values.
            geometry: False while the shape travels beside the values: a required geometry is not missed then.
            form_version: version of the form; fields that came later are not missed. None: the present version.
        """
        definition = self.record(record)
        version = definition.version if form_version is None else form_version
        faults = []
        for name, entry in definition.fields.items():
            value = values.get(name)
            if entry.version > version and (value is None or validate.reason_of(value) == Absent.NOT_ASKED):
                continue
            if entry.type == "geometry" and not geometry and value is None:
                continue
            if code := self._fault(record, entry, value):
                hidden = value is None or entry.sensitivity in ("restricted", "personal")
                faults.append(Fault(name, code, None if hidden else _shown(value)))
        # Nobody knows how closely the value of an unknown field has to be kept.
        faults += [Fault(name, validate.UNKNOWN_FIELD) for name in values if name not in definition.fields]
        return faults

    def column_faults(self, record: str, name: str, column: Sequence[Wire]) -> list[tuple[int, str]]:
        """Return the faults of one column: (position, code) in ascending order.

        Every distinct plain value is looked at once, so that long columns of codes and text cost little.

        Args:
            record: name of the record.
            name: name of the field.
            column: wire values; None where the source has nothing.

        Raises:
            UnknownField: the record has no such field: a column of that name is one fault, not one per row.
        """
        entry = self.field(record, name)
        kinds = set(map(type, column))
        if not entry.required and kinds <= {NoneType, validate.accepted_as_is(entry)}:
            return []
        if len(kinds - {NoneType}) <= 1 and kinds <= _PLAIN | {NoneType}:
            bad = {value: code for value in set(column) if (code := self._fault(record, entry, value))}
            if not bad:
                return []
            return [(row, bad[value]) for row, value in enumerate(column) if value in bad]
        return [(row, code) for row, value in enumerate(column) if (code := self._fault(record, entry, value))]

    def upcast(self, record: str, values: Mapping[str, Wire], form_version: int) -> dict[str, Wire]:
        """Return the values of an older form as the present form reads them.

        Fields that came after the form read *not asked*; what the form could have asked and did not hold stays
        missing. The stored report is never changed.
        """
        not_asked = {
            name: Absent.NOT_ASKED.wire()
            for name, entry in self.record(record).fields.items()
            if entry.version > form_version and values.get(name) is None
        }
        return {**values, **not_asked}

    def json_schema(self, record: str, lang: str = "en") -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of the wire values of a record, with labels in a language.

        It holds form, codes, units and limits. That an interval does not end before it begins is beyond a schema:
        :meth:`faults` sees that.
        """
        from fallow.records.schema import record_schema

        return record_schema(self.record(record), lang, self.code_list)

    def sensitivity(self, record: str, names: Iterable[str]) -> str:
        """Return the class of what is derived from these fields: that of the narrowest."""
        kept = "public"
        for name in names:
            kept = stricter(kept, self.field(record, name).sensitivity)
        return kept

    def _fault(self, record: str, entry: FieldDefinition, value: Wire) -> str | None:
        reason = validate.reason_of(value)
        if reason is not None:
            if not validate.is_reason(value):  # type: ignore[arg-type]
                return validate.UNKNOWN_CODE
            answered = entry.unknown_allowed and reason != Absent.NOT_ASKED
            return validate.REQUIRED_MISSING if entry.required and not answered else None
        if value is None or (entry.required and _empty(value)):
            return validate.REQUIRED_MISSING if entry.required else None
        key = (record, entry.name)
        if (check := self._checkers.get(key)) is None:
            check = self._checkers[key] = validate.checker(entry, self._codes_of)
        return check(value)

    def _codes_of(self, name: str) -> frozenset[str]:
        if name not in self._codes:
            self._codes[name] = frozenset(self.code_list(name))
        return self._codes[name]

    @staticmethod
    def _typed(entry: FieldDefinition, values: Mapping[str, Wire]) -> Any:
        return (wire.personal if entry.personal else wire.READERS[entry.type])(values, entry.name)

    def _extended(self, record: RecordDefinition, added: tuple[FieldDefinition, ...]) -> RecordDefinition:
        fields = dict(record.fields)
        for entry in added:
            if reason := self._objection(entry, fields):
                raise BadDefinition(Where(field=entry.name), record=record.name, field=entry.name, reason=reason)
            kept = entry.sensitivity
            if record.sensitivity == "restricted":
                kept = stricter(kept, "restricted")
            fields[entry.name] = dataclasses.replace(entry, sensitivity=kept)
        version = max(record.version, *(entry.version for entry in added)) if added else record.version
        return dataclasses.replace(record, fields=MappingProxyType(fields), version=version)

    def _objection(self, entry: FieldDefinition, fields: Mapping[str, FieldDefinition]) -> str | None:
        if not _NAME.fullmatch(entry.name):
            return f"a national name is {NATIONAL_PREFIX} and lower-case words joined by _"
        if entry.name in fields:
            return "the name is taken"
        if refused := [part for part in entry.name.split("_") if part.startswith(_REFUSED)]:
            return f"the register refuses to hold this: {', '.join(refused)}"
        if entry.type in ("geometry", "identifiers"):
            return f"the register alone keeps {entry.type}"
        for part in (entry, *entry.columns.values()):
            if part.list is not None:
                try:
                    self.code_list(part.list)
                except KeyError:
                    return f"there is no list {part.list}"
        return None


def _empty(value: Wire) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _shown(value: Wire) -> str:
    return (value if isinstance(value, str) else repr(value))[:200]
