"""Running the checks over a batch, counting what they found, and saying it in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np

# Each of these modules registers its checks when it is imported.
from fallow.checks import (
    duplicates,
    edges,
    figures,
    geometry,
    identifiers,
    outline,
    overlap,
    place,
    relations,
    time,
    values,
)
from fallow.checks.context import CheckContext
from fallow.checks.errors import UnknownCheck
from fallow.checks.registration import REGISTERED, Check, Found
from fallow.checks.view import View
from fallow.errors import Where
from fallow.records.batch import Batch, CheckResult, Severity
from fallow.terms import Explained, code_list, explain, messages, record_definitions

SUBJECTS: Final = (geometry, outline, edges, duplicates, identifiers, overlap, values, figures, place, time, relations)
CHECKS: Final[Mapping[str, Check]] = MappingProxyType(REGISTERED)

# Facts that are codes of a list are shown by the words of the list.
_CODED = {"datum": "depth_datum", "classes": "contamination_class", "unit": "unit"}
_DEPTHS = ("depth", "other_depth", "most")


def run_checks(batch: Batch, context: CheckContext, *, only: Collection[str] | None = None) -> list[CheckResult]:
    """Make the checks that apply to a batch.

    Rows are never changed. Whatever the rows hold, this raises nothing: what cannot be read is a finding.

    Args:
        batch: rows of one record type, from one line to a whole file.
        context: what they are compared with.
        only: codes of the checks to make; None: all.

    Returns:
        The findings, sorted by row, code and field. Those met while reading (``batch.results``) are not repeated.

    Raises:
        UnknownCheck: ``only`` names a code that no check has.
    """
    for code in only or ():
        if code not in CHECKS:
            raise UnknownCheck(Where(value=code), code=code)
    if not len(batch):
        return []
    view = View(batch, context)
    results: list[CheckResult] = []
    # Coordinates and figures that are no numbers are findings; numpy need not warn of them as well.
    with np.errstate(all="ignore"):
        for check in CHECKS.values():
            if only is not None and check.code not in only:
                continue
            if not check.applies(batch.record) or (check.geometry and not view.given.any()):
                continue
            found = Found(check.code, check.severity)
            check.run(view, found)
            results += found.results
    results.sort(key=lambda result: (result.index, result.code, result.field or ""))
    return results


def summary(results: Iterable[CheckResult]) -> dict[str, dict[str, int]]:
    """Count findings: code → severity → number, codes sorted, severities from the severest."""
    counts: dict[str, dict[str, int]] = {}
    for result in results:
        of_code = counts.setdefault(result.code, {})
        of_code[result.severity.value] = of_code.get(result.severity.value, 0) + 1
    order = [severity.value for severity in Severity]
    return {
        code: {severity: counts[code][severity] for severity in order if severity in counts[code]}
        for code in sorted(counts)
    }


def describe(lang: str = "en") -> list[dict[str, Any]]:
    """Return every check for the reference: code, severity, records, and its texts in a language.

    Returns:
        In order of codes: ``code``, ``severity`` (code of the list), ``severity_label``, ``records`` (names, in
        their fixed order; all of them where the check is made for every record), ``alone``, ``geometry``,
        ``title``, ``what``, ``todo`` (with the facts in braces).
    """
    texts = messages(lang)
    severities = code_list("severity")
    return [
        {
            "code": code,
            "severity": check.severity.value,
            "severity_label": severities[check.severity.value].labels[lang],
            "records": [name for name in record_definitions() if check.applies(name)],
            "alone": check.alone,
            "geometry": check.geometry,
            **{part: texts[code][part] for part in ("title", "what", "todo")},
        }
        for code, check in sorted(CHECKS.items())
    ]


def explain_result(
    result: CheckResult, lang: str = "en", *, record: str | None = None, row: int | None = None
) -> Explained:
    """Put a finding in words.

    Args:
        result: the finding.
        lang: language.
        record: record type of its batch: then the field is called by its label.
        row: row number as an officer counts it.
    """
    facts: dict[str, Any] = {"row": row, "value": result.value, "field": result.field, **result.detail}
    definition = record_definitions().get(record or "")
    for name in ("field", "earlier_field", "source_field"):
        field = definition.fields.get(facts.get(name) or "") if definition else None
        if field is not None:
            facts[name] = field.labels.get(lang, field.labels["en"])
    for name, listed in _CODED.items():
        if isinstance(codes := facts.get(name), str | list):
            words = [_word(listed, code, lang) for code in ([codes] if isinstance(codes, str) else codes)]
            facts[name] = words
    for name in _DEPTHS:
        if isinstance(depth := facts.get(name), dict):
            datum = f" ({_word('depth_datum', depth['datum'], lang)})" if depth.get("datum") else ""
            facts[name] = f"{depth.get('value')} {_word('unit', depth.get('unit'), lang)}{datum}"
    return explain(result.code, facts, lang)


def _word(listed: str, code: Any, lang: str) -> str:
    """Return the word of a list for a code, the code itself where the list does not have it."""
    words = code_list(listed)
    return words[code].labels.get(lang, code) if isinstance(code, str) and code in words else str(code)
