"""Errors of the invented land."""

from __future__ import annotations

from fallow.errors import FallowError


class FolderNotEmptyError(FallowError):
    """The folder for the invented land already holds files."""

    code = "synth.folder_not_empty"


class ScaleError(FallowError):
    """The size asked for is not a size that the invented land can have."""

    code = "synth.scale"


class ManifestError(FallowError):
    """A manifest cannot be read as one."""

    code = "synth.manifest"


class UnknownRecordError(FallowError):
    """No such record type, so no rows of it can be drawn."""

    code = "synth.unknown_record"
