"""Whatever the rows hold, the checks end, and what they say of a row follows the row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fallow.checks import CHECKS, CheckContext, ExistingRecords, Units, explain_result, run_checks, summary
from fallow.records.batch import Batch, CheckResult, Shapes, SourceFile
from fallow.terms import FieldDefinition, code_list, record_definitions
from tests.checks.batches import EQUAL_AREA, TODAY, batch, context, day, held, ids, m2, metres, permuted, row, square
from tests.checks.fixtures import CASES

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")
NAN, INF = float("nan"), float("inf")

# A few places, so that shapes of different rows meet; among them places where nothing can be.
corners = st.sampled_from([(34 + i * 0.001, 49 + j * 0.001) for i in range(4) for j in range(4)])
odd_corners = corners | st.sampled_from(
    [
        (NAN, 49.0),
        (INF, 49.0),
        (34.0, -INF),
        (0.0, 0.0),
        (1e308, 1e308),
        (-180.0, 90.0),
        (49.0, 34.0),
        (122_171.0, 49e4),
    ]
)


@st.composite
def shapes(draw: st.DrawFn, vertices: st.SearchStrategy[tuple[float, float]] = odd_corners) -> Any:
    kind = draw(
        st.sampled_from(["none", "point", "line", "polygon", "hole", "multi", "points", "mixed", "empty", "deep"])
    )
    # A ring has to begin where it ends, so its first vertex is a number.
    ring = st.builds(lambda first, rest: [first, *rest], corners, st.lists(vertices, min_size=2, max_size=6))
    if kind == "none":
        return None
    with np.errstate(invalid="ignore"):
        return _shape(draw, kind, vertices, ring)


def _shape(draw: st.DrawFn, kind: str, vertices: Any, ring: Any) -> Any:
    if kind == "point":
        return shapely.Point(draw(vertices))
    if kind == "points":
        return shapely.MultiPoint(draw(st.lists(vertices, max_size=3)))
    if kind == "line":
        return shapely.LineString(draw(st.lists(vertices, min_size=2, max_size=5)))
    if kind == "hole":
        return shapely.Polygon(draw(ring), [draw(ring)])
    if kind == "multi":
        return shapely.MultiPolygon([shapely.Polygon(draw(ring)) for _ in range(draw(st.integers(0, 3)))])
    if kind == "mixed":
        return shapely.GeometryCollection([shapely.Polygon(draw(ring)), shapely.Point(draw(vertices))])
    if kind == "empty":
        return draw(st.sampled_from([shapely.Polygon(), shapely.Point(), shapely.GeometryCollection()]))
    if kind == "deep":
        return shapely.force_3d(shapely.Polygon(draw(ring)), 5.0)
    return shapely.Polygon(draw(ring))


dates = st.sampled_from(
    [
        day("2024-01-01"),
        day("2030-01-01"),
        day("1800-01-01", how="source_date"),
        {"from": "2024-01-01"},
        {"to": "2023-01-01", "typed": "..2023"},
        {"typed": "spring"},
        {"from": "not a day", "to": 7},
        {"from": "2024-05-01", "to": "2023-01-01"},
    ]
)
words = st.sampled_from(["", " ", "a", "A-1", " A-1 ", "West oblast", "held-1", "я", "\x00", "{field}"])
junk = st.sampled_from(
    (
        *(0, -1, 1.5, 10**400, True, [], {}, [None], [[]], [{}]),
        *(
            {"absent": "unknown"},
            {"absent": 1},
            {"value": None},
            {"value": NAN, "unit": "m2"},
            {"value": "7", "unit": 3},
        ),
        *({"low": "x"}, {"ref": 5}, {"typed": ""}, [{"value": 1}]),
    )
)


def values_of(field: FieldDefinition) -> st.SearchStrategy[Any]:
    """Values that the field may hold, and now and then some that it may not."""
    kinds: Mapping[str, st.SearchStrategy[Any]] = {
        "text": words,
        "when": dates,
        "flag": st.booleans(),
        "integer": st.integers(-3, 12),
        "number": st.floats(),
        "count": st.sampled_from([{"low": 1, "high": 1}, {"low": 0, "high": None}, {"low": 10**6, "high": 1}]),
        "identifiers": st.lists(
            st.builds(lambda value, issuer: {"issuer": issuer, "value": value}, words, words), max_size=2
        ),
        "ref": st.sampled_from([{"ref": "held-1"}, {"typed": "A-1", "issuer": "op"}, {"typed": "A-1"}, {"ref": "x"}]),
        "refs": st.lists(st.sampled_from([{"ref": "held-1"}, {"typed": "Z"}]), max_size=2),
    }
    if field.type in ("code", "codes"):
        codes = st.sampled_from((*list(code_list(field.list or ""))[:6], "no such code"))
        fit = codes if field.type == "code" else st.lists(codes, max_size=3)
    elif field.type == "measured":
        units = st.sampled_from([*field.units, "acre"])
        datums = st.sampled_from([None, "ground_surface", "water_bed", "sea"])
        fit = st.builds(
            lambda value, unit, datum: {"value": value, "unit": unit, "datum": datum},
            st.sampled_from([0.0, 0.2, 5.0, 12.0, 1e4, -1.0, 1e300, 3]),
            units,
            datums,
        )
    else:
        fit = kinds.get(field.type, junk)
    return st.none() | fit | fit | fit | junk


@st.composite
def batches(draw: st.DrawFn, *, record: str | None = None, odd: bool = True) -> Batch:
    record = record or draw(st.sampled_from(list(record_definitions())))
    fields = record_definitions()[record].fields
    count = draw(st.integers(0, 5))
    names = draw(st.lists(st.sampled_from([*fields, "no_such_field"]), unique=True, max_size=8))
    columns = {
        name: draw(st.lists(values_of(fields[name]) if name in fields else junk, min_size=count, max_size=count))
        for name in names
    }
    received: Shapes | None = None
    if draw(st.booleans()) or not odd:
        received = np.empty(count, dtype=object)
        any_shape = shapes() | st.sampled_from(["POINT (1 1)", 7]) if odd else shapes(corners)
        received[:] = [draw(any_shape) for _ in range(count)]
    return Batch(record, SourceFile("a.csv", "0" * 64, 1), np.arange(2, count + 2), columns, {}, received, received)


@st.composite
def contexts(draw: st.DrawFn, odd: bool = True) -> CheckContext:
    existing: dict[str, ExistingRecords] = {}
    for record in draw(st.lists(st.sampled_from(list(record_definitions())), unique=True, max_size=4)):
        made = draw(batches(record=record, odd=odd))
        rows = [{name: column[index] for name, column in made.columns.items()} for index in range(len(made))]
        shapes_ = np.full(len(made), None, dtype=object) if made.geometry is None else made.geometry
        existing[record] = ExistingRecords([f"held-{index}" for index in range(len(made))], rows, shapes_)
    country = draw(st.sampled_from([None, shapely.box(33, 48, 35, 50)]))
    units = draw(
        st.sampled_from([None, Units(["U", "V"], ["West oblast", "A"], np.array([square(34), None], dtype=object))])
    )
    return CheckContext(EQUAL_AREA, TODAY, country, units, existing)


def told(results: list[CheckResult]) -> list[tuple[Any, ...]]:
    """Results without their index, ready to compare."""
    return sorted(
        (json.dumps([r.code, r.severity, r.field, r.value, r.detail, r.repair], sort_keys=True, default=repr))
        for r in results
    )


@given(batches(), contexts())
def test_any_batch_is_checked_to_the_end_and_every_finding_can_be_stored_and_said(
    rows: Batch, surroundings: CheckContext
) -> None:
    results = run_checks(rows, surroundings)
    keys = [(result.index, result.code, result.field or "") for result in results]
    assert keys == sorted(keys)
    assert sum(count for of_code in summary(results).values() for count in of_code.values()) == len(results)
    for result in results:
        assert result.code in CHECKS
        assert -1 <= result.index < len(rows)
        json.dumps([result.detail, result.repair], allow_nan=False)
        assert explain_result(result, "uk", record=rows.record).what


@given(batches(odd=False), contexts(odd=False), st.data())
def test_findings_follow_their_rows_through_any_order(
    rows: Batch, surroundings: CheckContext, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    straight, turned = run_checks(rows, surroundings), run_checks(permuted(rows, order), surroundings)
    for place, index in enumerate(order):
        assert told([r for r in turned if r.index == place]) == told([r for r in straight if r.index == index])
    assert told([r for r in turned if r.index < 0]) == told([r for r in straight if r.index < 0])


@given(batches(), contexts())
def test_one_row_at_a_time_finds_what_the_bulk_finds(rows: Batch, surroundings: CheckContext) -> None:
    alone = [code for code, check in CHECKS.items() if check.alone]
    bulk = run_checks(rows, surroundings, only=alone)
    for index in range(len(rows)):
        single = run_checks(permuted(rows, [index]), surroundings, only=alone)
        assert told(single) == told([result for result in bulk if result.index == index])


def test_the_cases_themselves_are_found_one_row_at_a_time() -> None:
    for code, case in CASES.items():
        if CHECKS[code].alone:
            for index in range(len(case.fails)):
                single = run_checks(permuted(case.fails, [index]), case.context, only=[code])
                assert (
                    [result.severity for result in single][:1] == [case.rows[index]]
                    if index in case.rows
                    else not single
                )


def test_findings_are_the_same_in_every_run() -> None:
    rows = batch(
        "hazardous_area",
        *(row("hazardous_area", square(34.5 + step / 3000), identifiers=ids(f"A-{step}")) for step in range(40)),
    )
    existing = held("hazardous_area", row("hazardous_area", square(34.501, metres=3000), identifiers=ids("A-3")))
    first, second = (run_checks(rows, context(existing)) for _ in range(2))
    assert first == second
    assert {result.code for result in first} == {"check.overlap", "check.identifier_known"}


def test_a_column_of_long_numbers_and_measures_is_read_without_fault() -> None:
    rows = batch("hazardous_area", row("hazardous_area", square(), typed_area=m2(9_998.3), depth_to=metres(0.5)))
    assert run_checks(rows, context()) == []


def test_a_hole_off_the_earth_is_off_the_earth() -> None:
    hole = [(34.0, 49.0), (1e308, 49.0), (34.0, -1e308)]
    [result] = run_checks(batch("parcel", row("parcel", shapely.Polygon(square().exterior.coords, [hole]))), context())
    assert result.code == "check.coordinates_out_of_range"
    assert result.detail == {"lon": 1e308, "lat": 49.0}
