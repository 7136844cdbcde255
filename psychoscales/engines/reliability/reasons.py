"""Why a factor model of one covariance matrix gives no coefficient."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.hierarchical import schmid_leiman
from psychoscales.engines.reliability.one_factor import OneFactor, maximum_likelihood, minres
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
Reason = Callable[[Floats, Sequence[str]], str]
UNKNOWN = "it cannot be computed"


def no_likelihood(cov: Floats, _names: Sequence[str]) -> str:
    """Say why one factor by maximum likelihood has no solution."""
    return _one_factor(maximum_likelihood(cov))


def no_minres(cov: Floats, _names: Sequence[str]) -> str:
    """Say why one factor by minres has no solution."""
    return _one_factor(minres(cov))


def _one_factor(fit: OneFactor) -> str:
    if bool(fit.heywood):
        return "a Heywood case: an item has no residual variance under one factor"
    if not bool(fit.converged):
        return "one factor: the search did not converge"
    return UNKNOWN


def no_schmid_leiman(cov: Floats, names: Sequence[str], groups: int) -> str:
    """Say why there is no Schmid-Leiman solution with so many group factors."""
    try:
        return schmid_leiman(cov, groups).problem(tuple(names)) or UNKNOWN
    except RefusalError as refusal:
        return str(refusal)


def no_inverse(_cov: Floats, _names: Sequence[str]) -> str:
    """Say why there are no squared multiple correlations."""
    return "the correlation matrix is singular: an item follows from the others"
