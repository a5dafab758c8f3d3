from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fallow.errors import exit_code
from fallow.exchange.errors import ProfileField, ProfileKey, ProfileNotFound, ProfileUnreadable, ProfileValue
from fallow.exchange.profiles import Profile, packaged_profiles

BASE = 'name = "p"\nversion = 2\nrecord = "hazardous_area"\n'


def load(tmp_path: Path, text: str) -> Profile:
    path = tmp_path / "p.toml"
    path.write_text(BASE + text, encoding="utf-8")
    return Profile.load(path)


@pytest.mark.parametrize("name", packaged_profiles())
def test_every_packaged_profile_is_sound(name: str) -> None:
    profile = Profile.load(name)
    assert profile.name == name
    assert profile.version >= 1
    assert profile.source
    assert set(profile.title) == {"en", "uk"}
    for layer in profile.layers:
        assert profile.for_layer(layer).fields


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    profile = load(tmp_path, '[fields.name]\ncolumn = "a"\n')
    assert profile.sha256 == hashlib.sha256((tmp_path / "p.toml").read_bytes()).hexdigest()
    assert profile.version == 2


@pytest.mark.parametrize(
    ("text", "error", "key"),
    [
        ("colour = 1\n[fields]\n", ProfileKey, "colour"),
        ("", ProfileKey, "fields"),
        ('crs = "nowhere"\n[fields]\n', ProfileValue, "crs"),
        ('axis = "zyx"\n[fields]\n', ProfileValue, "axis"),
        ("crs_override = 1\n[fields]\n", ProfileValue, "crs_override"),
        ("[fields]\n[reader]\ndelimiter = 1\n", ProfileValue, "reader.delimiter"),
        ('[fields]\n[reader]\ndelimiter = "ab"\n', ProfileValue, "reader.delimiter"),
        ('[fields]\n[reader]\ndecimal = ";"\n', ProfileValue, "reader.decimal"),
        ("[fields]\n[reader]\nheader = 0\n", ProfileValue, "reader.header"),
        ("[fields]\n[reader]\nheader = true\n", ProfileValue, "reader.header"),
        ('[fields]\n[reader]\nx = "a"\n', ProfileKey, "reader.x"),
        ('[fields]\n[reader]\ncolour = "a"\n', ProfileKey, "reader.colour"),
        ('[fields.colour]\ncolumn = "a"\n', ProfileField, "fields.colour"),
        ("[fields]\nname = 1\n", ProfileValue, "fields.name"),
        ("[fields.name]\n", ProfileKey, "fields.name.column"),
        ('[fields.name]\ncolumn = "a"\ncolour = "b"\n', ProfileKey, "fields.name.colour"),
        ('[fields.name]\ncolumn = ["a"]\n', ProfileValue, "fields.name.column"),
        (
            '[fields.classification]\ncolumn = "a"\ncodes = { x = "danger" }\n',
            ProfileValue,
            "fields.classification.codes",
        ),
        ('[fields.classification]\nconstant = "danger"\n', ProfileValue, "fields.classification.constant"),
        ('[fields.typed_area]\ncolumn = "a"\nunit = "kg"\n', ProfileValue, "fields.typed_area.unit"),
        ('[fields.typed_area]\ncolumn = "a"\ndatum = "ground_surface"\n', ProfileValue, "fields.typed_area.datum"),
        ('[fields.depth_to]\ncolumn = "a"\ndatum = "sea"\n', ProfileValue, "fields.depth_to.datum"),
        ('[fields.event_date]\ncolumn = "a"\nhow = "heard"\n', ProfileValue, "fields.event_date.how"),
        ('[fields.event_date]\ncolumn = "a"\nbound = "middle"\n', ProfileValue, "fields.event_date.bound"),
        ('[fields.event_date]\nconstant = "one day"\n', ProfileValue, "fields.event_date.constant"),
        ('[fields.name]\ncolumn = "a"\nabsent = { "?" = "lost" }\n', ProfileValue, "fields.name.absent"),
        ('[fields.name]\ncolumn = "a"\npatterns = [{ match = "(" }]\n', ProfileValue, "fields.name.patterns.match"),
        (
            '[fields.name]\ncolumn = "a"\npatterns = [{ match = "(?P<z>a)" }]\n',
            ProfileValue,
            "fields.name.patterns.match",
        ),
        ('[fields.name]\ncolumn = "a"\npatterns = [{ found = "a" }]\n', ProfileKey, "fields.name.patterns.match"),
        ('[fields.identifiers]\ncolumn = "a"\n', ProfileKey, "fields.identifiers.issuer"),
        ('[fields.identifiers]\nparts = [{ column = "a" }]\n', ProfileKey, "fields.identifiers.parts[0].issuer"),
        ('[fields.name]\ncolumn = "a"\notherwise = { colour = "b" }\n', ProfileKey, "fields.name.otherwise.colour"),
        ('[fields]\n[layers.a.fields.colour]\ncolumn = "a"\n', ProfileField, "fields.colour"),
        ("[fields]\n[raw_only]\na = 1\n", ProfileValue, "raw_only.a"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path: Path, text: str, error: type, key: str) -> None:
    with pytest.raises(error) as caught:
        load(tmp_path, text)
    assert caught.value.where.field == key
    assert str(caught.value.where.file).endswith("p.toml")
    assert exit_code(caught.value.code) == 11


def test_other_records_and_broken_files(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('name = "p"\nversion = 1\nrecord = "minefield"\n[fields]\n', encoding="utf-8")
    with pytest.raises(ProfileValue) as caught:
        Profile.load(path)
    assert "hazardous_area" in caught.value.values["expected"]
    path.write_text("= =", encoding="utf-8")
    with pytest.raises(ProfileUnreadable):
        Profile.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileUnreadable):
        Profile.load(path)
    with pytest.raises(ProfileNotFound) as missing:
        Profile.load("amsterdam")
    assert "amsterdam_suspected" in missing.value.values["known"]


def test_a_layer_may_override_fields(tmp_path: Path) -> None:
    profile = load(
        tmp_path,
        '[fields.name]\ncolumn = "a"\n[layers.old.fields.name]\ncolumn = "b"\n[layers.old]\ncrs = "EPSG:28407"\n',
    )
    assert profile.fields[0].columns == ("a",)
    old = profile.for_layer("old")
    assert old.fields[0].columns == ("b",)
    assert old.crs == "EPSG:28407"
    assert old.sha256 == profile.sha256
    assert profile.for_layer("new") is profile
