"""The way of a record, command by command, as an officer types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import HEAD, Desk, area_row, square


def taken(land: Desk, *rows: str, name: str = "areas.csv") -> Path:
    file = land.write(name, HEAD + "".join(rows))
    land.ok("import", file, "--record", "hazardous_area", "--crs", "EPSG:4326", *land.as_("Anna", "enter"))
    return file


def test_from_file_to_answer(land: Desk) -> None:
    taken(land, area_row(1, square(30.1, 50.1)), area_row(2, square(30.7, 50.7), classification="cha"))
    waiting = land.ok("inbox", "list", "--json").data
    assert [item["state"] for item in waiting] == ["submitted", "submitted"]
    before = land.ok("at", "30.105,50.105", "--json").data
    assert before["states"] == ["not_assessed"]
    assert [item["title"] for item in before["unverified"]] == ["Area 1"]
    done = land.ok("inbox", "approve", "--all", "--json", *land.as_("Bohdan", "approve")).data
    assert done["approved"] == 2
    after = land.ok("at", "30.105,50.105", "--json").data
    assert after["states"] == ["recorded_hazard"]
    assert land.ok("show", "HA-1", "--json").data["values"]["classification"] == "sha"
    assert land.ok("audit", "--json").data["faults"] == []


def test_same_file_twice_is_a_no_op(land: Desk) -> None:
    file = taken(land, area_row(1, square(30.1, 50.1)))
    again = land.ok(
        "import", file, "--record", "hazardous_area", "--crs", "EPSG:4326", "--json", *land.as_("Anna", "enter")
    )
    counts = again.data[0]["counts"]
    assert (counts["accepted"], counts["held"], counts["rejected"], counts["already_received"]) == (0, 0, 1, 1)
    assert len(land.ok("inbox", "list", "--json").data) == 1


def test_dry_run_changes_nothing(land: Desk) -> None:
    file = land.write("areas.csv", HEAD + area_row(1, square(30.1, 50.1)))
    before = land.register.read_bytes()
    options = ("--record", "hazardous_area", "--crs", "EPSG:4326", "--dry-run", *land.as_("Anna", "enter"))
    assert "nothing was changed" in land.ok("import", file, *options).out
    assert land.register.read_bytes() == before


def test_release_balances_and_is_answered_with_class_and_depth(land: Desk) -> None:
    taken(land, area_row(1, square(30.1, 50.1)))
    land.ok("inbox", "approve", "--all", *land.as_("Bohdan", "approve"))
    product = land.write(
        "product.csv",
        "WKT,identifiers,kind,contamination,depth,decided,date_of_information\n"
        f'"{square(30.1, 50.1, 0.005)}",op:RP-1,cleared,ap_mine,0.2 m,2024-09-01,2024-09-01\n',
    )
    land.ok("import", product, "--record", "release_product", "--crs", "EPSG:4326", *land.as_("Anna", "enter"))
    refused = land.run("inbox", "approve", "--all", *land.as_("Bohdan", "approve"))
    assert refused.code == 31
    assert "no reasons" in refused.err
    land.ok(
        "inbox", "approve", "--all", "--reason", "clearance_completed", "--evidence", "completion report 12",
        *land.as_("Bohdan", "approve"),
    )  # fmt: skip
    rows = land.ok("balance", "--years", "2024-2026", "--json").data
    assert any(isinstance(part, list) and part for part in rows.values())
    here = land.ok("at", "30.102,50.102", "--json").data
    assert "release_product" in here["here"]


def test_history_and_two_times(land: Desk) -> None:
    taken(land, area_row(1, square(30.1, 50.1)))
    land.ok("inbox", "approve", "--all", *land.as_("Bohdan", "approve"))
    first = land.ok("as-of", "--json").data["known_seq"]
    row = area_row(1, square(30.1, 50.1), day="2025-02-01", classification="cha")
    taken(land, row, name="second.csv")
    land.ok("inbox", "approve", "--all", *land.as_("Bohdan", "approve"))
    assert land.ok("show", "HA-1", "--json").data["values"]["classification"] == "cha"
    assert land.ok("show", "HA-1", "--known", str(first), "--json").data["values"]["classification"] == "sha"
    assert land.ok("show", "HA-1", "--true", "2024-06-01", "--json").data["values"]["classification"] == "sha"
    assert len(land.ok("history", "HA-1", "--json").data["versions"]) == 2
    assert "Class" in land.ok("history", "HA-1").out


def test_submit_by_hand_and_correct(land: Desk) -> None:
    land.ok(
        "submit", "hazardous_area", "--set", "identifiers=op:HA-9", "--set", "name=By hand", "--set", "classification=cha",
        "--set", "contamination=submunition", "--set", "date_of_information=2024-05", "--wkt", square(30.2, 50.2),
        "--crs", "EPSG:4326", *land.as_("Anna", "enter"),
    )  # fmt: skip
    land.ok("inbox", "approve", "--all", *land.as_("Bohdan", "approve"))
    lower = ("correct", "HA-9", "--set", "classification=sha", *land.as_("Anna", "enter"))
    report = land.ok(*lower, "--json").data["report"]
    assert land.run("inbox", "approve", report, *land.as_("Bohdan", "approve")).code == 31
    reason = ("--reason", "reclassified_on_evidence", "--evidence", "survey 3")
    land.ok("inbox", "approve", report, *reason, *land.as_("Bohdan", "approve"))
    assert land.ok("show", "HA-9", "--json").data["values"]["classification"] == "sha"
    act = land.ok("history", "HA-9", "--json").data["versions"][-1]["act"]
    undo = land.ok("correct", "HA-9", "--undo", act, "--json", *land.as_("Anna", "enter")).data["report"]
    land.ok("inbox", "approve", undo, "--reason", "survey_error", "--evidence", "x", *land.as_("Bohdan", "approve"))
    assert land.ok("show", "HA-9", "--json").data["values"]["classification"] == "cha"


@pytest.mark.parametrize("kind", ["toml", "csv", "xlsx"])
def test_template_comes_back_as_it_was_written(land: Desk, kind: str) -> None:
    path = land.folder / f"blank.{kind}"
    land.ok("template", "hazardous_area", path)
    assert path.stat().st_size > 100
    assert land.run("template", "hazardous_area", path).code == 2


def test_reject_return_reconcile(land: Desk) -> None:
    taken(land, area_row(1, square(30.1, 50.1)), area_row(2, square(30.3, 50.3)))
    one, two = (item["report"] for item in land.ok("inbox", "list", "--json").data)
    assert land.run("inbox", "reject", one, "--note", " ", *land.as_("Bohdan", "approve")).code == 31
    land.ok("inbox", "reject", one, "--note", "drawn from memory", *land.as_("Bohdan", "approve"))
    assert land.run("inbox", "approve", one, *land.as_("Bohdan", "approve")).code == 30
    land.ok("inbox", "reconcile", two, "--kind", "new", *land.as_("Rita", "review"))
    assert land.run("inbox", "approve", two, *land.as_("Anna", "approve")).code == 30
    land.ok("inbox", "approve", two, *land.as_("Bohdan", "approve"))
    assert "drawn from memory" in land.ok("inbox", "show", one).out


def test_documents_and_filing(land: Desk) -> None:
    taken(land, area_row(1, square(30.1, 50.1)))
    land.ok("inbox", "approve", "--all", *land.as_("Bohdan", "approve"))
    out = land.folder / "out"
    made = land.ok("document", "totals", "--format", "html,xlsx", "--out", out, "--json").data["files"]
    assert sorted(Path(name).suffix for name in made) == [".html", ".xlsx"]
    sheet = land.ok("document", "area", "HA-1", "--format", "html", "--out", out, "--lang", "uk", "--json").data[
        "files"
    ]
    assert "Площа" in Path(sheet[0]).read_text() or "територія" in Path(sheet[0]).read_text()
    filed = land.ok(
        "document", "totals", "--format", "html", "--out", out, "--file", "--json", *land.as_("Bohdan", "approve")
    )
    assert filed.data["filing"]


def test_national_field(land: Desk) -> None:
    steward = land.as_("Sofia", "steward")
    labels = ("--en", "Cadastre sheet", "--uk", "Кадастровий аркуш")
    report = land.ok("field", "add", "hazardous_area", "x_sheet", *labels, "--json", *steward).data["report"]
    land.ok("inbox", "approve", report, *land.as_("Bohdan", "approve"))
    names = [item["name"] for item in land.ok("field", "list", "hazardous_area", "--json").data]
    assert "x_sheet" in names
    taken(land, area_row(1, square(30.1, 50.1)))  # a form made before the field came
    land.ok("inbox", "approve", "--all", *land.as_("Bohdan", "approve"))


def test_rebuild(land: Desk) -> None:
    assert land.ok("rebuild", "--json").data["acts"] == land.ok("as-of", "--json").data["known_seq"]


def test_synth_is_the_same_for_the_same_seed(desk: Desk) -> None:
    for name in ("one", "two"):
        desk.ok("synth", desk.folder / name, "--areas", "12", "--seed", "5")
    one, two = (sorted(path for path in (desk.folder / name).rglob("*") if path.is_file()) for name in ("one", "two"))
    assert [path.name for path in one] == [path.name for path in two]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(one, two, strict=True))
    assert desk.run("synth", desk.folder / "one").code == 2
