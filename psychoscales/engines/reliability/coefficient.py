"""What a coefficient is to the rest: a value of a covariance matrix, and what moves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.errors import RefusalError
from psychoscales.intervals import distribution_free, feldt
from psychoscales.moments import Moments, values_of
from psychoscales.results import Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of internal consistency.

    Attributes:
        id: its name in tables.
        value: from a covariance matrix [k, k].
        gradient: d value / d covariances [k, k], for the distribution-free interval.
        feldt: whether Feldt's interval is about this coefficient.
    """

    id: str
    value: Callable[[Floats], float]
    gradient: Callable[[Floats], Floats]
    feldt: bool = False

    def estimate(
        self,
        moments: Moments,
        answers: tuple[Patterns, tuple[tuple[float, ...], ...]] | None,
        interval: str | None,
        level: float,
    ) -> Estimate:
        """Return the coefficient of `moments`, with the interval that is asked for.

        Args:
            moments: of the keyed items.
            answers: the patterns the moments are of, and the value of each option, which the
                distribution-free interval needs; None where there are only moments.
            interval: "distribution_free", "feldt" or None.
            level: confidence level, such as .95.
        """
        value = self.value(moments.cov)
        one = moments.missing == "complete"
        n = moments.one_n if one else None
        bare = Estimate(self.id, value, n=n, metric=moments.metric, missing=moments.missing)
        if interval is None:
            return bare
        try:
            low, high = self._interval(value, moments, answers, interval, level)
        except RefusalError as refusal:
            note = f"no interval: {refusal}"
            return Estimate(**{**bare.row(), "note": note})
        passes = "the interval passes 1: too few people for it" if high > 1 else None
        made = {"low": low, "high": high, "level": level, "method": interval, "note": passes}
        return Estimate(**{**bare.row(), **made})

    def _interval(
        self,
        value: float,
        moments: Moments,
        answers: tuple[Patterns, tuple[tuple[float, ...], ...]] | None,
        interval: str,
        level: float,
    ) -> tuple[float, float]:
        if moments.missing != "complete":
            raise RefusalError(
                "pairwise moments have no single n; use missing='complete', or ask for no interval"
            )
        if interval == "feldt":
            if not self.feldt:
                raise RefusalError(f"Feldt's interval is of raw alpha, not of {self.id}")
            if moments.metric != "raw":
                raise RefusalError(f"Feldt's interval does not hold for {moments.metric} moments")
            return feldt(value, moments.one_n, len(moments.names), level)
        if answers is None:
            raise RefusalError("the distribution-free interval needs patterns, not only moments")
        patterns, values = answers
        complete = patterns.complete
        deviation = values_of(complete, values) - moments.mean
        slope = self.gradient(moments.cov)
        influence = np.einsum("mi,ij,mj->m", deviation, slope, deviation, optimize=True)
        return distribution_free(value, influence, complete.counts, level)
