"""`psychoscales.simulate`: synthetic answers to any scale, to try things on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from psychoscales.frames.source import Source
from psychoscales.responses import Responses
from psychoscales.simulation.answers import simulate_blocks
from psychoscales.verbs.read import ScaleSource, several


def simulate(
    scales: ScaleSource | Sequence[ScaleSource],
    n: int,
    *,
    seed: int,
    loading: float = 0.7,
    correlation: float = 0.3,
    missing: float = 0.0,
    probabilities: Mapping[str, Sequence[float]] | None = None,
) -> Responses:
    """Simulate answers under a one-factor normal ogive graded model for each score.

    Args:
        scales: a scale or several, as for `read`.
        n: people.
        seed: of the random numbers; the same seed gives the same answers.
        loading: factor loading of every item; negative where its score reverses the item.
        correlation: of the factors of different scores, from 0 to 1.
        missing: share of answers left blank, completely at random.
        probabilities: option set or item -> probabilities of its options in order; without it
            the thresholds are evenly spread between -1.2 and 1.2 standard deviations.

    Returns:
        `Responses`, labelled synthetic; ``.to_frame()`` gives the stored codes.

    Examples:
        >>> import psychoscales as ps
        >>> ps.simulate("gad7", n=100, seed=7)
        Responses of 100 people to gad7 1.0.0 (from synthetic answers, seed 7)
    """
    if n < 1 or not -1 < loading < 1 or not 0 <= correlation <= 1 or not 0 <= missing < 1:
        raise ValueError(
            "n is 1 or more, loading between -1 and 1, correlation 0 to 1, missing 0 to below 1"
        )
    blocks = simulate_blocks(
        several(scales),
        n,
        np.random.default_rng(seed),
        loading=loading,
        correlation=correlation,
        missing=missing,
        probabilities=dict(probabilities or {}),
    )
    source = Source(None, f"synthetic answers, seed {seed}", ())
    return Responses(blocks, {}, None, None, (), source)
