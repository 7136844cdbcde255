"""Coefficient alpha, raw and standardized, from a covariance matrix, with its gradient."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


def check(cov: Floats) -> None:
    """Refuse a matrix of fewer than two items, or of items without variance."""
    if len(cov) < 2:
        raise RefusalError("internal consistency needs two items or more")
    if not float(np.trace(cov)) > 0:
        raise RefusalError("no variance: everybody gave the same answers")
    if not float(cov.sum()) > 0:
        raise RefusalError("the total score has no variance")


def alpha(cov: Floats) -> float:
    r"""Return raw alpha of a covariance matrix [k, k].

    .. math:: \frac{k}{k - 1} \left(1 - \frac{\operatorname{tr} C}{\sum C}\right)

    It estimates the reliability of the sum of the items if these are essentially tau-equivalent
    and their errors uncorrelated, and a lower bound of it if they are only congeneric.

    Raises:
        RefusalError: fewer than two items, or no variance.

    Source:
        Cronbach LJ. Psychometrika 1951;16:297-334. doi:10.1007/BF02310555. Agrees with
        psych::alpha (raw_alpha) to 1e-12.
    """
    check(cov)
    k = len(cov)
    return k / (k - 1) * (1 - float(np.trace(cov)) / float(cov.sum()))


def alpha_gradient(cov: Floats) -> Floats:
    """Return d alpha / d C [k, k], every element of C taken for itself."""
    k, trace, total = len(cov), float(np.trace(cov)), float(cov.sum())
    off = np.full_like(cov, trace / total**2)
    off[np.diag_indices(k)] -= 1 / total
    gradient: Floats = k / (k - 1) * off
    return gradient


def alpha_standardized(cov: Floats) -> float:
    r"""Return standardized alpha: alpha of the correlation matrix R.

    .. math:: \frac{k}{k - 1} \left(1 - \frac{k}{\sum R}\right)

    It is about the sum of the items after each is divided by its standard deviation, which is
    not the score that people get.

    Raises:
        RefusalError: fewer than two items, or an item without variance.

    Source:
        Agrees with psych::alpha (std.alpha) to 1e-12.
    """
    check(cov)
    return alpha(correlation(cov))


def alpha_standardized_gradient(cov: Floats) -> Floats:
    """Return d standardized alpha / d C [k, k], through the correlations."""
    k, sd = len(cov), np.sqrt(np.diag(cov))
    r = correlation(cov)
    total = float(r.sum())
    gradient = 1 / np.outer(sd, sd)
    gradient[np.diag_indices(k)] = -(r.sum(axis=1) - 1) / np.diag(cov)
    scaled: Floats = k / (k - 1) * k / total**2 * gradient
    return scaled


def correlation(cov: Floats) -> Floats:
    """Return the correlations of a covariance matrix; refuse items without variance."""
    variance = np.diag(cov)
    if not (variance > 0).all():
        constant = ", ".join(str(at + 1) for at in np.flatnonzero(~(variance > 0)))
        raise RefusalError(f"no variance: everybody gave the same answer to item {constant}")
    sd = np.sqrt(variance)
    r: Floats = cov / np.outer(sd, sd)
    np.fill_diagonal(r, 1.0)
    return r
