"""Field definitions: what every record holds, of which type, in which words, and how closely it is kept.

This is the single source of the record types, of the columns of tables, of JSON Schemas, templates and of the field
reference. A record has the common fields first and its own fields after them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from fallow.terms._files import load, names

LANGUAGES = ("en", "uk")
FIELD_TYPES = (
    "text",
    "code",
    "codes",
    "flag",
    "integer",
    "number",
    "when",
    "count",
    "measured",
    "geometry",
    "position",
    "identifiers",
    "ref",
    "refs",
    "casualties",
    "table",
    "json",
)
GEOMETRY_KINDS = ("polygon", "point", "any", "none")
# From the widest audience to the narrowest; what is derived from several fields is kept like the narrowest of them.
SENSITIVITIES = ("public", "operational", "restricted", "personal")
NATIONAL_PREFIX = "x_"

# The order in which the records are listed everywhere.
RECORD_NAMES = (
    "hazardous_area",
    "use_record",
    "evidence",
    "marking",
    "task",
    "activity",
    "searched_area",
    "release_product",
    "item_found",
    "accident",
    "organisation",
    "team",
    "admin_unit",
    "place",
    "parcel",
    "document",
)
_COMMON = "_common"
_FIELD_KEYS = {
    *LANGUAGES,
    *(f"help_{lang}" for lang in LANGUAGES),
    *("type", "unit", "units", "list", "refers", "columns", "datum", "minimum", "maximum", "pattern"),
    *("sensitivity", "source", "version", "required", "unknown_allowed", "raises", "lowers"),
}
_RECORD_KEYS = {"name", "version", "geometry", "sensitivity", "source", "fields", *LANGUAGES}


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """One field of a record.

    Args:
        name: name in the register; a national field's name starts with ``x_``.
        type: one of ``FIELD_TYPES``.
        labels: language → word.
        help: language → what to put in; may be empty for columns of a table.
        source: the clause or form that asks for it.
        sensitivity: one of ``SENSITIVITIES``.
        version: first form version that has the field.
        required: a record without it is not taken.
        unknown_allowed: of a required field: a stated reason for absence counts as an answer.
        list: of code and codes: the code list.
        unit: of measured and number: the unit in which figures are compared.
        units: of measured: every unit that may be typed.
        datum: of measured: it is a depth and names what it is measured from (list ``depth_datum``).
        refers: of ref and refs: the records that it may point to; empty: any.
        columns: of table: name → definition of a column.
        minimum: of number and integer: least value, included.
        maximum: of number and integer: greatest value, included.
        pattern: of text: regular expression that the whole text has to match.
        raises: which change of it raises hazard, in words; None: none does.
        lowers: which change of it lowers hazard, in words; None: none does.
    """

    name: str
    type: str
    labels: Mapping[str, str]
    help: Mapping[str, str]
    source: str
    sensitivity: str = "operational"
    version: int = 1
    required: bool = False
    unknown_allowed: bool = False
    list: str | None = None
    unit: str | None = None
    units: tuple[str, ...] = ()
    datum: bool = False
    refers: tuple[str, ...] = ()
    columns: Mapping[str, FieldDefinition] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    raises: str | None = None
    lowers: str | None = None

    @property
    def national(self) -> bool:
        """Whether a country added the field."""
        return self.name.startswith(NATIONAL_PREFIX)

    @property
    def personal(self) -> bool:
        """Whether the value is taken out at intake and sealed."""
        return self.sensitivity == "personal"


@dataclass(frozen=True, slots=True)
class RecordDefinition:
    """One type of record.

    Args:
        name: name in the register (``hazardous_area``).
        labels: language → word.
        geometry: ``polygon`` (a hazardous area known by figures only has a point), ``point``, ``any`` or ``none``.
        fields: name → definition: common fields, own fields, then national ones, each in the order of the data.
        version: form version: the latest version of any field.
        sensitivity: one of ``SENSITIVITIES``; a field of a restricted record is restricted at least.
        source: what the record follows.
    """

    name: str
    labels: Mapping[str, str]
    geometry: str
    fields: Mapping[str, FieldDefinition]
    version: int
    sensitivity: str
    source: str

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the required fields."""
        return tuple(name for name, definition in self.fields.items() if definition.required)

    def of_type(self, *types: str) -> tuple[str, ...]:
        """Return the names of the fields of these types."""
        return tuple(name for name, definition in self.fields.items() if definition.type in types)


def stricter(first: str, second: str) -> str:
    """Return the narrower of two sensitivity classes."""
    return max(first, second, key=SENSITIVITIES.index)


@cache
def record_definitions() -> Mapping[str, RecordDefinition]:
    """Return every record of the register: name → definition, in the fixed order of ``RECORD_NAMES``.

    Raises:
        ValueError: the data are faulty; the message names file and field.
    """
    on_disk = set(names("fields")) - {_COMMON}
    if on_disk != set(RECORD_NAMES):
        raise ValueError(f"terms/data/fields: not in step with RECORD_NAMES: {sorted(on_disk ^ set(RECORD_NAMES))}")
    common = load("fields", _COMMON)
    return MappingProxyType({name: _record(name, load("fields", name), common) for name in RECORD_NAMES})


def field_definition(name: str, entry: Mapping[str, Any], *, sensitivity: str = "operational") -> FieldDefinition:
    """Read one field from its data: a table of a TOML file, or what a register stores of a national field.

    Args:
        name: name of the field.
        entry: keys ``type``, ``source``, ``en``, ``uk`` and those that the type needs; see :class:`FieldDefinition`.
        sensitivity: class where the entry names none.

    Raises:
        ValueError: a key is missing, is not known, or does not fit the type.
    """
    return _field(name, entry, sensitivity, column_of=None)


def field_entry(definition: FieldDefinition) -> dict[str, Any]:
    """Return the data of a field, the inverse of :func:`field_definition`; empty parts are left out."""
    entry: dict[str, Any] = {"type": definition.type, **definition.labels}
    entry |= {f"help_{lang}": text for lang, text in definition.help.items()}
    for key in ("list", "unit", "minimum", "maximum", "pattern", "raises", "lowers"):
        if (value := getattr(definition, key)) is not None:
            entry[key] = value
    for key in ("units", "refers"):
        if value := getattr(definition, key):
            entry[key] = list(value)
    for key in ("datum", "required", "unknown_allowed"):
        if getattr(definition, key):
            entry[key] = True
    if definition.columns:
        entry["columns"] = {name: field_entry(column) for name, column in definition.columns.items()}
    return entry | {
        "source": definition.source,
        "sensitivity": definition.sensitivity,
        "version": definition.version,
    }


def _record(name: str, data: dict[str, Any], common: dict[str, Any]) -> RecordDefinition:
    where = f"terms/data/fields/{name}.toml"
    if data.get("name") != name:
        raise ValueError(f"{where}: names itself {data.get('name')!r}")
    if unread := set(data) - _RECORD_KEYS:
        raise ValueError(f"{where}: keys that nothing reads: {sorted(unread)}")
    if data["geometry"] not in GEOMETRY_KINDS:
        raise ValueError(f"{where}: unknown kind of geometry {data['geometry']!r}")
    sensitivity = data["sensitivity"]
    fields: dict[str, FieldDefinition] = {}
    for source, table in ((common, common["fields"]), (data, data["fields"])):
        for key, entry in table.items():
            if key in fields:
                raise ValueError(f"{where}: field {key} stands among the common fields too")
            try:
                own = dict(entry)
                kept = own.get("sensitivity", source["sensitivity"])
                if sensitivity == "restricted":
                    kept = stricter(kept, sensitivity)
                fields[key] = field_definition(key, own | {"sensitivity": kept})
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from error
    has_geometry = any(entry.type == "geometry" for entry in fields.values())
    if has_geometry != (data["geometry"] != "none"):
        raise ValueError(f"{where}: the kind of geometry does not fit the fields")
    return RecordDefinition(
        name=name,
        labels=_labels(name, data),
        geometry=data["geometry"],
        fields=MappingProxyType(fields),
        version=max(data["version"], *(entry.version for entry in fields.values())),
        sensitivity=sensitivity,
        source=data["source"],
    )


def _labels(name: str, entry: Mapping[str, Any]) -> Mapping[str, str]:
    if missing := [lang for lang in LANGUAGES if not entry.get(lang)]:
        raise ValueError(f"{name}: no label in {missing}")
    return MappingProxyType({lang: entry[lang] for lang in LANGUAGES})


def _field(name: str, entry: Mapping[str, Any], sensitivity: str, column_of: str | None) -> FieldDefinition:
    kind = entry.get("type")
    where = name if column_of is None else f"{column_of}.{name}"
    if kind not in FIELD_TYPES:
        raise ValueError(f"{where}: unknown type {kind!r}")
    if unread := set(entry) - _FIELD_KEYS:
        raise ValueError(f"{where}: keys that nothing reads: {sorted(unread)}")
    if column_of is None and not entry.get("source"):
        raise ValueError(f"{where}: no source")
    if (kind in ("code", "codes")) != ("list" in entry):
        raise ValueError(f"{where}: a code list belongs to code and codes, and they need one")
    if (kind == "measured") != ("units" in entry) or (kind == "measured" and entry["unit"] not in entry["units"]):
        raise ValueError(f"{where}: measured needs its units, and the unit has to be one of them")
    if (kind == "table") != ("columns" in entry) or (kind == "table" and column_of is not None):
        raise ValueError(f"{where}: a table needs columns, which are no tables themselves")
    kept = entry.get("sensitivity", sensitivity)
    if kept not in SENSITIVITIES:
        raise ValueError(f"{where}: unknown sensitivity {kept!r}")
    if kept == "personal" and kind != "text":
        raise ValueError(f"{where}: personal fields are text, to be sealed")
    columns = {column: _field(column, part, kept, column_of=name) for column, part in entry.get("columns", {}).items()}
    return FieldDefinition(
        name=name,
        type=kind,
        labels=_labels(where, entry),
        help=MappingProxyType({lang: entry[f"help_{lang}"] for lang in LANGUAGES if entry.get(f"help_{lang}")}),
        source=entry.get("source", ""),
        sensitivity=kept,
        version=int(entry.get("version", 1)),
        required=bool(entry.get("required", False)),
        unknown_allowed=bool(entry.get("unknown_allowed", False)),
        list=entry.get("list"),
        unit=entry.get("unit"),
        units=tuple(entry.get("units", ())),
        datum=bool(entry.get("datum", False)),
        refers=tuple(entry.get("refers", ())),
        columns=MappingProxyType(columns),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        pattern=entry.get("pattern"),
        raises=entry.get("raises"),
        lowers=entry.get("lowers"),
    )
