"""From WGS 84: the register's plane, geodesic areas beside, tables, states for maps, records behind figures."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pytest
import shapely

from fallow.geodesy import equal_area_for, geodesic_area_m2
from fallow.ledger import Balance, Cell, balance
from fallow.ledger.errors import Unbalanced
from tests.ledger.land import Diary, day, lines, metres, square_metres, units

ANY_TARGET = ("any", "any")
YEAR = [(dt.date(2024, 1, 1), dt.date(2025, 1, 1))]
PLANE = equal_area_for((35.0, 48.0, 37.0, 49.0))
FIELD = shapely.box(36.0, 48.5, 36.01, 48.51)
HALF = shapely.box(36.0, 48.5, 36.005, 48.51)


def drawn(diary: Diary, **more: Any) -> Balance:
    areas, products = diary.versions()
    found = balance(areas, products, equal_area=PLANE, periods=YEAR, **more)
    found.check()
    return found


def diary() -> Diary:
    written = Diary().area("a", "2023-05-01", new=True, shape=FIELD)
    written.area("spot", "2023-05-01", new=True, shape=shapely.Point(36.2, 48.2), typed_area=square_metres(400))
    written.product("p", "2024-05-01", new=True, shape=HALF)
    return written.product("road", "2024-05-01", new=True, quantity={"value": 2.5, "unit": "km"})


def test_the_balance_of_a_field() -> None:
    found = drawn(diary())
    whole = float(geodesic_area_m2(np.array([FIELD], dtype=object))[0])
    told = lines(found)
    assert abs(told["opening"] - whole) < 1
    assert abs(told["cleared"] - whole / 2) < 1
    row = next(row for row in found.rows() if row.cell.band == "surface")
    assert row.printed("opening") - row.printed("cleared") - row.printed("closing") in (-1, 0, 1)
    assert (found.booking_basis, found.equal_area) == ("activity_end", PLANE)


def test_geodesic_area_stands_beside_and_is_no_part_of_the_balance() -> None:
    found = drawn(diary())
    row = next(row for row in found.rows() if row.cell.band == "surface")
    for line in ("opening", "closing"):
        assert abs(found.geodesic_m2(row, line) - row.m2(line)) < 1
    with pytest.raises(KeyError):
        found.geodesic_m2(row, "cleared")
    assert found.geodesic_m2(row.cell._replace(contamination="axo")) == 0


def test_a_large_area_is_laid_out_with_divided_edges() -> None:
    large = shapely.box(35.2, 48.1, 36.8, 48.9)
    found = drawn(Diary().area("a", "2023-05-01", new=True, shape=large))
    # Edges along parallels bend on the plane: without division the area would be out by far more.
    dense = shapely.segmentize(large, 0.001)
    truth = float(geodesic_area_m2(np.array([dense], dtype=object))[0])
    assert abs(lines(found)["closing"] - truth) / truth < 1e-7


def test_every_figure_opens_its_records() -> None:
    written = diary().area("b", "2024-06-01", new=True, shape=shapely.box(36.004, 48.5, 36.02, 48.51))
    found = drawn(written)
    row = next(row for row in found.rows() if row.cell.band == "surface")
    told = {line: found.records(row, line) for line in row.ground}
    assert told == {
        "opening": ["a"],
        "newly_identified": ["b"],
        "re_opened": ["b"],
        "cleared": ["p"],
        "closing": ["a", "b"],
    }
    assert {line: found.records(row, line, number=True) for line in row.number} == {
        "opening": ["a"],
        "newly_identified": ["b"],
        "closing": ["a", "b"],
    }
    assert found.records(row.cell._replace(unit="nowhere"), "opening") == []
    assert found.records(found.typed_only[0], "opening") == ["spot"]


def test_every_figure_that_is_not_zero_has_records() -> None:
    found = drawn(diary().area("a", "2024-07-01", classification="cha").area("c", "2024-08-01", new=True, shape=HALF))
    for row in [*found.rows(), *found.footprint]:
        for line in row.ground:
            assert found.records(row, line)
        for line in row.number:
            assert len(found.records(row, line, number=True)) >= abs(row.number[line])
            if line in ("opening", "closing"):
                assert len(found.records(row, line, number=True)) == row.number[line]


def test_states_for_maps() -> None:
    found = drawn(diary())
    before, after = found.state_at(day("2024-04-30")), found.state_at(day("2024-05-01"))
    assert set(before.state) == {"sha"}
    assert set(after.state) == {"sha", "cleared"}
    (row,) = [row for row in after.of("ap_mine", "surface") if after.state[row] == "cleared"]
    assert (after.since[row], after.by[row], after.unit[row]) == (dt.date(2024, 5, 1), "p", None)
    assert abs(after.geometry[row].area - lines(found)["cleared"]) < 1e-3
    assert len(found.state_at(day("2023-04-30"))) == 0
    assert len(after.of("ap_mine", "d300_plus")) == 0


def test_tables_are_plain_and_hold_everything() -> None:
    square = shapely.box(35.9, 48.4, 36.1, 48.6)
    found = drawn(diary(), units=units(("u", square)))
    tables = found.to_tables()
    assert json.loads(json.dumps(tables)) == tables
    assert set(tables) == {"balance", "footprint", "typed_only", "products", "quantities"}
    (surface, _) = tables["balance"]
    assert (surface["unit"], surface["unit_name"], surface["band"]) == ("u", "Unit u", "surface")
    assert surface["m2"]["opening"] == round(lines(found, unit="u")["opening"])
    assert surface["number"]["opening"] == 1
    assert [row["contamination"] for row in tables["footprint"]] == [*ANY_TARGET[:1], "ap_mine"]
    assert tables["typed_only"][0]["unit"] is None
    assert tables["products"][0]["outside_m2"] == 0
    assert tables["quantities"][0]["value"] == "2.5"
    assert {row["booking_basis"] for row in tables["balance"]} == {"activity_end"}


def test_check_finds_a_figure_that_was_tampered_with() -> None:
    found = drawn(diary())
    row = found.rows()[0]
    row.ground["closing"] += 1  # type: ignore[index]
    with pytest.raises(Unbalanced) as caught:
        found.check()
    assert caught.value.values["ground"] == -1


def test_the_same_input_gives_the_same_figures() -> None:
    one, other = drawn(diary()), drawn(diary())
    assert one.to_tables() == other.to_tables()


def test_cells_name_themselves() -> None:
    row = drawn(diary()).footprint[0]
    assert isinstance(row.cell, Cell)
    assert (row.cell.contamination, row.cell.band) == ANY_TARGET
    assert row.residue() == (0, 0)


def test_depth_from_another_datum_releases_nothing() -> None:
    written = Diary().area("a", "2023-05-01", new=True, shape=FIELD)
    written.product("p", "2024-05-01", new=True, depth={**metres(3), "datum": "national_datum"}, shape=FIELD)
    assert set(lines(drawn(written))) == {"opening", "closing"}
