from __future__ import annotations

import datetime as dt
import json
import pickle

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from fallow.records import Snapshot
from fallow.records.canonical import canonical
from fallow.records.errors import BadColumns, UnknownRecord
from fallow.terms import record_definitions
from tests.records.record_strategies import states_of

NOON = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)


def snapshot(tables, **more) -> Snapshot:
    settings = {"register_id": "r", "true": dt.date(2024, 6, 1), "known_seq": 7, "known_at": NOON, "synthetic": True}
    return Snapshot.build(**settings, tables=tables, **more)


def wkb(shape) -> bytes:
    return shapely.to_wkb(shape, byte_order=1)


AREA = {
    "classification": "sha",
    "contamination": ["ap_mine", "axo"],
    "event_date": {"from": "2022-03-01", "to": "2022-03-31", "precision": "month", "how": "estimated"},
    "estimated_count": {"low": 10, "high": None, "typed": "10+"},
    "typed_area": {"value": 2.5, "unit": "ha", "typed": "2,5 ha"},
    "remarks": {"absent": "refused"},
    "informant": {"sealed": "s1", "digest": "d1"},
    "unit": {"ref": "u1"},
    "place": {"typed": "P-1", "issuer": "ocha"},
    "identifiers": [{"issuer": "nma", "value": "HA-1", "from": "2024-01-01"}],
    "geometry": {"digest": "0" * 64, "crs": "EPSG:28992"},
    "x_soil": "глина",
    "_conflicts": [{"field": "name"}],
}
SQUARE = shapely.box(30.0, 50.0, 30.1, 50.1)


def test_columns_of_a_table() -> None:
    view = snapshot({"hazardous_area": (["a", "b"], [AREA, {}], [wkb(SQUARE), None])})
    table = view.table("hazardous_area")
    first, second = table.to_pylist()
    assert first["event_date"] == {
        "earliest": dt.date(2022, 3, 1),
        "latest": dt.date(2022, 3, 31),
        "precision": "month",
        "typed": None,
        "how": "estimated",
    }
    assert first["estimated_count"] == {"low": 10, "high": None, "typed": "10+"}
    assert first["typed_area"] == {"value": 2.5, "unit": "ha", "typed": "2,5 ha", "accuracy": None, "datum": None}
    assert first["contamination"] == ["ap_mine", "axo"]
    assert (first["unit"], first["unit_typed"]) == ("u1", None)
    assert (first["place"], first["place_typed"]) == (None, "P-1")
    assert first["identifiers"] == [
        {"issuer": "nma", "value": "HA-1", "since": dt.date(2024, 1, 1), "until": None},
    ]
    assert dict(first["absent"]) == {"remarks": "refused", "informant": "sealed"}
    assert first["remarks"] is first["informant"] is None
    assert json.loads(first["national"]) == {"x_soil": "глина"}
    assert json.loads(first["conflicts"]) == AREA["_conflicts"]
    assert shapely.from_wkb(first["geometry"]).equals(SQUARE)
    assert first["geometry_source"]["crs"] == "EPSG:28992"
    assert {name for name, value in second.items() if value is not None} == {"id"}
    assert table.schema.field("event_date").type.field("earliest").type == pa.date32()
    assert table.schema.field("contamination").metadata[b"sensitivity"] == b"operational"
    assert view.table("hazardous_area") is table


@pytest.mark.parametrize("record", sorted(record_definitions()))
@settings(max_examples=20)
@given(data=st.data())
def test_every_state_has_a_row_that_says_the_same(record, data) -> None:
    rows = data.draw(st.lists(states_of(record_definitions()[record]), max_size=3))
    view = snapshot({record: ([str(number) for number in range(len(rows))], rows, [])})
    table = view.table(record)
    table.validate(full=True)
    definition = record_definitions()[record]
    for wire, row in zip(rows, table.to_pylist(), strict=True):
        empty = {
            name for name, value in wire.items() if isinstance(value, dict) and ("absent" in value or "sealed" in value)
        }
        assert set(dict(row["absent"] or ())) == empty
        for name, value in wire.items():
            kind = definition.fields[name].type
            if name in empty or kind == "geometry":
                assert row[name] is None
            elif kind in ("text", "code", "codes", "flag", "integer", "number"):
                assert row[name] == value
            elif kind in ("table", "json"):
                assert row[name].encode() == canonical(value)
            else:
                assert row[name] is not None or row[f"{name}_typed"] is not None


def test_a_record_without_rows_is_empty_and_an_unknown_one_is_an_error() -> None:
    view = snapshot({})
    assert view.records() == ()
    assert view.count("accident") == len(view.ids("accident")) == view.table("accident").num_rows == 0
    assert view.shapes("accident").shape == (0,)
    with pytest.raises(UnknownRecord):
        view.rows("minefield")
    with pytest.raises(UnknownRecord):
        snapshot({"minefield": ([], [], [])})
    with pytest.raises(BadColumns):
        snapshot({"accident": (["a"], [], [])})
    with pytest.raises(KeyError):
        view.row("accident", "a")


def test_large_snapshots_are_not_copied_and_travel_without_what_can_be_built_again() -> None:
    count = 100_000
    ids = [f"{number:032x}" for number in range(count)]
    rows = [{"kind": "accident"}] * count
    bodies = [wkb(shapely.Point(30, 50))] * count
    view = snapshot({"accident": (ids, rows, bodies)})
    assert view.rows("accident") is rows
    assert view.ids("accident") is ids
    assert view.row("accident", ids[-1]) is rows[-1]
    assert view.table("accident").num_rows == len(view.shapes("accident")) == count

    plain = snapshot({"accident": (ids, rows, bodies)})
    assert len(pickle.dumps(view)) == len(pickle.dumps(plain))
    again = pickle.loads(pickle.dumps(view))  # noqa: S301
    assert again.ids("accident") == ids
    assert again.known_at == NOON
    assert shapely.get_x(again.shapes("accident")[0]) == 30


def test_shapes_cannot_be_changed_by_who_reads_them() -> None:
    view = snapshot({"hazardous_area": (["a", "b"], [AREA, {}], [wkb(SQUARE), None])})
    shapes = view.shapes("hazardous_area")
    assert list(shapely.is_missing(shapes)) == [False, True]
    with pytest.raises(ValueError, match="read-only"):
        shapes[0] = None


def test_unverified_rows_have_the_same_shape() -> None:
    view = snapshot(
        {}, unverified={"accident": (["r1"], [{"kind": "accident"}], [wkb(shapely.Point(1, 2))])}, held=[{"row": 3}]
    )
    rows = view.unverified["accident"]
    ids, states, shapes = rows
    assert ids == rows.ids("accident") == ["r1"]
    assert states == rows.rows("accident")
    assert np.array_equal(shapely.get_coordinates(shapes), [[1, 2]])
    assert rows.records() == ("accident",)
    assert rows.ids("evidence") == []
    assert "r1" in rows
    assert view.records() == ()
    assert view.held == [{"row": 3}]
