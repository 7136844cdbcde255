"""Internal consistency: the coefficients, in the order in which people see them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from types import MappingProxyType

from psychoscales.engines.reliability import alpha, bounds, halves, hierarchical, omega
from psychoscales.engines.reliability.coefficient import Coefficient
from psychoscales.engines.reliability.reasons import (
    no_inverse,
    no_likelihood,
    no_minres,
    no_schmid_leiman,
)

GROUPS = 3
"""Group factors of the Schmid-Leiman coefficients, unless others are asked for."""
DEFAULT = ("alpha", "kr20", "alpha_standardized", "inter_item_r_mean", "omega_total_ml")
ONE_FACTOR = 3
SPLITS, GLB, SCHMID_LEIMAN = 14, 12, 16
"""Items with which 2,000 resamples take a few seconds."""
ESTIMANDS = {
    **alpha.ESTIMANDS,
    **bounds.ESTIMANDS,
    **halves.ESTIMANDS,
    **omega.ESTIMANDS,
    **hierarchical.ESTIMANDS,
}


@cache
def coefficients(groups: int = GROUPS) -> Mapping[str, Coefficient]:
    """Return every coefficient by its id; `groups` is the number of group factors of some."""
    return MappingProxyType({each.id: each for each in (*SIMPLE, *_hierarchical(groups))})


SIMPLE = (
    Coefficient("alpha", ESTIMANDS["alpha"], alpha.alpha, alpha.alpha_gradient),
    Coefficient("kr20", ESTIMANDS["kr20"], alpha.alpha, alpha.alpha_gradient),
    Coefficient(
        "alpha_standardized",
        ESTIMANDS["alpha_standardized"],
        alpha.alpha_standardized,
        alpha.alpha_standardized_gradient,
        standardized=True,
    ),
    Coefficient(
        "inter_item_r_mean",
        ESTIMANDS["inter_item_r_mean"],
        alpha.inter_item_r_mean,
        alpha.inter_item_r_mean_gradient,
        standardized=True,
    ),
    *(
        Coefficient(name, ESTIMANDS[name], value, standardized=True, smooth=False)
        for name, value in (
            ("inter_item_r_min", alpha.inter_item_r_min),
            ("inter_item_r_max", alpha.inter_item_r_max),
        )
    ),
    *(
        Coefficient(name, ESTIMANDS[name], value)
        for name, value in (
            ("lambda1", bounds.lambda1),
            ("lambda2", bounds.lambda2),
            ("lambda3", bounds.lambda3),
        )
    ),
    Coefficient("lambda4", ESTIMANDS["lambda4"], bounds.lambda4, smooth=False, resampled=SPLITS),
    Coefficient("lambda5", ESTIMANDS["lambda5"], bounds.lambda5, smooth=False),
    Coefficient("lambda6", ESTIMANDS["lambda6"], bounds.lambda6, standardized=True, why=no_inverse),
    Coefficient("glb", ESTIMANDS["glb"], bounds.glb, smooth=False, resampled=GLB),
    *(
        Coefficient(name, ESTIMANDS[name], value)
        for name, value in (
            ("split_half_first_last", halves.split_half_first_last),
            ("split_half_first_last_guttman", halves.split_half_first_last_guttman),
            ("split_half_odd_even", halves.split_half_odd_even),
            ("split_half_odd_even_guttman", halves.split_half_odd_even_guttman),
        )
    ),
    *(
        Coefficient(name, ESTIMANDS[name], value, smooth=False, resampled=SPLITS)
        for name, value in (
            ("split_half_min", halves.split_half_min),
            ("split_half_mean", halves.split_half_mean),
            ("split_half_max", halves.split_half_max),
        )
    ),
    Coefficient(
        "omega_total_ml",
        ESTIMANDS["omega_total_ml"],
        omega.omega_total_ml,
        omega.omega_total_ml_gradient,
        standardized=True,
        fewest=ONE_FACTOR,
        why=no_likelihood,
    ),
    *(
        Coefficient(name, ESTIMANDS[name], value, standardized=True, fewest=ONE_FACTOR, why=why)
        for name, value, why in (
            ("omega_total_ml_model", omega.omega_total_ml_model, no_likelihood),
            ("omega_total_minres", omega.omega_total_minres, no_minres),
            ("composite_reliability", omega.composite_reliability, no_likelihood),
            ("coefficient_h", omega.coefficient_h, no_likelihood),
        )
    ),
)


def _hierarchical(groups: int) -> tuple[Coefficient, ...]:
    return tuple(
        Coefficient(
            name,
            f"{ESTIMANDS[name]}; {groups} group factors",
            partial(value, groups=groups),
            standardized=True,
            resampled=SCHMID_LEIMAN,
            fewest=ONE_FACTOR,
            why=partial(no_schmid_leiman, groups=groups),
        )
        for name, value in (
            ("omega_hierarchical", hierarchical.omega_hierarchical),
            ("omega_total_sl", hierarchical.omega_total_sl),
            ("omega_limit", hierarchical.omega_limit),
            ("explained_common_variance", hierarchical.explained_common_variance),
        )
    )


COEFFICIENTS = coefficients()
