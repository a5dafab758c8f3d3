"""Mapping profiles: what the columns of a source mean, as versioned data.

A profile is a TOML file. It names the record type, how the file is read, the reference system, and for each
field of the register where its value comes from. It is checked whole when it is loaded; every fault names
file and key. Its SHA-256 goes with every row that it made.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from fallow.errors import Where
from fallow.exchange.errors import ProfileField, ProfileKey, ProfileNotFound, ProfileUnreadable, ProfileValue
from fallow.exchange.fieldmaps import Faulty, FieldMap, field_map
from fallow.terms.definitions import RecordDefinition, record_definitions

_KEYS = {
    "name",
    "version",
    "record",
    "title",
    "source",
    "reader",
    "crs",
    "crs_override",
    "axis",
    "operation",
    "fields",
    "raw_only",
    "layers",
}
_LAYER_KEYS = {"title", "fields", "raw_only", "crs", "axis", "reader"}
_READER_KEYS: dict[str, tuple[type, ...]] = {
    "delimiter": (str,),
    "decimal": (str,),
    "encoding": (str,),
    "sheet": (str,),
    "layer": (str,),
    "header": (int,),
    "geometry": (str,),
    "x": (str,),
    "y": (str,),
    "repair_encoding": (bool,),
}
AXES = ("xy", "yx")


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How a file is read.

    Args:
        delimiter: of a text file; None: found out.
        decimal: decimal sign of numbers in text, ``.`` or ``,``; None: found out, and never where it is
            unclear.
        encoding: of a text file or shapefile; None: found out.
        sheet: of a workbook; None: the only one with content.
        layer: of a vector file; None: the only one.
        header: row of the headings, from 1.
        geometry: column that holds WKT; None: a column that is called so.
        x: column of easting or longitude.
        y: column of northing or latitude.
        repair_encoding: undo text that was encoded twice; what was received stays beside it.
    """

    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    layer: str | None = None
    header: int = 1
    geometry: str | None = None
    x: str | None = None
    y: str | None = None
    repair_encoding: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A mapping profile.

    Args:
        name: its name.
        version: its version; a change of meaning is a new version.
        record: the record type that rows become.
        sha256: of the file.
        title: language → what it reads.
        source: what it was made for.
        reader: how files are read.
        crs: reference system of the source, or None.
        crs_override: the profile's or officer's system stands although the file names another.
        axis: ``xy`` (easting, longitude first) or ``yx``.
        operation: EPSG code of the operation to WGS 84 that was accepted on purpose, or None.
        fields: how each field is made, in the order of the file.
        raw_only: source columns that are kept beside the row on purpose → why they have no field.
    """

    name: str
    version: int
    record: str
    sha256: str
    title: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    reader: ReaderOptions = ReaderOptions()
    crs: str | None = None
    crs_override: bool = False
    axis: str = "xy"
    operation: str | None = None
    fields: tuple[FieldMap, ...] = ()
    raw_only: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    _document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, source: str | Path, layer: str | None = None) -> Profile:
        """Load a profile.

        Args:
            source: name of a packaged profile, or path of a TOML file.
            layer: layer that is read; a profile may map further layers, each in a table ``[layers.<name>]``.

        Raises:
            ProfileNotFound: no packaged profile and no file of that name.
            ProfileUnreadable: the file is no TOML.
            ProfileKey, ProfileValue, ProfileField: the key that ``where.field`` names is wrong.
        """
        name, content = _content(source)
        try:
            document = tomllib.loads(content.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ProfileUnreadable(Where(file=name), reason=str(error)) from None
        sha256 = hashlib.sha256(content).hexdigest()
        profile = _profile(document, name, sha256, layer)
        for other in profile.layers:  # every layer's table is checked now, not when somebody first reads it
            _profile(document, name, sha256, other)
        return profile

    def for_layer(self, layer: str | None) -> Profile:
        """Return the profile as it reads a layer."""
        if layer is None or layer not in self.layers:
            return self
        return _profile(self._document, self.name, self.sha256, layer)


def packaged_profiles() -> tuple[str, ...]:
    """Return the names of the packaged profiles, in alphabetical order."""
    folder = resources.files("fallow.exchange").joinpath("profiles")
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


def _content(source: str | Path) -> tuple[str, bytes]:
    text = str(source)
    if isinstance(source, str) and text in packaged_profiles():
        item = resources.files("fallow.exchange").joinpath("profiles", f"{text}.toml")
        return f"{text}.toml", item.read_bytes()
    try:
        return text, Path(source).read_bytes()
    except (OSError, ValueError):
        raise ProfileNotFound(Where(file=text), known=", ".join(packaged_profiles())) from None


def _profile(document: Mapping[str, Any], file: str, sha256: str, layer: str | None) -> Profile:
    check = _Checker(file)
    check.keys(document, _KEYS, "")
    for key, kind in (("name", str), ("version", int), ("record", str), ("fields", dict)):
        if key not in document:
            raise ProfileKey(Where(file=file, field=key), key=key, problem="missing")
        check.kind(document[key], (kind,), key)
    record = document["record"]
    definitions = record_definitions()
    if record not in definitions:
        raise check.bad("record", record, ", ".join(definitions))
    extra = _layers(document, check)
    chosen = extra.get(layer or "", {})
    reader = {**document.get("reader", {}), **chosen.get("reader", {})}
    fields = {**document["fields"], **chosen.get("fields", {})}
    raw_only = {**document.get("raw_only", {}), **chosen.get("raw_only", {})}
    for column, why in raw_only.items():
        check.kind(why, (str,), f"raw_only.{column}")
    merged: dict[str, Any] = {**document, **{key: chosen[key] for key in ("crs", "axis") if key in chosen}}
    for key in ("crs", "axis", "operation", "source"):
        if key in merged:
            check.kind(merged[key], (str,), key)
    axis = merged.get("axis", "xy")
    if axis not in AXES:
        raise check.bad("axis", axis, ", ".join(AXES))
    override = merged.get("crs_override", False)
    check.kind(override, (bool,), "crs_override")
    title = document.get("title", {})
    check.kind(title, (dict,), "title")
    return Profile(
        name=document["name"],
        version=document["version"],
        record=record,
        sha256=sha256,
        title=title,
        source=document.get("source", ""),
        reader=_reader(reader, check),
        crs=check.system(merged.get("crs")),
        crs_override=override,
        axis=axis,
        operation=merged.get("operation"),
        fields=_fields(fields, definitions[record], check),
        raw_only=raw_only,
        layers=tuple(extra),
        _document=document,
    )


def _layers(document: Mapping[str, Any], check: _Checker) -> dict[str, dict[str, Any]]:
    layers = document.get("layers", {})
    check.kind(layers, (dict,), "layers")
    for name, table in layers.items():
        check.kind(table, (dict,), f"layers.{name}")
        check.keys(table, _LAYER_KEYS, f"layers.{name}.")
    return dict(layers)


def _reader(options: Mapping[str, Any], check: _Checker) -> ReaderOptions:
    check.kind(options, (dict,), "reader")
    check.keys(options, set(_READER_KEYS), "reader.")
    for key, value in options.items():
        check.kind(value, _READER_KEYS[key], f"reader.{key}")
    reader = ReaderOptions(**options)
    if reader.decimal not in (None, ".", ","):
        raise check.bad("reader.decimal", reader.decimal, "., ,")
    if reader.delimiter is not None and len(reader.delimiter) != 1:
        raise check.bad("reader.delimiter", reader.delimiter, "; , \\t |")
    if reader.header < 1:
        raise check.bad("reader.header", reader.header, "1 …")
    if (reader.x is None) != (reader.y is None):
        raise ProfileKey(Where(file=check.file, field="reader.x"), key="reader.x, reader.y", problem="missing")
    return reader


def _fields(fields: Mapping[str, Any], record: RecordDefinition, check: _Checker) -> tuple[FieldMap, ...]:
    maps = []
    for name, options in fields.items():
        key = f"fields.{name}"
        if name not in record.fields:
            raise ProfileField(Where(file=check.file, field=key), field=name, record=record.name)
        check.kind(options, (dict,), key)
        try:
            maps.append(field_map(record.fields[name], options))
        except Faulty as fault:
            where = Where(file=check.file, field=f"{key}.{fault.key}", value=fault.value)
            if fault.unknown:
                raise ProfileKey(where, key=f"{key}.{fault.key}", problem=fault.problem) from None
            raise ProfileValue(where, key=f"{key}.{fault.key}", value=fault.value, expected=fault.problem) from None
    return tuple(maps)


class _Checker:
    """Raises the error that names file and key."""

    def __init__(self, file: str) -> None:
        self.file = file

    def bad(self, key: str, value: object, expected: str) -> ProfileValue:
        where = Where(file=self.file, field=key, value=str(value))
        return ProfileValue(where, key=key, value=str(value), expected=expected)

    def keys(self, table: Mapping[str, Any], known: set[str], prefix: str) -> None:
        for key in table:
            if key not in known:
                where = Where(file=self.file, field=prefix + key)
                raise ProfileKey(where, key=prefix + key, problem=", ".join(sorted(known)))

    def kind(self, value: object, kinds: tuple[type, ...], key: str) -> None:
        # A truth value is a whole number to Python, but not to the person who wrote the profile.
        wrong = isinstance(value, bool) and bool not in kinds
        if wrong or not isinstance(value, kinds):
            raise self.bad(key, value, " / ".join(kind.__name__ for kind in kinds))

    def system(self, text: str | None) -> str | None:
        from fallow.errors import FallowError
        from fallow.geodesy.systems import resolve_crs

        if text is not None:
            try:
                resolve_crs(text)
            except FallowError:
                raise self.bad("crs", text, "EPSG:…") from None
        return text
