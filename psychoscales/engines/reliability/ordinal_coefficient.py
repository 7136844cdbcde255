"""A coefficient of ordinal answers: a function of thresholds and polychoric correlations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.coefficient import ANY, check_items
from psychoscales.engines.reliability.latent_responses import Latent, LatentResponses
from psychoscales.errors import RefusalError
from psychoscales.resampling import bias_corrected, percentiles

Floats = npt.NDArray[np.float64]
MOST_LEFT_OUT = 5000
"""Distinct patterns of answers each of which is left out once, for BCa."""
BATCH = 256


@dataclass(frozen=True)
class OrdinalCoefficient:
    """A coefficient of the normal variables behind ordinal answers, or of their observed sum.

    Attributes:
        id: its name in tables.
        estimand: what it is of: model, numerator, denominator, item metric.
        value: of thresholds and correlations, one set of them or a stack; [...], NaN where there
            is none.
        metric: what its items are: "polychoric", or "raw" where it is of the observed sum.
        resampled: with so many items it may still be asked of thousands of resamples.
        fewest: items it needs.
        why: says, where there is no value, what is wrong.
    """

    id: str
    estimand: str
    value: Callable[[Latent], Floats]
    metric: str = "polychoric"
    resampled: int = ANY
    fewest: int = 2
    why: Callable[[Latent], str] | None = None
    INTERVALS: ClassVar[tuple[str, ...]] = ("bootstrap", "bca")

    def of(self, responses: LatentResponses) -> float:
        """Return the value of one set of answers.

        Raises:
            RefusalError: there is none.
        """
        check_items(len(responses.names), self.fewest)
        value = float(self.value(responses.latent))
        if np.isfinite(value):
            return value
        raise RefusalError(
            "it cannot be computed" if self.why is None else self.why(responses.latent)
        )

    def ends(
        self,
        interval: str,
        value: float,
        drawn: Floats | None,
        responses: LatentResponses,
        level: float,
    ) -> tuple[float, float]:
        """Return an interval from the values of resamples.

        Args:
            interval: one of `INTERVALS`; others are refused.
            value: of all the answers.
            drawn: of the resamples, all finite; None where none were drawn.
            responses: the answers.
            level: confidence level.

        Raises:
            RefusalError: there is no such interval.
        """
        if interval not in self.INTERVALS:
            raise RefusalError(
                f"no {interval} interval is made from polychoric correlations: ask for "
                "interval='bootstrap', or 'bca'"
            )
        if drawn is None:
            raise RefusalError(
                f"with more than {self.resampled} items it takes too long for thousands of "
                "resamples"
            )
        if interval == "bootstrap":
            return percentiles(drawn, level)
        return bias_corrected(value, drawn, self.influence(responses), responses.counts, level)

    def influence(self, responses: LatentResponses) -> Floats:
        """Return what one person of each pattern of answers changes [m]: left out once each."""
        counts, rows = responses.counts, len(responses.counts)
        if rows > MOST_LEFT_OUT:
            raise RefusalError(
                f"BCa leaves out each of {rows:,} patterns of answers once, which takes too "
                "long: ask for interval='bootstrap'"
            )
        left: list[Floats] = []
        for start in range(0, rows, BATCH):
            part = np.arange(start, min(start + BATCH, rows))
            without = np.repeat(counts[None].astype(np.float64), len(part), axis=0)
            without[np.arange(len(part)), part] -= 1
            left.append(self.value(responses.resampled(without)))
        found = np.concatenate(left)
        if not np.isfinite(found).all():
            raise RefusalError("without a single person there would be no value: no BCa interval")
        return -found
