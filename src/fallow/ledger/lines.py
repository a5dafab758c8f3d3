"""Lines of the balance, states of ground, and the causes of what happens to it: the words of the ledger as numbers."""

from __future__ import annotations

LINES = (
    "opening",
    "newly_identified",
    "reclassified_in",
    "reclassified_out",
    "re_measured",
    "withdrawn",
    "re_opened",
    "prior_period",
    "boundary_change",
    "cancelled",
    "reduced",
    "cleared",
    "closing",
)
LINE = {name: number for number, name in enumerate(LINES)}
# What a line adds to the closing figure. Lines that may go either way carry their sign in the amount.
SIGNS = {
    name: -1 if name in ("reclassified_out", "withdrawn", "cancelled", "reduced", "cleared") else 1
    for name in LINES[1:-1]
}

# States of ground in one layer. 1 to 3 are open, from the mildest to the worst; 4 to 6 are kinds of release.
STATES = (
    "not_assessed",
    "indication",
    "sha",
    "cha",
    "cancelled",
    "reduced",
    "cleared",
    "withdrawn",
)
NOT_ASSESSED, INDICATION, SHA, CHA, CANCELLED, REDUCED, CLEARED, WITHDRAWN = range(8)
OPEN_STATES = (INDICATION, SHA, CHA)
RELEASED_STATES = (CANCELLED, REDUCED, CLEARED)

# What an entry does to a face in some layers.
GAIN, REGRADE, LOSE, RELEASE, REVOKE = range(5)

# Why an area gains or loses ground, or a layer of it.
(
    NEW,  # the first standing version of the area
    FOUND,  # ground that the act or its reason calls an extension
    MEASURED,  # the boundary was drawn otherwise
    RELAYERED,  # its classes or depths were changed
    STOOD,  # the record was withdrawn, merged, or stands again
    RE_OPENED,  # the act opens released ground again
) = range(6)

GAINS = {
    NEW: LINE["newly_identified"],
    FOUND: LINE["newly_identified"],
    MEASURED: LINE["re_measured"],
    RELAYERED: LINE["reclassified_in"],
    STOOD: LINE["withdrawn"],
    RE_OPENED: LINE["re_opened"],
}
LOSSES = {
    MEASURED: LINE["re_measured"],
    RELAYERED: LINE["reclassified_out"],
    STOOD: LINE["withdrawn"],
}
RELEASED_BY = {CANCELLED: LINE["cancelled"], REDUCED: LINE["reduced"], CLEARED: LINE["cleared"]}

# What a release product meets on a face, from the strongest to the weakest claim on its ground.
RELEASES_GROUND, RELEASED_BEFORE, OTHER_LAYER, OUTSIDE = range(4)


def code(operation: int, grade: int = 0, cause: int = 0) -> int:
    """Return an operation with its grade (state number) and cause as one number below 512."""
    return operation * 64 + grade * 8 + cause


def decode(number: int) -> tuple[int, int, int]:
    """Return (operation, grade, cause) of a number made by :func:`code`."""
    return number // 64, number // 8 % 8, number % 8
