"""Tables of what lies under the hazard: units, places, parcels, and who works in the invented land."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from fallow.synth.frame import Rng
from fallow.synth.names import invent
from fallow.synth.story import FIRST
from fallow.synth.units import Parcels, Places, Units
from fallow.synth.wire import MARK, Column, Table, chosen, codes, exact_counts, identifiers, measured, ref, refs, whens

COUNTRY = "SYN"
# Kinds of organisation beside the two that every programme has, most frequent first.
_OPERATORS = ("operator_ngo", "operator_commercial", "operator_ngo", "emergency_service")
_BANDS = (20_000, 5_000, 300)
_KINDS = ("city", "town", "village", "hamlet")


def unit_tables(units: Units, land: Any, country: tuple[str, str], names: list[tuple[str, str]]) -> list[Table]:
    """Return the country, the regions and the districts, so that a parent is there before its parts."""
    tables = [_country_table(units, land, country)]
    for level, word, local in ((1, "Region", "область"), (2, "District", "район")):
        rows = np.flatnonzero(units.level == level)
        columns: dict[str, Column] = {
            "identifiers": identifiers(units.codes[row] for row in rows),
            "name": [f"{names[row][0]} {word} {MARK}" for row in rows],
            "local_name": [f"{names[row][1]} {local} {MARK}" for row in rows],
            "level": [level] * len(rows),
            "parent": [ref(COUNTRY)] * len(rows) if level == 1 else refs(units.codes, units.parent[rows]),
            "population": exact_counts(units.population[rows]),
            "valid_since": whens([FIRST] * len(rows)),
        }
        day = np.full(len(rows), FIRST)
        tables.append(Table("admin_unit", columns, day, units.shapes[rows], rank=level))
    return tables


def _country_table(units: Units, land: Any, country: tuple[str, str]) -> Table:
    whole = np.empty(1, dtype=object)
    whole[0] = land
    columns: dict[str, Column] = {
        "identifiers": identifiers([COUNTRY]),
        "name": [f"{country[0]} {MARK}"],
        "local_name": [f"{country[1]} {MARK}"],
        "level": [0],
        "population": exact_counts([int(units.population[units.level == 1].sum())]),
        "valid_since": whens([FIRST]),
    }
    return Table("admin_unit", columns, np.array([FIRST]), whole)


def place_codes(places: Places) -> list[str]:
    """Return the issued code of each place."""
    return codes("PL", len(places.population))


def place_table(places: Places, units: Units, names: list[tuple[str, str]]) -> Table:
    """Return settlements as points."""
    band = np.select([places.population >= limit for limit in _BANDS], [0, 1, 2], 3)
    columns: dict[str, Column] = {
        "identifiers": identifiers(place_codes(places)),
        "name": [f"{english} {MARK}" for english, _ in names],
        "local_name": [f"{ukrainian} {MARK}" for _, ukrainian in names],
        "kind": [_KINDS[one] for one in band],
        "population": exact_counts(places.population),
        "unit": refs(units.codes, places.district),
    }
    day = np.full(len(names), FIRST)
    return Table("place", columns, day, np.asarray(shapely.points(places.points)), rank=3)


def parcel_table(parcels: Parcels, places: Places, units: Units, rng: Rng) -> Table:
    """Return cadastral parcels; the stated area is rounded to a square metre, as cadastres do."""
    count = len(parcels.place)
    middle = shapely.get_coordinates(shapely.point_on_surface(parcels.shapes))
    land_use = ("cropland", "pasture", "orchard", "forest", "residential", "unused", "irrigated_cropland")
    columns: dict[str, Column] = {
        "identifiers": identifiers(codes("PC", count)),
        "land_use": chosen(land_use, count, rng, (0.4, 0.15, 0.1, 0.1, 0.12, 0.08, 0.05)),
        "area": measured(shapely.area(parcels.shapes), "m2", decimals=0),
        "unit": refs(units.codes, units.locate(middle[:, 0], middle[:, 1])),
        "place": refs(place_codes(places), parcels.place),
    }
    return Table("parcel", columns, np.full(count, FIRST), parcels.shapes, rank=4)


def organisation_tables(areas: int, country: tuple[str, str], rng: Rng) -> tuple[Table, Table, Table]:
    """Return (organisations, those that are parts of one, teams of the operators)."""
    operators = int(np.clip(2 + areas // 40, 3, 12))
    names = [f"National Mine Action Authority of {country[0]} {MARK}", f"Mine Action Centre of {country[0]} {MARK}"]
    names.append(f"Land Administration of {country[0]} {MARK}")
    names += [f"{english} Clearance {MARK}" for english, _ in invent(operators, rng)]
    kinds = ["national_authority", "mine_action_centre", "local_government"]
    kinds += [_OPERATORS[row % len(_OPERATORS)] for row in range(operators)]
    issued = codes("ORG", len(names))
    parent = np.array([-1, 0, 0] + [-1] * operators)
    day = np.full(len(names), FIRST)
    columns: dict[str, Column] = {
        "identifiers": identifiers(issued),
        "name": list(names),
        "kind": list(kinds),
        "parent": refs(issued, parent),
    }
    organisations = Table("organisation", columns, day, rank=5)
    first, second = (organisations.take(np.flatnonzero((parent >= 0) == part)) for part in (False, True))
    second.rank = 6  # parts of the authority come in when it is there

    per = np.clip(rng.integers(1, 5, operators) + areas // 20_000, 1, 9)
    owner = np.repeat(np.arange(operators) + 3, per)
    columns = {
        "identifiers": identifiers(codes("TM", len(owner))),
        "name": [f"Team {row + 1} {MARK}" for row in range(len(owner))],
        "organisation": refs(issued, owner),
        "kind": chosen(("survey", "manual clearance", "mechanical", "disposal"), len(owner), rng),
    }
    return first, second, Table("team", columns, np.full(len(owner), FIRST), rank=7)
