"""Random rows of any record type."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from fallow.records.fields import Registry
from fallow.synth import random_batch
from fallow.synth.errors import UnknownRecordError
from fallow.terms import record_definitions

RECORD_NAMES = tuple(record_definitions())


@pytest.mark.parametrize("record", RECORD_NAMES)
def test_rows_fit_their_definitions_and_fill_every_field(record: str) -> None:
    registry = Registry()
    batch = random_batch(record, 400, 3)
    definition = record_definitions()[record]
    assert len(batch) == 400
    assert batch.columns["synthetic"] == [True] * 400
    assert len({cell[0]["value"] for cell in batch.columns["identifiers"]}) == 400
    for name, field in definition.fields.items():
        if field.type == "geometry":
            assert batch.geometry is not None
            assert batch.surveyed is batch.geometry
            assert shapely.is_valid(batch.geometry).all()
            kinds = set(shapely.get_type_id(batch.geometry).tolist())
            wanted = {"polygon": {3}, "point": {0}, "any": {0, 3}}[definition.geometry]
            assert kinds == wanted
            continue
        column = batch.columns[name]
        assert len(column) == 400
        assert registry.column_faults(record, name, column) == []
        given = [value for value in column if value is not None and value != {"absent": "unknown"}]
        assert len(given) > 200
        assert len({repr(value) for value in given}) > 1 or name in ("synthetic", "remarks")
    assert (batch.geometry is None) == (definition.geometry == "none")


def test_the_same_call_gives_the_same_rows_and_another_seed_others() -> None:
    one, again, other = (random_batch("hazardous_area", 50, seed) for seed in (1, 1, 2))
    assert one.columns == again.columns
    assert shapely.equals_exact(one.geometry, again.geometry).all()
    assert one.source == again.source
    assert one.columns != other.columns
    assert not shapely.equals_exact(one.geometry, other.geometry).any()


@pytest.mark.parametrize("n", [0, 1])
def test_few_rows(n: int) -> None:
    for record in RECORD_NAMES:
        batch = random_batch(record, n, 1)
        assert len(batch) == n
        assert all(len(column) == n for column in batch.columns.values())


def test_many_rows_are_spread_and_flagged() -> None:
    batch = random_batch("hazardous_area", 20_000, 1)
    assert all(batch.columns["synthetic"])
    assert batch.geometry is not None
    size = shapely.area(batch.geometry)
    assert np.median(size) > 0
    assert len(np.unique(shapely.get_coordinates(shapely.centroid(batch.geometry)), axis=0)) == 20_000


def test_an_unknown_record_type_is_an_error() -> None:
    with pytest.raises(UnknownRecordError) as error:
        random_batch("castle", 3, 1)
    assert error.value.values["record"] == "castle"
