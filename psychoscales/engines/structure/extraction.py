"""Unrotated factor loadings of a correlation matrix: minres, maximum likelihood, principal axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.counts import frozen
from psychoscales.engines.structure.start import LOWEST_UNIQUENESS, uniquenesses
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
METHODS = ("minres", "ml", "principal_axis")
STEPS, AXIS_STEPS = 200, 20_000
FLAT = 1e-10
AXIS_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class Extraction:
    """Unrotated loadings and how they were found.

    Attributes:
        loadings: float [k, m]; orthogonal factors, the largest first.
        method: "minres", "ml" or "principal_axis".
        at_bound: bool [k], where a uniqueness stands at its lowest allowed value, .005.
        steps: Newton steps, or iterations of principal axis factoring.
    """

    loadings: Floats
    method: str
    at_bound: npt.NDArray[np.bool_]
    steps: int


def degrees_of_freedom(items: int, factors: int) -> int:
    r"""Return :math:`((k - m)^2 - (k + m)) / 2`."""
    return ((items - factors) ** 2 - (items + factors)) // 2


def most_factors(items: int) -> int:
    """Return the most factors whose loadings `items` items can tell: no negative df."""
    return max(m for m in range(items) if degrees_of_freedom(items, m) >= 0)


def extraction(
    correlation: Floats, factors: int, method: str, tolerance: float = AXIS_TOLERANCE
) -> Extraction:
    r"""Return the unrotated loadings of `factors` common factors.

    With R the correlations, :math:`\Psi` the diagonal matrix of uniquenesses and
    :math:`\theta_{m+1}, \ldots, \theta_k` the smallest eigenvalues of a matrix A:

    - "minres" (unweighted least squares) minimises :math:`\frac12 \sum_{j > m} \theta_j^2`,
      :math:`A = R - \Psi`;
    - "ml" minimises :math:`\sum_{j > m} (\theta_j - \log \theta_j - 1)`,
      :math:`A = \Psi^{-1/2} R \Psi^{-1/2}`;
    - "principal_axis" puts communalities into the diagonal of R, takes the m largest
      eigenvalues, and begins again with the communalities found, until none changes by more than
      `tolerance`. Taken to its end it is minres. SPSS stops at a change of .001.

    minres and ml start from factor_analyzer's solution and end with Newton's method, at a
    gradient below 1e-10. A uniqueness is at least .005, as in psych.

    Args:
        correlation: [k, k].
        factors: m, 1 or more.
        method: one of `METHODS`.
        tolerance: of principal axis factoring.

    Raises:
        RefusalError: more factors than the items can tell (negative degrees of freedom); a matrix
            that is not positive definite, with "ml"; no convergence.

    Source:
        Harman HH, Jones WH. Factor analysis by minimizing residuals (minres). Psychometrika
        1966;31:351-368. doi:10.1007/BF02289468. Joreskog KG. Some contributions to maximum
        likelihood factor analysis. Psychometrika 1967;32:443-482. doi:10.1007/BF02289658.
    """
    k = len(correlation)
    if factors < 1:
        raise ValueError(f"factors is 1 or more, not {factors}")
    if degrees_of_freedom(k, factors) < 0:
        raise RefusalError(
            f"{k} items are too few for {factors} factor{'s' * (factors > 1)} (negative degrees of "
            f"freedom); at most {most_factors(k)}"
        )
    if method == "principal_axis":
        return _principal_axis(correlation, factors, tolerance)
    if method == "ml" and np.linalg.eigvalsh(correlation)[0] < 1e-10:
        raise RefusalError(
            "maximum likelihood needs a positive definite correlation matrix, and this one is "
            "not; use method='minres', or missing='complete'"
        )
    start = np.clip(uniquenesses(correlation, factors, method), LOWEST_UNIQUENESS, 1.0)
    if method == "ml":
        lowest = float(np.log(LOWEST_UNIQUENESS))
        log, steps = _descended(np.log(start), lowest, correlation, factors, _likelihood)
        psi = np.exp(log)
        loadings = _ml_loadings(psi, correlation, factors)
    else:
        psi, steps = _descended(start, LOWEST_UNIQUENESS, correlation, factors, _least_squares)
        values, vectors = _largest(correlation, 1 - psi, factors)
        loadings = vectors * np.sqrt(np.maximum(values, 0))
    bound = psi <= LOWEST_UNIQUENESS * (1 + 1e-9)
    return Extraction(frozen(loadings), method, frozen(bound), steps)


def _principal_axis(correlation: Floats, factors: int, tolerance: float) -> Extraction:
    if np.linalg.eigvalsh(correlation)[0] < 1e-10:
        communality = np.abs(correlation - np.eye(len(correlation))).max(axis=1)
    else:
        communality = 1 - 1 / np.diag(np.linalg.inv(correlation))
    for step in range(1, AXIS_STEPS + 1):
        values, vectors = _largest(correlation, communality, factors)
        # A value that is below zero on the way counts by its size, as in SPSS; at the end none may.
        loadings = vectors * np.sqrt(np.abs(values))
        found = (loadings**2).sum(axis=1)
        change = float(np.abs(found - communality).max())
        communality = found
        if change < tolerance and values.min() > 0:
            none = frozen(np.zeros(len(correlation), dtype=bool))
            return Extraction(frozen(loadings), "principal_axis", none, step)
        if communality.max() > 4:
            break
    raise RefusalError(
        f"principal axis factoring of {factors} factors does not converge; take fewer factors, or "
        "method='minres'"
    )


def _largest(correlation: Floats, communality: Floats, factors: int) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues, and their vectors, with communalities in the diagonal."""
    reduced = correlation.copy()
    np.fill_diagonal(reduced, communality)
    values, vectors = np.linalg.eigh(reduced)
    return values[::-1][:factors], vectors[:, ::-1][:, :factors]


def _ml_loadings(psi: Floats, correlation: Floats, factors: int) -> Floats:
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    kept = np.sqrt(np.maximum(values[::-1][:factors] - 1, 0))
    loadings: Floats = root[:, None] * vectors[:, ::-1][:, :factors] * kept
    return loadings


Derivatives = tuple[float, Floats, Floats]
Criterion = Callable[[Floats, Floats, int], Derivatives]


def _least_squares(psi: Floats, correlation: Floats, factors: int) -> Derivatives:
    """Return the minres criterion, its gradient and its Hessian in the uniquenesses."""
    values, vectors = np.linalg.eigh(correlation - np.diag(psi))
    rest = len(psi) - factors
    kept, loose = vectors[:, rest:], vectors[:, :rest]
    small = values[:rest]
    gradient = -(loose**2) @ small
    hessian = (loose @ loose.T) ** 2
    for large, vector in zip(values[rest:], kept.T, strict=True):
        ratio = small / np.minimum(small - large, -1e-12)
        hessian += 2 * np.outer(vector, vector) * ((loose * ratio) @ loose.T)
    return float(small @ small) / 2, gradient, hessian


def _likelihood(log: Floats, correlation: Floats, factors: int) -> Derivatives:
    """Return the ML criterion, its gradient and its Hessian in the log uniquenesses."""
    root = np.exp(log / 2)
    scaled = correlation / np.outer(root, root)
    values, vectors = np.linalg.eigh(scaled)
    rest = len(log) - factors
    kept, loose = vectors[:, rest:], vectors[:, :rest]
    small = values[:rest]
    slope = 1 - 1 / small
    outer = (loose * slope) @ loose.T
    own = (loose**2) @ (small - 1)
    hessian = ((loose * small) @ loose.T) * ((loose / small) @ loose.T) / 2
    hessian += (loose @ loose.T) ** 2 / 2 + np.diag(own) / 2 + outer * scaled / 2
    for large, vector in zip(values[rest:], kept.T, strict=True):
        ratio = slope * (small + large) ** 2 / 4 / np.minimum(small - large, -1e-12)
        hessian += 2 * np.outer(vector, vector) * ((loose * ratio) @ loose.T)
    return float((small - np.log(small) - 1).sum()), -own, hessian


CRITERIA: Mapping[str, Criterion] = {"minres": _least_squares, "ml": _likelihood}


def _descended(
    start: Floats, lowest: float, correlation: Floats, factors: int, criterion: Criterion
) -> tuple[Floats, int]:
    """Return the minimum within the bounds by damped Newton steps, and how many these were."""
    highest = 1.0 if lowest > 0 else 0.0
    at, damping = start, 0.0
    value, gradient, hessian = criterion(at, correlation, factors)
    for step in range(STEPS):
        stuck = ((at <= lowest) & (gradient > 0)) | ((at >= highest) & (gradient < 0))
        free = ~stuck
        if not free.any() or float(np.abs(gradient[free]).max()) < FLAT:
            return at, step
        curvature, axes = np.linalg.eigh(hessian[np.ix_(free, free)])
        bent = np.maximum(np.abs(curvature), 1e-8) + damping
        move = np.zeros_like(at)
        move[free] = -axes @ ((axes.T @ gradient[free]) / bent)
        there = np.clip(at + move, lowest, highest)
        tried, slope, bend = criterion(there, correlation, factors)
        flat = abs(tried - value) <= 1e-14 * max(1.0, abs(value))
        better = tried < value or (flat and np.abs(slope[free]).max() < np.abs(gradient).max())
        if better:
            at, value, gradient, hessian = there, tried, slope, bend
            damping = damping / 10 if damping > 1e-8 else 0.0
        else:
            if flat and float(np.abs(gradient[free]).max()) < 1e3 * FLAT:
                return at, step
            damping = max(10 * damping, 1e-4)
    raise RefusalError(
        f"the search for {factors} factors does not converge; take fewer factors, or look for "
        "items that say the same"
    )
