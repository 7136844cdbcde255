"""Standard errors and tests that hold where answers are not normal.

With moments s of n people, Gamma the asymptotic covariance of sqrt(n) s, V the weights that the
estimator gave the residuals, D the Jacobian, all groups together, and

    U = V - V D (D' V D)^-1 D' V

the minimum of the discrepancy is asymptotically a sum of chi-squares weighted by the eigenvalues
of U Gamma. Its mean and variance follow from the traces of U Gamma and of its square, which are
worked out here without forming U.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.normal import Likelihood

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Piece:
    """One group's part of a fitted model.

    Attributes:
        share: the group's share of all people.
        jacobian: derivative of its moments by the free parameters [moments, q].
        weight: V, a matrix or (for diagonal weights) a vector.
        gamma: asymptotic covariance of its moments.
    """

    share: float
    jacobian: Floats
    weight: Floats
    gamma: Floats

    @property
    def weighted(self) -> Floats:
        """V D [moments, q]."""
        if self.weight.ndim == 1:
            return self.weight[:, None] * self.jacobian
        return np.asarray(self.weight @ self.jacobian)


class Traces(NamedTuple):
    """Traces of U Gamma and of its square."""

    first: float
    second: float


class Test(NamedTuple):
    """A test of a model: the statistic, degrees of freedom, p, and how it was corrected.

    `scaling` is what the plain statistic was divided by, `shift` what was then added.
    """

    method: str
    chisq: float
    df: float
    p: float
    scaling: float = 1.0
    shift: float = 0.0


def information(pieces: Sequence[Piece]) -> Floats:
    """Return D' V D over all groups [q, q], per person."""
    return np.asarray(sum(each.share * (each.jacobian.T @ each.weighted) for each in pieces))


def meat(pieces: Sequence[Piece]) -> Floats:
    """Return D' V Gamma V D over all groups [q, q]."""
    total = np.zeros((pieces[0].jacobian.shape[1],) * 2)
    for each in pieces:
        weighted = each.weighted
        total += each.share * (weighted.T @ each.gamma @ weighted)
    return total


def sandwich(bread: Floats, filling: Floats) -> Floats:
    """Return the robust covariance of the estimates times the number of people.

    Args:
        bread: inverse of the information per person [q, q].
        filling: what `meat` returns.

    Source:
        Browne MW. Asymptotically distribution-free methods for the analysis of covariance
        structures. Br J Math Stat Psychol 1984;37:62-83. doi:10.1111/j.2044-8317.1984.tb00789.x
    """
    return np.asarray(bread @ filling @ bread)


def traces(pieces: Sequence[Piece], bread: Floats) -> Traces:
    """Return the traces of U Gamma and of its square, over all groups."""
    first = second = 0.0
    filling, twice = np.zeros_like(bread), np.zeros_like(bread)
    for each in pieces:
        weighted = each.weighted
        through = each.gamma @ weighted
        filling += each.share * (weighted.T @ through)
        if each.weight.ndim == 1:
            first += float(each.weight @ np.diag(each.gamma))
            second += float(each.weight @ each.gamma**2 @ each.weight)
            twice += each.share * (through.T @ (each.weight[:, None] * through))
        else:
            product = each.weight @ each.gamma
            first += float(np.trace(product))
            second += float((product * product.T).sum())
            twice += each.share * (through.T @ each.weight @ through)
    covered = bread @ filling
    first -= float(np.trace(covered))
    second += float((covered * covered.T).sum()) - 2 * float((bread * twice).sum())
    return Traces(first, second)


def yuan_bentler(
    samples: Sequence[Likelihood],
    shares: Sequence[float],
    bread: Floats,
    fillings: Sequence[Floats],
) -> float:
    """Return the trace by which MLR corrects, in the form that Mplus and lavaan use.

    Args:
        samples: the groups' likelihoods.
        shares: the groups' shares of all people.
        bread: inverse of the observed information per person.
        fillings: each group's first-order information of the free parameters.

    Source:
        Yuan KH, Bentler PM. Three likelihood-based methods for mean and covariance structure
        analysis with nonnormal missing data. Sociol Methodol 2000;30:165-200.
        doi:10.1111/0081-1750.00078
    """
    saturated = 0.0
    for each in samples:
        curve = each.observed(each.mean, each.cov)
        saturated += float(np.trace(np.linalg.solve(curve, each.meat(each.mean, each.cov))))
    fitted = sum(
        share * float((bread * filling).sum())
        for share, filling in zip(shares, fillings, strict=True)
    )
    return saturated - fitted


def chi_square_p(chisq: float, df: float) -> float:
    """Return the probability of a chi-square at least so large; NaN without degrees of freedom."""
    from scipy.special import chdtrc

    if not df > 0:
        return float("nan")
    return float(chdtrc(df, max(chisq, 0.0)))


def standard(chisq: float, df: int) -> Test:
    """Return the plain test."""
    return Test("standard", chisq, df, chi_square_p(chisq, df))


def mean_scaled(chisq: float, df: int, trace: float, method: str) -> Test:
    r"""Return the statistic divided by :math:`\operatorname{tr}(U\Gamma)/df`.

    Source:
        Satorra A, Bentler PM. Corrections to test statistics and standard errors in covariance
        structure analysis. In: von Eye A, Clogg CC, eds. Latent variables analysis. Sage; 1994.
    """
    if df == 0:
        return Test(method, chisq, df, float("nan"))
    scaling = trace / df
    if not scaling > 0:
        return Test(method, float("nan"), df, float("nan"), float("nan"))
    return Test(method, chisq / scaling, df, chi_square_p(chisq / scaling, df), scaling)


def scaled_shifted(chisq: float, df: int, of: Traces) -> Test:
    r"""Return the statistic with mean and variance of a chi-square on df degrees of freedom.

    .. math:: T \sqrt{df / \operatorname{tr}[(U\Gamma)^2]} + df
        - \operatorname{tr}(U\Gamma) \sqrt{df / \operatorname{tr}[(U\Gamma)^2]}

    Source:
        Asparouhov T, Muthen B. Simple second order chi-square correction. Mplus technical
        appendix; 2010.
    """
    if df == 0:
        return Test("scaled_shifted", chisq, df, float("nan"))
    factor = float(np.sqrt(df / of.second))
    shift = df - factor * of.first
    value = chisq * factor + shift
    return Test("scaled_shifted", value, df, chi_square_p(value, df), 1 / factor, shift)


def mean_variance_adjusted(chisq: float, df: int, of: Traces) -> Test:
    r"""Return Satterthwaite's approximation, whose degrees of freedom are no whole number.

    .. math:: df^* = \operatorname{tr}(U\Gamma)^2 / \operatorname{tr}[(U\Gamma)^2]
    """
    if df == 0:
        return Test("mean_variance_adjusted", chisq, df, float("nan"))
    fewer = of.first**2 / of.second
    scaling = of.first / fewer
    p = chi_square_p(chisq / scaling, fewer)
    return Test("mean_variance_adjusted", chisq / scaling, fewer, p, scaling)
