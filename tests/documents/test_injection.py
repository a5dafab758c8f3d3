"""What a field report says is text, in every output."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from xml.etree import ElementTree

import openpyxl
import pytest

from fallow.documents import build_area, build_balance, build_filed, build_totals
from fallow.documents.html import to_html
from fallow.documents.words import Words
from fallow.documents.xlsx import to_xlsx
from tests.documents.conftest import FILED, YEARS
from tests.documents.small_register import MILL, NORTH, SmallRegister, issued, ostravia

EVIL = "<script>alert('x')</script>"
FORMULAS = [
    "=1+1",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "{0}",
    "{name.__class__}",
    "%s",
    "\x07bell",
]


@pytest.fixture(scope="module")
def evil() -> SmallRegister:
    own = ostravia(name=f"{EVIL} & Co", notice=f"=HYPERLINK(1) {EVIL}")
    own.accept("hazardous_area", MILL, dt.date(2025, 3, 1), name=EVIL, identifiers=issued(EVIL, '"><svg onload=1>'),
               delimitation='"quotes" & <b>', remarks="]]></style><script>1</script>")  # fmt: skip
    own.accept("admin_unit", NORTH, dt.date(2025, 3, 1), name=f"</text></svg>{EVIL}")
    own.accept("place", "30000000-0000-7000-8000-000000000001", dt.date(2025, 3, 1), name=f"</text>{EVIL}")
    for number, text in enumerate(FORMULAS):
        own.accept("accident", f"60000000-0000-7000-8000-0000000000{number + 10}", dt.date(2025, 3, 1), kind="accident",
                   identifiers=issued(text))  # fmt: skip
    own.held.append(
        {"report": "90000000-0000-7000-8000-00000000000f", "record": "place", "file": f"=1{EVIL}.csv", "row": 1}
    )
    return own


@pytest.mark.parametrize("lang", ["en", "uk"])
@pytest.mark.parametrize("kind", ["totals", "filed", "balance", "area"])
def test_markup_stays_text(kind: str, lang: str, evil: SmallRegister) -> None:
    document = {
        "totals": lambda: build_totals(evil),
        "filed": lambda: build_filed(evil, FILED, 17),
        "balance": lambda: build_balance(evil, YEARS),
        "area": lambda: build_area(evil, MILL),
    }[kind]()
    text = to_html(document, Words(lang))
    assert "<script" not in text.casefold()
    assert "onload=1>" not in text.replace("&gt;", "")
    assert "&lt;script&gt;" in text
    assert text.count("</style>") == 1
    for drawing in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ElementTree.fromstring(drawing)  # noqa: S314 - our own drawing: it must be whole


def test_no_cell_is_a_formula(evil: SmallRegister) -> None:
    book = openpyxl.load_workbook(BytesIO(to_xlsx(build_totals(evil), Words("en"))))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    texts = [cell for cell in cells if isinstance(cell.value, str)]
    risky = [cell for cell in texts if cell.value.startswith(("=", "+", "-", "@", "\t", "\r", "|", "%"))]
    assert {str(cell.value) for cell in risky} >= {"=1+1", "+1", "@SUM(A1)"}
    assert all(cell.quotePrefix for cell in risky), "Excel keeps them as text even when somebody edits the cell"
    assert "\N{REPLACEMENT CHARACTER}bell" in {cell.value for cell in texts}


def test_braces_in_names_are_not_filled(evil: SmallRegister) -> None:
    text = to_html(build_totals(evil), Words("uk"))
    assert "{0}" in text
    assert "{name.__class__}" in text
