"""Three nested proportional-odds models of one item: matching score, group, their product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psychoscales.engines.validity.dif.ordinal_logistic import (
    ProportionalOdds,
    null_loglik,
    proportional_odds,
)
from psychoscales.engines.validity.dif.tables import ItemTable
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
MODELS = ("matching", "group", "interaction")


class RSquared(NamedTuple):
    """Three pseudo R2 of a model against thresholds alone, or the changes of these."""

    mcfadden: float
    nagelkerke: float
    cox_snell: float


class Term(NamedTuple):
    """One parameter of a model, of the matching score in its own units."""

    name: str
    estimate: float
    se: float


@dataclass(frozen=True, eq=False)
class Model:
    """One of the three models.

    Attributes:
        fit: of the standardized matching score.
        terms: names of its predictors.
        centre, scale: mean and standard deviation that the score was standardized by.
        groups: how many there are.
        values: of the item's answers.
        r_squared: against thresholds alone.
    """

    fit: ProportionalOdds
    terms: tuple[str, ...]
    centre: float
    scale: float
    groups: int
    values: Floats
    r_squared: RSquared

    @property
    def separation(self) -> str | None:
        """What has no estimate, because answers are told apart; None where all have one."""
        if not self.fit.separated:
            return None
        return (
            f"separation: {', '.join(self.fit.separated)} can grow without bound, because answers "
            "are told apart without error; there is no maximum likelihood estimate"
        )

    def parameters(self) -> list[Term]:
        """Return thresholds and coefficients, of the matching score in its own units."""
        size, own = len(self.fit.thresholds), len(self.terms)
        turn = np.eye(size + own)
        turn[:size, size] = self.centre / self.scale
        turn[size, size] = 1 / self.scale
        focal = self.groups - 1
        for at in range(focal if own > self.groups else 0):
            product = size + 1 + focal + at
            turn[product, product] = 1 / self.scale
            turn[size + 1 + at, product] = -self.centre / self.scale
        estimates = turn @ np.concatenate([self.fit.thresholds, self.fit.coefficients])
        errors = np.sqrt(np.diag(turn @ self.fit.covariance @ turn.T))
        names = [*(f"threshold {at}" for at in range(1, size + 1)), *self.terms]
        return [
            Term(name, float(estimate), float(error))
            for name, estimate, error in zip(names, estimates, errors, strict=True)
        ]

    def expected(self, scores: Floats) -> Floats:
        """Return the expected answer of each group at matching scores [S, G]."""
        x = (scores - self.centre) / self.scale
        design = _design(x, self.groups)[:, : len(self.terms)]
        found = self.fit.expected(design, self.values)
        return found.reshape(len(scores), self.groups)


@dataclass(frozen=True, eq=False)
class Nested:
    """The three models of one item.

    Attributes:
        matching, group, interaction: each has the terms of those before it.
        n: people.
    """

    matching: Model
    group: Model
    interaction: Model
    n: int

    @property
    def beta_change(self) -> float | None:
        """Relative change of the matching score's coefficient when the group comes in."""
        if self.group.fit.separated:
            return None
        before = float(self.matching.fit.coefficients[0])
        return abs((float(self.group.fit.coefficients[0]) - before) / before)


def nested_models(table: ItemTable, groups: tuple[str, ...]) -> Nested:
    """Fit the three models to one item's counts.

    Where the group, or its product with the score, tells answers apart without error, its model
    has the supremum of the log likelihood, and tests stand; its estimates do not.

    Raises:
        RefusalError: a model cannot be fitted, or the matching score alone tells answers apart;
            the message names the model.

    Source:
        Zumbo BD. A Handbook on the Theory and Methods of Differential Item Functioning. Ottawa:
        Directorate of Human Resources Research and Evaluation, 1999. Crane PK, van Belle G,
        Larson EB. Stat Med 2004;23:241-256. doi:10.1002/sim.1713 (beta change).
    """
    counts = table.counts.astype(np.float64)
    sizes = counts.sum(axis=(1, 2))
    n = float(sizes.sum())
    centre = float(sizes @ table.scores / n)
    scale = float(np.sqrt(sizes @ (table.scores - centre) ** 2 / n))
    if scale == 0:
        raise RefusalError("everybody has the same matching score")
    design = _design((table.scores - centre) / scale, len(groups))
    cells = counts.reshape(-1, counts.shape[2])
    focal = groups[1:]
    terms = ("matching", *focal, *(f"matching x {name}" for name in focal))
    null = null_loglik(cells)
    models: list[Model] = []
    for name, own in zip(MODELS, (1, len(groups), len(terms)), strict=True):
        try:
            fit = proportional_odds(cells, design[:, :own], terms[:own])
        except RefusalError as refusal:
            raise RefusalError(f"model {name}: {refusal}") from None
        explained = _r_squared(null, fit.loglik, n)
        models.append(Model(fit, terms[:own], centre, scale, len(groups), table.values, explained))
        if name == MODELS[0] and models[0].separation is not None:
            raise RefusalError(f"model {name}: {models[0].separation}")
    return Nested(models[0], models[1], models[2], int(n))


def _design(x: Floats, groups: int) -> Floats:
    """Return score, groups and products for each score and group [S G, 2 G - 1]."""
    score = np.repeat(x, groups)[:, None]
    dummies = np.tile(np.eye(groups)[:, 1:], (len(x), 1))
    return np.hstack([score, dummies, score * dummies])


def _r_squared(null: float, loglik: float, n: float) -> RSquared:
    r"""Return McFadden's, Nagelkerke's and Cox and Snell's R2.

    .. math::
        1 - \ell / \ell_0, \qquad \frac{1 - e^{2 (\ell_0 - \ell) / n}}{1 - e^{2 \ell_0 / n}},
        \qquad 1 - e^{2 (\ell_0 - \ell) / n}
    """
    cox_snell = -float(np.expm1(2 * (null - loglik) / n))
    return RSquared(1 - loglik / null, cox_snell / -float(np.expm1(2 * null / n)), cox_snell)
