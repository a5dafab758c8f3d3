"""Read a file into a batch: the door for every format.

What a reader found, the profile's meaning of its columns, and the one coordinate operation come together
here. The reference system is stated by the file, the profile or the officer, or the file is refused; two
statements that contradict each other are refused too.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from fallow.errors import Where
from fallow.exchange import shapes as parsing
from fallow.exchange.errors import (
    ProfileValue,
    RecordMissing,
    SystemContradicts,
    SystemMissing,
    SystemUncertain,
    UnknownFormat,
)
from fallow.exchange.guards import checked
from fallow.exchange.mapping import identity_maps, mapped
from fallow.exchange.profiles import Profile, ReaderOptions
from fallow.exchange.shapes import BrokenShape
from fallow.exchange.tables import Formula, Table, advice, object_array, short
from fallow.geodesy.errors import NotTransformable, UnknownSystem
from fallow.geodesy.operations import IDENTITY, data_area, projector_for, transform_shapes
from fallow.geodesy.systems import crs_shown, crs_text, identify, is_wgs84, resolve_crs, same_system
from fallow.records.batch import Batch, CheckResult, Operation, Severity, Shapes, SourceFile
from fallow.records.values import Wire
from fallow.terms.definitions import RecordDefinition, record_definitions

TEXT = (".csv", ".tsv", ".txt")
SHEET = (".xlsx", ".xlsm")
VECTOR = (".gpkg", ".geojson", ".shp", ".zip", ".fgb", ".kml")
TYPED = (".toml", ".json")
FORMATS = (*TEXT, *SHEET, *VECTOR, *TYPED)
_WKT_COLUMNS = ("geometry", "wkt", "geom", "the_geom")
_XY_COLUMNS = (
    ("x", "y"),
    ("lon", "lat"),
    ("long", "lat"),
    ("longitude", "latitude"),
    ("easting", "northing"),
    ("довгота", "широта"),
)
_UNPLACEABLE = "check.unplaceable_geometry"


@dataclass(frozen=True, slots=True)
class Stated:
    """A reference system and who stated it."""

    text: str
    by: str


def read(
    path: str | Path,
    *,
    profile: Profile | str | Path | None = None,
    crs: str | None = None,
    layer: str | None = None,
    record: str | None = None,
    operation: str | None = None,
    definitions: Mapping[str, RecordDefinition] | None = None,
) -> Batch:
    """Read a file into a batch of one record type.

    Args:
        path: CSV, XLSX, GeoPackage, GeoJSON, shapefile (also zipped), FlatGeobuf, KML, or a record typed in as TOML or JSON.
        profile: a mapping profile, its packaged name or path; None: columns are called like the fields.
        crs: the reference system, as the officer states it.
        layer: layer or sheet.
        record: record type, where no profile says it.
        operation: EPSG code of an operation to WGS 84 that the officer accepted on purpose.
        definitions: the records of a register with its national fields; None: the core's.

    Returns:
        The rows, with a finding for everything that could not be taken as it stood. Every value of the source
        is in ``raw``. Findings of mended rings hold their row and propose the closed shape.

    Raises:
        ExchangeError: the file cannot be taken (``exchange.…``); ``where`` says which part.
        ProfileError: the profile is wrong (``profile.…``).
        UnknownSystem, NoOperation, UnknownOperation: see :func:`fallow.geodesy.transform_shapes`.
    """
    file = Path(path)
    size = checked(file)
    kind = file.suffix.lower()
    if kind not in FORMATS:
        raise UnknownFormat(Where(file=str(file)), ending=kind or file.name, known=", ".join(FORMATS))
    if kind in TYPED:
        from fallow.exchange.typed import is_typed, read_typed

        if kind == ".toml" or is_typed(file):
            if profile is not None:
                raise ProfileValue(Where(file=str(file)), key="profile", value=kind, expected=", ".join(TEXT + VECTOR))
            return read_typed(file, record=record, crs=crs, operation=operation)
    chosen = profile if isinstance(profile, Profile) or profile is None else Profile.load(profile)
    if chosen is not None:
        if record is not None and record != chosen.record:
            where = Where(file=chosen.name, field="record", value=chosen.record)
            raise ProfileValue(where, key="record", value=chosen.record, expected=record)
        chosen = chosen.for_layer(layer or chosen.reader.layer)
    with _without_collector():
        table, broken, sha256, size = _table(file, kind, size, chosen.reader if chosen else ReaderOptions(), layer)
        # A layer that the file itself chose may have a table of its own in the profile.
        chosen = chosen.for_layer(table.layer) if chosen is not None else None
        definition = _record(chosen.record if chosen else record, file, definitions)
        columns = _columns(table, broken, chosen, definition, file)
        source = SourceFile(
            name=file.name,
            sha256=sha256,
            size=size,
            layer=table.layer,
            encoding=table.encoding,
            profile=chosen.name if chosen else None,
            profile_version=chosen.version if chosen else None,
            profile_sha256=chosen.sha256 if chosen else None,
        )
        return batch_of(table, broken, columns, definition, source, profile=chosen, crs=crs, operation=operation)


def _table(
    file: Path, kind: str, size: int, options: ReaderOptions, layer: str | None
) -> tuple[Table, list[BrokenShape], str, int]:
    """Read the file with the reader of its format; the hash is taken beside it."""
    if kind in TEXT:
        from fallow.exchange.text import read_text

        table, sha256 = read_text(file, options)
        return table, [], sha256, size
    from fallow.exchange.vector import fingerprint

    broken: list[BrokenShape] = []
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(fingerprint, file)
        if kind in SHEET:
            from fallow.exchange.sheet import read_sheet

            table = read_sheet(file, options, layer)
        else:
            from fallow.exchange.vector import read_vector

            table, broken = read_vector(file, options, layer)
        sha256, size = digest.result()
    return table, broken, sha256, size


def _record(
    name: str | None, file: Path, definitions: Mapping[str, RecordDefinition] | None = None
) -> RecordDefinition:
    definitions = record_definitions() if definitions is None else definitions
    if name is None or name not in definitions:
        raise RecordMissing(Where(file=str(file), value=name), record=name, known=", ".join(definitions))
    return definitions[name]


def _columns(
    table: Table, broken: list[BrokenShape], profile: Profile | None, definition: RecordDefinition, file: Path
) -> dict[str, list[Wire]]:
    taken: tuple[str, ...] = ()
    if table.shapes is None and definition.geometry != "none":
        taken = _shapes_from_columns(table, broken, profile, str(file))
    maps = profile.fields if profile is not None else identity_maps(definition, list(table.columns))
    return mapped(table, maps, profile, str(file), taken)


def _shapes_from_columns(
    table: Table, broken: list[BrokenShape], profile: Profile | None, file: str
) -> tuple[str, ...]:
    """Make shapes from a column of WKT or two of coordinates, and return the columns that were used."""
    options = profile.reader if profile is not None else ReaderOptions()
    lower = {name.casefold(): name for name in table.columns}
    wkt = options.geometry or next((lower[name] for name in _WKT_COLUMNS if name in lower), None)
    if options.x is not None and options.y is not None:
        wkt = None
    if wkt is not None and wkt in table.columns:
        table.shapes, faults, stated = parsing.from_wkt(table.columns[wkt])
        table.crs = stated
        broken += faults
        system = f"{wkt}.crs"
        if system in table.columns:
            table.crs = _one_system([value for value in table.columns[system].values if value], file) or stated
            return (wkt, system)
        return (wkt,)
    pair = (options.x, options.y) if options.x is not None else None
    pair = pair or next(((lower[x], lower[y]) for x, y in _XY_COLUMNS if x in lower and y in lower), None)
    if pair is None or pair[0] not in table.columns or pair[1] not in table.columns:
        return ()
    table.shapes, faults = parsing.from_columns(table.columns[pair[0]], table.columns[str(pair[1])], options.decimal)
    broken += faults
    return (str(pair[0]), str(pair[1]))


def _one_system(stated: list[object], file: str) -> str | None:
    """Return the one system that rows state; shapes in different systems do not mix in one import."""
    known = sorted({str(value).strip() for value in stated})
    for other in known[1:]:
        if not _agree(known[0], other):
            raise _contradiction(Where(file=file), Stated(known[0], "file"), Stated(other, "file"))
    return known[0] if known else None


def batch_of(
    table: Table,
    broken: list[BrokenShape],
    columns: dict[str, list[Wire]],
    definition: RecordDefinition,
    source: SourceFile,
    *,
    profile: Profile | None = None,
    crs: str | None = None,
    operation: str | None = None,
) -> Batch:
    """Put a batch together: settle the reference system, carry the shapes to WGS 84, report what could not be.

    Raises:
        SystemMissing, SystemUncertain, SystemContradicts: the reference system is not settled.
        UnknownSystem, NoOperation, UnknownOperation: see :func:`fallow.geodesy.transform_shapes`.
    """
    raw = {name: _received(column.values) for name, column in table.columns.items()}
    batch = Batch(definition.name, source, table.rows, columns, raw, results=table.results, unread=table.unread)
    surveyed = table.shapes
    if surveyed is None:
        return batch
    if shapely.has_z(surveyed).any():
        batch.results.append(advice("check.height_dropped", count=int(shapely.has_z(surveyed).sum())))
        surveyed = shapely.force_2d(surveyed)
    if profile is not None and profile.axis == "yx":
        surveyed = parsing.exchanged(surveyed)
        broken = [_turned(one) for one in broken]
    stated = _settled(table, surveyed, profile, crs, source.name)
    if stated is None:
        return batch
    batch.source = _with_system(source, stated)
    accepted = operation or (profile.operation if profile is not None else None)
    geometry, used = _carried(surveyed, stated.text, accepted, batch.results)
    batch.geometry, batch.surveyed, batch.operation = geometry, surveyed, used
    batch.results += [_broken(one, stated.text, accepted) for one in broken]
    return batch


def _received(values: list[object]) -> list[object]:
    if Formula not in set(map(type, values)):
        return values
    return [str(value) if type(value) is Formula else value for value in values]


def _settled(table: Table, shapes: Shapes, profile: Profile | None, crs: str | None, file: str) -> Stated | None:
    """Return the reference system and who states it; None when there is no shape to place and nobody states one."""
    officer = Stated(crs, "officer") if crs else None
    mapped_by = Stated(profile.crs, "profile") if profile is not None and profile.crs else None
    override = profile is not None and profile.crs_override
    where = Where(file=file)
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    extent = tuple(float(value) for value in bounds) if np.isfinite(bounds).all() else None
    chosen = officer or mapped_by
    by_file = identify(table.crs, extent, chosen.text if chosen else None) if table.crs else None  # type: ignore[arg-type]
    if officer and mapped_by and not override and not _agree(officer.text, mapped_by.text):
        raise _contradiction(where, officer, mapped_by)
    if by_file is not None and by_file.certain:
        stated = Stated(by_file.text, "file")
        if chosen is None:
            return stated
        if not override and not _agree(chosen.text, stated.text):
            raise _contradiction(where, chosen, stated)
        return chosen
    if by_file is not None:
        guesses = ", ".join(f"{code} ({name})" for code, name in by_file.guesses)
        if chosen is None:
            raise SystemUncertain(where, guesses=guesses or None, name=resolve_crs(by_file.text).name)
        fits = any(_agree(chosen.text, code) for code, _ in by_file.guesses)
        if by_file.guesses and not fits and not override:
            raise _contradiction(where, chosen, Stated(guesses, "file"))
        table.results.append(advice("check.crs_confirmed", crs=_shown(chosen), by=chosen.by, guesses=guesses or None))
        return chosen
    if chosen is None:
        if shapely.is_missing(shapes).all():
            return None
        raise SystemMissing(where)
    return chosen


def _agree(one: str, other: str) -> bool:
    return same_system(resolve_crs(one), resolve_crs(other))


def _shown(stated: Stated) -> str:
    """Return what a message calls a stated system; a list of guesses is shown as it is."""
    try:
        return crs_shown(resolve_crs(stated.text))
    except UnknownSystem:
        return stated.text


def _contradiction(where: Where, one: Stated, other: Stated) -> SystemContradicts:
    return SystemContradicts(where, stated=_shown(one), by=one.by, other=_shown(other), other_by=other.by)


def _with_system(source: SourceFile, stated: Stated) -> SourceFile:
    from dataclasses import replace

    return replace(source, crs=crs_text(resolve_crs(stated.text)), crs_from=stated.by)


def _carried(shapes: Shapes, crs: str, operation: str | None, results: list[CheckResult]) -> tuple[Shapes, Operation]:
    """Carry shapes to WGS 84; a row that cannot be carried loses its place, not its survey, and is held."""
    try:
        geometry, used = transform_shapes(shapes, crs, operation=operation)
    except NotTransformable as error:
        lost = list(error.values["indices"])
        shown = crs_shown(resolve_crs(crs))
        rest = shapes.copy()
        rest[lost] = None
        geometry, used = transform_shapes(rest, crs, operation=operation)
        results += [
            CheckResult(_UNPLACEABLE, Severity.BLOCKING, row, "geometry", short(shapes[row].wkt), {"crs": shown})
            for row in lost
        ]
    if used is not IDENTITY:
        _report_outside(geometry, shapes, crs, operation, results)
    return geometry, used


def _report_outside(
    geometry: Shapes, shapes: Shapes, crs: str, operation: str | None, results: list[CheckResult]
) -> None:
    """Report rows that lie outside the area for which the operation was published."""
    projector = projector_for(crs, data_area(shapes, crs), operation)
    corners = shapely.bounds(geometry)
    there = np.isfinite(corners).all(axis=1)
    centres = (corners[:, :2] + corners[:, 2:]) / 2
    outside = there & ~projector.covers(centres)
    for row in np.flatnonzero(outside):
        place = f"{centres[row, 1]:.4f}, {centres[row, 0]:.4f}"
        detail = {"crs": crs_shown(resolve_crs(crs)), "operation": projector.operation.name}
        results.append(
            CheckResult("check.outside_operation_area", Severity.WARNING, int(row), "geometry", place, detail)
        )


def _turned(one: BrokenShape) -> BrokenShape:
    if one.mended is None:
        return one
    mended = parsing.exchanged(object_array([one.mended]))[0]
    return BrokenShape(one.row, one.code, one.value, mended)


def _broken(one: BrokenShape, crs: str, operation: str | None) -> CheckResult:
    """Report a broken shape; a ring that was not closed is proposed closed, in WGS 84, and the row is held."""
    repair = None
    if one.mended is not None:
        shape = object_array([shapely.force_2d(one.mended)])
        try:
            if not is_wgs84(resolve_crs(crs)):
                shape = transform_shapes(shape, crs, operation=operation)[0]
            repair = {"geometry_wkt": shapely.to_wkt(shape[0], rounding_precision=-1)}
        except NotTransformable:
            repair = None
    return CheckResult(
        one.code, Severity.BLOCKING, one.row, "geometry", short(one.value), {"crs": crs_shown(resolve_crs(crs))}, repair
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python from searching for garbage while millions of values are made: none of them is garbage."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
