"""Layers of the ledger: contamination class by depth band, sets of them, and how sets on one face divide each other.

Every record names a set of layers. On a face that several records cover, the sets are divided into *atoms*, the
largest groups of layers that all records treat alike, so that a history is worked out once per atom and not once
per layer. Besides single layers the balance prints two kinds of unions: a class over all bands, and the footprint
over everything. They are *targets* like the layers; none of them is ever a sum of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ANY = "any"

Layer = tuple[str, str]  # (contamination class, depth band), either of them possibly ANY


@dataclass(frozen=True, slots=True)
class Division:
    """How the layer sets that meet on one face divide each other.

    Args:
        sets: the layer sets, by number, sorted.
        atoms: per atom, the bit mask of the positions in ``sets`` that hold it.
        atom_sets: per atom, the number of the set of targets that it counts for.
        groups: per group of targets that always agree, the atoms they are the union of.
        group_sets: per group, the number of its set of targets.
        form: what a face's history depends on: number of the pair (atoms, groups).
    """

    sets: tuple[int, ...]
    atoms: tuple[int, ...]
    atom_sets: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    group_sets: tuple[int, ...]
    form: int


class Layers:
    """Numbers for targets and for sets of them. Numbers are private to one balance.

    Attributes:
        targets: the targets by number.
        sets: the sets by number; bit n stands for target n.
        forms: (atoms, groups) of divisions, by number.
    """

    def __init__(self) -> None:
        self.targets: list[Layer] = []
        self.sets: list[int] = []
        self.forms: list[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]] = []
        self._target: dict[Layer, int] = {}
        self._of_class: dict[str, int] = {}  # class → bits of its layers
        self._set: dict[int, int] = {}
        self._form: dict[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], int] = {}
        self._division: dict[tuple[int, ...], Division] = {}
        self._united: dict[int, int] = {}
        self._wire: dict[Any, int] = {}

    def target(self, layer: Layer) -> int:
        """Return the number of a target."""
        if layer not in self._target:
            self._target[layer] = len(self.targets)
            self.targets.append(layer)
            if ANY not in layer:
                self._of_class[layer[0]] = self._of_class.get(layer[0], 0) | 1 << self._target[layer]
        return self._target[layer]

    def set_of(self, bits: int) -> int:
        """Return the number of a set of targets, given as bits."""
        if bits not in self._set:
            self._set[bits] = len(self.sets)
            self.sets.append(bits)
        return self._set[bits]

    def members(self, number: int) -> list[int]:
        """Return the targets of a set, ascending."""
        return members(self.sets[number])

    def product(self, classes: tuple[str, ...], bands: tuple[str, ...]) -> int:
        """Return the number of the set of all layers of some classes in some bands."""
        bits = 0
        for each in classes:
            for band in bands:
                bits |= 1 << self.target((each, band))
        return self.set_of(bits)

    def of_area(self, state: dict[str, Any]) -> int:
        """Return the layer set of a hazardous area's state (wire values)."""
        names = ("contamination", "depth_from", "depth_to")
        key = ("area", *(repr(state.get(name)) for name in names))
        if key not in self._wire:
            from fallow.records.depths import bands, classes

            contamination, shallow, deep = (state.get(name) for name in names)
            self._wire[key] = self.product(tuple(classes(contamination)), tuple(bands(shallow, deep)))
        return self._wire[key]

    def of_product(self, state: dict[str, Any]) -> int:
        """Return the layer set of a release product's state (wire values): the bands that it covers fully.

        A product that is limited to some items of its classes releases no layer.
        """
        names = ("contamination", "depth", "kind", "limited_to")
        key = ("product", *(repr(state.get(name)) for name in names))
        if key not in self._wire:
            from fallow.records.depths import bands_released, classes_released

            contamination, depth, kind, limit = (state.get(name) for name in names)
            limited = isinstance(limit, str) and limit.strip() != ""
            released = () if limited else tuple(bands_released(depth, str(kind)))
            self._wire[key] = self.product(tuple(classes_released(contamination)), released)
        return self._wire[key]

    def minus(self, one: int, other: int) -> int:
        """Return the layers of ``one`` that are not in ``other``."""
        return self.set_of(self.sets[one] & ~self.sets[other])

    def both(self, one: int, other: int) -> int:
        """Return the layers that are in both sets."""
        return self.set_of(self.sets[one] & self.sets[other])

    def with_unions(self, bits: int) -> int:
        """Return layers with the unions that they count for: their classes over all bands, and the footprint."""
        if bits not in self._united:
            united = bits
            for each, layers in list(self._of_class.items()):
                if layers & bits:
                    united |= 1 << self.target((each, ANY)) | 1 << self.target((ANY, ANY))
            self._united[bits] = united
        return self._united[bits]

    def divide(self, sets: tuple[int, ...]) -> Division:
        """Return how layer sets (numbers, sorted, distinct) divide each other."""
        if sets not in self._division:
            self._division[sets] = self._divide(sets)
        return self._division[sets]

    def _divide(self, sets: tuple[int, ...]) -> Division:
        atoms = atoms_of([self.sets[number] for number in sets])
        masks = tuple(sorted(atoms))
        parts = [atoms[mask] for mask in masks]
        united: dict[tuple[int, ...], int] = {(index,): bits for index, bits in enumerate(parts)}
        for each, layers in list(self._of_class.items()):
            where = tuple(index for index, bits in enumerate(parts) if bits & layers)
            if where:
                united[where] = united.get(where, 0) | 1 << self.target((each, ANY))
        if parts:
            everywhere = tuple(range(len(parts)))
            united[everywhere] = united.get(everywhere, 0) | 1 << self.target((ANY, ANY))
        groups = tuple(sorted(united))
        shape = (masks, groups)
        if shape not in self._form:
            self._form[shape] = len(self.forms)
            self.forms.append(shape)
        return Division(
            sets=sets,
            atoms=masks,
            atom_sets=tuple(self.set_of(self.with_unions(bits)) for bits in parts),
            groups=groups,
            group_sets=tuple(self.set_of(united[group]) for group in groups),
            form=self._form[shape],
        )


def members(bits: int) -> list[int]:
    """Return the numbers of the bits that are set, ascending."""
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def atoms_of(sets: list[int]) -> dict[int, int]:
    """Divide sets of bits into the largest parts that lie wholly inside or outside each of them.

    Returns:
        Mask of the positions in ``sets`` that hold the part → bits of the part.
    """
    atoms: dict[int, int] = {}
    for place, bits in enumerate(sets):
        fresh = bits
        for mask, part in list(atoms.items()):
            shared = part & bits
            fresh &= ~part
            if shared:
                if shared == part:
                    del atoms[mask]
                else:
                    atoms[mask] = part & ~shared
                atoms[mask | 1 << place] = shared
        if fresh:
            atoms[1 << place] = fresh
    return atoms
