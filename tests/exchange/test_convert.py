from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallow.exchange.cells import cell, cell_columns
from fallow.exchange.convert import Unfit, one_value
from fallow.exchange.encodings import encoding_of, undoubled
from fallow.exchange.fieldmaps import FieldMap, field_map, plain_map
from fallow.exchange.guards import guarded, unguarded
from fallow.exchange.numbers import decimal_sign, number
from fallow.records.fields import Registry
from fallow.terms.definitions import record_definitions


def plain(record: str, name: str) -> FieldMap:
    return plain_map(record_definitions()[record].fields[name], name)


def made(record: str, name: str, **options: Any) -> FieldMap:
    return field_map(record_definitions()[record].fields[name], {"column": name, **options})


AREA = "hazardous_area"


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12", None, 12),
        ("12.5", None, 12.5),
        ("12,5", None, 12.5),
        ("-0,125", None, -0.125),
        ("1 234,5", None, 1234.5),
        ("1\u00a0234\u00a0567", None, 1234567),
        ("1.234.567,8", None, 1234567.8),
        ("1,234,567.8", None, 1234567.8),
        ("1,234", ",", 1.234),
        ("1.234", ".", 1.234),
        ("1.234", None, 1.234),
        ("1,234.5", ".", 1234.5),
        ("+3", None, 3),
        ("−3", None, -3),
        ("1e3", ".", None),
        ("1.5e3", None, 1500),
    ],
)
def test_numbers(text: str, decimal: str | None, value: float | None) -> None:
    if value is None:
        with pytest.raises(ValueError, match="number"):
            number(text, decimal)
    else:
        assert number(text, decimal) == value


@pytest.mark.parametrize(
    ("text", "decimal"),
    [("1,234", None), ("1.234", ","), ("1,234", "."), ("", None), ("abc", None), ("1,2,3", None), ("--1", None)],
)
def test_numbers_that_could_be_read_two_ways_are_not_read(text: str, decimal: str | None) -> None:
    with pytest.raises(ValueError, match=r"number|two ways"):
        number(text, decimal)


def test_a_column_shows_its_decimal_sign() -> None:
    assert decimal_sign(["1,234", "12,5"]) == ","
    assert decimal_sign(["12.5", "7"]) == "."
    assert decimal_sign(["12.5", "12,5"]) is None
    assert decimal_sign(["1,234", "7", None, 3]) is None


@pytest.mark.parametrize(
    ("record", "field", "value", "wire"),
    [
        (AREA, "classification", "SHA", "sha"),
        (AREA, "classification", "Suspected hazardous area", "sha"),
        (AREA, "contamination", "ap_mine; submunition", ["ap_mine", "submunition"]),
        (AREA, "contamination", "ap_mine,ap_mine", ["ap_mine"]),
        (AREA, "contamination", ["ap_mine"], ["ap_mine"]),
        (AREA, "contamination", "absent:unknown", {"absent": "unknown"}),
        (AREA, "contamination", {"absent": "refused"}, {"absent": "refused"}),
        (AREA, "synthetic", "так", True),
        (AREA, "synthetic", 0, False),
        (AREA, "typed_area", "1 250 m²", {"value": 1250.0, "unit": "m2", "typed": "1 250 m²"}),
        (AREA, "typed_area", "0,5 га", {"value": 0.5, "unit": "ha", "typed": "0,5 га"}),
        (AREA, "typed_area", 7, {"value": 7.0, "unit": "m2"}),
        (AREA, "depth_to", "13 cm ± 2 cm", {"value": 13.0, "unit": "cm", "typed": "13 cm ± 2 cm", "accuracy": 2.0}),
        (AREA, "estimated_count", "10+", {"low": 10, "high": None, "typed": "10+"}),
        (AREA, "estimated_count", 4.0, {"low": 4, "high": 4}),
        (AREA, "name", 12.0, "12"),
        (AREA, "identifiers", "a:1; b:2", [{"issuer": "a", "value": "1"}, {"issuer": "b", "value": "2"}]),
        (AREA, "unit", "op:UA 1", {"typed": "UA 1", "issuer": "op"}),
        (AREA, "unit", "0197B3F0-0000-7000-8000-000000000001", {"ref": "0197b3f0-0000-7000-8000-000000000001"}),
        ("task", "areas", "op:1; op:2", [{"typed": "1", "issuer": "op"}, {"typed": "2", "issuer": "op"}]),
        (
            "accident",
            "casualties",
            "killed/male/18_59=1; injured=2",
            [
                {"count": {"low": 1, "high": 1, "typed": "1"}, "outcome": "killed", "sex": "male", "age_band": "18_59"},
                {"count": {"low": 2, "high": 2, "typed": "2"}, "outcome": "injured"},
            ],
        ),
        ("searched_area", "share_searched", "0,15", 0.15),
        ("searched_area", "pass_number", "2", 2),
    ],
)
def test_cells_become_wire_values(record: str, field: str, value: Any, wire: Any) -> None:
    got = one_value(plain(record, field), value)
    if field == "casualties":
        assert [dict(one) for one in got] == wire  # type: ignore[union-attr]
    else:
        assert got == wire
    faults = {code for _, code in Registry().column_faults(record, field, [got])}
    assert faults <= {"records.required_missing"}  # a reason for absence does not fill a required field


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        (AREA, "classification", "danger"),
        (AREA, "contamination", "ap_mine; danger"),
        (AREA, "contamination", 7.5),
        (AREA, "synthetic", "maybe"),
        (AREA, "typed_area", "large"),
        (AREA, "typed_area", "5 kg"),
        (AREA, "typed_area", True),
        (AREA, "typed_area", float("inf")),
        (AREA, "event_date", "03/04/2024"),
        (AREA, "event_date", "2024-13-01"),
        (AREA, "event_date", {"from": "yesterday"}),
        (AREA, "estimated_count", "some"),
        (AREA, "estimated_count", -1),
        (AREA, "estimated_count", "9" * 30),
        (AREA, "estimated_count", 1e30),
        ("searched_area", "pass_number", "9" * 30),
        (AREA, "typed_area", "1" + " " * 15_000 + "!"),
        (AREA, "identifiers", "7"),
        (AREA, "name", {"a": 1}),
        (AREA, "contamination", "absent:lost"),
        (AREA, "reference_point", "near the mill"),
        ("accident", "casualties", "two men"),
        ("accident", "casualties", "hurt=1"),
        ("searched_area", "pass_number", "1.5"),
    ],
)
def test_cells_that_do_not_fit_are_findings(record: str, field: str, value: Any) -> None:
    with pytest.raises(Unfit):
        one_value(plain(record, field), value)


def test_an_unknown_code_comes_with_those_that_look_alike() -> None:
    with pytest.raises(Unfit) as caught:
        one_value(plain(AREA, "contamination"), "ap_mines")
    assert caught.value.list_name == "contamination_class"
    assert "ap_mine" in caught.value.near


def test_a_position_that_cannot_be_placed_stays_as_typed() -> None:
    with pytest.raises(Unfit) as caught:
        one_value(plain(AREA, "reference_point"), "near the mill")
    assert caught.value.keep == {"typed": "near the mill", "crs": "EPSG:4326"}
    got = one_value(plain(AREA, "reference_point"), "50.0, 36.2")
    assert (got["lon"], got["lat"], got["typed"]) == (36.2, 50.0, "50.0, 36.2")  # type: ignore[index, call-overload]


def test_prose_gives_up_its_values() -> None:
    depth = made(
        "release_product",
        "depth",
        decimal=",",
        patterns=[
            {"match": r"tot (?P<value>[\d,]+) (?P<unit>\w+) -mv", "datum": "ground_surface"},
            {"match": "onbekend", "absent": "unknown"},
        ],
        units={"meter": "m"},
    )
    text = "vrij tot 1,5 meter -mv"
    assert one_value(depth, text) == {"value": 1.5, "unit": "m", "typed": text, "datum": "ground_surface"}
    assert one_value(depth, "diepte onbekend") == {"absent": "unknown"}
    with pytest.raises(Unfit):
        one_value(depth, "zeer diep")
    silent = made("release_product", "limited_to", prose=True, patterns=[{"match": r"\((?P<text>[^)]+)\)"}])
    assert one_value(silent, "vrij (250 lbs)") == "250 lbs"
    assert one_value(silent, "vrij") is None


def test_dates_with_formats_bounds_and_how_they_are_known() -> None:
    source = made("evidence", "event_date", date_formats=["%d/%m/%y"], how="source_date", bound="latest")
    assert one_value(source, "22/07/43") is not None
    got = one_value(source, "1943/07/22")
    assert got == {"to": "1943-07-22", "precision": "day", "typed": "1943/07/22", "how": "source_date"}
    pattern = made("evidence", "event_date", patterns=[{"match": r"(?P<y2>\d\d)(?P<m>\d\d)"}], century=1900)
    assert one_value(pattern, "4307")["from"] == "1943-07-01"  # type: ignore[index, call-overload]


def test_a_format_without_a_day_means_the_whole_month() -> None:
    monthly = made(AREA, "surveyed_on", date_formats=["%d/%m/%Y", "%m/%Y", "'%y"])
    day, month, year = (one_value(monthly, text) for text in ("12/05/2024", "05/2024", "'93"))
    assert (day["from"], day["to"], day["precision"]) == ("2024-05-12", "2024-05-12", "day")
    assert (month["from"], month["to"], month["precision"]) == ("2024-05-01", "2024-05-31", "month")
    assert (year["from"], year["to"], year["precision"]) == ("1993-01-01", "1993-12-31", "year")


def test_a_finding_shows_the_whole_cell() -> None:
    with pytest.raises(Unfit) as caught:
        one_value(plain("release_product", "quantity"), "3 dunam")
    assert caught.value.value == "3 dunam"


def test_a_reason_for_absence_is_not_a_code_by_accident() -> None:
    mapped = made(AREA, "contamination", absent={"onbekend": "unknown"}, codes={"mijn": ["ap_mine", "av_mine"]})
    assert one_value(mapped, " Onbekend ") == {"absent": "unknown"}
    assert one_value(mapped, "MIJN") == ["ap_mine", "av_mine"]
    assert one_value(plain(AREA, "contamination"), "unknown") == ["unknown"]  # the code of the list
    assert one_value(plain(AREA, "name"), "  ") is None


@given(
    st.text(max_size=40), st.sampled_from([name for name in record_definitions()[AREA].fields if name != "geometry"])
)
def test_no_text_brings_down_a_reader_and_what_is_read_is_valid(text: str, field: str) -> None:
    try:
        got = one_value(plain(AREA, field), text)
    except Unfit:
        return
    faults = Registry().column_faults(AREA, field, [got]) if got is not None else []
    # Meaning is judged by the checks: a read value may be impossible, but never of the wrong form.
    assert {code for _, code in faults} <= {
        "records.out_of_range",
        "records.impossible_interval",
        "records.required_missing",
    }


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_plain_numbers_read_back(value: float) -> None:
    assert number(f"{value:.6f}", ".") == pytest.approx(value, abs=1e-6)
    assert math.isfinite(number(f"{value:.6f}".replace(".", ","), ","))


@pytest.mark.parametrize(
    ("field", "wire"),
    [
        ("contamination", ["ap_mine", "submunition"]),
        ("contamination", {"absent": "refused"}),
        ("event_date", {"from": "2024-03-01", "to": "2024-03-31", "precision": "month", "how": "stated"}),
        ("event_date", {"from": "2024-01-01", "to": "2024-12-31", "precision": "year", "typed": "24", "how": "stated"}),
        ("event_date", {"to": "2024-01-05", "precision": "day", "how": "source_date"}),
        ("estimated_count", {"low": 1, "high": 1, "typed": "one, perhaps"}),
        ("reference_point", {"typed": "by the mill", "crs": "EPSG:28407"}),
        ("event_date", {"to": "2024-01-05", "precision": "range", "how": "stated"}),
        ("estimated_count", {"low": 3, "high": 5}),
        ("estimated_count", {"low": 3, "high": None}),
        ("typed_area", {"value": 12.25, "unit": "ha"}),
        ("typed_area", {"value": 12.25, "unit": "ha", "typed": "12,25 га"}),
        ("identifiers", [{"issuer": "a", "value": "1"}, {"issuer": "b", "value": "2"}]),
        ("unit", {"typed": "UA1", "issuer": "op"}),
        ("reference_point", {"typed": "50.0, 36.2", "lon": 36.2, "lat": 50.0, "crs": "EPSG:4326",
                             "operation": {"name": "none", "code": None, "accuracy_m": 0.0}}),
    ],
)  # fmt: skip
def test_wire_values_become_cells_that_read_back(field: str, wire: Any) -> None:
    definition = record_definitions()[AREA].fields[field]
    text, beside = cell(definition, wire)
    got = one_value(plain(AREA, field), text, beside)
    if isinstance(got, dict) and "typed" not in wire:
        got.pop("typed", None)  # a value without a typed text gets that of its cell
    assert got == wire


def test_parts_that_a_cell_cannot_hold_stand_beside_it() -> None:
    depth = record_definitions()["release_product"].fields["depth"]
    columns = cell_columns(depth, [{"value": 1.0, "unit": "m", "datum": "water_bed", "accuracy": 0.1}, None])
    assert columns == {"depth": ["1.0 m", None], "depth.datum": ["water_bed", None], "depth.accuracy": [0.1, None]}


def test_formulas_are_guarded_and_unguarded() -> None:
    for text in ("=1+1", "+1", "-x", "@a", "\t=1"):
        assert guarded(text) == f"'{text}"
        assert unguarded(guarded(text)) == text
    assert guarded("plain") == "plain"
    assert unguarded("'s Gravenhage") == "'s Gravenhage"


@given(st.text(alphabet="абвгґєіїйъыэщ АБВ .,", min_size=8, max_size=60))
def test_cyrillic_of_the_old_code_page_is_recognised(text: str) -> None:
    if sum(character.isalpha() for character in text) < len(text) // 2 or " " in text.strip()[::2]:
        return
    found = encoding_of(text.encode("cp1251"))
    assert found is not None
    assert found.name in ("cp1251", "utf-8", "cp1252")
    if max(map(len, text.split()), default=0) >= 4 and found.guessed:
        assert found.name == "cp1251"


def test_only_text_that_was_encoded_twice_is_turned_back() -> None:
    assert undoubled("geÃ¯nterpreteerd") == "geïnterpreteerd"
    assert undoubled("Поле".encode().decode("cp1251")) == "Поле"
    for text in ("plain", "geïnterpreteerd", "Поле", "Ærø", "Ã"):
        assert undoubled(text) is None
