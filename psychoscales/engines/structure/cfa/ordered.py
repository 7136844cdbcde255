"""One group's ordinal answers as thresholds, polychoric correlations and their sampling error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.matrices import lower
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ordered:
    """Thresholds and polychoric correlations of one group.

    Attributes:
        n: people.
        thresholds: for each item, its thresholds in ascending order.
        correlation: polychoric correlations [p, p].
        gamma: asymptotic covariance [q, q] of sqrt(n) times the moments: thresholds item by
            item, then correlations column by column of the lower triangle.
        vector: these moments [q].
    """

    n: int
    thresholds: tuple[Floats, ...]
    correlation: Floats
    gamma: Floats
    vector: Floats

    @property
    def count(self) -> int:
        """Number of thresholds."""
        return sum(map(len, self.thresholds))

    @property
    def positive(self) -> bool:
        """Whether the correlation matrix is positive definite."""
        return bool(np.linalg.eigvalsh(self.correlation)[0] > 1.5e-8)


def ordered(n: int, thresholds: Sequence[Floats], correlation: Floats, gamma: Floats) -> Ordered:
    """Return one group's ordinal moments.

    Raises:
        RefusalError: an item without thresholds, or moments without sampling error, as from
            items that nobody differs in.
    """
    rows, columns = lower(len(correlation), False)
    for number, each in enumerate(thresholds, start=1):
        if len(each) == 0:
            raise RefusalError(f"everybody gave the same answer to item {number}: no threshold")
    vector = np.concatenate([*thresholds, correlation[rows, columns]])
    if gamma.shape != (len(vector),) * 2:
        raise ValueError(f"gamma is {gamma.shape}; {len(vector)} moments need as many rows")
    variance = np.diag(gamma)
    if not (np.isfinite(vector).all() and np.isfinite(gamma).all() and (variance > 0).all()):
        raise RefusalError(
            "some thresholds or polychoric correlations have no sampling variance: an option "
            "that nobody chose together with another; merge sparse options, or use more people"
        )
    return Ordered(n, tuple(thresholds), correlation, gamma, vector)


def full_weights(sample: Ordered) -> Floats:
    """Return the inverse of the moments' covariances [q, q], which is efficient in large samples.

    Raises:
        RefusalError: too few people to know these covariances, or they are singular.
    """
    q = len(sample.vector)
    if sample.n <= q:
        raise RefusalError(
            f"WLS weighs {q} moments by their whole covariance matrix, which {sample.n} people do "
            "not determine: use WLSMV"
        )
    scale = np.sqrt(np.diag(sample.gamma))
    unit = sample.gamma / np.outer(scale, scale)
    if float(np.linalg.eigvalsh(unit)[0]) < 1e-11:
        raise RefusalError("the covariances of the moments are singular: use WLSMV")
    return np.asarray(np.linalg.inv(unit) / np.outer(scale, scale))


WEIGHTS: Mapping[str, Callable[[Ordered], Floats]] = {
    "WLSMV": lambda sample: 1 / np.diag(sample.gamma),
    "ULSMV": lambda sample: np.ones(len(sample.vector)),
    "WLS": full_weights,
}
"""Estimator -> the weights of residuals: a vector for a diagonal, or a matrix."""
