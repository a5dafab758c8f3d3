"""The one door for lowering: which changes shrink or soften open hazard, and what such an act must bring.

A second person, a reason of the list ``lowering_reason`` (never time, declared life, model or rank), and the
evidence. Raising acts pass freely to approval.
"""

from __future__ import annotations

from typing import Any

import shapely

from fallow.register import errors
from fallow.register.fold import HAZARD_ORDER

RAISING_RECORDS = frozenset({"hazardous_area", "use_record", "evidence", "accident", "item_found"})
TOLERANCE_M2 = 1.0


def lowered(
    record: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
    before_shape: Any = None,
    after_shape: Any = None,
    equal_area: str | None = None,
) -> list[str]:
    """Return what a change lowers, as short codes; an empty list means that nothing is lowered.

    Args:
        record: record type.
        before: state before, or None for a new entity.
        after: state after.
        before_shape: WGS 84 shape before.
        after_shape: WGS 84 shape after.
        equal_area: the register's equal-area system, needed where shapes differ.
    """
    if before is None:
        if record == "release_product":
            return ["release"]
        return ["against"] if record == "evidence" and after.get("polarity") == "against" else []
    if record == "release_product":
        return _product(before, after, before_shape, after_shape, equal_area)
    found: list[str] = []
    if record in RAISING_RECORDS:
        if _status(before) == "current" != _status(after):
            found.append("withdrawn")
        if _lost(before_shape, after_shape, equal_area):
            found.append("ground")
        if _fewer(before.get("count"), after.get("count")) or _fewer(
            before.get("estimated_count"), after.get("estimated_count")
        ):
            found.append("count")
    if record == "hazardous_area":
        found += _area(before, after)
    if record == "evidence" and before.get("polarity") != "against" == after.get("polarity"):
        found.append("against")
    if record == "use_record":
        softened = ("ordnance", "laid_date", "declared_life", "anti_handling")
        found += [name for name in softened if name in before and before[name] != after.get(name)]
    if record in ("item_found", "accident", "evidence") and before.get("contamination") != after.get("contamination"):
        found.append("class")
    return found


def _status(state: dict[str, Any]) -> str:
    status = state.get("record_status")
    return status if isinstance(status, str) else "current"


def _area(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    from fallow.records.depths import bands, classes

    found = []
    was, now = before.get("classification"), after.get("classification")
    if was in HAZARD_ORDER and (now not in HAZARD_ORDER or HAZARD_ORDER.index(now) < HAZARD_ORDER.index(was)):
        found.append("classification")
    if not set(classes(before.get("contamination"))) <= set(classes(after.get("contamination"))):
        found.append("class")
    was_bands = set(bands(before.get("depth_from"), before.get("depth_to")))
    if not was_bands <= set(bands(after.get("depth_from"), after.get("depth_to"))):
        found.append("depth")
    was_typed, now_typed = _number(before.get("typed_area")), _number(after.get("typed_area"))
    if was_typed is not None and (now_typed is None or now_typed < was_typed):
        found.append("typed_area")
    return found


def _product(
    before: dict[str, Any], after: dict[str, Any], before_shape: Any, after_shape: Any, equal_area: str | None
) -> list[str]:
    """A product lowers more when it grows, deepens, covers more classes, or comes back."""
    from fallow.records.depths import bands_released, classes_released

    found = []
    if _status(before) != "current" == _status(after):
        found.append("release")
    if _lost(after_shape, before_shape, equal_area):
        found.append("ground")
    if not set(classes_released(after.get("contamination"))) <= set(classes_released(before.get("contamination"))):
        found.append("class")
    was = set(bands_released(before.get("depth"), str(before.get("kind"))))
    if not set(bands_released(after.get("depth"), str(after.get("kind")))) <= was:
        found.append("depth")
    if before.get("limited_to") and before.get("limited_to") != after.get("limited_to"):
        found.append("limit")
    return found


def _number(wire: Any) -> float | None:
    return float(wire["value"]) if isinstance(wire, dict) and "value" in wire else None


def _fewer(before: Any, after: Any) -> bool:
    """Return whether a count fell, or lost its open end, or went missing."""
    if not isinstance(before, dict) or "low" not in before:
        return False
    if not isinstance(after, dict) or "low" not in after:
        return True
    was_high, now_high = before["high"], after["high"]
    return bool(after["low"] < before["low"] or (now_high is not None and (was_high is None or now_high < was_high)))


def _lost(before: Any, after: Any, equal_area: str | None) -> bool:
    """Return whether ground that was covered is no longer covered (beyond 1 m²), or a shape went missing."""
    if before is None or shapely.is_empty(before):
        return False
    if after is None or shapely.is_empty(after):
        return True
    if before.equals(after):
        return False
    if shapely.get_dimensions(before) < 2:
        return not after.covers(before)
    if equal_area is None:
        return not after.covers(before)
    from fallow.geodesy import to_equal_area

    was, now = to_equal_area(shapely.make_valid([before, after]), equal_area)
    return bool(shapely.area(shapely.difference(was, now)) > TOLERANCE_M2)


def pass_door(lowering: list[str], reason: str | None, evidence: list[str]) -> None:
    """Let a lowering act pass, or say what it lacks.

    Raises:
        NeedsReason: no reason, or one that is not on the list (there is none for time, model or rank).
        NeedsEvidence: no evidence was named.
    """
    if not lowering:
        return
    from fallow.terms import code_list

    reasons = code_list("lowering_reason").current
    if reason is None or reason not in reasons:
        raise errors.NeedsReason(lowered=", ".join(lowering), reason=reason or "—", reasons=", ".join(reasons))
    if not any(item.strip() for item in evidence):
        raise errors.NeedsEvidence(lowered=", ".join(lowering), reason=reason)
