"""Random rows of any record type, for benchmarks and tests: every field by its definition, no row by another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from fallow.errors import Where
from fallow.records.batch import Batch, Shapes, SourceFile
from fallow.synth.coast import draw_coast
from fallow.synth.errors import UnknownRecordError
from fallow.synth.frame import Frame, Rng, stream
from fallow.synth.shapes import outlines, tidy
from fallow.synth.story import FIRST, LAST
from fallow.synth.units import scatter
from fallow.synth.wire import (
    REMARK,
    UNKNOWN,
    Column,
    codes,
    identifiers,
    measured,
    position,
    ref,
    sometimes,
    vague,
    vague_counts,
)

if TYPE_CHECKING:
    from fallow.terms import FieldDefinition

_CRS = "EPSG:4326"
_LARGEST = {"m2": 90_000.0, "ha": 20.0, "km2": 2.0, "m": 2.0, "cm": 90.0, "km": 5.0, "h": 300.0, "d": 20.0}


def random_batch(record: str, n: int, seed: int) -> Batch:
    """Return ``n`` independent rows of a record type, flagged synthetic, on an invented land.

    Every field but the required ones is sometimes empty and sometimes absent for a stated reason. Links name issued
    identifiers that exist nowhere. Rows of the same record, n and seed are the same.

    Args:
        record: record type.
        n: number of rows.
        seed: any whole number from 0.

    Raises:
        UnknownRecordError: there is no such record type.
    """
    from fallow.terms import record_definitions

    known = record_definitions()
    if record not in known:
        raise UnknownRecordError(Where(value=record), record=record, known=", ".join(known))
    definition = known[record]
    frame = Frame.for_areas(max(n, 60))
    land = draw_coast(frame, stream(seed, "coast"))
    middle = scatter(shapely.buffer(land, -1_500), n, stream(seed, f"batch:{record}"))
    lonlat = shapely.get_coordinates(frame.to_lonlat(np.asarray(shapely.points(middle))))
    columns: dict[str, Column] = {}
    for name, field in definition.fields.items():
        if field.type == "geometry":
            continue
        rng = stream(seed, f"batch:{record}:{name}")
        column = _MAKERS[field.type](field, n, rng, lonlat)
        columns[name] = column if field.required else sometimes(sometimes(column, 0.9, rng, UNKNOWN), 0.85, rng)
    columns["identifiers"] = identifiers(codes("RB", n))
    columns["synthetic"] = [True] * n
    columns["remarks"] = [REMARK] * n
    shapes = _shapes(definition.geometry, middle, frame, stream(seed, f"batch:{record}:geometry"))
    digest = hashlib.sha256(f"{record} {n} {seed}".encode()).hexdigest()
    return Batch(
        record=record,
        source=SourceFile(f"synthetic-{record}-{n}-{seed}", digest, 0, crs=_CRS, crs_from="file"),
        rows=np.arange(1, n + 1, dtype=np.int64),
        columns=columns,
        raw={},
        geometry=shapes,
        surveyed=shapes,
    )


def _shapes(kind: str, middle: Any, frame: Frame, rng: Rng) -> Shapes | None:
    if kind == "none":
        return None
    count = len(middle)
    if kind == "point":
        return frame.to_lonlat(np.asarray(shapely.points(middle)))
    size = np.clip(np.exp(rng.normal(np.log(14_000), 1.1, count)), 250, 400_000)
    shapes = tidy(frame.to_lonlat(outlines(middle, size, rng))) if count else np.empty(0, dtype=object)
    if kind == "any":
        points = frame.to_lonlat(np.asarray(shapely.points(middle)))
        shapes = np.where(rng.random(count) < 0.5, shapes, points)
    return shapes


def _codes_of(field: FieldDefinition) -> list[str]:
    from fallow.terms import code_list

    return list(code_list(str(field.list)).current)


def _code(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    known = _codes_of(field)
    return [known[pick] for pick in rng.integers(0, len(known), n)]


def _several(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    known = _codes_of(field)
    first, second = rng.integers(0, len(known), (2, n))
    two = rng.random(n) < 0.3
    return [
        [known[a], known[b]] if both and a != b else [known[a]] for a, b, both in zip(first, second, two, strict=True)
    ]


def _text(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    numbers = rng.integers(0, 10**9, n)
    if field.name == "sha256":
        return [hashlib.sha256(str(number).encode()).hexdigest() for number in numbers]
    if field.name == "language":
        return ["en" if number % 2 else "uk" for number in numbers]
    return [f"SYNTHETIC {field.name.replace('_', ' ')} {number}" for number in numbers]


def _integer(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    low, high = field.minimum or 0, field.maximum if field.maximum is not None else 5
    return [int(number) for number in rng.integers(int(low), int(high) + 1, n)]


def _number(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    low, high = field.minimum or 0.0, field.maximum if field.maximum is not None else 100.0
    return [round(float(number), 3) for number in rng.uniform(low, high, n)]


def _measured(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    unit = field.unit or field.units[0]
    datum = ["ground_surface"] * n if field.datum else None
    return measured(rng.uniform(0, _LARGEST.get(unit, 10.0), n), unit, datum=datum)


def _casualties(_: FieldDefinition, n: int, rng: Rng, __: Any) -> Column:
    from fallow.synth.harm_rows import casualties

    return casualties(["accident"] * n, rng)


def _position(_: FieldDefinition, __: int, ___: Rng, lonlat: Any) -> Column:
    return [position(lon, lat) for lon, lat in lonlat]


def _table(field: FieldDefinition, n: int, rng: Rng, lonlat: Any) -> Column:
    columns = {name: _MAKERS[part.type](part, n, rng, lonlat) for name, part in field.columns.items()}
    return [[{name: column[row] for name, column in columns.items()}] for row in range(n)]


def _ref(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    word = (field.refers[0] if field.refers else "any").upper()
    return [ref(f"{word}-{number:06d}") for number in rng.integers(0, 10**6, n)]


def _when(_: FieldDefinition, n: int, rng: Rng, __: Any) -> Column:
    return vague(rng.integers(FIRST, LAST, n), rng)


def _flags(_: FieldDefinition, n: int, rng: Rng, __: Any) -> Column:
    return [bool(one) for one in rng.random(n) < 0.5]


def _refs(field: FieldDefinition, n: int, rng: Rng, lonlat: Any) -> Column:
    return [[one] for one in _ref(field, n, rng, lonlat)]


def _counts(_: FieldDefinition, n: int, rng: Rng, __: Any) -> Column:
    return vague_counts(rng.integers(1, 80, n), rng)


def _identifiers(_: FieldDefinition, n: int, __: Rng, ___: Any) -> Column:
    return identifiers(codes("RB", n))


def _json(field: FieldDefinition, n: int, rng: Rng, _: Any) -> Column:
    result: Column = [{field.name: int(number)} for number in rng.integers(0, 9, n)]
    return result


_MAKERS: dict[str, Callable[[FieldDefinition, int, Rng, Any], Column]] = {
    "text": _text,
    "code": _code,
    "codes": _several,
    "flag": _flags,
    "integer": _integer,
    "number": _number,
    "when": _when,
    "count": _counts,
    "measured": _measured,
    "position": _position,
    "identifiers": _identifiers,
    "ref": _ref,
    "refs": _refs,
    "casualties": _casualties,
    "table": _table,
    "json": _json,
}
