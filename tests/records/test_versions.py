from __future__ import annotations

import datetime as dt
import pickle

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fallow.records import Versions
from fallow.records.errors import BadColumns

FIELDS = ("classification", "name", "geometry")


def folded(changes) -> Versions:
    """Versions of changes (entity, seq, patch), in fold order; a patch value of None takes the field away."""
    state, shape = {}, {}
    columns = {"entity": [], "seq": [], "state": [], "changed": [], "geometry": []}
    for entity, seq, patch in changes:
        now = dict(state.get(entity, {}))
        for name, value in patch.items():
            if value is None:
                now.pop(name, None)
            else:
                now[name] = value
        if "geometry" in patch:
            shape[entity] = None if patch["geometry"] is None else shapely.Point(patch["geometry"], 0)
        state[entity] = now
        for name, value in zip(columns, (entity, seq, now, tuple(patch), shape.get(entity)), strict=True):
            columns[name].append(value)
    count = len(columns["entity"])
    points = np.empty(count, dtype=object)
    points[:] = columns["geometry"]
    day = dt.date(2024, 1, 1)
    return Versions(
        record="hazardous_area",
        entity=columns["entity"],
        act=[f"act {number}" for number in columns["seq"]],
        act_kind=["survey"] * count,
        reason=[None] * count,
        lowering=[False] * count,
        seq=np.array(columns["seq"], np.int64),
        decided=[day + dt.timedelta(number) for number in range(count)],
        accepted=[dt.datetime(2024, 6, 1, tzinfo=dt.UTC)] * count,
        valid_from=[None] * count,
        valid_to=[None] * count,
        state=columns["state"],
        changed=columns["changed"],
        geometry=points,
        report=[None] * count,
        approved_by=["a"] * count,
        entered_by=["b"] * count,
    )


patches = st.dictionaries(st.sampled_from(FIELDS), st.none() | st.integers(0, 5), min_size=1)


@st.composite
def histories(draw):
    count = draw(st.integers(0, 8))
    seqs = draw(st.permutations(range(1, count + 1)))
    return [(draw(st.sampled_from("abc")), seq, draw(patches)) for seq in seqs]


def content(versions):
    return [
        (row.entity, row.seq, row.state, row.changed, None if row.geometry is None else row.geometry.wkt)
        for row in versions
    ]


@given(histories(), st.integers(0, 9))
def test_what_was_known_is_what_folding_the_changes_of_that_time_gives(changes, seq) -> None:
    versions = folded(changes)
    before = content(versions)
    expected = folded([change for change in changes if change[1] <= seq])
    assert content(versions.known(seq)) == content(expected)
    assert content(versions) == before, "looking back changes nothing"


@given(histories())
def test_the_versions_of_an_entity_are_its_rows_in_their_order(changes) -> None:
    versions = folded(changes)
    for entity in "abc":
        assert content(versions.of(entity)) == [row for row in content(versions) if row[0] == entity]
    assert sorted(versions.entities) == sorted({entity for entity, _, _ in changes})
    last = {row.entity: row.act for row in versions}
    assert {versions.entity[number]: versions.act[number] for number in versions.last_rows} == last


def test_a_late_change_that_stands_early_goes_from_the_states_after_it() -> None:
    versions = folded([("a", 1, {"name": 1}), ("a", 3, {"classification": 2, "geometry": 4}), ("a", 2, {"name": 5})])
    assert versions.state[2] == {"name": 5, "classification": 2, "geometry": 4}
    known = versions.known(2)
    assert known.state == [{"name": 1}, {"name": 5}]
    assert list(known.geometry) == [None, None]


def test_versions_of_a_register_read_it_again() -> None:
    versions = folded([("a", 1, {"name": 1}), ("b", 2, {"name": 2})])
    earlier = folded([("a", 1, {"name": 9})])
    asked = []

    def reread(seq):
        asked.append(seq)
        return earlier

    live = Versions(**{**versions.__getstate__(), "reread": reread})
    assert live.known(5) is earlier
    assert content(live.of("a").known(4)) == content(earlier.of("a"))
    assert asked == [5, 4]
    again = pickle.loads(pickle.dumps(live))  # noqa: S301
    assert again.reread is None
    assert content(again) == content(versions)


def test_columns_are_numbers_where_numbers_help() -> None:
    versions = folded([("a", 1, {"name": 1}), ("b", 2, {"name": 2})])
    assert versions.decided_days.dtype == np.dtype("datetime64[D]")
    assert content(versions.take(versions.seq > 1)) == content(versions.take([1]))
    assert len(Versions.empty("accident")) == len(Versions.empty("accident").known(3)) == 0
    assert versions.of("nobody").entities == ()
    with pytest.raises(BadColumns):
        Versions(**{**versions.__getstate__(), "act": []})
