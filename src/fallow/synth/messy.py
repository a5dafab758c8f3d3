"""Untidy files of the invented land: what arrives in real life, each with what must be found in it.

The faults stand in fixed rows, the ground under them is drawn at random. Profiles lie beside the files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from fallow.records.batch import Shapes
from fallow.synth.drawing import Drawing
from fallow.synth.files import texts, write_geojson, write_layer, write_shapefile, write_text_table, write_workbook
from fallow.synth.frame import ISSUER, Floats, Ints, Rng, stream
from fallow.synth.manifest import Expected, MessyFacts
from fallow.synth.shapes import moved, outlines
from fallow.synth.units import scatter
from fallow.synth.wire import REMARK

WORD = "SYNTHETIC"
# Systems in which old columns stand. The second has an ellipsoid and no datum: nothing published leads from it to
# WGS 84, and nobody may guess.
WGS72 = "EPSG:32225"
OLD_SYSTEM = "+proj=tmerc +lat_0=0 +lon_0=-33 +k=1 +x_0=500000 +y_0=0 +ellps=krass +units=m +no_defs +type=crs"


@dataclass(frozen=True)
class _Desk:
    """What the writers of untidy files have at hand."""

    drawing: Drawing
    folder: Path
    sub: str
    rng: Rng

    def path(self, name: str) -> Path:
        return self.folder / self.sub / name

    def ground(self, count: int, size: float = 12_000) -> tuple[Floats, Shapes]:
        """Return middles and outlines at random, in metres, well inland."""
        middle = scatter(shapely.buffer(self.drawing.land, -2_500), count, self.rng)
        return middle, outlines(middle, self.rng.uniform(0.6, 1.6, count) * size, self.rng)

    def earth(self, shapes: Any) -> Shapes:
        return self.drawing.frame.to_lonlat(np.asarray(shapes, dtype=object))

    def unit_codes(self, middle: Floats) -> list[str]:
        units = self.drawing.ground.units
        return [units.codes[row] for row in units.locate(middle[:, 0], middle[:, 1])]

    def facts(
        self, name: str, record: str, what: str, rows: int, expect: Sequence[tuple[str, int]], **more: str
    ) -> MessyFacts:
        findings = tuple(Expected(code, row) for code, row in expect)
        profile = more.pop("profile", "")
        if profile:
            body = resources.files("fallow.synth").joinpath("profiles", profile).read_bytes()
            self.path(profile).write_bytes(body)
            profile = f"{self.sub}/{profile}"
        return MessyFacts(f"{self.sub}/{name}", record, what, rows, profile, expect=findings, **more)


def write_messy(drawing: Drawing, folder: Path, sub: str) -> list[MessyFacts]:
    """Write the untidy files into ``folder/sub`` and return what the manifest says of them."""
    makers = (_semicolons, _other_system, _old_system, _title_rows, _truncated, _swapped, _broken, _accidents)
    return [maker(_Desk(drawing, folder, sub, stream(drawing.seed, f"messy{maker.__name__}"))) for maker in makers]


def _comma(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace(".", ",")


def _semicolons(desk: _Desk) -> MessyFacts:
    """Semicolons, decimal commas, CP1251, Ukrainian headings; a day to come and a status that no list has."""
    middle, _ = desk.ground(8)
    lonlat = shapely.get_coordinates(desk.earth(shapely.points(middle)))
    status = ["ПНР", "Підтверджений НР", "ознака", "ПНР", "ПНР", "червоний", "Підтверджений НР", "ПНР"]
    kinds = ["протипіхотні міни", "касетні боєприпаси", "невідомо", "протипіхотні міни, протитранспортні міни",
             "інші боєприпаси", "протипіхотні міни", "невідомо", "касетні боєприпаси"]  # fmt: skip
    days = ["03.2023", "12.04.2023", "2022", "31.12.2099", "07.2024", "01.02.2024", "2021..2022", "15.09.2023"]
    size = desk.rng.uniform(0.05, 9.0, 8)
    rows = [
        [f"М-{row + 1}/23", f"{WORD} ділянка {row + 1}", status[row], kinds[row], _comma(lonlat[row, 0], 6),
         _comma(lonlat[row, 1], 6), _comma(size[row], 2), days[row], f"{WORD}: вигадана країна"]
        for row in range(8)
    ]  # fmt: skip
    head = ["Номер", "Назва", "Статус", "Вид забруднення", "Довгота", "Широта", "Площа, га", "Дата", "Примітки"]
    write_text_table(desk.path("areas_semicolon.csv"), head, rows, sign=";", encoding="cp1251")
    return desk.facts(
        "areas_semicolon.csv",
        "hazardous_area",
        "Semicolons, decimal commas, CP1251, hectares; row 5 is dated in the future, row 7 has an unknown status.",
        8,
        [("check.date_in_future", 5), ("check.unknown_code", 7)],
        profile="areas_semicolon.toml",
    )


def _use_rows(places: Floats) -> list[list[str]]:
    laid = ["2019-04-17", "05.2021", "2018..2020", "..2017", "spring, perhaps", "2020", "11.03.2022", "2016-09"]
    types = ["ap_mine_self_destruct", "ap_mine_persistent", "av_mine_persistent", "submunition",
             "ap_mine_self_destruct", "av_mine_self_destruct", "ap_mine_self_destruct", "unknown"]  # fmt: skip
    pieces = ["40", "20-30", "~12", "", "60", "many", "8", "?"]
    lives = ["48 h", "", "", "", "4 год", "15 діб", "5 d", ""]
    lots = ["SYN-LOT-1", "", "SYN-LOT-3", "", "", "SYN-LOT-6", "", "—"]
    numbers = ["U-1", "U-2", "U-3", "U-4", "U-5", "U-6", "U-6", "U-8"]
    return [
        [numbers[row], laid[row], types[row], pieces[row], lots[row], lives[row], f"{x:.1f}", f"{y:.1f}", WORD]
        for row, (x, y) in enumerate(places)
    ]


_USE_HEAD = ["Rec no", "Laid", "Type", "Pieces", "Lot", "Life", "X", "Y", "Remark"]


def _other_system(desk: _Desk) -> MessyFacts:
    """Use records with columns in another datum and zone; vague, lacking and contradicting entries."""
    from pyproj import Transformer

    middle, _ = desk.ground(8)
    lonlat = shapely.get_coordinates(desk.earth(shapely.points(middle)))
    x, y = Transformer.from_crs("EPSG:4326", WGS72, always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    write_text_table(
        desk.path("use_other_system.csv"),
        _USE_HEAD,
        _use_rows(np.column_stack([x, y])),
        sign=",",
        encoding="utf-8",
    )
    return desk.facts(
        "use_other_system.csv",
        "use_record",
        "Columns in WGS 72 / UTM 25N; row 6 has a date in prose, row 7 a count in words, rows 7 and 8 one number.",
        8,
        [("check.unreadable_value", 6), ("check.unreadable_value", 7), ("check.duplicate_identifier", 7),
         ("check.duplicate_identifier", 8)],
        profile="use_other_system.toml",
    )  # fmt: skip


def _old_system(desk: _Desk) -> MessyFacts:
    """The same form in a system of which only the ellipsoid is known: refused, not guessed."""
    from pyproj import Transformer

    middle, _ = desk.ground(8)
    lonlat = shapely.get_coordinates(desk.earth(shapely.points(middle)))
    plain = Transformer.from_crs("+proj=longlat +ellps=krass +no_defs", OLD_SYSTEM, always_xy=True)
    x, y = plain.transform(lonlat[:, 0], lonlat[:, 1])
    rows = _use_rows(np.column_stack([x, y]))
    write_text_table(desk.path("use_old_system.csv"), _USE_HEAD, rows, sign=",", encoding="utf-8")
    return desk.facts(
        "use_old_system.csv",
        "use_record",
        "A Gauss-Krueger system on the Krassovsky ellipsoid with no datum: no operation leads to WGS 84.",
        8,
        [],
        profile="use_old_system.toml",
        refused="geodesy.no_operation",
    )


def _whole_areas(drawing: Drawing, count: int) -> Ints:
    """Return areas with a polygon, first those on which nothing was ever released; in a small land some may repeat."""
    areas = drawing.areas
    touched = {area for area, shape in zip(drawing.events.area, drawing.events.product, strict=True) if shape}
    drawn = np.flatnonzero(~areas.point_only)
    order = np.argsort([row in touched for row in drawn], kind="stable")
    return np.resize(drawn[order], count)


def _title_rows(desk: _Desk) -> MessyFacts:
    """Releases in a workbook with titles above the headings; one far off its area, one before its survey."""
    drawing = desk.drawing
    rows = _whole_areas(drawing, 4)
    issued = [code for table in drawing.tables if table.record == "hazardous_area" and table.rank == 10
              for code in table.codes]  # fmt: skip
    inner = shapely.buffer(drawing.areas.outline[rows], -8.0)
    inner = np.array([max(shapely.get_parts(shape), key=lambda part: part.area) for shape in inner], dtype=object)
    shapes = inner.copy()
    shapes[1] = moved(inner[1:2], np.array([[350.0, 420.0]]))[0]
    found = [dt.date.fromordinal(int(drawing.areas.found[row])) for row in rows]
    ends = [day + dt.timedelta(days=180) for day in found]
    ends[2] = found[2] - dt.timedelta(days=400)
    depth = ["20 cm", "0.2 m", "20 cm", None]
    quantity = ["", "", "3 dunam", ""]
    wkt = shapely.to_wkt(desk.earth(shapes), rounding_precision=7)
    sheet: list[list[Any]] = [
        [f"{WORD}: releases of the invented land"],
        ["Sheet for the quarterly meeting; not checked"],
        [],
        ["No", "Area", "Kind", "Contamination", "Depth", "Quantity", "End of work", "Shape", "Remark"],
    ]
    for row in range(len(rows)):
        sheet.append([f"X-{row + 1}", issued[rows[row]], "Cleared", "AP mines", depth[row], quantity[row], ends[row],
                      wkt[row], WORD])  # fmt: skip
    write_workbook(desk.path("releases_titled.xlsx"), "Releases", sheet)
    return desk.facts(
        "releases_titled.xlsx",
        "release_product",
        "Titles above the headings; row 6 lies far outside its area, row 7 ends before the survey and has an unknown "
        "unit, row 8 states no depth.",
        4,
        [("check.product_outside_area", 6), ("check.unreadable_value", 7), ("check.release_before_survey", 7),
         ("check.depth_missing", 8)],
        profile="releases_titled.toml",
    )  # fmt: skip


def _truncated(desk: _Desk) -> MessyFacts:
    """Finds in a shapefile: names cut to ten letters, no file that names the system."""
    middle, _ = desk.ground(6)
    days = ["2024-03-02", "2024-03-05", "2097-03-05", "2024-04", "05.04.2024", "2024-04-30"]
    what = ["ap_mine_persistent", "submunition", "uxo_mortar", "uxo_grenade", "rusty thing", "av_mine_persistent"]
    columns = {
        "find_numbe": texts([f"F-{row}" for row in range(1, 7)]),
        "ordnance_c": texts(what),
        "quantity_f": np.array([1, 1, 2, 1, 1, 1], dtype=np.int64),
        "date_found": texts(days),
        "depth_in_c": np.array([5.0, 0.0, 12.0, 3.0, 0.0, 20.0]),
        "remark_of_": texts([WORD] * 6),
    }
    desk.path("finds").mkdir(exist_ok=True)
    write_shapefile(desk.path("finds/finds.shp"), columns, desk.earth(shapely.points(middle)))
    return desk.facts(
        "finds/finds.shp",
        "item_found",
        "Names cut to ten letters, no reference system; row 3 is dated in the future, row 5 has an unknown code.",
        6,
        [("check.date_in_future", 3), ("check.unknown_code", 5)],
        profile="finds.toml",
        refused="exchange.crs_missing",
        crs="EPSG:4326",
    )


def _swapped(desk: _Desk) -> MessyFacts:
    """Areas as GeoJSON with latitude first."""
    _, shapes = desk.ground(5)
    lonlat = desk.earth(shapes)
    flipped = shapely.transform(lonlat, lambda xy: xy[:, ::-1])
    properties = [
        {"identifiers": f"{ISSUER}:SW-{row}", "classification": "sha", "contamination": "av_mine", "synthetic": True,
         "date_of_information": "2025-02", "remarks": REMARK}
        for row in range(1, 6)
    ]  # fmt: skip
    write_geojson(desk.path("areas_swapped.geojson"), properties, flipped)
    return desk.facts(
        "areas_swapped.geojson",
        "hazardous_area",
        "Latitude and longitude are exchanged in every row.",
        5,
        [("check.swapped_axes", row) for row in range(1, 6)],
    )


def _broken(desk: _Desk) -> MessyFacts:
    """Areas in the register's own columns with one fault each."""
    middle, shapes = desk.ground(10)
    units = desk.unit_codes(middle)
    east = desk.drawing.land.bounds[2]
    shapes[6] = moved(shapes[6:7], np.array([[east + 9_000 - middle[6, 0], 0.0]]))[0]
    shapes[3] = shapes[0]
    lonlat = desk.earth(shapes)
    lonlat[1] = _crossed(lonlat[1])
    size = shapely.area(shapes)
    codes = [f"BR-{row}" for row in range(1, 11)]
    codes[3], units[3] = codes[0], units[0]
    units[5] = _far_unit(desk, middle[5])
    columns = {
        "identifiers": texts([f"{ISSUER}:{code}" for code in codes]),
        "date_of_information": texts(["2025-01-15"] * 2 + ["2098-01-15"] + ["2025-01-15"] * 7),
        "remarks": texts([REMARK] * 10),
        "synthetic": np.ones(10, dtype=bool),
        "unit": texts([f"{ISSUER}:{code}" for code in units[:9]] + [f"{ISSUER}:SYN-99-99"]),
        "classification": texts(["sha"] * 7 + [None, "sha", "cha"]),
        "contamination": texts(["ap_mine"] * 8 + ["landmines"] + ["ap_mine"]),
        "typed_area": texts([f"{value:.0f} m²" for value in size[:4]] + [f"{size[4] / 1e4:.2f} m²"] + [None] * 5),
    }
    write_layer(desk.path("areas_broken.gpkg"), "areas", columns, lonlat)
    return desk.facts(
        "areas_broken.gpkg",
        "hazardous_area",
        "Row 2 crosses itself, 3 is dated in the future, 4 repeats 1, 5 has hectares typed as square metres, 6 names "
        "a far unit, 7 lies in the sea, 8 has no class, 9 an unknown one, 10 names a unit that is not there.",
        10,
        [("check.self_crossing", 2), ("check.date_in_future", 3), ("check.duplicate_geometry", 4),
         ("check.duplicate_identifier", 4), ("check.typed_area_unit", 5), ("check.outside_unit", 6),
         ("check.outside_country", 7), ("check.required_missing", 8), ("check.unknown_code", 9),
         ("check.link_unresolved", 10)],
    )  # fmt: skip


def _crossed(shape: Any) -> Any:
    """Return a polygon whose ring crosses itself: two corners typed in the wrong order."""
    ring = shapely.get_coordinates(shape)
    corners = ring[:-1].copy()
    for first in range(1, len(corners) - 2):
        tried = corners.copy()
        tried[[first, first + 2]] = tried[[first + 2, first]]
        polygon = shapely.Polygon(tried)
        if not polygon.is_valid:
            return polygon
    return shapely.Polygon(corners[[0, 2, 1, *range(3, len(corners))]])


def _far_unit(desk: _Desk, middle: Floats) -> str:
    """Return the code of the district whose middle is farthest from a point."""
    units = desk.drawing.ground.units
    centres = shapely.get_coordinates(shapely.centroid(units.shapes[units.districts]))
    far = int(np.argmax(np.hypot(*(centres - middle).T)))
    return str(units.codes[units.districts[far]])


def _accidents(desk: _Desk) -> MessyFacts:
    """Accidents with people counted in columns; a day that does not exist."""
    middle, _ = desk.ground(5)
    lonlat = shapely.get_coordinates(desk.earth(shapely.points(middle)))
    days = ["14.05.2023", "2024-02-30", "08.2022", "19.11.2024", "2023"]
    killed = ["1", "", "0", "", "2"]
    men, girls = ["1", "2", "", "1", ""], ["", "1", "", "", "1"]
    rows = [
        [f"A-{row + 1}", days[row], f"{lonlat[row, 1]:.5f}", f"{lonlat[row, 0]:.5f}", killed[row], men[row], girls[row],
         WORD]
        for row in range(5)
    ]  # fmt: skip
    head = ["Case", "Date", "Lat", "Lon", "Men killed", "Men injured", "Girls injured", "Remark"]
    write_text_table(desk.path("accidents.csv"), head, rows, sign=",", encoding="utf-8")
    return desk.facts(
        "accidents.csv",
        "accident",
        "People counted in columns by sex and age; row 3 has a day that does not exist.",
        5,
        [("check.unreadable_value", 3)],
        profile="accidents.toml",
    )
