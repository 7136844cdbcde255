"""Stacks of covariance matrices: which of them can be used, and their correlations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SINGULAR = 1e12
"""Above this condition number of the correlations there is no inverse to speak of."""


def summed(cov: Floats) -> Floats:
    """Return the variance of the sum of the items [...]; NaN where there is none."""
    cov = np.asarray(cov, dtype=np.float64)
    total = np.asarray(cov.sum(axis=(-2, -1)))
    diagonal = np.diagonal(cov, axis1=-2, axis2=-1)
    # Rounding leaves a tiny sum where the items cancel each other.
    enough = np.asarray(total > 1e-12 * np.abs(diagonal).sum(axis=-1) * cov.shape[-1])
    return np.where(enough & (diagonal >= 0).all(axis=-1), total, np.nan)


def through_correlations(cov: Floats, slope: Floats) -> Floats:
    """Return d f / d C [..., k, k] from d f / d R, every element taken for itself; R is C's."""
    r = correlations(cov)
    variance = np.diagonal(np.asarray(cov, dtype=np.float64), axis1=-2, axis2=-1)
    sd = np.sqrt(np.where(variance > 0, variance, np.nan))
    gradient: Floats = slope / (sd[..., :, None] * sd[..., None, :])
    own = -(off_diagonal(slope) * r).sum(axis=-1) / sd**2
    return with_diagonal(gradient, own)


def off_diagonal(cov: Floats) -> Floats:
    """Return a copy [..., k, k] whose diagonal is 0."""
    off = np.array(cov, dtype=np.float64)
    at = np.arange(off.shape[-1])
    off[..., at, at] = 0.0
    return off


def correlations(cov: Floats) -> Floats:
    """Return the correlations [..., k, k]; all NaN where an item has no variance."""
    variance = np.diagonal(np.asarray(cov, dtype=np.float64), axis1=-2, axis2=-1)
    there = np.asarray(((variance > 0) & np.isfinite(variance)).all(axis=-1))
    sd = np.sqrt(np.where(there[..., None], variance, np.nan))
    r: Floats = cov / (sd[..., :, None] * sd[..., None, :])
    at = np.arange(r.shape[-1])
    r[..., at, at] = np.where(there[..., None], 1.0, np.nan)
    return r


def with_diagonal(off: Floats, diagonal: Floats) -> Floats:
    """Return a copy of `off` [..., k, k] with this diagonal [..., k]."""
    made = np.array(off)
    at = np.arange(made.shape[-1])
    made[..., at, at] = diagonal
    return made


def each(work: Callable[[Floats], tuple[Floats, ...]], cov: Floats) -> tuple[Floats, ...]:
    """Do `work` on the finite matrices of a stack; what it returns is NaN for the others.

    `work` takes [b, k, k] and returns arrays [b, ...]; the leading axes of `cov` replace b.
    """
    cov = np.asarray(cov, dtype=np.float64)
    lead, k = cov.shape[:-2], cov.shape[-1]
    flat = cov.reshape(-1, k, k)
    finite = np.isfinite(flat).all(axis=(-2, -1))
    results = []
    for part in work(np.ascontiguousarray(flat[finite])):
        whole = np.full((len(flat), *part.shape[1:]), np.nan)
        whole[finite] = part
        results.append(whole.reshape((*lead, *part.shape[1:])))
    return tuple(results)


def solved(left: Floats, right: Floats) -> Floats:
    """Solve stacks of equations, left [b, k, k], right [b, k]; least squares where singular."""
    try:
        return np.asarray(np.linalg.solve(left, right[..., None])[..., 0], dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray((np.linalg.pinv(left) @ right[..., None])[..., 0], dtype=np.float64)


def definite(stack: Floats) -> Bools:
    """Return for each of b symmetric matrices [b, k, k] whether it is positive definite."""
    try:
        np.linalg.cholesky(stack)
    except np.linalg.LinAlgError:
        roots = np.linalg.eigvalsh(stack)
        return np.asarray(roots[:, 0] > 1e-14 * np.abs(roots[:, -1]))
    return np.ones(len(stack), dtype=bool)


def unpredicted(r: Floats) -> Floats:
    """Return 1 - squared multiple correlation of every item [b, k]; NaN where R is singular."""
    roots, axes = np.linalg.eigh(r)
    sound = (roots[:, 0] > roots[:, -1] / SINGULAR)[:, None]
    safe = np.where(sound, roots, 1.0)
    return np.where(sound, 1 / (axes**2 / safe[:, None, :]).sum(axis=-1), np.nan)
