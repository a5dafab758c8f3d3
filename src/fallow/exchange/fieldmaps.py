"""How one field is made from source columns: the part of a profile under ``[fields.<name>]``, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fallow.records.values import Absent, KnownHow, Wire
from fallow.terms.definitions import FieldDefinition
from fallow.terms.lists import CodeList, code_list

BOUNDS = ("earliest", "latest")
CODED = ("code", "codes")
_KINDS: dict[str, tuple[type, ...]] = {
    "column": (str,),
    "columns": (list,),
    "constant": (str, int, float, bool, list, dict),
    "codes": (dict,),
    "separator": (str,),
    "unit": (str,),
    "units": (dict,),
    "datum": (str,),
    "accuracy": (int, float),
    "decimal": (str,),
    "date_formats": (list,),
    "century": (int,),
    "how": (str,),
    "bound": (str,),
    "absent": (dict,),
    "patterns": (list,),
    "prose": (bool,),
    "issuer": (str,),
    "crs": (str,),
    "join": (str,),
    "labels": (dict,),
    "outcome": (str,),
    "sex": (str,),
    "age_band": (str,),
    "parts": (list,),
    "otherwise": (dict,),
}
_PATTERN_KEYS = {"match", "code", "unit", "datum", "low", "high", "absent", "how"}
_GROUPS = {"value", "unit", "low", "high", "plus", "y", "y2", "m", "d", "text", "issuer"}


class Faulty(Exception):  # caught where file and key are known, and raised again with them
    """A wrong entry of a field's table."""

    def __init__(self, key: str, value: object, problem: str, *, unknown: bool = False) -> None:
        self.key = key
        self.value = str(value)
        self.problem = problem
        self.unknown = unknown
        super().__init__(key)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that finds a value in prose, and what it means where it is found.

    Args:
        match: the expression; its groups ``value``, ``unit``, ``low``, ``high``, ``plus`` (added to both ends
            of a count), ``y``, ``y2``, ``m``, ``d``, ``text`` hold the parts.
        codes: for coded fields, what a hit stands for.
        unit: unit of ``value``, when the text does not name it.
        datum: what a depth is measured from.
        low: lower end of a count, when no group holds it.
        high: upper end of a count, when no group holds it; None: open.
        absent: the text says that the value is missing, for this reason.
        how: how a date is known.
    """

    match: re.Pattern[str]
    codes: tuple[str, ...] = ()
    unit: str | None = None
    datum: str | None = None
    low: int | None = None
    high: int | None = None
    absent: Absent | None = None
    how: KnownHow | None = None


@dataclass(frozen=True, slots=True)
class FieldMap:
    """How one field is made.

    Args:
        definition: the field.
        columns: source columns; several are joined.
        attributes: part of the value (``unit``, ``datum``, ``accuracy``, ``how``, ``issuer``, ``crs``) →
            column that holds it.
        constant: wire value that every row gets.
        codes: source text, folded → codes.
        separator: between several codes, identifiers or links in one cell.
        unit: unit of numbers without one.
        units: source word, folded → unit.
        datum: what depths are measured from.
        accuracy: one standard error, in the unit.
        decimal: decimal sign.
        date_formats: formats of dates (``%d/%m/%Y``) beside the usual ones.
        century: added to years of two digits.
        how: how dates are known.
        bound: the date is only the earliest or latest possible one.
        absent: source text, folded → reason for absence.
        patterns: expressions for prose; see ``prose``.
        prose: text that no pattern fits holds no such value, and that is no fault.
        issuer: who issued identifiers and those that links name.
        crs: reference system of typed positions.
        join: between the texts of several columns.
        labels: column → what is put before its text.
        fixed: outcome, sex and age band of a part of the casualties.
        parts: identifiers or casualties from several columns.
        otherwise: used for rows where this one gives nothing.
    """

    definition: FieldDefinition
    columns: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    constant: Wire = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    separator: str | None = None
    unit: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    datum: str | None = None
    accuracy: float | None = None
    decimal: str | None = None
    date_formats: tuple[str, ...] = ()
    century: int = 1900
    how: KnownHow = KnownHow.STATED
    bound: str | None = None
    absent: Mapping[str, Absent] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    prose: bool = False
    issuer: str | None = None
    crs: str | None = None
    join: str = "; "
    labels: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[FieldMap, ...] = ()
    otherwise: FieldMap | None = None

    @property
    def name(self) -> str:
        """Name of the field in the register."""
        return self.definition.name

    def all_columns(self) -> tuple[str, ...]:
        """Return every source column that is looked at."""
        own = (*self.columns, *self.attributes.values())
        inner = [column for part in self.parts for column in part.all_columns()]
        return (*own, *inner, *(self.otherwise.all_columns() if self.otherwise else ()))


def folded(text: str) -> str:
    """Return a source text as texts are compared: outer blanks cut, inner ones single, letter case set aside."""
    return " ".join(text.split()).casefold()


def list_of(definition: FieldDefinition) -> CodeList | None:
    """Return the code list of a coded field."""
    return code_list(definition.list) if definition.list else None


def plain_map(definition: FieldDefinition, column: str, attributes: Mapping[str, str] | None = None) -> FieldMap:
    """Return the map of a column that is called like its field."""
    return FieldMap(definition, (column,), attributes or {}, unit=definition.unit)


def field_map(definition: FieldDefinition, options: Mapping[str, Any], *, part: bool = False) -> FieldMap:
    """Check one table of a profile.

    Raises:
        Faulty: with the key that is wrong.
    """
    for key, value in options.items():
        if key not in _KINDS:
            raise Faulty(key, key, ", ".join(sorted(_KINDS)), unknown=True)
        kinds = _KINDS[key]
        if (isinstance(value, bool) and bool not in kinds) or not isinstance(value, kinds):
            raise Faulty(key, value, " / ".join(kind.__name__ for kind in kinds))
    if not options.keys() & {"column", "columns", "constant", "parts"}:
        raise Faulty("column", "", "column, columns, constant, parts", unknown=True)
    columns = _texts(options.get("columns", []), "columns")
    if "column" in options:
        columns = (options["column"], *columns)
    known = list_of(definition)
    made = FieldMap(
        definition,
        columns,
        codes={folded(text): _codes(value, known, "codes") for text, value in options.get("codes", {}).items()},
        separator=options.get("separator"),
        unit=_unit(options.get("unit", definition.unit), definition, "unit"),
        units={folded(text): _unit(unit, definition, "units") or "" for text, unit in options.get("units", {}).items()},
        datum=_datum(options.get("datum"), definition),
        accuracy=options.get("accuracy"),
        decimal=_one_of(options.get("decimal"), (".", ","), "decimal"),
        date_formats=_texts(options.get("date_formats", []), "date_formats"),
        century=options.get("century", 1900),
        how=_how(options.get("how", KnownHow.STATED.value)),
        bound=_one_of(options.get("bound"), BOUNDS, "bound"),
        absent={folded(text): _absent(reason) for text, reason in options.get("absent", {}).items()},
        patterns=tuple(_pattern(entry, definition) for entry in options.get("patterns", [])),
        prose=options.get("prose", False),
        issuer=options.get("issuer"),
        crs=options.get("crs"),
        join=options.get("join", ", " if definition.type == "position" else "; "),
        labels=options.get("labels", {}),
        fixed={key: _person_code(key, options[key]) for key in ("outcome", "sex", "age_band") if key in options},
    )
    if definition.type == "identifiers" and not part and made.columns and made.issuer is None:
        raise Faulty("issuer", "", "issuer", unknown=True)
    if "constant" in options:
        made = replace(made, constant=_constant(options["constant"], made, known))
    if "parts" in options:
        made = replace(made, parts=_parts(definition, options["parts"]))
    if "otherwise" in options:
        try:
            made = replace(made, otherwise=field_map(definition, options["otherwise"]))
        except Faulty as fault:
            fault.key = f"otherwise.{fault.key}"
            raise
    return made


def _parts(definition: FieldDefinition, entries: Sequence[Any]) -> tuple[FieldMap, ...]:
    if definition.type not in ("identifiers", "casualties"):
        raise Faulty("parts", definition.type, "identifiers, casualties")
    made = []
    for position, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise Faulty(f"parts[{position}]", entry, "dict")
        try:
            one = field_map(definition, entry, part=True)
        except Faulty as fault:
            fault.key = f"parts[{position}].{fault.key}"
            raise
        if definition.type == "identifiers" and one.issuer is None:
            raise Faulty(f"parts[{position}].issuer", "", "issuer", unknown=True)
        if definition.type == "casualties" and "outcome" not in one.fixed:
            raise Faulty(f"parts[{position}].outcome", "", "outcome", unknown=True)
        made.append(one)
    return tuple(made)


def _constant(value: Any, made: FieldMap, known: CodeList | None) -> Wire:
    """Return a constant as a wire value; a text is read the way a cell of the column would be."""
    from fallow.exchange.convert import Unfit, one_value

    if isinstance(value, dict) and "absent" in value:
        return _absent(value["absent"]).wire()
    if known is not None:
        codes = _codes(value, known, "constant")
        return list(codes) if made.definition.type == "codes" else codes[0]
    try:
        return one_value(made, value)
    except Unfit:
        raise Faulty("constant", value, made.definition.type) from None


def _codes(value: Any, known: CodeList | None, key: str) -> tuple[str, ...]:
    if known is None:
        raise Faulty(key, value, "code, codes")
    codes = tuple(value) if isinstance(value, list) else (value,)
    for code in codes:
        if code not in known:
            raise Faulty(key, code, ", ".join(known.current))
    return codes


def _unit(unit: Any, definition: FieldDefinition, key: str) -> str | None:
    if unit is None or definition.type != "measured":
        return None if definition.type != "measured" else unit
    allowed = definition.units or ((definition.unit,) if definition.unit else tuple(code_list("unit")))
    if unit not in allowed:
        raise Faulty(key, unit, ", ".join(str(name) for name in allowed))
    return str(unit)


def _datum(datum: Any, definition: FieldDefinition) -> str | None:
    if datum is not None and (not definition.datum or datum not in code_list("depth_datum")):
        raise Faulty("datum", datum, ", ".join(code_list("depth_datum")) if definition.datum else "–")
    return None if datum is None else str(datum)


def _absent(reason: Any) -> Absent:
    try:
        return Absent(reason)
    except ValueError:
        raise Faulty("absent", reason, ", ".join(Absent)) from None


def _how(how: Any) -> KnownHow:
    try:
        return KnownHow(how)
    except ValueError:
        raise Faulty("how", how, ", ".join(KnownHow)) from None


def _one_of(value: Any, allowed: tuple[str, ...], key: str) -> str | None:
    if value is not None and value not in allowed:
        raise Faulty(key, value, ", ".join(allowed))
    return None if value is None else str(value)


def _texts(values: Sequence[Any], key: str) -> tuple[str, ...]:
    for value in values:
        if not isinstance(value, str):
            raise Faulty(key, value, "str")
    return tuple(values)


def _person_code(key: str, code: str) -> str:
    known = code_list("casualty_outcome" if key == "outcome" else key)
    if code not in known:
        raise Faulty(key, code, ", ".join(known.current))
    return code


def _pattern(entry: Any, definition: FieldDefinition) -> Pattern:
    if not isinstance(entry, dict) or "match" not in entry:
        raise Faulty("patterns.match", entry, "match", unknown=True)
    for key in entry:
        if key not in _PATTERN_KEYS:
            raise Faulty(f"patterns.{key}", key, ", ".join(sorted(_PATTERN_KEYS)), unknown=True)
    try:
        expression = re.compile(entry["match"])
    except (re.error, TypeError) as error:
        raise Faulty("patterns.match", entry["match"], str(error)) from None
    for group in expression.groupindex:
        if group not in _GROUPS:
            raise Faulty("patterns.match", group, ", ".join(sorted(_GROUPS)))
    for key in ("low", "high"):
        if key in entry and (isinstance(entry[key], bool) or not isinstance(entry[key], int) or entry[key] < 0):
            raise Faulty(f"patterns.{key}", entry[key], "int")
    return Pattern(
        expression,
        _codes(entry["code"], list_of(definition), "patterns.code") if "code" in entry else (),
        _unit(entry.get("unit"), definition, "patterns.unit"),
        _datum(entry.get("datum"), definition),
        entry.get("low"),
        entry.get("high"),
        _absent(entry["absent"]) if "absent" in entry else None,
        _how(entry["how"]) if "how" in entry else None,
    )
