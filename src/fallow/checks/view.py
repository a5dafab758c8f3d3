"""The rows of a batch as the checks see them: arrays that are worked out once, when a check first asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from fallow.checks import columns
from fallow.checks.columns import Bools, Days, Floats, Ints, Issued, Quantities
from fallow.checks.context import CheckContext, fold
from fallow.checks.shapes import LINES, POLYGONS, chosen, comparable, in_threads, measure, square_degree_m2
from fallow.checks.vertices import Vertices, without_return
from fallow.records.batch import Batch, Shapes
from fallow.records.values import Wire

if TYPE_CHECKING:
    from fallow.records import Registry
    from fallow.terms import FieldDefinition, RecordDefinition


class View:
    """One batch in its context.

    Args:
        batch: rows of one record type.
        context: what they are compared with.
    """

    def __init__(self, batch: Batch, context: CheckContext) -> None:
        self.batch = batch
        self.context = context
        self.record = batch.record
        self.n = len(batch)
        self._memory: dict[tuple[str, str], Any] = {}

    # --- columns ---------------------------------------------------------------------------------------------------

    @cached_property
    def registry(self) -> Registry:
        """The field registry: that of the context, else the core fields."""
        from fallow.records import Registry

        return self.context.registry or Registry()

    @cached_property
    def definition(self) -> RecordDefinition | None:
        """Definition of the record type, or None for a type that Fallow does not know."""
        return self.registry.records.get(self.record)

    @property
    def fields(self) -> Mapping[str, FieldDefinition]:
        """Name → definition of the fields of the record type."""
        return {} if self.definition is None else self.definition.fields

    def column(self, name: str) -> list[Wire]:
        """Return the wire values of a field, all None where the batch has no such column."""
        found = self.batch.columns.get(name)
        return [None] * self.n if found is None else found

    def has(self, name: str) -> bool:
        """Tell whether the batch has the column at all."""
        return name in self.batch.columns

    def days(self, name: str) -> Days:
        """Return the dates of a field."""
        found: Days = self.once("days", name, lambda: columns.days(self.column(name)))
        return found

    def quantities(self, name: str) -> Quantities:
        """Return the measurements of a field."""
        found: Quantities = self.once("quantities", name, lambda: columns.quantities(self.column(name)))
        return found

    def codes(self, name: str) -> tuple[list[frozenset[str]], Ints]:
        """Return the distinct sets of codes of a field and, per row, which one it holds."""
        found: tuple[list[frozenset[str]], Ints] = self.once(
            "codes", name, lambda: columns.code_sets(self.column(name))
        )
        return found

    def holds(self, name: str, *codes: str) -> Bools:
        """(n,) True where the field holds any of the codes."""
        values, which = self.codes(name)
        return np.array([not value.isdisjoint(codes) for value in values], dtype=bool)[which]

    def typed(self, name: str, index: int) -> str | None:
        """Return how a value was written in its source."""
        return columns.typed_text(self.column(name)[index]) if self.has(name) else None

    def factors(self, unit: str) -> dict[str, float]:
        """Return unit → factor for turning values into a base unit (``m2``, ``m``)."""
        terms = self.registry.code_list("unit").terms
        found: dict[str, float] = self.once(
            "factors",
            unit,
            lambda: {
                code: term.extra["factor"]
                for code, term in terms.items()
                if "factor" in term.extra and unit in (code, term.parent)
            },
        )
        return found

    def metres(self, name: str) -> Floats:
        """(n,) values of a measured field in m, NaN where there is none."""
        found: Floats = self.once("metres", name, lambda: self.quantities(name).times(self.factors("m")))
        return found

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Identifiers and names in the batch, folded: links may lead to rows that arrive together."""
        words = {fold(value) for _, value in self.identifiers.keys}
        return frozenset(words | {fold(name) for name in self.column("name") if isinstance(name, str)})

    @cached_property
    def identifiers(self) -> Issued:
        """The issued identifiers of the rows."""
        return columns.issued(self.column("identifiers"))

    @cached_property
    def same_as(self) -> dict[int, set[int]]:
        """Row → positions of existing records of this type that bear one of its identifiers."""
        existing = self.context.existing.get(self.record)
        found: dict[int, set[int]] = {}
        if existing is not None and existing.by_identifier:
            known = existing.by_identifier
            for key, owner in zip(self.identifiers.keys, self.identifiers.owners, strict=True):
                if key in known:
                    found.setdefault(owner, set()).update(existing.bearing(key))
        return found

    def label(self, index: int) -> str:
        """Return how an officer finds the row: its first identifier or name, and its number in the source."""
        number = f"#{int(self.batch.rows[index])}"
        for _, value in columns.issued([self.column("identifiers")[index]]).keys:
            return f"{value} ({number})"
        name = self.column("name")[index]
        return f"{name} ({number})" if isinstance(name, str) and name.strip() else number

    def once(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        """Return what was made under this kind and name before, or make it now: several checks share it."""
        key = (kind, name)
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]

    # --- shapes ----------------------------------------------------------------------------------------------------

    @cached_property
    def shapes(self) -> Shapes:
        """(n,) shapes in two dimensions; None where there is none or something that is no shape."""
        received = self.batch.geometry
        found: Shapes = np.full(self.n, None, dtype=object)
        if received is not None and len(received) == self.n:
            found = chosen(received, shapely.is_geometry(received))
            deep = shapely.has_z(found) | shapely.has_m(found)
            if deep.any():
                found[deep] = shapely.force_2d(found[deep])
        return found

    @cached_property
    def given(self) -> Bools:
        """(n,) True where there is a shape, empty or not."""
        return ~np.asarray(shapely.is_missing(self.shapes))

    @cached_property
    def filled(self) -> Bools:
        """(n,) True where there is a shape that is not empty."""
        found: Bools = self.given & ~np.asarray(shapely.is_empty(self.shapes))
        return found

    @cached_property
    def kind(self) -> Ints:
        """(n,) shapely type numbers, -1 where there is no shape."""
        return np.asarray(shapely.get_type_id(self.shapes), dtype=np.int64)

    @cached_property
    def polygonal(self) -> Bools:
        """(n,) True for polygons and multipolygons that are not empty."""
        return self.filled & np.isin(self.kind, POLYGONS)

    @cached_property
    def bounds(self) -> Floats:
        """(n, 4) west, south, east, north in degrees; NaN where there is no shape."""
        return np.asarray(shapely.bounds(self.shapes), dtype=np.float64)

    @cached_property
    def vertices(self) -> Vertices:
        """The vertices of lines and rings."""
        return Vertices.of(chosen(self.shapes, self.filled))

    @cached_property
    def on_earth(self) -> Bools:
        """(n,) True where all coordinates are finite and within ±180° and ±90°."""
        boxes = self.bounds
        inside = np.asarray((np.abs(boxes) <= (180, 90, 180, 90)).all(axis=1))
        # Bounds pass over holes and over coordinates that are no numbers, so the vertices have their say too.
        odd = np.flatnonzero(~(np.abs(self.vertices.xy) <= (180, 90)).all(axis=1))
        inside[self.vertices.row[self.vertices.line_of(odd)]] = False
        pointlike = np.flatnonzero(self.filled & ~np.isin(self.kind, (*POLYGONS, *LINES)))
        if len(pointlike):
            xy, index = shapely.get_coordinates(self.shapes[pointlike], return_index=True)
            inside[pointlike[index[~np.isfinite(xy).all(axis=1)]]] = False
        return self.filled & inside

    @cached_property
    def returning(self) -> Bools:
        """(n,) True where a ring goes on past its end: its last two vertices repeat its first two."""
        found = np.zeros(self.n, dtype=bool)
        found[self.vertices.returning_rows] = True
        return found & self.on_earth

    @cached_property
    def mended(self) -> Shapes:
        """(n,) the shapes, rings cut where they go past their end: that changes no ground."""
        found = self.shapes
        if self.returning.any():
            found = np.array(found, dtype=object)
            for index in np.flatnonzero(self.returning):
                found[index] = without_return(found[index])
        return found

    @cached_property
    def valid(self) -> Bools:
        """(n,) True where :attr:`mended` is valid; shapes off the Earth are not."""
        found = np.zeros(self.n, dtype=bool)
        where = np.flatnonzero(self.on_earth)
        found[where] = in_threads(shapely.is_valid, self.mended[where], bool)
        return found

    @cached_property
    def faulty(self) -> Bools:
        """(n,) True for polygons on Earth that are not valid."""
        return self.polygonal & self.on_earth & ~self.valid

    @cached_property
    def ground(self) -> Shapes:
        """(n,) shapes for comparison: on Earth, faulty ones as the ground that they enclose, others None."""
        found: Shapes = chosen(self.mended, self.on_earth)
        rest = np.flatnonzero(self.on_earth & ~self.valid)
        if len(rest):
            found[rest] = comparable(found[rest])
        return found

    @cached_property
    def rough_m2(self) -> Floats:
        """(n,) areas to within 1 % for shapes up to 0.2° high, by the scale at the middle of each; NaN for others.

        Good enough to pass over rows; what is said of a row is measured by :meth:`measure`.
        """
        south, north = np.radians(self.bounds[:, 1]), np.radians(self.bounds[:, 3])
        found = np.asarray(shapely.area(self.mended)) * square_degree_m2((south + north) / 2)
        found[~(self.polygonal & self.on_earth) | ~(north - south < np.radians(0.2))] = np.nan
        return found

    def measure(self, shapes: Shapes) -> Floats:
        """Return areas in m² on the register's plane; NaN for what has no place there."""
        return measure(shapes, self.context.equal_area)
