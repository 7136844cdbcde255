"""The normal likelihood of means and covariances: value, slopes and information.

Everything is per person and half of what is usually called F, so that 2 n times the value is the
likelihood ratio against the saturated model. Moments stand in one vector: means, then
covariances column by column of the lower triangle with its diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.matrices import lower
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


class Likelihood(Protocol):
    """One group's answers, seen through the normal likelihood of a mean and a covariance."""

    @property
    def n(self) -> int: ...

    @property
    def mean(self) -> Floats: ...

    @property
    def cov(self) -> Floats: ...

    @property
    def loglik(self) -> float: ...

    def value(self, mean: Floats, cov: Floats) -> float: ...

    def slopes(self, mean: Floats, cov: Floats) -> tuple[Floats, Floats]: ...

    def expected(self, mean: Floats, cov: Floats) -> Floats: ...

    def observed(self, mean: Floats, cov: Floats) -> Floats: ...

    def meat(self, mean: Floats, cov: Floats) -> Floats: ...


def vech(matrix: Floats) -> Floats:
    """Return the lower triangle with its diagonal, column by column."""
    return np.asarray(matrix[lower(len(matrix), True)])


def inverse(cov: Floats) -> tuple[Floats, float]:
    """Return the inverse and the log determinant; log determinant inf if not positive definite."""
    try:
        factor = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        return np.full_like(cov, np.nan), np.inf
    turned = np.linalg.inv(factor)
    return np.asarray(turned.T @ turned), 2 * float(np.log(np.diag(factor)).sum())


def bilinear(left: Floats, right: Floats) -> Floats:
    """Return tr(left E right F) / 2 for all pairs E, F of unit changes of a covariance matrix."""
    r, c = lower(len(left), True)
    half = np.where(r == c, 0.5, 1.0)
    if left is right:
        sums = left[r][:, r] * left[c][:, c] + left[r][:, c] * left[c][:, r]
    else:
        sums = left[r][:, c] * right[c][:, r] + left[r][:, r] * right[c][:, c]
        sums = (sums + left[c][:, c] * right[r][:, r] + left[c][:, r] * right[r][:, c]) / 2
    return np.asarray(sums * np.outer(half, half))


def crossed(pull: Floats, precision: Floats) -> Floats:
    """Return the mixed second derivative by means and covariances [p, p*]."""
    r, c = lower(len(pull), True)
    half = np.where(r == c, 0.5, 1.0)
    return np.asarray((pull[r] * precision[:, c] + pull[c] * precision[:, r]) * half)


@dataclass(frozen=True, eq=False)
class Complete:
    """One group's complete answers as moments.

    Attributes:
        n: people.
        mean: [p].
        cov: [p, p], divisor n.
        gamma: asymptotic covariance of the moments [p + p*, p + p*], distribution-free, divisor
            n; None where only moments are known.
        log_det: log determinant of cov.
    """

    n: int
    mean: Floats
    cov: Floats
    gamma: Floats | None
    log_det: float

    @property
    def loglik(self) -> float:
        """The log likelihood of the saturated model."""
        p = len(self.mean)
        return -0.5 * self.n * (p * float(np.log(2 * np.pi)) + self.log_det + p)

    def _spread(self, mean: Floats) -> Floats:
        away = self.mean - mean
        return np.asarray(self.cov + np.outer(away, away))

    def value(self, mean: Floats, cov: Floats) -> float:
        """Return half the discrepancy from the saturated model; inf outside the valid region."""
        precision, log_det = inverse(cov)
        if not np.isfinite(log_det):
            return float("inf")
        trace = float((precision * self._spread(mean)).sum())
        return 0.5 * (log_det - self.log_det + trace - len(mean))

    def slopes(self, mean: Floats, cov: Floats) -> tuple[Floats, Floats]:
        """Return w [p] and Omega [p, p]: d value = tr(Omega d cov) / 2 - w' d mean."""
        precision, _ = inverse(cov)
        pull = precision @ (self.mean - mean)
        return pull, precision - precision @ self._spread(mean) @ precision

    def expected(self, mean: Floats, cov: Floats) -> Floats:
        """Return the expected information of the moments, per person."""
        p = len(mean)
        precision, _ = inverse(cov)
        information = np.zeros((p + p * (p + 1) // 2,) * 2)
        information[:p, :p] = precision
        information[p:, p:] = bilinear(precision, precision)
        return information

    def observed(self, mean: Floats, cov: Floats) -> Floats:
        """Return the observed information of the moments, per person."""
        p = len(mean)
        precision, _ = inverse(cov)
        information = np.zeros((p + p * (p + 1) // 2,) * 2)
        information[:p, :p] = precision
        twice = 2 * precision @ self._spread(mean) @ precision - precision
        information[p:, p:] = bilinear(precision, twice)
        information[:p, p:] = crossed(precision @ (self.mean - mean), precision)
        information[p:, :p] = information[:p, p:].T
        return information

    def meat(self, mean: Floats, cov: Floats) -> Floats:
        """Return the mean outer product of each person's slopes at a mean and covariance."""
        p = len(mean)
        r, c = lower(p, True)
        away = self.mean - mean
        shift = np.eye(p + len(r))
        np.add.at(shift, (p + np.arange(len(r)), r), away[c])
        np.add.at(shift, (p + np.arange(len(r)), c), away[r])
        gap = np.concatenate([away, vech(self._spread(mean) - cov)])
        spread = shift @ self.fourth @ shift.T + np.outer(gap, gap)
        information = self.expected(mean, cov)
        return np.asarray(information @ spread @ information)

    @property
    def fourth(self) -> Floats:
        """The distribution-free covariance of the moments; refused where rows are not known."""
        if self.gamma is None:
            raise RefusalError(
                "robust tests and standard errors need the answers, not only their moments; "
                "use estimator='ML', or give the answers"
            )
        return self.gamma


def complete(values: Floats, counts: npt.NDArray[np.int64], fourth: bool = True) -> Complete:
    """Return the moments of distinct rows of values [m, p] that `counts` [m] people each gave.

    Args:
        values: no value is missing.
        counts: people per row.
        fourth: whether the fourth-order moments are wanted, as robust tests do.

    Raises:
        RefusalError: too few people, or items that do not vary or are linearly dependent.
    """
    n, p = int(counts.sum()), values.shape[1]
    if n <= p:
        raise RefusalError(f"{n} people are too few for the covariances of {p} items")
    weights = counts / n
    mean = weights @ values
    away = values - mean
    cov = np.asarray(away.T @ (away * weights[:, None]))
    gamma = None
    if fourth:
        r, c = lower(p, True)
        both = np.hstack([away, away[:, r] * away[:, c]])
        both[:, p:] -= vech(cov)
        gamma = np.asarray(both.T @ (both * weights[:, None]))
    return moments(n, mean, cov, gamma)


def moments(n: int, mean: Floats, cov: Floats, gamma: Floats | None = None) -> Complete:
    """Return one group's moments, refused where the covariance matrix is singular.

    Args:
        n: people.
        mean: [p].
        cov: [p, p] with the divisor n.
        gamma: see `Complete`.
    """
    variance = np.diag(cov)
    if not (variance > 0).all():
        flat = ", ".join(str(at + 1) for at in np.flatnonzero(~(variance > 0)))
        raise RefusalError(f"no variance: everybody gave the same answer to item {flat}")
    scale = np.sqrt(variance)
    if np.linalg.eigvalsh(cov / np.outer(scale, scale))[0] < 1e-10:
        raise RefusalError(
            "the covariance matrix is singular: an item is a sum of others, or answers are "
            "pairwise; leave an item out, or use complete answers"
        )
    return Complete(n, mean, cov, gamma, inverse(cov)[1])
