from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallow.records.compound import Geometry, Position, Ref
from fallow.records.values import Count, Measured, When

DATE_LIKE = (
    st.text("0123456789-./ :TZ+", max_size=24) | st.from_regex(r"\d{4}[-./]?\d{0,2}(\.\.)?[-./]?\d{0,4}") | st.text()
)
COUNT_LIKE = st.text("0123456789-–.+><=≥~≈ ", max_size=12) | st.text()


@given(DATE_LIKE)
def test_a_date_is_read_or_refused_never_guessed(text) -> None:
    try:
        when = When.parse(text)
    except ValueError:
        return
    assert when.typed == text.strip()
    assert When.from_wire(when.wire()) == when
    assert when.earliest is None or when.latest is None or when.earliest <= when.latest


@given(COUNT_LIKE)
def test_a_count_is_read_or_refused_never_guessed(text) -> None:
    try:
        count = Count.parse(text)
    except ValueError:
        return
    assert Count.from_wire(count.wire()) == count
    assert count.low >= 0
    assert count.high is None or count.low <= count.high


@pytest.mark.parametrize("text", ["03/04/2024", "2024-13", "2024-02-30", "..", "", "1..2..3", "." * 9000, "2024 10:00"])
def test_what_is_no_date_or_two_dates_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r".+"):
        When.parse(text)


@pytest.mark.parametrize("text", ["<0", "-3", "few", "1.5", "5-3", "9" * 9000])
def test_what_is_no_count_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Count.parse(text)


@pytest.mark.parametrize(
    "make",
    [
        Ref,
        lambda: Position(None),
        lambda: Position("x", lon=1.0),
        lambda: Position("x", lon=190.0, lat=0.0),
        lambda: Geometry(None),
        lambda: Measured(float("nan"), "m"),
    ],
)
def test_a_value_without_meaning_is_refused(make) -> None:
    with pytest.raises(ValueError, match=r".+"):
        make()


def test_two_surveys_in_conflict_are_kept_side_by_side() -> None:
    wire = {"both": [{"digest": "a" * 64}, {"digest": "b" * 64, "crs": "EPSG:28992"}], "joined": "union"}
    assert Geometry.from_wire(wire).wire() == wire
