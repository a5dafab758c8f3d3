"""What a sheet says of its area beside the tables of its records: status, measures, positions, other attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from fallow import terms
from fallow.documents import area_tables as tables
from fallow.documents import reading
from fallow.documents.area_map import system_name
from fallow.documents.model import Block, Cell, Facts, Joined, Label, Note, Quantity, Table, Verbatim
from fallow.documents.model import mark as _
from fallow.records.values import Measured, absence

if TYPE_CHECKING:
    from fallow.records import Snapshot

_AREA = "hazardous_area"


# Shown in the grid under the title, or by tables of their own.
_AXES = ("classification", "contamination", "work_status", "qc_status", "marking_status", "handover_date")


_ELSEWHERE = {*_AXES, "geometry", "identifiers", "name", "record_status", "synthetic", "typed_area", "reported_area"}


_SHOWN_CLASSES = ("public", "operational")


def axes(row: reading.Row) -> Facts:
    """Return name, classification and the separate axes of status."""
    handover = row.get("handover_date")
    return Facts(
        "axes",
        columns=3,
        pairs=(
            (Label("field:hazardous_area", "name"), reading.text(row.get("name")) or Label("absence", "not_asked")),
            (
                Label("field:hazardous_area", "classification"),
                reading.code("classification", row.get("classification")),
            ),
            (
                Label("field:hazardous_area", "contamination"),
                reading.codes("contamination_class", row.get("contamination")),
            ),
            (_("Depth of the hazard"), _depths(row)),
            (Label("field:hazardous_area", "work_status"), reading.code("work_status", row.get("work_status"))),
            (Label("field:hazardous_area", "qc_status"), reading.code("qc_status", row.get("qc_status"))),
            (
                Label("field:hazardous_area", "marking_status"),
                reading.code("marking_status", row.get("marking_status")),
            ),
            (
                Label("field:hazardous_area", "handover_date"),
                reading.when(handover) if absence(handover) is None else _("no handover is recorded"),
            ),
            (
                Label("field:hazardous_area", "record_status"),
                reading.code("record_status", row.get("record_status", "current")),
            ),
            (
                Label("field:hazardous_area", "date_of_information"),
                reading.when(row.get("date_of_information")),
            ),
        ),
    )


def _depths(row: reading.Row) -> Cell:
    shallow, deep = row.get("depth_from"), row.get("depth_to")
    if absence(shallow) is not None and absence(deep) is not None:
        return _("not known: every depth counts as hazard")
    known: list[Any] = [wire for wire in (shallow, deep) if absence(wire) is None]
    datums = {Measured.from_wire(wire).datum for wire in known}
    values: dict[str, Cell] = {
        "shallow": _plain(shallow) if absence(shallow) is None else _("the surface"),
        "deep": _plain(deep) if absence(deep) is None else _("an unknown depth"),
    }
    datum = datums.pop()
    if datums or datum is None:
        return _("{shallow} to {deep}", values)
    return _("{shallow} to {deep} ({datum})", values | {"datum": Label("depth_datum", datum)})


def _plain(wire: Any) -> Quantity:
    value = Measured.from_wire(wire)
    return Quantity(value.value, value.unit, None)


def measures(row: reading.Row, shape: Any, equal_area: str) -> Facts:
    """Return the areas of the outline, as measured and as stated, and the issued identifiers."""
    from fallow.geodesy import area_m2, geodesic_area_m2

    pairs: list[tuple[Cell, Cell]] = []
    if shape is not None and shapely.get_dimensions(shape) == 2:
        shapes = np.array([shape], dtype=object)
        pairs.append((_("Area of the outline"), Quantity(float(area_m2(shapes, equal_area)[0]), "m2")))
        pairs.append((_("For information: area on the ellipsoid"), Quantity(float(geodesic_area_m2(shapes)[0]), "m2")))
    else:
        pairs.append((_("Area of the outline"), _("no outline is recorded")))
    pairs.append((Label("field:hazardous_area", "typed_area"), reading.measured(row.get("typed_area"))))
    pairs.append((Label("field:hazardous_area", "reported_area"), reading.measured(row.get("reported_area"))))
    issued = row.get("identifiers")
    for each in issued if isinstance(issued, list) else []:
        pairs.append(
            (_("Identifier issued by {issuer}", {"issuer": str(each.get("issuer") or "?")}), str(each.get("value")))
        )
    return Facts("measures", tuple(pairs))


def _geometry(row: reading.Row) -> Mapping[str, Any]:
    wire = row.get("geometry")
    return wire if isinstance(wire, Mapping) and "digest" in wire else {}


def surveyed(row: reading.Row, shape: Any) -> Any:
    """Return the outline as surveyed: as it stands, or carried back by the operation that brought it to WGS 84."""
    from fallow.geodesy import WGS84, projector_for

    wire = _geometry(row)
    crs = wire.get("crs")
    if not wire or crs in {None, WGS84} or wire.get("surveyed") in {None, wire["digest"]}:
        return shape if wire else None
    operation = (wire.get("operation") or {}).get("code")
    west, south, east, north = shape.bounds
    projector = projector_for(str(crs), (west, south, east, north), operation)
    return shapely.transform(shape, lambda xy: projector.points(xy, inverse=True))


def turning(row: reading.Row, outline: Sequence[tables.Ring]) -> Table:
    """Return the table of turning points with its reference system and operation."""
    from fallow.geodesy import WGS84, resolve_crs

    wire = _geometry(row)
    crs = str(wire.get("crs") or WGS84)
    notes: list[Cell] = []
    operation = wire.get("operation")
    if operation and operation.get("name") != "none":
        accuracy = operation.get("accuracy_m")
        notes.append(
            _(
                "To WGS 84 by: {name} ({code}), accuracy {accuracy}.",
                {
                    "name": str(operation.get("name")),
                    "code": str(operation.get("code") or "–"),
                    "accuracy": Quantity(float(accuracy), "m", 1)
                    if accuracy is not None
                    else _("not stated by its source"),
                },
            )
        )
        notes.append(_("The coordinates as surveyed are carried back from WGS 84 by the same operation."))
    elif wire:
        notes.append(_("Surveyed in WGS 84: no coordinate operation was needed."))
    else:
        notes.append(_("The reference system of the survey is not recorded."))
    notes.append(_("The accuracy of the survey itself is stated only where a point table gives it."))
    return tables.turning_points(outline, system_name(crs), resolve_crs(crs).is_projected, tuple(notes))


def positions(row: reading.Row) -> tuple[Facts, ...]:
    """Return reference point and benchmark, as typed and in WGS 84."""
    from fallow.geodesy import format_position

    pairs: list[tuple[Cell, Cell]] = []
    for name in ("reference_point", "benchmark"):
        wire: Any = row.get(name)
        label = Label("field:hazardous_area", name)
        if (gap := reading.missing(wire)) is not None:
            pairs.append((label, gap))
            continue
        parts: list[Cell] = []
        if wire.get("typed"):
            parts.append(_("as typed: {text} ({crs})", {"text": wire["typed"], "crs": str(wire.get("crs") or "?")}))
        if wire.get("lon") is not None:
            parts.append(Verbatim(format_position(float(wire["lon"]), float(wire["lat"]), "decimal")))
        pairs.append((label, Joined(tuple(parts), "; ")))
    return (Facts("positions", tuple(pairs)),)


def attributes(snapshot: Snapshot, row: reading.Row) -> tuple[Block, ...]:
    """Return the other fields that may be shown, and the names of those that are empty."""
    definition = terms.record_definitions()[_AREA]
    shown: list[tuple[Cell, Cell]] = []
    empty: list[Cell] = []
    for name, field in definition.fields.items():
        if name in _ELSEWHERE or field.sensitivity not in _SHOWN_CLASSES or field.type in {"position", "table"}:
            continue
        wire = row.get(name)
        if absence(wire) is None:
            shown.append((Label(f"field:{_AREA}", name), _attribute(snapshot, field.type, field.list, wire)))
        else:
            empty.append(Label(f"field:{_AREA}", name))
    blocks: list[Block] = [Facts("attributes", tuple(shown))] if shown else []
    if empty:
        blocks.append(Note((Joined(tuple(empty)),), _("Not recorded")))
    return tuple(blocks)


def _attribute(snapshot: Snapshot, kind: str, list_name: str | None, wire: Any) -> Cell:
    if kind == "ref" and (entity := reading.ref(wire)) is not None:
        for record in ("admin_unit", "place"):
            rows = snapshot.of(record)
            if entity in rows:
                return Joined((reading.title(record, rows.row(entity)), reading.identifiers(rows.row(entity), entity)))
    return reading.by_type(kind, list_name, wire)
