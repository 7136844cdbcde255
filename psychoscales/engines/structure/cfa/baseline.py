"""The baseline of comparative indices: items that do not covary, with free means and variances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.fiml import Missing
from psychoscales.engines.structure.cfa.matrices import lower
from psychoscales.engines.structure.cfa.normal import Complete, Likelihood
from psychoscales.engines.structure.cfa.ordered import Ordered
from psychoscales.engines.structure.cfa.robust import Piece, Traces, traces, yuan_bentler

Floats = npt.NDArray[np.float64]


class Baseline(NamedTuple):
    """The baseline model: plain statistic, degrees of freedom, traces of its U Gamma if wanted."""

    chisq: float
    df: int
    traces: Traces | None = None


def alone(sample: Likelihood) -> tuple[Floats, Floats]:
    """Return the estimates of the baseline model: each item's own mean and variance."""
    if not isinstance(sample, Missing):
        return sample.mean, np.diag(np.diag(sample.cov))
    p = len(sample.mean)
    weight, first, second = np.zeros(p), np.zeros(p), np.zeros(p)
    for each in sample.seen:
        weight[each.items] += each.weight
        first[each.items] += each.weight * each.mean
        second[each.items] += each.weight * (np.diag(each.cov) + each.mean**2)
    mean = first / weight
    return mean, np.diag(second / weight - mean**2)


def chosen(p: int) -> Floats:
    """Return the Jacobian of the baseline model: means and variances among all moments."""
    rows, columns = lower(p, True)
    keep = np.concatenate([np.arange(p), p + np.flatnonzero(rows == columns)])
    return np.asarray(np.eye(p + len(rows))[:, keep])


def continuous(samples: Sequence[Likelihood], correction: str | None) -> Baseline:
    """Return the baseline of continuous items.

    Args:
        samples: the groups.
        correction: None, "satorra_bentler" or "yuan_bentler".
    """
    chisq, p = 0.0, len(samples[0].mean)
    df = len(samples) * p * (p - 1) // 2
    first = second = 0.0
    for each in samples:
        mean, cov = alone(each)
        chisq += 2 * each.n * each.value(mean, cov)
        if correction is None:
            continue
        jacobian = chosen(p)
        if correction == "yuan_bentler":
            curve = jacobian.T @ each.observed(mean, cov) @ jacobian
            bread = np.asarray(np.linalg.inv(curve), dtype=np.float64)
            filling = jacobian.T @ each.meat(mean, cov) @ jacobian
            first += yuan_bentler([each], [1.0], bread, [filling])
        elif isinstance(each, Complete):
            weight = each.expected(mean, cov)
            bread = np.asarray(np.linalg.inv(jacobian.T @ weight @ jacobian), dtype=np.float64)
            found = traces([Piece(1.0, jacobian, weight, each.fourth)], bread)
            first, second = first + found.first, second + found.second
    return Baseline(chisq, df, None if correction is None else Traces(first, second))


def ordinal(samples: Sequence[Ordered], weights: Sequence[Floats]) -> Baseline:
    """Return the baseline of ordinal items: free thresholds and no polychoric correlations."""
    chisq = first = second = 0.0
    df = 0
    for each, weight in zip(samples, weights, strict=True):
        part = slice(each.count, None)
        inner, gamma = weight[part], each.gamma[part, part]
        chisq += (each.n - 1) * float(inner @ each.vector[part] ** 2)
        first += float(inner @ np.diag(gamma))
        second += float(inner @ gamma**2 @ inner)
        df += len(inner)
    return Baseline(chisq, df, Traces(first, second))


def efficient(samples: Sequence[Ordered]) -> Baseline:
    """Return the baseline of ordinal items under full weights; free thresholds take up theirs."""
    chisq, df = 0.0, 0
    for each in samples:
        part = slice(each.count, None)
        r = each.vector[part]
        chisq += (each.n - 1) * float(r @ np.linalg.solve(each.gamma[part, part], r))
        df += len(r)
    return Baseline(chisq, df, None)
