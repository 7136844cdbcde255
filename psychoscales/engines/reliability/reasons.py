"""Why a factor model of one covariance matrix gives no coefficient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.categorical import wlsmv
from psychoscales.engines.reliability.hierarchical import schmid_leiman
from psychoscales.engines.reliability.latent_responses import Latent
from psychoscales.engines.reliability.matrices import correlations, unpredicted
from psychoscales.engines.reliability.one_factor import OneFactor, maximum_likelihood, minres
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
UNKNOWN = "it cannot be computed"
SINGULAR = "the correlation matrix is singular: an item follows from the others"


def no_likelihood(cov: Floats, _names: Sequence[str]) -> str:
    """Say why one factor by maximum likelihood has no solution."""
    return SINGULAR if _singular(cov) else _one_factor(maximum_likelihood(cov))


def no_minres(cov: Floats, _names: Sequence[str]) -> str:
    """Say why one factor by minres has no solution."""
    return _one_factor(minres(cov))


def no_polychoric_minres(latent: Latent) -> str:
    """Say why one factor of polychoric correlations by minres has no solution."""
    return _one_factor(minres(latent.correlation))


def no_wlsmv(latent: Latent) -> str:
    """Say why one factor by WLSMV has no solution."""
    return _one_factor(wlsmv(latent))


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
    return SINGULAR


def no_bound(cov: Floats, _names: Sequence[str]) -> str:
    """Say why there is no greatest lower bound."""
    return SINGULAR if _singular(cov) else "the search for the bound did not end"


def no_half(_cov: Floats, _names: Sequence[str]) -> str:
    """Say why two halves have no correlation to step up."""
    return "a half has no variance, or the halves correlate -1"


def _singular(cov: Floats) -> bool:
    return not bool(np.isfinite(unpredicted(correlations(cov)[None])).all())
