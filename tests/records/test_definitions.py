from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fallow.records.types import RECORD_TYPES
from fallow.records.validate import FAULTS
from fallow.terms import code_list, messages, record_definitions
from fallow.terms.definitions import (
    LANGUAGES,
    SENSITIVITIES,
    FieldDefinition,
    field_definition,
    field_entry,
)

ROOT = Path(__file__).resolve().parents[2]
EVERY_FIELD = [
    pytest.param(record, field, id=f"{record.name}.{field.name}")
    for record in record_definitions().values()
    for field in record.fields.values()
]


def parts(field: FieldDefinition) -> list[FieldDefinition]:
    return [field, *field.columns.values()]


@pytest.mark.parametrize(("record", "field"), EVERY_FIELD)
def test_every_field_is_complete_and_points_to_data_that_exist(record, field) -> None:
    assert field.source
    assert all(field.help[lang].endswith(".") for lang in LANGUAGES)
    assert field.sensitivity in SENSITIVITIES
    assert 1 <= field.version <= record.version
    for part in parts(field):
        assert re.search("[А-Яа-яІіЇїЄєҐґ]", part.labels["uk"])
        assert not re.search("[ыэъёЫЭЪЁ]|'", part.labels["uk"] + part.help.get("uk", "")), "not Ukrainian spelling"
        assert not re.search("[А-Яа-яІіЇїЄєҐґ]", part.labels["en"] + part.help.get("en", ""))
        if part.list:
            assert len(code_list(part.list)) > 1
        for unit in (*part.units, part.unit):
            assert unit is None or unit in code_list("unit")
    assert set(field.refers) <= set(record_definitions())


@pytest.mark.parametrize(("record", "field"), EVERY_FIELD)
def test_a_field_is_read_back_from_what_a_register_stores_of_it(record, field) -> None:
    assert field_definition(field.name, field_entry(field)) == field


def test_no_field_is_wider_than_a_restricted_record() -> None:
    use_record = record_definitions()["use_record"]
    assert use_record.sensitivity == "restricted"
    assert {field.sensitivity for field in use_record.fields.values()} == {"restricted", "personal"}


def test_sources_lots_and_persons_are_kept_closely() -> None:
    classes = {
        (record.name, field.name): field.sensitivity
        for record in record_definitions().values()
        for field in record.fields.values()
    }
    assert {classes[record, "informant"] for record in ("hazardous_area", "evidence")} == {"personal"}
    assert classes["item_found", "lot"] == classes["evidence", "source_document"] == "restricted"
    assert classes["document", "author"] == classes["hazardous_area", "landowner"] == "personal"


def test_no_field_asks_for_what_the_register_refuses_to_hold() -> None:
    refused = re.compile("layout|spacing|obstacle|firing|corridor|route|target|countdown|expir|troop|losses|planned")
    names = [
        part.name
        for record in record_definitions().values()
        for field in record.fields.values()
        for part in parts(field)
    ]
    assert [name for name in names if refused.search(name)] == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"type": "number"}, "no source"),
        ({"type": "number", "source": "s", "en": "A"}, "no label"),
        ({"type": "words", "source": "s", "en": "A", "uk": "А"}, "unknown type"),
        ({"type": "code", "source": "s", "en": "A", "uk": "А"}, "code list"),
        ({"type": "text", "list": "sex", "source": "s", "en": "A", "uk": "А"}, "code list"),
        ({"type": "measured", "source": "s", "en": "A", "uk": "А"}, "units"),
        ({"type": "measured", "unit": "m", "units": ["km"], "source": "s", "en": "A", "uk": "А"}, "units"),
        ({"type": "table", "source": "s", "en": "A", "uk": "А"}, "columns"),
        ({"type": "text", "colour": 1, "source": "s", "en": "A", "uk": "А"}, "nothing reads"),
        ({"type": "text", "sensitivity": "secret", "source": "s", "en": "A", "uk": "А"}, "sensitivity"),
        ({"type": "count", "sensitivity": "personal", "source": "s", "en": "A", "uk": "А"}, "personal"),
    ],
)
def test_a_faulty_definition_is_refused_by_name(entry, reason) -> None:
    with pytest.raises(ValueError, match=f"x_field.*{reason}"):
        field_definition("x_field", entry)


def test_the_generated_types_are_what_the_definitions_say() -> None:
    run = subprocess.run(
        [sys.executable, "tools/generate.py", "types", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"run tools/generate.py types: {run.stdout}{run.stderr}"


def test_every_record_has_a_type_with_its_fields() -> None:
    assert list(RECORD_TYPES) == list(record_definitions())
    for name, record in record_definitions().items():
        assert set(record.fields) == RECORD_TYPES[name].FIELDS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fault_and_error_has_its_message(lang) -> None:
    from fallow.records import errors

    codes = {
        each.code for each in vars(errors).values() if isinstance(each, type) and each.__module__ == errors.__name__
    }
    assert (codes | set(FAULTS)) - set(messages(lang)) == set()
