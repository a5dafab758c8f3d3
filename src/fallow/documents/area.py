"""The sheet of one hazardous area, A4: map, turning points, status, evidence, releases, finds, history."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from fallow.documents import area_facts as facts
from fallow.documents import area_tables as tables
from fallow.documents import reading
from fallow.documents.area_map import HAZARD_STYLES, area_map
from fallow.documents.basis import Basis, notice_note, notices, read_basis
from fallow.documents.errors import NoSuchArea
from fallow.documents.ground import Box, Closed, closed_ground, local_balance
from fallow.documents.html import sheet_name
from fallow.documents.map_frame import Frame
from fallow.documents.map_model import MapData, Style
from fallow.documents.model import (
    Block,
    Cell,
    Document,
    Joined,
    Label,
    Note,
    Picture,
    Quantity,
    Section,
)
from fallow.documents.model import mark as _
from fallow.documents.source import DocumentSource

if TYPE_CHECKING:
    from fallow.records import Snapshot, Versions

_AREA = "hazardous_area"

FOOT = _(
    "This sheet says what is recorded, as known at the checkpoint above. Ground outside the outlines is not assessed. "
    "Released ground is released for the stated class, depth and date only."
)


def build_area(
    source: DocumentSource, entity: str, *, true: dt.date | None = None, known: int | dt.date | None = None
) -> Document:
    """Build the sheet of one area.

    Args:
        source: the register.
        entity: entity id of the hazardous area.
        true: the day for which the sheet holds; None: the latest state.
        known: place or day in the acceptance log; None: everything accepted.

    Raises:
        NoSuchArea: the register knows no such area on that day and at that checkpoint.
    """
    basis = read_basis(source, true, known)
    seq = None if known is None else basis.point.seq
    snapshot = source.snapshot(true, seq)
    rows = snapshot.of(_AREA)
    if entity not in rows:
        raise NoSuchArea(entity=entity, day=basis.day.isoformat(), checkpoint=basis.point.seq)
    index = rows.ids().index(entity)
    row, shape = rows.rows()[index], rows.shapes()[index]
    versions = source.versions(_AREA, seq)
    name = reading.identifiers(row, entity)
    return Document(
        kind="area",
        name=sheet_name(entity),
        title=_("Hazardous area {name}", {"name": name}),
        subtitle=basis.state,
        register=basis.info.name,
        basis=basis.facts(),
        sections=tuple(_sections(source, snapshot, versions, basis, _Area(entity, row, shape))),
        records={(_AREA, entity): reading.line(_AREA, entity, row)},
        notices=notices(basis.info),
        synthetic=basis.info.synthetic,
        sensitivity="operational",
        dated=basis.dated,
        identifier=f"area {entity} {basis.identifier}",
        foot=(FOOT,),
        head=basis.point.head,
    )


class _Area(NamedTuple):
    """The area of the sheet: entity id, values, shape in WGS 84 or None."""

    entity: str
    row: reading.Row
    shape: Any


def _sections(
    source: DocumentSource, snapshot: Snapshot, versions: Versions, basis: Basis, area: _Area
) -> list[Section]:
    entity, row, shape = area
    outline = tables.rings(shape, facts.surveyed(row, shape)) if shape is not None else []
    linked = _Linked(snapshot, entity, shape)
    face: list[Block] = [facts.axes(row)]
    if (conflict := _conflicts(row)) is not None:
        face.append(conflict)
    if shape is not None and not shape.is_empty:
        drawn, frame = area_map(
            snapshot,
            entity,
            row,
            shape,
            outline=outline,
            earlier=_earlier(versions, entity, shape),
            equal_area=basis.info.equal_area,
            closed=lambda box: _closed(source, versions, basis, box),
            synthetic=basis.info.synthetic,
        )
        face.append(Picture("area", drawn, (*_release_note(drawn), *_north_notes(frame, basis.day))))
    else:
        face.append(
            Note((_("No position of this area is recorded: it cannot be drawn and may lie anywhere."),), kind="warning")
        )
    found = linked.sorted("evidence")
    history = tables.history(versions, entity)
    released = linked.sorted("release_product")
    return [
        Section("face", None, tuple(face)),
        Section(
            "identity",
            _("Outline and turning points"),
            (facts.measures(row, shape, basis.info.equal_area), facts.turning(row, outline), *facts.positions(row)),
            new_page=True,
        ),
        Section("attributes", _("Other attributes"), facts.attributes(snapshot, row)),
        Section("evidence", _("Evidence"), (tables.evidence(found, "for"), tables.evidence(found, "against"))),
        Section(
            "found",
            _("Releases, finds, accidents, marking"),
            (
                tables.releases(released, linked.areas("release_product", basis.info.equal_area)),
                tables.items(linked.sorted("item_found")),
                tables.accidents(linked.sorted("accident")),
                tables.marking(linked.sorted("marking")),
            ),
        ),
        Section("history", history.title, (history,)),
        Section("boundary", _("What this sheet does not say"), (_boundary(), *notice_note(basis.info))),
        Section("basis", _("What this sheet rests on"), (basis.facts(),)),
    ]


def _conflicts(row: reading.Row) -> Note | None:
    conflicts = row.get("_conflicts")
    if not conflicts:
        return None
    fields = tuple(Label(f"field:{_AREA}", str(each["field"])) for each in conflicts)
    return Note(
        (
            _(
                "Two people changed this record apart, in: {fields}. Until someone decides, the worse of both is "
                "shown: the union of the outlines, the higher classification, all classes.",
                {"fields": Joined(fields)},
            ),
        ),
        _("Unresolved conflict"),
        "warning",
    )


def _release_note(drawn: MapData) -> tuple[Cell, ...]:
    if Style.RELEASED_EDGE not in drawn.styles or not set(drawn.styles) & set(HAZARD_STYLES.values()):
        return ()
    return (
        _(
            "Where dots lie over hatched hazard, the release leaves a recorded class or depth open, states no depth, "
            "or is older than the hazard: that ground is open."
        ),
    )


def _north_notes(frame: Frame, day: dt.date) -> tuple[Cell, ...]:
    from fallow.geodesy import convergence, declination
    from fallow.geodesy.errors import NoDeclination

    lon, lat = frame.centre
    turn = convergence(lon, lat, frame.crs)
    lines: list[Cell] = [
        _(
            "The arrow points to true north. At the centre of the map grid north lies {angle} of true north.",
            {"angle": _angle(turn)},
        )
    ]
    try:
        angle, model = declination(lon, lat, day)
    except NoDeclination:
        lines.append(_("Magnetic declination on {day}: no model covers this day.", {"day": day}))
    else:
        lines.append(
            _(
                "On {day} magnetic north lies {angle} of true north there ({model}); "
                "measure again before using a compass.",
                {"day": day, "angle": _angle(angle), "model": model},
            )
        )
    return tuple(lines)


def _angle(degrees: float) -> Cell:
    size: dict[str, Cell] = {"degrees": Quantity(abs(degrees), "", 1)}
    return _("{degrees}° east", size) if degrees >= 0 else _("{degrees}° west", size)


def _closed(source: DocumentSource, areas: Versions, basis: Basis, box: Box) -> Closed:
    """Return the ground around that the ledger holds open in no layer on the sheet's day."""
    drawn = local_balance(
        areas,
        source.versions("release_product", basis.point.seq),
        equal_area=basis.info.equal_area,
        booking_basis=basis.info.booking_basis,
        day=basis.day,
        box=box,
    )
    return closed_ground(drawn, basis.day)


def _earlier(versions: Versions, entity: str, shape: Any) -> list[Any]:
    """Return earlier outlines of the area that differ from the one in force."""
    found: list[Any] = []
    for each, old in zip(versions.entity, versions.geometry, strict=True):
        other = each == entity and old is not None and shapely.get_dimensions(old) == 2
        if other and not any(shapely.equals_exact(old, known) for known in (shape, *found)):
            found.append(old)
    return found


def _boundary() -> Note:
    return Note(
        (
            _("It does not say anything about ground outside the outlines. That ground is not assessed."),
            _("It does not say that ground may be used. The authority decides that, in writing, for a named use."),
            _(
                "A release says that land was cancelled, reduced or cleared for the stated contamination class, depth "
                "and date. It says nothing about other classes, greater depth or later events."
            ),
            _("Positions are as accurate as the survey and the coordinate operation. A corner may lie metres away."),
            _("What was reported but not approved, and what checks hold back, is not part of the tables."),
            _("Time that passed changed nothing here: neither status nor area."),
        ),
        None,
        "boundary",
    )


class _Linked:
    """Records that belong to an area: linked to it, or lying on its ground where they name no area."""

    def __init__(self, snapshot: Snapshot, entity: str, shape: Any) -> None:
        self.snapshot, self.entity, self.shape = snapshot, entity, shape
        self.cache: dict[str, list[tuple[str, reading.Row, Any]]] = {}

    def found(self, record: str) -> list[tuple[str, reading.Row, Any]]:
        """Return (entity id, values, shape), ordered by issued identifier."""
        if record not in self.cache:
            chosen = [each for each in reading.standing(self.snapshot, record) if self._belongs(each[1], each[2])]
            self.cache[record] = sorted(chosen, key=lambda each: (reading.identifiers(each[1], each[0]), each[0]))
        return self.cache[record]

    def sorted(self, record: str) -> list[tuple[str, reading.Row]]:
        return [(entity, row) for entity, row, _shape in self.found(record)]

    def areas(self, record: str, equal_area: str) -> list[float | None]:
        from fallow.geodesy import area_m2

        shapes = np.empty(len(self.found(record)), dtype=object)
        shapes[:] = [shape for *_rest, shape in self.found(record)]
        return [None if np.isnan(area) else float(area) for area in area_m2(shapes, equal_area)]

    def _belongs(self, row: reading.Row, shape: Any) -> bool:
        named = reading.ref(row.get("area"))
        if named is not None:
            return named == self.entity
        if self.shape is None or shape is None:
            return False
        if not shapely.intersects(self.shape, shape):
            return False
        # A neighbour that shares a boundary only does not lie on this ground.
        return shapely.get_dimensions(shape) < 2 or not shapely.touches(self.shape, shape)
