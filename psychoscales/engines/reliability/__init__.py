"""Internal consistency: the coefficients, in the order in which people see them."""

from __future__ import annotations

from collections.abc import Mapping

from psychoscales.engines.reliability.alpha import (
    alpha,
    alpha_gradient,
    alpha_standardized,
    alpha_standardized_gradient,
)
from psychoscales.engines.reliability.coefficient import Coefficient

COEFFICIENTS: Mapping[str, Coefficient] = {
    "alpha": Coefficient("alpha", alpha, alpha_gradient, feldt=True),
    "alpha_standardized": Coefficient(
        "alpha_standardized", alpha_standardized, alpha_standardized_gradient
    ),
}
INTERVALS = ("distribution_free", "feldt")
