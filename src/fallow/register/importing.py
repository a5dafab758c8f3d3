"""From a file to the inbox: read, check against what the register holds, take in. Each row is counted once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from fallow.register.inbox import Intake

if TYPE_CHECKING:
    from fallow.checks import CheckContext
    from fallow.records.batch import Batch, CheckResult
    from fallow.register.register import Register

Stage = Callable[[str], None]


@dataclass(slots=True)
class Import:
    """One file's way: what was read, what the checks found, what became of the rows."""

    batch: Batch
    results: list[CheckResult]
    intake: Intake
    dry_run: bool
    stages: dict[str, float] = field(default_factory=dict)


def context_of(register: Register | None, today: dt.date | None = None) -> CheckContext:
    """Build what checks compare with: country (units of level 0), units, and what the register holds now.

    Without a register the checks that need one stay silent, and areas are taken in a world-wide equal-area system.
    """
    from fallow.checks import CheckContext, ExistingRecords

    day = today or dt.datetime.now(dt.UTC).date()
    if register is None:
        return CheckContext(equal_area="EPSG:6933", country=None, units=None, existing={}, today=day)
    snapshot = register.snapshot()
    country: Any = None
    units: Any = None
    existing: dict[str, ExistingRecords] = {}
    for record in snapshot.records():
        if record in ("register",):
            continue
        existing[record] = ExistingRecords(snapshot.ids(record), snapshot.rows(record), snapshot.shapes(record))
    if "admin_unit" in existing:
        held = existing["admin_unit"]
        levels = np.array([row.get("level", -1) if isinstance(row.get("level"), int) else -1 for row in held.rows])
        drawn = ~shapely.is_missing(held.shapes)
        whole = held.shapes[drawn & (levels == 0)]
        if len(whole):
            country = shapely.union_all(shapely.make_valid(whole))
        places = np.flatnonzero(drawn & (levels > 0))
        if len(places):
            units = (
                [held.ids[i] for i in places.tolist()],
                [str(held.rows[i].get("name", "")) for i in places.tolist()],
                held.shapes[places],
            )
    return CheckContext(
        equal_area=register.info.equal_area,
        country=country,
        units=units,
        existing=existing,
        today=day,
        registry=register.registry,
    )


def import_file(
    register: Register,
    path: Path,
    *,
    profile: str | Path | None = None,
    crs: str | None = None,
    layer: str | None = None,
    record: str | None = None,
    operation: str | None = None,
    dry_run: bool = False,
    today: dt.date | None = None,
    stage: Stage = lambda _: None,
) -> Import:
    """Read a file, check its rows and take them into the inbox, all of them in one transaction.

    Raises:
        FallowError: of the exchange, profile or geodesy family when the file cannot be read as stated; nothing is
            written then.
    """
    from fallow.exchange import read

    stage("reading")
    batch = read(
        path,
        profile=profile,
        crs=crs,
        layer=layer,
        record=record,
        operation=operation,
        definitions=register.registry.records,
    )
    return take_in(register, batch, dry_run=dry_run, today=today, stage=stage)


def take_in(
    register: Register,
    batch: Batch,
    *,
    dry_run: bool = False,
    today: dt.date | None = None,
    stage: Stage = lambda _: None,
) -> Import:
    """Check a batch and take it into the inbox."""
    from fallow.checks import run_checks

    stage("checking")
    context = context_of(register, today)
    # Checks spend their time in geometry, which leaves the interpreter free to encode the rows meanwhile.
    with ThreadPoolExecutor(1) as beside:
        encoding = beside.submit(register.prepare, batch)
        results = run_checks(batch, context)
        prepared = encoding.result()
    stage("writing")
    intake = register.intake(batch, results, dry_run=dry_run, prepared=prepared)
    return Import(batch, [*batch.results, *results], intake, dry_run)
