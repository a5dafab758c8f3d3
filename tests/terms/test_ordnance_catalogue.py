"""The catalogue stays at category and lasting behaviour; every figure has a range, a unit, a status and a source."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from fallow.terms import LANGUAGES, code_list, life_presets, ordnance, time_note
from fallow.terms._files import load

CATALOGUE = ordnance()
FIGURES = [(code, figure) for code, entry in CATALOGUE.items() for figure in entry.figures]


@pytest.mark.parametrize("code", CATALOGUE)
def test_an_entry_is_whole(code: str) -> None:
    entry = CATALOGUE[code]
    assert entry.code == code
    assert all(entry.labels[lang].strip() for lang in LANGUAGES)
    assert entry.contamination in code_list("contamination_class")
    assert entry.lasting in code_list("lasting")
    assert entry.source
    if entry.parent is not None:
        assert entry.contamination == CATALOGUE[entry.parent].contamination
    if entry.lasting in {"self_destructing", "self_deactivating"}:
        assert entry.declared_life, "a declared life must have a place to be recorded"
    if entry.lasting == "persistent":
        assert not entry.declared_life


def test_every_class_of_the_ledger_has_an_entry() -> None:
    """All but the class that only names its parts."""
    assert {entry.contamination for entry in CATALOGUE.values()} == set(code_list("contamination_class")) - {"mixed"}


def test_mines_come_laid_and_remotely_delivered() -> None:
    for kind in ("ap_mine", "av_mine"):
        for lasting in ("persistent", "self_destructing", "self_deactivating"):
            ways = {
                entry.remote for entry in CATALOGUE.values() if entry.contamination == kind and entry.lasting == lasting
            }
            assert ways == {True, False}, (kind, lasting)


def test_bombs_have_classes_of_mass_without_gap() -> None:
    masses = [entry.mass_kg for entry in CATALOGUE.values() if entry.mass_kg is not None]
    assert masses[0][0] == 0
    assert [upper for _, upper in masses[:-1]] == [lower for lower, _ in masses[1:]]
    assert masses[-1][1] is None


@pytest.mark.parametrize(("code", "figure"), FIGURES)
def test_a_figure_is_whole(code: str, figure: object) -> None:
    figures = [each for owner, each in FIGURES if owner == code and each is figure]
    for each in figures:
        assert re.fullmatch(r"[a-z0-9_]+", each.quantity)
        assert 0 <= each.low <= each.high
        assert each.unit in code_list("unit") and each.unit != "unknown"
        if each.unit == "share":
            assert each.high <= 1
        assert each.per
        assert each.status in {"claimed", "observed", "legal_limit"}
        assert each.source
        assert isinstance(each.read, bool)


def test_a_claim_never_stands_alone_for_submunitions() -> None:
    """Where a maker's claim is shown, what was counted in the field stands beside it, and is not milder."""
    for code in ("submunition_conventional", "submunition_self_destruct"):
        high = {
            status: max(figure.high for figure in CATALOGUE[code].figures if figure.status == status)
            for status in ("claimed", "observed")
        }
        assert high["observed"] > high["claimed"]


def test_limits_of_the_law_are_not_evidence() -> None:
    limits = {(figure.quantity, figure.high) for _, figure in FIGURES if figure.status == "legal_limit"}
    assert limits == {("not_self_destructed_30_d", 0.1), ("functioning_120_d", 0.001)}
    for code, figure in FIGURES:
        if figure.status == "legal_limit":
            assert CATALOGUE[code].contamination == "ap_mine", "the limits bind anti-personnel mines"


def test_presets_are_claims() -> None:
    presets = life_presets()
    assert [(preset.value, preset.unit) for preset in presets.values()] == [(4, "h"), (48, "h"), (5, "d"), (15, "d")]
    for preset in presets.values():
        assert preset.status == "claimed"
        assert preset.source
        assert all(preset.labels[lang] for lang in LANGUAGES)
        base = code_list("unit")[preset.unit]
        assert base.parent in (None, "h")


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("Time changes no status and no area", "until")), ("uk", ("Час не змінює ні статусу, ні площі", "доки"))],
)
def test_the_data_say_that_time_changes_nothing(lang: str, words: tuple[str, ...]) -> None:
    assert all(word in time_note(lang) for word in words)


def test_it_holds_nothing_but_category_and_lasting() -> None:
    allowed = {
        *LANGUAGES,
        *("contamination", "lasting", "remote", "declared_life", "parent", "source", "uk_source", "figures"),
        *("mass_from_kg", "mass_to_kg"),
    }
    data = load("ordnance")
    for code, entry in data["entries"].items():
        assert set(entry) <= allowed, code
    assert set(data) == {"note", "presets", "figures", "entries"}


def test_it_names_no_part_effect_or_handling() -> None:
    banned = re.compile(
        r"\b(fu[sz]e\w*|detonat\w+|charge|sensor|trip\s?wire|magnetic|pressure|radius|lethal\w*|fragment\w*|"
        r"disarm\w*|defus\w*|render|neutrali\w+|detectab\w+|metal|burial|spacing|density|densities|penetrat\w+|tnt|"
        r"rdx|hmx|petn|warhead)\b|підривник|детонат|заряд|розтяжк|датчик|радіус|уражен|знеструм|щільн",
        re.IGNORECASE,
    )
    text = files("fallow.terms").joinpath("data", "ordnance.toml").read_text("utf-8")
    assert banned.findall(text) == []


def test_faulty_figures_are_refused() -> None:
    from fallow.terms.catalogue import _figure

    row = {
        "quantity": "failed_to_function",
        "low": 0.1,
        "high": 0.2,
        "unit": "share",
        "per": "item",
        "status": "observed",
        "source": "gao_2002",
        "read": True,
    }
    assert _figure(row, "test").high == 0.2
    for change in ({"low": 0.3}, {"low": -0.1}, {"unit": "dozen"}, {"status": "rumour"}, {"source": "hearsay"}):
        with pytest.raises(ValueError):
            _figure(row | change, "test")
