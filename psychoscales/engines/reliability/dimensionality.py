"""Whether one factor fits the ordinal answers, as alpha and omega of one factor assume."""

from __future__ import annotations

from dataclasses import dataclass

from psychoscales.engines.reliability.latent_responses import LatentResponses
from psychoscales.engines.structure.cfa.drafting import specify
from psychoscales.engines.structure.cfa.fit import fit
from psychoscales.engines.structure.cfa.ordered import ordered
from psychoscales.errors import RefusalError

CFI, RMSEA, SRMR = 0.95, 0.06, 0.08
"""What Hu and Bentler ask for."""
FEWEST_ITEMS, MOST_ITEMS = 4, 40
"""Fewer fit exactly; more take too long for a note."""
FEWEST_PEOPLE = 200
"""With fewer the indices say little."""
MOST_OPTIONS = 10
"""An item with more is not cut coarsely enough to be called ordinal."""


@dataclass(frozen=True)
class OneFactorFit:
    """How well one factor fits, by WLSMV.

    Attributes:
        cfi, rmsea: robust: what they would be for the latent responses by maximum likelihood,
            which is what Hu and Bentler's bounds are for.
        srmr: of the polychoric correlations.
    """

    cfi: float
    rmsea: float
    srmr: float

    @property
    def supported(self) -> bool:
        """Whether CFI and SRMR, the pair that Hu and Bentler recommend, are within bounds."""
        return self.cfi >= CFI and self.srmr <= SRMR

    def note(self) -> str:
        """Say that one factor does not fit, by which indices and bounds."""
        return (
            f"one factor does not fit the ordinal answers well: robust CFI {self.cfi:.3f}, robust "
            f"RMSEA {self.rmsea:.3f} (WLSMV, Savalei 2021), SRMR {self.srmr:.3f}; Hu and Bentler "
            f"(1999) ask for {CFI:g}, {RMSEA:g} and {SRMR:g}. Look at the structure before quoting "
            "alpha, or an omega of one factor"
        )


def one_factor_fit(responses: LatentResponses) -> OneFactorFit | None:
    """Fit one factor by WLSMV; None where that is not to be judged.

    That is with fewer than four or more than 40 items, fewer than 200 people, pairs of items of
    different people, more than ten options, or a fit without these indices.

    Source:
        Hu L, Bentler PM. Cutoff criteria for fit indexes in covariance structure analysis. Struct
        Equ Modeling 1999;6:1-55. doi:10.1080/10705519909540118. Savalei V. Improving fit indices
        in structural equation modeling with categorical data. Multivariate Behav Res
        2021;56:390-407. doi:10.1080/00273171.2020.1717922. Indices agree with lavaan 0.6-14.
    """
    known, n = responses.ordinal, responses.n
    if n is None or n < FEWEST_PEOPLE or known.acov is None:
        return None
    if max(map(len, responses.values)) > MOST_OPTIONS:
        return None
    model = specify({"f": known.names}, thresholds=[len(each) for each in known.thresholds])
    try:
        sample = ordered(n, known.thresholds, known.correlation, known.acov)
        found = fit(model, [sample], "WLSMV")
    except RefusalError:
        return None
    names = ("cfi_robust", "rmsea_robust", "srmr")
    if any(name not in found.indices for name in names):
        return None
    return OneFactorFit(*(float(found.indices[name]) for name in names))


def judged(items: int) -> bool:
    """Return whether so many items have one factor fitted to them for a note."""
    return FEWEST_ITEMS <= items <= MOST_ITEMS
