"""The ordnance catalogue: category, declared lasting behaviour, and published figures with their sources.

It stays at the level that mine action needs and holds nothing on how an item is made, works, is used, found or
handled. Nothing in it changes a status or an area: see :func:`time_note`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, get_args

from fallow.terms._files import LANGUAGES, load, source_name
from fallow.terms.lists import CodeList, Term, code_list, read_terms

FigureStatus = Literal["claimed", "observed", "legal_limit"]

_NAME = "ordnance"
_OWN_KEYS = {"contamination", "lasting", "remote", "declared_life", "figures", "mass_from_kg", "mass_to_kg"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure, always a range.

    Args:
        quantity: what is counted or measured (``failed_to_function``).
        low: lower end, in ``unit``.
        high: upper end, in ``unit``; equal to ``low`` where the source gives one number.
        unit: a code of the list ``unit``.
        per: what a share is a share of, or what a count covers (item, strike, sector).
        status: ``claimed`` by maker or user, ``observed`` in the field, or ``legal_limit``: a specification of law,
            which is never evidence.
        source: reference name.
        read: the figure was read in the source itself; where not, check it there before leaning on it.
    """

    quantity: str
    low: float
    high: float
    unit: str
    per: str
    status: FigureStatus
    source: str
    read: bool


@dataclass(frozen=True, slots=True)
class LifePreset:
    """A declared active life that is met often. Any other duration is accepted beside the presets.

    Args:
        code: short name (``h4``).
        value: duration in ``unit``.
        unit: ``h`` or ``d``.
        labels: language → word.
        status: always ``claimed``: a declared life is a promise.
        source: reference name.
        read: the value was read in the source itself.
    """

    code: str
    value: float
    unit: str
    labels: Mapping[str, str]
    status: FigureStatus
    source: str
    read: bool


@dataclass(frozen=True, slots=True)
class Ordnance:
    """One category of explosive ordnance.

    Args:
        code: stable code, also a code of the list ``ordnance``.
        labels: language → word.
        contamination: its class in the land ledger (list ``contamination_class``).
        lasting: declared lasting behaviour (list ``lasting``).
        remote: delivered remotely; None where that does not apply or is not known.
        declared_life: a declared active life may be recorded for it.
        parent: the wider category, or None.
        mass_kg: (from, to) of its class of mass; ``to`` None: no upper end.
        figures: published figures.
        source: reference name.
    """

    code: str
    labels: Mapping[str, str]
    contamination: str
    lasting: str
    remote: bool | None
    declared_life: bool
    parent: str | None
    mass_kg: tuple[float, float | None] | None
    figures: tuple[Figure, ...]
    source: str


@cache
def ordnance() -> Mapping[str, Ordnance]:
    """Return the catalogue: code → category, in the order of the data.

    Raises:
        ValueError: the data name an unknown class, behaviour, unit, source or table of figures.
    """
    data = load(_NAME)
    tables = {name: tuple(_figure(row, name) for row in rows) for name, rows in data["figures"].items()}
    catalogue: dict[str, Ordnance] = {}
    for code, term in _terms().items():
        entry = data["entries"][code]
        if unknown := [name for name in entry.get("figures", []) if name not in tables]:
            raise ValueError(f"ordnance {code}: no table of figures {unknown}")
        mass = (float(entry["mass_from_kg"]), entry.get("mass_to_kg")) if "mass_from_kg" in entry else None
        catalogue[code] = Ordnance(
            code=code,
            labels=term.labels,
            contamination=_checked("contamination_class", entry["contamination"], code),
            lasting=_checked("lasting", entry["lasting"], code),
            remote=entry.get("remote"),
            declared_life=entry.get("declared_life", False),
            parent=term.parent,
            mass_kg=mass,
            figures=tuple(figure for name in entry.get("figures", []) for figure in tables[name]),
            source=term.source,
        )
    return MappingProxyType(catalogue)


@cache
def life_presets() -> Mapping[str, LifePreset]:
    """Return the declared active lives that are met often, shortest first. Any other duration is accepted too."""
    return MappingProxyType(
        {
            code: LifePreset(
                code=code,
                value=float(row["value"]),
                unit=_checked("unit", row["unit"], code),
                labels=MappingProxyType({lang: row[lang] for lang in LANGUAGES}),
                status=_status(row["status"], code),
                source=source_name(row["source"], f"ordnance preset {code}"),
                read=row["read"],
            )
            for code, row in load(_NAME)["presets"].items()
        }
    )


def time_note(lang: str = "en") -> str:
    """Return the sentence that goes with every figure of the catalogue: time changes no status and no area."""
    note: dict[str, str] = load(_NAME)["note"]
    return note[lang]


def as_code_list() -> CodeList:
    """Return the catalogue as the code list ``ordnance``."""
    return CodeList(_NAME, source_name("imas_0410", "ordnance"), _terms())


@cache
def _terms() -> Mapping[str, Term]:
    entries: dict[str, dict[str, Any]] = load(_NAME)["entries"]
    plain = {
        code: {key: value for key, value in entry.items() if key not in _OWN_KEYS} for code, entry in entries.items()
    }
    return read_terms(_NAME, plain, "project")


def _figure(row: dict[str, Any], where: str) -> Figure:
    low, high = float(row["low"]), float(row["high"])
    if not 0 <= low <= high:
        raise ValueError(f"ordnance figures {where}: range from {low} to {high}")
    return Figure(
        quantity=row["quantity"],
        low=low,
        high=high,
        unit=_checked("unit", row["unit"], where),
        per=row["per"],
        status=_status(row["status"], where),
        source=source_name(row["source"], f"ordnance figures {where}"),
        read=row["read"],
    )


def _status(text: str, where: str) -> FigureStatus:
    for status in get_args(FigureStatus):
        if status == text:
            return status  # type: ignore[no-any-return]  # get_args loses the type of its members
    raise ValueError(f"ordnance {where}: status {text!r}")


def _checked(list_name: str, code: str, where: str) -> str:
    if code not in code_list(list_name):
        raise ValueError(f"ordnance {where}: no code {code!r} in the list {list_name!r}")
    return code
