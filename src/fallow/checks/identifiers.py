"""Issued identifiers: borne by several rows, held already, or written with blanks."""

from __future__ import annotations

from fallow.checks.columns import positions_of
from fallow.checks.registration import Found, check
from fallow.checks.view import View
from fallow.records.batch import Severity

_MOST_NAMED = 5


@check("check.duplicate_identifier", Severity.WARNING, alone=False)
def duplicate_identifier(view: View, found: Found) -> None:
    """Several rows of a batch bear one issued identifier."""
    for (issuer, value), members in positions_of(view.identifiers).items():
        if not isinstance(members, list) or len(members) < 2:
            continue
        numbers = sorted(int(view.batch.rows[index]) for index in members)
        for index in members:
            # One more than is named, so that the row's own number can drop out.
            others = [number for number in numbers[: _MOST_NAMED + 1] if number != int(view.batch.rows[index])]
            found(
                index,
                field="identifiers",
                value=value,
                issuer=issuer or None,
                others=[f"#{number}" for number in others[:_MOST_NAMED]],
                count=len(members),
            )


@check("check.identifier_known", Severity.WARNING)
def identifier_known(view: View, found: Found) -> None:
    """The register holds a record with this identifier: the row will be proposed as its update."""
    existing = view.context.existing.get(view.record)
    if existing is None:
        return
    named: dict[int, str] = {}
    if view.same_as:
        for (issuer, value), owner in zip(view.identifiers.keys, view.identifiers.owners, strict=True):
            if owner in view.same_as and (issuer, value) in existing.by_identifier:
                named.setdefault(owner, value)
    for index, positions in view.same_as.items():
        names = sorted(existing.label(position) for position in positions)
        found(index, field="identifiers", value=named[index], others=names[:_MOST_NAMED], count=len(positions))


@check("check.identifier_blanks", Severity.WARNING)
def identifier_blanks(view: View, found: Found) -> None:
    """An issued identifier with blanks around it: two spellings of one number would be two records."""
    for index in dict.fromkeys(view.identifiers.padded):
        wire = view.column("identifiers")[index]
        entries = wire if isinstance(wire, list) else []
        trimmed = [
            entry | {"value": entry["value"].strip()}
            if isinstance(entry, dict) and isinstance(entry.get("value"), str)
            else entry
            for entry in entries
        ]
        padded, cut = next(
            (before["value"], after["value"])
            for before, after in zip(entries, trimmed, strict=True)
            if isinstance(before, dict) and isinstance(after, dict) and before != after
        )
        found(index, field="identifiers", value=padded, repair={"identifiers": trimmed}, trimmed=cut)
