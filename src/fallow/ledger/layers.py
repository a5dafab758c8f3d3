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
    """Numbers for targets and for sets of them. Numbers are private to one balance."""

    def __init__(self) -> None:
        self.targets: list[Layer] = []
        self.sets: list[frozenset[int]] = []
        self.forms: list[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]] = []
        self._target: dict[Layer, int] = {}
        self._set: dict[frozenset[int], int] = {}
        self._form: dict[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], int] = {}
        self._division: dict[tuple[int, ...], Division] = {}
        self._wire: dict[Any, int] = {}

    def target(self, layer: Layer) -> int:
        """Return the number of a target."""
        if layer not in self._target:
            self._target[layer] = len(self.targets)
            self.targets.append(layer)
        return self._target[layer]

    def set_of(self, targets: frozenset[int]) -> int:
        """Return the number of a set of targets."""
        if targets not in self._set:
            self._set[targets] = len(self.sets)
            self.sets.append(targets)
        return self._set[targets]

    def product(self, classes: tuple[str, ...], bands: tuple[str, ...]) -> int:
        """Return the number of the set of all layers of some classes in some bands."""
        return self.set_of(frozenset(self.target((each, band)) for each in classes for band in bands))

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
        return self.set_of(self.sets[one] - self.sets[other])

    def both(self, one: int, other: int) -> int:
        """Return the layers that are in both sets."""
        return self.set_of(self.sets[one] & self.sets[other])

    def with_unions(self, layers: frozenset[int]) -> frozenset[int]:
        """Return the layers with the unions that they count for: their classes over all bands, and the footprint."""
        if not layers:
            return layers
        classes = {self.targets[layer][0] for layer in layers}
        unions = {self.target((each, ANY)) for each in sorted(classes)} | {self.target((ANY, ANY))}
        return layers | unions

    def divide(self, sets: tuple[int, ...]) -> Division:
        """Return how layer sets (numbers, sorted, distinct) divide each other."""
        if sets not in self._division:
            self._division[sets] = self._divide(sets)
        return self._division[sets]

    def _divide(self, sets: tuple[int, ...]) -> Division:
        masks: dict[int, int] = {}
        for place, number in enumerate(sets):
            for layer in self.sets[number]:
                masks[layer] = masks.get(layer, 0) | 1 << place
        atoms = tuple(sorted(set(masks.values())))
        members = [frozenset(layer for layer, mask in masks.items() if mask == atom) for atom in atoms]
        united: dict[tuple[int, ...], set[int]] = {}
        for index, layers in enumerate(members):
            united.setdefault((index,), set()).update(layers)
        by_class: dict[str, list[int]] = {}
        for index, layers in enumerate(members):
            for each in {self.targets[layer][0] for layer in layers}:
                by_class.setdefault(each, []).append(index)
        for each, where in sorted(by_class.items()):
            united.setdefault(tuple(where), set()).add(self.target((each, ANY)))
        if atoms:
            united.setdefault(tuple(range(len(atoms))), set()).add(self.target((ANY, ANY)))
        groups = tuple(sorted(united))
        shape = (atoms, groups)
        if shape not in self._form:
            self._form[shape] = len(self.forms)
            self.forms.append(shape)
        return Division(
            sets=sets,
            atoms=atoms,
            atom_sets=tuple(self.set_of(self.with_unions(layers)) for layers in members),
            groups=groups,
            group_sets=tuple(self.set_of(frozenset(united[group])) for group in groups),
            form=self._form[shape],
        )
