from __future__ import annotations

import datetime as dt

import pytest

from fallow import terms
from fallow.documents import Document, build_balance
from fallow.documents.balance import draw_balance
from fallow.documents.model import Figure, Quantity
from fallow.documents.words import Words
from fallow.ledger.lines import LINES, SIGNS
from tests.documents.conftest import YEARS
from tests.documents.small_register import MILL, SmallRegister, ostravia
from tests.documents.test_totals import figures, value


def test_the_printed_summary_adds_up(documents: dict[str, Document]) -> None:
    found = figures(documents["balance"])
    for start in ("2024-01-01", "2025-01-01"):
        for column in ("indication", "sha", "cha", "all"):
            lines = {line: value(found[f"whole.{start}.{column}.{line}.m2"]) for line in LINES}
            rest = sum(SIGNS[line] * lines[line] for line in SIGNS)
            assert lines["opening"] + rest == pytest.approx(lines["closing"], abs=len(LINES)), (
                "each line is rounded once"
            )
    assert found["whole.2024-01-01.all.closing.m2"].value == found["whole.2025-01-01.all.opening.m2"].value


def test_figures_are_those_of_the_ledger(register: SmallRegister, documents: dict[str, Document]) -> None:
    drawn, _basis = draw_balance(register, YEARS)
    found = figures(documents["balance"])
    rows = [row for row in drawn.footprint if row.ground]
    assert rows
    for row in rows:
        cell = row.cell
        key = f"union.{cell.period.start}.{cell.unit or 'none'}.{cell.contamination}.any.{cell.classification}"
        for line in ("opening", "newly_identified", "closing"):
            assert value(found[f"{key}.{line}.m2"]) == row.printed(line)
            entities = [entity for _record, entity in found[f"{key}.{line}.m2"].entities]
            assert entities == (sorted(drawn.records(row, line)) if row.ground.get(line) else [])


def test_layers_keep_class_and_depth(documents: dict[str, Document]) -> None:
    (table,) = [table for table in documents["balance"].tables() if table.key == "layers.2024-01-01.m2"]
    words = Words("en")
    heads = [words(column.head) for column in table.columns]
    assert heads[:3] == ["Contamination class", "Depth", "Classification"]
    cleared = heads.index("−\u00a0Cleared")
    rows = [[words(cell) for cell in row.cells] for row in table.rows if row.kind == "row"]
    assert {(row[0], row[1]) for row in rows if row[cleared] != "0"} == {
        ("Submunition", "surface and down to 0.5\u00a0m")
    }
    assert ("Unknown class", "all depths") in {(row[0], row[1]) for row in rows}


def test_unused_lines_are_named_not_dropped_in_silence(documents: dict[str, Document]) -> None:
    words = Words("en")
    for table in documents["balance"].tables():
        if table.key.startswith(("union.", "layers.")) and table.rows:
            said = " ".join([words(column.head) for column in table.columns] + [words(note) for note in table.notes])
            assert all(terms.label("balance_line", line, "en") in said for line in LINES), table.key


def test_booking_basis_and_checkpoint_are_printed(documents: dict[str, Document]) -> None:
    pairs = {Words("en")(name): Words("en")(cell) for name, cell in documents["balance"].basis.pairs}
    assert pairs["Releases are booked by"] == "End of the activity"
    assert pairs["Known up to checkpoint"] == "19"
    assert pairs["Head of the chain at the checkpoint"] == documents["balance"].head


def test_what_came_late_stands_in_prior_period() -> None:
    own = ostravia()
    year = [(dt.date(2025, 1, 1), dt.date(2026, 1, 1))]
    filed = figures(build_balance(own, year, known_open=17))
    plain = figures(build_balance(own, year))
    opening, prior = "whole.2025-01-01.all.opening.m2", "whole.2025-01-01.all.prior_period.m2"
    assert value(plain[prior]) == 0
    assert value(filed[opening]) + value(filed[prior]) == pytest.approx(value(plain[opening]), abs=1)
    assert value(filed[prior]) > 0
    assert MILL in {entity for _record, entity in filed[prior].entities}


def test_areas_without_outline_and_quantities_stand_apart(documents: dict[str, Document]) -> None:
    tables = {table.key: table for table in documents["balance"].tables()}
    typed = [cell for row in tables["typed.2024-01-01"].rows for cell in row.cells if isinstance(cell, Figure)]
    assert Quantity(4000) in [cell.value for cell in typed]
    quantities = [
        cell for row in tables["quantities.2024-01-01"].rows for cell in row.cells if isinstance(cell, Figure)
    ]
    assert [cell.value for cell in quantities] == [Quantity(4.0, "building", None)]
    assert {row.cells[1] for row in tables["outside.2024-01-01"].rows} >= {"CL-1"}
