r"""The minimal important change by an anchor that says who improved.

ROC: the change that divides improved people from others best. Predictive: the change that a
logistic regression makes as likely among improved people as among others. Adjusted: the
predictive one, corrected for a share of improved people that is not one half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.change.logistic import logistic

Floats = npt.NDArray[np.float64]
EQUAL = 1e-12


@dataclass(frozen=True, eq=False)
class Curve:
    """How many improved and not improved people changed by how much, in b samples.

    Attributes:
        x: distinct changes, rising [v].
        yes, no: people of each change who are improved, and who are not [b, v].
    """

    x: Floats
    yes: Floats
    no: Floats

    @property
    def odds(self) -> Floats:
        """The logarithm of the odds of being improved [b]."""
        return np.asarray(np.log(self.yes.sum(1) / self.no.sum(1)))

    @property
    def sd(self) -> Floats:
        """Standard deviation of the change, divisor n - 1 [b]."""
        n = (self.yes + self.no).sum(1)
        return np.asarray(np.sqrt(self._squares() / (n - 1)))

    @property
    def r(self) -> Floats:
        """Pearson's correlation of change with being improved [b]."""
        yes, no = self.yes.sum(1), self.no.sum(1)
        apart = (self.yes @ self.x) / yes - (self.no @ self.x) / no
        return np.asarray(apart * np.sqrt(yes * no / (yes + no) / self._squares()))

    def _squares(self) -> Floats:
        everybody = self.yes + self.no
        mean = (everybody @ self.x) / everybody.sum(1)
        return np.asarray((everybody * (self.x - mean[:, None]) ** 2).sum(1))

    def youden(self) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the cuts [b, v] and which have the highest sensitivity plus specificity.

        A cut lies midway between a change and the next one in the sample; it is NaN where there
        is none. People at or above it are called improved.

        Source:
            Youden WJ. Index for rating diagnostic tests. Cancer 1950;3:32-35.
        """
        cuts, missed, wrong = self._cuts()
        return cuts, _least(missed + wrong, cuts)

    def squares(self) -> tuple[Floats, npt.NDArray[np.bool_]]:
        r"""Return the cuts [b, v] and which have the least sum of squares.

        That is :math:`(1 - sensitivity)^2 + (1 - specificity)^2`, the distance from the upper left
        corner of the curve.

        Source:
            Froud R, Abel G. Using ROC curves to choose minimally important change thresholds when
            sensitivity and specificity are valued equally: the forgotten lesson of Pythagoras.
            PLoS One 2014;9:e114468. doi:10.1371/journal.pone.0114468.
        """
        cuts, missed, wrong = self._cuts()
        return cuts, _least(missed**2 + wrong**2, cuts)

    def _cuts(self) -> tuple[Floats, Floats, Floats]:
        """Return cuts, and the shares that they miss and call improved wrongly [b, v]."""
        there = (self.yes + self.no) > 0
        above = np.where(there, self.x, np.inf)
        following = np.minimum.accumulate(above[:, ::-1], axis=1)[:, ::-1]
        following = np.concatenate([following[:, 1:], np.full((len(above), 1), np.inf)], axis=1)
        cuts = np.where(there & np.isfinite(following), (self.x + following) / 2, np.nan)
        missed = np.cumsum(self.yes, axis=1) / self.yes.sum(1)[:, None]
        wrong = 1 - np.cumsum(self.no, axis=1) / self.no.sum(1)[:, None]
        return cuts, missed, wrong

    def predictive(self) -> Floats:
        r"""Return the change with a likelihood ratio of 1 by logistic regression [b].

        .. math:: MIC = \frac{\log (p / (1 - p)) - \beta_0}{\beta_1}

        with p the share of improved people; NaN where the regression has no maximum.

        Source:
            Terluin B, Eekhout I, Terwee CB, de Vet HCW. Minimal important change (MIC) based on a
            predictive modeling approach was more precise than MIC based on ROC analysis. J Clin
            Epidemiol 2015;68:1388-1396. doi:10.1016/j.jclinepi.2015.03.015. Agrees with R's glm
            to 1e-8.
        """
        intercept, slope = logistic(self.x, self.yes, self.no)
        return np.asarray((self.odds - intercept) / slope)

    def adjusted(self) -> Floats:
        r"""Return the predictive MIC adjusted for the share of improved people [b].

        .. math:: MIC - (0.090 + 0.103\, r)\, s_d \log \frac{p}{1 - p}

        with r the correlation of change with being improved, and :math:`s_d` the standard
        deviation of the change.

        Source:
            Terluin B, Eekhout I, Terwee CB. The anchor-based minimal important change, based on
            receiver operating characteristic analysis or predictive modeling, may need to be
            adjusted for the proportion of improved patients. J Clin Epidemiol 2017;83:90-100.
            doi:10.1016/j.jclinepi.2016.12.015.
        """
        return np.asarray(self.predictive() - (0.090 + 0.103 * self.r) * self.sd * self.odds)

    def improved_adjusted(self, reliability: float) -> Floats:
        r"""Return the same with the reliability of the anchor in it [b].

        .. math:: MIC - (0.8 / \rho_{anchor} - 0.5)\, r\, s_d \log \frac{p}{1 - p}

        Args:
            reliability: of the anchor, between 0 and 1.

        Source:
            Terluin B, Eekhout I, Terwee CB. Improved adjusted minimal important change took
            reliability of transition ratings into account. J Clin Epidemiol 2022;148:48-53.
            doi:10.1016/j.jclinepi.2022.04.018.
        """
        by = (0.8 / reliability - 0.5) * self.r
        return np.asarray(self.predictive() - by * self.sd * self.odds)


def middle(cuts: Floats, best: npt.NDArray[np.bool_]) -> Floats:
    """Return the median of the best cuts [b]."""
    found = np.full(len(cuts), np.nan)
    some = best.any(axis=1)
    found[some] = np.nanmedian(np.where(best, cuts, np.nan)[some], axis=1)
    return found


def _least(loss: Floats, cuts: Floats) -> npt.NDArray[np.bool_]:
    loss = np.where(np.isnan(cuts) | np.isnan(loss), np.inf, loss)
    best = loss.min(axis=1, keepdims=True)
    return np.asarray(np.isfinite(loss) & (loss <= best + EQUAL))
