"""The whole invented land in memory: ground, hazard, work and harm, as tables of wire values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fallow.synth import ground_rows, harm_rows, hazard_rows, use_rows, work_rows
from fallow.synth.coast import draw_coast
from fallow.synth.frame import Frame, stream
from fallow.synth.hazard_rows import Ground
from fallow.synth.names import invent
from fallow.synth.story import Areas, Events, draw_areas, tell
from fallow.synth.units import Parcels, draw_parcels, draw_places, draw_units, whole_land
from fallow.synth.wire import Table, codes


@dataclass(frozen=True)
class Drawing:
    """An invented land.

    Args:
        seed: the seed it was drawn from.
        country: name in English and Ukrainian.
        frame: metre frame that all shapes are in.
        land: coast, as a polygon or multipolygon.
        ground: units and places.
        parcels: cadastral parcels.
        areas: hazardous areas with the state after all events.
        events: work done.
        tables: all records, in no particular order.
    """

    seed: int
    country: tuple[str, str]
    frame: Frame
    land: Any
    ground: Ground
    parcels: Parcels
    areas: Areas
    events: Events
    tables: list[Table]


def draw(seed: int, count: int) -> Drawing:
    """Draw a land with ``count`` hazardous areas (and a few more for duplicates and re-opened land)."""
    frame = Frame.for_areas(count)
    land = draw_coast(frame, stream(seed, "coast"))
    units = draw_units(frame, land, count, stream(seed, "units"))
    land = whole_land(units)
    places = draw_places(units, land, count, stream(seed, "places"))
    parcels = draw_parcels(places, land, count, stream(seed, "parcels"))
    wanted = 1 + len(units.codes) + len(places.population)
    country, *names = invent(wanted, stream(seed, "names"))
    place_names = names[len(units.codes) :]
    ground = Ground(frame, units, places, ground_rows.place_codes(places), place_names)

    areas = draw_areas(land, count, seed)
    events = tell(areas, seed)
    issued = codes("HA", count)
    organisations, parts, teams = ground_rows.organisation_tables(count, country, stream(seed, "organisations"))
    work = work_rows.assign(areas, events, issued, teams, stream(seed, "work"))
    products, released = work_rows.product_table(areas, work, stream(seed, "products"))
    tables = [
        *ground_rows.unit_tables(units, land, country, names),
        ground_rows.place_table(places, units, place_names),
        ground_rows.parcel_table(parcels, places, units, stream(seed, "cadastre")),
        organisations,
        parts,
        teams,
        hazard_rows.area_table(ground, areas, issued, stream(seed, "surveys")),
        *hazard_rows.duplicate_tables(ground, areas, issued, stream(seed, "duplicates")),
        *hazard_rows.change_tables(areas, events, issued, stream(seed, "changes")),
        *hazard_rows.evidence_tables(areas, events, issued, stream(seed, "evidence")),
        hazard_rows.marking_table(areas, issued, stream(seed, "marking")),
        use_rows.use_table(ground, areas, land, stream(seed, "use")),
        *work_rows.task_tables(areas, work, organisations.codes[0], stream(seed, "tasks")),
        work_rows.activity_table(areas, work, teams.codes, stream(seed, "activities")),
        work_rows.searched_table(areas, work, stream(seed, "search")),
        products,
        work_rows.item_table(areas, work, stream(seed, "items")),
        harm_rows.accident_table(ground, areas, issued, land, stream(seed, "accidents")),
        *harm_rows.re_opened_tables(ground, areas, work, released, stream(seed, "re-opened")),
    ]
    return Drawing(seed, country, frame, land, ground, parcels, areas, events, [one for one in tables if len(one)])


def place_on_earth(drawing: Drawing) -> None:
    """Move the shapes of all tables from the frame's metres to WGS 84; what rounding pinched is mended."""
    from fallow.synth.shapes import tidy

    for table in drawing.tables:
        if table.shapes is not None:
            table.shapes = tidy(drawing.frame.to_lonlat(np.asarray(table.shapes, dtype=object)))
