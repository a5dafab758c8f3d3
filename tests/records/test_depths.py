from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallow.records.depths import (
    all_bands,
    all_classes,
    bands,
    bands_released,
    classes,
    classes_released,
    metres,
)
from fallow.terms import code_list

GROUND = "ground_surface"
ABSENCES = [{"absent": reason} for reason in ("unknown", "not_asked", "refused", "not_applicable")]

depths = st.fixed_dictionaries(
    {
        "value": st.sampled_from([0, 0.0, 0.1, 0.2, 20, 0.3, 30, 0.5, 50, 1.0, 100, 3, 5]) | st.floats(0, 10),
        "unit": st.sampled_from(["m", "cm", "km", "ha"]),
    },
    optional={"datum": st.sampled_from([GROUND, GROUND, *code_list("depth_datum")]), "accuracy": st.floats(0, 1)},
)
maybe_depths = st.none() | st.sampled_from(ABSENCES) | depths
kinds = st.sampled_from([*code_list("release_kind"), "", "other", None])
codes = st.lists(st.sampled_from(tuple(code_list("contamination_class"))), max_size=4)


def below(value: float, unit: str = "m", datum: str = GROUND) -> dict[str, object]:
    return {"value": value, "unit": unit, "datum": datum}


def with_less(depth):
    """Every depth that is left when one piece of information is gone."""
    yield None
    yield {"absent": "unknown"}
    yield {"absent": "not_asked"}
    if isinstance(depth, dict) and "value" in depth:
        for name in depth:
            yield {key: part for key, part in depth.items() if key != name}
        yield depth | {"datum": "unknown"}
        yield depth | {"unit": "unknown"}


@given(maybe_depths, maybe_depths)
def test_a_hazard_of_which_less_is_known_never_occupies_fewer_bands(depth_from, depth_to) -> None:
    full = set(bands(depth_from, depth_to))
    assert full
    for less in with_less(depth_from):
        assert full <= set(bands(less, depth_to))
    for less in with_less(depth_to):
        assert full <= set(bands(depth_from, less))


@given(maybe_depths, kinds)
def test_a_release_of_which_less_is_known_never_covers_more_bands(depth, kind) -> None:
    full = set(bands_released(depth, kind))
    for less, known_kind in itertools.product([depth, *with_less(depth)], [kind, None]):
        assert set(bands_released(less, known_kind)) <= full


@given(codes)
def test_contamination_of_which_less_is_known_occupies_all_and_releases_none(named) -> None:
    for less in (None, [], {"absent": "unknown"}):
        assert set(classes(named)) <= set(classes(less)) == set(all_classes())
        assert classes_released(less) == ()
    if "mixed" in named:
        assert set(classes(named)) <= set(classes(["mixed"]))
        assert set(classes_released(["mixed"])) <= set(classes_released(named))
    assert set(classes_released(named)) <= set(classes(named))


@given(depths, depths, kinds)
def test_deeper_clearance_never_covers_less(one, other, kind) -> None:
    first, second = metres(one), metres(other)
    if first is not None and second is not None and first <= second:
        assert set(bands_released(one, kind)) <= set(bands_released(other, kind))


@given(st.floats(0, 10), st.floats(0, 10))
def test_what_is_cleared_to_the_depth_of_a_hazard_in_whole_bands_leaves_none_of_it(top, bottom) -> None:
    top, bottom = sorted((top, bottom))
    occupied = bands(below(top), below(bottom))
    left = set(occupied) - set(bands_released(below(3.0), "cleared"))
    assert left == ({"d300_plus"} if bottom > 3.0 else set())


@pytest.mark.parametrize(
    ("depth_from", "depth_to", "expected"),
    [
        (None, None, all_bands()),
        (below(0), below(0), ("surface",)),
        (below(0), below(0.2), ("surface", "d000_020")),
        (below(0), below(20, "cm"), ("surface", "d000_020")),
        (below(0.1), below(0.2), ("d000_020",)),
        (below(0), below(0.21), ("surface", "d000_020", "d020_050")),
        (below(0.3), below(0.4), ("d020_050",)),
        (below(0.2), below(0.5), ("d000_020", "d020_050")),
        (below(0.3), None, ("d020_050", "d050_100", "d100_300", "d300_plus")),
        (None, below(0.5), ("surface", "d000_020", "d020_050")),
        (below(4), below(5), ("d300_plus",)),
        (below(0.5), below(0.2), all_bands()),
        (below(0, datum="water_bed"), below(0.2, datum="water_bed"), all_bands()),
        ({"value": 0, "unit": "m"}, {"value": 0.2, "unit": "m"}, all_bands()),
        (below(0), below(-1), all_bands()),
    ],
)
def test_bands_of_a_hazard(depth_from, depth_to, expected) -> None:
    assert bands(depth_from, depth_to) == expected


@pytest.mark.parametrize(
    ("depth", "kind", "expected"),
    [
        (below(0.30), "cleared", ("surface", "d000_020")),
        (below(30, "cm"), "cleared", ("surface", "d000_020")),
        (below(0.2), "cleared", ("surface", "d000_020")),
        (below(0.19), "cleared", ("surface",)),
        (below(0), "cleared", ("surface",)),
        (below(5), "cleared", all_bands()[:-1]),
        (below(0.3, datum="national_datum"), "cleared", ()),
        (below(0.3, datum="water_bed"), "cleared", ()),
        ({"value": 0.3, "unit": "m"}, "cleared", ()),
        (None, "cleared", ()),
        ({"absent": "unknown"}, "cleared", ()),
        ({"absent": "not_applicable"}, "cleared", ()),
        ({"absent": "not_applicable"}, "cancelled", all_bands()),
        ({"absent": "not_applicable"}, "reduced", all_bands()),
        ({"absent": "unknown"}, "cancelled", ()),
        (None, "reduced", ()),
        (below(0.5), "reduced", ("surface", "d000_020", "d020_050")),
        (below(0.5), "handed_over", ()),
        (below(float("nan")), "cleared", ()),
        (below(True), "cleared", ()),
    ],
)
def test_bands_of_a_release(depth, kind, expected) -> None:
    assert bands_released(depth, kind) == expected


@pytest.mark.parametrize(
    ("named", "occupied", "released"),
    [
        (["ap_mine"], ("ap_mine",), ("ap_mine",)),
        (["mixed", "submunition", "ap_mine"], ("ap_mine", "submunition"), ("ap_mine", "submunition")),
        (["mixed"], all_classes(), ()),
        (["unknown"], ("unknown",), ("unknown",)),
        (["apmine"], all_classes(), ()),
        ("ap_mine", all_classes(), ()),
    ],
)
def test_classes_of_a_hazard_and_of_a_release(named, occupied, released) -> None:
    assert classes(named) == occupied
    assert classes_released(named) == released
