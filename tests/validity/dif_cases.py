"""Answers for the tests of differential item functioning: goldens, and simulated ones."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.engines.validity.dif.studied import Design, Studied
from psychoscales.engines.validity.dif.tables import Answers
from tests.counting.making import KEY

Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.int8]


def golden_answers(folder: Path, case: Mapping[str, Any]) -> Answers:
    """Return the answers of a case of the goldens."""
    with (folder / case["file"]).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    values = np.array([[int(row[item]) for item in case["items"]] for row in rows])
    group = np.array([row[case["by"]] for row in rows])
    positions = (values - values.min()).astype(np.int8)
    codes = tuple(float(code) for code in range(values.min(), values.max() + 1))
    return answers_of(
        {name: positions[group == name] for name in case["groups"]}, case["items"], codes
    )


def golden_design(case: Mapping[str, Any]) -> Design:
    """Return how a case of the goldens compares its items."""
    return Design(tuple(case["anchors"]), case["matching"], case["pool"])


def golden_items(folder: Path, case: Mapping[str, Any]) -> dict[str, Studied]:
    """Return the counts of the items of a case of the goldens."""
    answers, design = golden_answers(folder, case), golden_design(case)
    return {item: Studied.of(answers, item, design) for item in case["items"]}


def patterns_of(positions: Small, items: Sequence[str], options: int) -> Patterns:
    """Count rows of option places."""
    return Patterns.of(positions, tuple(items), [options] * len(items), KEY)


def answers_of(
    groups: Mapping[str, Small], items: Sequence[str], values: Sequence[float]
) -> Answers:
    """Return the answers of groups, every item with the same options."""
    counted = {name: patterns_of(each, items, len(values)) for name, each in groups.items()}
    return Answers.of(counted, [tuple(values)] * len(items))


def simulated(
    rng: np.random.Generator,
    n: int,
    items: int,
    options: int,
    *,
    mean: float = 0.0,
    shift: float = 0.0,
    slope: float = 1.5,
) -> Small:
    """Return answers of n people under a graded logistic model [n, items].

    `mean` is of the trait, `shift` (on the logit scale) only of the first item, whose slope
    alone is `slope`; the others have 1.5.
    """
    trait = rng.normal(mean, 1.0, (n, 1))
    places = np.linspace(-1.0, 1.0, items)
    steps = np.linspace(-1.2, 1.2, options - 1) if options > 2 else np.zeros(1)
    slopes = np.full(items, 1.5)
    slopes[0] = slope
    logits = slopes * trait - places
    logits[:, 0] += shift
    noise = rng.logistic(size=(n, items))
    passed = logits[:, :, None] + noise[:, :, None] > 1.5 * steps
    return np.asarray(passed.sum(axis=2), dtype=np.int8)


def random_counts(
    rng: np.random.Generator, strata: int, groups: int, answers: int, people: int = 6
) -> npt.NDArray[np.int64]:
    """Return counts [S, G, J], each about `people`."""
    return rng.poisson(people, (strata, groups, answers)).astype(np.int64)
