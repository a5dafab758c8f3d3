"""Every check finds what it is for, leaves alone what is like it, and says so in every language."""

from __future__ import annotations

import re

import pytest

from fallow.checks import CHECKS, describe, explain_result, run_checks, summary
from fallow.errors import exit_code
from fallow.records.batch import CheckResult, Severity
from fallow.terms import LANGUAGES, forbidden_phrases, messages, record_definitions
from tests.checks.fixtures import CASES


def test_every_check_has_a_failing_and_a_passing_case_and_nothing_else_has() -> None:
    assert set(CASES) == set(CHECKS)


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_check_finds_its_fault(code: str) -> None:
    case = CASES[code]
    found = run_checks(case.fails, case.context, only=[code])
    assert {result.index: result.severity for result in found} == case.rows
    assert {result.code for result in found} == {code}
    assert CHECKS[code].severity in case.rows.values()


@pytest.mark.parametrize("code", sorted(CASES))
def test_a_check_leaves_alone_what_is_like_its_fault(code: str) -> None:
    case = CASES[code]
    context = case.passing_context or case.context
    assert run_checks(case.passes, context, only=[code]) == []


@pytest.mark.parametrize("code", sorted(CASES))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_is_said_whole_and_never_calls_ground_safe(code: str, lang: str) -> None:
    case = CASES[code]
    for result in run_checks(case.fails, case.context):
        said = explain_result(result, lang, record=case.fails.record, row=result.index + 1)
        for sentence in (said.title, said.what, said.todo):
            assert sentence.strip()
            assert not re.search(r"[{}]", sentence), sentence
            assert forbidden_phrases(sentence, lang) == []
    for result in run_checks(case.fails, case.context, only=[code]):
        names = set(re.findall(r"{(\w+)}", " ".join(messages(lang)[code].values())))
        assert names <= {*result.detail, "field", "value", "row"}, names - set(result.detail)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_is_described(lang: str) -> None:
    entries = describe(lang)
    assert [entry["code"] for entry in entries] == sorted(CHECKS)
    for entry in entries:
        assert entry["title"] and entry["what"] and entry["todo"]
        assert entry["severity"] in [severity.value for severity in Severity]
        assert set(entry["records"]) <= set(record_definitions())
        assert entry["records"]
        assert exit_code(entry["code"]) == 13
        assert forbidden_phrases(" ".join((entry["title"], entry["what"], entry["todo"])), lang) == []


def test_languages_name_the_same_facts() -> None:
    for code in CHECKS:
        facts = [
            {name for part in messages(lang)[code].values() for name in re.findall(r"{(\w+)}", part)}
            for lang in LANGUAGES
        ]
        assert all(one == facts[0] for one in facts), code


def test_codes_and_fields_are_shown_in_words() -> None:
    result = CheckResult(
        "check.depth_datum_not_comparable",
        Severity.WARNING,
        0,
        "depth",
        "8",
        {"datum": "national_datum", "depth": {"value": 8.0, "unit": "m"}},
    )
    assert "National height datum" in explain_result(result, "en", record="release_product").what
    assert "Нуль національної системи висот" in explain_result(result, "uk", record="release_product").what
    missing = CheckResult("check.required_missing", Severity.BLOCKING, 0, "classification")
    label = record_definitions()["hazardous_area"].fields["classification"].labels["uk"]
    assert label in explain_result(missing, "uk", record="hazardous_area").what


def test_the_summary_counts_by_code_and_severity() -> None:
    case = CASES["check.duplicate_geometry"]
    assert summary(run_checks(case.fails, case.context, only=["check.duplicate_geometry"])) == {
        "check.duplicate_geometry": {"blocking": 1, "advice": 1}
    }
    assert summary([]) == {}
