"""``fallow audit``: walk the chain."""

from __future__ import annotations

from fallow.cli.common import (
    JsonOption,
    LangOption,
    RegisterOption,
    begin,
    console,
    opened,
    plain,
    progress,
    put_json,
    wants_json,
)
from fallow.cli.common import text as _


def audit(register: RegisterOption = None, json_: JsonOption = False, lang: LangOption = None) -> None:
    """Walk every chain of the register and compare what is derived with what the log gives."""
    begin(json_, lang)
    from fallow.register.errors import AuditFailed

    with opened(register) as land, progress(_("audit")):
        found = land.audit()
    if wants_json():
        put_json(
            {
                "origins": found.origins,
                "batches": found.batches,
                "acts": found.acts,
                "reports": found.reports,
                "contents": found.contents,
                "heads": found.heads,
                "faults": found.faults,
            }
        )
    else:
        out = console()
        out.print(
            _("{origins} origins, {batches} batches, {acts} acts, {reports} reports, {contents} shapes read.").format(
                origins=found.origins,
                batches=found.batches,
                acts=found.acts,
                reports=found.reports,
                contents=found.contents,
            )
        )
        for origin, head in found.heads.items():
            out.print(f"  {origin}  {head}", style="dim")
        for fault in found.faults:
            out.print(plain("  " + "  ".join(f"{name}={part}" for name, part in fault.items())))
        if not found.faults:
            out.print(
                _("No fault found. Compare the heads with those printed on filed documents: the chain alone cannot.")
            )
    if found.faults:
        raise AuditFailed(count=len(found.faults), first=found.faults[0]["kind"])
