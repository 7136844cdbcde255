"""Velicer's minimum average partial: after how many components is little in common left?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def average_partials(correlation: Floats, power: int = 2) -> Floats:
    r"""Return the average partial correlation, to a power, after 0, 1, ... k - 2 components.

    .. math:: \frac{1}{k (k - 1)} \sum_{i \ne j} \left|r_{ij \cdot m}\right|^{p}

    with :math:`r_{ij \cdot m}` the partial correlation of two items given the first m principal
    components. The number suggested is where it is smallest; power 2 is the original test, power 4
    the revised one. NaN from where an item has no variance left.

    Args:
        correlation: [k, k].
        power: 2 or 4.

    Source:
        Velicer WF. Determining the number of components from the matrix of partial correlations.
        Psychometrika 1976;41:321-327. doi:10.1007/BF02293557. Revised: Velicer WF, Eaton CA, Fava
        JL. In: Goffin RD, Helmes E (eds), Problems and solutions in human assessment. Kluwer 2000,
        41-71. doi:10.1007/978-1-4615-4397-8_3. Agrees with psych::vss (map, power 2) to 1e-9.
    """
    k = len(correlation)
    values, vectors = np.linalg.eigh(correlation)
    components = vectors[:, ::-1] * np.sqrt(np.maximum(values[::-1], 0))
    averages = np.full(k - 1, np.nan)
    left = correlation.copy()
    for m in range(k - 1):
        if m:
            left = left - np.outer(components[:, m - 1], components[:, m - 1])
        variance = np.diag(left)
        if variance.min() < 1e-10:
            break
        partial = left / np.sqrt(np.outer(variance, variance))
        np.fill_diagonal(partial, 0.0)
        averages[m] = (np.abs(partial) ** power).sum() / (k * (k - 1))
    return averages


def fewest(averages: Floats) -> int:
    """Return the number of components with the smallest average."""
    return int(np.nanargmin(averages))
