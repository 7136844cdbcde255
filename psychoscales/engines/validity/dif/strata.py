"""Strata that compare anybody: those with people of more than one group."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Counts = npt.NDArray[np.int64]


def comparing(counts: Counts) -> Counts:
    """Return the strata [S', G, J] that have people of two groups or more.

    Raises:
        RefusalError: there is none.
    """
    sizes = counts.sum(axis=2)
    keep = (sizes > 0).sum(axis=1) > 1
    if not keep.any():
        raise RefusalError(
            "no matching score has people of two groups: the groups cannot be compared at the "
            "same score; pool neighbouring scores (pool=) or match on other items (anchors=)"
        )
    return np.asarray(counts[keep])


def two_groups(counts: Counts, test: str) -> None:
    """Refuse tables of more than two groups."""
    if counts.shape[1] != 2:
        raise RefusalError(
            f"{test} compares two groups, and there are {counts.shape[1]}: name two with groups=, "
            "or use mantel, generalized_mantel_haenszel or the logistic tests"
        )
