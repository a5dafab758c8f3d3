from __future__ import annotations

import datetime as dt

import pytest

from fallow.documents import Document, build_area, build_balance, build_filed, build_totals
from tests.documents.small_register import MILL, SmallRegister, ostravia

FILED, FILED_AT = dt.date(2024, 12, 31), dt.date(2024, 12, 31)
TODAY = dt.date(2025, 3, 1)
YEARS = [(dt.date(2024, 1, 1), dt.date(2025, 1, 1)), (dt.date(2025, 1, 1), dt.date(2026, 1, 1))]
KINDS = ("totals", "filed", "balance", "area")


@pytest.fixture(scope="session")
def register() -> SmallRegister:
    return ostravia()


def make(kind: str, own: SmallRegister) -> Document:
    if kind == "totals":
        return build_totals(own)
    if kind == "filed":
        return build_filed(own, FILED, FILED_AT, today=TODAY)
    if kind == "balance":
        return build_balance(own, YEARS)
    return build_area(own, MILL)


@pytest.fixture(scope="session")
def documents(register: SmallRegister) -> dict[str, Document]:
    return {kind: make(kind, register) for kind in KINDS}
