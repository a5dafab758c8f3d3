"""``fallow at``: what is recorded here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fallow.cli.common import (
    BadValue,
    JsonOption,
    KnownOption,
    LangOption,
    RegisterOption,
    TrueOption,
    begin,
    console,
    day,
    knowledge,
    moment,
    opened,
    plain,
    put_json,
    wants_json,
)
from fallow.cli.common import text as _


def at(
    point: Annotated[
        str | None, typer.Argument(help="longitude,latitude in WGS 84, or x,y with --crs.", show_default=False)
    ] = None,
    polygon: Annotated[
        str | None, typer.Option("--polygon", help="A polygon: WKT, or a GeoJSON file.", show_default=False)
    ] = None,
    parcel: Annotated[
        str | None,
        typer.Option("--parcel", help="A parcel of the register: cadastral number or UUID.", show_default=False),
    ] = None,
    crs: Annotated[str, typer.Option("--crs", help="Reference system of the point or polygon.")] = "EPSG:4326",
    true: TrueOption = None,
    known: KnownOption = None,
    register: RegisterOption = None,
    json_: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what is recorded at a point, polygon or parcel, with the date of knowledge. A blank place is not assessed."""
    begin(json_, lang)
    from fallow.register import at as answer

    if sum(item is not None for item in (point, polygon, parcel)) != 1:
        raise BadValue(option="POINT", value="", wanted=_("one of: a point, --polygon, --parcel"))
    with opened(register) as land:
        if parcel is not None:
            uuid, record = land.find(parcel)
            snapshot = land.snapshot()
            if record != "parcel" or snapshot.shapes(record)[snapshot.ids(record).index(uuid)] is None:
                raise BadValue(option="--parcel", value=parcel, wanted=_("a parcel with an outline"))
            shape = snapshot.shapes(record)[snapshot.ids(record).index(uuid)]
        else:
            shape = _shape(point, polygon, crs)
        found = answer(land, shape, true=day(true, "--true"), known=knowledge(known))
    if wants_json():
        put_json(found)
        return
    _say(found)


def _shape(point: str | None, polygon: str | None, crs: str) -> Any:
    import numpy as np
    import shapely

    from fallow.geodesy import transform_shapes

    try:
        if point is not None:
            x, y = (float(part) for part in point.split(","))
            shape = shapely.Point(x, y)
        elif polygon is not None and polygon.lstrip()[:1].isalpha() and not Path(polygon).is_file():
            shape = shapely.from_wkt(polygon)
        else:
            shape = _from_geojson(Path(str(polygon)))
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise BadValue(option="POINT", value=str(point or polygon)[:80], wanted="x,y / WKT / GeoJSON") from error
    if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        raise BadValue(option="POINT", value=str(point or polygon)[:80], wanted="x,y / WKT / GeoJSON")
    array = np.empty(1, dtype=object)
    array[0] = shape
    moved = transform_shapes(array, crs)[0][0]
    west, south, east, north = moved.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadValue(option="POINT", value=str(point or polygon)[:80], wanted=_("a place on Earth: longitude first"))
    return moved


def _from_geojson(path: Path) -> Any:
    import json

    import shapely
    from shapely.geometry import shape as made

    if not path.is_file() or path.stat().st_size > 10_000_000:
        raise ValueError(path)
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.get("type") == "FeatureCollection":
        return shapely.union_all([made(item["geometry"]) for item in data["features"]])
    return made(data["geometry"] if data.get("type") == "Feature" else data)


def _say(found: dict[str, Any]) -> None:
    from fallow.cli.wording import record_label, value

    out = console()
    titles = {
        "recorded_hazard": _("RECORDED HAZARD"),
        "not_assessed": _("NOT ASSESSED"),
        "released": _("RELEASED, as far as class, depth and date below say"),
    }
    out.print(plain(" · ".join(titles[state] for state in found["states"])), style="bold")
    if found["synthetic"]:
        out.print(_("SYNTHETIC: an invented land."), style="bold")
    if found["states"] == ["not_assessed"]:
        out.print(
            _("No record meets this place. That says what is not known; it does not say that there is no hazard.")
        )
    for record, entries in found["here"].items():
        for entry in entries:
            out.print(plain(f"{record_label(record)}: {entry['title']}  {entry['entity']}"))
            facts = [
                f"{value_label}: {value(record, name, entry[name])}"
                for name in entry
                if name not in ("record", "entity", "title", "_conflicts") and (value_label := _label(record, name))
            ]
            out.print(plain("    " + "; ".join(facts)), style="dim")
            if "_conflicts" in entry:
                out.print(plain("    " + _("in conflict: the worse stands")), style="bold")
    for entry in found["near"]:
        out.print(
            plain(
                _("{metres} m away: {record} {title}").format(
                    metres=entry["distance_m"],
                    record=record_label(entry["record"]),
                    title=entry["title"] or entry["entity"],
                )
            ),
            style="dim",
        )
    for entry in found["unverified"]:
        out.print(
            plain(
                _("UNVERIFIED report: {record} {title}").format(
                    record=record_label(entry["record"]), title=entry["title"]
                )
            )
        )
    out.print(
        _(
            "As known at checkpoint {seq}, {at}. {held} rows are held and {hidden} records have no place; they may lie here."
        ).format(
            seq=found["known_seq"], at=moment(found["known_at"]), held=found["held"], hidden=found["without_place"]
        ),
        style="dim",
    )


def _label(record: str, name: str) -> str:
    from fallow.cli.wording import field_label

    return field_label(record, name)
