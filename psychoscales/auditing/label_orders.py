"""Every order in which the labels of a table's rows could have been meant."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.auditing.published import Model

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MOST_LABELS = 8


def labels_of(models: Sequence[Model]) -> tuple[str, ...]:
    """Return the labels that all models have in the same order; none where they differ."""
    labels = models[0].predictors if models else ()
    same = all(model.predictors == labels for model in models)
    return labels if same and len(set(labels)) == len(labels) else ()


@lru_cache(maxsize=8)
def orders(size: int) -> Ints:
    """Return every order of `size` labels [size!, size], the printed one first."""
    found: Ints = np.array(list(permutations(range(size))), dtype=np.int64)
    found.setflags(write=False)
    return found


def by_order(table: Floats, every: Ints) -> Floats:
    """Return table[m, j, order[j]] for every order: [orders, m, j]."""
    rows = np.arange(table.shape[1])
    picked: Floats = table[:, rows, every].transpose(1, 0, 2)
    return picked


def rank(values: Floats, at: int = 0) -> int:
    """Return the place of one value among all in increasing order; ties share the first."""
    return int((values < values[at] - 1e-12).sum()) + 1


def named(order: Any, labels: Sequence[str]) -> str:
    """Return the labels in an order, as text."""
    return ", ".join(labels[int(at)] for at in order)
