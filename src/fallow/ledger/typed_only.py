"""Areas without ground: a point with a typed area, or no position at all. They balance in lines of their own.

Such an area has a size as somebody typed it, never a shape; it is not cut, not overlaid and never added to ground.
A product that names it releases the quantity that the product states, or the measured area of the product's own
ground where none is stated; no more is released than is open. An area of unknown size is counted, with no square
metres, and stays open until an act says otherwise: what is unknown is never used up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from fallow.ledger.areas_exact import from_m2
from fallow.ledger.courses import EXTENSION, RE_OPEN
from fallow.ledger.coverings import FIRST, LAST, THEN, Entries
from fallow.ledger.layers import ANY, Layers, members
from fallow.ledger.lines import LINE, RELEASED_BY


class Posting(NamedTuple):
    """One booked difference: what the closing figures of a cell change by."""

    day: int
    area: str
    acting: str
    unit: int
    target: int
    grade: int
    line: int
    amount: int
    number: int


class Held(NamedTuple):
    """What is open of an area in one target; ``known`` is False where its size is not."""

    unit: int
    grade: int
    amount: int
    known: bool


class Effect(NamedTuple):
    """What a product stated in square metres does to the typed-only area that it names, if to one."""

    day: int
    product: str
    unit: int
    kind: int
    stated: int
    released: int


Holdings = dict[int, Held]  # target → what is open


class TypedOnly:
    """Balances areas without ground.

    Args:
        entries: entries of areas and products.
        layers: the layer sets.
        unit_of: (entry, day) → number of the unit, -1 for none.
        border_days: days on which unit boundaries changed, as ordinals.
        measured: entry of a product → exact area of its ground, None where it has none.
    """

    def __init__(
        self,
        entries: Entries,
        layers: Layers,
        unit_of: Callable[[int, int], int],
        border_days: list[int],
        measured: Callable[[int], int | None],
    ) -> None:
        self.entries = entries
        self.layers = layers
        self.unit_of = unit_of
        self.border_days = border_days
        self.measured = measured
        self.postings: list[Posting] = []
        self.effects: list[Effect] = []
        self.days: dict[int, dict[str, Holdings]] = {}

    def run(self, days: list[int]) -> TypedOnly:
        """Book every difference, and keep what is held at the beginning of each of ``days`` (ordinals)."""
        self.days = {day: {} for day in days}
        entries = self.entries
        course: dict[int, list[int]] = {}
        for entry in range(len(entries.areas)):
            course.setdefault(int(entries.source[entry]), []).append(entry)
        typed = {
            source
            for source, numbers in course.items()
            if any(entries.active[entry] and entries.shape[entry] < 0 for entry in numbers)
        }
        naming = self._naming({entries.ids[source] for source in typed})
        for source in sorted(typed):
            _Course(self, course[source], naming.get(entries.ids[source], [])).run()
        self._unplaced()
        return self

    def _naming(self, areas: set[str]) -> dict[str, list[int]]:
        """Return, per typed-only area, the entries of the products that ever name it."""
        entries = self.entries
        found: dict[str, set[int]] = {}
        by_product: dict[int, list[int]] = {}
        for entry in range(len(entries.areas), len(entries.source)):
            product = int(entries.source[entry])
            by_product.setdefault(product, []).append(entry)
            named = named_area(self.entries.state(entry))
            if named in areas:
                found.setdefault(named, set()).add(product)
        return {
            area: [entry for product in sorted(products) for entry in by_product[product]]
            for area, products in found.items()
        }

    def _unplaced(self) -> None:
        """Report products that state square metres but have neither ground nor a typed-only area to take them from."""
        entries = self.entries
        placed = {(effect.day, effect.product) for effect in self.effects}
        for entry in range(len(entries.areas), len(entries.source)):
            stated = square_metres(self.entries.state(entry).get("quantity"))
            if entries.shape[entry] >= 0 or not entries.active[entry] or not stated:
                continue
            day, product = int(entries.booked[entry]), entries.ids[int(entries.source[entry])]
            if (day, product) not in placed:
                unit = self.unit_of(entry, day)
                self.effects.append(Effect(day, product, unit, int(entries.grade[entry]), stated, 0))

    def stated(self, entry: int) -> int:
        """Return what a product's entry releases at most of an area that it names."""
        quantity = square_metres(self.entries.state(entry).get("quantity"))
        return quantity or self.measured(entry) or 0


class _Release(NamedTuple):
    amount: int
    layers: int  # bits
    kind: int


class _Course:
    """One typed-only area from its first entry on."""

    def __init__(self, ledger: TypedOnly, entries: list[int], products: list[int]) -> None:
        self.ledger = ledger
        self.own = entries
        self.products = products
        self.area = ledger.entries.ids[int(ledger.entries.source[entries[0]])]
        self.entry: int | None = None  # in force
        self.ever = False
        self.claims: dict[int, int] = {}  # layer → order of the claim
        self.releases: dict[int, tuple[int, _Release]] = {}  # product → (order, what it releases)

    def run(self) -> None:
        held: Holdings = {}
        waiting = sorted(self.ledger.days)
        for day, order, entry, phase in sorted(self._moments()):
            while waiting and waiting[0] <= day:
                self._keep(waiting.pop(0), held)
            now, line = self._step(day, order, entry, phase, held)
            self._book(day, entry, held, now, line)
            held = now
        for day in waiting:
            self._keep(day, held)

    def _keep(self, day: int, held: Holdings) -> None:
        if held:
            self.ledger.days[day][self.area] = held

    def _moments(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield (day, order, entry, phase); a change of unit boundaries comes first on its day."""
        entries = self.ledger.entries
        for number, entry in enumerate(self.own):
            # An entry that lowers comes after the releases of its own act, so that they book what they release.
            phase = LAST if number and self._lowers(self.own[number - 1], entry) else FIRST
            yield int(entries.booked[entry]), int(entries.order[entry, phase]), entry, phase
        for entry in self.products:
            for phase in (FIRST, THEN):
                yield int(entries.booked[entry]), int(entries.order[entry, phase]), entry, phase
        for day in self.ledger.border_days:
            yield day, -1, -1, FIRST

    def _lowers(self, before: int, after: int) -> bool:
        entries, sets = self.ledger.entries, self.ledger.layers.sets
        was, now = self._size(before), self._size(after)
        return bool(
            not self._is_typed(after)
            or entries.grade[after] < entries.grade[before]
            or sets[int(entries.layers[before])] & ~sets[int(entries.layers[after])] != 0
            or (was is not None and now is not None and now < was)
        )

    def _is_typed(self, entry: int | None) -> bool:
        entries = self.ledger.entries
        return entry is not None and bool(entries.active[entry]) and int(entries.shape[entry]) < 0

    def _size(self, entry: int) -> int | None:
        return square_metres(self.ledger.entries.state(entry).get("typed_area")) or None

    def _step(
        self, day: int, order: int, entry: int, phase: int, held: Holdings
    ) -> tuple[Holdings, Callable[[int, bool], int]]:
        """Take one step; return what is held then, and the line by target and direction (True: it grows)."""
        entries = self.ledger.entries
        if entry < 0:
            return self._held(day), lambda _target, _grows: LINE["boundary_change"]
        if entry < len(entries.areas):
            line = self._enter(entry, order, held)
            return self._held(day), line
        product, release = int(entries.source[entry]), self._release(entry)
        standing = self.releases.get(product)
        if standing is not None and standing[1] == release:  # a later version that says the same of this area
            return held, lambda _target, _grows: LINE["re_opened"]
        if phase == FIRST:
            self.releases.pop(product, None)
            return self._held(day), lambda _target, _grows: LINE["re_opened"]
        if release is not None and self._is_typed(self.entry):
            self.releases[product] = (order, release)
            now = self._held(day)
            self._report(day, entry, held, now)
            return now, lambda _target, _grows: RELEASED_BY[release.kind]
        return held, lambda _target, _grows: LINE["re_opened"]

    def _release(self, entry: int) -> _Release | None:
        """Return what a product's entry releases of this area, None where it does not stand or names another."""
        entries = self.ledger.entries
        if not entries.active[entry] or named_area(entries.state(entry)) != self.area:
            return None
        covered = self.ledger.layers.sets[int(entries.layers[entry])]
        return _Release(self.ledger.stated(entry), covered, int(entries.grade[entry]))

    def _enter(self, entry: int, order: int, held: Holdings) -> Callable[[int, bool], int]:
        """Let an entry of the area itself take force."""
        entries, sets = self.ledger.entries, self.ledger.layers.sets
        before, flag = self.entry, int(entries.flag[entry])
        stood, was_typed = before is not None and bool(entries.active[before]), self._is_typed(before)
        ever = self.ever
        self.entry, self.ever = entry, ever or bool(entries.active[entry])
        typed, stands = self._is_typed(entry), bool(entries.active[entry])
        layers = sets[int(entries.layers[entry])] if typed else 0
        kept = {} if flag == RE_OPEN or not was_typed else self.claims
        of_old = self.ledger.layers.with_unions(sum(1 << layer for layer in self.claims))
        of_new = self.ledger.layers.with_unions(layers)
        self.claims = {layer: kept.get(layer, order) for layer in members(layers)}

        def line(target: int, grows: bool) -> int:
            if not grows:
                if not stands:
                    return LINE["withdrawn"]
                return LINE["re_measured"] if not typed or of_new >> target & 1 else LINE["reclassified_out"]
            if flag == RE_OPEN:
                return LINE["re_opened"]
            if not ever or flag == EXTENSION:
                return LINE["newly_identified"]
            if not stood:
                return LINE["withdrawn"]
            if not was_typed:
                return LINE["re_measured"]
            if not of_old >> target & 1:
                return LINE["reclassified_in"]
            return LINE["re_measured"] if target in held else LINE["re_opened"]

        return line

    def _held(self, day: int) -> Holdings:
        """Return what is open now, per target: per layer what is not released, per union the largest of its layers."""
        if self.entry is None or not self._is_typed(self.entry):
            return {}
        size = self._size(self.entry)
        unit = self.ledger.unit_of(self.entry, day)
        grade = int(self.ledger.entries.grade[self.entry])
        layers = self.ledger.layers
        found: Holdings = {}
        for layer, since in self.claims.items():
            amount = 0
            if size is not None:
                amount = size - sum(
                    release.amount
                    for order, release in self.releases.values()
                    if order > since and release.layers >> layer & 1
                )
                if amount <= 0:
                    continue
            one = layers.targets[layer][0]
            for target in (layer, layers.target((one, ANY)), layers.target((ANY, ANY))):
                so_far = found.get(target)
                if so_far is None or so_far.amount < amount:
                    found[target] = Held(unit, grade, amount, size is not None)
        return found

    def _report(self, day: int, entry: int, held: Holdings, now: Holdings) -> None:
        entries = self.ledger.entries
        nothing = Held(-1, 0, 0, True)
        released = max(
            (was.amount - now.get(target, nothing).amount for target, was in held.items()),
            default=0,
        )
        product = entries.ids[int(entries.source[entry])]
        unit = self.ledger.unit_of(entry, day)
        effect = Effect(day, product, unit, int(entries.grade[entry]), self.ledger.stated(entry), released)
        self.ledger.effects.append(effect)

    def _book(self, day: int, entry: int, held: Holdings, now: Holdings, line: Callable[[int, bool], int]) -> None:
        entries = self.ledger.entries
        acting = self.area if entry < 0 else entries.ids[int(entries.source[entry])]

        def post(target: int, place: Held, number_of_line: int, amount: int, number: int) -> None:
            self.ledger.postings.append(
                Posting(day, self.area, acting, place.unit, target, place.grade, number_of_line, amount, number)
            )

        for target in sorted(held.keys() | now.keys()):
            was, then = held.get(target), now.get(target)
            if was is None and then is not None:
                post(target, then, line(target, True), then.amount, 1)
            elif then is None and was is not None:
                post(target, was, line(target, False), -was.amount, -1)
            elif was is not None and then is not None:
                if was[:2] == then[:2]:
                    if was.amount != then.amount:
                        post(target, then, line(target, then.amount > was.amount), then.amount - was.amount, 0)
                    continue
                out, into = LINE["reclassified_out"], LINE["reclassified_in"]
                if was.grade == then.grade:
                    out = into = line(target, True) if entry < 0 else LINE["re_measured"]
                post(target, was, out, -was.amount, -1)
                post(target, then, into, then.amount, 1)


def named_area(state: dict[str, Any]) -> str | None:
    """Return the entity id of the area that a product's state names, None where it names none."""
    area = state.get("area")
    named = area.get("ref") if isinstance(area, dict) else None
    return named if isinstance(named, str) else None


def square_metres(wire: Any) -> int | None:
    """Return a measured area (wire form, in any unit of area) as an exact amount, None for anything else."""
    from fallow.terms import code_list

    if not isinstance(wire, dict) or "value" not in wire:
        return None
    term = code_list("unit").terms.get(str(wire.get("unit")))
    if term is None or "m2" not in (term.code, term.parent):
        return None
    return from_m2(float(wire["value"]) * term.extra["factor"])
