"""The empirical Kaiser criterion: eigenvalues against those of sampling error, in turn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def references(eigenvalues: Floats, n: int) -> Floats:
    r"""Return the reference eigenvalue of each observed one [k], the largest first.

    .. math:: \max\left(\frac{k - \sum_{i < j} l_i}{k - j + 1} \left(1 + \sqrt{k / n}\right)^2,\
        1\right)

    Factors are counted as long as eigenvalue j is above reference j. Made for Pearson
    correlations of n people and, for short scales with correlated factors, about as good as
    parallel analysis or better.

    Args:
        eigenvalues: of the correlation matrix [k], the largest first.
        n: people.

    Source:
        Braeken J, van Assen MALM. An empirical Kaiser criterion. Psychol Methods 2017;22:450-466.
        doi:10.1037/met0000074.
    """
    k = len(eigenvalues)
    before = np.concatenate([[0.0], np.cumsum(eigenvalues)[:-1]])
    left = (k - before) / np.arange(k, 0, -1)
    reference: Floats = np.maximum(left * (1 + np.sqrt(k / n)) ** 2, 1.0)
    return reference


def above(observed: Floats, reference: Floats) -> int:
    """Return how many eigenvalues from the first on are above their reference."""
    return int(np.argmin(np.append(observed > reference, False)))
