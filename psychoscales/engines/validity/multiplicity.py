"""p of several tests, adjusted for there being several."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm(p: npt.ArrayLike) -> Floats:
    """Return Holm's adjusted p [m], in the order given: any false rejection is kept below alpha.

    Source:
        Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat
        1979;6:65-70. Agrees with R's p.adjust to 1e-12.
    """
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given, kind="stable")
    raised = given[order] * np.arange(len(given), 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0)
    return adjusted


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """Return Benjamini and Hochberg's adjusted p [m]: the share of false rejections is kept.

    Source:
        Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300.
        doi:10.1111/j.2517-6161.1995.tb02031.x. Agrees with R's p.adjust to 1e-12.
    """
    given = np.asarray(p, dtype=np.float64)
    m, order = len(given), np.argsort(-given, kind="stable")
    lowered = given[order] * (m / np.arange(m, 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.minimum.accumulate(lowered), 1.0)
    return adjusted


def unadjusted(p: npt.ArrayLike) -> Floats:
    """Return p as they are."""
    return np.asarray(p, dtype=np.float64)


ADJUSTMENTS: Mapping[str, Callable[[npt.ArrayLike], Floats]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
    "none": unadjusted,
}
ADJUSTMENT_NAMES = {"holm": "Holm", "bh": "Benjamini and Hochberg", "none": "not adjusted"}
