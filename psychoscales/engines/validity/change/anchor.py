"""What change has to do with an anchor: the area under the curve, and correlations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.polyserial import polyserial
from psychoscales.engines.validity.correlation import correlation
from psychoscales.engines.validity.roc import Graded, area, area_interval
from psychoscales.errors import RefusalError
from psychoscales.intervals import normal_quantile
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
Ranks = npt.NDArray[np.int64]
FEWEST = 4


def auc(change: Floats, improved: Floats, level: float) -> Estimate:
    """Return how often an improved person has changed more than one who is not improved.

    That is `psychoscales.engines.validity.roc.area` of the change, ties counted half, with DeLong's
    interval, which is not cut at 1.

    Args:
        change: in the direction of improvement [n].
        improved: 1 or 0 [n].
        level: confidence level, such as .95.

    Raises:
        RefusalError: one class only.
    """
    graded = Graded.of(change, improved == 1)
    found = area(graded)
    bare = Estimate("auc", found.value, n=graded.n)
    try:
        low, high = area_interval(found, graded, level)
    except RefusalError as refusal:
        return replace(bare, note=str(refusal))
    return replace(bare, low=low, high=high, level=level, method="delong")


def spearman_r(change: Floats, ranks: Ranks, level: float) -> Estimate:
    """Return Spearman's correlation of change with the anchor's ordered values.

    That is `psychoscales.engines.validity.correlation.correlation`, with Bonett and Wright's
    interval.

    Args:
        change: in the direction of improvement [n].
        ranks: of the anchor's values, the worst lowest [n].
        level: confidence level, such as .95.

    Raises:
        RefusalError: fewer than four people, or no variance.
    """
    n = len(change)
    if n < FEWEST:
        raise RefusalError(f"{n} people: a correlation with an interval needs {FEWEST}")
    found = correlation(change, ranks.astype(np.float64), method="spearman", level=level)
    bare = Estimate("anchor_r_spearman", found.value, n=n, note=found.note)
    if found.low is None or found.high is None:
        return bare
    return replace(bare, low=found.low, high=found.high, level=level, method=found.interval)


def polyserial_r(change: Floats, ranks: Ranks, level: float) -> Estimate:
    """Return the correlation of change with the normal variable behind the anchor's values.

    Change and that variable are taken to be bivariate normal; the interval is the value and z
    standard errors.

    Args:
        change: in the direction of improvement [n].
        ranks: of the anchor's values, the worst lowest [n].
        level: confidence level, such as .95.

    Raises:
        RefusalError: as `psychoscales.engines.structure.polyserial.polyserial`.
    """
    found = polyserial(change, ranks.astype(np.int8))
    half = normal_quantile(level) * float(found.se or 0.0)
    r = found.correlation
    return Estimate("anchor_r_polyserial", r, r - half, r + half, level, found.n, method="two_step")
