"""Weights of agreement between categories: what part of full agreement a near miss is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from psychoscales.errors import UnknownNameError

Floats = npt.NDArray[np.float64]


def _apart(categories: int) -> Floats:
    place = np.arange(categories)
    apart: Floats = np.abs(place[:, None] - place) / (categories - 1)
    return apart


WEIGHTS: Mapping[str, Callable[[int], Floats]] = {
    "identity": lambda categories: np.eye(categories),
    "linear": lambda categories: 1 - _apart(categories),
    "quadratic": lambda categories: 1 - _apart(categories) ** 2,
}


def agreement_weights(name: str, categories: int) -> Floats:
    r"""Return weights [c, c] of categories i and j in order.

    "identity" counts full agreement only; "linear" is :math:`1 - |i - j| / (c - 1)`; "quadratic"
    is :math:`1 - (i - j)^2 / (c - 1)^2`.
    """
    if name not in WEIGHTS:
        raise UnknownNameError("weights of agreement", name, WEIGHTS)
    return WEIGHTS[name](categories)
