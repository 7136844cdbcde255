"""Coefficients of counted answers with their intervals: all of them from one set of resamples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.engines.reliability.coefficient import Coefficient, check_items
from psychoscales.engines.reliability.full_information import (
    FullInformation,
    FullInformationCoefficient,
)
from psychoscales.engines.reliability.latent_responses import LatentResponses
from psychoscales.engines.reliability.ordinal_coefficient import OrdinalCoefficient
from psychoscales.errors import RefusalError
from psychoscales.intervals import (
    ROUNDING,
    duhachek_iacobucci,
    feldt,
    normal_quantile,
    standard_error,
)
from psychoscales.moments import Moments, values_of
from psychoscales.resampling import (
    MOST_LOST,
    Counted,
    bias_corrected,
    percentiles,
    studentized,
)
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]
RESAMPLES = 2000
Kind = Coefficient | OrdinalCoefficient | FullInformationCoefficient
"""Of covariances, of ordered options, and of everybody who answered anything."""


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
        patterns: the counted answers, also of people who left some out.
        values: for each item, the value of each option.
    """

    moments: Moments
    counted: Counted | None = None
    patterns: Patterns | None = None
    values: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def of(cls, moments: Moments, patterns: Patterns, values: Sequence[Sequence[float]]) -> Answers:
        """Return the moments with the rows of the people who answered everything."""
        complete = patterns.complete
        counted = Counted(values_of(complete, values), complete.counts)
        return cls(moments, counted, patterns, tuple(tuple(row) for row in values))

    @cached_property
    def latent_responses(self) -> LatentResponses:
        """Thresholds and polychoric correlations; refused where there are only moments."""
        return LatentResponses.of(self._patterns(), self.values, self.moments.missing)

    @cached_property
    def full_information(self) -> FullInformation:
        """One factor, of everybody who answered anything; refused where there are only moments."""
        return FullInformation.of(self._patterns(), self.values)

    def _patterns(self) -> Patterns:
        if self.patterns is None:
            raise RefusalError("it needs answers or patterns, not only moments")
        return self.patterns

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


def estimates(coefficients: Mapping[str, Kind], answers: Answers, asked: Asked) -> list[Estimate]:
    """Return an estimate of each coefficient; one that is refused is empty and says why."""
    known = answers.moments
    found = {name: _valued(one, answers) for name, one in coefficients.items()}
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
            if name in refusals and not isinstance(one, FullInformationCoefficient):
                raise RefusalError(refusals[name])
            ends = _interval(one, estimate, answers, asked, drawn.get(name))
            found[name] = _bounded(estimate, ends, asked)
        except RefusalError as refusal:
            found[name] = replace(estimate, note=f"no interval: {refusal}")
    return list(found.values())


def _valued(one: Kind, answers: Answers) -> Estimate:
    """Return the estimate without an interval; where the value is refused, the note says why."""
    known = answers.moments
    bare = Estimate(one.id, None, missing=known.missing, estimand=one.estimand)
    if not isinstance(one, FullInformationCoefficient):
        bare = replace(bare, metric=known.metric)
    try:
        if isinstance(one, OrdinalCoefficient):
            bare = replace(bare, metric=one.metric)
            check_items(len(known.names))
            latent = answers.latent_responses
            return replace(bare, value=one.of(latent), n=latent.n, note=latent.note())
        if isinstance(one, FullInformationCoefficient):
            bare = replace(bare, missing="fiml")
            fitted = answers.full_information
            return replace(bare, value=one.value(fitted), n=fitted.n)
        value = one.of(known.cov, known.names)
        n = known.one_n if known.missing == "complete" else None
        return replace(bare, value=value, n=n, seed=one.seed)
    except RefusalError as refusal:
        return replace(bare, note=str(refusal))


def _bounded(estimate: Estimate, ends: tuple[float, float], asked: Asked) -> Estimate:
    low, high = ends
    value = estimate.value
    assert value is not None
    note = estimate.note
    if high > 1 + ROUNDING:
        note = "the interval passes 1: too few people for it"
    elif not low - ROUNDING <= value <= high + ROUNDING:
        note = "the interval leaves out the value, which resampling moves: too few people for it"
    return replace(
        estimate,
        low=low,
        high=high,
        level=asked.level,
        method=asked.interval,
        seed=asked.seed if asked.bootstrap else estimate.seed,
        note=note,
    )


def _interval(
    one: Kind, estimate: Estimate, answers: Answers, asked: Asked, drawn: _Drawn | None
) -> tuple[float, float]:
    value = estimate.value
    assert value is not None
    if isinstance(one, FullInformationCoefficient):
        return one.ends(asked.interval or "", value, answers.full_information, asked.level)
    if isinstance(one, OrdinalCoefficient):
        values, there = (None, None) if drawn is None else _sound(drawn)
        resampled = None if values is None else values[there]
        latent = answers.latent_responses
        return one.ends(asked.interval or "", value, resampled, latent, asked.level)
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
    coefficients: Mapping[str, Kind], answers: Answers, asked: Asked
) -> dict[str, _Drawn]:
    """Draw people again; every coefficient of a resample is of the same people."""
    rows = answers.rows()
    if rows.n < 3:
        raise RefusalError(f"an interval needs three people or more, not {rows.n}")
    k = rows.values.shape[1]
    of_moments: dict[str, tuple[Coefficient, _Drawn]] = {}
    of_options: dict[str, tuple[OrdinalCoefficient, _Drawn]] = {}
    for name, one in coefficients.items():
        if isinstance(one, Coefficient) and k <= one.resampled:
            of_moments[name] = one, _Drawn()
        elif (
            isinstance(one, OrdinalCoefficient)
            and k <= one.resampled
            and asked.interval in one.INTERVALS
        ):
            of_options[name] = one, _Drawn()
    for draws in rows.draws(asked.resamples, asked.seed):
        if of_moments:
            means, cov = rows.moments(draws)
        for each, found in of_moments.values():
            found.values.append(each.value(cov))
            if asked.interval == "bootstrap_t" and each.gradient is not None:
                found.errors.append(errors(rows, draws, means, each.gradient(cov)))
        if of_options:
            latent = answers.latent_responses.resampled(draws)
        for one, found in of_options.values():
            found.values.append(one.value(latent))
    return {name: found for name, (_, found) in (*of_moments.items(), *of_options.items())}


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
    values, there = _sound(drawn)
    if asked.interval == "bootstrap":
        return percentiles(values[there], asked.level)
    counts = answers.rows().counts
    influence = answers.influence(_slope(one, answers))
    if asked.interval == "bca":
        return bias_corrected(value, values[there], influence, counts, asked.level)
    if not drawn.errors:
        raise RefusalError("no studentized bootstrap of it is known: ask for 'bca'")
    errors, error = np.concatenate(drawn.errors), standard_error(influence, counts)
    with np.errstate(invalid="ignore"):
        there &= (errors > ROUNDING) & (values < 1 - ROUNDING)
    _enough(there, "standard error")
    return studentized(value, error, values[there], errors[there], asked.level)


def _sound(drawn: _Drawn) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the values of the resamples, and which have one; refuse if too few do."""
    values = np.concatenate(drawn.values)
    there = np.isfinite(values)
    _enough(there, "value")
    if np.ptp(values[there]) < ROUNDING:
        raise RefusalError("all resamples have the same value")
    return values, there


def _enough(there: npt.NDArray[np.bool_], what: str) -> None:
    """Refuse resamples of which more than a few have no value or standard error."""
    lost = int((~there).sum())
    if lost > MOST_LOST * len(there):
        raise RefusalError(f"{lost:,} of {len(there):,} resamples have no {what}")
