from __future__ import annotations

import datetime as dt

import pytest

from fallow.documents import build_filed, build_totals
from fallow.documents.errors import NothingFiled
from fallow.documents.model import Figure, Quantity
from tests.documents.conftest import FILED
from tests.documents.small_register import MILL, ORCHARD, SmallRegister, day, issued, metres, ostravia, ring
from tests.documents.test_totals import figures, value

LATE = "80000000-0000-7000-8000-0000000000ff"


def late_release(own: SmallRegister) -> None:
    """A clearance of December that reached the register in March."""
    change = own.accept("release_product", LATE, dt.date(2025, 3, 3), ring(36.3182, 49.9112, 80, 80), kind="cleared",
                        contamination=["submunition"], depth=metres(0.5, "ground_surface"), end=day("2024-12-20"),
                        decided=day("2024-12-22"), identifiers=issued("CL-9"), area={"ref": ORCHARD})  # fmt: skip
    change.valid_from = dt.date(2024, 12, 20)


def test_as_filed_is_what_the_totals_were() -> None:
    own = ostravia()
    then = figures(build_totals(own, true=FILED, known=17))
    late_release(own)
    filed = figures(build_filed(own, FILED, 17))
    compared = {key.removesuffix(".filed"): each for key, each in filed.items() if key.endswith(".filed")}
    assert {key for key in then if not key.startswith(("headline.not_drawn",))} == set(compared)
    assert all(then[key].value == each.value and then[key].parts == each.parts for key, each in compared.items())


def test_what_was_learned_opens_its_records() -> None:
    own = ostravia()
    late_release(own)
    found = figures(build_filed(own, FILED, 17))
    learned = found["headline.open_m2.learned"]
    assert isinstance(learned.value, Quantity)
    assert learned.value.signed
    assert {entity for _record, entity in learned.entities} == {MILL, LATE}, (
        "a late release explains lost square metres"
    )
    assert value(found["headline.open_m2.now"]) - value(found["headline.open_m2.filed"]) == pytest.approx(
        learned.value.value, abs=1
    )
    new = found["releases.cleared.submunition.0.5ground_surface.2024q4.number.learned"]
    assert [entity for _record, entity in new.entities] == [LATE]


def test_what_did_not_change_explains_nothing() -> None:
    found = figures(build_filed(ostravia(), FILED, 17))
    assert [entity for _record, entity in found["summary.records"].entities] == [MILL]
    gone = next(each for key, each in found.items() if key.endswith(".sha.ap_mine.m2.learned"))
    assert [entity for _record, entity in gone.entities] == [MILL], "the row is gone because of the mill alone"


def test_nothing_learned_is_no_difference() -> None:
    own = ostravia()
    document = build_filed(own, FILED, len(own.changes))
    learned = [figure for figure in document.figures() if figure.key.endswith(".learned")]
    assert learned
    assert [figure.key for figure in learned if figure.parts] == []
    (changes,) = [table for table in document.tables() if table.key == "changes"]
    assert changes.rows == ()


def test_today_stands_beside_only_when_it_is_named() -> None:
    own = ostravia()
    without = figures(build_filed(own, FILED, 17))
    beside = figures(build_filed(own, FILED, 17, today=dt.date(2025, 3, 1)))
    assert not [key for key in without if key.endswith((".today", ".happened"))]
    assert value(beside["headline.areas.today"]) == value(beside["headline.areas.now"]) + 1
    assert {key: each.value for key, each in without.items()}.items() <= {
        key: each.value for key, each in beside.items()
    }.items()


def test_every_change_since_is_listed_with_who_approved_it() -> None:
    own = ostravia()
    (table,) = [table for table in build_filed(own, FILED, 17).tables() if table.key == "changes"]
    assert [row.cells[0] for row in table.rows] == [Quantity(18), Quantity(19)]
    assert all("M. Bondar" in row.cells for row in table.rows)


def test_a_filing_before_the_first_acceptance_is_refused() -> None:
    with pytest.raises(NothingFiled):
        build_filed(ostravia(), dt.date(2020, 12, 31), dt.date(2020, 12, 31))


def test_every_difference_names_records() -> None:
    own = ostravia()
    late_release(own)
    own.accept("hazardous_area", ORCHARD, dt.date(2025, 3, 4), record_status="withdrawn").valid_from = dt.date(
        2024, 6, 1
    )
    for figure in build_filed(own, FILED, 17, today=dt.date(2025, 3, 5)).figures():
        if (
            figure.key.endswith((".learned", ".happened"))
            and isinstance(figure.value, Quantity)
            and round(figure.value.value)
        ):
            assert figure.parts, figure.key
            assert isinstance(figure, Figure)
