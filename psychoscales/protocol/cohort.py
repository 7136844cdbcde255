"""A synthetic cohort for a study: made-up people who have the numbers that the paper prints.

What is printed is read from the study's `[published]`; what had to be assumed, because the paper
prints nothing or prints it wrongly, stands in its `[cohort]`, and in the cohort's description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from psychoscales.auditing.published import Published
from psychoscales.errors import RefusalError
from psychoscales.frames.out import OutColumn
from psychoscales.simulation.matching import (
    Cohort,
    Predictor,
    Score,
    cohort,
    place,
    predictor_correlations,
    predictor_sds,
    variance_inflation,
)
from psychoscales.simulation.matching import Published as Targets
from psychoscales.simulation.totals import integers
from psychoscales.spec.model import Scale
from psychoscales.spec.scalars import Frozen, Id, Int, Number, Part, Str, Text, nothing

Floats = npt.NDArray[np.float64]
Numbers = Annotated[tuple[Number, ...], Field(min_length=1)]
FIRST_GUESS = 0.7


class CohortScore(Part):
    """What is assumed of a score's items, in their order, so that they add up to its totals.

    Attributes:
        score: `{scale}_{score}`.
        easiness: how readily each item is endorsed, in the score's direction.
        noise: how much each item has of its own; about 1.
        alpha: the alpha to aim for.
        listwise_sd: the SD among those who answered every predictor, where the paper implies it.
    """

    score: Id
    easiness: Numbers
    noise: Numbers
    alpha: Annotated[Number, Field(gt=0, lt=1)]
    listwise_sd: Number | None = None


class Leaning(Part):
    """How a person variable goes with others: weights of their standard scores."""

    variable: Id
    weights: Annotated[Mapping[Id, Number], *Frozen]


class CohortSection(Part):
    """What a synthetic cohort assumes beyond what the paper prints.

    Attributes:
        note: says all of it in words; printed wherever the cohort is described.
        people: how many there are.
        correlations, regression: the analyses whose numbers the cohort is to have.
        counts: frequency rows that the paper does not print, or prints wrongly.
        labels: printed row of the regression table -> the variable that it is really of.
        score_correlations: of the scores, in the order of `scores`.
        limits: lowest and highest value of number variables.
        ticked: how many ticked each option of a list.
        leanings: how person variables go with scores and with each other.
        answers: a cohort that was made once and is kept: a file beside the study file, as a form
            would export it. Random streams may change with numpy; this file does not.
        binding: how that file stores the answers.
    """

    note: Text
    people: Annotated[Int, Field(gt=1)]
    correlations: Id
    regression: Id
    scores: Annotated[tuple[CohortScore, ...], Field(min_length=1)]
    score_correlations: tuple[Numbers, ...]
    counts: Annotated[Mapping[Id, tuple[Int, ...]], *Frozen] = nothing()
    labels: Annotated[Mapping[Id, Id], *Frozen] = nothing()
    limits: Annotated[Mapping[Id, tuple[Int, Int]], *Frozen] = nothing()
    ticked: Annotated[Mapping[Str, Int], *Frozen] = nothing()
    leanings: tuple[Leaning, ...] = ()
    answers: Str | None = None
    binding: Str | None = None


def targets(section: CohortSection, published: Published, scales: Mapping[str, Scale]) -> Targets:
    """Return what the cohort is to have, from what is printed and what is assumed."""
    pairs = [row for row in published.correlations if row.analysis == section.correlations]
    names = list(dict.fromkeys(row.column for row in pairs))
    scores = [each.score for each in section.scores]
    r = _matrix(scores, names, {(p.row, p.column): float(p.r) for p in pairs})
    models = published.tables_of_regressions()[section.regression]
    printed: dict[str, dict[tuple[str, str], float]] = {"B": {}, "beta": {}, "t": {}}
    for model in models:
        for row in model.rows:
            to = model.outcome, section.labels.get(row.predictor, row.predictor)
            for key, found in printed.items():
                value = getattr(row, key)
                if value is not None:
                    found[to] = float(value)
    outcomes = [model.outcome for model in models]
    beta, b, t = (_matrix(outcomes, names, printed[key]) for key in ("beta", "B", "t"))
    rows = [scores.index(outcome) for outcome in outcomes]
    df, people = models[0].df, models[0].people
    if df is None or people is None:
        raise RefusalError("a cohort needs the degrees of freedom of the regressions")
    listwise_sd = np.array([_listwise_sd(each, published, outcomes) for each in section.scores])
    guess = np.full((len(names), len(names)), FIRST_GUESS)
    np.fill_diagonal(guess, 1.0)
    inflation = variance_inflation(beta, np.abs(t), r[rows], df)
    whole_beta = np.full(r.shape, np.nan)
    whole_beta[rows] = beta
    return Targets(
        n=section.people,
        listwise=people,
        predictors=tuple(_predictor(section, published, name) for name in names),
        scores=tuple(_score(each, published, scales) for each in section.scores),
        r=r,
        beta=whole_beta,
        score_sd=listwise_sd,
        predictor_sd=np.round(predictor_sds(b, beta, listwise_sd[rows]), 3),
        predictor_r=np.round(predictor_correlations(beta, r[rows], inflation, guess), 3),
        score_r=np.array(section.score_correlations),
    )


def _matrix(
    rows: Sequence[str], columns: Sequence[str], values: Mapping[tuple[str, str], float]
) -> Floats:
    return np.array([[values.get((row, column), np.nan) for column in columns] for row in rows])


def _listwise_sd(each: CohortScore, published: Published, outcomes: Sequence[str]) -> float:
    if each.score not in outcomes:
        return float("nan")
    if each.listwise_sd is not None:
        return each.listwise_sd
    described = published.descriptives_of(each.score)
    return float("nan") if described is None or described.sd is None else float(described.sd)


def _predictor(section: CohortSection, published: Published, name: str) -> Predictor:
    if name in section.counts:
        counts = tuple(section.counts[name])
    else:
        row = published.frequencies_of(name)
        if row is None:
            raise RefusalError(f"a cohort needs the frequencies of {name}")
        counts = row.numbers
    return Predictor(name, tuple(range(1, len(counts) + 1)), counts)


def _score(each: CohortScore, published: Published, scales: Mapping[str, Scale]) -> Score:
    scale = next(s for s in scales.values() if each.score.removeprefix(f"{s.id}_") in _ids(s))
    what = scale.score(each.score.removeprefix(f"{scale.id}_"))
    described = published.descriptives_of(each.score)
    if described is None or described.sd is None:
        raise RefusalError(f"a cohort needs the mean and SD of {each.score}")
    values = [o.value for o in scale.option_set(what.members[0]) if o.value is not None]
    return Score(
        each.score,
        what.members,
        (int(min(values)), int(max(values))),
        str(described.mean),
        str(described.sd),
        tuple(each.easiness),
        tuple(each.noise),
        each.alpha,
        frozenset(what.reverse),
        averaged=what.method == "mean",
    )


def _ids(scale: Scale) -> set[str]:
    return {score.id for score in scale.scores}


def simulate(
    section: CohortSection, published: Published, scales: Mapping[str, Scale], seed: int
) -> dict[str, OutColumn]:
    """Return the columns of a synthetic cohort: items as stored, variables as coded."""
    aim = targets(section, published, scales)
    made = cohort(aim, seed)
    n = section.people
    columns: dict[str, OutColumn] = {
        "person": np.arange(1, n + 1),
        "synthetic": np.full(n, "synthetic", dtype=object),
    }
    columns |= made.items
    for predictor, answers in zip(aim.predictors, made.predictors.T, strict=True):
        columns[predictor.name] = answers
    return columns | _people(section, published, aim, made, np.random.default_rng([seed, 1]))


def _people(
    section: CohortSection,
    published: Published,
    aim: Targets,
    made: Cohort,
    generator: np.random.Generator,
) -> dict[str, OutColumn]:
    """Person variables: counts, means and SDs as printed; how they go together is assumed."""
    n, known = section.people, dict[str, Floats]()
    for score, total in zip(aim.scores, made.totals.T, strict=True):
        known[score.name] = (total - total.mean()) / total.std()
    columns: dict[str, OutColumn] = {}
    for name, limits in section.limits.items():
        row = published.descriptives_of(name)
        if row is not None and row.sd is not None:
            values = integers(n, str(row.mean), str(row.sd), limits, generator)
            known[name] = (values - values.mean()) / values.std()
            columns[name] = values
    predictors = {predictor.name for predictor in aim.predictors}
    leanings = {each.variable: each.weights for each in section.leanings}
    for counted in published.frequencies:
        if counted.variable not in predictors:
            codes = np.repeat(np.arange(len(counted.numbers)), counted.numbers)
            lean = _lean(leanings.get(counted.variable, {}), known, n)
            columns[counted.variable] = codes[place(codes, lean, generator)]
    for name, count in section.ticked.items():
        codes = np.repeat([0, 1], [n - count, count])
        lean = _lean(leanings.get(name, {}), known, n)
        columns[name] = codes[place(np.arange(n), lean, generator)]
    return columns


def _lean(weights: Mapping[str, float], known: Mapping[str, Floats], n: int) -> Floats:
    lean = np.zeros(n)
    for name, weight in weights.items():
        lean += weight * known[name]
    return lean
