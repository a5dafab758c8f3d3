"""Wire values of records as text on a terminal, in the reader's language."""

from __future__ import annotations

from typing import Any

from fallow.cli.common import language
from fallow.cli.common import text as _


def field_label(record: str, name: str) -> str:
    """Return a field's label; a name that no definition has is shown as it stands."""
    from fallow.terms import record_definitions

    definition = record_definitions().get(record)
    item = None if definition is None else definition.fields.get(name)
    return name if item is None else item.labels.get(language(), name)


def record_label(record: str) -> str:
    """Return a record type's label."""
    from fallow.terms import record_definitions

    definition = record_definitions().get(record)
    return record if definition is None else definition.labels.get(language(), record)


def code(list_name: str | None, value: Any) -> str:
    """Return a code's label; an unknown code is shown as it stands."""
    from fallow.terms import code_list, label

    if list_name is None or not isinstance(value, str) or value not in code_list(list_name):
        return str(value)
    return label(list_name, value, language())


def value(record: str, name: str, wire: Any) -> str:
    """Return one value as text."""
    from fallow.terms import record_definitions

    definition = record_definitions().get(record)
    item = None if definition is None else definition.fields.get(name)
    return _shown(wire, None if item is None else item.list)


def _shown(wire: Any, list_name: str | None) -> str:
    if wire is None:
        return ""
    if isinstance(wire, bool):
        return code("yes_no_unknown", "yes" if wire else "no")
    if isinstance(wire, str):
        return code(list_name, wire)
    if isinstance(wire, list):
        return ", ".join(_shown(item, list_name) for item in wire)
    if not isinstance(wire, dict):
        return str(wire)
    if "absent" in wire:
        return code("absence", wire["absent"])
    if "sealed" in wire:
        return _("sealed")
    if "unit" in wire and "value" in wire:
        from fallow.i18n import format_number

        shown = f"{format_number(wire['value'], language())} {code('unit', wire['unit'])}"
        return shown if not wire.get("datum") else f"{shown} ({code('depth_datum', wire['datum'])})"
    if "low" in wire and "high" in wire:
        if wire["high"] is None:
            return f"≥ {wire['low']}"
        return str(wire["low"]) if wire["low"] == wire["high"] else f"{wire['low']}–{wire['high']}"
    if "precision" in wire or "from" in wire or "to" in wire:
        from fallow.i18n import format_date

        return format_date(wire, language())
    if "digest" in wire or "both" in wire:
        return _geometry(wire)
    if "ref" in wire or "typed" in wire:
        return str(wire.get("typed") or wire.get("ref"))
    if "issuer" in wire:
        return f"{wire['issuer']}:{wire['value']}" if wire.get("issuer") else str(wire["value"])
    return ", ".join(f"{name}: {_shown(part, name)}" for name, part in wire.items())


def _geometry(wire: dict[str, Any]) -> str:
    if "both" in wire:
        return _("two outlines in conflict; the union stands")
    crs = wire.get("crs") or "EPSG:4326"
    operation = wire.get("operation") or {}
    if operation.get("accuracy_m"):
        return _("outline in {crs}, ± {metres} m by its operation").format(crs=crs, metres=operation["accuracy_m"])
    return _("outline in {crs}").format(crs=crs)
