"""Internal consistency: the coefficients, in the order in which people see them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from types import MappingProxyType

from psychoscales.engines.reliability import (
    alpha,
    bounds,
    categorical,
    full_information,
    halves,
    hierarchical,
    omega,
)
from psychoscales.engines.reliability.coefficient import ANY, Coefficient
from psychoscales.engines.reliability.estimation import Kind
from psychoscales.engines.reliability.full_information import BY_FULL_INFORMATION
from psychoscales.engines.reliability.ordinal_coefficient import OrdinalCoefficient
from psychoscales.engines.reliability.reasons import (
    no_bound,
    no_half,
    no_inverse,
    no_likelihood,
    no_minres,
    no_polychoric_minres,
    no_schmid_leiman,
    no_wlsmv,
)

GROUPS = 3
"""Group factors of the Schmid-Leiman coefficients, unless others are asked for."""
DEFAULT = ("alpha", "kr20", "alpha_standardized", "inter_item_r_mean", "omega_total_ml")
ONE_FACTOR = 3
SPLITS, GLB, SCHMID_LEIMAN = 14, 12, 16
"""Items with which 2,000 resamples take a few seconds."""
CATEGORICAL = 24
"""Items with which 2,000 resamples of polychoric correlations and their factor still take less
than a minute."""
DIFFERENCED = 25
"""Items with which the differences of a Schmid-Leiman coefficient take a few seconds."""
ESTIMANDS = {
    **alpha.ESTIMANDS,
    **bounds.ESTIMANDS,
    **halves.ESTIMANDS,
    **omega.ESTIMANDS,
    **full_information.ESTIMANDS,
    **categorical.ESTIMANDS,
    **hierarchical.ESTIMANDS,
}


@cache
def registered(
    groups: int = GROUPS, splits: int | None = None, seed: int = 1
) -> Mapping[str, Kind]:
    """Return every coefficient by its id, in the order in which people see them.

    Args:
        groups: how many group factors the Schmid-Leiman coefficients have.
        splits: how many random splits `split_half_min`, `_mean` and `_max` are of; None: all.
        seed: of these splits.
    """
    every: tuple[Kind, ...] = (
        *WITHOUT_MODEL,
        *_of_splits(splits, seed),
        *ONE,
        *BY_FULL_INFORMATION,
        *ORDINAL,
        *_hierarchical(groups),
    )
    return MappingProxyType({each.id: each for each in every})


@cache
def coefficients(
    groups: int = GROUPS, splits: int | None = None, seed: int = 1
) -> Mapping[str, Coefficient]:
    """Return those of `registered` that are functions of covariances."""
    every = registered(groups, splits, seed)
    of_covariances = {name: one for name, one in every.items() if isinstance(one, Coefficient)}
    return MappingProxyType(of_covariances)


WITHOUT_MODEL = (
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
    Coefficient(
        "lambda6",
        ESTIMANDS["lambda6"],
        bounds.lambda6,
        bounds.lambda6_gradient,
        standardized=True,
        why=no_inverse,
    ),
    Coefficient(
        "glb",
        ESTIMANDS["glb"],
        bounds.glb,
        standardized=True,
        smooth=False,
        resampled=GLB,
        why=no_bound,
    ),
    *(
        Coefficient(name, ESTIMANDS[name], value, why=no_half)
        for name, value in (
            ("split_half_first_last", halves.split_half_first_last),
            ("split_half_first_last_guttman", halves.split_half_first_last_guttman),
            ("split_half_odd_even", halves.split_half_odd_even),
            ("split_half_odd_even_guttman", halves.split_half_odd_even_guttman),
        )
    ),
)


def _of_splits(count: int | None, seed: int) -> tuple[Coefficient, ...]:
    """All splits are too many for thousands of resamples sooner than for one matrix."""
    of = "all splits" if count is None else f"{count:,} random splits"
    return tuple(
        Coefficient(
            name,
            ESTIMANDS[name].replace("all splits", of),
            partial(value, count=count, seed=seed),
            smooth=False,
            resampled=SPLITS if count is None else ANY,
            seed=None if count is None else seed,
        )
        for name, value in (
            ("split_half_min", halves.split_half_min),
            ("split_half_mean", halves.split_half_mean),
            ("split_half_max", halves.split_half_max),
        )
    )


ONE = tuple(
    Coefficient(
        name, ESTIMANDS[name], value, gradient, standardized=True, fewest=ONE_FACTOR, why=why
    )
    for name, value, gradient, why in (
        ("omega_total_ml", omega.omega_total_ml, omega.omega_total_ml_gradient, no_likelihood),
        (
            "omega_total_ml_model",
            omega.omega_total_ml_model,
            omega.omega_total_ml_model_gradient,
            no_likelihood,
        ),
        (
            "omega_total_minres",
            omega.omega_total_minres,
            omega.omega_total_minres_gradient,
            no_minres,
        ),
        (
            "composite_reliability",
            omega.composite_reliability,
            omega.composite_reliability_gradient,
            no_likelihood,
        ),
        ("coefficient_h", omega.coefficient_h, omega.coefficient_h_gradient, no_likelihood),
        ("ave", omega.ave, omega.ave_gradient, no_likelihood),
    )
)
"""Of one common factor."""
ORDINAL = (
    OrdinalCoefficient("alpha_ordinal", ESTIMANDS["alpha_ordinal"], categorical.alpha_ordinal),
    *(
        OrdinalCoefficient(
            name, ESTIMANDS[name], value, metric, CATEGORICAL, fewest=ONE_FACTOR, why=why
        )
        for name, value, metric, why in (
            ("omega_categorical", categorical.omega_categorical, "raw", no_wlsmv),
            ("omega_categorical_model", categorical.omega_categorical_model, "raw", no_wlsmv),
            ("omega_latent_response", categorical.omega_latent_response, "polychoric", no_wlsmv),
            (
                "omega_total_minres_polychoric",
                categorical.omega_total_minres_polychoric,
                "polychoric",
                no_polychoric_minres,
            ),
        )
    ),
)
"""Of thresholds and polychoric correlations."""


def _hierarchical(groups: int) -> tuple[Coefficient, ...]:
    return tuple(
        Coefficient(
            name,
            f"{ESTIMANDS[name]}; {groups} group factors",
            partial(value, groups=groups),
            standardized=True,
            resampled=SCHMID_LEIMAN,
            differenced=DIFFERENCED,
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
"""Those that are functions of covariances."""
EVERY = registered()
"""All of them."""
