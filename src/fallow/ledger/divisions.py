"""The layer sets that meet on each face, and how they divide each other, for all faces at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fallow.ledger.areas_exact import Ints, group
from fallow.ledger.layers import Division, Layers


@dataclass(frozen=True)
class Divisions:
    """Divisions of faces, as columns.

    Args:
        all: the distinct divisions.
        of_face: (f,) number of each face's division, -1 for a face on which nothing happens.
        sets: number of layer sets when the divisions were made.
        keys: sorted (division * sets + layer set) of every set of every division.
        places: position of the set in its division, for each key.
        atom_start: (d + 1,) where the atoms of each division begin in a list over all divisions.
        atom_set: set of targets of each atom in that list.
        group_start: (d + 1,) the same for groups.
        group_set: set of targets of each group.
    """

    all: tuple[Division, ...]
    of_face: Ints
    sets: int
    keys: Ints
    places: Ints
    atom_start: Ints
    atom_set: Ints
    group_start: Ints
    group_set: Ints

    def place(self, face: Ints, layer_set: Ints) -> Ints:
        """Return the position of layer sets in the divisions of their faces."""
        return self.places[np.searchsorted(self.keys, self.of_face[face] * self.sets + layer_set)]


def divisions(face: Ints, layer_set: Ints, faces: int, layers: Layers) -> Divisions:
    """Divide the layer sets that meet on each face.

    Args:
        face: (n,) faces.
        layer_set: (n,) a layer set that some record uses on the face.
        faces: number of faces.
        layers: the layer sets.
    """
    sets = len(layers.sets)
    pairs = np.unique(face * sets + layer_set)
    of_pair, set_of_pair = pairs // sets, pairs % sets
    counts = np.bincount(of_pair, minlength=faces)
    found: list[Division] = []
    of_face = np.full(faces, -1, dtype=np.int64)
    starts = np.cumsum(counts) - counts
    for size in np.unique(counts[counts > 0]).tolist():
        members = np.flatnonzero(counts == size)
        table = set_of_pair[starts[members][:, None] + np.arange(size)]
        order, fresh = group(list(table.T))
        number = np.zeros(len(members), dtype=np.int64)
        number[fresh[1:]] = 1
        of_face[members[order]] = len(found) + np.cumsum(number)
        found += [layers.divide(tuple(row)) for row in table[order[fresh]].tolist()]
    keys = np.array([n * sets + each for n, division in enumerate(found) for each in division.sets], np.int64)
    places = np.array([place for division in found for place in range(len(division.sets))], np.int64)
    return Divisions(
        all=tuple(found),
        of_face=of_face,
        sets=sets,
        keys=keys,
        places=places,
        atom_start=np.cumsum([0] + [len(division.atoms) for division in found]),
        atom_set=np.array([each for division in found for each in division.atom_sets], np.int64),
        group_start=np.cumsum([0] + [len(division.groups) for division in found]),
        group_set=np.array([each for division in found for each in division.group_sets], np.int64),
    )


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """Return (row, offset): each row repeated ``counts`` times, and 0, 1, … within each."""
    row = np.repeat(np.arange(len(counts)), counts)
    offset = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    return row, offset
