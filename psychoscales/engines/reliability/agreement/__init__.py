"""Agreement of occasions and raters: arrays [n, r] in, estimates with intervals out.

A row is a target (a person), a column a rater or an occasion, NaN a rating that is not there.
Numbers: `icc`, `measurement_error`, `limits_of_agreement`, `krippendorff_alpha`. Categories,
numbered from 0 in order: `cohen_kappa`, `fleiss_kappa`, `gwet_ac`, `krippendorff_alpha`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.agreement.chance import fleiss_kappa, gwet_ac
from psychoscales.engines.reliability.agreement.error import measurement_error
from psychoscales.engines.reliability.agreement.intraclass import FORMS, icc
from psychoscales.engines.reliability.agreement.kappa import cohen_kappa
from psychoscales.engines.reliability.agreement.krippendorff import krippendorff_alpha
from psychoscales.engines.reliability.agreement.limits import Limits, limits_of_agreement
from psychoscales.results import Estimate

__all__ = [
    "CATEGORICAL",
    "FORMS",
    "Categorical",
    "Limits",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac",
    "icc",
    "krippendorff_alpha",
    "limits_of_agreement",
    "measurement_error",
]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Categorical:
    """A coefficient of agreement on categories.

    Attributes:
        estimate: from ratings [n, r], the number of categories, level and seed.
        ordered: whether it is only about categories that have an order.
        pairs: whether it is of two occasions only.
    """

    estimate: Callable[[Floats, int, float, int | None], Estimate]
    ordered: bool = False
    pairs: bool = False


def _cohen(weights: str) -> Categorical:
    return Categorical(
        lambda x, c, level, _: cohen_kappa(x, c, weights=weights, level=level),
        weights != "identity",
        pairs=True,
    )


def _gwet(weights: str) -> Categorical:
    return Categorical(
        lambda x, c, level, _: gwet_ac(x, c, weights=weights, level=level), weights != "identity"
    )


def _krippendorff(metric: str) -> Categorical:
    return Categorical(
        lambda x, _, level, seed: krippendorff_alpha(x, metric=metric, level=level, seed=seed),
        metric != "nominal",
    )


CATEGORICAL: Mapping[str, Categorical] = {
    "kappa": _cohen("identity"),
    "kappa_linear": _cohen("linear"),
    "kappa_quadratic": _cohen("quadratic"),
    "kappa_fleiss": Categorical(lambda x, c, level, _: fleiss_kappa(x, c, level=level)),
    "ac1": _gwet("identity"),
    "ac2_linear": _gwet("linear"),
    "ac2_quadratic": _gwet("quadratic"),
    "krippendorff_nominal": _krippendorff("nominal"),
    "krippendorff_ordinal": _krippendorff("ordinal"),
}
