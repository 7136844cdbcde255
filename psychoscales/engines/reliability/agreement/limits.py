r"""Limits of agreement: where the differences between two ratings of a person lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.error import NORMAL_95
from psychoscales.engines.reliability.agreement.ratings import complete
from psychoscales.errors import RefusalError
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
LimitsMethod = Literal["exact", "approximate"]
NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Limits:
    """Bias and limits of agreement, with intervals; in units of the score.

    Attributes:
        bias, lower, upper: mean of second minus first, and that -+ 1.96 sd of the differences.
        sd: of the differences, divisor n - 1.
        n: people.
        ends: the interval of each of bias, lower and upper.
        level: confidence level of the intervals.
        method: "exact" or "approximate", of the intervals of the limits.
    """

    bias: float
    lower: float
    upper: float
    sd: float
    n: int
    ends: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
    level: float
    method: LimitsMethod

    def estimates(self) -> tuple[Estimate, ...]:
        """Return bias, lower and upper limit as estimates."""
        values = (self.bias, self.lower, self.upper)
        names = ("bias", "limit_lower", "limit_upper")
        of_limit = "noncentral_t" if self.method == "exact" else "bland_altman_1999"
        methods = ("student_t", of_limit, of_limit)
        return tuple(
            Estimate(name, value, *ends, self.level, self.n, method=method)
            for name, value, ends, method in zip(names, values, self.ends, methods, strict=True)
        )


def limits_of_agreement(
    pair: npt.ArrayLike, *, level: float = 0.95, method: LimitsMethod = "exact"
) -> Limits:
    r"""Return Bland and Altman's limits of agreement of two ratings.

    With d the second rating minus the first, of mean :math:`\bar d` and standard deviation s, the
    limits are :math:`\bar d \pm 1.96 s`. They hold 95 % of the differences if these are normal,
    and of one size all along the scale (the plot shows whether). `level` is of the intervals of
    bias and limits, not of the limits. The interval of the bias is Student's t. That of a limit:

    - "exact": :math:`\bar d + t s / \sqrt n`, t the quantiles of the noncentral t distribution
      on n - 1 degrees of freedom with noncentrality :math:`\pm 1.96 \sqrt n`;
    - "approximate": the limit :math:`\pm t s \sqrt{1/n + 1.96^2 / (2 (n - 1))}`, of Bland and
      Altman (1999).

    Args:
        pair: ratings [n, 2] in units of the score; people without both are left out.
        level: confidence level of the intervals, such as .95.
        method: "exact" or "approximate".

    Raises:
        RefusalError: fewer than three people, or constant differences.

    Source:
        Bland JM, Altman DG. Lancet 1986;327:307-310. doi:10.1016/S0140-6736(86)90837-8. Bland JM,
        Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res
        1999;8:135-160. doi:10.1177/096228029900800204. Carkeet A. Exact parametric confidence
        intervals for Bland-Altman limits of agreement. Optom Vis Sci 2015;92:e71-e80.
        doi:10.1097/OPX.0000000000000513.
    """
    from scipy.special import stdtrit

    table = complete(pair)
    if table.shape[1] != 2:
        raise ValueError(f"limits of agreement are of two ratings, not of {table.shape[1]}")
    if method not in ("exact", "approximate"):
        raise ValueError(f"method is 'exact' or 'approximate', not {method!r}")
    differences = table[:, 1] - table[:, 0]
    n, bias, sd = len(differences), float(differences.mean()), float(differences.std(ddof=1))
    if sd <= NEGLIGIBLE * float(np.abs(table).max(initial=0.0)):
        raise RefusalError("the differences are constant: there are no limits around them")
    half = float(stdtrit(n - 1, (1 + level) / 2)) * sd / float(np.sqrt(n))
    inner, outer = (sd * reach for reach in _reach(n, level, method))
    lower, upper = bias - NORMAL_95 * sd, bias + NORMAL_95 * sd
    ends = (
        (bias - half, bias + half),
        (lower - outer, lower + inner),
        (upper - inner, upper + outer),
    )
    return Limits(bias, lower, upper, sd, n, ends, level, method)


def _reach(n: int, level: float, method: LimitsMethod) -> tuple[float, float]:
    """Return how far a limit's interval reaches inwards and outwards, in standard deviations."""
    from scipy.special import stdtrit
    from scipy.stats import nct

    tail, root = (1 + level) / 2, float(np.sqrt(n))
    if method == "approximate":
        part = float(stdtrit(n - 1, tail)) * float(np.sqrt(1 / n + NORMAL_95**2 / (2 * (n - 1))))
        return part, part
    low, high = (float(nct.ppf(end, n - 1, NORMAL_95 * root)) for end in (1 - tail, tail))
    return NORMAL_95 - low / root, high / root - NORMAL_95
