"""Code lists: every entry has its words and sources, codes never vanish, an unknown code is loud."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallow.terms import LANGUAGES, UnknownCodeError, code_list, code_list_names, label
from fallow.terms._files import load
from fallow.terms.lists import CodeList, read_terms

RELEASED = Path(__file__).with_name("released_codes.json")
NAMES = code_list_names()
ALL = [(name, code) for name in NAMES for code in code_list(name)]

# The codes that other rooms rely on by name.
FIXED = {
    "classification": "indication sha cha",
    "contamination_class": "ap_mine ap_mine_improvised av_mine submunition other_uxo axo other_ied mixed unknown",
    "depth_band": "surface d000_020 d020_050 d050_100 d100_300 d300_plus",
    "depth_datum": "ground_surface water_bed national_datum unknown",
    "work_status": "open tasked suspended completed",
    "qc_status": "not_inspected in_inspection accepted failed",
    "marking_status": "not_marked partly_marked marked marking_lost unknown",
    "record_status": "current withdrawn merged",
    "release_kind": "cancelled reduced cleared",
    "evidence_polarity": "for against",
    "directness": "direct indirect",
    "known_how": "seen told recorded",
    "source_reliability": "a b c d e f",
    "information_reliability": "i1 i2 i3 i4 i5 i6",
    "activity_kind": "nts ts clearance bac eod_spot marking post_clearance qc_inspection information_search other",
    "activity_status": "ordered under_way suspended completed cancelled_order",
    "method": "manual mechanical animal detector_dual visual magnetometer diving other unknown",
    "casualty_outcome": "killed injured unharmed unknown",
    "sex": "female male unknown not_recorded",
    "age_band": "under_5 5_12 13_17 18_59 60_plus adult child unknown",
    "incident_kind": "accident incident",
    "delivery": "emplaced_hand emplaced_machine delivered_remotely dropped thrown unknown",
    "lowering_reason": "no_evidence_nts ts_no_evidence clearance_completed bac_completed survey_error duplicate "
    "identity_merge geometry_repair re_measured reclassified_on_evidence boundary_correction",
    "unit": "m2 ha km2 m cm km h d building item percent team_h unknown",
    "absence": "not_asked unknown refused not_applicable",
    "north": "true magnetic grid",
    "relation_kind": "of_area for_area under_task by_activity in_unit at_place on_parcel attests split_from "
    "merged_into same_as re_opened_from found_in harmed_in member_of part_of",
    "sensitivity": "public operational restricted personal",
    "severity": "blocking warning advice",
    "report_state": "draft submitted reviewed approved rejected returned held",
    "balance_line": "opening newly_identified reclassified_in reclassified_out re_measured withdrawn re_opened "
    "prior_period boundary_change cancelled reduced cleared closing",
    "yes_no_unknown": "yes no unknown",
}


@pytest.mark.parametrize("name", FIXED)
def test_codes_that_other_rooms_name(name: str) -> None:
    assert set(FIXED[name].split()) <= set(code_list(name))


def test_released_codes_stay() -> None:
    released: dict[str, list[str]] = json.loads(RELEASED.read_text("utf-8"))
    now = {name: sorted(code_list(name)) for name in NAMES}
    gone = {name: sorted(set(codes) - set(now.get(name, ()))) for name, codes in released.items()}
    assert {name: codes for name, codes in gone.items() if codes} == {}, "retire a code, never remove it"
    unlisted = {name: sorted(set(codes) - set(released.get(name, ()))) for name, codes in now.items()}
    assert {name: codes for name, codes in unlisted.items() if codes} == {}, f"add new codes to {RELEASED.name}"


@pytest.mark.parametrize(("name", "code"), ALL)
def test_an_entry_is_whole(name: str, code: str) -> None:
    term = code_list(name)[code]
    assert re.fullmatch(r"[a-z0-9][a-z0-9_]*", code)
    assert term.code == code
    assert term.source.strip()
    for lang in LANGUAGES:
        assert term.labels[lang] == term.labels[lang].strip() != ""
        assert term.label_source[lang].strip()
        assert label(name, code, lang) == term.labels[lang]
    if name != "unit":  # symbols of units may be Latin
        assert re.search("[а-яіїєґ]", term.labels["uk"].casefold()), "the Ukrainian label is not Ukrainian"
        assert not re.search("[ыэъё]", term.labels["uk"].casefold()), "a letter that Ukrainian does not have"
    assert not re.search("[а-яіїєґ]", term.labels["en"].casefold())
    assert set(term.definition) in (set(), set(LANGUAGES)), "a definition is given in every language or in none"
    if term.retired is not None:
        dt.date.fromisoformat(term.retired)


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_whole(name: str) -> None:
    terms = code_list(name)
    assert terms.name == name
    assert terms.source.strip()
    assert terms.current, "no code may be given out"
    for lang in LANGUAGES:
        words = [term.labels[lang].casefold() for term in terms.terms.values()]
        assert sorted(words) == sorted(set(words)), "two codes share a word"
    for code in terms:
        seen = {code}
        parent = terms[code].parent
        while parent is not None:
            assert parent not in seen, "parents run in a circle"
            seen.add(parent)
            parent = terms[parent].parent


@pytest.mark.parametrize(("name", "code"), ALL)
def test_every_word_finds_its_code(name: str, code: str) -> None:
    terms = code_list(name)
    term = terms[code]
    assert terms.find(code) == code
    for word in term.labels.values():
        assert terms.find(f"  {word.upper()} ") == code
    for system, words in term.national.items():
        assert words
        for word in words:
            assert terms.find(word, system) == code, f"{word!r} of {system} is not clear"


def test_apostrophes_are_one_sign() -> None:
    assert code_list("person_activity").find("Виконання службових обов'язків") == "on_duty"
    assert code_list("person_activity").find("Виконання службових обовʼязків") == "on_duty"


def test_a_word_that_two_entries_share_is_not_guessed() -> None:
    table = {
        "a": {"en": "Alpha", "uk": "Альфа", "national": {"ng": "Old"}},
        "b": {"en": "Beta", "uk": "Бета", "national": {"ng": ["Old", "Other"], "core": "Old"}},
    }
    terms = CodeList("test", "test", read_terms("test", table, "project"))
    assert terms.find("old", "ng") is None
    assert terms.find("old", "core") == "b"
    assert terms.find("other") == "b"
    assert terms.find("other", "core") is None
    assert terms.find("gamma") is None


@given(text=st.text(max_size=20))
def test_an_unknown_code_is_loud(text: str) -> None:
    terms = code_list("classification")
    if text in terms:
        return
    with pytest.raises(UnknownCodeError) as caught:
        label("classification", text)
    assert isinstance(caught.value, KeyError)
    assert (caught.value.list_name, caught.value.code) == ("classification", text)
    assert "classification" in str(caught.value) and repr(text) in str(caught.value)
    assert text not in terms


def test_an_unknown_list_is_loud() -> None:
    with pytest.raises(UnknownCodeError, match="no code list 'clasification'; near: classification") as caught:
        label("clasification", "sha")
    assert caught.value.code is None
    with pytest.raises(KeyError):
        label("classification", "sha", "xx")


def test_a_near_miss_is_named() -> None:
    with pytest.raises(UnknownCodeError, match="near: submunition"):
        code_list("contamination_class")["submunitions"]


def test_a_retired_code_still_resolves() -> None:
    table = {
        "a": {"en": "Alpha", "uk": "Альфа", "retired": "2024-01-01"},
        "b": {"en": "Beta", "uk": "Бета"},
    }
    terms = CodeList("test", "test", read_terms("test", table, "project"))
    assert terms["a"].retired == "2024-01-01"
    assert terms.current == ("b",)
    assert list(terms) == ["a", "b"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"en": "Alpha"}, "no label"),
        ({"en": "Alpha", "uk": ""}, "no label"),
        ({"en": "Alpha", "uk": "Альфа", "colour": "green"}, "nothing reads"),
        ({"en": "Alpha", "uk": "Альфа", "flag": True}, "nothing reads"),
        ({"en": "Alpha", "uk": "Альфа", "parent": "z"}, "unknown parent"),
        ({"en": "Alpha", "uk": "Альфа", "source": "hearsay"}, "no source"),
        ({"en": "Alpha", "uk": "Альфа", "uk_source": "hearsay"}, "no source"),
    ],
)
def test_faulty_data_are_refused(entry: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_terms("test", {"a": entry}, "project")


def test_every_source_is_used_and_named_once() -> None:
    sources = load("sources")
    names = [source["name"] for source in sources.values()]
    assert sorted(names) == sorted(set(names))


def test_hazard_is_ordered() -> None:
    ranks = [code_list("classification")[code].extra["hazard_rank"] for code in ("indication", "sha", "cha")]
    assert ranks == sorted(set(ranks))


def test_depth_bands_meet_without_gap() -> None:
    bands = [term.extra for code, term in code_list("depth_band").terms.items() if code != "surface"]
    assert code_list("depth_band")["surface"].extra == {"from_m": 0, "to_m": 0}
    assert bands[0]["from_m"] == 0
    assert [band["to_m"] for band in bands[:-1]] == [band["from_m"] for band in bands[1:]]
    assert "to_m" not in bands[-1], "the deepest band is open below"


def test_age_bands_meet_without_gap() -> None:
    bands = [code_list("age_band")[code].extra for code in ("under_5", "5_12", "13_17", "18_59", "60_plus")]
    assert bands[0]["from_years"] == 0
    assert [band["to_years"] + 1 for band in bands[:-1]] == [band["from_years"] for band in bands[1:]]


def test_units_have_one_base_and_a_factor() -> None:
    units = code_list("unit")
    for code, unit in units.terms.items():
        if code == "unknown":
            assert dict(unit.extra) == {}
        elif unit.parent is None:
            assert unit.extra["factor"] == 1
        else:
            assert units[unit.parent].parent is None
            assert unit.extra["factor"] > 0
    assert units["ha"].extra["factor"] == 10_000
    assert units["km2"].extra["factor"] == 1_000_000
    assert units["d"].extra["factor"] == 24


def test_nothing_but_work_and_evidence_lowers_hazard() -> None:
    """No reason of time, declared life, model or rank is in the list, under any name."""
    banned = re.compile(
        r"\b(time|age|aged|elapsed|expir\w*|life|lifetime|days?|model\w*|rank\w*|score|predict\w*|self|destruct\w*|"
        r"deactivat\w*|battery)\b|час|строк|термін|модел|ранг|самолікв|самодеактив",
        re.IGNORECASE,
    )
    for code, term in code_list("lowering_reason").terms.items():
        for text in (code.replace("_", " "), *term.labels.values(), *term.definition.values()):
            assert not banned.search(text), text


def test_no_state_of_land_is_harmless() -> None:
    assert set(code_list("land_state")) == {"recorded_hazard", "not_assessed", "released", "withdrawn", "unverified"}
    for lang, words in {"en": ("class", "depth", "date"), "uk": ("клас", "глибин", "дат")}.items():
        assert all(word in label("land_state", "released", lang) for word in words)


def test_the_balance_lines_have_signs() -> None:
    signs = {code: term.extra["sign"] for code, term in code_list("balance_line").terms.items()}
    assert {code for code, sign in signs.items() if sign == 1} == {
        "opening",
        "newly_identified",
        "reclassified_in",
        "re_opened",
    }
    assert {code for code, sign in signs.items() if sign == -1} == {
        "reclassified_out",
        "withdrawn",
        "cancelled",
        "reduced",
        "cleared",
    }


def test_lists_are_read_only() -> None:
    with pytest.raises(TypeError):
        code_list("classification").terms["new"] = code_list("classification")["sha"]  # type: ignore[index]
    with pytest.raises(TypeError):
        code_list("classification")["sha"].labels["en"] = "x"  # type: ignore[index]
