from __future__ import annotations

import dataclasses
import json
import time
from functools import cache

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fallow.records import Absent, Count, Fault, Measured, Registry, When, validate
from fallow.records.errors import BadDefinition, BadValue, UnknownField, UnknownRecord
from fallow.records.types import RECORD_TYPES, HazardousArea
from fallow.terms import record_definitions
from fallow.terms.definitions import field_definition
from fallow.terms.lists import CodeList, Term
from tests.records.record_strategies import json_values, states_of

CORE = Registry()
RECORDS = sorted(record_definitions())
AREA = {"classification": "sha", "contamination": ["ap_mine"], "geometry": {"digest": "0" * 64}}


def national(name="x_soil", **entry):
    data = {"type": "code", "list": "terrain", "en": "Soil", "uk": "Ґрунт", "source": "national", "version": 2}
    return field_definition(name, data | entry)


@pytest.mark.parametrize("record", RECORDS)
@settings(max_examples=25)
@given(data=st.data())
def test_wire_to_typed_and_back_changes_nothing(record, data) -> None:
    wire = data.draw(states_of(CORE.record(record)))
    typed = CORE.decode(record, wire)
    assert isinstance(typed, RECORD_TYPES[record])
    assert CORE.encode(typed) == wire
    assert CORE.decode(record, CORE.encode(typed)) == typed


@pytest.mark.parametrize("record", RECORDS)
@settings(max_examples=25)
@given(data=st.data())
def test_good_values_have_no_fault_and_fit_the_schema(record, data) -> None:
    wire = data.draw(states_of(CORE.record(record)))
    assert CORE.faults(record, wire) == []
    validator(record).validate(wire)


@pytest.mark.parametrize("record", RECORDS)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_has_no_fault_can_be_read_and_the_schema_agrees(record, data) -> None:
    definition = CORE.record(record)
    wire = data.draw(states_of(definition))
    name = data.draw(st.sampled_from(list(definition.fields)))
    wire[name] = data.draw(json_values)
    faults = CORE.faults(record, wire)
    assert {fault.field for fault in faults} <= {name}
    assert [code for _, code in CORE.column_faults(record, name, [wire[name]])] == [fault.code for fault in faults]
    if not faults:
        CORE.decode(record, wire)
        validator(record).validate(json.loads(json.dumps(wire)))


@cache
def validator(record, lang="uk", registry=CORE):
    schema = registry.json_schema(record, lang)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("classification", "CHA", validate.UNKNOWN_CODE),
        ("classification", 3, validate.WRONG_TYPE),
        ("classification", {"absent": "unknown"}, validate.REQUIRED_MISSING),
        ("classification", None, validate.REQUIRED_MISSING),
        ("contamination", [], validate.REQUIRED_MISSING),
        ("contamination", ["ap_mine", "apmine"], validate.UNKNOWN_CODE),
        ("name", {"absent": "lost"}, validate.UNKNOWN_CODE),
        ("name", {"absent": ["unknown"]}, validate.UNKNOWN_CODE),
        ("typed_area", {"value": 5, "unit": "acre"}, validate.UNKNOWN_UNIT),
        ("typed_area", {"value": 5, "unit": "m"}, validate.UNKNOWN_UNIT),
        ("typed_area", {"value": -5, "unit": "m2"}, validate.OUT_OF_RANGE),
        ("typed_area", {"value": float("nan"), "unit": "m2"}, validate.WRONG_TYPE),
        ("typed_area", 500, validate.WRONG_TYPE),
        ("depth_to", {"value": 0.2, "unit": "m", "datum": "sea"}, validate.UNKNOWN_DATUM),
        ("depth_to", {"value": -0.2, "unit": "m", "datum": "ground_surface"}, validate.OUT_OF_RANGE),
        ("event_date", {"from": "2024-02-01", "to": "2024-01-01"}, validate.IMPOSSIBLE_INTERVAL),
        ("event_date", {"from": "2024-02-30"}, validate.WRONG_TYPE),
        ("event_date", {}, validate.WRONG_TYPE),
        ("event_date", "2024-02-01", validate.WRONG_TYPE),
        ("estimated_count", {"low": 5, "high": 3}, validate.IMPOSSIBLE_INTERVAL),
        ("estimated_count", {"low": 5}, validate.WRONG_TYPE),
        ("estimated_count", {"low": -1, "high": None}, validate.OUT_OF_RANGE),
        ("reference_point", {"typed": "x", "lon": 200.0, "lat": 0.0}, validate.OUT_OF_RANGE),
        ("beneficiaries", [{"directness": "direct"}], validate.REQUIRED_MISSING),
        ("beneficiaries", [{"colour": "red"}], validate.UNKNOWN_FIELD),
        ("minefield_type", "row", validate.UNKNOWN_FIELD),
    ],
)
def test_each_fault_is_named(field, value, code) -> None:
    assert [(fault.field, fault.code) for fault in CORE.faults("hazardous_area", AREA | {field: value})] == [
        (field, code)
    ]


def test_a_geometry_that_travels_beside_the_values_is_not_missed() -> None:
    beside = {"classification": "sha", "contamination": ["ap_mine"]}
    assert CORE.faults("hazardous_area", beside, geometry=False) == []
    assert CORE.faults("hazardous_area", beside) == [Fault("geometry", validate.REQUIRED_MISSING)]


def test_an_old_record_of_use_may_say_that_nobody_knows() -> None:
    unknown = Absent.UNKNOWN.wire()
    assert CORE.faults("use_record", {"laid_date": unknown, "ordnance": unknown}) == []
    asked = CORE.faults("use_record", {"laid_date": Absent.NOT_ASKED.wire(), "ordnance": unknown})
    assert asked == [Fault("laid_date", validate.REQUIRED_MISSING)]


def test_a_fault_does_not_repeat_what_few_may_see() -> None:
    faults = CORE.faults("item_found", {"count": {"low": 1, "high": 1}, "lot": 77, "owner": "Петренко"})
    assert faults == [Fault("lot", validate.WRONG_TYPE), Fault("owner", validate.UNKNOWN_FIELD)]


def test_column_faults_name_each_row() -> None:
    column = ["sha", None, "cha", "SHA", {"absent": "unknown"}, "SHA"]
    assert CORE.column_faults("hazardous_area", "classification", column) == [
        (1, validate.REQUIRED_MISSING),
        (3, validate.UNKNOWN_CODE),
        (4, validate.REQUIRED_MISSING),
        (5, validate.UNKNOWN_CODE),
    ]
    assert CORE.column_faults("searched_area", "pass_number", [1, True, 0, None]) == [
        (1, validate.WRONG_TYPE),
        (2, validate.OUT_OF_RANGE),
    ]
    with pytest.raises(UnknownField):
        CORE.column_faults("hazardous_area", "nothing", [1])


@given(st.lists(st.sampled_from(["sha", "cha", "SHA", "", None, 1, True, 1.0]), max_size=12))
def test_column_faults_are_those_of_the_single_values(column) -> None:
    single = [
        (row, fault.code)
        for row, value in enumerate(column)
        for fault in CORE.faults("hazardous_area", AREA | {"classification": value})
    ]
    assert CORE.column_faults("hazardous_area", "classification", column) == single


def test_long_plain_columns_cost_little() -> None:
    codes = ["sha", "cha", None, "indication"] * 25_000
    texts = [f"area {number}" for number in range(100_000)]
    CORE.column_faults("hazardous_area", "classification", codes[:10])

    def seconds(name, column) -> float:
        best = float("inf")
        for _ in range(3):
            started = time.perf_counter()
            CORE.column_faults("hazardous_area", name, column)
            best = min(best, time.perf_counter() - started)
        return best

    # Ten times what it takes on a slow laptop: the test fails when every row is looked at, not when it is busy.
    assert seconds("work_status", codes) < 0.2
    assert seconds("name", texts) < 0.2


def test_decoding_says_what_cannot_be_read() -> None:
    with pytest.raises(BadValue) as error:
        CORE.decode("hazardous_area", {"event_date": {"from": "yesterday"}})
    assert error.value.where.field == "event_date"
    with pytest.raises(UnknownField):
        CORE.decode("hazardous_area", {"event": 1})
    with pytest.raises(UnknownRecord):
        CORE.decode("minefield", {})


def test_typed_values_have_their_types() -> None:
    typed = CORE.decode(
        "hazardous_area",
        AREA
        | {
            "event_date": {"from": "2022-03-01", "to": "2022-03-31", "precision": "month"},
            "estimated_count": {"low": 10, "high": None},
            "typed_area": {"value": 2.5, "unit": "ha"},
            "remarks": {"absent": "refused"},
            "_conflicts": [{"field": "classification"}],
        },
    )
    assert isinstance(typed, HazardousArea)
    assert isinstance(typed.event_date, When)
    assert typed.estimated_count == Count(10, None)
    assert typed.typed_area == Measured(2.5, "ha")
    assert typed.remarks is Absent.REFUSED
    assert typed.name is None


def test_a_new_national_field_leaves_older_forms_readable() -> None:
    old_report = dict(AREA, name="Північне поле")
    registry = CORE.adding("hazardous_area", national(required=True))

    assert registry.record("hazardous_area").version == 2
    assert registry.faults("hazardous_area", old_report, form_version=1) == []
    assert registry.faults("hazardous_area", old_report) == [Fault("x_soil", validate.REQUIRED_MISSING)]
    read = registry.upcast("hazardous_area", old_report, form_version=1)
    assert read == old_report | {"x_soil": {"absent": "not_asked"}}
    assert "x_soil" not in old_report, "the stored report is never changed"
    assert registry.faults("hazardous_area", read, form_version=1) == []
    assert registry.decode("hazardous_area", read).national == {"x_soil": Absent.NOT_ASKED}
    assert registry.column_faults("hazardous_area", "name", [old_report["name"]]) == []

    new_report = old_report | {"x_soil": "rocky"}
    assert registry.upcast("hazardous_area", new_report, form_version=2) == new_report
    known = next(iter(registry.code_list("terrain")))
    assert registry.faults("hazardous_area", new_report | {"x_soil": known}) == []
    assert registry.faults("hazardous_area", new_report | {"x_soil": "custard"}) == [
        Fault("x_soil", validate.UNKNOWN_CODE, "custard")
    ]
    validator("hazardous_area", registry=registry).validate(new_report | {"x_soil": known})
    assert CORE.faults("hazardous_area", new_report) == [Fault("x_soil", validate.UNKNOWN_FIELD)]


def test_national_values_are_typed_and_go_into_one_canonical_column() -> None:
    registry = CORE.adding(
        "hazardous_area",
        field_definition(
            "x_visited", {"type": "when", "source": "n", "en": "Visited", "uk": "Відвідано", "version": 2}
        ),
        national(),
    )
    wire = AREA | {"x_visited": {"from": "2024-01-01", "precision": "day", "how": "stated"}, "x_soil": "rocky"}
    typed = registry.decode("hazardous_area", wire)
    assert isinstance(typed.national["x_visited"], When)
    assert registry.encode(typed) == wire
    core, column = registry.split("hazardous_area", wire)
    assert core == AREA
    assert column == b'{"x_soil":"rocky","x_visited":{"from":"2024-01-01","how":"stated","precision":"day"}}'
    assert registry.split("hazardous_area", AREA) == (AREA, None)


def test_a_registry_is_read_back_from_what_a_register_stores() -> None:
    registry = CORE.adding("hazardous_area", national()).adding("accident", national("x_hour", version=3))
    entries = [
        json.loads(json.dumps(Registry.entry(record, field)))
        for record in ("hazardous_area", "accident")
        for field in registry.national(record)
    ]
    assert Registry.with_national(entries).records == registry.records


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (national("soil"), "national name"),
        (national("x_Soil"), "national name"),
        (national("x_row_spacing"), "refuses"),
        (national("x_targets"), "refuses"),
        (national("x_soil", version=1), "not newer"),
        (national("x_soil", list="soils"), "no list"),
        (field_definition("x_place", {"type": "geometry", "source": "n", "en": "a", "uk": "а", "version": 2}), "alone"),
    ],
)
def test_what_is_no_national_field_is_refused(field, reason) -> None:
    with pytest.raises(BadDefinition) as error:
        CORE.adding("hazardous_area", field)
    assert reason in error.value.values["reason"]


def test_a_country_may_bring_its_own_list_and_retired_codes_stay_readable() -> None:
    terms = {
        code: Term(code, {"en": code, "uk": code}, {}, "national", retired=retired)
        for code, retired in (("clay", None), ("mud", "2024-01-01"))
    }
    lists = {"x_soils": CodeList("x_soils", "national", terms)}
    registry = Registry(lists=lists).adding("hazardous_area", national(list="x_soils"))
    assert registry.faults("hazardous_area", AREA | {"x_soil": "mud"}) == []
    choices = registry.json_schema("hazardous_area")["properties"]["x_soil"]["anyOf"][0]["oneOf"]
    assert choices == [
        {"const": "clay", "title": "clay"},
        {"const": "mud", "title": "mud", "deprecated": True},
    ]


def test_what_is_derived_is_kept_like_its_narrowest_field() -> None:
    assert CORE.sensitivity("hazardous_area", ["classification"]) == "public"
    assert CORE.sensitivity("hazardous_area", ["classification", "name"]) == "operational"
    assert CORE.sensitivity("hazardous_area", ["name", "informant"]) == "personal"
    restricted = CORE.adding("use_record", national())
    assert restricted.sensitivity("use_record", ["x_soil"]) == "restricted"
    assert dataclasses.is_dataclass(restricted.field("use_record", "x_soil"))
