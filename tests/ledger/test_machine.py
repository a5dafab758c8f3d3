"""The rule on one face, step by step."""

from __future__ import annotations

from fallow.ledger.lines import (
    CHA,
    CLEARED,
    GAIN,
    LINE,
    LOSE,
    MEASURED,
    NEW,
    NOT_ASSESSED,
    OUTSIDE,
    REDUCED,
    REGRADE,
    RELEASE,
    RELEASED_BEFORE,
    RELEASES_GROUND,
    REVOKE,
    SHA,
    STOOD,
    WITHDRAWN,
    code,
    decode,
)
from fallow.ledger.machine import Step, tell

ONE = ((1,), ((0,),))
AREA, OTHER, PRODUCT, SECOND = range(4)


def gain(source: int, grade: int = SHA, cause: int = NEW) -> Step:
    return Step(GAIN, grade, cause, source, 0)


def release(source: int, kind: int = CLEARED) -> Step:
    return Step(RELEASE, kind, 0, source, 0)


def states(*steps: Step) -> list[tuple[int, int]]:
    return [(before, after) for _, _, before, after, _ in tell(*ONE, steps).changes]


def test_a_release_closes_and_a_later_gain_opens_again() -> None:
    story = tell(*ONE, [gain(AREA), release(PRODUCT), gain(OTHER, CHA)])
    assert story.changes == [
        (0, 0, NOT_ASSESSED, SHA, LINE["newly_identified"]),
        (1, 0, SHA, CLEARED, LINE["cleared"]),
        (2, 0, CLEARED, CHA, LINE["re_opened"]),
    ]
    assert story.claims == [
        (0, AREA, 0, 1, LINE["newly_identified"]),
        (1, AREA, 0, -1, LINE["cleared"]),
        (2, OTHER, 0, 1, LINE["re_opened"]),
    ]


def test_the_worst_open_claim_shows() -> None:
    lose = Step(LOSE, 0, STOOD, OTHER, 0)
    assert states(gain(AREA), gain(OTHER, CHA), lose) == [(NOT_ASSESSED, SHA), (SHA, CHA), (CHA, SHA)]


def test_a_released_claim_shows_no_more_when_regraded() -> None:
    assert states(gain(AREA), release(PRODUCT), Step(REGRADE, CHA, 0, AREA, 0))[-1] == (SHA, CLEARED)


def test_ground_given_up_is_withdrawn_never_released() -> None:
    lose = Step(LOSE, 0, MEASURED, AREA, 0)
    assert states(gain(AREA), lose)[-1] == (SHA, WITHDRAWN)
    assert states(gain(AREA), release(PRODUCT), gain(AREA), lose)[-1] == (SHA, WITHDRAWN)
    assert states(gain(AREA), release(PRODUCT), lose)[-1] == (SHA, CLEARED)


def test_a_release_taken_back() -> None:
    revoke = Step(REVOKE, 0, 0, PRODUCT, 0)
    assert states(gain(AREA), release(PRODUCT), revoke)[-1] == (CLEARED, SHA)
    # What a second product covered later stays released, by that one.
    assert states(gain(AREA), release(PRODUCT), release(SECOND, REDUCED), revoke)[-1] == (CLEARED, REDUCED)
    # A second product that came before the area releases nothing of it.
    assert states(release(SECOND), gain(AREA), release(PRODUCT, REDUCED), revoke)[-1] == (REDUCED, SHA)
    # Where no area holds the ground any more, nothing is left to release or to re-open.
    lose = Step(LOSE, 0, MEASURED, AREA, 0)
    assert states(gain(AREA), release(PRODUCT), lose, revoke)[-1] == (CLEARED, WITHDRAWN)


def test_what_a_product_meets() -> None:
    def met(*steps: Step) -> int:
        return tell(*ONE, steps).met[-1][1]

    assert met(release(PRODUCT)) == OUTSIDE
    assert met(gain(AREA), release(PRODUCT)) == RELEASES_GROUND
    assert met(gain(AREA), release(PRODUCT), release(SECOND)) == RELEASED_BEFORE
    assert met(gain(AREA), Step(LOSE, 0, STOOD, AREA, 0), release(PRODUCT)) == OUTSIDE


def test_a_union_is_open_while_one_of_its_layers_is() -> None:
    # Two layers: the area holds both, the product covers one.
    story = tell((1, 3), ((0,), (0, 1), (1,)), [gain(AREA, CHA), Step(RELEASE, CLEARED, 0, PRODUCT, 1)])
    assert [(step, group, after) for step, group, _, after, _ in story.changes] == [
        (0, 0, CHA),
        (0, 1, CHA),
        (0, 2, CHA),
        (1, 2, CLEARED),
    ]


def test_codes_of_operations() -> None:
    for operation in (GAIN, REGRADE, LOSE, RELEASE, REVOKE):
        for grade in range(8):
            for cause in range(6):
                assert decode(code(operation, grade, cause)) == (operation, grade, cause)
