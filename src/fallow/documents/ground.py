"""For drawing: which ground the ledger holds for released or withdrawn in every layer that was ever recorded there.

Hazard is drawn from the outlines of the areas. What is taken out of them is only what the ledger says is open in no
layer any more; in doubt the outline stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

if TYPE_CHECKING:
    from fallow.ledger import Balance
    from fallow.records import Versions

OPEN = frozenset(("indication", "sha", "cha"))
RELEASED = frozenset(("cancelled", "reduced", "cleared"))
# Pieces smaller than this, in mm² on paper, are traces of cutting.
_TRACE = 0.02
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Closed:
    """Ground that is open in no layer, on the equal-area plane in metres; empty polygons where there is none.

    Args:
        released: released in every layer that was recorded there.
        withdrawn: withdrawn by correction in at least one layer, which is no release.
    """

    released: Any
    withdrawn: Any

    @property
    def any(self) -> Any:
        """Both."""
        return shapely.union_all([self.released, self.withdrawn])


def closed_ground(drawn: Balance, day: dt.date) -> Closed:
    """Return the ground that is open in no layer at the end of a day."""
    faces = drawn.state_at(day)
    states: dict[int, set[str]] = {}
    shapes: dict[int, Any] = {}
    for face, state, shape in zip(faces.face.tolist(), faces.state.tolist(), faces.geometry, strict=True):
        states.setdefault(face, set()).add(state)
        shapes[face] = shape
    released = [shapes[face] for face, found in states.items() if found <= RELEASED]
    withdrawn = [shapes[face] for face, found in states.items() if "withdrawn" in found and not found & OPEN]
    return Closed(_joined(released), _joined(withdrawn))


def local_balance(
    areas: Versions, products: Versions, *, equal_area: str, booking_basis: str, day: dt.date, box: Box
) -> Balance:
    """Draw up the ledger of the records around a place, for its map.

    Args:
        areas: versions of ``hazardous_area``.
        products: versions of ``release_product``.
        equal_area: the register's equal-area system.
        booking_basis: the register's booking basis.
        day: the last day that counts.
        box: west, south, east, north in degrees; records that ever lay in it are taken whole.
    """
    from fallow.ledger import balance

    return balance(
        near(areas, box),
        near(products, box),
        equal_area=equal_area,
        periods=[(dt.date.min, day + dt.timedelta(days=1))],
        booking_basis=booking_basis,
    )


def near(versions: Versions, box: Box) -> Versions:
    """Return all versions of the records of which any version lies in a box."""
    if len(versions) == 0:
        return versions
    west, south, east, north = box
    bounds = shapely.bounds(versions.geometry)
    with np.errstate(invalid="ignore"):
        meets = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    wanted = {versions.entity[row] for row in np.flatnonzero(meets)}
    return versions.take(np.array([entity in wanted for entity in versions.entity], dtype=bool))


def open_part(outline: Any, closed: Any) -> Any:
    """Return the part of an outline outside closed ground; both in mm on paper."""
    if closed.is_empty or not shapely.intersects(outline, closed):
        return outline
    left = shapely.difference(shapely.make_valid(outline), closed)
    return shapely.MultiPolygon(_pieces(left))


def _pieces(shape: Any) -> Sequence[Any]:
    return [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == 2 and part.area > _TRACE]


def _joined(faces: list[Any]) -> Any:
    # Faces share no ground; the union only takes their common edges out of the drawing.
    joined: npt.NDArray[np.object_] | Any = shapely.union_all(faces) if faces else shapely.Polygon()
    return joined
