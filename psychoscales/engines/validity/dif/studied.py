"""One studied item, and what each test of differential item functioning says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import chi2

from psychoscales.engines.validity.dif import classes
from psychoscales.engines.validity.dif.generalized import (
    Association,
    general_association,
    mantel,
    mean_difference,
)
from psychoscales.engines.validity.dif.liu_agresti import liu_agresti
from psychoscales.engines.validity.dif.mantel_haenszel import DELTA, mantel_haenszel
from psychoscales.engines.validity.dif.nested import Model, Nested, RSquared, nested_models
from psychoscales.engines.validity.dif.tables import Answers, Counts, ItemTable, Matching


@dataclass(frozen=True)
class Found:
    """What one test found of one item.

    Attributes:
        statistic, df, p: chi-square, its degrees of freedom, and the p-value as it is.
        effect, effect_name, se: size of the difference, what it is, its standard error.
        odds_ratio: of the reference to the focal group, where there is one.
        dif_class, rule: class of the effect, and by which published rule.
        zumbo_thomas: a second class, of the test of both group terms.
        higher: which group has the higher answers; None for more than two groups.
        change: of pseudo R2, for the logistic tests.
        beta_change: relative change of the matching score's coefficient.
        n: people in strata that compare anybody; for the logistic tests everybody.
        strata: of the stratified tests.
        note: what a reader should know.
    """

    statistic: float
    df: int
    p: float
    n: int
    effect: float | None = None
    effect_name: str | None = None
    se: float | None = None
    odds_ratio: float | None = None
    dif_class: str | None = None
    rule: str | None = None
    zumbo_thomas: str | None = None
    higher: str | None = None
    change: RSquared | None = None
    beta_change: float | None = None
    strata: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Design:
    """How items are compared.

    Attributes:
        anchors: items of the matching score.
        matching: "total" or "rest".
        pool: fewest people of each group in a stratum; None pools nothing.
    """

    anchors: tuple[str, ...]
    matching: Matching
    pool: int | None = None


@dataclass(frozen=True, eq=False)
class Studied:
    """Counts of one item; everything else is worked out when first asked for.

    Attributes:
        item: its name.
        groups: names of the groups, the reference group first.
        table: its counts.
        pool: fewest people of each group in a stratum of the stratified tests, or None.
    """

    item: str
    groups: tuple[str, ...]
    table: ItemTable
    pool: int | None = None

    @classmethod
    def of(cls, answers: Answers, item: str, design: Design) -> Studied:
        """Count one item."""
        table = answers.table(item, design.anchors, design.matching)
        return cls(item, answers.groups, table, design.pool)

    @cached_property
    def strata(self) -> Counts:
        """The counts of the stratified tests [S, G, J]."""
        return self.table.pooled(self.pool)

    @cached_property
    def nested(self) -> Nested:
        """The three ordinal logistic models."""
        return nested_models(self.table, self.groups)

    def higher(self, difference: float) -> str | None:
        """Return the group with the higher answers; `difference` is focal minus reference."""
        if len(self.groups) != 2 or difference == 0:
            return None
        return self.groups[1] if difference > 0 else self.groups[0]


Test = Callable[[Studied], Found]


def _mantel_haenszel(studied: Studied, corrected: bool) -> Found:
    found = mantel_haenszel(studied.strata)
    statistic = found.chisq_corrected if corrected else found.chisq
    p = float(chi2.sf(statistic, 1))
    if found.delta is None or found.se_delta is None:
        note = "the common odds ratio is 0 or infinite: there is no MH D-DIF"
        return Found(statistic, 1, p, found.n, strata=found.strata, note=note)
    return Found(
        statistic,
        1,
        p,
        found.n,
        effect=found.delta,
        effect_name="mh_d_dif",
        se=found.se_delta,
        odds_ratio=found.alpha,
        dif_class=classes.ets_delta(found.delta, found.se_delta, p),
        rule="ets_delta",
        higher=studied.higher(found.delta),
        strata=found.strata,
    )


def _corrected(studied: Studied) -> Found:
    return _mantel_haenszel(studied, True)


def _uncorrected(studied: Studied) -> Found:
    return _mantel_haenszel(studied, False)


def _mantel(studied: Studied) -> Found:
    values = studied.table.values
    found = mantel(studied.strata, values)
    p = float(chi2.sf(found.chisq, found.df))
    if len(studied.groups) != 2:
        return _plain(found, p)
    size = mean_difference(studied.strata, values)
    return Found(
        found.chisq,
        found.df,
        p,
        found.n,
        effect=size.smd,
        effect_name="smd",
        se=size.se,
        dif_class=classes.ets_smd(size.standardized, p),
        rule="ets_smd",
        higher=studied.higher(size.smd),
        strata=found.strata,
    )


def _general(studied: Studied) -> Found:
    found = general_association(studied.strata)
    return _plain(found, float(chi2.sf(found.chisq, found.df)))


def _plain(found: Association, p: float) -> Found:
    note = None
    if found.df < found.full_df:
        note = (
            f"{found.df} df, not {found.full_df}: an answer is only given at matching scores that "
            "compare nobody; pool neighbouring scores (pool=) to have it tested"
        )
    return Found(found.chisq, found.df, p, found.n, strata=found.strata, note=note)


def _liu_agresti(studied: Studied) -> Found:
    found = liu_agresti(studied.strata)
    statistic = (found.log / found.se_log) ** 2
    p = float(chi2.sf(statistic, 1))
    return Found(
        statistic,
        1,
        p,
        found.n,
        effect=found.log,
        effect_name="log_odds_ratio",
        se=found.se_log,
        odds_ratio=found.odds_ratio,
        dif_class=classes.ets_delta(DELTA * found.log, abs(DELTA) * found.se_log, p),
        rule="ets_delta",
        higher=studied.higher(-found.log),
        strata=found.strata,
    )


def _logistic(studied: Studied, small: Model, large: Model) -> Found:
    statistic = max(2 * (large.fit.loglik - small.fit.loglik), 0.0)
    df = len(large.terms) - len(small.terms)
    p = float(chi2.sf(statistic, df))
    change = RSquared(*np.subtract(large.r_squared, small.r_squared).tolist())
    return Found(
        statistic,
        df,
        p,
        studied.nested.n,
        effect=change.nagelkerke,
        effect_name="nagelkerke_change",
        dif_class=classes.jodoin_gierl(change.nagelkerke, p),
        rule="jodoin_gierl",
        change=change,
        note=_separation(small, large),
    )


def _separation(small: Model, large: Model) -> str | None:
    why = large.separation or small.separation
    return None if why is None else f"{why}; the test compares the bounds of the likelihoods"


def _uniform(studied: Studied) -> Found:
    models = studied.nested
    found = _logistic(studied, models.matching, models.group)
    own: dict[str, object] = {"beta_change": models.beta_change}
    if len(studied.groups) == 2:
        slope = float(models.group.fit.coefficients[1])
        own["higher"] = studied.higher(slope)
        if models.group.separation is None:
            own["odds_ratio"] = float(np.exp(-slope))
    return Found(**{**vars(found), **own})


def _nonuniform(studied: Studied) -> Found:
    return _logistic(studied, studied.nested.group, studied.nested.interaction)


def _total(studied: Studied) -> Found:
    found = _logistic(studied, studied.nested.matching, studied.nested.interaction)
    second = classes.zumbo_thomas(found.effect or 0.0, found.p)
    return Found(**{**vars(found), "zumbo_thomas": second})


TESTS: Mapping[str, Test] = {
    "mantel_haenszel_corrected": _corrected,
    "mantel_haenszel_uncorrected": _uncorrected,
    "mantel": _mantel,
    "liu_agresti": _liu_agresti,
    "generalized_mantel_haenszel": _general,
    "logistic_uniform": _uniform,
    "logistic_nonuniform": _nonuniform,
    "logistic_total": _total,
}
LOGISTIC = ("logistic_uniform", "logistic_nonuniform", "logistic_total")
DICHOTOMOUS = ("mantel_haenszel_corrected", "mantel_haenszel_uncorrected")


def default_tests(groups: int, answers: Sequence[int]) -> tuple[str, ...]:
    """Return the tests for so many groups, and items with so many options each.

    Two groups: Mantel-Haenszel where all items have two options, else Mantel and Liu-Agresti.
    More groups: Mantel and the generalised one. The logistic tests always.
    """
    if groups > 2:
        return ("mantel", "generalized_mantel_haenszel", *LOGISTIC)
    if max(answers) == 2:
        return (DICHOTOMOUS[0], *LOGISTIC)
    return ("mantel", "liu_agresti", *LOGISTIC)


def is_flagged(found: Found, p: float, flag: str, alpha: float) -> bool:
    """Return whether an item counts as having DIF: by its class, or by `p` below `alpha`."""
    if flag == "class":
        return found.dif_class is not None and found.dif_class not in classes.NEGLIGIBLE
    return p < alpha
