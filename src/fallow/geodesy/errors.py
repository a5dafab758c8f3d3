"""The errors of geodesy."""

from __future__ import annotations

from fallow.errors import FallowError


class UnknownSystem(FallowError):
    """A text names no reference system."""

    code = "geodesy.unknown_crs"


class NoOperation(FallowError):
    """No published operation covers the place of the data."""

    code = "geodesy.no_operation"


class UnknownOperation(FallowError):
    """The operation that an officer named is not one of those published for this system."""

    code = "geodesy.unknown_operation"


class NotTransformable(FallowError):
    """Some coordinates cannot be carried by the operation; ``values["indices"]`` are their positions."""

    code = "geodesy.not_transformable"


class NotEqualArea(FallowError):
    """An area was asked for in a system that does not keep areas."""

    code = "geodesy.not_equal_area"


class OutOfRange(FallowError):
    """A longitude or latitude is outside the Earth."""

    code = "geodesy.out_of_range"


class UnreadablePosition(FallowError):
    """A typed position is in no known form."""

    code = "geodesy.unreadable_position"


class NoDeclination(FallowError):
    """The date is outside the years of the magnetic model."""

    code = "geodesy.no_declination"
