r"""What differential item functioning does to answers and to the total score.

With :math:`E_g(x)` the expected answer to an item of group g at matching score x, by the model
with interaction, the focal group's people have a difference
:math:`\Delta(x) = E_{focal}(x) - E_{reference}(x)` each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.dif.nested import Model
from psychoscales.engines.validity.dif.studied import Design
from psychoscales.engines.validity.dif.tables import Answers

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Effect:
    """Mean over the people of a focal group.

    Attributes:
        focal: its name.
        item: the item; None for the sum of the studied items.
        signed: mean difference, in units of the item's values or their sum.
        unsigned: mean size of the difference; for the sum, items cancel within a person.
        uncancelled: for the sum, the mean size where nothing cancels.
        items: how many items are summed.
        n: people of the focal group.
    """

    focal: str
    item: str | None
    signed: float
    unsigned: float
    n: int
    uncancelled: float | None = None
    items: int | None = None


def effects(
    answers: Answers, models: Mapping[str, Model], design: Design, summed: Sequence[str]
) -> list[Effect]:
    """Return the effect on each item that has a model, and on the sum of some of them.

    Args:
        answers: of all groups.
        models: item -> its model with interaction.
        design: anchors and matching.
        summed: the items whose differences are added up; none gives no sum. Summed over all
            items matched on their own total the differences cancel, because the total of
            people with one total is the same in any group.

    Source:
        Meade AW. J Appl Psychol 2010;95:728-743. doi:10.1037/a0018966: SIDS and UIDS of items; of
        the sum, STDS (signed), UETSDS (unsigned) and UTDS (uncancelled), here by logistic models.
    """
    found = []
    differences = {
        item: _differences(answers, item, model, design) for item, model in models.items()
    }
    for at, focal in enumerate(answers.groups[1:], start=1):
        own = answers.group == at
        weights = answers.weights[own] / answers.weights[own].sum()
        n = int(answers.weights[own].sum())
        for item, difference in differences.items():
            signed, unsigned = _means(difference[own, at], weights)
            found.append(Effect(focal, item, signed, unsigned, n))
        if summed:
            columns = np.column_stack([differences[item][own, at] for item in summed])
            signed, unsigned = _means(columns.sum(axis=1), weights)
            apart = float(weights @ np.abs(columns).sum(axis=1))
            found.append(Effect(focal, None, signed, unsigned, n, apart, len(summed)))
    return found


def _differences(answers: Answers, item: str, model: Model, design: Design) -> Floats:
    """Return, at the matching score of each row, each group minus the reference [M, G]."""
    own = answers.matching(item, design.anchors, design.matching)
    scores, place = np.unique(own, return_inverse=True)
    expected = model.expected(scores)
    return np.asarray((expected - expected[:, :1])[place])


def _means(differences: Floats, weights: Floats) -> tuple[float, float]:
    return float(weights @ differences), float(weights @ np.abs(differences))
