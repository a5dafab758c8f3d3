"""Vector files: GeoPackage, GeoJSON, FlatGeobuf, KML and shapefile, also zipped. Read by column, not by feature."""

from __future__ import annotations

import codecs
import hashlib
import struct
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from fallow.errors import Where
from fallow.exchange.encodings import Listener
from fallow.exchange.errors import TooManyRows, UnknownLayer, Unreadable
from fallow.exchange.guards import CHUNK, check_xml, checked_archive, sha256_of
from fallow.exchange.profiles import ReaderOptions
from fallow.exchange.shapes import BrokenShape, from_wkb, too_deep
from fallow.exchange.tables import Column, Table, advice, unique_names
from fallow.settings import settings

if TYPE_CHECKING:
    import pyarrow as pa

_SQLITE = b"SQLite format 3\0"
_FLATGEOBUF = b"fgb\x03fgb"
_SHP_MAGIC = 9994
_SHP_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_COLLECTION = 7
_JSON = (".json", ".geojson")
# More distinct values than this share of the rows, and sorting them out costs more than it saves.
_REPEATED = 0.5


def read_vector(path: Path, options: ReaderOptions, layer: str | None = None) -> tuple[Table, list[BrokenShape]]:
    """Read one layer.

    Args:
        path: the file (``.gpkg``, ``.geojson``, ``.json``, ``.fgb``, ``.kml``, ``.shp`` or ``.zip`` with a shapefile).
        options: layer and encoding where the profile states them.
        layer: the layer that was asked for; None: the profile's, or the only one.

    Returns:
        The table, and the shapes that are broken.

    Raises:
        Unreadable: the file is broken, cut off or of another format than its ending says.
        UnknownLayer: no such layer, or several and none was named.
        TooManyRows: more features than ``settings.max_rows``.
        TooLarge: an archive that unpacks to more than the bounds.
    """
    with ExitStack() as stack:
        inner = stack.enter_context(_unzipped(path, layer or options.layer)) if path.suffix.lower() == ".zip" else path
        kind = inner.suffix.lower()
        encoding, guessed = None, False
        if kind == ".gpkg":
            _check_sqlite(inner, path)
        elif kind == ".shp":
            _check_shapefile(inner, path)
            encoding, guessed = (options.encoding, False) if options.encoding else _dbf_encoding(inner)
        elif kind == ".fgb":
            _check_start(inner, path, _FLATGEOBUF)
        elif kind == ".kml":
            _check_kml(inner, path)
        else:
            _check_json(inner, path)
        name = _layer(inner, None if kind == ".shp" else layer or options.layer, path)
        table, broken = _read(inner, name, encoding, path)
        table.encoding = encoding or "utf-8"
        if guessed:
            table.results.append(advice("check.encoding_guessed", encoding=encoding))
        return table, broken


def layers(path: Path) -> list[str]:
    """Return the names of the layers of a vector file.

    Raises:
        Unreadable: it cannot be opened.
    """
    import pyogrio

    with _quiet(path):
        return [str(name) for name in pyogrio.list_layers(path)[:, 0]]


def fingerprint(path: Path) -> tuple[str, int]:
    """Return SHA-256 and size of a source; a shapefile is all of its parts together, in the order of their endings."""
    if path.suffix.lower() != ".shp":
        return sha256_of(path), path.stat().st_size
    digest, size = hashlib.sha256(), 0
    for part in _parts(path):
        digest.update(f"{part.suffix.lower()} {sha256_of(part)}\n".encode())
        size += part.stat().st_size
    return digest.hexdigest(), size


def _read(path: Path, layer: str, encoding: str | None, shown: Path) -> tuple[Table, list[BrokenShape]]:
    import pyarrow as pa
    import pyogrio

    where = Where(file=str(shown))
    batches: list[Any] = []
    shapes: list[Any] = []
    broken: list[BrokenShape] = []
    size = 0
    most = settings().max_rows
    with _quiet(shown):
        expected = int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])
        if expected > most:
            raise TooManyRows(where, limit=most)
        # Text that looks like a date stays the text that was written.
        options = {"DATE_AS_STRING": "YES"} if path.suffix.lower() in _JSON else {}
        with pyogrio.open_arrow(path, layer=layer, encoding=encoding, use_pyarrow=True, **options) as (meta, reader):
            column = _geometry_column(meta, reader.schema)
            # The next part is read while the shapes of this one are made.
            for batch in reader:
                if column is not None:
                    made, faults = _shapes(batch.column(column), size)
                    shapes.append(made)
                    broken += faults
                    batch = batch.drop_columns([column])  # noqa: PLW2901 (the shapes are taken; their bytes can go)
                size += batch.num_rows
                batches.append(batch)
            schema = reader.schema
    if size < expected:
        # The library reports some broken files by ending early.
        raise Unreadable(where, reason=f"{size} / {expected}")
    if column is not None:
        schema = schema.remove(schema.get_field_index(column))
    table = Table({}, np.arange(1, size + 1, dtype=np.int64), layer=layer, crs=_stated(meta.get("crs")))
    names = unique_names(schema.names, table.results)
    whole = pa.Table.from_batches(batches, schema=schema)
    table.columns = {name: _column(whole.column(position)) for position, name in enumerate(names)}
    if column is not None:
        table.shapes = np.concatenate(shapes) if shapes else np.empty(0, dtype=object)
    return table, broken


def _shapes(wkb: Any, before: int) -> tuple[Any, list[BrokenShape]]:
    blobs = wkb.to_numpy(zero_copy_only=False)
    for row, blob in enumerate(blobs):
        # Byte 1 is the kind of shape in little-endian WKB; only collections can nest.
        if blob is not None and len(blob) > 4 and blob[1 if blob[0] else 4] == _COLLECTION and too_deep(blob):
            blobs[row] = b"\0"
    made, faults = from_wkb(blobs)
    return made, [BrokenShape(one.row + before, one.code, one.value, one.mended) for one in faults]


def _geometry_column(meta: dict[str, Any], schema: pa.Schema) -> str | None:
    if meta.get("geometry_type") is None:
        return None
    name = meta.get("geometry_name") or "wkb_geometry"
    return name if name in schema.names else None


def _column(values: pa.ChunkedArray) -> Column:
    """Turn an Arrow column into JSON values; repeated values are sorted out once."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_floating(kind):
        floats = values.to_numpy()
        listed: list[Any] = floats.tolist()
        if not np.isfinite(floats).all():
            null = values.is_null().to_numpy()
            listed = [None if gone else _plain(value) for value, gone in zip(listed, null, strict=True)]
        return Column(listed)
    if pa.types.is_nested(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return Column(
            [_plain(value) for value in values.to_pylist()] if pa.types.is_nested(kind) else values.to_pylist()
        )
    encoded = values.dictionary_encode().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # of no rows at all
        return Column([])
    distinct = encoded.dictionary.to_pylist()
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        distinct = [_plain(value) for value in distinct]
    index = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    if len(distinct) > _REPEATED * len(values):
        if len(distinct) == len(values):
            return Column(distinct)
        return Column([*map([*distinct, None].__getitem__, index.tolist())])
    return Column([*map([*distinct, None].__getitem__, index.tolist())], distinct, index)


def _plain(value: Any) -> Any:
    """Return a JSON value for what Arrow gives: ISO text for dates, hex for bytes."""
    if isinstance(value, str | int | bool) or value is None:
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if hasattr(value, "isoformat"):
        text = str(value.isoformat())
        return text.removesuffix("T00:00:00") if "T" in text else text
    return str(value)


def _stated(crs: Any) -> str | None:
    """Return the stated system; the placeholders of formats for "undefined" state none."""
    if not crs or "undefined" in str(crs)[:60].lower() or str(crs).startswith(("LOCAL_CS", "ENGCRS")):
        return None
    return str(crs)


def _layer(path: Path, wanted: str | None, shown: Path) -> str:
    known = layers(path)
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted is None or wanted not in known:
        raise UnknownLayer(Where(file=str(shown), sheet=wanted), layer=wanted, known=", ".join(known))
    return wanted


@contextmanager
def _quiet(shown: Path) -> Iterator[None]:
    """Turn whatever the library raises into one error that names the file."""
    import pyarrow as pa
    import pyogrio.errors as gdal

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            yield
        except (
            gdal.DataSourceError,
            gdal.DataLayerError,
            gdal.FeatureError,
            gdal.GeometryError,
            gdal.FieldError,
            pa.ArrowException,
            OSError,
            RuntimeError,
            UnicodeError,
        ) as error:
            reason = str(error).replace(str(shown), shown.name).splitlines()[0][:200] if str(error) else "–"
            raise Unreadable(Where(file=str(shown)), reason=reason) from None


def _check_sqlite(path: Path, shown: Path) -> None:
    """Refuse what is no SQLite file, or shorter than its own header says: such files read as if they held less."""
    with path.open("rb") as stream:
        head = stream.read(100)
    if len(head) < 100 or not head.startswith(_SQLITE):
        raise Unreadable(Where(file=str(shown)), reason="SQLite")
    page = int.from_bytes(head[16:18], "big")
    page = 65_536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    current = head[24:28] == head[92:96]  # the count of pages is only kept by newer writers
    if current and path.stat().st_size < pages * page:
        raise Unreadable(Where(file=str(shown)), reason=f"{path.stat().st_size} / {pages * page}")


def _check_start(path: Path, shown: Path, mark: bytes) -> None:
    with path.open("rb") as stream:
        if stream.read(len(mark)) != mark:
            raise Unreadable(Where(file=str(shown)), reason=path.suffix)


def _check_kml(path: Path, shown: Path) -> None:
    """Refuse XML that is no KML, is cut off, or brings entities of its own."""
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(max(0, path.stat().st_size - 4096))
        tail = stream.read().rstrip()
    if b"<kml" not in head or not tail.endswith(b"</kml>"):
        raise Unreadable(Where(file=str(shown)), reason="KML")
    check_xml(path, shown)


def _check_json(path: Path, shown: Path) -> None:
    """Refuse what does not begin and end as a JSON object does."""
    with path.open("rb") as stream:
        head = stream.read(4096).removeprefix(codecs.BOM_UTF8).lstrip()
        stream.seek(max(0, path.stat().st_size - 4096))
        tail = stream.read().rstrip()
    if not head.startswith(b"{") or not tail.endswith(b"}"):
        raise Unreadable(Where(file=str(shown)), reason="JSON")


def _check_shapefile(path: Path, shown: Path) -> None:
    """Refuse a shapefile that lacks a part or is shorter than its headers say."""
    parts = {part.suffix.lower(): part for part in _parts(path)}
    for ending in (".shp", ".shx", ".dbf"):
        if ending not in parts:
            raise Unreadable(Where(file=str(shown)), reason=f"{path.stem}{ending}")
    with parts[".shp"].open("rb") as stream:
        head = stream.read(100)
    size = parts[".shp"].stat().st_size
    if (
        len(head) < 100
        or struct.unpack(">i", head[:4])[0] != _SHP_MAGIC
        or struct.unpack(">i", head[24:28])[0] * 2 > size
    ):
        raise Unreadable(Where(file=str(shown)), reason=f"{path.stem}.shp")
    with parts[".dbf"].open("rb") as stream:
        head = stream.read(32)
    if len(head) < 32:
        raise Unreadable(Where(file=str(shown)), reason=f"{path.stem}.dbf")
    count, start, width = struct.unpack("<IHH", head[4:12])
    if parts[".dbf"].stat().st_size < start + count * width:
        raise Unreadable(Where(file=str(shown)), reason=f"{path.stem}.dbf")


def _parts(path: Path) -> list[Path]:
    """Return the parts of a shapefile that are there, whatever the case of their endings."""
    found = {}
    for item in path.parent.iterdir():
        if item.stem == path.stem and item.suffix.lower() in _SHP_PARTS and item.is_file():
            found[item.suffix.lower()] = item
    return [found[ending] for ending in _SHP_PARTS if ending in found]


def _dbf_encoding(path: Path) -> tuple[str | None, bool]:
    """Return the encoding of the text beside a shapefile and whether it is a guess.

    It is stated by the file, or proved by UTF-8's own rules, or guessed from the bytes; None leaves it to the library.

    Raises:
        Unreadable: it states an encoding that there is not.
    """
    parts = {part.suffix.lower(): part for part in _parts(path)}
    if ".cpg" in parts:
        stated = parts[".cpg"].read_bytes()[:64].decode("ascii", "replace").strip()
        stated = f"cp{stated}" if stated.isdecimal() else stated
        try:
            return codecs.lookup(stated).name, False
        except LookupError:
            raise Unreadable(Where(file=str(path), value=stated), reason=f"{path.stem}.cpg") from None
    listener = Listener()
    with parts[".dbf"].open("rb") as stream:
        head = stream.read(32)
        if head[29]:
            return None, False  # the file names a code page and the library knows how to read it
        stream.seek(struct.unpack("<H", head[8:10])[0])
        text = b""
        while piece := stream.read(CHUNK):
            listener.feed(piece)
            text = text or piece
    found = listener.encoding()
    if found is not None and not found.guessed:
        return found.name, False
    # A field cut at its width may end in half a letter; a few of those do not make it another encoding.
    trial = text.decode("utf-8", "replace")
    whole = sum(character > "\x7f" and character != "\ufffd" for character in trial)
    if whole > 9 * trial.count("\ufffd"):
        return "utf-8", True
    return (found.name if found is not None else None), True


@contextmanager
def _unzipped(path: Path, layer: str | None) -> Iterator[Path]:
    """Lay out the shapefile of an archive in a folder of its own for as long as it is read."""
    entries = checked_archive(path)
    stems = sorted({name[:-4] for name in entries if name.lower().endswith(".shp")})
    named = {PurePosixPath(stem).name: stem for stem in stems}
    if (layer is not None and layer not in named) or (layer is None and len(stems) != 1):
        if not stems:
            raise Unreadable(Where(file=str(path)), reason=".shp")
        raise UnknownLayer(Where(file=str(path), sheet=layer), layer=layer, known=", ".join(named))
    stem = stems[0] if layer is None else named[layer]
    with tempfile.TemporaryDirectory(prefix="fallow-") as folder, zipfile.ZipFile(path) as archive:
        base = PurePosixPath(stem).name
        for entry in entries:
            ending = entry[len(stem) :]
            if entry.startswith(stem) and ending.lower() in _SHP_PARTS:
                # Only the bare name is used: an entry cannot lead out of the folder.
                target = Path(folder, base + ending.lower())
                with archive.open(entry) as source, target.open("wb") as copy:
                    while piece := source.read(CHUNK):
                        copy.write(piece)
        yield Path(folder, f"{base}.shp")
