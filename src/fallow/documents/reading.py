"""From wire values of records to cells of a document. A missing value is shown as why it is missing, never as zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fallow import terms
from fallow.documents.model import Cell, Joined, Label, Quantity, RecordLine, Span, Vague, Verbatim
from fallow.documents.model import mark as _
from fallow.records.values import Absent, Count, Measured, absence

if TYPE_CHECKING:
    from fallow.records import Snapshot

Row = Mapping[str, Any]


def missing(wire: Any) -> Label | None:
    """Return the reason for an empty value as a label, or None if there is a value."""
    reason = absence(wire)
    return Label("absence", reason.value) if reason is not None else None


def code(list_name: str, wire: Any) -> Cell:
    """Show a coded value; a code that the list does not hold is shown as it stands."""
    if (gap := missing(wire)) is not None:
        return gap
    if str(wire) not in terms.code_list(list_name):
        return Verbatim(str(wire))
    return Label(list_name, str(wire))


def codes(list_name: str, wire: Any) -> Cell:
    """Show several coded values, sorted in the order of their list."""
    if (gap := missing(wire)) is not None:
        return gap
    values = [wire] if isinstance(wire, str) else list(wire)
    order = {name: index for index, name in enumerate(terms.code_list(list_name))}
    return Joined(tuple(code(list_name, each) for each in sorted(values, key=lambda each: (order.get(each, 99), each))))


def when(wire: Any) -> Cell:
    """Show a date as finely as it was stated."""
    if (gap := missing(wire)) is not None:
        return gap
    return Vague(wire)


def span(wire: Any) -> Span | None:
    """Return a count, or None when nobody gave one."""
    if absence(wire) is not None:
        return None
    value = Count.from_wire(wire)
    return Span(value.low, value.high)


def count(wire: Any) -> Cell:
    """Show a count."""
    return span(wire) or missing(wire)


def measured(wire: Any) -> Cell:
    """Show a measurement with its unit, its accuracy and, for depths, its datum."""
    if (gap := missing(wire)) is not None:
        return gap
    value = Measured.from_wire(wire)
    shown: Cell = Quantity(value.value, value.unit, None)
    if value.accuracy is not None:
        spread = Quantity(value.accuracy, value.unit, None)
        shown = _("{value} ± {accuracy}", {"value": shown, "accuracy": spread})
    if value.datum == "unknown":
        shown = _("{depth}, from an unknown level", {"depth": shown})
    elif value.datum is not None:
        shown = _("{depth} ({datum})", {"depth": shown, "datum": Label("depth_datum", value.datum)})
    return shown


def depth(row: Row) -> Cell:
    """Show the depth of a release; one without a depth says so."""
    wire = row.get("depth")
    if absence(wire) is None:
        return measured(wire)
    # Cancelled and reduced land may be released through the whole column; cleared land never is.
    whole = absence(wire) is Absent.NOT_APPLICABLE and row.get("kind") in {"cancelled", "reduced"}
    return _("all depths") if whole else _("depth not stated")


def depth_key(wire: Any) -> tuple[float, str]:
    """Return what tells depths apart and orders them: metres and datum; unknown depths come first."""
    if (reason := absence(wire)) is not None:
        return -1.0, reason.value
    value = Measured.from_wire(wire)
    factor = {"m": 1.0, "cm": 0.01, "km": 1000.0}.get(value.unit, 1.0)
    return round(value.value * factor, 4), value.datum or "unknown"


def ref(wire: Any) -> str | None:
    """Return the entity id that a reference names, or None while it is not resolved."""
    if isinstance(wire, Mapping) and isinstance(wire.get("ref"), str):
        return str(wire["ref"])
    return None


def identifiers(row: Row, entity: str, *, issuers: bool = False) -> str:
    """Return the issued identifiers of a record as one text; a record without any goes by its entity id."""
    issued = row.get("identifiers")
    shown = [
        f"{each['value']} ({each['issuer']})" if issuers and each.get("issuer") else str(each["value"])
        for each in (issued if isinstance(issued, list) else [])
        if isinstance(each, Mapping) and each.get("value")
    ]
    return ", ".join(shown) or entity


def short_name(row: Row, entity: str) -> str:
    """Return what stands at a record on a map: its first issued identifier, or the end of its entity id."""
    first = identifiers(row, entity).split(", ", 1)[0]
    return f"…{entity[-6:]}" if first == entity else first


def text(wire: Any) -> str | None:
    """Return a text value, or None when it is missing or sealed."""
    return wire if isinstance(wire, str) and wire.strip() else None


def title(record: str, row: Row) -> Cell:
    """Return what a record is called in a list: its name, or its kind and date."""
    if (name := text(row.get("name")) or text(row.get("title"))) is not None:
        return name
    if record == "hazardous_area":
        return code("classification", row.get("classification"))
    if record == "release_product":
        return release_words(row)
    if record == "item_found":
        return item_words(row)
    if record == "accident":
        return Joined((code("incident_kind", row.get("kind")), when(row.get("date"))))
    if record == "evidence":
        return Joined((code("evidence_kind", row.get("kind")), code("evidence_polarity", row.get("polarity"))))
    return Label("record", record)


def release_words(row: Row) -> Cell:
    """Name a release with its class; a clearance never without class and depth."""
    parts = [code("release_kind", row.get("kind")), codes("contamination_class", row.get("contamination"))]
    if row.get("kind") == "cleared":
        parts.append(depth(row))
    return Joined(tuple(parts))


def item_words(row: Row) -> Cell:
    """Name a find by its type, or by its class where the type is not known."""
    if absence(row.get("ordnance")) is None:
        return code("ordnance", row.get("ordnance"))
    return code("contamination_class", row.get("contamination"))


def line(record: str, entity: str, row: Row) -> RecordLine:
    """Return how a record is shown in a list of records."""
    return RecordLine(record, entity, identifiers(row, entity), title(record, row))


def stands(row: Row) -> bool:
    """Return whether a record stands: neither withdrawn nor merged into another."""
    return row.get("record_status") not in {"withdrawn", "merged"}


def standing(snapshot: Snapshot, record: str) -> list[tuple[str, Row, Any]]:
    """Return (entity id, values, shape) of the records of a type that stand, sorted by entity id."""
    rows = snapshot.of(record)
    found = zip(rows.ids(), rows.rows(), rows.shapes(), strict=True)
    return sorted(((entity, row, shape) for entity, row, shape in found if stands(row)), key=lambda each: each[0])


def by_type(kind: str, list_name: str | None, wire: Any) -> Cell:
    """Show a value by the type of its field."""
    if (gap := missing(wire)) is not None:
        return gap
    if kind == "code":
        return code(str(list_name), wire)
    if kind == "codes":
        return codes(str(list_name), wire)
    if kind == "when":
        return when(wire)
    if kind == "count":
        return count(wire)
    if kind == "measured":
        return measured(wire)
    if kind == "flag":
        return _("yes") if wire else _("no")
    if kind in {"integer", "number"}:
        return Quantity(float(wire), "", 0 if kind == "integer" else 2)
    if kind == "identifiers":
        return ", ".join(str(each.get("value")) for each in wire)
    if kind == "ref":
        return str(wire.get("typed") or wire.get("ref"))
    if kind == "refs":
        return ", ".join(str(each.get("typed") or each.get("ref")) for each in wire)
    return str(wire)
