"""Logistic regression on one number, for many samples of the same people at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
STEPS = 100
LONGEST = 2.0
CLOSE = 1e-12


def logistic(x: Floats, yes: Floats, no: Floats) -> tuple[Floats, Floats]:
    r"""Return intercept and slope [b] of :math:`\log (p / (1 - p)) = \beta_0 + \beta_1 x`.

    By Newton's method for maximum likelihood. NaN where there is no maximum: all people with the
    one outcome lie on one side of all with the other, or there is one outcome only.

    Args:
        x: distinct values, rising [v].
        yes, no: how many people of each value have the outcome, and have not [b, v].
    """
    there = overlapping(yes, no)
    first, second = np.full(len(yes), np.nan), np.full(len(yes), np.nan)
    if not there.any():
        return first, second
    middle, spread = float(x.mean()), float(x.std())
    z = (x - middle) / spread
    a, b = _newton(z, yes[there], no[there])
    first[there], second[there] = a - b * middle / spread, b / spread
    return first, second


def overlapping(yes: Floats, no: Floats) -> npt.NDArray[np.bool_]:
    """Return whether the two outcomes' values overlap, by more than a shared end [b]."""
    places = np.arange(yes.shape[1])
    ends = [
        (np.where(each > 0, places, len(places)).min(1), np.where(each > 0, places, -1).max(1))
        for each in (yes, no)
    ]
    return np.asarray((ends[0][0] < ends[1][1]) & (ends[1][0] < ends[0][1]))


def _newton(z: Floats, yes: Floats, no: Floats) -> tuple[Floats, Floats]:
    from scipy.special import expit

    everybody = yes + no
    a, b = np.log(yes.sum(1) / no.sum(1)), np.zeros(len(yes))
    for _ in range(STEPS):
        chance = expit(a[:, None] + b[:, None] * z)
        rest, weight = yes - everybody * chance, everybody * chance * (1 - chance)
        slope = rest.sum(1), rest @ z
        h00, h01, h11 = weight.sum(1), weight @ z, weight @ z**2
        size = h00 * h11 - h01**2
        up = (h11 * slope[0] - h01 * slope[1]) / size
        turn = (h00 * slope[1] - h01 * slope[0]) / size
        longest = np.maximum(np.abs(up), np.abs(turn))
        short = np.minimum(1.0, LONGEST / np.maximum(longest, LONGEST))
        a, b = a + short * up, b + short * turn
        done = longest <= CLOSE * (1 + np.maximum(np.abs(a), np.abs(b)))
        if done.all():
            break
    return np.where(done, a, np.nan), np.where(done, b, np.nan)
