"""Estimates whose intervals come from people drawn again, all of them from the same draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.change.mic import Curve, middle
from psychoscales.engines.validity.change.occasions import People
from psychoscales.errors import RefusalError
from psychoscales.resampling import MOST_LOST, Counted, percentiles
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
FEWEST = 5
CHANGE, BEFORE = range(2)
IMPROVED = 1
MINIMAL, STABLE = range(1, 3)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Distinct people, by rising change, and how many there are of each."""

    counted: Counted
    starts: npt.NDArray[np.intp]

    def column(self, number: int) -> Floats:
        return self.counted.values[:, number]

    def curve(self, weights: Floats) -> Curve:
        """Return who changed by how much, of weights [b, m]."""
        improved = self.column(IMPROVED)
        yes, no = (
            np.add.reduceat(weights * (improved == said), self.starts, axis=1) for said in (1, 0)
        )
        return Curve(self.column(CHANGE)[self.starts], yes, no)


Statistic = Callable[[_Rows, Floats], Floats]


def _rows(*columns: npt.ArrayLike) -> _Rows:
    """Count people's rows; the first column is their change."""
    distinct, counts = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(distinct[:, CHANGE]) > 0]))
    return _Rows(Counted(distinct, counts.astype(np.int64)), starts)


def _moments(x: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return weighted means and standard deviations [b]; NaN of too few people."""
    n = weights.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (weights @ x) / n
        square = (weights * (x - mean[:, None]) ** 2).sum(1) / (n - 1)
        return mean, np.where(n > 1, np.sqrt(square), np.nan)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0))


def _effect_size(rows: _Rows, weights: Floats) -> Floats:
    change, _ = _moments(rows.column(CHANGE), weights)
    return _ratio(change, _moments(rows.column(BEFORE), weights)[1])


def _srm(rows: _Rows, weights: Floats) -> Floats:
    return _ratio(*_moments(rows.column(CHANGE), weights))


def _mean_minimal(rows: _Rows, weights: Floats) -> Floats:
    return _moments(rows.column(CHANGE), weights * rows.column(MINIMAL))[0]


def _guyatt(rows: _Rows, weights: Floats) -> Floats:
    stable = _moments(rows.column(CHANGE), weights * rows.column(STABLE))[1]
    return _ratio(_mean_minimal(rows, weights), stable)


def _youden(rows: _Rows, weights: Floats) -> Floats:
    return middle(*rows.curve(weights).youden())


def _squares(rows: _Rows, weights: Floats) -> Floats:
    return middle(*rows.curve(weights).squares())


EFFECTS: Mapping[str, Statistic] = {"effect_size": _effect_size, "srm": _srm}
MEANS: Mapping[str, Statistic] = {"guyatt": _guyatt, "mic_mean_change": _mean_minimal}
CURVES: Mapping[str, Statistic] = {
    "mic_roc_youden": _youden,
    "mic_roc_squares": _squares,
    "mic_predictive": lambda rows, weights: rows.curve(weights).predictive(),
    "mic_adjusted": lambda rows, weights: rows.curve(weights).adjusted(),
}


def resampled_effects(
    of: People, *, level: float, resamples: int, seed: int
) -> tuple[Estimate, ...]:
    """Return effect size and response mean with percentile intervals, people drawn again.

    Args:
        of: the people.
        level: confidence level, such as .95.
        resamples: how many times people are drawn; 0 for no intervals.
        seed: of the random numbers.
    """
    return tuple(_estimates(_rows(of.change, of.before), EFFECTS, {}, level, resamples, seed))


def minimal_changes(
    of: People,
    *,
    anchor_reliability: float | None = None,
    level: float,
    resamples: int,
    seed: int,
) -> tuple[Estimate, ...]:
    r"""Return Guyatt's index and the minimal important changes, people drawn again.

    `mic_mean_change` is the mean change of the minimally improved people; `guyatt` is that over
    the standard deviation of the change of stable people. The others are those of `Curve`, of
    people of whom the anchor says something. A value that cannot be given says why. Resamples that
    have no value (a class without people, or none on the wrong side) are left out; with more than
    1 in 20 of them there is no interval.

    Args:
        of: the people, with what the anchor says.
        anchor_reliability: of the anchor; `mic_improved_adjusted` needs it.
        level: confidence level, such as .95.
        resamples: how many times people are drawn; 0 for no intervals.
        seed: of the random numbers.

    Source:
        Guyatt G, Walter S, Norman G. Measuring change over time: assessing the usefulness of
        evaluative instruments. J Chronic Dis 1987;40:171-178. doi:10.1016/0021-9681(87)90069-5.
        Sources of the others stand at `Curve`.
    """
    known = of.some(~np.isnan(of.improved))
    if known.n == 0:
        raise RefusalError("the anchor says nothing of the people with both scores")
    means = _rows(known.change, known.minimal, known.stable)
    rows, wanted = _rows(known.change, known.improved), dict(CURVES)
    reasons = _reasons(known, rows)
    if anchor_reliability is not None:
        reliability = anchor_reliability
        wanted["mic_improved_adjusted"] = lambda rows, weights: rows.curve(
            weights
        ).improved_adjusted(reliability)
        if "mic_predictive" in reasons:
            reasons["mic_improved_adjusted"] = reasons["mic_predictive"]
    of_means = _estimates(means, MEANS, reasons, level, resamples, seed)
    return (*of_means, *_estimates(rows, wanted, reasons, level, resamples, seed))


def _reasons(known: People, rows: _Rows) -> dict[str, str]:
    """Return why statistics cannot be given."""
    reasons: dict[str, str] = {}
    minimal, stable = known.change[known.minimal], known.change[known.stable]
    few = f"fewer than {FEWEST} people"
    if len(minimal) < FEWEST:
        what = f"{few} are minimally improved" if len(minimal) else "nobody is minimally improved"
        why = f"{what}: name the anchor's values that mean that, minimal=[...]"
        reasons |= dict.fromkeys(("mic_mean_change", "guyatt"), why)
    elif len(stable) < FEWEST or not np.ptp(stable) > 0:
        what = few if len(stable) else "nobody"
        what = f"{what} stable" if len(stable) < FEWEST else "the change of stable people is equal"
        reasons["guyatt"] = f"{what}: name the anchor's values that mean no change, stable=[...]"
    yes, no = int((known.improved == 1).sum()), int((known.improved == 0).sum())
    if min(yes, no) < FEWEST:
        why = f"{yes} improved and {no} not improved: {FEWEST} or more of each are needed"
        return reasons | dict.fromkeys(CURVES, why)
    curve = rows.curve(rows.counted.counts[None].astype(np.float64))
    if not float(curve.r[0]) > 0:
        why = (
            "people called improved have not changed more in the direction of improvement than "
            "others: check `improvement` and `improved`"
        )
        return reasons | dict.fromkeys(CURVES, why)
    if np.isnan(curve.predictive()[0]):
        why = (
            "every improved person has changed as much as or more than every other: the "
            "regression has no maximum"
        )
        reasons |= dict.fromkeys(("mic_predictive", "mic_adjusted"), why)
    return reasons


def _estimates(
    rows: _Rows,
    wanted: Mapping[str, Statistic],
    reasons: Mapping[str, str],
    level: float,
    resamples: int,
    seed: int,
) -> Iterator[Estimate]:
    given = {name: work for name, work in wanted.items() if name not in reasons}
    everybody = rows.counted.counts[None].astype(np.float64)
    batches: dict[str, list[Floats]] = {name: [] for name in given}
    if given and resamples:
        for weights in rows.counted.draws(resamples, seed):
            for name, work in given.items():
                with np.errstate(divide="ignore", invalid="ignore"):
                    batches[name].append(work(rows, weights))
    for name in wanted:
        if name in reasons:
            yield Estimate(name, None, note=reasons[name])
            continue
        value = float(given[name](rows, everybody)[0])
        n = _people(rows, name)
        bare = Estimate(name, value, n=n, note=_ties(rows, name))
        yield _estimate(bare, np.concatenate(batches[name]), level, seed) if resamples else bare


def _estimate(bare: Estimate, drawn: Floats, level: float, seed: int) -> Estimate:
    known = drawn[np.isfinite(drawn)]
    lost = len(drawn) - len(known)
    notes = [bare.note] if bare.note else []
    if lost:
        notes.append(f"{lost} of {len(drawn):,} resamples have no value")
    if lost > MOST_LOST * len(drawn):
        return replace(bare, note="; ".join([*notes, "no interval"]))
    low, high = percentiles(known, level)
    return replace(
        bare,
        low=low,
        high=high,
        level=level,
        method="bootstrap",
        seed=seed,
        note="; ".join(notes) or None,
    )


def _people(rows: _Rows, name: str) -> int:
    """Return how many people a statistic is of."""
    counts = rows.counted.counts
    if name == "mic_mean_change":
        return int(counts @ rows.column(MINIMAL))
    if name == "guyatt":
        return int(counts @ np.maximum(rows.column(MINIMAL), rows.column(STABLE)))
    return int(counts.sum())


def _ties(rows: _Rows, name: str) -> str | None:
    """Say which cuts are equally good, where several are."""
    if not name.startswith("mic_roc"):
        return None
    curve = rows.curve(rows.counted.counts[None].astype(np.float64))
    cuts, best = curve.youden() if name == "mic_roc_youden" else curve.squares()
    equal = cuts[best]
    if len(equal) < 2:
        return None
    return f"{len(equal)} cuts are equally good, {equal.min():g} to {equal.max():g}: their median"
