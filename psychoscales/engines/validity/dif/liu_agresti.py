r"""Liu and Agresti: one common odds ratio of all cumulative splits of an ordered item.

In stratum k, at the split between answers up to j and above, :math:`A_{jk}` and :math:`B_{jk}`
people of the reference group are above and not, :math:`C_{jk}` and :math:`D_{jk}` of the focal
group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.dif.strata import comparing, two_groups
from psychoscales.errors import RefusalError

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CumulativeOdds:
    """Common cumulative odds ratio, of the reference to the focal group.

    Attributes:
        odds_ratio: above 1 where the reference group gives higher answers.
        se_log: standard error of its logarithm.
        n: people in strata that have both groups.
        strata: how many there are.
    """

    odds_ratio: float
    se_log: float
    n: int
    strata: int

    @property
    def log(self) -> float:
        """The logarithm of the odds ratio."""
        return float(np.log(self.odds_ratio))


def liu_agresti(counts: Counts) -> CumulativeOdds:
    r"""Return the common cumulative odds ratio of counts [S, 2, J].

    .. math::
        \psi = \frac{\sum_k \sum_j A_{jk} D_{jk} / n_k}{\sum_k \sum_j B_{jk} C_{jk} / n_k}

    For a dichotomous item it is the Mantel-Haenszel odds ratio. The variance of its logarithm is
    that of :math:`\sum_k \sum_j (A_{jk} D_{jk} - \psi B_{jk} C_{jk}) / n_k` over the square of the
    numerator. Each stratum's part is estimated by `covariances`, without bias in small strata
    too; for a dichotomous item it is the variance of Robins, Breslow and Greenland.

    Assumes one odds ratio at all splits and all matching scores.

    Raises:
        RefusalError: more than two groups, no stratum with both, an odds ratio of 0 or infinity.

    Source:
        Liu IM, Agresti A. Biometrics 1996;52:1223-1234. doi:10.2307/2532838. Penfield RD, Algina J.
        J Educ Meas 2003;40:353-370. (as an index of DIF).
    """
    two_groups(counts, "liu_agresti")
    used = comparing(counts)
    n = used.sum(axis=(1, 2)).astype(np.float64)
    a, b, c, d = _splits(used)
    left = float(((a * d).sum(axis=1) / n).sum())
    right = float(((b * c).sum(axis=1) / n).sum())
    if left == 0 or right == 0:
        raise RefusalError(
            "the common odds ratio is 0 or infinite: at each matching score the answers of one "
            "group are nowhere below those of the other"
        )
    psi = left / right
    variance = float(covariances(used, psi).sum()) / left**2
    return CumulativeOdds(psi, float(np.sqrt(variance)), int(n.sum()), len(used))


def covariances(counts: Counts, psi: float) -> Floats:
    r"""Return, summed over strata, covariances of the splits' parts [J - 1, J - 1].

    A split's part, :math:`(A_j D_j - \psi B_j C_j) / n`, is a sum over pairs of a person of each
    group. Only pairs with a person in common covary. That gives two unbiased estimates, from the
    pairs as seen, and from what they must be if :math:`\psi` holds at both splits; this is
    their mean. With splits :math:`j \le j'`, and :math:`n_R`, :math:`n_F` the groups' sizes, it is
    :math:`1 / (2 n^2)` times

    .. math::
        A' D (A + D') + \psi^2 B C' (B' + C) - \psi (A - A') D C' - \psi (C - C') B A'
        + \psi n_R C' D + \psi n_F A' B.
    """
    a, b, c, d = _splits(counts)
    first, later = np.triu_indices(a.shape[1])
    a1, b1, c1, d1 = (each[:, first] for each in (a, b, c, d))
    a2, b2, c2, d2 = (each[:, later] for each in (a, b, c, d))
    reference, focal = a1 + b1, c1 + d1
    parts = (
        a2 * d1 * (a1 + d2)
        + psi**2 * b1 * c2 * (b2 + c1)
        - psi * (a1 - a2) * d1 * c2
        - psi * (c1 - c2) * b1 * a2
        + psi * reference * c2 * d1
        + psi * focal * a2 * b1
    )
    summed = (parts / (2 * (reference + focal) ** 2)).sum(axis=0)
    whole = np.zeros((a.shape[1], a.shape[1]))
    whole[first, later] = whole[later, first] = summed
    return whole


def _splits(counts: Counts) -> tuple[Floats, Floats, Floats, Floats]:
    """Return, at each split, the people above and not, of the reference and of the focal group."""
    below = counts.cumsum(axis=2)[:, :, :-1].astype(np.float64)
    above = counts.sum(axis=2)[:, :, None] - below
    return above[:, 0], below[:, 0], above[:, 1], below[:, 1]
