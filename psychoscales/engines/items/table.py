"""Item statistics: answers, floor and ceiling, relation to the total and to the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.engines.reliability.alpha import alpha
from psychoscales.engines.reliability.coefficient import check
from psychoscales.engines.reliability.matrices import correlations
from psychoscales.errors import RefusalError
from psychoscales.moments import Moments, values_of

Floats = npt.NDArray[np.float64]


def answered(patterns: Patterns, values: Sequence[Sequence[float]]) -> Iterator[dict[str, Any]]:
    """Yield, for each item, n, missing, mean, sd, floor and ceiling of all who answered it.

    Floor and ceiling are the proportions of answers that have the item's lowest and highest
    keyed value. The sd has the divisor n - 1.
    """
    table = values_of(patterns, values)
    for column, name in enumerate(patterns.items):
        there = ~np.isnan(table[:, column])
        x, w = table[there, column], patterns.counts[there]
        n = int(w.sum())
        mean = float(w @ x) / n if n else float("nan")
        spread = float(w @ (x - mean) ** 2)
        yield {
            "item": name,
            "n": n,
            "missing": patterns.n - n,
            "mean": mean,
            "sd": float(np.sqrt(spread / (n - 1))) if n > 1 else float("nan"),
            "floor": float(w @ (x == min(values[column]))) / n if n else float("nan"),
            "ceiling": float(w @ (x == max(values[column]))) / n if n else float("nan"),
        }


def item_total(cov: Floats) -> Floats:
    """Return each item's correlation with the sum of all items, itself included [k]."""
    with np.errstate(invalid="ignore", divide="ignore"):
        total: Floats = cov.sum(axis=1) / np.sqrt(np.diag(cov) * cov.sum())
    return total


def item_rest(cov: Floats) -> Floats:
    r"""Return each item's correlation with the sum of the other items [k].

    .. math:: \frac{\sum_j c_{ij} - c_{ii}}{\sqrt{c_{ii} (\sum C - 2 \sum_j c_{ij} + c_{ii})}}

    Also called the corrected item-total correlation; agrees with psych::alpha (r.drop).
    """
    variance, with_total = np.diag(cov), cov.sum(axis=1)
    rest = cov.sum() - 2 * with_total + variance
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations: Floats = (with_total - variance) / np.sqrt(variance * rest)
    return correlations


def item_rest_smc(cov: Floats) -> Floats:
    r"""Return the item-total correlation with the item's unit variance replaced by its smc [k].

    With R* the correlation matrix whose diagonal is the squared multiple correlations:
    :math:`\sum_j r^*_{ij} / \sqrt{\sum R^*}`. Agrees with psych::alpha (r.cor).

    Raises:
        RefusalError: the correlation matrix is singular, so that there is no smc; or items that
            are keyed against each other leave nothing in common.
    """
    check(cov, standardized=True)
    r = correlations(cov)
    if np.linalg.cond(r) > 1e12:
        raise RefusalError("the correlation matrix is singular: no squared multiple correlations")
    np.fill_diagonal(r, 1 - 1 / np.diag(np.linalg.inv(r)))
    if not r.sum() > 0:
        raise RefusalError("the items' common parts cancel out: look at the keying")
    corrected: Floats = r.sum(axis=1) / np.sqrt(r.sum())
    return corrected


def alpha_if_dropped(cov: Floats) -> Floats:
    """Return raw alpha of the other items, for each item left out [k]; NaN of two items."""
    k = len(cov)
    if k < 3:
        return np.full(k, np.nan)
    keep = np.array([np.delete(np.arange(k), at) for at in range(k)])
    return alpha(cov[keep[:, :, None], keep[:, None, :]])


COMPLETE = {
    "item_total": item_total,
    "item_rest": item_rest,
    "item_rest_smc": item_rest_smc,
    "alpha_if_dropped": alpha_if_dropped,
}


def related(moments: Moments) -> tuple[dict[str, Floats], list[str]]:
    """Return the statistics that need all items together, and why any of them was refused."""
    columns: dict[str, Floats] = {}
    refused: list[str] = []
    for name, work in COMPLETE.items():
        try:
            columns[name] = work(moments.cov)
        except RefusalError as refusal:
            columns[name] = np.full(len(moments.names), np.nan)
            refused.append(f"no {name}: {refusal}")
    return columns, refused
