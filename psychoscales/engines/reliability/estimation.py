"""Coefficients of counted answers with their intervals: all of them from one set of resamples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.errors import RefusalError
from psychoscales.intervals import duhachek_iacobucci, feldt, normal_quantile, standard_error
from psychoscales.moments import Moments, values_of
from psychoscales.resampling import Counted, bias_corrected, percentiles, studentized
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
MOST_LOST = 0.05
RESAMPLES = 2000


@dataclass(frozen=True)
class Asked:
    """The interval that is asked for.

    Attributes:
        interval: a key of INTERVALS, or None.
        level: confidence level, such as .95.
        resamples: of the bootstrap.
        seed: of its random numbers.
    """

    interval: str | None = "distribution_free"
    level: float = 0.95
    resamples: int = RESAMPLES
    seed: int = 1

    @property
    def bootstrap(self) -> bool:
        """Whether people are drawn again for it."""
        return self.interval in ("bootstrap", "bca", "bootstrap_t")


@dataclass(frozen=True, eq=False)
class Answers:
    """What the coefficients are of: moments, and the counted answers they are from.

    Attributes:
        moments: of the keyed items.
        counted: the complete rows; None where there are only moments.
    """

    moments: Moments
    counted: Counted | None = None

    @classmethod
    def of(cls, moments: Moments, patterns: Patterns, values: Sequence[Sequence[float]]) -> Answers:
        """Return the moments with the rows of the people who answered everything."""
        complete = patterns.complete
        return cls(moments, Counted(values_of(complete, values), complete.counts))

    def influence(self, slope: Floats) -> Floats:
        """Return each row's influence on a coefficient of this slope [m], but for a constant."""
        rows = self.rows()
        deviation = rows.values - self.moments.mean
        return np.asarray(np.einsum("mi,ij,mj->m", deviation, slope, deviation, optimize=True))

    def rows(self) -> Counted:
        """Return the counted rows; refused where there are only moments."""
        if self.counted is None:
            raise RefusalError("this interval needs patterns, not only moments")
        return self.counted


@dataclass
class _Drawn:
    """What one coefficient was in each resample, and its standard error there."""

    values: list[Floats] = field(default_factory=list)
    errors: list[Floats] = field(default_factory=list)


def estimates(
    coefficients: Mapping[str, Coefficient], answers: Answers, asked: Asked
) -> list[Estimate]:
    """Return an estimate of each coefficient; one that is refused is empty and says why."""
    known = answers.moments
    n = known.one_n if known.missing == "complete" else None
    found: dict[str, Estimate] = {}
    for name, one in coefficients.items():
        bare = Estimate(
            name, None, n=n, metric=known.metric, missing=known.missing, estimand=one.estimand
        )
        try:
            found[name] = replace(bare, value=one.of(known.cov, known.names))
        except RefusalError as refusal:
            found[name] = replace(bare, n=None, note=str(refusal))
    if asked.interval is None:
        return list(found.values())
    there = {name: one for name, one in coefficients.items() if found[name].value is not None}
    refusals: dict[str, str] = {}
    drawn: Mapping[str, _Drawn] = {}
    try:
        if known.missing != "complete":
            raise RefusalError(
                "pairwise moments have no single n; use missing='complete', or ask for no interval"
            )
        if asked.bootstrap:
            drawn = _resampled(there, answers, asked)
    except RefusalError as refusal:
        refusals = dict.fromkeys(there, str(refusal))
    for name, one in there.items():
        estimate = found[name]
        try:
            if name in refusals:
                raise RefusalError(refusals[name])
            ends = _interval(one, estimate, answers, asked, drawn.get(name))
            found[name] = _bounded(estimate, ends, asked)
        except RefusalError as refusal:
            found[name] = replace(estimate, note=f"no interval: {refusal}")
    return list(found.values())


def _bounded(estimate: Estimate, ends: tuple[float, float], asked: Asked) -> Estimate:
    low, high = ends
    return replace(
        estimate,
        low=low,
        high=high,
        level=asked.level,
        method=asked.interval,
        seed=asked.seed if asked.bootstrap else None,
        note="the interval passes 1: too few people for it" if high > 1 else None,
    )


def _interval(
    one: Coefficient, estimate: Estimate, answers: Answers, asked: Asked, drawn: _Drawn | None
) -> tuple[float, float]:
    value = estimate.value
    assert value is not None
    if asked.bootstrap:
        if drawn is None:
            raise RefusalError(
                f"with more than {one.resampled} items it takes too long for thousands of resamples"
            )
        return _bootstrap(one, value, answers, asked, drawn)
    return ANALYTIC[asked.interval or ""](one, value, answers, asked.level)


def _distribution_free(
    one: Coefficient, value: float, answers: Answers, level: float
) -> tuple[float, float]:
    counts = answers.rows().counts
    half = normal_quantile(level) * standard_error(answers.influence(_slope(one, answers)), counts)
    return value - half, value + half


def _slope(one: Coefficient, answers: Answers) -> Floats:
    return one.slope(answers.moments.cov)


def _feldt(one: Coefficient, value: float, answers: Answers, level: float) -> tuple[float, float]:
    known = _of_raw_alpha(one, answers, "Feldt's interval")
    return feldt(value, known.one_n, len(known.names), level)


def _duhachek_iacobucci(
    one: Coefficient, value: float, answers: Answers, level: float
) -> tuple[float, float]:
    known = _of_raw_alpha(one, answers, "Duhachek and Iacobucci's interval")
    return duhachek_iacobucci(value, known.cov, known.one_n, level)


def _of_raw_alpha(one: Coefficient, answers: Answers, what: str) -> Moments:
    if one.id not in ("alpha", "kr20"):
        raise RefusalError(f"{what} is of raw alpha only")
    if answers.moments.metric != "raw":
        raise RefusalError(f"{what} does not hold for {answers.moments.metric} moments")
    return answers.moments


ANALYTIC: Mapping[str, Callable[[Coefficient, float, Answers, float], tuple[float, float]]] = {
    "distribution_free": _distribution_free,
    "feldt": _feldt,
    "duhachek_iacobucci": _duhachek_iacobucci,
}
INTERVALS = (*ANALYTIC, "bootstrap", "bca", "bootstrap_t")


def _resampled(
    coefficients: Mapping[str, Coefficient], answers: Answers, asked: Asked
) -> dict[str, _Drawn]:
    """Draw people again; every coefficient of a resample is of the same covariances."""
    rows = answers.rows()
    if rows.n < 3:
        raise RefusalError(f"an interval needs three people or more, not {rows.n}")
    k = rows.values.shape[1]
    drawn = {name: _Drawn() for name, one in coefficients.items() if k <= one.resampled}
    for draws in rows.draws(asked.resamples, asked.seed):
        means, cov = rows.moments(draws)
        for name, found in drawn.items():
            one = coefficients[name]
            found.values.append(one.value(cov))
            if asked.interval == "bootstrap_t" and one.gradient is not None:
                found.errors.append(errors(rows, draws, means, one.gradient(cov)))
    return drawn


def errors(rows: Counted, draws: Floats, means: Floats, slopes: Floats) -> Floats:
    """Return the distribution-free standard error in each resample [b]."""
    influence = rows.quadratic(slopes, means)
    n = draws.sum(axis=1)
    mean = (draws * influence).sum(axis=1) / n
    spread = (draws * (influence - mean[:, None]) ** 2).sum(axis=1)
    errors: Floats = np.sqrt(spread / (n * (n - 1)))
    return errors


def _bootstrap(
    one: Coefficient, value: float, answers: Answers, asked: Asked, drawn: _Drawn
) -> tuple[float, float]:
    values = np.concatenate(drawn.values)
    there = np.isfinite(values)
    if (~there).mean() > MOST_LOST:
        lost = int((~there).sum())
        raise RefusalError(f"{lost:,} of {len(values):,} resamples have no value")
    if asked.interval == "bootstrap":
        return percentiles(values[there], asked.level)
    counts = answers.rows().counts
    influence = answers.influence(_slope(one, answers))
    if asked.interval == "bca":
        return bias_corrected(value, values[there], influence, counts, asked.level)
    if not drawn.errors:
        raise RefusalError("no studentized bootstrap of it is known: ask for 'bca'")
    errors, error = np.concatenate(drawn.errors)[there], standard_error(influence, counts)
    return studentized(value, error, values[there], errors, asked.level)
