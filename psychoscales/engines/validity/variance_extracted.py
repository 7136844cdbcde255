"""Average variance extracted, and Fornell and Larcker's comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.coefficient import check
from psychoscales.engines.reliability.one_factor import maximum_likelihood
from psychoscales.engines.reliability.reasons import no_likelihood
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


def average_variance_extracted(cov: Floats, names: Sequence[str] | None = None) -> float:
    r"""Return the mean share of the items' variance that one factor explains.

    .. math:: \mathrm{AVE} = \frac{1}{k} \sum_j \lambda_j^2

    of the standardized loadings of a one-factor model fitted by maximum likelihood.

    Args:
        cov: covariances of the keyed items of one construct [k, k].
        names: of the items.

    Raises:
        RefusalError: fewer than three items, no variance, or no proper solution.

    Source:
        Fornell C, Larcker DF. Evaluating structural equation models with unobservable variables
        and measurement error. J Mark Res 1981;18:39-50. doi:10.1177/002224378101800104. Agrees
        with the loadings of lavaan to 1e-6.
    """
    called = [f"item {at + 1}" for at in range(len(cov))] if names is None else names
    check(cov, called, 3, standardized=True)
    loadings = maximum_likelihood(cov).loadings
    if not np.isfinite(loadings).all():
        raise RefusalError(no_likelihood(cov, called))
    return float((loadings**2).mean())


@dataclass(frozen=True)
class FornellLarcker:
    """Whether two constructs share less variance than each shares with its own items.

    Attributes:
        root_first, root_second: square roots of the constructs' AVE.
        r: the correlation of the constructs they are compared with.
        distinct: whether both roots are above the size of r.
    """

    root_first: float
    root_second: float
    r: float
    distinct: bool


def fornell_larcker(ave_first: float, ave_second: float, r: float) -> FornellLarcker:
    r"""Return Fornell and Larcker's comparison: :math:`\sqrt{\mathrm{AVE}} > |r|` of both.

    r is the correlation of the constructs, that is, corrected for attenuation: against the
    correlation of the scores as observed, almost anything is distinct.
    """
    roots = math.sqrt(ave_first), math.sqrt(ave_second)
    return FornellLarcker(*roots, r, min(roots) > abs(r))
