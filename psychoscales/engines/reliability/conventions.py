"""What other programs print for the same answers, and why it is another number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.alpha import alpha, alpha_standardized, inter_item_r_mean
from psychoscales.engines.reliability.bounds import lambda6
from psychoscales.engines.reliability.coefficient import check
from psychoscales.engines.reliability.hierarchical import as_psych_does
from psychoscales.engines.reliability.matrices import correlations
from psychoscales.engines.reliability.omega import (
    omega_total_minres,
    omega_total_ml,
    omega_total_ml_model,
)
from psychoscales.errors import RefusalError
from psychoscales.intervals import feldt
from psychoscales.moments import MissingRule, Moments

Floats = npt.NDArray[np.float64]
GROUPS = 3
"""Group factors that psych::omega takes unless told otherwise."""


@dataclass(frozen=True)
class Convention:
    """A number that a program prints by default.

    Attributes:
        program: which.
        prints: what it calls the number.
        coefficient: what it is here; another missing rule or another interval may make it differ.
        missing: its missing rule.
        value: of the moments under that rule.
        why: what makes it differ from this package's number of the same name.
        feldt: whether it prints Feldt's interval with all rows as n.
        correlations: whether it is of correlations, each of its own pair's people.
    """

    program: str
    prints: str
    coefficient: str
    missing: MissingRule
    value: Callable[[Moments], float]
    why: str
    feldt: bool = False
    correlations: bool = False

    def row(self, known: Moments, rows: int, level: float) -> dict[str, Any]:
        """Return the number as a row; where the program has none, the row says why.

        Args:
            known: moments under the program's missing rule.
            rows: all rows of the data, which psych takes as n.
            level: of the interval.
        """
        made: dict[str, Any] = {
            "coefficient": self.coefficient,
            "program": self.program,
            "prints": self.prints,
            "missing": self.missing,
            "metric": known.metric,
            "n": known.one_n if known.missing == "complete" else None,
            "note": self.why,
        }
        try:
            check(known.cov, known.names)
            value = self.value(known)
        except RefusalError as refusal:
            return {**made, "note": str(refusal)}
        if not np.isfinite(value):
            return {**made, "note": "it has no value for these answers"}
        made["value"] = value
        if self.feldt:
            low, high = feldt(value, rows, len(known.names), level)
            made |= {"low": low, "high": high, "level": level, "method": "feldt", "n": rows}
        return made


def alpha_weighted(known: Moments) -> float:
    r"""Return Stata's alpha of pairwise covariances, each weighted by its people.

    .. math:: \frac{k \bar c}{\bar v + (k - 1) \bar c}, \quad
        \bar c = \frac{\sum_{i<j} n_{ij} c_{ij}}{\sum_{i<j} n_{ij}}, \quad
        \bar v = \frac{\sum_i n_i v_i}{\sum_i n_i}

    Source:
        Stata Base Reference Manual, alpha. Agrees with Stata's output on the GSS's social
        distance items to the four decimals that it prints.
    """
    k = len(known.names)
    off = ~np.eye(k, dtype=bool)
    n = known.n.astype(np.float64)
    covariance = float((n * known.cov)[off].sum() / n[off].sum())
    variance = float(np.diag(n) @ np.diag(known.cov) / np.diag(n).sum())
    return k * covariance / (variance + (k - 1) * covariance)


def _of(value: Callable[[Floats], Floats]) -> Callable[[Moments], float]:
    return lambda known: float(value(known.cov))


CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        "psych",
        "raw_alpha",
        "alpha",
        "pairwise",
        _of(alpha),
        "pairwise covariances; Feldt's interval, with every row as n, also incomplete ones",
        feldt=True,
    ),
    Convention(
        "psych",
        "std.alpha",
        "alpha_standardized",
        "pairwise",
        _of(alpha_standardized),
        "pairwise correlations",
    ),
    Convention(
        "psych",
        "average_r",
        "inter_item_r_mean",
        "pairwise",
        _of(inter_item_r_mean),
        "pairwise correlations",
    ),
    Convention(
        "psych",
        "G6(smc)",
        "lambda6",
        "pairwise",
        lambda known: float(lambda6(correlations(known.cov))),
        "of pairwise correlations, not of covariances",
    ),
    Convention(
        "psych",
        "omega_h",
        "omega_hierarchical",
        "pairwise",
        lambda known: as_psych_does(known.cov, GROUPS).hierarchical,
        "three group factors of pairwise correlations, also where so many are not determined: "
        "then it depends on where the search begins",
        correlations=True,
    ),
    Convention(
        "psych",
        "omega.tot",
        "omega_total_sl",
        "pairwise",
        lambda known: as_psych_does(known.cov, GROUPS).total,
        "three group factors of pairwise correlations; larger than with one factor",
        correlations=True,
    ),
    Convention(
        "psych",
        "omega.tot, 1 factor",
        "omega_total_minres",
        "pairwise",
        _of(omega_total_minres),
        "nfactors = 1, of pairwise correlations",
        correlations=True,
    ),
    Convention(
        "semTools",
        "compRelSEM",
        "omega_total_ml",
        "complete",
        _of(omega_total_ml),
        "one factor by maximum likelihood, observed variance of the sum, complete people "
        "(lavaan's default)",
    ),
    Convention(
        "JASP",
        "omega",
        "omega_total_ml_model",
        "complete",
        _of(omega_total_ml_model),
        "variance of the sum as the model implies it; where answers are missing JASP fits by "
        "full information, and this is of complete people",
    ),
    Convention(
        "jamovi",
        "McDonald's omega",
        "omega_total_minres",
        "complete",
        _of(omega_total_minres),
        "minres of correlations: of standardized items",
    ),
    Convention(
        "jamovi",
        "Cronbach's alpha",
        "alpha",
        "complete",
        _of(alpha),
        "complete people; no interval",
    ),
    Convention(
        "SPSS", "Cronbach's Alpha", "alpha", "complete", _of(alpha), "complete people; no interval"
    ),
    Convention(
        "Stata",
        "alpha",
        "alpha",
        "pairwise",
        alpha_weighted,
        "pairwise covariances, each weighted by its people",
    ),
)
