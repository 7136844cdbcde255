"""Decisions at cut-offs of a score: how often they are right, among whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.proportions import (
    Counts,
    ProportionInterval,
    Ranged,
    probability,
    proportion,
    ratio,
)
from psychoscales.engines.validity.roc import Graded

STATISTICS = (
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "lr_positive",
    "lr_negative",
    "youden",
)


@dataclass(frozen=True, eq=False)
class Decided:
    """Two-by-two tables of a decision and the truth, int64 [c] each.

    Attributes:
        true_positives: positives at or above the cut-off.
        false_negatives: positives below it.
        false_positives: negatives at or above it.
        true_negatives: negatives below it.
    """

    true_positives: Counts
    false_negatives: Counts
    false_positives: Counts
    true_negatives: Counts


def decided(graded: Graded, cutoffs: npt.ArrayLike) -> Decided:
    """Return what becomes of people at cut-offs [c]: a value at or above one says positive."""
    places = np.searchsorted(graded.values, np.asarray(cutoffs, dtype=np.float64), side="left")
    below = [
        np.concatenate([[0], np.cumsum(counts)])[places]
        for counts in (graded.positives, graded.negatives)
    ]
    return Decided(graded.n1 - below[0], below[0], graded.n0 - below[1], below[1])


def accuracy(
    tables: Decided,
    level: float,
    interval: ProportionInterval = "clopper_pearson",
    prevalence: float | None = None,
) -> dict[str, Ranged]:
    r"""Return the statistics of decisions, each with its interval.

    With a, b, c, d the true positives, false negatives, false positives and true negatives:

    .. math::
        Se = \frac{a}{a + b}, \quad Sp = \frac{d}{c + d}, \quad LR_+ = \frac{Se}{1 - Sp}, \quad
        LR_- = \frac{1 - Se}{Sp}, \quad J = Se + Sp - 1

    and the predictive values are a / (a + c) and d / (b + d), which hold where the share of
    positives is that of these people; or, at a stated prevalence p,

    .. math:: \frac{PPV}{1 - PPV} = \frac{p}{1 - p} LR_+, \qquad
        \frac{1 - NPV}{NPV} = \frac{p}{1 - p} LR_-

    Intervals: of proportions as `interval` says; of likelihood ratios the log interval, which at
    a stated prevalence is Mercaldo's logit interval of the predictive values; of J the one that
    Newcombe makes of two Wilson intervals. They are of a cut-off that was chosen beforehand.

    Args:
        tables: from `decided`.
        level: of every interval.
        interval: "clopper_pearson" (exact) or "wilson".
        prevalence: of the people that predictive values are to be about; None for these people's.

    Source:
        Mercaldo ND, Lau KF, Zhou XH. Confidence intervals for predictive values with an emphasis
        to case-control studies. Stat Med 2007;26:2170-2183. doi:10.1002/sim.2677. Newcombe RG.
        Interval estimation for the difference between independent proportions: comparison of
        eleven methods. Stat Med 1998;17:873-890.
        doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I. Youden WJ. Index for
        rating diagnostic tests. Cancer 1950;3:32-35.
        doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3
    """
    a, b = tables.true_positives, tables.false_negatives
    c, d = tables.false_positives, tables.true_negatives
    n1, n0 = int((a + b)[0]), int((c + d)[0])
    found = {
        "sensitivity": proportion(a, n1, level, interval),
        "specificity": proportion(d, n0, level, interval),
        "ppv": proportion(a, a + c, level, interval),
        "npv": proportion(d, b + d, level, interval),
        "lr_positive": ratio(a, n1, c, n0, level),
        "lr_negative": ratio(b, n1, d, n0, level),
        "youden": _youden(a, n1, d, n0, level),
    }
    if prevalence is not None:
        found["ppv"] = probability(found["lr_positive"], prevalence)
        missed, low, high = probability(found["lr_negative"], prevalence)
        found["npv"] = Ranged(1 - missed, 1 - high, 1 - low)
    return found


def _youden(a: Counts, n1: int, d: Counts, n0: int, level: float) -> Ranged:
    """Return a / n1 + d / n0 - 1 with Newcombe's interval."""
    of_positives, of_negatives = (
        proportion(count, n, level, "wilson") for count, n in ((a, n1), (d, n0))
    )
    value = of_positives.value + of_negatives.value - 1
    down, up = (
        np.hypot(
            of_positives.value - getattr(of_positives, end),
            of_negatives.value - getattr(of_negatives, end),
        )
        for end in ("low", "high")
    )
    return Ranged(value, value - down, value + up)
