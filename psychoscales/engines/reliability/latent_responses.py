"""Keyed answers as normal variables that were cut into options: thresholds and correlations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from psychoscales.counts import Patterns
from psychoscales.engines.structure.acov import pair_influence, threshold_influence
from psychoscales.engines.structure.bivariate import FAR
from psychoscales.engines.structure.ordinal import Ordinal
from psychoscales.engines.structure.pairs import PairCounts, pairs_of, resampled_pair_counts
from psychoscales.engines.structure.polychoric import ordinal, polychorics
from psychoscales.errors import RefusalError
from psychoscales.moments import MissingRule, ascending, values_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Latent:
    """What an ordinal coefficient is a function of: of one set of answers, or of many resamples.

    Attributes:
        thresholds: [..., k, t], ascending; infinite behind an item's last one, or where no answer
            lies beyond.
        correlation: polychoric correlations [..., k, k]; NaN where there are none.
        steps: what a sum rises by at each threshold [k, t]: the difference of the values of the
            two options; 0 behind the last one.
        weigh: returns `weights`, which take as long as the correlations.
    """

    thresholds: Floats
    correlation: Floats
    steps: Floats
    weigh: Callable[[], Floats]

    @cached_property
    def weights(self) -> Floats:
        """Inverse sampling variances of the correlations [..., k, k], with a diagonal of zeros.

        They are refused where the one set of answers has none; NaN where a resample has none.
        """
        return self.weigh()


@dataclass(frozen=True, eq=False)
class LatentResponses:
    """Thresholds and polychoric correlations of keyed answers, and the rows they are from.

    Attributes:
        ordinal: of the options that anybody chose, in ascending order of their values.
        values: for each item, the values of these options.
        rows: for everybody who answered everything, the places of these options [m, k], in the
            order of the patterns that were given.
        counts: people per row [m].
        categories: number of options of each item, before those that nobody chose were left out.
    """

    ordinal: Ordinal
    values: tuple[tuple[float, ...], ...]
    rows: npt.NDArray[np.int8]
    counts: npt.NDArray[np.int64]
    categories: tuple[int, ...]

    @classmethod
    def of(
        cls, patterns: Patterns, values: Sequence[Sequence[float]], missing: MissingRule
    ) -> LatentResponses:
        """Return the polychoric correlations of keyed answers.

        Args:
            patterns: counted answers, options in declared order.
            values: for each item, the value of each option; options of one value are one, and a
                reversed item is turned round.
            missing: see `psychoscales.engines.structure.polychoric.ordinal`.

        Raises:
            RefusalError: there are none of some items.
        """
        mine, distinct = ascending(patterns, values)
        found = ordinal(mine, missing=missing)
        kept = tuple(
            tuple(row[at] for at in used) for used, row in zip(found.used, distinct, strict=True)
        )
        complete = patterns.complete
        given = values_of(complete, values).T
        places = [np.searchsorted(row, of) for row, of in zip(kept, given, strict=True)]
        rows = np.stack(places, axis=1).astype(np.int8)
        return cls(found, kept, rows, complete.counts, mine.categories)

    @property
    def names(self) -> tuple[str, ...]:
        """The items."""
        return self.ordinal.names

    @property
    def n(self) -> int | None:
        """People; None where pairs of items are of different people."""
        low, high = int(self.ordinal.n.min()), int(self.ordinal.n.max())
        return high if low == high else None

    @cached_property
    def steps(self) -> Floats:
        """What a sum rises by at each threshold [k, t]."""
        return padded([np.diff(row) for row in self.values], 0.0)

    @cached_property
    def latent(self) -> Latent:
        """Of all the answers."""
        thresholds = padded(self.ordinal.thresholds, np.inf)
        return Latent(thresholds, self.ordinal.correlation, self.steps, self._weights)

    def _weights(self) -> Floats:
        acov, k = self.ordinal.acov, len(self.names)
        assert acov is not None
        variance = np.diag(acov)[-k * (k - 1) // 2 :]
        if not (np.isfinite(variance) & (variance > 0)).all():
            raise RefusalError(
                "some polychoric correlations have no sampling variance: options that hardly "
                "anybody chose; merge them, or use more people"
            )
        return _symmetric(1 / variance, k)

    def resampled(self, draws: Floats) -> Latent:
        """Return thresholds and correlations of resamples [b], by how often rows are drawn [b, m].

        Where the answers to two items go together perfectly in a resample, as they never do in
        all the answers, the resample has no correlations.
        """
        sizes = [len(row) for row in self.values]
        pairs = resampled_pair_counts(self.rows, draws, sizes)
        found = polychorics(pairs)
        correlation = found.correlation.copy()
        correlation[found.at_limit.any(axis=-1)] = np.nan
        weigh = partial(_resampled_weights, pairs, correlation)
        return Latent(found.thresholds, correlation, self.steps, weigh)

    def note(self) -> str | None:
        """Say what a reader of the coefficients should know of the correlations."""
        said = []
        unused = [
            name
            for name, row, count in zip(self.names, self.values, self.categories, strict=True)
            if len(row) < count
        ]
        if unused:
            said.append(f"nobody chose some option of {', '.join(unused)}; it is left out")
        if self.ordinal.smallest_eigenvalue < np.finfo(float).eps:
            said.append("the polychoric correlations are not positive definite")
        return "; ".join(said) or None


def padded(rows: Sequence[Floats], behind: float) -> Floats:
    """Return rows of different lengths as one table, filled up with `behind`."""
    table = np.full((len(rows), max(map(len, rows))), behind)
    for at, row in enumerate(rows):
        table[at, : len(row)] = row
    return table


def _symmetric(of_pairs: Floats, k: int) -> Floats:
    """Return a matrix [..., k, k] from its pairs, with a diagonal of zeros."""
    table = np.zeros((*of_pairs.shape[:-1], k, k))
    first, second = pairs_of(k)
    table[..., first, second] = table[..., second, first] = of_pairs
    return table


def _resampled_weights(pairs: PairCounts, correlation: Floats) -> Floats:
    """Return the inverse sampling variances of resampled correlations [b, k, k].

    They are those of `asymptotic_covariance`, but for the number of people, which all resamples
    have in common. Options that nobody of a resample chose come last: they have no threshold.
    """
    from scipy.special import ndtri

    b, k, width = pairs.margins.shape
    first, second = pairs_of(k)
    order = np.argsort(pairs.margins == 0, axis=-1, kind="stable")
    margins = np.take_along_axis(pairs.margins, order, axis=-1).astype(np.int64)
    tables = np.take_along_axis(pairs.tables, order[:, first][..., None], axis=-2)
    tables = np.take_along_axis(tables, order[:, second][..., None, :], axis=-1)
    below = np.cumsum(margins, axis=-1)
    cut = np.clip(ndtri(below[..., :-1] / below[..., -1:]), -FAR, FAR)
    items = threshold_influence(margins.reshape(-1, width), cut.reshape(-1, width - 1))
    items = items.reshape(b, k, width + 1, width - 1)
    there = np.asarray(np.isfinite(correlation).all(axis=(-2, -1)))
    rho = np.where(there[:, None], correlation[:, first, second], 0.0)
    flat = tables.reshape(-1, width, width).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = pair_influence(
            flat,
            cut[:, first].reshape(-1, width - 1),
            cut[:, second].reshape(-1, width - 1),
            rho.ravel(),
            items[:, first].reshape(-1, width + 1, width - 1),
            items[:, second].reshape(-1, width + 1, width - 1),
        )[:, :-1, :-1]
        weight = 1 / (flat * influence**2).sum(axis=(-2, -1)).reshape(b, -1)
    sound = (there & (np.isfinite(weight) & (weight > 0)).all(axis=-1))[:, None]
    return _symmetric(np.where(sound, weight, np.nan), k)
