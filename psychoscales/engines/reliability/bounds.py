"""Lower bounds to reliability: Guttman's lambda 1 to 6 and the greatest lower bound.

All are functions of a covariance matrix and are about the plain sum of the items. Of the
correlation matrix they are about the sum of standardized items, which is what psych prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.halves import MOST_ITEMS, every_sign
from psychoscales.engines.reliability.matrices import (
    correlations,
    each,
    off_diagonal,
    solved,
    summed,
    unpredicted,
    with_diagonal,
)
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]

GAP = 1e-10
"""How far apart the two sides of the greatest lower bound may end, as a share of the total."""
ROUNDS = 60


def lambda1(cov: Floats) -> Floats:
    r"""Return Guttman's lambda 1 of covariance matrices [..., k, k].

    .. math:: \lambda_1 = 1 - \frac{\operatorname{tr} C}{\sum C}

    NaN where the sum of the items has no variance.

    Source:
        Guttman L. Psychometrika 1945;10:255-282. doi:10.1007/BF02288892. Of correlations it
        agrees with psych::guttman to 1e-10.
    """
    return np.asarray(off_diagonal(cov).sum(axis=(-2, -1)) / summed(cov))


def lambda2(cov: Floats) -> Floats:
    r"""Return Guttman's lambda 2 of covariance matrices [..., k, k].

    .. math:: \lambda_2 = \lambda_1
        + \frac{\sqrt{\frac{k}{k - 1} \sum_{i \ne j} c_{ij}^2}}{\sum C}

    Never below alpha (lambda 3). NaN for one item.

    Source:
        Guttman L. Psychometrika 1945;10:255-282. doi:10.1007/BF02288892. Of correlations it
        agrees with psych::guttman to 1e-10.
    """
    off, k = off_diagonal(cov), np.shape(cov)[-1]
    if k < 2:
        return np.full(np.shape(cov)[:-2], np.nan)
    root = np.sqrt(k / (k - 1) * (off**2).sum(axis=(-2, -1)))
    return np.asarray((off.sum(axis=(-2, -1)) + root) / summed(cov))


def lambda3(cov: Floats) -> Floats:
    r"""Return Guttman's lambda 3 of covariance matrices [..., k, k]: coefficient alpha.

    .. math:: \lambda_3 = \frac{k}{k - 1} \lambda_1

    Source:
        Guttman L. Psychometrika 1945;10:255-282. doi:10.1007/BF02288892. Of correlations it
        agrees with psych::guttman to 1e-10.
    """
    k = np.shape(cov)[-1]
    return lambda1(cov) * (k / (k - 1) if k > 1 else np.nan)


def lambda4(cov: Floats) -> Floats:
    r"""Return Guttman's lambda 4 of [..., k, k], the largest over all splits into two parts.

    .. math:: \lambda_4 = \max_{s \in \{-1, 1\}^k} \left(1 - \frac{s'Cs}{\sum C}\right)

    which is :math:`4 c_{AB} / \sum C` of the best parts A and B. Every split is tried, parts of
    unequal length among them; psych::guttman and psych::splitHalf try equal halves only, and of
    an odd number of items half of these.

    Raises:
        RefusalError: more than 20 items; the number of splits doubles with every item.

    Source:
        Guttman L. Psychometrika 1945;10:255-282. doi:10.1007/BF02288892. Of correlations it
        agrees with a search over all sign vectors in R to 1e-10.
    """
    k = np.shape(cov)[-1]
    if k > MOST_ITEMS:
        raise RefusalError(
            f"lambda 4 of {k} items would be of {2 ** (k - 1):,} splits; it is worked out for up "
            f"to {MOST_ITEMS} items: take the greatest lower bound (glb), which is not below it"
        )
    if k < 2:
        return np.full(np.shape(cov)[:-2], np.nan)
    first, second = np.triu_indices(k, 1)
    pairs = np.asarray(cov, dtype=np.float64)[..., first, second]
    # s'Cs is the trace and twice the signed pairs: only pairs of unlike sign count.
    unlike = np.full(pairs.shape[:-1], -np.inf)
    for signs in every_sign(k):
        apart = (signs[:, first] != signs[:, second]).astype(np.float64)
        unlike = np.maximum(unlike, (pairs @ apart.T).max(axis=-1))
    return np.asarray(4 * unlike / summed(cov))


def lambda5(cov: Floats) -> Floats:
    r"""Return Guttman's lambda 5 of covariance matrices [..., k, k].

    .. math:: \lambda_5 = \lambda_1 + \frac{2 \sqrt{\max_j \sum_{i \ne j} c_{ij}^2}}{\sum C}

    Source:
        Guttman L. Psychometrika 1945;10:255-282. doi:10.1007/BF02288892. Of correlations it
        agrees with psych::guttman to 1e-10.
    """
    off = off_diagonal(cov)
    most = (off**2).sum(axis=-1).max(axis=-1)
    return np.asarray((off.sum(axis=(-2, -1)) + 2 * np.sqrt(most)) / summed(cov))


def lambda6(cov: Floats) -> Floats:
    r"""Return Guttman's lambda 6 of covariance matrices [..., k, k].

    .. math:: \lambda_6 = 1 - \frac{\sum_j e_j^2}{\sum C}

    with :math:`e_j^2 = 1 / (C^{-1})_{jj}` the variance of item j that the other items do not
    predict. NaN where the correlations are singular: then an item is a sum of others.

    Source:
        Guttman L. Psychometrika 1945;10:255-282. doi:10.1007/BF02288892. Of correlations it
        agrees with psych::alpha (G6) and psych::guttman to 1e-10.
    """
    (share,) = each(lambda r: (unpredicted(r),), correlations(cov))
    variance = np.diagonal(np.asarray(cov, dtype=np.float64), axis1=-2, axis2=-1)
    return np.asarray(1 - (variance * share).sum(axis=-1) / summed(cov))


def lambda6_gradient(cov: Floats) -> Floats:
    r"""Return d lambda6 / d C [..., k, k], every element of C taken for itself.

    With P the inverse of C, :math:`d e_j^2 / dC = P_{j.}' P_{j.} / P_{jj}^2`.
    """
    (inverse,) = each(lambda r: (_inverse(r),), correlations(cov))
    variance = np.diagonal(np.asarray(cov, dtype=np.float64), axis1=-2, axis2=-1)
    sd = np.sqrt(np.where(variance > 0, variance, np.nan))
    inverse = inverse / (sd[..., :, None] * sd[..., None, :])
    own = np.diagonal(inverse, axis1=-2, axis2=-1)
    total, left = summed(cov)[..., None, None], (1 / own).sum(axis=-1)[..., None, None]
    moved = (inverse / own[..., None, :] ** 2) @ inverse
    return np.asarray(left / total**2 - moved / total)


def _inverse(r: Floats) -> Floats:
    """Return the inverses [b, k, k]; NaN where R is singular."""
    sound = np.asarray(np.isfinite(unpredicted(r)).all(axis=-1))[:, None, None]
    found = np.linalg.inv(np.where(sound, r, np.eye(r.shape[-1])))
    return np.where(sound, found, np.nan)


@dataclass(frozen=True, eq=False)
class GreatestLowerBound:
    """The greatest lower bound, with what certifies it.

    Attributes:
        value: float [...]; 1 - sum of `errors` / sum C.
        errors: float [..., k]; error variances, the largest in sum that leave a covariance
            matrix of true scores without a negative root.
        gap: float [...]; `value` is at most this far above the bound, by a feasible point of
            the dual problem. NaN where the search did not end.
    """

    value: Floats
    errors: Floats
    gap: Floats


def glb(cov: Floats) -> Floats:
    """Return the greatest lower bound of covariance matrices [..., k, k]; `greatest` says how."""
    return greatest(cov).value


def greatest(cov: Floats) -> GreatestLowerBound:
    r"""Return the greatest lower bound to reliability, with its certificate.

    .. math:: 1 - \frac{\max \sum_j \theta_j}{\sum C} \quad \text{so that } C - \Theta
        \text{ has no negative root and } \theta_j \ge 0

    The smallest reliability that the sum of the items can have if errors are uncorrelated; no
    other bound of this module passes it. In samples it is too high, the more so the fewer the
    people and the more the items.

    The maximum is that of a semidefinite programme, solved here by a primal-dual interior-point
    method for every matrix; the dual point at the end bounds the error (`gap`, below 1e-9).
    psych::glb.algebraic solves the same programme with CSDP; psych::glb.fa, which takes
    communalities of a factor analysis, is another number.

    NaN where the correlations are singular.

    Source:
        Woodhouse B, Jackson PH. Psychometrika 1977;42:579-591. doi:10.1007/BF02295980. Agrees
        to 1e-8 with the dual problem solved in R by another method.
    """
    cov = np.asarray(cov, dtype=np.float64)
    total = summed(cov)
    r = correlations(cov)
    variance = np.diagonal(cov, axis1=-2, axis2=-1)
    scale = np.asarray(variance.mean(axis=-1))
    usable = np.where(np.isfinite(total)[..., None, None] & np.isfinite(r), cov, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = usable / scale[..., None, None]
    errors, gap = each(_largest_errors, usable)
    errors = errors * scale[..., None]
    return GreatestLowerBound(
        np.asarray(1 - errors.sum(axis=-1) / total), errors, np.asarray(gap * scale / total)
    )


def _largest_errors(cov: Floats) -> tuple[Floats, Floats]:
    """Return the largest error variances [b, k] and how far below the optimum they may be [b]."""
    b, k = cov.shape[:2]
    spread = unpredicted(correlations(cov))
    live = np.flatnonzero(np.isfinite(spread).all(axis=-1))
    errors, gap = np.full((b, k), np.nan), np.full(b, np.nan)
    at = np.arange(k)
    variance = cov[:, at, at]
    # C - Theta stays positive definite below the smallest root of the correlations.
    smallest = np.linalg.eigvalsh(correlations(cov[live]))[:, 0]
    theta = np.array(0.5 * variance[live] * smallest[:, None])
    dual = np.zeros((len(live), k, k))
    dual[:, at, at] = 2.0
    slack = np.ones((len(live), k))
    for _ in range(ROUNDS):
        true = with_diagonal(cov[live], variance[live] - theta)
        distance = _distance(cov[live], dual, theta)
        done = distance <= GAP * cov[live].sum(axis=(-2, -1))
        errors[live], gap[live] = theta, distance
        if done.all():
            break
        live, theta, dual, slack, true = (a[~done] for a in (live, theta, dual, slack, true))
        theta, dual, slack = _centred(true, theta, dual, slack)
    bad = gap > 10 * GAP * cov.sum(axis=(-2, -1))
    errors[bad], gap[bad] = np.nan, np.nan
    return errors, gap


def _distance(cov: Floats, dual: Floats, theta: Floats) -> Floats:
    """Return tr(CX) - sum theta, with X the dual point scaled to a diagonal of 1 or more."""
    diagonal = np.diagonal(dual, axis1=-2, axis2=-1)
    grow = np.maximum(1.0, 1 / np.sqrt(diagonal))
    feasible = dual * grow[:, :, None] * grow[:, None, :]
    distance: Floats = (cov * feasible).sum(axis=(-2, -1)) - theta.sum(axis=-1)
    return distance


def _centred(true: Floats, theta: Floats, dual: Floats, slack: Floats) -> tuple[Floats, ...]:
    """Return theta, dual and slack after one predictor-corrector step.

    `true` is C - Theta, `dual` the multiplier X of its being definite, `slack` that of theta
    being positive; diag X - slack = 1 throughout.
    """
    k = theta.shape[-1]
    half, inverse = _roots(true)
    dual_half, _ = _roots(dual)
    weight = dual * inverse
    system = with_diagonal(weight, np.diagonal(weight, axis1=-2, axis2=-1) + slack / theta)

    def direction(mu: Floats, twist: Floats, bend: Floats) -> tuple[Floats, Floats, Floats]:
        own = np.diagonal(inverse, axis1=-2, axis2=-1)
        wanted = 1 + mu[:, None] * (1 / theta - own) - bend / theta
        step = solved(system, wanted - np.diagonal(twist, axis1=-2, axis2=-1))
        turned = (dual * step[:, None, :]) @ inverse + twist
        turned = (turned + turned.transpose(0, 2, 1)) / 2 - dual
        turned = turned + mu[:, None, None] * inverse
        return step, turned, (mu[:, None] - bend - slack * step) / theta - slack

    def lengths(step: Floats, turned: Floats, change: Floats) -> tuple[Floats, Floats]:
        shrunk = -(half * step[:, None, :]) @ half.transpose(0, 2, 1)
        grown = dual_half @ turned @ dual_half.transpose(0, 2, 1)
        primal = np.minimum(_longest(shrunk), _ratio(theta, step))
        return primal, np.minimum(_longest(grown), _ratio(slack, change))

    nothing = np.zeros(len(theta))
    mu = ((true * dual).sum(axis=(-2, -1)) + (slack * theta).sum(axis=-1)) / (2 * k)
    step, turned, change = direction(nothing, np.zeros_like(dual), np.zeros_like(theta))
    forth, back = (np.minimum(1.0, a) for a in lengths(step, turned, change))
    ahead = with_diagonal(true, np.diagonal(true, axis1=-2, axis2=-1) - forth[:, None] * step)
    reached = (ahead * (dual + back[:, None, None] * turned)).sum(axis=(-2, -1))
    moved = (slack + back[:, None] * change) * (theta + forth[:, None] * step)
    left = np.clip((reached + moved.sum(axis=-1)) / (2 * k) / mu, 1e-6, 1.0)
    twist = (turned * step[:, None, :]) @ inverse
    step, turned, change = direction(mu * left**3, twist, change * step)
    forth, back = (np.minimum(1.0, 0.95 * a) for a in lengths(step, turned, change))
    return (
        theta + forth[:, None] * step,
        dual + back[:, None, None] * turned,
        slack + back[:, None] * change,
    )


def _roots(matrix: Floats) -> tuple[Floats, Floats]:
    """Return a root of the inverse [b, k, k] (its square, from the left, undoes it), and that."""
    roots, axes = np.linalg.eigh(matrix)
    roots = np.maximum(roots, 1e-300)
    half = axes.transpose(0, 2, 1) / np.sqrt(roots)[:, :, None]
    return half, half.transpose(0, 2, 1) @ half


def _longest(change: Floats) -> Floats:
    """Return how far a definite matrix may go this way, in the metric in which it is 1."""
    lowest = np.linalg.eigvalsh((change + change.transpose(0, 2, 1)) / 2)[:, 0]
    return np.where(lowest < 0, -1 / np.minimum(lowest, -1e-300), np.inf)


def _ratio(value: Floats, change: Floats) -> Floats:
    ratio = np.where(change < 0, -value / np.minimum(change, -1e-300), np.inf)
    return np.asarray(ratio.min(axis=-1))


ESTIMANDS: Mapping[str, str] = {
    "lambda1": "no model; sum of covariances / observed variance of the sum; raw items",
    "lambda2": (
        "no model; sum of covariances + sqrt(k/(k-1) sum of their squares) / "
        "observed variance of the sum; raw items"
    ),
    "lambda3": "no model; k/(k-1) sum of covariances / observed variance of the sum; raw items",
    "lambda4": (
        "no model; 4 covariance of the two best parts / observed variance of the sum; raw items"
    ),
    "lambda5": (
        "no model; sum of covariances + 2 sqrt(largest column sum of their squares) / "
        "observed variance of the sum; raw items"
    ),
    "lambda6": (
        "no model; variance of the sum - variances that other items do not predict / "
        "observed variance of the sum; raw items"
    ),
    "glb": ("no model; least variance of true scores / observed variance of the sum; raw items"),
}
"""For each function here: model; numerator / denominator; metric of the items."""
