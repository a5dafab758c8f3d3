from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import shapely

from fallow.documents import Document, build_totals
from fallow.documents.model import Figure, Label, Msg, Quantity, Span
from fallow.documents.periods import NO_PERIOD, Period, quarter_of
from fallow.documents.words import Words
from fallow.geodesy import area_m2
from tests.documents.small_register import EQUAL_AREA, GULLY, MILL, ORCHARD, QUARRY, day, issued, metres, ostravia, ring


def figures(document: Document) -> dict[str, Figure]:
    return {figure.key: figure for figure in document.figures()}


def value(figure: Figure) -> float:
    assert isinstance(figure.value, Quantity)
    return figure.value.value


def outline_m2(*entities: str) -> float:
    snapshot = ostravia().snapshot()
    ids, _rows, shapes = snapshot.of("hazardous_area")
    return float(np.nansum(area_m2(shapes, EQUAL_AREA)[[ids.index(entity) for entity in entities]]))


def test_open_land_is_outlines_less_releases(documents: dict[str, Document]) -> None:
    found = figures(documents["totals"])
    products = ostravia().snapshot().of("release_product").shapes()
    areas = ostravia().snapshot().of("hazardous_area")
    laid = dict(zip(areas.ids(), areas.shapes(), strict=True))
    # The mill grew after the release: ground that came later is open, whatever lies over it.
    versions = ostravia().versions("hazardous_area")
    before = versions.geometry[versions.entity.index(MILL)]
    pieces = [shapely.intersection(laid[ORCHARD], products[0]), shapely.intersection(before, products[1])]
    shapes = np.array(pieces, dtype=object)
    expected = outline_m2(MILL, ORCHARD, QUARRY, GULLY) - float(area_m2(shapes, EQUAL_AREA).sum())
    assert value(found["headline.open_m2"]) == pytest.approx(expected, abs=1.0)
    units = [each for key, each in found.items() if key.startswith("areas.") and key.endswith(".any.m2")]
    assert sum(value(each) for each in units) == pytest.approx(expected, abs=1.0), "units share the ground out"


def test_an_area_across_units_is_counted_once(documents: dict[str, Document]) -> None:
    numbers = [each for key, each in figures(documents["totals"]).items() if key.endswith(".any.number")]
    counted = [entity for each in numbers for record, entity in each.entities if record == "hazardous_area"]
    assert sorted(counted) == [MILL, ORCHARD, QUARRY, GULLY]
    assert sum(value(each) for each in numbers) == 4


def test_cleared_never_stands_without_class_and_depth(documents: dict[str, Document]) -> None:
    (table,) = [table for table in documents["totals"].tables() if table.key == "releases"]
    words = Words("en")
    rows = [[words(cell) for cell in row.cells] for row in table.rows]
    cleared = [row for row in rows if row[0] == "Cleared"]
    assert {(row[1], row[2]) for row in cleared} == {
        ("Submunition", "0.5\u00a0m (Ground surface)"),
        ("Other unexploded ordnance", "depth not stated"),
    }
    assert all(row[1] and row[2] and row[3] for row in rows)
    assert [row[3] for row in cleared if row[1] == "Submunition"] == ["2024, quarter 3"], (
        "booked by the end of the work"
    )


def test_booking_by_decision_moves_a_release() -> None:
    own = ostravia(booking_basis="decision")
    own.accept("release_product", "80000000-0000-7000-8000-00000000000a", dt.date(2025, 1, 2), ring(36.3, 49.8, 90, 90),
               kind="cleared", contamination=["ap_mine"], depth=metres(0.2, "ground_surface"), end=day("2024-12-30"),
               decided=day("2025-01-02"))  # fmt: skip
    keys = figures(build_totals(own))
    assert "releases.cleared.ap_mine.0.2ground_surface.2025q1.number" in keys
    own.info = type(own.info)(booking_basis="activity_end")
    assert "releases.cleared.ap_mine.0.2ground_surface.2024q4.number" in figures(build_totals(own))


def test_overlapping_releases_of_one_row_count_each_square_metre_once() -> None:
    own = ostravia()
    for number in (1, 2):
        own.accept("release_product", f"80000000-0000-7000-8000-0000000000b{number}", dt.date(2025, 1, 2),
                   ring(36.3, 49.8, 90, 90), kind="reduced", contamination=["axo"], end=day("2025-01"),
                   identifiers=issued(f"X-{number}"))  # fmt: skip
    found = figures(build_totals(own))
    (key,) = [key for key in found if key.startswith("releases.reduced.axo") and key.endswith(".m2")]
    assert len(found[key].parts) == 2
    assert value(found[key]) == pytest.approx(found[key].parts[0].amount, rel=1e-9)


def test_uncertain_counts_stay_uncertain(documents: dict[str, Document]) -> None:
    found = figures(documents["totals"])
    assert found["items.submunition.2024q3.count"].value == Span(12, 15)
    assert found["headline.harmed"].value == Span(4, None)
    assert found["casualties.injured.female.all"].value == Span(2, 2)
    assert found["casualties.injured.all.all"].value == Span(3, None)


def test_what_cannot_be_drawn_is_counted(documents: dict[str, Document]) -> None:
    found = figures(documents["totals"])
    counts = {
        key.removeprefix("not_drawn."): value(each) for key, each in found.items() if key.startswith("not_drawn.")
    }
    assert counts == {
        "points": 1,
        "points.m2": 4000,
        "unlocated": 0,
        "release_product.unlocated": 1,
        "evidence.unlocated": 0,
        "item_found.unlocated": 0,
        "accident.unlocated": 1,
        "item_found.uncounted": 0,
        "accident.uncounted": 0,
        "unverified": 1,
        "held": 1,
    }
    assert value(found["headline.not_drawn"]) == 5


def test_a_past_checkpoint_has_no_inbox_and_says_so() -> None:
    document = build_totals(ostravia(), known=17)
    (table,) = [table for table in document.tables() if table.key == "not_drawn"]
    last = [row.cells[1] for row in table.rows[-2:]]
    assert all(isinstance(cell, Msg) and cell.text == "not kept for a past checkpoint" for cell in last)


def test_sealed_records_are_counted_to_nobody() -> None:
    own = ostravia()
    own.unverified["use_record"] = [("90000000-0000-7000-8000-0000000000aa", {"lot": "L-77"}, None)]
    own.held.append(
        {"report": "90000000-0000-7000-8000-0000000000ab", "record": "use_record", "file": "laid.csv", "row": 1}
    )
    found = figures(build_totals(own))
    assert (value(found["not_drawn.unverified"]), value(found["not_drawn.held"])) == (1, 1)


def test_withdrawn_records_are_in_no_figure() -> None:
    own = ostravia()
    before = figures(build_totals(own))
    own.accept("hazardous_area", QUARRY, dt.date(2025, 2, 20), record_status="withdrawn")
    after = figures(build_totals(own))
    assert value(after["headline.areas"]) == value(before["headline.areas"]) - 1
    assert value(before["headline.open_m2"]) - value(after["headline.open_m2"]) == pytest.approx(
        outline_m2(QUARRY), abs=1
    )


def test_a_register_without_units_has_no_group_rows() -> None:
    own = ostravia()
    own.changes = [change for change in own.changes if change.record != "admin_unit"]
    (table,) = [table for table in build_totals(own).tables() if table.key == "areas"]
    assert {row.kind for row in table.rows} == {"row", "total"}
    assert Label("classification", "cha") in table.rows[0].cells


@pytest.mark.parametrize(
    ("wire", "period"),
    [
        (day("2024-03-31"), Period(2024, 1)),
        (day("2024-04"), Period(2024, 2)),
        (day("2024-03..2024-04"), Period(2024, 9)),
        (day("2024"), Period(2024, 9)),
        (day("2023..2024"), NO_PERIOD),
        (day("..2024"), NO_PERIOD),
        ({"absent": "unknown"}, NO_PERIOD),
        (None, NO_PERIOD),
    ],
)
def test_a_vague_date_is_in_no_finer_period_than_it_is_known(wire: object, period: Period) -> None:
    assert quarter_of(wire) == period
