"""Parallel analysis: eigenvalues against those of answers that have nothing in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.counts import frozen
from psychoscales.engines.structure.empirical_kaiser import above
from psychoscales.engines.structure.pairs import PairCounts, pair_counts, pairs_of
from psychoscales.engines.structure.polychoric import polychorics
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
KINDS = ("components", "common_factors")
CELLS = 4_000_000
MOST_PERMUTED = 10_000


@dataclass(frozen=True, eq=False)
class Parallel:
    """Observed and reference eigenvalues of one kind.

    Attributes:
        kind: "components" (of the correlation matrix) or "common_factors" (of the matrix with
            squared multiple correlations in its diagonal).
        observed: float [k], the largest first.
        mean, quantile: float [k], of the reference eigenvalues at each place.
        factors: how many observed eigenvalues from the first on are above the quantile.
        resamples: reference matrices that the numbers are from.
    """

    kind: str
    observed: Floats
    mean: Floats
    quantile: Floats
    factors: int
    resamples: int


def eigenvalues(correlations: Floats, kind: str) -> Floats:
    """Return the eigenvalues [..., k] of correlation matrices [..., k, k], the largest first.

    Of "common_factors", those of the matrices with squared multiple correlations in the diagonal;
    NaN where a matrix is not positive definite, so that there are none.
    """
    if kind == "components":
        return np.asarray(np.linalg.eigvalsh(correlations)[..., ::-1])
    reduced = correlations.copy()
    place = np.arange(correlations.shape[-1])
    sound = np.linalg.eigvalsh(correlations)[..., :1] > 1e-10
    solid = np.where(sound[..., None], correlations, np.eye(len(place)))
    inverse = np.linalg.inv(solid)
    reduced[..., place, place] = 1 - 1 / inverse[..., place, place]
    return np.where(sound, np.linalg.eigvalsh(reduced)[..., ::-1], np.nan)


def compared(
    observed: Floats, references: dict[str, Floats], quantile: float
) -> tuple[Parallel, ...]:
    """Return observed correlations [k, k] beside reference eigenvalues [resamples, k] of a kind.

    Raises:
        RefusalError: observed or reference matrices are not positive definite, with
            "common_factors".
    """
    found = []
    for kind, values in references.items():
        own = eigenvalues(observed, kind)
        sound = values[np.isfinite(values).all(axis=1)]
        if not np.isfinite(own).all() or 2 * len(sound) < len(values):
            raise RefusalError(
                "no common-factor parallel analysis: the correlation matrix, or most of its "
                "references, are not positive definite"
            )
        line = np.quantile(sound, quantile, axis=0)
        parts = frozen(own), frozen(sound.mean(axis=0)), frozen(line)
        found.append(Parallel(kind, *parts, above(own, line), len(sound)))
    return tuple(found)


def reference_eigenvalues(matrices: Iterator[Floats]) -> dict[str, Floats]:
    """Return the eigenvalues [resamples, k] of each kind of chunks of correlation matrices."""
    parts = [{kind: eigenvalues(chunk, kind) for kind in KINDS} for chunk in matrices]
    return {kind: np.concatenate([part[kind] for part in parts]) for kind in KINDS}


def normal(items: int, n: int, resamples: int, generator: np.random.Generator) -> Iterator[Floats]:
    """Yield correlation matrices [c, k, k] of n independent normal answers to k items.

    The cross products of normal answers are Wishart; they are drawn as such (Bartlett's
    decomposition), so that the cost does not grow with n.

    Raises:
        RefusalError: not more people than items.
    """
    if n <= items + 1:
        raise RefusalError(f"{n} people are too few for a reference of {items} items")
    degrees = n - 1 - np.arange(items)
    for size in _chunks(resamples, items * items):
        root = np.tril(generator.standard_normal((size, items, items)), -1)
        place = np.arange(items)
        root[:, place, place] = np.sqrt(generator.chisquare(degrees, (size, items)))
        yield _correlations(root @ root.transpose(0, 2, 1))


def permuted(answers: Floats, resamples: int, generator: np.random.Generator) -> Iterator[Floats]:
    """Yield correlation matrices [c, k, k] of answers [n, k] whose columns are shuffled.

    Every item keeps its own distribution, and no two have anything in common but by chance.
    """
    n, k = answers.shape
    centred = answers - answers.mean(axis=0)
    columns = np.ascontiguousarray((centred / np.sqrt((centred**2).sum(axis=0))).T)
    for size in _chunks(resamples, n * k):
        shuffled = generator.permuted(np.broadcast_to(columns, (size, k, n)), axis=2)
        yield _correlations(shuffled @ shuffled.transpose(0, 2, 1))


def permuted_ordinal(
    rows: npt.NDArray[np.int8],
    counts: npt.NDArray[np.int64],
    categories: Sequence[int],
    resamples: int,
    generator: np.random.Generator,
) -> Iterator[Floats]:
    """Yield polychoric correlations [c, k, k] of answers whose columns are shuffled.

    The reference that polychoric eigenvalues have to be compared with: of ordered answers with
    the same proportions in every category, estimated the same way. Polychoric correlations vary
    more from sample to sample than Pearson's, so that a reference of normal answers finds too
    many factors.

    Args:
        rows, counts: option positions [m, k], -1 where missing, and people per row.
        categories: number of options of each item.

    Source:
        Lubbe D. Parallel analysis with categorical variables: impact of category probability
        proportions on dimensionality assessment accuracy. Psychol Methods 2019;24:339-351.
        doi:10.1037/met0000171.
    """
    people = np.repeat(rows, counts, axis=0)
    k, widest = people.shape[1], max(categories)
    for size in _chunks(resamples, 3 * k * k * widest * widest):
        shuffled = (generator.permuted(people, axis=0) for _ in range(size))
        tables = [pair_counts(each, None, categories) for each in shuffled]
        stacked = PairCounts(*(np.stack(part) for part in zip(*tables, strict=True)))
        yield polychorics(stacked).correlation


def normal_ordinal(
    pairs: PairCounts, resamples: int, generator: np.random.Generator
) -> Iterator[Floats]:
    r"""Yield draws [c, k, k] of polychoric correlations of many people's independent answers.

    In large samples they are independent normal with variance :math:`1 / (n v_i v_j)`, v the
    variance of an item's scores :math:`(\varphi(\tau_{c-1}) - \varphi(\tau_c)) / p_c`; the cost
    does not grow with n.
    """
    from scipy.special import ndtri

    share = pairs.margins / pairs.margins.sum(axis=1, keepdims=True)
    cuts = ndtri(np.clip(np.cumsum(share, axis=1)[:, :-1], 0.0, 1.0))
    density = np.pad(np.exp(-(cuts**2) / 2) / np.sqrt(2 * np.pi), ((0, 0), (1, 1)))
    score = np.divide(
        density[:, :-1] - density[:, 1:], share, out=np.zeros_like(share), where=share > 0
    )
    variance = (share * score**2).sum(axis=1)
    k = len(variance)
    first, second = pairs_of(k)
    people = pairs.tables.sum(axis=(1, 2))
    spread = 1 / np.sqrt(people * variance[first] * variance[second])
    for size in _chunks(resamples, k * k):
        drawn = np.broadcast_to(np.eye(k), (size, k, k)).copy()
        drawn[:, first, second] = generator.standard_normal((size, len(first))) * spread
        drawn[:, second, first] = drawn[:, first, second]
        yield drawn


def _chunks(resamples: int, cells: int) -> Iterator[int]:
    """Yield sizes that add up to `resamples`, so that a chunk has about `CELLS` numbers."""
    size = max(1, min(resamples, CELLS // max(cells, 1)))
    for start in range(0, resamples, size):
        yield min(size, resamples - start)


def _correlations(products: Floats) -> Floats:
    place = np.arange(products.shape[-1])
    root = np.sqrt(products[:, place, place])
    correlations: Floats = products / (root[:, :, None] * root[:, None, :])
    correlations[:, place, place] = 1.0
    return correlations
