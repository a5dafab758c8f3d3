"""The tables of an area's sheet: turning points, evidence, releases, finds, accidents, marking, history."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from fallow import terms
from fallow.documents import reading
from fallow.documents.model import Cell, Column, Joined, Label, Quantity, Row, Table, Verbatim
from fallow.documents.model import mark as _
from fallow.documents.reading import Row as Record

if TYPE_CHECKING:
    from fallow.records import Versions

XY = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring of an outline.

    Args:
        name: letter of the ring, empty when the outline has one ring only.
        hole: it bounds ground that is left out.
        wgs84: (n, 2) longitude, latitude of its turning points; the closing point is left out.
        surveyed: (n, 2) coordinates as surveyed, easting or longitude first; None when they are not at hand.
    """

    name: str
    hole: bool
    wgs84: XY
    surveyed: XY | None

    def number(self, index: int) -> str:
        """Return the number of a turning point, from 0."""
        return f"{self.name}{index + 1}"


def rings(shape: Any, surveyed: Any = None) -> list[Ring]:
    """Return the rings of a polygon in their stored order, each from its stored first point.

    Args:
        shape: outline in WGS 84.
        surveyed: the same outline as surveyed, point for point.
    """
    outlines = _loops(shape)
    others = _loops(surveyed) if surveyed is not None else []
    fits = len(others) == len(outlines) and all(
        len(own[0]) == len(other[0]) for own, other in zip(outlines, others, strict=False)
    )
    return [
        Ring(
            _letters(index) if len(outlines) > 1 else "",
            hole,
            points,
            others[index][0] if fits else None,
        )
        for index, (points, hole) in enumerate(outlines)
    ]


def _loops(shape: Any) -> list[tuple[XY, bool]]:
    loops: list[tuple[XY, bool]] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            loops.append((shapely.get_coordinates(part.exterior)[:-1], False))
            loops += [(shapely.get_coordinates(hole)[:-1], True) for hole in part.interiors]
    return loops


def _letters(index: int) -> str:
    first, rest = divmod(index, 26)
    return (string.ascii_uppercase[first - 1] if first else "") + string.ascii_uppercase[rest]


def turning_points(outline: Sequence[Ring], system: Cell, projected: bool, notes: tuple[Cell, ...]) -> Table:
    """Return the table of turning points, as surveyed and in WGS 84."""
    from fallow.geodesy import format_position

    decimals = 2 if projected else 7
    rows: list[Row] = []
    for ring in outline:
        if ring.name:
            name: dict[str, Cell] = {"name": ring.name}
            hole, outer = _("Ring {name}: ground inside is left out", name), _("Ring {name}: outer boundary", name)
            rows.append(Row((hole if ring.hole else outer,), "group"))
        for index, (lon, lat) in enumerate(ring.wgs84):
            typed: tuple[Cell, Cell] = (_("not at hand"), _("not at hand"))
            if ring.surveyed is not None:
                x, y = (float(value) for value in ring.surveyed[index])
                typed = (Quantity(x, "", decimals), Quantity(y, "", decimals))
            rows.append(
                Row(
                    (
                        ring.number(index),
                        *typed,
                        Verbatim(format_position(float(lon), float(lat), "decimal")),
                        Verbatim(format_position(float(lon), float(lat), "dms")),
                    )
                )
            )
    heads = (_("Easting, m"), _("Northing, m")) if projected else (_("Longitude, °"), _("Latitude, °"))
    return Table(
        "turning",
        _("Turning points, surveyed in {system}", {"system": system}),
        (
            Column(_("No."), narrow=True),
            Column(heads[0], number=True),
            Column(heads[1], number=True),
            Column(_("WGS 84: latitude, longitude"), number=True),
            Column(_("WGS 84 in degrees, minutes, seconds"), number=True),
        ),
        tuple(rows),
        _("No turning points are recorded: only a point or an estimate of the area is known."),
        notes,
        dense=True,
        compact=True,
        group=_("Ring"),
    )


def evidence(found: Sequence[tuple[str, Record]], polarity: str) -> Table:
    """Return the evidence for or against hazard."""
    title = _("Evidence for hazard") if polarity == "for" else _("Evidence against hazard")
    empty = (
        _("No evidence for hazard is recorded. This does not mean that there is none.")
        if polarity == "for"
        else _("No evidence against hazard is recorded.")
    )
    rows = tuple(
        Row(
            (
                reading.identifiers(row, entity),
                reading.code("evidence_kind", row.get("kind")),
                reading.when(row.get("event_date")),
                reading.code("directness", row.get("directness")),
                reading.code("known_how", row.get("known_how")),
                Joined(
                    (
                        reading.code("source_reliability", row.get("source_reliability")),
                        reading.code("information_reliability", row.get("information_reliability")),
                    ),
                    "; ",
                ),
            )
        )
        for entity, row in found
        if row.get("polarity", "for") == polarity
    )
    columns = (
        Column(_("Identifiers"), code=True),
        Column(_("Kind")),
        Column(_("Date")),
        Column(_("Direct or not")),
        Column(_("Known how")),
        Column(_("Reliability: source; information")),
    )
    return Table(f"evidence-{polarity}", title, columns, rows, empty)


def releases(found: Sequence[tuple[str, Record]], areas: Sequence[float | None]) -> Table:
    """Return the release products on the ground of the area; a clearance always with class and depth."""
    rows = tuple(
        Row(
            (
                reading.identifiers(row, entity),
                reading.code("release_kind", row.get("kind")),
                reading.codes("contamination_class", row.get("contamination")),
                reading.depth(row),
                reading.when(row.get("end")),
                reading.when(row.get("decided")),
                _size(row, area),
                reading.text(row.get("limited_to")) or _("no limit stated"),
            )
        )
        for (entity, row), area in zip(found, areas, strict=True)
    )
    columns = (
        Column(_("Identifiers"), code=True),
        Column(_("Kind")),
        Column(_("Contamination class")),
        Column(_("Depth")),
        Column(_("Work ended")),
        Column(_("Decided")),
        Column(_("Surveyed area"), number=True),
        Column(_("Limited to")),
    )
    return Table(
        "releases",
        _("Releases recorded on this ground"),
        columns,
        rows,
        _("No release is recorded on this ground."),
        (_("A release holds for the stated class, depth and date only, and for the stated ground only."),)
        if rows
        else (),
    )


def _size(row: Record, area: float | None) -> Cell:
    if area is not None and area > 0:
        return Quantity(area, "m2")
    return reading.measured(row.get("quantity"))


def items(found: Sequence[tuple[str, Record]]) -> Table:
    """Return the items found in the area."""
    rows = tuple(
        Row(
            (
                reading.identifiers(row, entity),
                reading.item_words(row),
                reading.count(row.get("count")),
                reading.when(row.get("found")),
                reading.measured(row.get("depth")),
                reading.code("ordnance_condition", row.get("condition")),
                reading.code("disposal", row.get("disposal")),
            )
        )
        for entity, row in found
    )
    columns = (
        Column(_("Identifiers"), code=True),
        Column(_("Item")),
        Column(_("Number"), number=True),
        Column(_("Found")),
        Column(_("Depth")),
        Column(_("Condition")),
        Column(_("Disposal")),
    )
    return Table(
        "items",
        _("Items found here"),
        columns,
        rows,
        _("No item found is recorded here. This does not mean that there is none in the ground."),
    )


def accidents(found: Sequence[tuple[str, Record]]) -> Table:
    """Return the accidents and incidents in the area, without anything about persons but their number."""
    rows = tuple(
        Row(
            (
                reading.identifiers(row, entity),
                reading.code("incident_kind", row.get("kind")),
                reading.when(row.get("date")),
                reading.code("contamination_class", row.get("contamination")),
                _harmed(row),
            )
        )
        for entity, row in found
    )
    columns = (
        Column(_("Identifiers"), code=True),
        Column(_("Kind")),
        Column(_("Date")),
        Column(_("Contamination class")),
        Column(_("Casualties")),
    )
    return Table(
        "accidents",
        _("Accidents and incidents here"),
        columns,
        rows,
        _("No accidents are recorded here. This does not mean that none happened."),
    )


def _harmed(row: Record) -> Cell:
    casualties = row.get("casualties")
    if (gap := reading.missing(casualties)) is not None:
        return gap
    totals: dict[str, list[int | None]] = {}
    for group in casualties or ():
        count = reading.span(group.get("count"))
        outcome = group.get("outcome") or "unknown"
        low, high = totals.setdefault(outcome, [0, 0])
        upper = None if count is None or count.high is None or high is None else high + count.high
        totals[outcome] = [(low or 0) + (count.low if count else 0), upper]
    from fallow.documents.model import Span

    parts = tuple(
        _(
            "{outcome}: {count}",
            {"outcome": Label("casualty_outcome", outcome), "count": Span(int(low or 0), high)},
        )
        for outcome in terms.code_list("casualty_outcome")
        if outcome in totals
        for low, high in [totals[outcome]]
    )
    return Joined(parts, "; ") if parts else Label("absence", "unknown")


def marking(found: Sequence[tuple[str, Record]]) -> Table:
    """Return the marking in the field."""
    rows = tuple(
        Row(
            (
                reading.identifiers(row, entity),
                reading.code("marking_kind", row.get("kind")),
                reading.when(row.get("installed")),
                reading.when(row.get("checked")),
                reading.code("marking_status", row.get("state")),
            )
        )
        for entity, row in found
    )
    columns = (
        Column(_("Identifiers"), code=True),
        Column(_("Kind")),
        Column(_("Installed")),
        Column(_("Last checked")),
        Column(_("State when checked")),
    )
    return Table("marking", _("Marking in the field"), columns, rows, _("No marking is recorded."))


def history(versions: Versions, entity: str) -> Table:
    """Return what changed, when it was decided and accepted, and by whom it was entered and approved."""
    rows = []
    for index, each in enumerate(versions.entity):
        if each != entity:
            continue
        changed = tuple(Label("field:hazardous_area", name) for name in versions.changed[index])
        act: Cell = reading.code("act_kind", versions.act_kind[index])
        if versions.lowering[index]:
            act = _("{act} (lowers recorded hazard)", {"act": act})
        reason = versions.reason[index]
        rows.append(
            Row(
                (
                    Quantity(int(versions.seq[index])),
                    versions.decided[index],
                    versions.accepted[index].date(),
                    act,
                    reading.code("lowering_reason", reason) if reason else "–",
                    Joined(changed),
                    versions.entered_by[index],
                    versions.approved_by[index],
                )
            )
        )
    columns = (
        Column(_("No."), number=True),
        Column(_("Decided"), narrow=True),
        Column(_("Accepted"), narrow=True),
        Column(_("Act")),
        Column(_("Reason")),
        Column(_("What changed")),
        Column(_("Entered by")),
        Column(_("Approved by")),
    )
    return Table(
        "history",
        _("History of this record"),
        columns,
        tuple(rows),
        _("No version is recorded."),
        (_("Nothing is overwritten: earlier versions stay in the register. No. is the place in its acceptance log."),),
        dense=True,
    )
