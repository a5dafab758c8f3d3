"""For every check one batch in which it finds something and one, as like it as can be, in which it finds nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import shapely

from fallow.checks import CheckContext
from fallow.records.batch import Batch, Severity
from tests.checks.batches import (
    M_LAT,
    M_LON,
    batch,
    context,
    day,
    held,
    ids,
    m2,
    metres,
    moved,
    row,
    square,
)

B, W, A = Severity.BLOCKING, Severity.WARNING, Severity.ADVICE


@dataclass
class Case:
    """Args: fails, passes: batches; rows: which rows of ``fails`` are named, with what severity."""

    fails: Batch
    passes: Batch
    rows: dict[int, Severity]
    context: CheckContext = field(default_factory=context)
    passing_context: CheckContext | None = None


def area(shape: Any = None, **values: Any) -> tuple[Any, dict[str, Any]]:
    return row("hazardous_area", square() if shape is None else shape, **values)


def product(shape: Any = None, **values: Any) -> tuple[Any, dict[str, Any]]:
    return row("release_product", square() if shape is None else shape, **values)


def areas(*rows: Any, **more: Any) -> Batch:
    return batch("hazardous_area", *rows, **more)


def products(*rows: Any, **more: Any) -> Batch:
    return batch("release_product", *rows, **more)


def ring(*corners: tuple[float, float], lon: float = 34.5, lat: float = 49.0) -> Any:
    """A polygon from corners in metres."""
    return shapely.Polygon([moved(lon, lat, east, north) for east, north in corners])


def point(east: float = 50.0, north: float = 50.0) -> Any:
    return shapely.Point(moved(34.5, 49.0, east, north))


BOW_TIE = ring((0, 0), (100, 100), (100, 0), (0, 100))
TOUCHING = ring((0, 0), (100, 0), (100, 100), (50, 0.0), (0, 100))
HOLE_OUTSIDE = shapely.Polygon(
    square().exterior.coords, [[moved(34.5, 49, x, y) for x, y in ((200, 0), (220, 0), (220, 20), (200, 20))]]
)
RETURNING = ring((0, 0), (100, 0), (100, 100), (0, 100), (0, 0), (100, 0))
SPIKE = ring((0, 0), (100, 0), (100, 100), (50.2, 100), (50.1, 900), (50, 100), (0, 100))
EAST_PART = square(*moved(34.5, 49, 50, 0))
TWO_APART = shapely.MultiPolygon([square(), square(34.6)])
SWAPPED = shapely.transform(square(), lambda xy: xy[:, ::-1])
LARGER = square(*moved(34.5, 49, -50, -50), metres=200)
RELEASED = held("release_product", product(identifiers=ids("GG-1"), decided=day("2023-03-01"), end=day("2023-02-01")))
HAZARD = held("hazardous_area", area(LARGER, identifiers=ids("HA-1"), surveyed_on=day("2023-01-01")))
NO_HAZARD = held("hazardous_area")

CASES: dict[str, Case] = {
    # --- shapes ----------------------------------------------------------------------------------------------------
    "check.missing_geometry": Case(
        areas(row("hazardous_area"), area()), batch("release_product", row("release_product")), {0: B}
    ),
    "check.empty_geometry": Case(areas(area(shapely.Polygon()), area()), areas(area()), {0: B}),
    "check.wrong_geometry_kind": Case(
        areas(area(shapely.LineString([(34, 49), (35, 49)])), area(point(), typed_area=m2(500))),
        batch("evidence", row("evidence", shapely.LineString([(34, 49), (35, 49)]))),
        {0: B},
    ),
    "check.point_without_extent": Case(areas(area(point())), areas(area(point(), typed_area=m2(500))), {0: W}),
    "check.too_few_vertices": Case(
        areas(area(shapely.Polygon([(34, 49), (34.001, 49), (34, 49), (34, 49)])), area()),
        areas(area(ring((0, 0), (9, 0), (0, 9)))),
        {0: B},
    ),
    "check.self_crossing": Case(areas(area(), area(BOW_TIE)), areas(area(), area(TOUCHING)), {1: B}),
    "check.ring_touches_itself": Case(areas(area(TOUCHING)), areas(area(BOW_TIE)), {0: W}),
    "check.invalid_geometry": Case(areas(area(HOLE_OUTSIDE)), areas(area(BOW_TIE), area()), {0: B}),
    "check.parts_overlap": Case(
        areas(area(shapely.MultiPolygon([square(), EAST_PART]))), areas(area(TWO_APART)), {0: W}
    ),
    "check.parts_touch": Case(
        areas(area(shapely.MultiPolygon([square(), square(34.5 + 100 * M_LON)]))), areas(area(TWO_APART)), {0: A}
    ),
    "check.zero_area": Case(
        areas(area(ring((0, 0), (50, 0), (100, 0), (20, 0))), area(BOW_TIE)), areas(area(BOW_TIE)), {0: B}
    ),
    "check.tiny_area": Case(areas(area(square(metres=0.9))), areas(area(square(metres=1.1))), {0: W}),
    "check.huge_area": Case(areas(area(square(metres=10_100))), areas(area(square(metres=9_900))), {0: W}),
    "check.sliver_part": Case(
        areas(area(shapely.MultiPolygon([square(), square(34.6, metres=0.3, height=100)]))),
        areas(area(TWO_APART), area(square(metres=0.3, height=100))),
        {0: A},
    ),
    "check.duplicate_vertex": Case(
        areas(area(ring((0, 0), (100, 0), (100.01, 0), (100, 100))), area(RETURNING)),
        areas(area(ring((0, 0), (100, 0), (101, 0), (100, 100)))),
        {0: A, 1: A},
    ),
    "check.far_vertices": Case(
        areas(area(square(metres=5_100, height=50))), areas(area(square(metres=4_900, height=4_900))), {0: A}
    ),
    "check.spike": Case(
        areas(area(SPIKE)), areas(area(ring((0, 0), (100, 0), (100, 100), (50, 900), (0, 100)))), {0: W}
    ),
    # --- the same thing twice --------------------------------------------------------------------------------------
    "check.duplicate_geometry": Case(
        areas(area(), area(), area(contamination=["submunition"])),
        areas(area(), area(EAST_PART)),
        {1: B, 2: A},
    ),
    "check.shared_geometry": Case(
        batch("searched_area", row("searched_area", square()), row("searched_area", square())),
        batch("searched_area", row("searched_area", square()), row("searched_area", EAST_PART)),
        {1: A},
    ),
    "check.duplicate_point": Case(
        batch("item_found", row("item_found", point()), row("item_found", point(50.01))),
        batch("item_found", row("item_found", point()), row("item_found", point(), count={"low": 2, "high": 2})),
        {1: W},
    ),
    "check.duplicate_identifier": Case(
        areas(area(identifiers=ids("A-1")), area(EAST_PART, identifiers=ids("A-1 ")), area(square(35))),
        areas(area(identifiers=ids("A-1")), area(EAST_PART, identifiers=ids("A-1", issuer="other"))),
        {0: W, 1: W},
    ),
    "check.identifier_known": Case(
        areas(area(identifiers=ids("HA-1")), area(EAST_PART, identifiers=ids("HA-2"))),
        areas(area(EAST_PART, identifiers=ids("HA-2"))),
        {0: W},
        context(HAZARD),
    ),
    "check.identifier_blanks": Case(areas(area(identifiers=ids("A-1 "))), areas(area(identifiers=ids("A 1"))), {0: W}),
    # --- common ground ---------------------------------------------------------------------------------------------
    "check.overlap": Case(
        areas(area(), area(EAST_PART), area(square(*moved(34.5, 49, -50, 0)), contamination=["other_uxo"])),
        areas(area(), area(square(34.5 + 100 * M_LON)), area(square(35), contamination=["other_uxo"])),
        {0: W, 1: W, 2: A},
    ),
    "check.release_overlap": Case(
        products(product(), product(EAST_PART)),
        products(product(), product(EAST_PART, contamination=["other_uxo"]), product(square(35))),
        {0: W, 1: W},
    ),
    "check.release_depths_differ": Case(
        products(product(), product(EAST_PART, depth=metres(0.5))),
        products(product(), product(EAST_PART)),
        {0: W, 1: W},
    ),
    # --- values ----------------------------------------------------------------------------------------------------
    "check.required_missing": Case(
        areas(area(), area(EAST_PART, classification=None)), areas(area(contamination=["unknown"])), {1: B}
    ),
    "check.unknown_code": Case(
        areas(area(classification="sah"), area(vegetation="jungle gym")), areas(area(classification="cha")), {0: B, 1: W}
    ),
    "check.wrong_type": Case(areas(area(name=7), area()), areas(area(name="7")), {0: B}),
    "check.impossible_value": Case(
        areas(
            area(typed_area={"value": -5.0, "unit": "m2"}),
            area(depth_from=metres(0.5), depth_to=metres(0.1)),
            area(estimated_count={"low": 5, "high": 2}),
        ),
        areas(area(depth_from=metres(0.1), depth_to=metres(0.5), estimated_count={"low": 2, "high": 5})),
        {0: B, 1: B, 2: B},
    ),
    "check.unknown_field": Case(areas(area(colour="blue")), areas(area(remarks="blue")), {-1: W}),
    "check.unlikely_value": Case(
        areas(area(depth_to=metres(12.0)), area(estimated_count={"low": 200_000, "high": None})),
        areas(area(depth_to=metres(12.0), contamination=["other_uxo"])),
        {0: W, 1: W},
    ),
    "check.typed_area_differs": Case(
        areas(area(typed_area=m2(10_600)), area(typed_area={"value": 2.0, "unit": "ha"})),
        areas(area(typed_area=m2(10_300)), area(typed_area={"value": 1.0, "unit": "ha"})),
        {0: W, 1: W},
    ),
    "check.typed_area_unit": Case(
        areas(area(typed_area=m2(1.0)), area(typed_area={"value": 10_000, "unit": "ha"}), area(typed_area=m2(10))),
        areas(area(typed_area=m2(20_000))),
        {0: W, 1: W, 2: W},
    ),
    "check.depth_missing": Case(
        products(product(depth=None), product(kind="reduced", depth={"absent": "unknown"})),
        products(product(), product(kind="cancelled", depth={"absent": "not_applicable"})),
        {0: W, 1: W},
    ),
    "check.depth_datum_not_comparable": Case(
        products(product(depth=metres(8.0, "national_datum")), product(depth=metres(2.0, "water_bed"))),
        products(product(depth=metres(2.0))),
        {0: W, 1: W},
    ),
    "check.release_class_missing": Case(
        products(product(contamination=["mixed"])), products(product(contamination=["mixed", "ap_mine"])), {0: W}
    ),
    "check.limited_release": Case(
        products(product(limited_to="bombs of 250 kg")), products(product(limited_to=" ")), {0: W}
    ),
    # --- dates -----------------------------------------------------------------------------------------------------
    "check.date_in_future": Case(
        areas(area(surveyed_on=day("2025-06-02")), area(surveyed_on={"from": "2025-01-01", "to": "2025-12-31"})),
        batch("task", row("task", start=day("2026-01-01"), status="ordered")),
        {0: B},
    ),
    "check.date_unlikely": Case(
        areas(area(event_date=day("1023-05-01"))), areas(area(event_date=day("1917-05-01"))), {0: W}
    ),
    "check.date_reversed": Case(
        batch("activity", row("activity", start=day("2024-02-01"), end=day("2024-01-01"))),
        batch("activity", row("activity", start=day("2024-02-01"), end={"from": "2024-01-01", "to": "2024-12-31"})),
        {0: W},
    ),
    "check.source_date_as_event": Case(
        batch(
            "evidence",
            row("evidence", source_date=day("1943-07-22")),
            row("evidence", source_date=day("1943-07-22"), event_date=day("1943-07-22")),
            row("evidence", event_date=day("1943-07-22", how="source_date")),
            row("evidence", event_date=day("1943-07-17"), source_date=day("1943-07-22")),
        ),
        batch("evidence", row("evidence", event_date=day("1943-07-17"), source_date=day("1943-07-22"))),
        {0: W, 1: W, 2: W},
    ),
    "check.missing_date_of_information": Case(areas(area(date_of_information=None)), areas(area()), {0: A}),
    "check.release_before_survey": Case(
        products(product(end=day("2022-05-01"), decided=None), product()), products(product()), {0: W}, context(HAZARD)
    ),
    # --- places ----------------------------------------------------------------------------------------------------
    "check.coordinates_out_of_range": Case(
        areas(area(shapely.box(122_171, 490_002, 122_271, 490_102))), areas(area()), {0: B}
    ),
    "check.null_island": Case(
        areas(area(shapely.Polygon([(0, 0), (34, 49), (34, 49.1)])), area()),
        areas(area(square(0.001, 0.001))),
        {0: B},
    ),
    "check.swapped_axes": Case(areas(area(SWAPPED), area()), areas(area(square(40))), {0: B}),
    "check.outside_country": Case(
        areas(area(square(40)), area(square(38 + 500 * M_LON))), areas(area(), area(SWAPPED)), {0: B, 1: W}
    ),
    "check.crosses_border": Case(areas(area(square(38 - 50 * M_LON))), areas(area(square(38 - 150 * M_LON))), {0: W}),
    "check.outside_unit": Case(
        areas(area(unit={"typed": "west  OBLAST"}), area(square(33), unit={"ref": "U-E"})),
        areas(area(unit={"typed": "East oblast"}), area(unit={"typed": "no such unit"})),
        {0: W, 1: W},
    ),
    "check.zone_shift": Case(
        areas(area(square(40)), area(unit={"typed": "West oblast"})),
        areas(area(square(60)), area(unit={"typed": "East oblast"})),
        {0: A, 1: A},
    ),
    # --- relations -------------------------------------------------------------------------------------------------
    "check.product_outside_area": Case(
        products(
            product(square(*moved(34.5, 49, 120, 0))),
            product(square(*moved(34.5, 49, 55, 0))),
            product(square(36), area={"typed": "HA-1", "issuer": "op"}),
        ),
        products(product(), product(square(36))),
        {0: B, 1: W, 2: B},
        context(HAZARD),
    ),
    "check.product_without_area": Case(
        products(product(square(36))), products(product()), {0: W}, context(HAZARD), context(HAZARD)
    ),
    "check.item_outside_area": Case(
        batch("item_found", row("item_found", point(300), area={"ref": "held-1"})),
        batch("item_found", row("item_found", point(155), area={"ref": "held-1"}), row("item_found", point(300))),
        {0: W},
        context(HAZARD),
    ),
    "check.accident_in_released_land": Case(
        batch("accident", row("accident", point())),
        batch("accident", row("accident", point(), date=day("2022-01-01")), row("accident", point(500))),
        {0: W},
        context(RELEASED),
    ),
    "check.item_in_released_land": Case(
        batch("item_found", row("item_found", point(), found=None)),
        batch("item_found", row("item_found", point(), found=day("2022-12-01"))),
        {0: W},
        context(RELEASED),
    ),
    "check.evidence_in_released_land": Case(
        batch("evidence", row("evidence", point(), event_date=day("2024-01-01"))),
        batch("evidence", row("evidence", point(), event_date=day("2024-01-01"), polarity="against")),
        {0: W},
        context(RELEASED),
    ),
    "check.hazard_not_recorded": Case(
        batch("accident", row("accident", point(500))), batch("accident", row("accident", point())), {0: W}, context(HAZARD)
    ),
    "check.use_record_without_area": Case(
        batch("use_record", row("use_record", square(36)), row("use_record", square(metres=400))),
        batch("use_record", row("use_record", square())),
        {0: W, 1: W},
        context(HAZARD),
    ),
    "check.link_unresolved": Case(
        products(product(area={"typed": "HA-9", "issuer": "op"}), product(unit={"typed": "no such unit"})),
        products(product(area={"typed": "ha-1"}, unit={"typed": "East oblast"}), product(area={"ref": "held-1"})),
        {0: W, 1: W},
        context(HAZARD),
    ),
}  # fmt: skip

# Metres per degree are right to a tenth of a percent, which the margins of the cases allow for.
assert abs(M_LAT * 111_230 - 1) < 1e-9
