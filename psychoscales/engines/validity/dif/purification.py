"""Anchors freed of items with differential functioning, over and over until nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from psychoscales.engines.validity.dif.studied import TESTS, Design, Found, Studied, is_flagged
from psychoscales.engines.validity.dif.tables import Answers
from psychoscales.engines.validity.multiplicity import holm
from psychoscales.errors import RefusalError

Flag = Literal["p", "p_holm", "class"]
FLAGS: tuple[Flag, ...] = ("p", "p_holm", "class")


@dataclass(frozen=True)
class Criterion:
    """When an item leaves the anchors.

    Attributes:
        test: id of the test.
        flag: "p" below alpha, "p_holm" (adjusted by Holm's method) below alpha, or "class" (any
            but A or AA).
        alpha: the level.
    """

    test: str
    flag: Flag = "p"
    alpha: float = 0.05


@dataclass(frozen=True)
class Purified:
    """The anchors that purification ended with.

    Attributes:
        anchors: items left in the matching score.
        rounds: the items flagged in each round.
        converged: whether the last round flagged what the one before it did.
        untested: items that the test refused in the last round; they stay anchors.
    """

    anchors: tuple[str, ...]
    rounds: tuple[tuple[str, ...], ...]
    converged: bool
    untested: tuple[str, ...]


def purified(answers: Answers, design: Design, criterion: Criterion, most: int) -> Purified:
    """Take flagged items out of the anchors until a round flags the same items as the one before.

    Every round tests all items, so that an item may come back. With "total" matching a studied
    item is in its own matching score even when it is no anchor (Holland and Thayer 1988).

    Args:
        answers: of all groups.
        design: the anchors to begin with.
        criterion: when an item leaves.
        most: rounds at most.

    Raises:
        RefusalError: every item is flagged.

    Source:
        Holland PW, Thayer DT. In: Wainer H, Braun HI, editors. Test Validity. Hillsdale: Erlbaum,
        1988:129-145. Clauser B, Mazor K, Hambleton RK. Appl Meas Educ 1993;6:269-279.
    """
    anchors = answers.items
    rounds: list[tuple[str, ...]] = []
    for _ in range(most):
        flagged, untested = _round(answers, replace(design, anchors=anchors), criterion)
        rounds.append(flagged)
        anchors = tuple(name for name in answers.items if name not in flagged)
        if not anchors:
            raise RefusalError(
                f"purification by {criterion.test} flagged every item: none is left to match "
                "people on; name anchors that are known to work alike (anchors=)"
            )
        if not flagged or (len(rounds) > 1 and rounds[-2] == flagged):
            return Purified(anchors, tuple(rounds), True, untested)
    return Purified(anchors, tuple(rounds), False, untested)


def _round(
    answers: Answers, design: Design, criterion: Criterion
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the items flagged with these anchors, and those that could not be tested."""
    found: dict[str, Found] = {}
    for item in answers.items:
        try:
            found[item] = TESTS[criterion.test](Studied.of(answers, item, design))
        except RefusalError:
            continue
    if not found:
        raise RefusalError(f"purification: {criterion.test} could test no item")
    plain = np.array([each.p for each in found.values()])
    p = holm(plain) if criterion.flag == "p_holm" else plain
    flagged = tuple(
        item
        for (item, each), value in zip(found.items(), p, strict=True)
        if is_flagged(each, float(value), criterion.flag, criterion.alpha)
    )
    return flagged, tuple(name for name in answers.items if name not in found)
