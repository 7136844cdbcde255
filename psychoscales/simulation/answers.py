"""Answers from a model: one factor a score, normal ogive graded items, a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.decoding import options_in_order
from psychoscales.errors import UnknownNameError
from psychoscales.responses import Block
from psychoscales.spec.model import Scale

Floats = npt.NDArray[np.float64]
SPREAD = 1.2


def simulate_blocks(
    scales: Sequence[Scale],
    n: int,
    generator: np.random.Generator,
    *,
    loading: float,
    correlation: float,
    missing: float,
    probabilities: Mapping[str, Sequence[float]],
) -> dict[str, Block]:
    r"""Return simulated answers of `n` people to each scale.

    Each score over items has a standard normal factor; factors correlate by `correlation`. Item j
    has the latent answer :math:`y_j = \pm\lambda \eta + \sqrt{1 - \lambda^2} \epsilon_j`, minus
    where its score reverses it, which thresholds cut into the item's options.

    Args:
        scales: the scales.
        n: people.
        generator: of random numbers.
        loading: lambda of every item, above -1 and below 1.
        correlation: of any two factors, from 0 to 1.
        missing: share of answers left blank, completely at random.
        probabilities: option set or item -> the probabilities of its options, in order.
    """
    owners = {scale.id: _owners(scale) for scale in scales}
    names = [(scale.id, score) for scale in scales for score in dict.fromkeys(_factors(scale))]
    common = generator.standard_normal((n, 1))
    factors = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * generator.standard_normal(
        (n, len(names))
    )
    blocks = {}
    for scale in scales:
        known = {*scale.item_ids, *scale.options}
        positions = np.empty((n, len(scale.items)), dtype=np.int8, order="F")
        for number, item in enumerate(scale.items):
            score, sign = owners[scale.id][item.id]
            eta = factors[:, names.index((scale.id, score))]
            noise = generator.standard_normal(n)
            latent = sign * loading * eta + np.sqrt(1 - loading**2) * noise
            shares = probabilities.get(item.id, probabilities.get(item.options))
            cuts = _thresholds(len(options_in_order(scale, item.id)), shares, item.id)
            positions[:, number] = np.searchsorted(cuts, latent)
        positions[generator.random(positions.shape) < missing] = -1
        positions.flags.writeable = False
        blocks[scale.id] = Block(scale, positions, ("blank",))
        probabilities = {k: v for k, v in probabilities.items() if k not in known}
    if probabilities:
        known = {name for scale in scales for name in (*scale.item_ids, *scale.options)}
        raise UnknownNameError("item or option set", next(iter(probabilities)), known)
    return blocks


def _factors(scale: Scale) -> list[str]:
    return [score.id for score in scale.scores if score.items is not None]


def _owners(scale: Scale) -> dict[str, tuple[str, float]]:
    """Return each item's factor (the first score it is in) and the sign of its loading."""
    owners: dict[str, tuple[str, float]] = {}
    for score in scale.scores:
        for name in score.items or ():
            owners.setdefault(name, (score.id, -1.0 if name in score.reverse else 1.0))
    first = _factors(scale)[0]
    return {name: owners.get(name, (first, 1.0)) for name in scale.item_ids}


def _thresholds(options: int, shares: Sequence[float] | None, item: str) -> Floats:
    """Return the cuts of a standard normal answer: evenly spread, or at the shares' quantiles."""
    if shares is None:
        return np.linspace(-SPREAD, SPREAD, options - 1)
    from scipy.special import ndtri

    given = np.asarray(shares, dtype=float)
    if len(given) != options or (given < 0).any() or not np.isclose(given.sum(), 1.0):
        raise ValueError(f"{item}: {options} probabilities that add up to 1, not {list(shares)}")
    cuts: Floats = ndtri(np.minimum(np.cumsum(given)[:-1], 1.0))
    return cuts
