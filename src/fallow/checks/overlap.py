"""Ground that two records claim: hazard recorded twice, ground released twice or at two depths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from fallow.checks.columns import Ints, as_codes, quantities
from fallow.checks.duplicates import same_shape
from fallow.checks.pairs import measured_pairs
from fallow.checks.registration import Found, check
from fallow.checks.shapes import POLYGONS
from fallow.checks.view import View
from fallow.records.batch import Severity

MOST_NAMED = 5
Partner = tuple[float, int, bool]
_ANY_CLASS = frozenset(("mixed", "unknown"))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a record says of its ground, as far as two records can collide in it."""

    classes: frozenset[str]
    depth: tuple[float, str | None, str | None] | None

    def shares_class(self, other: Claim) -> bool:
        """Tell whether both speak of one layer; mixed, unknown and unstated classes may be of any."""
        if not self.classes or not other.classes or (self.classes | other.classes) & _ANY_CLASS:
            return True
        return not self.classes.isdisjoint(other.classes)

    def other_depth(self, other: Claim) -> bool:
        """Tell whether both state a depth, and not the same one."""
        return self.depth is not None and other.depth is not None and self.depth != other.depth


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Overlaps of a batch.

    Args:
        partners: row → (m², partner, same shape) of the records that it overlaps. A partner is the number of a row,
            or -1 - position of an existing record.
        own_m2: row → m² of its shape.
        unmeasured: row → neighbours that were not measured.
        stacks: first row → all rows of the same shape and claim.
        claims: what rows and existing records claim.
    """

    partners: dict[int, list[Partner]]
    own_m2: dict[int, float]
    unmeasured: dict[int, int]
    stacks: dict[int, list[int]]
    claims: _Claims


@check("check.overlap", Severity.WARNING, records=["hazardous_area", "parcel"], geometry=True, alone=False)
def overlap(view: View, found: Found) -> None:
    """Two records of one type on common ground; of two contamination classes, that is advice only."""
    _name(view, found, Claim.shares_class, others=Severity.ADVICE)


@check("check.release_overlap", Severity.WARNING, records=["release_product"], geometry=True, alone=False)
def release_overlap(view: View, found: Found) -> None:
    """Two release products of one class on common ground: each square metre is accounted once."""
    _name(view, found, lambda claim, other: claim.shares_class(other) and not claim.other_depth(other))


@check("check.release_depths_differ", Severity.WARNING, records=["release_product"], geometry=True, alone=False)
def release_depths_differ(view: View, found: Found) -> None:
    """Two release products of one class on common ground, with different depths."""
    _name(
        view,
        found,
        lambda claim, other: claim.shares_class(other) and claim.other_depth(other),
        twins=True,
        depths=True,
    )


def _name(
    view: View,
    found: Found,
    wanted: Callable[[Claim, Claim], bool],
    *,
    others: Severity | None = None,
    twins: bool = False,
    depths: bool = False,
) -> None:
    """Name the partners of each row whose claims collide with its own.

    Args:
        view: the batch.
        found: takes the findings.
        wanted: which claims collide.
        others: severity for rows whose partners' claims do not; None: nothing is said of them.
        twins: also partners with the very same shape, which the duplicates name otherwise.
        depths: name the depths.
    """
    overlaps: Overlaps = view.once("overlap", view.record, lambda: _overlaps(view))
    claims = overlaps.claims
    for index, partners in overlaps.partners.items():
        claim = claims[index]
        able = partners if twins else [partner for partner in partners if not partner[2]]
        collide = [partner for partner in able if wanted(claim, claims[partner[1]])]
        chosen = collide or (able if others else [])
        if not chosen:
            continue
        labelled = sorted((-m2, _label(view, overlaps, number), number) for m2, number, _ in chosen)
        worst, label, number = labelled[0]
        own = overlaps.own_m2[index]
        more: dict[str, Any] = {"depth": _stated(claim), "other_depth": _stated(claims[number])} if depths else {}
        found(
            index,
            field="geometry",
            severity=None if collide else others,
            other=label,
            m2=round(-worst, 1),
            percent=round(-100 * worst / own, 1) if own > 0 else None,
            count=len(chosen),
            others=[text for _, text, _ in labelled[:MOST_NAMED]],
            unmeasured=overlaps.unmeasured.get(index, 0),
            **more,
        )


def _label(view: View, overlaps: Overlaps, number: int) -> str:
    if number < 0:
        return view.context.existing[view.record].label(-1 - number)
    more = len(overlaps.stacks.get(number, (number,))) - 1
    return view.label(number) + (f" +{more}" if more else "")


def _stated(claim: Claim) -> dict[str, Any] | None:
    if claim.depth is None:
        return None
    value, unit, datum = claim.depth
    return {"value": value, "unit": unit, "datum": datum}


def _overlaps(view: View) -> Overlaps:
    claims = _Claims(view)
    heads, stacks = _stacks(view, claims)
    partners: dict[int, list[Partner]] = defaultdict(list)
    unmeasured: dict[int, int] = defaultdict(int)
    ground = view.ground[heads]
    group = _twin_groups(view)

    one, other, m2, left = measured_pairs(view, ground, shapely.STRtree(ground), ground)
    for first, second, area in zip(heads[one].tolist(), heads[other].tolist(), m2.tolist(), strict=True):
        twin = group.get(first, -1) == group.get(second, -2)
        partners[first].append((area, second, twin))
        partners[second].append((area, first, twin))

    existing = view.context.existing.get(view.record)
    if existing is not None and len(existing.ids):
        held_group = {
            position: number for number, twins in enumerate(same_shape(view, POLYGONS)) for position in twins.held
        }
        # The record that a row updates is no neighbour of it.
        number_of = dict(zip(heads.tolist(), range(len(heads)), strict=True)) if view.same_as else {}
        own = [
            number_of[head] * len(existing.ids) + position
            for head, positions in view.same_as.items()
            if head in number_of
            for position in positions
        ]
        skip = np.array(own, dtype=np.int64)
        one, other, m2, more = measured_pairs(view, ground, existing.tree, existing.ground, skip)
        left = left + more
        for head, position, area in zip(heads[one].tolist(), other.tolist(), m2.tolist(), strict=True):
            twin = group.get(head, -1) == held_group.get(position, -2)
            partners[head].append((area, -1 - position, twin))

    for number in np.flatnonzero(left).tolist():
        unmeasured[int(heads[number])] = int(left[number])
    flagged = np.array(sorted(partners), dtype=np.int64)
    own_m2 = dict(zip(flagged.tolist(), view.measure(view.ground[flagged]).tolist(), strict=True))
    for head in flagged.tolist():
        for index in stacks.get(head, ()):
            partners[index], own_m2[index], unmeasured[index] = partners[head], own_m2[head], unmeasured[head]
    return Overlaps(dict(partners), own_m2, dict(unmeasured), stacks, claims)


def _twin_groups(view: View) -> dict[int, int]:
    found: dict[int, int] = view.once(
        "twins",
        "groups",
        lambda: {index: number for number, twins in enumerate(same_shape(view, POLYGONS)) for index in twins.members},
    )
    return found


def _stacks(view: View, claims: _Claims) -> tuple[Ints, dict[int, list[int]]]:
    """Return the rows to compare, and first row → rows of the same shape, claim and known record.

    Of such a stack only the first is compared: a thousand copies of one polygon are one neighbour, not a million pairs.
    """
    group = _twin_groups(view)
    wanted = view.polygonal & ~np.asarray(shapely.is_missing(view.ground))
    first: dict[object, int] = {}
    stacks: dict[int, list[int]] = {}
    for index in sorted(group, key=lambda row: (int(view.batch.rows[row]), row)):
        if wanted[index]:
            key = (group[index], claims[index], frozenset(view.same_as.get(index, ())))
            head = first.setdefault(key, index)
            stacks.setdefault(head, []).append(index)
            wanted[index] = head == index
    return np.flatnonzero(wanted), stacks


class _Claims:
    """What rows (by number) and existing records (by -1 - position) claim."""

    def __init__(self, view: View) -> None:
        self.classes, self.which = view.codes("contamination")
        self.depth = view.quantities("depth") if view.record == "release_product" else None
        existing = view.context.existing.get(view.record)
        self.held = existing.rows if existing is not None else ()
        self.made: dict[object, Claim] = {}

    def __getitem__(self, number: int) -> Claim:
        depth = None
        if number < 0:
            row = self.held[-1 - number]
            classes = as_codes(row.get("contamination"))
            stated = quantities([row.get("depth")]) if self.depth is not None else None
            at = 0
        else:
            classes = self.classes[self.which[number]]
            stated, at = self.depth, number
        if stated is not None and stated.given[at]:
            depth = (float(stated.value[at]), stated.unit[at], stated.datum[at])
        return self.made.setdefault((classes, depth), Claim(classes, depth))
