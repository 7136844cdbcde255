"""The heterotrait-monotrait ratio: do items of two constructs correlate as items of one?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.coefficient import differences
from psychoscales.engines.reliability.estimation import RESAMPLES
from psychoscales.engines.reliability.matrices import correlations
from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.resampling import MOST_LOST, Counted, bias_corrected, percentiles

Floats = npt.NDArray[np.float64]
Places = Sequence[int]
INTERVALS = ("percentile", "bca")


def htmt(r: Floats, first: Places, second: Places, *, absolute: bool = False) -> Floats:
    r"""Return the ratio of correlation matrices [..., k, k]: arithmetic means.

    .. math:: \mathrm{HTMT} = \frac{\bar r_{12}}{\sqrt{\bar r_{11}\, \bar r_{22}}}

    with :math:`\bar r_{12}` the mean correlation of an item of the first construct with one of the
    second, and :math:`\bar r_{11}, \bar r_{22}` the mean correlation of two items of one. It is
    the corrected correlation of the constructs where the items of each are tau-equivalent. NaN
    where the items of a construct do not correlate positively on average.

    Args:
        r: correlations [..., k, k], of any kind: Pearson's, or polychoric.
        first, second: columns of the items of each construct.
        absolute: take the absolute value of every correlation first.

    Source:
        Henseler J, Ringle CM, Sarstedt M. A new criterion for assessing discriminant validity in
        variance-based structural equation modeling. J Acad Mark Sci 2015;43:115-135.
        doi:10.1007/s11747-014-0403-8. Agrees with semTools::htmt(htmt2 = FALSE) to 1e-8.
    """
    between, own, other = _blocks(r, first, second, absolute)
    with np.errstate(invalid="ignore", divide="ignore"):
        base = np.where(
            (own.mean(axis=-1) > 0) & (other.mean(axis=-1) > 0),
            own.mean(axis=-1) * other.mean(axis=-1),
            np.nan,
        )
        ratio: Floats = between.mean(axis=-1) / np.sqrt(base)
    return ratio


def htmt2(r: Floats, first: Places, second: Places, *, absolute: bool = False) -> Floats:
    r"""Return the ratio of geometric means, which does not ask for tau-equivalent items.

    .. math:: \mathrm{HTMT2} = \frac{G(r_{12})}{\sqrt{G(r_{11})\, G(r_{22})}}, \quad
        G = \exp \overline{\ln r}

    NaN where any of the correlations is zero or negative: it has no geometric mean.

    Source:
        Roemer E, Schuberth F, Henseler J. HTMT2: an improved criterion for assessing discriminant
        validity in structural equation modeling. Ind Manag Data Syst 2021;121:2637-2650.
        doi:10.1108/IMDS-02-2021-0082. Agrees with semTools::htmt to 1e-8.
    """
    logs = []
    for part in _blocks(r, first, second, absolute):
        with np.errstate(invalid="ignore", divide="ignore"):
            there = (part > 0).all(axis=-1)
            logs.append(np.where(there, np.log(np.abs(part)).mean(axis=-1), np.nan))
    between, own, other = logs
    ratio: Floats = np.exp(between - (own + other) / 2)
    return ratio


RATIOS: Mapping[str, Callable[..., Floats]] = {"htmt": htmt, "htmt2": htmt2}


def _blocks(
    r: Floats, first: Places, second: Places, absolute: bool
) -> tuple[Floats, Floats, Floats]:
    """Return the correlations between two constructs and within each, the last axis all pairs."""
    one, two = np.asarray(first), np.asarray(second)
    r = np.abs(r) if absolute else r
    between = r[..., one[:, None], two[None, :]].reshape(*r.shape[:-2], -1)
    within = []
    for items in (one, two):
        rows, columns = np.triu_indices(len(items), 1)
        within.append(r[..., items[rows], items[columns]])
    return between, within[0], within[1]


@dataclass(frozen=True)
class Ratio:
    """A heterotrait-monotrait ratio of two constructs.

    Attributes:
        first, second: the constructs.
        statistic: "htmt" or "htmt2".
        value: unrounded; None where it was refused.
        low, high: the bootstrap interval's ends; None where there is none.
        method: of the interval.
        note: why there is no value or no interval.
    """

    first: str
    second: str
    statistic: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    method: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Asked:
    """How ratios are asked for.

    Attributes:
        absolute: whether absolute correlations are taken.
        interval: "percentile", "bca", or None.
        level: its confidence level.
        resamples, seed: of the bootstrap.
    """

    absolute: bool = False
    interval: str | None = "percentile"
    level: float = 0.95
    resamples: int = RESAMPLES
    seed: int = 1

    def __post_init__(self) -> None:
        if self.interval is not None and self.interval not in INTERVALS:
            raise UnknownNameError("interval of a ratio", self.interval, INTERVALS)


def ratio(
    r: Floats,
    constructs: Mapping[str, Places],
    pair: tuple[str, str],
    statistic: str,
    *,
    absolute: bool = False,
    names: Sequence[str] | None = None,
) -> float:
    """Return one ratio of a correlation matrix [k, k].

    Args:
        r: correlations, of any kind.
        constructs: construct -> columns of its items.
        pair: the two constructs.
        statistic: "htmt" or "htmt2".
        absolute: take the absolute value of every correlation first.
        names: of the k items, for what is said when it is refused.

    Raises:
        RefusalError: a construct of one item, an item of both, correlations that leave no value.
    """
    one, two = (tuple(constructs[name]) for name in pair)
    called = [f"item {at + 1}" for at in range(len(r))] if names is None else list(names)
    both = [called[at] for at in one if at in two]
    if both:
        raise RefusalError(f"{', '.join(both)}: in both constructs")
    for name, items in zip(pair, (one, two), strict=True):
        if len(items) < 2:
            raise RefusalError(f"{name} has one item: there is no correlation within it")
    value = float(RATIOS[statistic](r, one, two, absolute=absolute))
    if np.isfinite(value):
        return value
    if statistic == "htmt":
        raise RefusalError("the items of a construct do not correlate positively on average")
    wrong = _not_positive(np.abs(r) if absolute else r, (*one, *two), called)
    advice = "" if absolute else "; htmt takes them as they are, absolute=True their size"
    raise RefusalError(f"no geometric mean: zero or negative correlation of {wrong}{advice}")


def ratios(
    counted: Counted,
    constructs: Mapping[str, Places],
    pairs: Sequence[tuple[str, str]],
    asked: Asked,
    names: Sequence[str] | None = None,
) -> list[Ratio]:
    """Return both ratios of each pair of constructs, with bootstrap intervals.

    All of them are of the same resamples: people drawn again, everything about one resample from
    one correlation matrix.

    Args:
        counted: answers to the items of all constructs; keyed, without gaps.
        constructs: construct -> columns of its items.
        pairs: which ones.
        asked: what is asked for.
        names: of the items.
    """
    away = counted.centred
    cov = away.T @ (away * counted.counts[:, None]) / (counted.n - 1)
    r, found = correlations(cov), []
    for pair in pairs:
        for statistic in RATIOS:
            try:
                value = ratio(r, constructs, pair, statistic, absolute=asked.absolute, names=names)
                found.append(Ratio(*pair, statistic, value))
            except RefusalError as refusal:
                found.append(Ratio(*pair, statistic, note=f"no {statistic}: {refusal}"))
    if asked.interval is None or counted.n < 3:
        return found
    functions = {
        at: partial(
            RATIOS[one.statistic],
            first=constructs[one.first],
            second=constructs[one.second],
            absolute=asked.absolute,
        )
        for at, one in enumerate(found)
        if one.value is not None
    }
    drawn: dict[int, list[Floats]] = {at: [] for at in functions}
    for draws in counted.draws(asked.resamples, asked.seed):
        again = correlations(counted.moments(draws)[1])
        for at, work in functions.items():
            drawn[at].append(work(again))
    for at, work in functions.items():
        found[at] = _with_interval(found[at], np.concatenate(drawn[at]), work, counted, cov, asked)
    return found


def _with_interval(
    one: Ratio,
    drawn: Floats,
    work: Callable[[Floats], Floats],
    counted: Counted,
    cov: Floats,
    asked: Asked,
) -> Ratio:
    assert one.value is not None
    there = np.isfinite(drawn)
    lost = int((~there).sum())
    if lost > MOST_LOST * len(drawn):
        said = f"no interval: {lost:,} of {len(drawn):,} resamples have no {one.statistic}"
        return replace(one, note=said)
    try:
        if asked.interval == "bca":
            slope = differences(lambda c: work(correlations(c)), cov)
            away = counted.centred
            influence = np.einsum("mi,ij,mj->m", away, slope, away, optimize=True)
            ends = bias_corrected(one.value, drawn[there], influence, counted.counts, asked.level)
        else:
            ends = percentiles(drawn[there], asked.level)
    except RefusalError as refusal:
        return replace(one, note=f"no interval: {refusal}")
    note = f"{lost:,} of {len(drawn):,} resamples without it are left out" if lost else None
    return replace(one, low=ends[0], high=ends[1], method=asked.interval, note=note)


def _not_positive(r: Floats, items: Places, called: Sequence[str]) -> str:
    wrong = [
        f"{called[one]} and {called[two]} ({r[one, two]:.2f})"
        for one, two in combinations(items, 2)
        if not r[one, two] > 0
    ]
    more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return ", ".join(wrong[:3]) + more
