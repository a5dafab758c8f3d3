"""A small register for tests: changes accepted one after another, read in two times like a real one."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from fallow.records import Snapshot, Versions
from fallow.register.views import Checkpoint

EQUAL_AREA = "+proj=laea +lat_0=49.9 +lon_0=36.3 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"


@dataclass(frozen=True)
class Info:
    id: str = "5f1c0b3a-0000-7000-8000-000000000001"
    name: str = "Register of Ostravia"
    country: str = "XA"
    equal_area: str = EQUAL_AREA
    booking_basis: str = "activity_end"
    synthetic: bool = True
    notice: str = ""


@dataclass
class Change:
    record: str
    entity: str
    patch: dict[str, Any]
    shape: Any
    decided: dt.date
    kind: str = "approve"
    reason: str | None = None
    lowering: bool = False
    valid_from: dt.date | None = None
    entered_by: str = "O. Koval"
    approved_by: str = "M. Bondar"


@dataclass
class SmallRegister:
    info: Info = field(default_factory=Info)
    changes: list[Change] = field(default_factory=list)
    unverified: dict[str, list[tuple[str, dict[str, Any], Any]]] = field(default_factory=dict)
    held: list[dict[str, Any]] = field(default_factory=list)

    def accept(
        self, record: str, entity: str, decided: dt.date, shape: Any = None, /, *, crs: str | None = None, **patch: Any
    ) -> Change:
        if shape is not None:
            digest = hashlib.sha256(shapely.to_wkb(shape, output_dimension=2, byte_order=1)).hexdigest()
            patch["geometry"] = {"digest": digest, "crs": crs or "EPSG:4326"}
        change = Change(record, entity, patch, shape, decided, valid_from=decided)
        self.changes.append(change)
        return change

    def accepted_at(self, seq: int) -> dt.datetime:
        day = max(change.decided for change in self.changes[:seq])
        return dt.datetime(day.year, day.month, day.day, 9, 30, tzinfo=dt.UTC)

    # --- what documents ask of a register ---

    def checkpoint(self, at: dt.date | int | None = None) -> Checkpoint:
        if at is None:
            seq = len(self.changes)
        elif isinstance(at, int):
            seq = at
        else:
            seq = sum(1 for n in range(1, len(self.changes) + 1) if self.accepted_at(n).date() <= at)
        head = hashlib.sha256(f"head {seq}".encode()).hexdigest()
        return Checkpoint(seq, self.accepted_at(seq) if seq else None, head if seq else "")

    def snapshot(self, true: dt.date | None = None, known: int | None = None) -> Snapshot:
        point = self.checkpoint(known)
        states: dict[str, dict[str, tuple[dict[str, Any], Any]]] = {}
        for change in self.changes[: point.seq]:
            if true is not None and change.valid_from is not None and change.valid_from > true:
                continue
            rows = states.setdefault(change.record, {})
            old, shape = rows.get(change.entity, ({}, None))
            rows[change.entity] = (old | change.patch, change.shape if change.shape is not None else shape)
        present = known is None
        return Snapshot.build(
            register_id=self.info.id,
            true=true,
            known_seq=point.seq,
            known_at=point.at,
            synthetic=self.info.synthetic,
            tables={
                record: _columns([(key, *value) for key, value in rows.items()]) for record, rows in states.items()
            },
            unverified={record: _columns(rows) for record, rows in self.unverified.items()} if present else {},
            held=self.held if present else [],
        )

    def versions(self, record: str, known: int | None = None) -> Versions:
        lines: list[tuple[int, Change, dict[str, Any], Any]] = []
        states: dict[str, tuple[dict[str, Any], Any]] = {}
        for seq, change in enumerate(self.changes, 1):
            if change.record != record or (known is not None and seq > known):
                continue
            old, shape = states.get(change.entity, ({}, None))
            state = (old | change.patch, change.shape if change.shape is not None else shape)
            states[change.entity] = state
            lines.append((seq, change, *state))
        shapes = np.empty(len(lines), dtype=object)
        shapes[:] = [line[3] for line in lines]
        return Versions(
            record=record,
            entity=[line[1].entity for line in lines],
            act=[f"act-{line[0]:04d}" for line in lines],
            act_kind=[line[1].kind for line in lines],
            reason=[line[1].reason for line in lines],
            lowering=[line[1].lowering for line in lines],
            seq=np.array([line[0] for line in lines], dtype=np.int64),
            decided=[line[1].decided for line in lines],
            accepted=[self.accepted_at(line[0]) for line in lines],
            valid_from=[line[1].valid_from for line in lines],
            valid_to=[None for _ in lines],
            state=[line[2] for line in lines],
            changed=[tuple(sorted(line[1].patch)) for line in lines],
            geometry=shapes,
            report=[None for _ in lines],
            approved_by=[line[1].approved_by for line in lines],
            entered_by=[line[1].entered_by for line in lines],
        )


def _columns(rows: list[tuple[str, dict[str, Any], Any]]) -> tuple[list[str], list[dict[str, Any]], list[bytes | None]]:
    return (
        [row[0] for row in rows],
        [row[1] for row in rows],
        [None if row[2] is None else shapely.to_wkb(row[2], output_dimension=2, byte_order=1) for row in rows],
    )


def issued(value: str, issuer: str = "OMAC") -> list[dict[str, str]]:
    return [{"issuer": issuer, "value": value}]


def day(text: str) -> dict[str, Any]:
    from fallow.records import When

    return When.parse(text).wire()


def count(text: str) -> dict[str, Any]:
    from fallow.records import Count

    return Count.parse(text).wire()


def metres(value: float, datum: str | None = None) -> dict[str, Any]:
    from fallow.records import Measured

    return Measured(value, "m", None, None, datum).wire()


def ring(lon: float, lat: float, width: float, height: float, corners: int = 9, turn: float = 0.3) -> Any:
    """An irregular polygon about ``width`` by ``height`` metres."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False) + turn
    wobble = 1 + 0.22 * np.sin(3 * angles + turn * 5) + 0.1 * np.cos(7 * angles)
    x = np.cos(angles) * width / 2 * wobble / (111_320 * np.cos(np.radians(lat)))
    y = np.sin(angles) * height / 2 * wobble / 110_900
    return shapely.Polygon(np.round(np.column_stack((lon + x, lat + y)), 7))


NORTH, SOUTH = "10000000-0000-7000-8000-00000000000a", "10000000-0000-7000-8000-00000000000b"
MILL, ORCHARD, QUARRY, WELL, GULLY = (f"20000000-0000-7000-8000-00000000000{n}" for n in range(1, 6))
LON, LAT = 36.31, 49.91


def ostravia(**info: Any) -> SmallRegister:
    """An invented district with two units, five areas, releases, finds and accidents. Filed after the 17th change."""
    own = SmallRegister(Info(**info))
    d = dt.date
    own.accept("admin_unit", NORTH, d(2024, 1, 5), shapely.box(36.20, 49.91, 36.45, 50.00), name="Pivnichna hromada",
               identifiers=issued("UA6301", "COD"), level=3)  # fmt: skip
    own.accept("admin_unit", SOUTH, d(2024, 1, 5), shapely.box(36.20, 49.83, 36.45, 49.91), name="Pivdenna hromada",
               identifiers=issued("UA6302", "COD"), level=3)  # fmt: skip
    own.accept("place", "30000000-0000-7000-8000-000000000001", d(2024, 1, 5), shapely.Point(LON + 0.004, LAT + 0.0035),
               name="Stara Balka", kind="village")  # fmt: skip
    mill = own.accept(
        "hazardous_area", MILL, d(2024, 3, 11), ring(LON, LAT + 0.001, 420, 260, 14), crs="EPSG:4326",
        identifiers=[*issued("OMAC-0101"), *issued("HZ/24/7", "operator")], name="Old mill", classification="sha",
        contamination=["ap_mine", "other_uxo"], depth_from=metres(0, "ground_surface"), depth_to=metres(0.2, "ground_surface"),
        work_status="open", qc_status="not_inspected", marking_status="partly_marked", date_of_information=day("2024-03-09"),
        surveyed_on=day("2024-03-09"), terrain="flat", land_use="cropland", unit={"ref": NORTH},
        reference_point={"typed": "49.9087, 36.3071", "lon": 36.3071, "lat": 49.9087, "crs": "EPSG:4326"},
    )  # fmt: skip
    own.accept(
        "hazardous_area", ORCHARD, d(2024, 4, 2), ring(LON + 0.0075, LAT + 0.0008, 300, 330, 10, 0.9),
        identifiers=issued("OMAC-0102"), name="Orchard by the river", classification="cha", contamination=["submunition"],
        depth_to=metres(0.5, "ground_surface"), work_status="tasked", marking_status="marked", unit={"ref": NORTH},
        date_of_information=day("2024-04"),
    )  # fmt: skip
    own.accept(
        "hazardous_area", QUARRY, d(2024, 4, 20), ring(LON + 0.03, LAT - 0.02, 900, 650, 12, 0.1),
        identifiers=issued("OMAC-0103"), classification="indication", contamination=["unknown"], work_status="open",
        unit={"ref": SOUTH}, date_of_information=day("2023..2024"),
    )  # fmt: skip
    own.accept(
        "hazardous_area", WELL, d(2024, 5, 6), shapely.Point(LON - 0.02, LAT + 0.02), identifiers=issued("OMAC-0104"),
        name="Well", classification="sha", contamination=["av_mine"], typed_area={"value": 4000, "unit": "m2"},
        unit={"ref": NORTH},
    )  # fmt: skip
    own.accept("evidence", "40000000-0000-7000-8000-000000000001", d(2024, 5, 7), shapely.Point(LON + 0.0006, LAT + 0.0013),
               identifiers=issued("EV-1"), kind="item_seen", polarity="for", directness="direct", known_how="seen",
               source_reliability="b", information_reliability="i2", event_date=day("2022-04"), area={"ref": MILL})  # fmt: skip
    own.accept("evidence", "40000000-0000-7000-8000-000000000002", d(2024, 5, 7), shapely.Point(LON - 0.0009, LAT + 0.0003),
               identifiers=issued("EV-2"), kind="cultivation", polarity="against", directness="indirect", known_how="told",
               source_reliability="c", information_reliability="i3", event_date=day("2023..2024"), area={"ref": MILL})  # fmt: skip
    own.accept("item_found", "50000000-0000-7000-8000-000000000001", d(2024, 6, 1), shapely.Point(LON + 0.0013, LAT + 0.0016),
               identifiers=issued("IT-1"), contamination="ap_mine", count=count("3"), found=day("2024-05-30"),
               depth=metres(0.08, "ground_surface"), area={"ref": MILL})  # fmt: skip
    own.accept("item_found", "50000000-0000-7000-8000-000000000002", d(2024, 9, 1), shapely.Point(LON + 0.0076, LAT + 0.001),
               identifiers=issued("IT-2"), contamination="submunition", count=count("12-15"), found=day("2024-08"),
               area={"ref": ORCHARD})  # fmt: skip
    own.accept("accident", "60000000-0000-7000-8000-000000000001", d(2024, 6, 20), shapely.Point(LON + 0.0002, LAT + 0.002),
               identifiers=issued("AC-1"), kind="accident", date=day("2024-06-18"), contamination="ap_mine",
               area={"ref": MILL},
               casualties=[{"sex": "male", "age_band": "18_59", "outcome": "killed", "count": count("1")},
                           {"sex": "female", "age_band": "adult", "outcome": "injured", "count": count("2")}])  # fmt: skip
    own.accept("marking", "70000000-0000-7000-8000-000000000001", d(2024, 7, 1),
               shapely.LineString([(LON - 0.0032, LAT - 0.0004), (LON + 0.0008, LAT - 0.0006)]), kind="signs",
               identifiers=issued("MK-1"), installed=day("2024-06-29"), state="marked", area={"ref": MILL})  # fmt: skip
    own.accept(
        "release_product", "80000000-0000-7000-8000-000000000001", d(2024, 9, 30),
        ring(LON + 0.0068, LAT + 0.0004, 130, 150, 7, 0.5), identifiers=issued("CL-1"), kind="cleared",
        contamination=["submunition"], depth=metres(0.5, "ground_surface"), end=day("2024-09-20"), decided=day("2024-09-30"),
        area={"ref": ORCHARD}, method="manual",
    )  # fmt: skip
    own.accept(
        "release_product", "80000000-0000-7000-8000-000000000002", d(2024, 11, 12),
        ring(LON - 0.0012, LAT + 0.0002, 110, 90, 6, 0.2), identifiers=issued("RD-1"), kind="reduced",
        contamination=["ap_mine", "other_uxo"], depth=metres(0.2, "ground_surface"), end=day("2024-11-05"),
        decided=day("2024-11-12"), area={"ref": MILL}, limited_to="",
    )  # fmt: skip
    own.accept(
        "release_product", "80000000-0000-7000-8000-000000000003", d(2024, 12, 3), None, identifiers=issued("RD-2"),
        kind="cleared", contamination=["other_uxo"], end=day("2024-12-01"), decided=day("2024-12-03"),
        quantity={"value": 4, "unit": "building"},
    )  # fmt: skip
    own.accept("accident", "60000000-0000-7000-8000-000000000002", d(2024, 12, 20), None, identifiers=issued("AC-2"),
               kind="accident", date=day("2024-12"), casualties=[{"outcome": "injured", "count": {"low": 1, "high": None}}])  # fmt: skip
    # Learned after the filing of 31 December 2024.
    change = own.accept("hazardous_area", MILL, d(2025, 1, 20), ring(LON, LAT + 0.0011, 470, 290, 14), classification="cha",
                        marking_status="marked")  # fmt: skip
    change.kind, change.valid_from = "reclassify", d(2024, 12, 15)
    own.accept(
        "hazardous_area", GULLY, d(2025, 2, 14), ring(LON - 0.008, LAT - 0.004, 240, 520, 11, 0.7),
        identifiers=issued("OMAC-0105"), name="Gully", classification="sha", contamination=["av_mine", "unknown"], unit={"ref": SOUTH},
        depth_to=metres(1.0, "ground_surface"),
    )  # fmt: skip
    mill.entered_by = "I. Shevchuk"
    own.unverified["hazardous_area"] = [
        ("90000000-0000-7000-8000-000000000001", {"identifiers": issued("REP-9"), "classification": "sha",
         "contamination": ["unknown"]}, ring(LON + 0.0035, LAT - 0.002, 160, 120, 7)),
    ]  # fmt: skip
    own.held = [
        {"report": "90000000-0000-7000-8000-000000000002", "record": "hazardous_area", "file": "survey.csv", "row": 14,
         "results": [{"code": "check.self_crossing", "severity": "blocking"}]},
    ]  # fmt: skip
    return own
