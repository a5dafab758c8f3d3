"""What the checks compare rows with: the register's plane, the country, its units, and the records already held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from fallow.checks.columns import Bools, Issued, Key, issued, positions_of
from fallow.checks.shapes import boundary_tree, chosen, comparable
from fallow.records.batch import Shapes
from fallow.records.values import Wire

if TYPE_CHECKING:
    from fallow.records import Registry

_GONE = ("withdrawn", "merged")  # such records are kept, but nothing new is compared with them


class Units(NamedTuple):
    """Administrative units: ids and names of equal length, shapes in WGS 84 (None where a unit has none)."""

    ids: Sequence[str]
    names: Sequence[str]
    shapes: Shapes


@dataclass(eq=False)
class ExistingRecords:
    """The records of one type that the register holds; indexes over them are built once, on first use.

    Keep the object between single rows: the indexes go with it.

    Args:
        ids: entity ids.
        rows: wire states, one per id.
        shapes: shapes in WGS 84, one per id; None where there is none.
    """

    ids: Sequence[str]
    rows: Sequence[dict[str, Wire]]
    shapes: Shapes

    @cached_property
    def current(self) -> Bools:
        """(n,) True where the record is neither withdrawn nor merged away."""
        return np.array([row.get("record_status") not in _GONE for row in self.rows], dtype=bool)

    @cached_property
    def ground(self) -> Shapes:
        """(n,) shapes of the current records that have any extent in the plane; None for the others.

        They are not known to be valid: what is compared goes through :func:`comparable` first, and only that.
        """
        result = chosen(self.shapes, shapely.is_geometry(self.shapes) & self.current)
        result[~np.isfinite(shapely.bounds(result)).all(axis=1)] = None
        return result

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of :attr:`ground`."""
        return shapely.STRtree(self.ground)

    @cached_property
    def identifiers(self) -> Issued:
        """The issued identifiers of the records; of a withdrawn one too, for a number is never used again."""
        return issued([row.get("identifiers") for row in self.rows])

    @cached_property
    def by_identifier(self) -> dict[Key, list[int] | int]:
        """Identifier → position of its record, or positions where several bear it."""
        return positions_of(self.identifiers)

    def bearing(self, key: Key) -> list[int]:
        """Return the positions of the records that bear an identifier."""
        found = self.by_identifier.get(key, [])
        return found if isinstance(found, list) else [found]

    @cached_property
    def by_word(self) -> dict[str, list[int]]:
        """Folded identifier (of any issuer) or name → positions."""
        found: dict[str, list[int]] = {}
        for (_, value), position in zip(self.identifiers.keys, self.identifiers.owners, strict=True):
            found.setdefault(fold(value), []).append(position)
        for position, row in enumerate(self.rows):
            name = row.get("name")
            if isinstance(name, str) and name.strip():
                found.setdefault(fold(name), []).append(position)
        return found

    @cached_property
    def by_id(self) -> dict[str, int]:
        """Entity id → position."""
        return {entity: position for position, entity in enumerate(self.ids)}

    def label(self, position: int) -> str:
        """Return how a reader knows the record: its first issued identifier, else its name, else its id."""
        row = self.rows[position]
        for _, value in issued([row.get("identifiers")]).keys:
            return value
        name = row.get("name")
        return name if isinstance(name, str) and name.strip() else self.ids[position]


@dataclass(frozen=True, eq=False)
class CheckContext:
    """Everything outside a batch that its checks may look at.

    Args:
        equal_area: PROJ text of the register's equal-area system.
        today: the day of the check; nothing later can have happened.
        country: shape of the country in WGS 84, or None when it is not known: no check of place against it.
        units: administrative units, or None.
        existing: record type → records held. A type that is left out was not looked up, and nothing is said about
            it; a type with no rows is one of which the register holds nothing.
        registry: field registry with national fields; None: the core fields.
    """

    equal_area: str
    today: dt.date
    country: Any = None
    units: Units | tuple[Sequence[str], Sequence[str], Shapes] | None = None
    existing: Mapping[str, ExistingRecords] = field(default_factory=dict)
    registry: Registry | None = None

    @cached_property
    def border(self) -> shapely.STRtree | None:
        """Index of the straight pieces of the country's boundary."""
        return None if self.country is None else boundary_tree(self.country)

    @cached_property
    def known_units(self) -> Units:
        """The units given, else the administrative units of the register, else none."""
        if self.units is not None:
            return Units(*self.units)
        held = self.existing.get("admin_unit")
        if held is None:
            return Units([], [], np.empty(0, dtype=object))
        return Units(held.ids, [str(row.get("name") or "") for row in held.rows], held.ground)

    @cached_property
    def unit_positions(self) -> dict[str, list[int]]:
        """Folded id, name or issued identifier of a unit → positions; several units may share a name."""
        found: dict[str, set[int]] = {}
        for position, words in enumerate(zip(self.known_units.ids, self.known_units.names, strict=True)):
            for word in words:
                if isinstance(word, str) and word.strip():
                    found.setdefault(fold(word), set()).add(position)
        held = self.existing.get("admin_unit")
        if held is not None:
            of_id = {entity: position for position, entity in enumerate(self.known_units.ids)}
            for (_, value), owner in zip(held.identifiers.keys, held.identifiers.owners, strict=True):
                if held.ids[owner] in of_id:
                    found.setdefault(fold(value), set()).add(of_id[held.ids[owner]])
        return {word: sorted(positions) for word, positions in found.items()}

    @cached_property
    def unit_shapes(self) -> Shapes:
        """Shapes of the units, prepared for many comparisons."""
        shapes = comparable(np.asarray(self.known_units.shapes, dtype=object))
        shapely.prepare(shapes)
        return shapes

    @cached_property
    def unit_tree(self) -> shapely.STRtree:
        """Index of :attr:`unit_shapes`."""
        return shapely.STRtree(self.unit_shapes)


def fold(text: str) -> str:
    """Return a text for comparison: blanks joined, letter case gone."""
    return " ".join(text.split()).casefold()
