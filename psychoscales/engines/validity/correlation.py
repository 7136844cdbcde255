"""The correlation of two columns, with its interval and everybody's influence on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.intervals import normal_quantile, standard_error

Floats = npt.NDArray[np.float64]
METHODS = ("pearson", "spearman")
INTERVALS = ("fisher", "distribution_free")


@dataclass(frozen=True, eq=False)
class Association:
    """A correlation of two columns.

    Attributes:
        value: r, or Spearman's rho.
        n: people.
        p: two-sided, of no correlation.
        low, high: the interval's ends; None where there is none.
        interval: its method.
        note: why there is no interval.
        influence: each person's influence on Pearson's r [n], mean 0; empty of a rho.
    """

    value: float
    n: int
    p: float
    low: float | None
    high: float | None
    interval: str | None
    note: str | None
    influence: Floats


def correlation(
    x: Floats,
    y: Floats,
    *,
    method: str = "pearson",
    interval: str = "fisher",
    level: float = 0.95,
) -> Association:
    r"""Return the correlation of x and y [n], without gaps.

    p is of :math:`t = r \sqrt{(n - 2) / (1 - r^2)}`. The intervals are on Fisher's z:

    .. math:: \tanh(\operatorname{artanh} r \pm z\, se)

    "fisher": :math:`se = 1 / \sqrt{n - 3}`, for two normal columns; for Spearman's rho, whose
    people are ranked, :math:`se = \sqrt{(1 + \rho^2 / 2) / (n - 3)}` (Bonett and Wright).
    "distribution_free" (Pearson's r only): :math:`se` from people's influence,
    :math:`u_i = z_{x i} z_{y i} - r (z_{x i}^2 + z_{y i}^2) / 2`, divided by :math:`1 - r^2`; no
    distribution is assumed.

    Raises:
        RefusalError: fewer than three people, or a column in which nobody varies.

    Source:
        Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and
        Spearman correlations. Psychometrika 2000;65:23-28. doi:10.1007/BF02294183. r, p and
        Fisher's interval agree with R's cor.test to 1e-10, rho and p with cor.test(exact = FALSE).
    """
    if method not in METHODS:
        raise UnknownNameError("correlation", method, METHODS)
    if interval not in INTERVALS:
        raise UnknownNameError("interval of a correlation", interval, INTERVALS)
    n = len(x)
    if n < 3:
        raise RefusalError(f"a correlation needs three people or more, not {n}")
    if method == "spearman":
        x, y = ranks(x), ranks(y)
    dx, dy = x - x.mean(), y - y.mean()
    squares = float(dx @ dx), float(dy @ dy)
    if not min(squares) > 0:
        raise RefusalError("no correlation: everybody has the same value of one of the two")
    r = min(max(float(dx @ dy) / math.sqrt(squares[0] * squares[1]), -1.0), 1.0)
    zx, zy = dx / math.sqrt(squares[0] / (n - 1)), dy / math.sqrt(squares[1] / (n - 1))
    influence: Floats = zx * zy - r * (zx**2 + zy**2) / 2
    low = high = note = None
    try:
        se = _error(r, n, method, interval, influence)
        half, z = normal_quantile(level) * se, math.atanh(r)
        low, high = math.tanh(z - half), math.tanh(z + half)
    except RefusalError as refusal:
        note = f"no interval: {refusal}"
    kind = {"pearson": interval, "spearman": "bonett_wright"}[method] if low is not None else None
    of_people = influence if method == "pearson" else np.empty(0)
    return Association(r, n, _p(r, n), low, high, kind, note, of_people)


def _error(r: float, n: int, method: str, interval: str, influence: Floats) -> float:
    """Return the standard error on Fisher's z."""
    if n < 4:
        raise RefusalError("four people or more are needed for it")
    if abs(r) == 1:
        raise RefusalError("the correlation is perfect")
    if method == "spearman":
        if interval == "distribution_free":
            raise RefusalError("the distribution-free one is of Pearson's r: ask for 'fisher'")
        return math.sqrt((1 + r**2 / 2) / (n - 3))
    if interval == "distribution_free":
        return standard_error(influence, np.ones(n, dtype=np.int64)) / (1 - r**2)
    return 1 / math.sqrt(n - 3)


def _p(r: float, n: int) -> float:
    from scipy.special import stdtr

    if abs(r) == 1:
        return 0.0
    return float(2 * stdtr(n - 2, -abs(r) * math.sqrt((n - 2) / (1 - r**2))))


def ranks(values: Floats) -> Floats:
    """Return the ranks [n] of values, ties sharing the middle of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = counts.cumsum() - (counts - 1) / 2
    found: Floats = middle[places]
    return found
