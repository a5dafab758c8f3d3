"""Value types with parts: links, issued identifiers, positions, stored geometry, casualties, sealed values.

Each reads and writes its wire form. What the wire leaves out stays out, so that reading and writing give back the
same wire value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from fallow.records.batch import Operation
from fallow.records.values import Count, Wire


@dataclass(frozen=True, slots=True)
class Ref:
    """A link to an entity of the register, or, before it is resolved, the identifier that was typed.

    Args:
        entity: UUID of the entity, or None while unresolved.
        typed: the identifier as it came.
        issuer: who issued that identifier.
    """

    entity: str | None = None
    typed: str | None = None
    issuer: str | None = None

    def __post_init__(self) -> None:
        if not (self.entity or self.typed):
            raise ValueError("a link needs an entity or an identifier")

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: ref, typed, issuer (empty parts left out)."""
        return _kept({"ref": self.entity, "typed": self.typed, "issuer": self.issuer})

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(wire.get("ref"), wire.get("typed"), wire.get("issuer"))


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that a body issued to a record; never used again.

    Args:
        issuer: the body.
        value: the number as issued.
        since: ISO date since when it is valid, or None.
        until: ISO date of its last day, or None.
    """

    issuer: str
    value: str
    since: str | None = None
    until: str | None = None

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: issuer, value, from, to (empty dates left out)."""
        return _kept({"issuer": self.issuer, "value": self.value, "from": self.since, "to": self.until})

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(wire["issuer"], wire["value"], wire.get("from"), wire.get("to"))


@dataclass(frozen=True, slots=True)
class Position:
    """A coordinate as it was typed and, where it could be worked out, in WGS 84.

    Args:
        typed: the text as it came; never changed.
        lon: longitude in degrees (WGS 84), or None.
        lat: latitude in degrees (WGS 84), or None.
        crs: the reference system of ``typed``, or None when the source names none.
        operation: the operation that led to ``lon`` and ``lat``.
    """

    typed: str | None
    lon: float | None = None
    lat: float | None = None
    crs: str | None = None
    operation: Operation | None = None

    def __post_init__(self) -> None:
        if self.typed is None and self.lon is None:
            raise ValueError("a position needs a text or a coordinate")
        if (self.lon is None) != (self.lat is None):
            raise ValueError("a position with one coordinate")
        if self.lon is not None and self.lat is not None and not (abs(self.lon) <= 180 and abs(self.lat) <= 90):
            raise ValueError(f"longitude {self.lon}, latitude {self.lat}")

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: typed, lon, lat, crs, operation (empty parts left out)."""
        operation = self.operation.wire() if self.operation else None
        return _kept({"typed": self.typed, "lon": self.lon, "lat": self.lat, "crs": self.crs, "operation": operation})

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(
            wire.get("typed"),
            wire.get("lon"),
            wire.get("lat"),
            wire.get("crs"),
            _operation(wire.get("operation")),
        )


@dataclass(frozen=True, slots=True)
class Geometry:
    """What a record stores of its shape; the shape itself travels beside it.

    Args:
        digest: SHA-256 (hex) of the little-endian 2D WKB in WGS 84, longitude first; None while in conflict.
        surveyed: digest of the WKB as surveyed, in ``crs``; equal to ``digest`` when no operation was needed.
        crs: reference system of the survey.
        operation: the operation from ``crs`` to WGS 84.
        both: shapes that stand side by side until a conflict is decided.
        joined: how they count until then: ``union`` of hazard, ``least`` of what lowers it.
    """

    digest: str | None
    surveyed: str | None = None
    crs: str | None = None
    operation: Operation | None = None
    both: tuple[Geometry, ...] = ()
    joined: str | None = None

    def __post_init__(self) -> None:
        if (self.digest is None) == (not self.both):
            raise ValueError("a geometry is one shape or shapes in conflict")

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: digest, surveyed, crs, operation, or both and joined (empty parts left out)."""
        operation = self.operation.wire() if self.operation else None
        both = [part.wire() for part in self.both] or None
        parts = {"digest": self.digest, "surveyed": self.surveyed, "crs": self.crs, "operation": operation}
        return _kept({**parts, "both": both, "joined": self.joined})

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(
            wire.get("digest"),
            wire.get("surveyed"),
            wire.get("crs"),
            _operation(wire.get("operation")),
            tuple(cls.from_wire(part) for part in wire.get("both", ())),
            wire.get("joined"),
        )


@dataclass(frozen=True, slots=True)
class Casualties:
    """A number of people harmed, or not, of one sex and age.

    Args:
        count: how many.
        outcome: code of ``casualty_outcome``.
        sex: code of ``sex``, or None when not stated.
        age_band: code of ``age_band``, or None when not stated.
    """

    count: Count
    outcome: str | None = None
    sex: str | None = None
    age_band: str | None = None

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: sex, age_band, outcome, count (empty parts left out)."""
        return _kept({"sex": self.sex, "age_band": self.age_band, "outcome": self.outcome, "count": self.count.wire()})

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(Count.from_wire(wire["count"]), wire.get("outcome"), wire.get("sex"), wire.get("age_band"))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A personal value that was taken out at intake: where it is kept, and its salted digest.

    Args:
        seal: id of the sealed value.
        digest: salted SHA-256 (hex).
    """

    seal: str
    digest: str

    def wire(self) -> dict[str, Wire]:
        """Return the wire form: sealed, digest."""
        return {"sealed": self.seal, "digest": self.digest}

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Read the wire form."""
        return cls(wire["sealed"], wire["digest"])


def _kept(parts: dict[str, Wire]) -> dict[str, Wire]:
    return {name: part for name, part in parts.items() if part is not None}


def _operation(wire: dict[str, Any] | None) -> Operation | None:
    return None if wire is None else Operation(wire["name"], wire["code"], wire["accuracy_m"])
