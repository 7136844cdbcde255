"""Where the search for loadings begins: factor_analyzer's solution."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LOWEST_UNIQUENESS = 0.005
MOST_ITEMS = 40
"""Above it factor_analyzer's numeric gradients take seconds, and its start saves none of them."""


def uniquenesses(correlation: Floats, factors: int, method: str) -> Floats:
    """Return starting uniquenesses [k]: factor_analyzer's, or one minus the smc of each item.

    The second where there are more than `MOST_ITEMS` items, where factor_analyzer stops with an
    error, and where the matrix is not positive definite.
    """
    if np.linalg.eigvalsh(correlation)[0] < 1e-8:
        return np.full(len(correlation), 0.5)
    simple = 1 / np.diag(np.linalg.inv(correlation))
    if len(correlation) > MOST_ITEMS:
        return simple
    try:
        loadings = packaged_loadings(correlation, factors, method)
    except (ValueError, np.linalg.LinAlgError):
        return simple
    if not np.isfinite(loadings).all():
        return simple
    return np.asarray(1 - (loadings**2).sum(axis=1))


def packaged_loadings(correlation: Floats, factors: int, method: str) -> Floats:
    """Return the unrotated loadings [k, factors] of factor_analyzer ("minres" or "ml").

    factor_analyzer 0.5.1 calls scikit-learn's `check_array` with an argument that scikit-learn
    1.8 no longer has. Its `fit` is run here with a `check_array` that knows both names; neither
    package is changed, so that threads and other users of them are not touched.
    """
    import warnings

    from factor_analyzer import FactorAnalyzer, factor_analyzer

    scope = {**vars(factor_analyzer), "check_array": _either_name(factor_analyzer.check_array)}
    fit = FunctionType(FactorAnalyzer.fit.__code__, scope, "fit", FactorAnalyzer.fit.__defaults__)
    model = FactorAnalyzer(
        n_factors=factors,
        rotation=None,
        method=method,
        is_corr_matrix=True,
        bounds=(LOWEST_UNIQUENESS, 1),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit(model, np.array(correlation))
    return np.asarray(model.loadings_, dtype=np.float64)


def _either_name(check_array: Any) -> Any:
    """Return `check_array` with "force_all_finite" handed on under its name since 1.6."""

    def check(*args: Any, **named: Any) -> Any:
        if "force_all_finite" in named:
            named["ensure_all_finite"] = named.pop("force_all_finite")
        return check_array(*args, **named)

    return check
