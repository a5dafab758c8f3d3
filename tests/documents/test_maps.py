from __future__ import annotations

import datetime as dt
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from fallow.documents import Document, build_area, build_totals
from fallow.documents.html import stylesheet, to_html
from fallow.documents.map_frame import Frame, degrees, nice_scale, nice_step, utm_crs
from fallow.documents.map_labels import Labels
from fallow.documents.map_model import MapData, Sign, Style
from fallow.documents.map_svg import draw, swatch
from fallow.documents.model import Picture
from fallow.documents.words import Words
from fallow.geodesy import convergence
from tests.documents.small_register import MILL, ORCHARD, SmallRegister, day, metres, ostravia

SVG = "{http://www.w3.org/2000/svg}"
RELEASE = "80000000-0000-7000-8000-000000000001"


def picture(document: Document) -> MapData:
    return next(block.map for section in document.sections for block in section.blocks if isinstance(block, Picture))


def ink(data: MapData, *styles: Style) -> float:
    """Paper covered by outlines of some styles, in mm²."""
    shapes = [outline.shape for outline in data.outlines if outline.style in styles]
    face = shapely.box(*data.inner)
    return float(shapely.area(shapely.intersection(shapely.union_all(shapely.make_valid(shapes)), face)))


HAZARD = (Style.INDICATION, Style.SHA, Style.CHA)


@pytest.mark.parametrize("lang", ["en", "uk"])
@pytest.mark.parametrize("kind", ["totals", "area"])
def test_the_ground_is_hatched_before_anything_else(kind: str, lang: str, documents: dict[str, Document]) -> None:
    root = ElementTree.fromstring(draw(picture(documents[kind]), Words(lang)))  # noqa: S314 - our own drawing
    face = root.find(f"{SVG}g")
    assert face is not None
    fills = [child.get("fill") for child in list(face)[:2]]
    assert fills[0] == "#ffffff"
    assert fills[1] is not None and fills[1].endswith("-ground)")
    grounds = [pattern for pattern in root.iter(f"{SVG}pattern") if str(pattern.get("id")).endswith("-ground")]
    assert len(grounds) == 1


def test_synthetic_is_burnt_into_the_drawing_itself(documents: dict[str, Document]) -> None:
    for kind in ("totals", "area"):
        for lang, word in (("en", "SYNTHETIC"), ("uk", "СИНТЕТИЧНІ ДАНІ")):
            assert re.search(rf"rotate\(-16[^>]*>{word}</text>", draw(picture(documents[kind]), Words(lang)))
    real = ostravia(synthetic=False)
    for document in (build_totals(real), build_area(real, MILL)):
        assert "SYNTHETIC" not in draw(picture(document), Words("en"))


def test_hazard_lies_above_released_ground(documents: dict[str, Document]) -> None:
    order = list(Style)
    assert all(order.index(Style.RELEASED) < order.index(style) for style in HAZARD)
    assert all(order.index(style) < order.index(Style.UNVERIFIED) for style in HAZARD)


def test_styles_differ_in_more_than_colour() -> None:
    drawn = {style: swatch(style, "k") for style in Style if style not in {Style.UNIT, Style.RELEASED}}
    forms = {
        style: (
            tuple(re.findall(r"url\(#k-(\w+)\)", text)[1:]),
            tuple(re.findall(r'stroke-dasharray="([^"]*)"', text)),
            tuple(re.findall(r'stroke-width="([\d.]+)" stroke-linejoin', text)),
        )
        for style, text in drawn.items()
    }
    assert len(set(forms.values())) == len(forms), forms


def test_there_is_no_green(documents: dict[str, Document]) -> None:
    everything = stylesheet() + "".join(to_html(document, Words("en")) for document in documents.values())
    for red, green, blue in re.findall(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b", everything):
        assert not int(green, 16) > max(int(red, 16), int(blue, 16)) + 8, (red, green, blue)
    assert "green" not in everything.replace("There is no green in it", "")


def test_every_release_is_labelled_with_class_depth_and_date_on_its_sheet(documents: dict[str, Document]) -> None:
    text = draw(picture(documents["area"]), Words("en"))
    for line in (
        "RD-1: Reduced",
        "Anti-personnel mine, Other unexploded ordnance",
        "0.2\u00a0m (Ground surface), 5 November 2024",
    ):
        assert f">{line}</text>" in text


def without(own: SmallRegister, *entities: str) -> SmallRegister:
    own.changes = [change for change in own.changes if change.entity not in entities]
    return own


@pytest.mark.parametrize("entity", [RELEASE, "80000000-0000-7000-8000-000000000002"])
@pytest.mark.parametrize("kind", ["totals", "area"])
def test_taking_a_release_away_makes_no_ground_milder(kind: str, entity: str) -> None:
    def make(own: SmallRegister) -> MapData:
        return picture(
            build_totals(own) if kind == "totals" else build_area(own, MILL if entity != RELEASE else ORCHARD)
        )

    before, after = make(ostravia()), make(without(ostravia(), entity))
    assert ink(after, *HAZARD) > ink(before, *HAZARD)
    assert ink(after, Style.RELEASED) < ink(before, Style.RELEASED)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("depth", {"absent": "unknown"}),
        ("depth", {"value": 0.2, "unit": "m", "datum": "ground_surface"}),
        ("contamination", ["ap_mine"]),
        ("limited_to", "aerial bombs only"),
    ],
)
def test_a_release_that_says_less_takes_no_hazard_off_the_map(field: str, value: Any) -> None:
    own = ostravia()
    (change,) = [change for change in own.changes if change.entity == RELEASE]
    change.patch[field] = value
    weaker = picture(build_area(own, ORCHARD))
    none = picture(build_area(without(ostravia(), RELEASE), ORCHARD))
    assert ink(weaker, *HAZARD) == pytest.approx(ink(none, *HAZARD), rel=1e-6)
    assert ink(weaker, Style.RELEASED_EDGE) > 0, "it is still shown as what it is"


@pytest.mark.parametrize("kind", ["totals", "area"])
def test_an_area_that_is_released_whole_is_drawn_as_released(kind: str) -> None:
    own = ostravia()
    outline = next(change.shape for change in own.changes if change.entity == ORCHARD)
    own.accept("release_product", "80000000-0000-7000-8000-0000000000ee", dt.date(2025, 3, 1), outline.buffer(1e-5),
               kind="cleared", contamination=["submunition"], depth=metres(0.5, "ground_surface"), end=day("2025-02-28"),
               decided=day("2025-03-01"), area={"ref": ORCHARD})  # fmt: skip
    data = picture(build_totals(own) if kind == "totals" else build_area(own, ORCHARD))
    before = picture(build_totals(ostravia()) if kind == "totals" else build_area(ostravia(), ORCHARD))
    assert ink(data, *HAZARD) < ink(before, *HAZARD)
    assert ink(data, Style.RELEASED) > ink(before, Style.RELEASED)
    if kind == "totals":
        assert Style.CHA in data.styles, "the other confirmed area is still there"
        assert len([each for each in data.outlines if each.style is Style.CHA]) == 1


def test_withdrawn_ground_is_drawn_as_no_release() -> None:
    own = ostravia()
    own.accept("hazardous_area", ORCHARD, dt.date(2025, 2, 20), record_status="withdrawn")
    data = picture(build_totals(own))
    assert Style.WITHDRAWN in data.styles
    assert "Withdrawn by correction, not released" in to_html(build_totals(own), Words("en"))


def test_small_areas_and_points_become_signs() -> None:
    own = ostravia()
    data = picture(build_totals(own))
    assert Sign.HAZARD in data.signs
    far = ostravia()
    far.accept("hazardous_area", "20000000-0000-7000-8000-0000000000ff", dt.date(2025, 3, 1), shapely.Point(30.0, 46.0),
               classification="sha", contamination=["unknown"])  # fmt: skip
    wide = picture(build_totals(far))
    assert [outline for outline in wide.outlines if outline.style in HAZARD] == []
    assert len([symbol for symbol in wide.symbols if symbol.sign is Sign.HAZARD]) >= 2


# --- frame -------------------------------------------------------------------------------------------------------


@given(st.floats(0.5, 1e7), st.integers(2, 9))
def test_a_step_is_round_and_cuts_into_few_parts(length: float, parts: int) -> None:
    step = nice_step(length, parts)
    assert step * parts >= length * (1 - 1e-9)
    mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(mantissa - each) for each in (1, 2, 5, 10)) < 1e-6


@given(st.floats(10, 1e8))
def test_a_scale_is_round_and_not_too_small(rough: float) -> None:
    scale = nice_scale(rough)
    assert rough * (1 - 1e-6) <= scale <= rough * 2.01


@given(
    st.floats(-179, 179),
    st.floats(-70, 70),
    st.floats(1e-5, 0.2),
    st.floats(1e-5, 0.2),
)
def test_the_face_holds_what_it_is_made_for(lon: float, lat: float, wide: float, high: float) -> None:
    shape = shapely.box(lon, lat, min(lon + wide, 180), lat + high)
    frame = Frame.around(np.array([shape], dtype=object), utm_crs(lon, lat))
    (paper,) = frame.place([shape])
    left, top, right, bottom = frame.inner
    x0, y0, x1, y1 = paper.bounds
    assert left - 0.01 <= x0 <= x1 <= right + 0.01
    assert top - 0.01 <= y0 <= y1 <= bottom + 0.01
    assert 2 * frame.bar_m * 1000 / frame.scale <= (right - left) / 2
    assert frame.metric_grid()


@pytest.mark.parametrize(("lon", "lat"), [(4.9, 52.37), (36.31, 49.91), (38.9, -12.0)])
def test_true_north_leans_away_from_grid_north(lon: float, lat: float) -> None:
    frame = Frame.around(np.array([shapely.box(lon, lat, lon + 0.001, lat + 0.001)], dtype=object), utm_crs(lon, lat))
    clockwise, turned = frame.north()
    assert turned == pytest.approx(convergence(*frame.centre, frame.crs), abs=1e-9)
    # Walk a little north on the ground and see where that leads on paper.
    paper = frame.place([shapely.Point(frame.centre), shapely.Point(frame.centre[0], frame.centre[1] + 1e-5)])
    step = np.array([paper[1].x - paper[0].x, paper[1].y - paper[0].y])
    assert np.degrees(np.arctan2(step[0], -step[1])) == pytest.approx(clockwise, abs=0.01)


@pytest.mark.parametrize(
    ("value", "axis", "step", "text"),
    [
        (36.5, "lon", 0.5, "36°30′ E"),
        (-0.25, "lat", 1 / 60, "0°15′ S"),
        (49.0, "lat", 1.0, "49° N"),
        (4.9025, "lon", 1 / 3600, "4°54′09″ E"),
        (59.99999, "lat", 0.0, "60°00′00.0″ N"),
    ],
)
def test_angles_are_as_fine_as_their_step(value: float, axis: str, step: float, text: str) -> None:
    assert degrees(value, axis, step) == text


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 60), st.floats(1, 30), st.floats(1, 6)), max_size=25))
def test_labels_never_cover_each_other(wanted: list[tuple[float, float, float, float]]) -> None:
    labels = Labels((0, 0, 100, 60))
    boxes = []
    for x, y, wide, high in wanted:
        spot = labels.find(x, y, wide, high, steps=3)
        if spot is not None:
            boxes.append(shapely.box(spot[0] - wide / 2, spot[1] - high / 2, spot[0] + wide / 2, spot[1] + high / 2))
    for index, box in enumerate(boxes):
        assert shapely.box(0, 0, 100, 60).buffer(1e-9).contains(box)
        assert all(box.intersection(other).area < 1e-9 for other in boxes[:index])
