r"""Generalised Mantel-Haenszel tests: several ordered or unordered answers, several groups.

All of them compare, in each stratum, the observed table with its hypergeometric expectation given
both margins. With group sizes :math:`n_g`, answers :math:`n_j` and :math:`n` people in a stratum,

.. math::
    Cov(n_{gj}, n_{g'j'}) = \frac{n_g (\delta_{gg'} n - n_{g'}) \, n_j (\delta_{jj'} n - n_{j'})}
    {n^2 (n - 1)}.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.dif.strata import comparing, two_groups
from psychoscales.errors import RefusalError

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SINGULAR = 1e-10
"""Of the largest eigenvalue: below it, a direction has no variance and is left out of the test."""
SAME = "within each matching score everybody gave the same answer"


@dataclass(frozen=True)
class Association:
    """A chi-square test of strata.

    Attributes:
        chisq, df: the test.
        full_df: what df would be if every group and answer were compared somewhere.
        n: people in strata that have two groups or more.
        strata: how many there are.
    """

    chisq: float
    df: int
    full_df: int
    n: int
    strata: int


@dataclass(frozen=True)
class MeanDifference:
    """Standardized mean difference, focal minus reference.

    Attributes:
        smd: in units of the item.
        se: under Mantel's hypergeometric model.
        standardized: smd / sd.
        sd: of the item, both groups together, divisor n - 1.
    """

    smd: float
    se: float
    standardized: float
    sd: float


def mantel(counts: Counts, values: Floats) -> Association:
    r"""Return Mantel's test that groups have one mean answer at each matching score.

    For two groups, with :math:`F_k` the sum of the focal group's answers in stratum k,

    .. math::
        \chi^2 = \frac{(\sum_k F_k - \sum_k E(F_k))^2}{\sum_k Var(F_k)},

    1 df, no correction for continuity; for G groups the quadratic form of G - 1 such sums.

    Args:
        counts: [S, G, J].
        values: of the J answers.

    Source:
        Mantel N. J Am Stat Assoc 1963;58:690-700. doi:10.1080/01621459.1963.10500879.
        Landis JR, Heyman ER, Koch GG. Int Stat Rev 1978;46:237-254 (several groups).
    """
    used = comparing(counts).astype(np.float64)
    scored = np.asarray((used @ values)[..., None])
    spread = _squares(used, values)[:, None, None]
    return _quadratic(used, scored, spread)


def general_association(counts: Counts) -> Association:
    """Return the test that groups give all answers alike at each matching score.

    The answers are taken as unordered; df = (G - 1)(J - 1), less where an answer or a group is
    only in strata that compare nobody.

    Source:
        Somes GW. The generalized Mantel-Haenszel statistic. Am Stat 1986;40:106-108.
        doi:10.1080/00031305.1986.10475369. Agrees with R's mantelhaen.test to 1e-10.
    """
    used = comparing(counts).astype(np.float64)
    answers = used.sum(axis=1)[:, 1:]
    n = used.sum(axis=(1, 2))[:, None, None]
    spread = _diagonal(answers) - answers[:, :, None] * answers[:, None, :] / n
    return _quadratic(used, used[:, :, 1:], spread)


def mean_difference(counts: Counts, values: Floats) -> MeanDifference:
    r"""Return the mean difference of two groups, standardized to the focal group's scores.

    .. math::
        SMD = \sum_k \frac{n_{Fk}}{n_F} (m_{Fk} - m_{Rk}), \qquad
        Var = \sum_k \left(\frac{n_{Fk}}{n_F}\right)^2
        \left(\frac{1}{n_{Fk}} + \frac{1}{n_{Rk}}\right)^2 Var(F_k)

    over the strata that have both groups; :math:`n_F` is of these strata.

    Source:
        Zwick R, Thayer DT. J Educ Behav Stat 1996;21:187-201. doi:10.3102/10769986021003187.
    """
    two_groups(counts, "the standardized mean difference")
    used = comparing(counts).astype(np.float64)
    sizes = used.sum(axis=2)
    means = (used @ values) / sizes
    weights = sizes[:, 1] / sizes[:, 1].sum()
    n = sizes.sum(axis=1)
    of_sum = _squares(used, values) * sizes.prod(axis=1) / (n * (n - 1))
    smd = float((weights * (means[:, 1] - means[:, 0])).sum())
    variance = float((weights**2 * (1 / sizes).sum(axis=1) ** 2 * of_sum).sum())
    answers = counts.sum(axis=(0, 1)).astype(np.float64)
    centred = values - answers @ values / answers.sum()
    sd = float(np.sqrt(answers @ centred**2 / (answers.sum() - 1)))
    return MeanDifference(smd, float(np.sqrt(variance)), smd / sd, sd)


def _squares(used: Floats, values: Floats) -> Floats:
    """Return the sum of squares of the answers around each stratum's mean [S]."""
    answers = used.sum(axis=1)
    means = answers @ values / answers.sum(axis=1)
    return np.asarray((answers * (values - means[:, None]) ** 2).sum(axis=1))


def _diagonal(rows: Floats) -> Floats:
    return np.asarray(rows[:, :, None] * np.eye(rows.shape[1]))


def _quadratic(used: Floats, seen: Floats, spread: Floats) -> Association:
    """Return the quadratic form of the sums [S, G, r] of all groups but the first.

    `spread` [S, r, r] is n times the covariance of one person's answer, divisor n.
    """
    sizes = used.sum(axis=2)
    n = sizes.sum(axis=1)
    share = sizes / n[:, None]
    off = (seen - share[:, :, None] * seen.sum(axis=1)[:, None, :]).sum(axis=0)[1:].ravel()
    focal = sizes[:, 1:]
    between = _diagonal(focal) - focal[:, :, None] * focal[:, None, :] / n[:, None, None]
    both = np.einsum("kab,kcd,k->acbd", between, spread, 1 / (n - 1))
    covariance = both.reshape(len(off), len(off))
    if not covariance.any():
        raise RefusalError(SAME)
    roots, axes = np.linalg.eigh(covariance)
    kept = roots > SINGULAR * roots[-1]
    chisq = float(((off @ axes[:, kept]) ** 2 / roots[kept]).sum())
    return Association(chisq, int(kept.sum()), len(off), int(n.sum()), len(used))
