"""What is open on a day, worked out directly from what stands then.

This is the second, independent way to a closing figure: it knows nothing of lines and histories. It takes the claims
and releases that stand on the day, finds the youngest release per face and atom, and keeps the claims that are
younger. The balance must end at the same number to the last unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fallow.ledger.areas_exact import Ints
from fallow.ledger.courses import RE_OPEN
from fallow.ledger.coverings import FIRST, THEN, Coverings, Entries
from fallow.ledger.divisions import Divisions, expand


@dataclass(frozen=True)
class OpenGround:
    """What is open on one day.

    Args:
        face: (g,) face of each open group of targets.
        targets: (g,) number of the set of targets.
        grade: (g,) worst classification, 1 to 3.
        claim_entry: (c,) entry of each open claim of an area on a face and atom.
        claim_face: (c,) its face.
        claim_targets: (c,) number of the set of targets that its atom counts for.
    """

    face: Ints
    targets: Ints
    grade: Ints
    claim_entry: Ints
    claim_face: Ints
    claim_targets: Ints


class Standing:
    """Claims and releases with the days between which they stand.

    Args:
        entries: entries of areas and products.
        coverings: which of them covers which face.
        found: how layer sets divide each other on each face.
    """

    def __init__(self, entries: Entries, coverings: Coverings, found: Divisions) -> None:
        self.entries = entries
        self.found = found
        atoms = np.array([len(division.atoms) for division in found.all] + [0], dtype=np.int64)
        counts = atoms[found.of_face]  # a face without a division takes the 0 at the end
        self.first_slot = np.cumsum(counts) - counts
        self.slots = int(counts.sum())
        self._lay(coverings)
        self._days: dict[int, OpenGround] = {}

    def _lay(self, coverings: Coverings) -> None:
        """Spread coverings over the atoms that they hold, and date them by the start of their unbroken run."""
        entries, found = self.entries, self.found
        holds = [
            [atom for atom, mask in enumerate(division.atoms) if mask >> place & 1]
            for division in found.all
            for place in range(len(division.sets))
        ]
        starts = np.cumsum([0] + [len(atoms) for atoms in holds])
        flat = np.array([atom for atoms in holds for atom in atoms], dtype=np.int64)
        layer_set = entries.layers[coverings.entry]
        key = np.searchsorted(found.keys, found.of_face[coverings.face] * found.sets + layer_set)
        row, offset = expand(np.diff(starts)[key])
        atom = flat[starts[key[row]] + offset]
        entry, face = coverings.entry[row], coverings.face[row]
        slot = self.first_slot[face] + atom
        order = np.lexsort((entries.place[entry], entries.source[entry], slot))
        entry, face, atom, slot = entry[order], face[order], atom[order], slot[order]
        area = entries.is_area[entry]
        goes_on = (
            (slot[1:] == slot[:-1])
            & (entries.source[entry][1:] == entries.source[entry][:-1])
            & (entries.place[entry][1:] == entries.place[entry][:-1] + 1)
            & np.where(
                area[1:],
                entries.flag[entry][1:] != RE_OPEN,
                entries.grade[entry][1:] == entries.grade[entry][:-1],
            )
        )
        head = np.arange(len(entry))
        head[1:][goes_on] = 0
        head = np.maximum.accumulate(head)
        self.entry, self.face, self.slot = entry, face, slot
        self.targets = found.atom_set[found.atom_start[found.of_face[face]] + atom]
        self.since = entries.order[entry[head], np.where(area, FIRST, THEN)]

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        """Per division, (where its pairs begin, pairs of group and atom as one number)."""
        pairs = [
            [group << 32 | atom for group, atoms in enumerate(division.groups) for atom in atoms]
            for division in self.found.all
        ]
        starts = np.cumsum([0] + [len(each) for each in pairs])
        return starts, np.array([pair for each in pairs for pair in each], dtype=np.int64)

    def at(self, day: int) -> OpenGround:
        """Return what is open at the beginning of a day (ordinal), before anything booked on it."""
        if day not in self._days:
            self._days[day] = self._work_out(day)
        return self._days[day]

    def _work_out(self, day: int) -> OpenGround:
        entries, found = self.entries, self.found
        stands = (entries.booked < day) & (entries.following >= day)
        rows = np.flatnonzero(stands[self.entry])
        area = entries.is_area[self.entry[rows]]
        released = np.full(self.slots, -1, dtype=np.int64)
        releases = rows[~area]
        np.maximum.at(released, self.slot[releases], self.since[releases])
        claims = rows[area]
        claims = claims[self.since[claims] > released[self.slot[claims]]]
        worst = np.zeros(self.slots, dtype=np.int64)
        np.maximum.at(worst, self.slot[claims], entries.grade[self.entry[claims]])

        faces = np.unique(self.face[claims])
        starts, pairs = self._pairs
        division = found.of_face[faces]
        row, offset = expand(np.diff(starts)[division])
        pair = pairs[starts[division[row]] + offset]
        grade = worst[self.first_slot[faces[row]] + (pair & 0xFFFFFFFF)]
        groups = found.group_start[1:] - found.group_start[:-1]
        base = np.cumsum(groups[division]) - groups[division]
        number = base[row] + (pair >> 32)
        of_group = np.zeros(int(groups[division].sum()), dtype=np.int64)
        np.maximum.at(of_group, number, grade)
        owner, place = expand(groups[division])
        targets = found.group_set[found.group_start[division[owner]] + place]
        opened: npt.NDArray[np.bool_] = of_group > 0
        return OpenGround(
            face=faces[owner[opened]],
            targets=targets[opened],
            grade=of_group[opened],
            claim_entry=self.entry[claims],
            claim_face=self.face[claims],
            claim_targets=self.targets[claims],
        )
