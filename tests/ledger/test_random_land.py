"""Random lives of areas and products over random polygons: what must hold whatever happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

import hypothesis.strategies as st
import numpy as np
import shapely
from hypothesis import given, settings

from fallow.ledger import LINES, SIGNS, Balance
from fallow.ledger.land_balance import draw_up
from fallow.records.depths import bands, bands_released, classes, classes_released
from tests.ledger.land import Change, Diary, box, day, metres, units
from tests.ledger.polygons import polygons

UNITS = units(
    ("w", box(-10, -10, 77.7, 300)), ("e", shapely.Polygon([(77.7, -10), (190, -10), (130, 300), (77.7, 300)]))
)
WHOLE = [("2024-01-01", "2024-03-01")]
SPLIT = [("2024-01-01", "2024-01-20"), ("2024-01-20", "2024-02-02"), ("2024-02-02", "2024-03-01")]
CLASSES = [["ap_mine"], ["av_mine"], ["ap_mine", "av_mine"], ["unknown"]]
DEPTHS = [metres(0.2), metres(0.5), {"absent": "unknown"}]
CLASSIFICATIONS = ["indication", "sha", "cha"]

new_area = st.fixed_dictionaries(
    {
        "shape": polygons,
        "classification": st.sampled_from(CLASSIFICATIONS),
        "contamination": st.sampled_from(CLASSES),
        "depth_to": st.sampled_from(DEPTHS),
    }
)
area_change = st.one_of(
    st.fixed_dictionaries({"shape": polygons}),
    st.fixed_dictionaries({"classification": st.sampled_from(CLASSIFICATIONS)}),
    st.fixed_dictionaries({"contamination": st.sampled_from(CLASSES)}),
    st.fixed_dictionaries({"record_status": st.sampled_from(["withdrawn", "current"])}),
    st.fixed_dictionaries({"act_kind": st.just("re_open"), "remarks": st.just("find")}),
)
new_product = st.fixed_dictionaries(
    {
        "shape": polygons,
        "kind": st.sampled_from(["cancelled", "reduced", "cleared"]),
        "contamination": st.sampled_from(CLASSES),
        "depth": st.sampled_from(DEPTHS[:2]),
    }
)
steps = st.one_of(
    st.tuples(st.just("area"), st.integers(0, 3), new_area, area_change),
    st.tuples(st.just("product"), st.integers(0, 9), new_product, st.none()),
)


@st.composite
def diaries(draw: st.DrawFn) -> Diary:
    diary = Diary()
    seen: set[str] = set()
    when = 0
    for number, (what, which, new, change) in enumerate(draw(st.lists(steps, min_size=1, max_size=8))):
        when += 1 + which * 5 % 9
        if what == "product":
            diary.product(f"product-{number}", when, new=True, **new)
        elif f"area-{which}" in seen:
            diary.area(f"area-{which}", when, **change)
        else:
            seen.add(f"area-{which}")
            diary.area(f"area-{which}", when, new=True, **new)
    return diary


def exact(balance: Balance) -> dict[Any, dict[str, int]]:
    return {
        tuple(row.cell): dict(row.ground) | {f"{line} areas": count for line, count in row.number.items()}
        for row in [*balance.rows(), *balance.footprint]
    }


def area_in(shape: shapely.Geometry) -> float:
    return float(shapely.area(shape))


@dataclass
class Overlay:
    """Open ground by overlay of shapes, one after the other: slow, approximate, and independent of the ledger."""

    held: dict[tuple[str, Any], Any] = field(default_factory=dict)  # (area, layer) → open ground
    last: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, change: Change) -> None:
        before = self.last.get(change.entity, {})
        state = {**before, **change.patch}
        if change.shape is not None:
            state["shape"] = change.shape
        self.last[change.entity] = state
        if change.record == "release_product":
            layers = self.layers(
                state, classes_released(state["contamination"]), bands_released(state["depth"], state["kind"])
            )
            for key in [key for key in self.held if key[1] in layers]:
                self.held[key] = shapely.difference(self.held[key], state["shape"])
            return
        nothing = shapely.Polygon()
        was = self.layers(
            before, classes(before.get("contamination")), bands(before.get("depth_from"), before.get("depth_to"))
        )
        now = self.layers(state, classes(state["contamination"]), bands(state["depth_from"], state["depth_to"]))
        for layer in was | now:
            old = before["shape"] if layer in was else nothing
            new = state["shape"] if layer in now else nothing
            kept = shapely.intersection(self.held.get((change.entity, layer), nothing), new)
            gained = new if change.kind == "re_open" else shapely.difference(new, old)
            self.held[change.entity, layer] = shapely.union(kept, gained)

    @staticmethod
    def layers(state: dict[str, Any], some_classes: Any, some_bands: Any) -> set[tuple[str, str]]:
        if not state or state.get("record_status") == "withdrawn":
            return set()
        return {(each, band) for each in some_classes for band in some_bands}

    def open(self, layer: tuple[str, str], classification: str | None = None) -> Any:
        found = [
            shape
            for (area, where), shape in self.held.items()
            if where == layer and classification in (None, self.last[area]["classification"])
        ]
        return shapely.union_all(found) if found else shapely.Polygon()


@given(diaries())
def test_closing_is_the_area_of_the_open_polygons(diary: Diary) -> None:
    found = diary.balance(*WHOLE, units=UNITS)
    overlay = Overlay()
    for change in diary.changes:
        overlay.take(change)
    layers = {layer for _, layer in overlay.held}
    closing: dict[Any, float] = {}
    for row in found.rows():
        key = (row.cell.contamination, row.cell.band, row.cell.classification)
        closing[key] = closing.get(key, 0.0) + row.m2("closing")
    for layer in layers:
        worse = shapely.Polygon()
        for classification in reversed(CLASSIFICATIONS):
            ground = shapely.difference(overlay.open(layer, classification), worse)
            assert abs(closing.pop((*layer, classification), 0.0) - area_in(ground)) < 1
            worse = shapely.union(worse, ground)
    assert not any(closing.values())


@given(diaries())
def test_every_face_has_one_state_in_a_layer_and_states_fill_the_assessed_land(diary: Diary) -> None:
    found = diary.balance(*WHOLE, units=UNITS)
    states = found.state_at(day("2024-02-28"))
    layers = sorted({layer for row in states.layers for layer in row})
    overlay = Overlay()
    assessed: dict[Any, list[Any]] = {layer: [] for layer in layers}
    for change in diary.changes:
        overlay.take(change)
        for (_, layer), shape in overlay.held.items():
            assessed.setdefault(layer, []).append(shape)
    assert sorted(assessed) == layers
    for layer in layers:
        rows = states.of(*layer)
        assert len(set(states.face[rows].tolist())) == len(rows)
        total = states.areas.take(rows).total() / 2e10
        assert abs(total - area_in(shapely.union_all(assessed[layer]))) < 1
        shapes = states.geometry[rows]
        assert abs(area_in(shapely.union_all(shapes)) - float(shapely.area(shapes).sum())) < 1e-3
        by_unit: dict[Any, int] = {}
        for row in rows:
            if states.state[row] in CLASSIFICATIONS:
                key = (states.unit[row], states.state[row])
                by_unit[key] = by_unit.get(key, 0) + states.areas.take(np.array([row])).total()
        printed = {
            (row.cell.unit, row.cell.classification): row.ground["closing"]
            for row in found.rows()
            if (row.cell.contamination, row.cell.band) == layer and "closing" in row.ground
        }
        assert by_unit == printed


@given(diaries())
def test_a_period_split_in_parts_telescopes(diary: Diary) -> None:
    whole = exact(diary.balance(*WHOLE, units=UNITS))
    parts = diary.balance(*SPLIT, units=UNITS)
    joined: dict[Any, dict[str, int]] = {}
    for row in [*parts.rows(), *parts.footprint]:
        place = joined.setdefault((next(iter(whole))[0] if whole else None, *row.cell[1:]), {})
        number = parts.periods.index(row.cell.period)
        for source, suffix in ((row.ground, ""), (row.number, " areas")):
            for line, value in source.items():
                ends = {"opening": 0, "closing": len(SPLIT) - 1}
                if ends.get(line, number) == number:
                    place[line + suffix] = place.get(line + suffix, 0) + value
    tidy = {key: {line: value for line, value in lines.items() if value} for key, lines in joined.items()}
    assert {key: lines for key, lines in tidy.items() if lines} == whole


@given(diaries(), st.randoms(use_true_random=False))
def test_the_order_in_which_records_come_changes_nothing(diary: Diary, random: Any) -> None:
    areas, products = diary.versions()

    def shuffled(versions: Any) -> Any:
        groups = [versions.rows_by_entity[entity] for entity in versions.entities]
        random.shuffle(groups)
        return versions.take(np.concatenate(groups)) if groups else versions

    def drawn(one: Any, other: Any) -> Balance:
        spans = [(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) for start, end in SPLIT]
        return draw_up(
            one, other, units=UNITS, lay=lambda shapes: shapes, equal_area="", periods=spans, booking_basis="decision"
        )

    here, there = drawn(areas, products), drawn(shuffled(areas), shuffled(products))
    assert exact(here) == exact(there)
    assert here.to_tables() == there.to_tables()


@given(diaries(), st.data())
def test_leaving_out_a_product_never_leaves_less_open(diary: Diary, data: st.DataObject) -> None:
    products = sorted({change.entity for change in diary.changes if change.record == "release_product"})
    if not products:
        return
    without = data.draw(st.sampled_from(products))
    # The removed product stays in the arrangement as one that names no class and releases nothing, so that faces are
    # the same and can be compared one by one.
    muted = replace(
        diary,
        changes=[
            replace(c, patch={**c.patch, "contamination": {"absent": "unknown"}}) if c.entity == without else c
            for c in diary.changes
        ],
    )
    rank = {"withdrawn": 0, "cancelled": 0, "reduced": 0, "cleared": 0, "indication": 1, "sha": 2, "cha": 3}

    def ranks(source: Diary) -> dict[Any, int]:
        states = source.balance(*WHOLE).state_at(day("2024-02-28"))
        return {
            (face, layer): rank[state]
            for face, layers, state in zip(states.face.tolist(), states.layers, states.state, strict=True)
            for layer in layers
        }

    full, less = ranks(diary), ranks(muted)
    assert full.keys() == less.keys()
    assert all(less[key] >= full[key] for key in full)
    # Left out altogether: in no layer is less ground open, at no classification or worse.

    def open_at_least(source: Diary) -> dict[Any, float]:
        found: dict[Any, float] = {}
        for row in source.balance(*WHOLE).rows():
            for grade in range(1, rank[row.cell.classification] + 1):
                key = (row.cell.contamination, row.cell.band, grade)
                found[key] = found.get(key, 0.0) + row.m2("closing")
        return found

    with_it, gone = open_at_least(diary), open_at_least(diary.without(without))
    assert all(gone.get(key, 0.0) >= size - 1e-3 for key, size in with_it.items())


@given(diaries(), st.integers(0, 8), st.sampled_from(["decision", "activity_end"]))
def test_whatever_was_known_at_the_opening_it_adds_up(diary: Diary, known: int, basis: str) -> None:
    # `balance` of the diary checks every identity; the opening must be the closing that was filed then.
    found = diary.balance(*SPLIT, units=UNITS, known_open=known, basis=basis)
    filed = diary.balance(("2020-01-01", "2024-01-01"), units=UNITS, known_close=known, basis=basis)
    late = replace(diary, changes=[replace(c, seq=c.seq + 100) for c in diary.changes])
    assert not late.balance(*SPLIT, units=UNITS, known_close=known, basis=basis).rows()

    def side(balance: Balance, line: str) -> dict[Any, float]:
        rows = [row for row in balance.rows() if row.cell.period == balance.periods[0]]
        return {row.cell[1:]: row.m2(line) for row in rows if row.printed(line)}

    assert side(found, "opening").keys() == side(filed, "closing").keys()


@settings(max_examples=20)
@given(diaries())
def test_lines_are_those_of_the_list(diary: Diary) -> None:
    from fallow.terms import code_list

    terms = code_list("balance_line")
    assert tuple(terms) == LINES
    signed = {line: int(terms[line].extra["sign"]) for line in SIGNS}
    assert all(signed[line] in (0, SIGNS[line]) for line in SIGNS)
    for row in diary.balance(*WHOLE).rows():
        assert set(row.ground) | set(row.number) <= set(LINES)
        for line, value in row.ground.items():
            assert value > 0 or line in ("re_measured", "withdrawn", "prior_period", "boundary_change")
