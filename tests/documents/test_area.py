from __future__ import annotations

import datetime as dt
import hashlib
import re

import numpy as np
import pytest
import shapely

from fallow.documents import Document, build_area
from fallow.documents.area_tables import rings
from fallow.documents.errors import NoSuchArea
from fallow.documents.html import to_html
from fallow.documents.model import Figure, Label, Note, Picture, Table
from fallow.documents.words import Words
from fallow.geodesy import transform_shapes
from tests.documents.small_register import GULLY, MILL, ORCHARD, QUARRY, WELL, SmallRegister, issued, ostravia

# A square of the Amsterdam survey system, in its own coordinates.
RD = "EPSG:28992"
SQUARE = [(121_000.0, 487_000.0), (121_100.0, 487_000.0), (121_100.0, 487_080.0), (121_000.0, 487_080.0)]


def table(document: Document, key: str) -> Table:
    (found,) = [each for each in document.tables() if each.key == key]
    return found


def shown(document: Document, key: str) -> list[list[str]]:
    words = Words("en")
    return [[words(cell) for cell in row.cells] for row in table(document, key).rows]


def text_of(document: Document, lang: str = "en") -> str:
    return re.sub(r"<style>.*?</style>", "", to_html(document, Words(lang)), flags=re.DOTALL)


def test_turning_points_are_numbered_in_the_order_of_the_survey(documents: dict[str, Document]) -> None:
    rows = shown(documents["area"], "turning")
    outline = ostravia().snapshot().of("hazardous_area").shapes()[0]
    corners = shapely.get_coordinates(outline)[:-1]
    assert [row[0] for row in rows] == [str(number) for number in range(1, 15)]
    assert [row[3] for row in rows] == [f"{lat:.6f}, {lon:.6f}" for lon, lat in corners]


def surveyed_in_rd() -> SmallRegister:
    own = ostravia()
    shapes, operation = transform_shapes(np.array([shapely.Polygon(SQUARE)], dtype=object), RD)
    entity = "20000000-0000-7000-8000-0000000000rd"
    own.accept("hazardous_area", entity, dt.date(2025, 3, 1), shapes[0], crs=RD, classification="sha",
               contamination=["other_uxo"], identifiers=issued("RD-7"))  # fmt: skip
    geometry = own.changes[-1].patch["geometry"]
    geometry |= {"surveyed": hashlib.sha256(b"as surveyed").hexdigest(), "operation": operation.wire()}
    return own


def test_coordinates_as_surveyed_come_back_to_the_centimetre() -> None:
    document = build_area(surveyed_in_rd(), "20000000-0000-7000-8000-0000000000rd")
    rows = shown(document, "turning")
    for row, (x, y) in zip(rows, SQUARE, strict=True):
        assert float(row[1].replace(",", "")) == pytest.approx(x, abs=0.01)
        assert float(row[2].replace(",", "")) == pytest.approx(y, abs=0.01)
    said = [Words("en")(note) for note in table(document, "turning").notes]
    assert any("Amersfoort to WGS 84" in note and "accuracy" in note for note in said)
    assert "Amersfoort / RD New (EPSG:28992)" in Words("en")(table(document, "turning").title)


def test_rings_holes_and_parts_have_letters() -> None:
    outer, hole = shapely.box(0, 0, 9, 9), shapely.box(2, 2, 4, 4)
    shape = shapely.MultiPolygon([shapely.difference(outer, hole), shapely.box(20, 0, 21, 1)])
    found = rings(shape)
    assert [(ring.name, ring.hole, len(ring.wgs84)) for ring in found] == [
        ("A", False, 4),
        ("B", True, 4),
        ("C", False, 4),
    ]
    assert found[1].number(0) == "B1"
    assert [ring.name for ring in rings(outer)] == [""]


def test_evidence_for_and_against_stand_apart(documents: dict[str, Document]) -> None:
    assert [row[0] for row in shown(documents["area"], "evidence-for")] == ["EV-1"]
    assert [row[0] for row in shown(documents["area"], "evidence-against")] == ["EV-2"]


def test_releases_show_class_depth_and_dates(documents: dict[str, Document]) -> None:
    (row,) = shown(documents["area"], "releases")
    assert row[:4] == [
        "RD-1",
        "Reduced",
        "Anti-personnel mine, Other unexploded ordnance",
        "0.2\u00a0m (Ground surface)",
    ]
    assert row[4:6] == ["5 November 2024", "12 November 2024"]


def test_history_tells_who_entered_and_who_approved(documents: dict[str, Document]) -> None:
    rows = shown(documents["area"], "history")
    assert [(row[0], row[1], row[6], row[7]) for row in rows] == [
        ("4", "11 March 2024", "I. Shevchuk", "M. Bondar"),
        ("18", "20 January 2025", "O. Koval", "M. Bondar"),
    ]
    assert "Classification" in rows[1][5]
    assert "Perimeter" in rows[1][5]


def test_an_earlier_checkpoint_shows_what_was_known_then() -> None:
    sheet = build_area(ostravia(), MILL, known=17)
    assert len(table(sheet, "history").rows) == 1
    (axes,) = [block for section in sheet.sections for block in section.blocks if getattr(block, "key", "") == "axes"]
    assert Label("classification", "sha") in [cell for _name, cell in axes.pairs]
    with pytest.raises(NoSuchArea):
        build_area(ostravia(), GULLY, known=17)
    with pytest.raises(NoSuchArea):
        build_area(ostravia(), "nobody")


def test_neighbours_and_unverified_reports_are_drawn(documents: dict[str, Document]) -> None:
    page = text_of(documents["area"])
    orchard = text_of(build_area(ostravia(), ORCHARD))
    assert "OMAC-0101</text>" in orchard
    assert "OMAC-0102</text>" not in orchard, "the sheet's own area goes without a name"
    assert "Reported hazard, unverified" in page
    assert "Reported hazard, unverified" not in text_of(build_area(ostravia(), QUARRY))


def test_a_point_has_a_map_and_no_turning_points() -> None:
    sheet = build_area(ostravia(), WELL)
    assert table(sheet, "turning").rows == ()
    page = text_of(sheet)
    assert "only a point or an estimate of the area is known" in page
    assert "4,000\u00a0m²" in page
    assert any(isinstance(block, Picture) for section in sheet.sections for block in section.blocks)


def test_an_area_without_position_says_that_it_may_lie_anywhere() -> None:
    own = ostravia()
    own.accept("hazardous_area", "20000000-0000-7000-8000-0000000000aa", dt.date(2025, 3, 1), classification="sha",
               contamination=["unknown"])  # fmt: skip
    sheet = build_area(own, "20000000-0000-7000-8000-0000000000aa")
    assert not any(isinstance(block, Picture) for section in sheet.sections for block in section.blocks)
    assert "it cannot be drawn and may lie anywhere" in text_of(sheet)


def test_a_conflict_is_shown() -> None:
    own = ostravia()
    own.accept(
        "hazardous_area", MILL, dt.date(2025, 3, 1), _conflicts=[{"field": "classification", "values": ["sha", "cha"]}]
    )
    notes = [block for section in build_area(own, MILL).sections for block in section.blocks if isinstance(block, Note)]
    assert "Two people changed this record apart, in: Classification." in " ".join(
        Words("en")(line) for note in notes for line in note.lines
    )


def test_restricted_and_personal_values_stay_away() -> None:
    own = ostravia()
    own.accept(
        "hazardous_area", MILL, dt.date(2025, 3, 1), informant="Mrs Secret", landowner={"sealed": "s", "digest": "d"}
    )
    own.accept("item_found", "50000000-0000-7000-8000-000000000001", dt.date(2025, 3, 1), lot="LOT-77")
    own.accept("evidence", "40000000-0000-7000-8000-000000000001", dt.date(2025, 3, 1), informant="Mr Secret",
               source_document="sealed file 9")  # fmt: skip
    own.accept("use_record", "a0000000-0000-7000-8000-000000000001", dt.date(2025, 3, 1), shapely.Point(36.31, 49.911),
               identifiers=issued("USE-1"), lot="LOT-78")  # fmt: skip
    page = text_of(build_area(own, MILL))
    for secret in ("Secret", "LOT-77", "LOT-78", "USE-1", "sealed file 9"):
        assert secret not in page


def test_where_the_sheets_word_ends_is_on_every_sheet() -> None:
    for lang, sentence in (("en", "That ground is not assessed."), ("uk", "Ту землю не оцінено.")):
        for entity in (MILL, ORCHARD, WELL):
            sheet = build_area(ostravia(), entity)
            assert sentence in text_of(sheet, lang)
            assert Words(lang)(sheet.foot[0]) in text_of(sheet, lang)


def test_a_sheet_needs_no_figures() -> None:
    assert [figure for figure in build_area(ostravia(), MILL).figures() if isinstance(figure, Figure)] == []
