r"""Mantel and Haenszel: a dichotomous item, two groups, people matched on a score.

In stratum k, :math:`A_k` and :math:`B_k` people of the reference group gave the higher and the
lower answer, :math:`C_k` and :math:`D_k` of the focal group, :math:`T_k` in all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.dif.strata import comparing, two_groups
from psychoscales.errors import RefusalError

Counts = npt.NDArray[np.int64]
DELTA = -2.35
"""From a log odds ratio to the delta scale of ETS, whose standard deviation is 4 (4 / 1.7)."""
CORRECTION = 0.5


@dataclass(frozen=True)
class MantelHaenszel:
    """Test and common odds ratio.

    Attributes:
        chisq, chisq_corrected: 1 df, without and with correction for continuity.
        alpha: common odds ratio, of the reference to the focal group; None where it is 0 or
            infinite.
        se_log_alpha: standard error of its logarithm.
        n: people in strata that have both groups.
        strata: how many there are.
    """

    chisq: float
    chisq_corrected: float
    alpha: float | None
    se_log_alpha: float | None
    n: int
    strata: int

    @property
    def delta(self) -> float | None:
        """MH D-DIF, -2.35 log alpha: below 0 where the focal group has the lower answers."""
        return None if self.alpha is None else DELTA * float(np.log(self.alpha))

    @property
    def se_delta(self) -> float | None:
        """Standard error of MH D-DIF."""
        return None if self.se_log_alpha is None else abs(DELTA) * self.se_log_alpha


def mantel_haenszel(counts: Counts) -> MantelHaenszel:
    r"""Return the Mantel-Haenszel test of counts [S, 2, 2].

    .. math::
        \chi^2 = \frac{(|\sum_k A_k - \sum_k E(A_k)| - c)^2}{\sum_k Var(A_k)}, \qquad
        \alpha = \frac{\sum_k A_k D_k / T_k}{\sum_k B_k C_k / T_k}

        Var(\log \alpha) = \frac{\sum_k T_k^{-2} (A_k D_k + \alpha B_k C_k)
        (A_k + D_k + \alpha (B_k + C_k))}{2 (\sum_k A_k D_k / T_k)^2}

    with c = 1/2 for the corrected one. Where the difference is smaller than 1/2 the corrected
    statistic is 0; programs disagree there (R leaves the correction out, others square what is
    then below 0).

    Raises:
        RefusalError: more than two groups or answers, no stratum with both groups, no variance.

    Source:
        Mantel N, Haenszel W. J Natl Cancer Inst 1959;22:719-748. doi:10.1093/jnci/22.4.719.
        Robins J, Breslow N, Greenland S. Biometrics 1986;42:311-323. doi:10.2307/2531052
        (variance; Phillips and Holland's is the same). Agrees with R's mantelhaen.test to 1e-10.
    """
    two_groups(counts, "mantel_haenszel")
    if counts.shape[2] != 2:
        raise RefusalError(
            f"mantel_haenszel is of items with two answers, and {counts.shape[2]} were given: "
            "use mantel or liu_agresti"
        )
    used = comparing(counts).astype(np.float64)
    b, a = used[:, 0, 0], used[:, 0, 1]
    d, c = used[:, 1, 0], used[:, 1, 1]
    n = a + b + c + d
    higher, reference = a + c, a + b
    off = float((a - reference * higher / n).sum())
    variance = float((reference * (c + d) * higher * (b + d) / (n**2 * (n - 1))).sum())
    if variance == 0:
        raise RefusalError("within each matching score everybody gave the same answer")
    left, right = float((a * d / n).sum()), float((b * c / n).sum())
    alpha, error = None, None
    if left > 0 and right > 0:
        alpha = left / right
        parts = (a * d + alpha * b * c) * (a + d + alpha * (b + c)) / n**2
        error = float(np.sqrt(parts.sum() / 2)) / left
    return MantelHaenszel(
        chisq=off**2 / variance,
        chisq_corrected=max(abs(off) - CORRECTION, 0.0) ** 2 / variance,
        alpha=alpha,
        se_log_alpha=error,
        n=int(n.sum()),
        strata=len(used),
    )
