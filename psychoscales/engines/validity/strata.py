"""Likelihood ratios of strata of a score: what a band says, not only which side of a cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from psychoscales.engines.validity.proportions import Counts, Ranged, probability, ratio
from psychoscales.engines.validity.roc import Graded
from psychoscales.errors import RefusalError


@dataclass(frozen=True, eq=False)
class Strata:
    """Bands of a score, the lowest first.

    Attributes:
        positives, negatives: people in each band, int64 [b].
        ratios: each band's likelihood ratio.
        probabilities: of being positive in each band, at the prevalence.
    """

    positives: Counts
    negatives: Counts
    ratios: Ranged
    probabilities: Ranged


def strata(
    graded: Graded, bounds: Sequence[float], level: float, prevalence: float | None = None
) -> Strata:
    r"""Return the likelihood ratio of each band of a score.

    .. math:: LR_k = \frac{a_k / n_1}{b_k / n_0}

    with :math:`a_k` positives and :math:`b_k` negatives in band k; weighted with the negatives'
    shares they add up to 1. A band without positives has ratio 0, one without negatives an
    infinite one, both without an interval; a band without people has none (NaN).

    Args:
        graded: the score.
        bounds: where every band but the lowest begins, rising [b - 1].
        level: of the intervals, which are Simel's.
        prevalence: for the probabilities; None for these people's.

    Raises:
        RefusalError: one class only.

    Source:
        Simel DL, Samsa GP, Matchar DB. J Clin Epidemiol 1991;44:763-770.
        doi:10.1016/0895-4356(91)90128-V
    """
    if min(graded.n0, graded.n1) == 0:
        raise RefusalError("likelihood ratios need positives and negatives")
    if any(high <= low for low, high in pairwise(bounds)):
        raise ValueError(f"bounds of bands rise, unlike {list(bounds)}")
    places = np.searchsorted(np.asarray(bounds, dtype=np.float64), graded.values, side="right")
    positives, negatives = (
        np.rint(np.bincount(places, counts, minlength=len(bounds) + 1)).astype(np.int64)
        for counts in (graded.positives, graded.negatives)
    )
    ratios = ratio(positives, graded.n1, negatives, graded.n0, level)
    share = graded.n1 / graded.n if prevalence is None else prevalence
    return Strata(positives, negatives, ratios, probability(ratios, share))
