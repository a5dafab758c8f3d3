"""The records of the invented land: flagged, well formed, resolvable, in an order that could have happened."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
import pytest
import shapely

from fallow.records.fields import Registry
from fallow.synth.drawing import Drawing, draw
from fallow.synth.frame import ISSUER
from fallow.synth.ordnance import short_lived
from fallow.synth.steps import Step, make_steps
from fallow.synth.use_rows import LIVES
from fallow.synth.wire import Table
from fallow.terms import code_list, ordnance, record_definitions


def of(steps: list[Step], record: str, match: str = "new") -> list[Step]:
    """Return the steps of one record type."""
    return [step for step in steps if step.table.record == record and step.table.match == match]


def values(steps: list[Step], record: str, name: str) -> list[Any]:
    """Return a column over all new rows of a record type."""
    return [value for step in of(steps, record) for value in step.table.columns.get(name, [None] * len(step.table))]


def rows(steps: list[Step], record: str) -> dict[str, dict[str, Any]]:
    """Return issued identifier → first state, with the shape and the decision."""
    found = {}
    for step in of(steps, record):
        for row, code in enumerate(step.table.codes):
            state = {name: column[row] for name, column in step.table.columns.items()}
            shape = None if step.table.shapes is None else step.table.shapes[row]
            found[code] = state | {"shape": shape, "decided_by_step": step.decided}
    return found


def latest(when: dict[str, Any] | None) -> dt.date:
    return dt.date.fromisoformat(when["to"]) if when else dt.date.min


def links(value: Any) -> list[dict[str, Any]]:
    return [value] if isinstance(value, dict) else value or []


def test_every_row_says_that_it_is_synthetic(steps: list[Step]) -> None:
    for step in steps:
        assert step.table.columns["synthetic"] == [True] * len(step.table)
        assert all("SYNTHETIC" in remark for remark in step.table.columns["remarks"])
        for cell in step.table.columns["identifiers"]:
            assert [one["issuer"] for one in cell] == [ISSUER]
        for name in ("name", "local_name", "title", "order_number", "certificate", "kept_by", "result"):
            for value in step.table.columns.get(name, []):
                assert value is None or "SYNTHETIC" in value
    personal = [
        (step.table.record, name)
        for step in steps
        for name, field in record_definitions()[step.table.record].fields.items()
        if field.sensitivity == "personal" and name in step.table.columns
    ]
    assert personal
    for record, name in personal:
        texts = [value for value in values(steps, record, name) if isinstance(value, str)]
        assert all(text.startswith("SYNTHETIC ") for text in texts)


def test_no_value_is_at_fault(steps: list[Step]) -> None:
    registry = Registry()
    for step in steps:
        for name, column in step.table.columns.items():
            assert registry.column_faults(step.table.record, name, column) == []
        required = [n for n, f in record_definitions()[step.table.record].fields.items() if f.required]
        for name in required:
            if name == "geometry":
                assert not shapely.is_missing(step.table.shapes).any()
            else:
                assert None not in step.table.columns[name]


def test_all_record_types_occur(steps: list[Step]) -> None:
    assert {step.table.record for step in steps} == set(record_definitions())


def test_links_lead_to_records_of_earlier_steps(steps: list[Step]) -> None:
    there: dict[str, set[str]] = {record: set() for record in record_definitions()}
    count = 0
    for step in steps:
        fields = record_definitions()[step.table.record].fields
        for name, column in step.table.columns.items():
            if fields[name].type in ("ref", "refs"):
                known = set().union(*(there[record] for record in fields[name].refers))
                for value in column:
                    for link in links(value):
                        assert link["issuer"] == ISSUER
                        assert link["typed"] in known, (step.table.record, name, link)
                        count += 1
        codes = step.table.codes
        assert len(set(codes)) == len(codes)
        if step.table.match == "new":
            assert there[step.table.record].isdisjoint(codes)
            there[step.table.record] |= set(codes)
        assert there[step.table.record] >= set(codes)
        for row, kind, other in step.table.relations:
            assert row < len(codes)
            assert kind in code_list("relation_kind")
            assert other in there["hazardous_area"]
    assert count > 500


def test_decisions_follow_each_other_and_come_after_what_they_decide(steps: list[Step]) -> None:
    decided = [step.decided for step in steps]
    assert decided == sorted(decided)
    for step in steps:
        assert (step.table.day < step.decided).all()
        information = step.table.columns["date_of_information"]
        assert all(latest(when).toordinal() <= step.decided for when in information)
    assert len(set(decided)) > 20
    assert dt.date.fromordinal(decided[-1]) < dt.date(2026, 8, 1)


def test_lowering_steps_bring_a_reason_and_a_document_and_others_do_not(steps: list[Step]) -> None:
    lowering = {"no_evidence_nts", "ts_no_evidence", "clearance_completed", "bac_completed"}
    documents: set[str] = set()
    for step in steps:
        if step.table.record == "document":
            documents |= set(step.table.codes)
        assert set(step.table.reason) == {step.reason}
        assert (step.reason is None) == (not step.evidence)
        assert set(step.evidence) <= documents
        if step.reason is not None:
            assert step.reason in code_list("lowering_reason").current
        if step.table.record == "release_product":
            assert step.reason in lowering
        if step.table.columns.get("polarity", [""])[0] == "against":
            assert step.reason in lowering
        if step.table.columns.get("record_status", [""])[0] == "withdrawn":
            assert step.reason == "duplicate"


def test_updates_carry_the_whole_record(steps: list[Step]) -> None:
    first = rows(steps, "hazardous_area")
    changed: Counter[str] = Counter()
    for step in of(steps, "hazardous_area", "update"):
        for row, code in enumerate(step.table.codes):
            for name in ("name", "contamination", "unit", "depth_to"):
                assert step.table.columns[name][row] == first[code].get(name)
            changed[step.table.act] += 1
        assert "informant" not in step.table.columns
        assert "landowner" not in step.table.columns
    assert {"reclassify", "update", "correct", "withdraw"} <= set(changed)


def test_releases_come_after_survey_search_and_area(steps: list[Step]) -> None:
    areas, activities = rows(steps, "hazardous_area"), rows(steps, "activity")
    tasks = rows(steps, "task")
    products = rows(steps, "release_product")
    assert {product["kind"] for product in products.values()} == {"cancelled", "reduced", "cleared"}
    for product in products.values():
        area, activity = areas[product["area"]["typed"]], activities[product["activity"]["typed"]]
        assert latest(area["surveyed_on"]) < latest(product["start"]) <= latest(product["end"])
        assert latest(product["end"]) < latest(product["decided"])
        assert latest(product["decided"]).toordinal() == product["decided_by_step"]
        assert activity["area"] == product["area"]
        assert (product["kind"] == "cancelled") == (activity["kind"] == "nts")
        assert (product["kind"] == "reduced") == (activity["kind"] == "ts")
        assert (product["depth"] is not None) == (product["kind"] == "cleared")
        if product["depth"]:
            assert product["depth"]["datum"] in code_list("depth_datum")
        if activity["task"]:
            task = tasks[activity["task"]["typed"]]
            assert latest(task["date_of_information"]) < latest(activity["start"])
        if product["shape"] is not None:
            outline = area["shape"]
            # Rounding to a centimetre moves an edge; nothing is released beyond the area.
            assert product["shape"].difference(outline.buffer(1e-6)).area == 0


def test_searches_and_finds_lie_in_their_area_and_time(steps: list[Step]) -> None:
    areas, activities = rows(steps, "hazardous_area"), rows(steps, "activity")
    strips = 0
    for searched in rows(steps, "searched_area").values():
        activity = activities[searched["activity"]["typed"]]
        assert (
            latest(activity["start"]) <= latest(searched["start"]) <= latest(searched["end"]) <= latest(activity["end"])
        )
        outline = areas[activity["area"]["typed"]]["shape"]
        assert searched["shape"].difference(outline.buffer(1e-6)).area == 0
        strips += searched["shape"].area < 0.5 * outline.area
    assert strips
    for item in rows(steps, "item_found").values():
        if item.get("activity"):
            activity = activities[item["activity"]["typed"]]
            assert latest(activity["start"]) <= latest(item["found"]) <= latest(activity["end"])
        if item["shape"] is not None and areas[item["area"]["typed"]]["shape"].geom_type != "Point":
            assert areas[item["area"]["typed"]]["shape"].buffer(1e-6).contains(item["shape"])


def test_released_ground_is_re_opened(steps: list[Step]) -> None:
    areas, products = rows(steps, "hazardous_area"), rows(steps, "release_product")
    links_back = [
        (step.table.codes[row], other)
        for step in steps
        for row, kind, other in step.table.relations
        if kind == "re_opened_from"
    ]
    assert len(links_back) >= 2
    for code, old in links_back:
        new = areas[code]
        before = [
            product
            for product in products.values()
            if product["area"]["typed"] == old
            and product["shape"] is not None
            and product["shape"].buffer(1e-6).contains(new["shape"])
        ]
        assert before
        assert min(latest(product["end"]) for product in before) < latest(new["date_of_information"])
    causes = [row["area"]["typed"] for row in rows(steps, "accident").values() if row["area"]]
    causes += [row["area"]["typed"] for row in rows(steps, "item_found").values()]
    assert {code for code, _ in links_back} <= set(causes)


def test_a_duplicate_is_withdrawn(steps: list[Step]) -> None:
    withdrawn = [
        (step, row, other)
        for step in of(steps, "hazardous_area", "update")
        for row, kind, other in step.table.relations
        if kind == "same_as"
    ]
    assert withdrawn
    areas = rows(steps, "hazardous_area")
    for step, row, other in withdrawn:
        assert step.table.columns["record_status"][row] == "withdrawn"
        one, two = areas[step.table.codes[row]]["shape"], areas[other]["shape"]
        assert one.intersects(two)


def test_use_records_are_of_the_past_and_released_by_their_custodian(steps: list[Step]) -> None:
    for record in rows(steps, "use_record").values():
        released = latest(record["custodian_released"])
        assert released.toordinal() < record["decided_by_step"]
        if "absent" not in record["laid_date"]:
            assert (released - latest(record["laid_date"])).days >= 120


@pytest.fixture(scope="module")
def wide() -> Drawing:
    """A land large enough for rare cases."""
    return draw(2, 1_200)


def test_use_records_hold_all_lives_and_both_good_and_bad(wide: Drawing) -> None:
    table = next(one for one in wide.tables if one.record == "use_record")
    lives = Counter((life["value"], life["unit"]) for life in table.columns["declared_life"] if life)
    assert set(lives) == set(LIVES)
    kinds = [kind for kind in table.columns["ordnance"] if isinstance(kind, str)]
    assert {short_lived()[kind] for kind in kinds} == {True, False}
    assert {ordnance()[kind].contamination for kind in kinds} >= {
        "ap_mine",
        "av_mine",
        "submunition",
        "other_uxo",
        "axo",
    }
    for name in ("lot", "count", "reference_points", "declared_life"):
        empty = sum(value is None for value in table.columns[name])
        assert 0.03 * len(table) < empty < 0.9 * len(table)
    assert shapely.is_missing(table.shapes).any()
    contradicting = [
        1
        for kind, life in zip(table.columns["ordnance"], table.columns["declared_life"], strict=True)
        if isinstance(kind, str) and short_lived()[kind] != (life is not None)
    ]
    assert contradicting
    precisions = {date.get("precision") for date in table.columns["laid_date"]}
    assert precisions >= {"day", "month", "year", "range", None}


def test_all_kinds_of_areas_evidence_and_harm_occur(wide: Drawing) -> None:
    def column(record: str, name: str) -> list[Any]:
        tables = [one for one in wide.tables if one.record == record]
        return [value for one in tables for value in one.columns.get(name, [])]

    assert set(column("hazardous_area", "classification")) >= {"indication", "sha", "cha"}
    classes = {code for codes in column("hazardous_area", "contamination") if codes for code in codes}
    assert classes == set(code_list("contamination_class").current) - {"other_ied"}
    assert {"for", "against"} == set(column("evidence", "polarity"))
    assert set(column("evidence", "known_how")) == set(code_list("known_how").current)
    assert set(column("evidence", "source_reliability")) == set(code_list("source_reliability").current)
    assert set(column("activity", "kind")) == {"nts", "ts", "clearance", "bac"}
    assert set(column("activity", "status")) == {"completed", "under_way"}
    assert {"ordered", "completed", "cancelled_order"} == set(column("task", "status"))
    groups = [group for table in column("accident", "casualties") if table for group in table]
    assert {group["sex"] for group in groups} == set(code_list("sex").current)
    assert {group["outcome"] for group in groups} == {"killed", "injured", "unknown"}
    assert {group["age_band"] for group in groups} == set(code_list("age_band").current)
    units = {one["unit"] for one in column("release_product", "quantity") if one}
    assert {"m2"} < units <= {"m2", "item", "building", "km"}
    datums = {depth["datum"] for depth in column("release_product", "depth") if depth}
    assert datums == set(code_list("depth_datum").current)
    assert any(column("release_product", "limited_to"))
    shapes = next(one for one in wide.tables if one.record == "hazardous_area" and one.rank == 10)
    points = shapely.get_type_id(shapes.shapes) == shapely.GeometryType.POINT
    assert points.any()
    assert all(shapes.columns["typed_area"][row] for row in np.flatnonzero(points))


def test_shapes_are_valid_and_on_the_land(wide: Drawing) -> None:
    around = wide.land.buffer(1.0)
    shapely.prepare(around)
    for table in wide.tables:
        if table.shapes is None:
            continue
        shapes = table.shapes[~shapely.is_missing(table.shapes)]
        assert shapely.is_valid(wide.frame.to_lonlat(shapes)).all()
        assert not shapely.is_empty(shapes).any()
        assert shapely.covers(around, shapes).all(), table.record


def test_products_overlap_only_as_surveyors_make_them(wide: Drawing) -> None:
    table: Table = next(one for one in wide.tables if one.record == "release_product")
    shapes = table.shapes
    assert shapes is not None
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = one < other
    both = shapely.area(shapely.intersection(shapes[one[apart]], shapes[other[apart]]))
    assert (both > 1).any()
    smaller = np.minimum(shapely.area(shapes[one[apart]]), shapely.area(shapes[other[apart]]))
    same_area = [
        table.columns["area"][a] == table.columns["area"][b] for a, b in zip(one[apart], other[apart], strict=True)
    ]
    # Areas scattered at random may fall on each other; products of one area overlap by a rim at most.
    assert (both[same_area] < 0.35 * smaller[same_area]).all()


def test_a_row_outside_the_story_is_an_error(drawing: Drawing) -> None:
    late = Table("document", {"identifiers": []}, np.array([dt.date(2027, 1, 1).toordinal()]))
    with pytest.raises(ValueError, match="document"):
        make_steps([*drawing.tables, late])
