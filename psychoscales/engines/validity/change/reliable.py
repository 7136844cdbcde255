r"""Reliable change of one person, and clinically significant change.

Every method here is a band along the earlier score x: the later score is expected at
:math:`a + b x`, and a person has changed reliably whose later score is further from that than
`critical` standard errors. The methods differ in a, b and the standard error. All of them rest on
:math:`SEM = s_{before} \sqrt{1 - \rho}`, with a reliability :math:`\rho` that is taken as known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.error import NORMAL_95, SDC
from psychoscales.errors import RefusalError, UnknownNameError

__all__ = [
    "CRITERIA",
    "METHODS",
    "NORMAL_95",
    "SDC",
    "Band",
    "Observed",
    "clinical_cutoff",
    "observed",
]
Floats = npt.NDArray[np.float64]
CRITERIA = ("a", "b", "c")
BEYOND = 2.0
LOW = 0.5


@dataclass(frozen=True)
class Observed:
    """What the methods know of the two occasions.

    Attributes:
        mean_before, sd_before, mean_after, sd_after: of the scores, in their own units.
        covariance: of earlier and later scores.
        reliability: of the earlier scores.
        practice: mean of later minus earlier scores of people who were not treated, where known.
    """

    mean_before: float
    sd_before: float
    mean_after: float
    sd_after: float
    covariance: float
    reliability: float
    practice: float | None = None

    @property
    def sem(self) -> float:
        """The standard error of measurement, of the earlier scores."""
        return self.sd_before * float(np.sqrt(1 - self.reliability))


@dataclass(frozen=True)
class Band:
    """Where later scores are expected that have not changed reliably.

    Attributes:
        method: whose band it is.
        intercept, slope: of the expected later score along the earlier one.
        error: standard error of the later score around it, in units of the score.
        critical: how many of these a reliable change is.
        note: what a reader should know.
    """

    method: str
    intercept: float
    slope: float
    error: float
    critical: float
    note: str | None = None

    @property
    def half(self) -> float:
        """How far from what is expected a reliable change begins, in units of the score."""
        return self.critical * self.error

    def expected(self, before: Floats) -> Floats:
        """Return the later scores expected of earlier ones [n]."""
        return self.intercept + self.slope * before

    def index(self, before: Floats, after: Floats, direction: int) -> Floats:
        """Return the reliable change index [n], above 0 for improvement."""
        return np.asarray(direction * (after - self.expected(before)) / self.error)

    def verdicts(self, before: Floats, after: Floats, direction: int) -> npt.NDArray[np.int8]:
        """Return 1 for reliably improved, -1 for reliably deteriorated, else 0 [n]."""
        index = self.index(before, after, direction)
        return (index > self.critical).astype(np.int8) - (index < -self.critical).astype(np.int8)


def observed(
    before: Floats, after: Floats, reliability: float, practice: float | None = None
) -> Observed:
    """Return what the methods need of scores [n] at two occasions.

    Raises:
        RefusalError: a reliability that is not between 0 and 1, or no variance.
    """
    if not 0 < reliability < 1:
        raise RefusalError(f"a reliability lies between 0 and 1: {reliability:g} gives no error")
    sds = [float(each.std(ddof=1)) for each in (before, after)]
    if not sds[0] > 0:
        raise RefusalError("no error: everybody has the same score at the first occasion")
    covariance = float(np.cov(before, after)[0, 1])
    means = float(before.mean()), float(after.mean())
    return Observed(means[0], sds[0], means[1], sds[1], covariance, reliability, practice)


def jacobson_truax(known: Observed, critical: float) -> Band:
    r"""Return the band of Jacobson and Truax: a = 0, b = 1, error :math:`\sqrt 2\, SEM`.

    Source:
        Jacobson NS, Truax P. Clinical significance: a statistical approach to defining meaningful
        change in psychotherapy research. J Consult Clin Psychol 1991;59:12-19.
        doi:10.1037/0022-006X.59.1.12.
    """
    return Band("jacobson_truax", 0.0, 1.0, float(np.sqrt(2)) * known.sem, critical)


def iverson(known: Observed, critical: float) -> Band:
    r"""Return the same with the SEM of each occasion: :math:`\sqrt{SEM_1^2 + SEM_2^2}`.

    :math:`SEM_2` is the later standard deviation times :math:`\sqrt{1 - \rho}`.

    Source:
        Iverson GL. Interpreting change on the WAIS-III/WMS-III in clinical samples. Arch Clin
        Neuropsychol 2001;16:183-191. doi:10.1093/arclin/16.2.183.
    """
    later = known.sd_after * float(np.sqrt(1 - known.reliability))
    return Band("iverson", 0.0, 1.0, float(np.hypot(known.sem, later)), critical)


def chelune(known: Observed, critical: float) -> Band:
    r"""Return the band of Jacobson and Truax moved by the practice effect.

    Raises:
        RefusalError: the practice effect is not known.

    Source:
        Chelune GJ, Naugle RI, Luders H, Sedlak J, Awad IA. Individual change after epilepsy
        surgery: practice effects and base-rate information. Neuropsychology 1993;7:41-52.
        doi:10.1037/0894-4105.7.1.41.
    """
    if known.practice is None:
        raise RefusalError(
            "no practice effect is known: give the mean change of untreated people, practice=..."
        )
    return Band("chelune", known.practice, 1.0, float(np.sqrt(2)) * known.sem, critical)


def edwards_nunnally(known: Observed, critical: float) -> Band:
    r"""Return the band around the estimated true score: :math:`M + \rho (x - M)`, error SEM.

    Speer takes 2 standard errors.

    Source:
        Speer DC. Clinically significant change: Jacobson and Truax (1991) revisited. J Consult
        Clin Psychol 1992;60:402-408. doi:10.1037/0022-006X.60.3.402.
    """
    rho = known.reliability
    return Band("edwards_nunnally", (1 - rho) * known.mean_before, rho, known.sem, critical)


def gulliksen_lord_novick(known: Observed, critical: float) -> Band:
    r"""Return the band around the predicted score of a parallel occasion.

    Expected at :math:`M + \rho (x - M)`, error :math:`s_{before} \sqrt{1 - \rho^2}`.

    Source:
        Hsu LM. Reliable changes in psychotherapy: taking into account regression toward the mean.
        Behav Assess 1989;11:459-467. Bauer S, Lambert MJ, Nielsen SL. Clinical significance
        methods: a comparison of statistical techniques. J Pers Assess 2004;82:60-70.
        doi:10.1207/s15327752jpa8201_11.
    """
    rho = known.reliability
    error = known.sd_before * float(np.sqrt(1 - rho**2))
    return Band("gulliksen_lord_novick", (1 - rho) * known.mean_before, rho, error, critical)


def hageman_arrindell(known: Observed, critical: float) -> Band:
    r"""Return the band of the estimated true change.

    .. math:: RC = \frac{(y - x) \rho_{dd} + (\bar y - \bar x) (1 - \rho_{dd})}
        {\sqrt{\rho_{dd}}\, \sqrt 2\, SEM}, \qquad
        \rho_{dd} = \frac{s_x^2 + s_y^2 - 2 SEM^2 - 2 s_{xy}}{s_x^2 + s_y^2 - 2 s_{xy}}

    with :math:`\rho_{dd}` the reliability of the change. The authors take 1.65 standard errors.

    Raises:
        RefusalError: the change varies no more than error does.

    Source:
        Hageman WJJM, Arrindell WA. Establishing clinically significant change: increment of
        precision and the distinction between individual and group level of analysis. Behav Res
        Ther 1999;37:1169-1193. doi:10.1016/S0005-7967(99)00032-7.
    """
    spread = known.sd_before**2 + known.sd_after**2 - 2 * known.covariance
    true = spread - 2 * known.sem**2
    if not true > 0:
        raise RefusalError(
            "Hageman and Arrindell: the changes vary no more than measurement error does, their "
            "reliability is 0 or less"
        )
    rho = true / spread
    mean = known.mean_after - known.mean_before
    error = float(np.sqrt(2 / rho)) * known.sem
    note = None
    if rho < LOW:
        note = (
            f"Hageman and Arrindell: the reliability of the change is {rho:.2f}, so that the index "
            "is of the group's mean change more than of the person's own"
        )
    return Band("hageman_arrindell", -mean * (1 - rho) / rho, 1.0, error, critical, note)


METHODS: Mapping[str, Callable[[Observed, float], Band]] = MappingProxyType(
    {
        "jacobson_truax": jacobson_truax,
        "iverson": iverson,
        "chelune": chelune,
        "edwards_nunnally": edwards_nunnally,
        "gulliksen_lord_novick": gulliksen_lord_novick,
        "hageman_arrindell": hageman_arrindell,
    }
)


def clinical_cutoff(
    criterion: str,
    clinical: tuple[float, float],
    norms: tuple[float, float] | None,
    direction: int,
) -> float:
    r"""Return Jacobson and Truax's cut-off between a dysfunctional and a functional population.

    a: 2 standard deviations beyond the mean of the dysfunctional people; b: within 2 standard
    deviations of the mean of functional people; c: where both are equally far in their own
    standard deviations, :math:`(s_0 M_1 + s_1 M_0) / (s_0 + s_1)`.

    Args:
        criterion: "a", "b" or "c".
        clinical, norms: mean and standard deviation of dysfunctional and of functional people.
        direction: 1 where higher is better, -1 where lower is.

    Raises:
        UnknownNameError: no criterion is called so.
        RefusalError: b and c without norms, or norms on the wrong side of the sample.

    Source:
        Jacobson NS, Truax P. J Consult Clin Psychol 1991;59:12-19.
        doi:10.1037/0022-006X.59.1.12.
    """
    if criterion not in CRITERIA:
        raise UnknownNameError("criterion", criterion, CRITERIA)
    mean, sd = clinical
    if criterion == "a":
        return mean + direction * BEYOND * sd
    if norms is None:
        raise RefusalError(
            f"criterion {criterion} needs functional people's mean and standard deviation: norms="
        )
    other, spread = norms
    if not spread > 0 or not direction * (other - mean) > 0:
        raise RefusalError(
            f"norms of mean {other:g} and sd {spread:g} are not of people who are better off "
            f"than this sample, whose mean is {mean:g}"
        )
    if criterion == "b":
        return other - direction * BEYOND * spread
    return (sd * other + spread * mean) / (sd + spread)
