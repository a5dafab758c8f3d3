"""Errors of the register, the inbox, the acts and the audit."""

from __future__ import annotations

from fallow.errors import FallowError


class RegisterError(FallowError):
    """Base of this room's errors."""

    code = "register.failed"


class RegisterMissing(RegisterError):
    """The file is not there."""

    code = "register.missing"


class RegisterExists(RegisterError):
    """The file is there already."""

    code = "register.exists"


class NotARegister(RegisterError):
    """The file is no register, or it is broken."""

    code = "register.unreadable"


class NewerFormat(RegisterError):
    """A newer Fallow wrote the file."""

    code = "register.newer_format"


class Busy(RegisterError):
    """Another writer holds the register."""

    code = "register.busy"


class DiskFull(RegisterError):
    """The disk is full; nothing was written."""

    code = "register.disk_full"


class NetworkDrive(RegisterError):
    """The file lies on a network drive."""

    code = "register.network_drive"


class NoActor(RegisterError):
    """A writing command did not say who and in which role."""

    code = "register.no_actor"


class WrongRole(RegisterError):
    """The role may not do this."""

    code = "register.wrong_role"


class UnknownEntity(RegisterError):
    """No entity has this identifier."""

    code = "register.unknown_entity"


class AmbiguousEntity(RegisterError):
    """More than one entity has this identifier."""

    code = "register.ambiguous_entity"


class MixedSynthetic(RegisterError):
    """Synthetic and real records would mix."""

    code = "register.mixed_synthetic"


class KeyUnusable(RegisterError):
    """A key file outside the register cannot be used."""

    code = "register.key_unusable"


class UnknownReport(FallowError):
    """No report has this id."""

    code = "inbox.unknown_report"


class WrongState(FallowError):
    """The report is not in a state that allows this step."""

    code = "inbox.wrong_state"


class SamePerson(FallowError):
    """Who entered a report never approves it."""

    code = "inbox.same_person"


class NeedsDecision(FallowError):
    """A report has candidates; somebody must say what it is."""

    code = "inbox.needs_decision"


class NeedsReason(FallowError):
    """A lowering act came without a reason of the list."""

    code = "act.needs_reason"


class NeedsEvidence(FallowError):
    """A lowering act came without evidence."""

    code = "act.needs_evidence"


class InvalidAct(FallowError):
    """The act names what it cannot name."""

    code = "act.invalid"


class AuditFailed(FallowError):
    """The audit found faults."""

    code = "audit.failed"
