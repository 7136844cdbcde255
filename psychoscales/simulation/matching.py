"""A cohort of people, answer by answer, that has the numbers an article prints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from psychoscales.simulation.arranging import Flags, Floats, Goals, Indices, arrange, by_rank, start
from psychoscales.simulation.totals import Integers, integers, sheets

R_TOLERANCE = 0.0005
BETA_TOLERANCE = 0.001
AMONG_TOLERANCE = 0.02
PREDICTOR_TOLERANCE = 0.002
SD_TOLERANCE = 0.004
SWEEPS = 4
ROUNDS = 3
ENOUGH = 0.9
EASE = (1.0, 1.5, 2.0, 3.0, 5.0)


@dataclass(frozen=True)
class Predictor:
    """A variable with a frequency table; who is not in the table has not answered.

    Attributes:
        name: of the column.
        codes: of the options, as numbers.
        counts: of people, in the order of the codes.
    """

    name: str
    codes: tuple[int, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Score:
    """A sum or mean of items, answered by everybody.

    Attributes:
        name: of the score.
        items: names of the columns.
        limits: lowest and highest answer of an item.
        mean: as printed.
        sd: as printed, n - 1.
        easiness: [items] how readily each is endorsed, in the score's direction.
        noise: [items] how much each has of its own; about 1.
        alpha: to aim for.
        reverse: items stored the other way round (lowest + highest - answer).
        averaged: whether mean and SD are of the mean of the items, not of their sum.
    """

    name: str
    items: tuple[str, ...]
    limits: tuple[int, int]
    mean: str
    sd: str
    easiness: tuple[float, ...]
    noise: tuple[float, ...]
    alpha: float
    reverse: frozenset[str] = frozenset()
    averaged: bool = False


@dataclass(frozen=True)
class Published:
    """What an article prints, and what has to be assumed where it prints nothing; NaN is free.

    Attributes:
        n: people.
        listwise: people who answered every predictor.
        predictors: p of them.
        scores: q of them.
        r: correlations [q, p], each over the people who answered the predictor.
        beta: standardized slopes [q, p] over the listwise people; a row is printed or NaN.
        score_sd: SD [q] of the scores over the listwise people.
        predictor_sd: SD [p] of the predictors over the listwise people.
        predictor_r: correlations [p, p] of the predictors over the listwise people.
        score_r: correlations [q, q] of the scores.
    """

    n: int
    listwise: int
    predictors: tuple[Predictor, ...]
    scores: tuple[Score, ...]
    r: Floats
    beta: Floats
    score_sd: Floats
    predictor_sd: Floats
    predictor_r: Floats
    score_r: Floats


@dataclass(frozen=True)
class Cohort:
    """The people: answers to predictors (NaN where missing), totals of scores, and items.

    Attributes:
        predictors: [n, p].
        totals: [n, q], sums of the items keyed in the score's direction.
        items: name -> answers as stored [n].
    """

    predictors: Floats
    totals: Integers
    items: dict[str, Integers]


def cohort(published: Published, seed: int) -> Cohort:
    """Return a cohort with the published numbers; the same one for the same seed.

    Frequencies, numbers of missing answers, and means and SDs of scores are exact. Correlations,
    slopes and alphas are as near as a search by exchanges brings them: measure them.

    Raises:
        ValueError: no people can have these frequencies, means and SDs.
    """
    generator = np.random.default_rng(seed)
    x = _predictors(published, generator)
    totals = _totals(published, x, generator)
    items: dict[str, Integers] = {}
    for number, score in enumerate(published.scores):
        low, high = score.limits
        keyed = sheets(
            totals[:, number],
            score.limits,
            np.array(score.easiness),
            np.array(score.noise),
            score.alpha,
            generator,
        )
        for name, answers in zip(score.items, keyed.T, strict=True):
            items[name] = low + high - answers if name in score.reverse else answers
    return Cohort(x, totals, items)


def variance_inflation(beta: Floats, t: Floats, r: Floats, df: int) -> Floats:
    r"""Return each predictor's variance inflation factor from printed slopes [q, p].

    For one outcome :math:`\mathrm{VIF}_j = (\beta_j / t_j)^2 \, df / (1 - R^2)` with
    :math:`R^2 = \sum_j \beta_j r_j`. Small slopes have few digits, so the outcomes are taken
    together as a ratio of sums:

    .. math::
       \sqrt{\mathrm{VIF}_j} = \frac{\sum_o |\beta_{oj}|}{\sum_o |t_{oj}| \sqrt{(1 - R_o^2) / df}}
    """
    rest = 1 - np.sum(beta * r, axis=1, keepdims=True)
    scaled = np.abs(t) * np.sqrt(rest / df)
    return np.asarray((np.abs(beta).sum(axis=0) / scaled.sum(axis=0)) ** 2, dtype=float)


def predictor_sds(B: Floats, beta: Floats, score_sd: Floats) -> Floats:
    r"""Return each predictor's SD [p] from printed slopes [q, p].

    .. math:: s_j = \frac{\sum_o |\beta_{oj}| s_o}{\sum_o |B_{oj}|}
    """
    scaled = np.abs(beta) * score_sd[:, None]
    return np.asarray(scaled.sum(axis=0) / np.abs(B).sum(axis=0), dtype=float)


def predictor_correlations(beta: Floats, r: Floats, inflation: Floats, first: Floats) -> Floats:
    r"""Return correlations R [p, p] of the predictors that printed slopes and correlations imply.

    Standardized least squares says :math:`R\beta = r` for every outcome and
    :math:`\operatorname{diag} R^{-1} = \mathrm{VIF}`. R is the least-squares solution with
    tolerances .004 on r, 1 % on VIF and, since that leaves directions open, .15 around `first`.

    Args:
        beta: standardized slopes [q, p].
        r: correlations [q, p].
        inflation: VIF [p].
        first: a guess [p, p], positive definite.
    """
    p = len(inflation)
    lower = np.tril_indices(p, -1)

    def matrix(values: Floats) -> Floats:
        R = np.eye(p)
        R[lower] = values
        return R + np.tril(R, -1).T

    def residuals(values: Floats) -> Floats:
        R = matrix(values)
        roots, vectors = np.linalg.eigh(R)
        inverse = np.sum(vectors**2 / np.maximum(roots, 1e-3), axis=1)
        return np.concatenate(
            [
                ((beta @ R - r) / 0.004).ravel(),
                np.log(inflation / inverse) / 0.01,
                (values - first[lower]) / 0.15,
                np.minimum(roots - 0.02, 0) / 0.005,
            ]
        )

    return matrix(np.asarray(least_squares(residuals, first[lower]).x, dtype=float))


def _answered(published: Published, generator: np.random.Generator) -> Flags:
    """Return who answered which predictor [n, p]: counts exact, incomplete people exact."""
    n, incomplete = published.n, published.n - published.listwise
    missing = [n - sum(predictor.counts) for predictor in published.predictors]
    if min(missing) < 0 or max(missing) > incomplete or sum(missing) < incomplete:
        raise ValueError(f"{incomplete} people cannot have {missing} missing answers")
    blank = np.zeros((incomplete, len(missing)), dtype=bool)
    for column, number in enumerate(missing):
        blank[generator.choice(incomplete, size=number, replace=False), column] = True
    for row in np.flatnonzero(~blank.any(axis=1)):
        spare = np.flatnonzero(blank.sum(axis=1) > 1)
        giver = generator.choice(spare)
        column = generator.choice(np.flatnonzero(blank[giver]))
        blank[giver, column], blank[row, column] = False, True
    answered = np.ones((n, len(missing)), dtype=bool)
    answered[generator.choice(n, size=incomplete, replace=False)] = ~blank
    return answered


def _predictors(published: Published, generator: np.random.Generator) -> Floats:
    """Return the predictors [n, p]: frequencies exact, correlations near `predictor_r`."""
    answered = _answered(published, generator)
    complete: Flags = np.all(answered, axis=1)
    x: Floats = np.full((published.n, len(published.predictors)), np.nan)
    latent = generator.multivariate_normal(
        np.zeros(x.shape[1]), published.predictor_r, size=published.n, method="cholesky"
    )
    for j, predictor in enumerate(published.predictors):
        values = np.repeat(np.array(predictor.codes, dtype=float), predictor.counts)
        x[answered[:, j], j] = by_rank(values, latent[answered[:, j], j])
    for _ in range(SWEEPS):
        for j in range(x.shape[1]):
            goals = _predictor_goals(published, x, complete, j)
            people = np.flatnonzero(answered[:, j])
            y = np.where(answered[:, j], x[:, j], 0.0)
            y = arrange(y, people, goals, generator, rounds=1, enough=0.5)
            x[people, j] = y[people]
    return x


def _weights(x: Floats, members: Flags) -> Floats:
    """Return w [n, m] with w'y / sd(y) the correlation of y with each column over members."""
    inside = x[members]
    centred = inside - inside.mean(axis=0)
    weights = np.zeros(x.shape)
    weights[members] = centred / (centred.std(axis=0, ddof=1) * (len(inside) - 1))
    return weights


def _predictor_goals(published: Published, x: Floats, complete: Flags, j: int) -> Goals:
    others = np.arange(x.shape[1]) != j
    k = int(others.sum())
    return Goals(
        weights=_weights(x[:, others], complete),
        group=np.zeros(k, dtype=np.intp),
        targets=published.predictor_r[j, others],
        tolerances=np.full(k, PREDICTOR_TOLERANCE),
        members=complete[:, None],
        sds=published.predictor_sd[[j]],
        sd_tolerances=SD_TOLERANCE * np.abs(published.predictor_sd[[j]]),
    )


def _totals(published: Published, x: Floats, generator: np.random.Generator) -> Integers:
    """Return the scores' totals [n, q]: means and SDs exact, correlations near."""
    n = published.n
    totals = np.empty((n, len(published.scores)))
    for number, score in enumerate(published.scores):
        k = len(score.items)
        drawn = integers(
            n,
            score.mean,
            score.sd,
            (k * score.limits[0], k * score.limits[1]),
            generator,
            k if score.averaged else 1,
        )
        y = drawn.astype(float)
        for ease in EASE:  # correlations first: where not all can hold, slopes give way
            goals = _score_goals(published, x, totals[:, :number], number, ease)
            if ease == EASE[0]:
                y = start(y, generator.standard_normal(n), goals)
            y = arrange(
                y, np.arange(n, dtype=np.intp), goals, generator, rounds=ROUNDS, enough=ENOUGH
            )
        totals[:, number] = y
    return totals.astype(np.int64)


def _score_goals(
    published: Published, x: Floats, before: Floats, number: int, ease: float
) -> Goals:
    """Return the goals of one score: r pairwise, beta listwise, r with the scores before it.

    Group j answered predictor j, group p all of them, group p + 1 is everybody. Standardized
    slopes are linear in y: R^-1 times the weights of the listwise correlations.
    """
    n, p = x.shape
    answered = ~np.isnan(x)
    complete: Flags = np.all(answered, axis=1)
    everybody = np.ones(n, dtype=bool)
    inside = _weights(x, complete)
    slopes = inside @ np.linalg.inv(np.corrcoef(x[complete].T))
    # weights, group, target, tolerance
    printed = [
        (_weights(x[:, [j]], answered[:, j])[:, 0], j, published.r[number, j], R_TOLERANCE)
        for j in range(p)
    ]
    printed += [
        (slopes[:, j], p, published.beta[number, j], ease * BETA_TOLERANCE) for j in range(p)
    ]
    printed += [
        (weights, p + 1, published.score_r[number, other], AMONG_TOLERANCE)
        for other, weights in enumerate(_weights(before, everybody).T)
    ]
    printed = [goal for goal in printed if not np.isnan(goal[2])]
    sds = np.full(p + 2, np.nan)
    score = published.scores[number]
    sds[p] = published.score_sd[number] * (len(score.items) if score.averaged else 1)
    return Goals(
        weights=np.column_stack([goal[0] for goal in printed]),
        group=np.array([goal[1] for goal in printed], dtype=np.intp),
        targets=np.array([goal[2] for goal in printed]),
        tolerances=np.array([goal[3] for goal in printed]),
        members=np.column_stack([answered, complete, everybody]),
        sds=sds,
        sd_tolerances=ease * SD_TOLERANCE * np.where(np.isnan(sds), 1.0, sds),
    )


def place(values: npt.NDArray[np.generic], lean: Floats, generator: np.random.Generator) -> Indices:
    """Return where each person's value stands in `values` (sorted), by `lean` plus chance.

    Args:
        values: what there is to give [n], lowest first.
        lean: how much each person tends to the high ones [n], in units of the chance's SD.
        generator: of random numbers.
    """
    order = np.argsort(lean + generator.standard_normal(len(values)), kind="stable")
    position = np.empty(len(values), dtype=np.intp)
    position[order] = np.arange(len(values))
    return position
