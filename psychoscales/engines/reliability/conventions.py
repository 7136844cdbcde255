"""What other programs print for the same answers, and why it is another number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.alpha import alpha, alpha_standardized, inter_item_r_mean
from psychoscales.engines.reliability.bounds import lambda6
from psychoscales.engines.reliability.coefficient import check
from psychoscales.engines.reliability.estimation import Answers, Asked, Kind, estimates
from psychoscales.engines.reliability.hierarchical import as_psych_does
from psychoscales.engines.reliability.matrices import correlations
from psychoscales.engines.reliability.omega import omega_total_minres, omega_total_ml
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
        value: of the moments under that rule; None where it is the coefficient as it is here,
            of ordered options or of everybody who answered anything.
        why: what makes it differ from this package's number of the same name.
        feldt: whether it prints Feldt's interval with all rows as n.
        correlations: whether it is of correlations, each of its own pair's people.
    """

    program: str
    prints: str
    coefficient: str
    missing: MissingRule
    value: Callable[[Moments], float] | None
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
            **self.named,
            "missing": self.missing,
            "metric": known.metric,
            "n": known.one_n if known.missing == "complete" else None,
            "note": self.why,
        }
        try:
            check(known.cov, known.names)
            if self.value is None:
                raise ValueError(f"{self.prints} is not of moments")
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

    def registered(self, known: Mapping[str, Kind], answers: Answers) -> dict[str, Any]:
        """Return the number as a row, where it is a coefficient as it is here.

        Args:
            known: the coefficients by id.
            answers: under the program's missing rule.
        """
        asked = {self.coefficient: known[self.coefficient]}
        (found,) = estimates(asked, answers, Asked(None))
        row = {**found.row(), **self.named}
        if found.value is None:
            return row
        return {**row, "note": "; ".join(filter(None, (self.why, found.note)))}

    @property
    def named(self) -> dict[str, Any]:
        """The columns that say which number it is."""
        return {
            "coefficient": self.coefficient,
            "program": self.program,
            "prints": self.prints,
        }


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
        "psych",
        "omega.tot, 1 factor, poly",
        "omega_total_minres_polychoric",
        "pairwise",
        None,
        "nfactors = 1 and poly = TRUE: of pairwise polychoric correlations; where items have "
        "different numbers of options psych also fills empty cells, which is not done here",
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
        "semTools",
        "compRelSEM, fiml",
        "omega_total_fiml",
        "pairwise",
        None,
        "with missing = 'fiml': everybody who answered anything",
    ),
    Convention(
        "semTools",
        "compRelSEM, ordered",
        "omega_categorical",
        "complete",
        None,
        "of ordered items, by WLSMV: Green and Yang's omega, observed variance by polychoric "
        "correlations",
    ),
    Convention(
        "semTools",
        "compRelSEM, ordered, latent",
        "omega_latent_response",
        "complete",
        None,
        "with ord.scale = FALSE: of the latent responses",
    ),
    Convention(
        "semTools",
        "reliability, alpha.ord",
        "alpha_ordinal",
        "complete",
        None,
        "of polychoric correlations",
    ),
    Convention(
        "JASP",
        "omega",
        "omega_total_fiml_model",
        "pairwise",
        None,
        "variance of the sum as the model implies it, by full information where answers are "
        "missing",
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
