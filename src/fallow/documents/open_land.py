"""What is open on a day, from the ledger: the totals count nothing that the balance does not hold."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from fallow.documents import reading
from fallow.documents.basis import Basis
from fallow.documents.source import DocumentSource

if TYPE_CHECKING:
    from fallow.ledger import Balance, Units
    from fallow.records import Snapshot

ANY = "any"
RELEASES = ("cancelled", "reduced", "cleared")


class OpenCell(NamedTuple):
    """Open ground of one unit, contamination class and classification.

    Args:
        unit: entity id of the unit, None for ground in no unit or where there are no units.
        contamination: class, or ``any`` for the union over all classes.
        classification: worst classification of the ground.
        number: how many areas are open.
        m2: their ground, each square metre once.
        areas: entity ids of the areas whose ground it is.
        counted: entity ids of the areas that are counted here: most of their ground lies in this unit.
        releases: entity ids of the products that ever released ground of this unit and class.
    """

    unit: str | None
    contamination: str
    classification: str
    number: int
    m2: float
    areas: tuple[str, ...]
    counted: tuple[str, ...]
    releases: tuple[str, ...]


def draw_open(source: DocumentSource, snapshot: Snapshot, basis: Basis, level: int | None) -> Balance:
    """Draw up the ledger from the beginning of time to the end of the basis' day.

    Args:
        source: the register.
        snapshot: the register on that day, for its units.
        basis: day and checkpoint.
        level: level of the units; None: the widest with several units.
    """
    from fallow.ledger import balance

    return balance(
        source.versions("hazardous_area", basis.point.seq),
        source.versions("release_product", basis.point.seq),
        units=units_of(snapshot, level),
        equal_area=basis.info.equal_area,
        # From the beginning of time: the lines then name every release that made the open ground what it is.
        periods=[(dt.date.min, basis.day + dt.timedelta(days=1))],
        booking_basis=basis.info.booking_basis,
    )


def open_cells(drawn: Balance) -> list[OpenCell]:
    """Return what is open at the close of a balance, over all depth bands."""
    # Ground may have been released under another classification than it would have now.
    released: dict[tuple[str | None, str], set[str]] = {}
    for row in drawn.footprint:
        found = released.setdefault((row.cell.unit, row.cell.contamination), set())
        found.update(each for line in RELEASES for each in drawn.records(row, line))
    cells = []
    for row in drawn.footprint:
        if row.number.get("closing") or row.ground.get("closing"):
            cells.append(
                OpenCell(
                    row.cell.unit,
                    row.cell.contamination,
                    row.cell.classification,
                    row.number.get("closing", 0),
                    row.m2("closing"),
                    tuple(drawn.records(row, "closing")),
                    tuple(drawn.records(row, "closing", number=True)),
                    tuple(sorted(released[row.cell.unit, row.cell.contamination])),
                )
            )
    return cells


def units_of(snapshot: Snapshot, level: int | None) -> Units | None:
    """Return the administrative units of one level; None when the register draws none.

    Args:
        snapshot: the register on the day.
        level: the level; None: the widest (smallest number) that has several units.
    """
    from fallow.ledger import Units

    found = [
        each
        for each in reading.standing(snapshot, "admin_unit")
        if each[2] is not None and shapely.get_dimensions(each[2]) == 2 and not each[2].is_empty
    ]
    levels: dict[int, int] = {}
    for _entity, row, _shape in found:
        number = row.get("level")
        if isinstance(number, int):
            levels[number] = levels.get(number, 0) + 1
    if level is None and levels:
        level = min((number for number, size in levels.items() if size > 1), default=max(levels))
    chosen = [each for each in found if each[1].get("level") == level]
    if not chosen:
        return None
    shapes = np.empty(len(chosen), dtype=object)
    shapes[:] = [shape for *_rest, shape in chosen]
    names = [reading.text(row.get("name")) or reading.identifiers(row, entity) for entity, row, _shape in chosen]
    return Units([entity for entity, *_rest in chosen], names, shapes)
