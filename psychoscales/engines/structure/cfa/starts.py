"""Where the search for estimates begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.specification import Parameter, Specification

Floats = npt.NDArray[np.float64]
WEAKEST, STRONGEST = 0.2, 0.9


def start(
    specification: Specification,
    covs: Sequence[Floats],
    means: Sequence[Floats],
    thresholds: Sequence[Floats] = (),
) -> Floats:
    """Return starting values [q]: loadings from the first component of each factor's items.

    Args:
        specification: the model.
        covs: each group's covariances (or polychoric correlations) [p, p].
        means: each group's means [p].
        thresholds: each group's thresholds, item by item.
    """
    x = np.full(specification.free, np.nan)
    first = np.concatenate([[0], np.cumsum(specification.thresholds)]).astype(int)
    for group, cov in enumerate(covs):
        sizes = _loadings(specification, group, cov)
        for each in specification.parameters:
            if each.group != group or each.free < 0 or not np.isnan(x[each.free]):
                continue
            if each.matrix == "tau":
                x[each.free] = thresholds[group][first[each.row] + each.column]
            elif each.matrix == "nu":
                x[each.free] = 0.0 if specification.ordinal else means[group][each.row]
            else:
                x[each.free] = _value(each, sizes, cov, specification)
    return x


def others(specification: Specification, x: Floats) -> Iterator[Floats]:
    """Yield further starting values, for where the search from the first ones ends nowhere.

    Weak loadings of group factors, for a bifactor model; a lower factor turned round, for factors
    that go against each other under equal loadings on the one above; weak loadings of all factors.
    """
    rows = [each for each in specification.parameters if each.free >= 0]
    loadings = [each for each in rows if each.matrix == "lambda"]
    items: dict[int, set[int]] = {}
    for each in loadings:
        items.setdefault(each.column, set()).add(each.row)
    widest = max(items, key=lambda factor: len(items[factor]), default=0)
    narrow = [f for f in items if f != widest and items[f] & items[widest]]
    yield from (_scaled(x, loadings, narrow, size) for size in ((0.3, 0.05) if narrow else ()))
    below = dict.fromkeys(each.row for each in rows if each.matrix == "beta")
    yield from (_scaled(x, loadings, [factor], -1.0) for factor in below)
    yield _scaled(x, loadings, list(items), 0.5)


def _scaled(x: Floats, rows: Sequence[Parameter], factors: Sequence[int], size: float) -> Floats:
    made = x.copy()
    places = {each.free for each in rows if each.column in factors}
    made[sorted(places)] *= size
    return made


def _value(
    each: Parameter, sizes: dict[tuple[int, int], float], cov: Floats, of: Specification
) -> float:
    if each.matrix == "lambda":
        return sizes[each.row, each.column]
    if each.matrix == "beta":
        return 0.6 * _unit(of, each.group, each.column, sizes)
    if each.matrix == "delta":
        return 1.0
    if each.matrix == "psi":
        return _unit(of, each.group, each.row, sizes) ** 2 if each.row == each.column else 0.0
    if each.matrix == "theta":
        if each.row != each.column:
            return 0.0
        if of.ordinal:
            return 1.0
        common = sum(size**2 for (row, _), size in sizes.items() if row == each.row)
        return max(float(cov[each.row, each.row]) - common, 0.3 * float(cov[each.row, each.row]))
    return 0.0


def _unit(of: Specification, group: int, factor: int, sizes: dict[tuple[int, int], float]) -> float:
    """Return the factor's standard deviation: 1, or what a marker item makes it."""
    for each in of.parameters:
        if (each.group, each.matrix, each.column) == (group, "lambda", factor) and each.free < 0:
            return sizes[each.row, factor] / each.value if each.value else 1.0
    return 1.0


def _loadings(of: Specification, group: int, cov: Floats) -> dict[tuple[int, int], float]:
    """Return a loading for each item on each factor, in the units of the free parameters."""
    sd = np.sqrt(np.diag(cov))
    correlation = cov / np.outer(sd, sd)
    sizes: dict[tuple[int, int], float] = {}
    rows = [each for each in of.parameters if each.group == group and each.matrix == "lambda"]
    shared: dict[int, int] = {}
    for each in rows:
        shared[each.row] = shared.get(each.row, 0) + 1
    below = {each.row for each in of.parameters if each.matrix == "beta"}
    for factor in dict.fromkeys(each.column for each in rows):
        mine = [each for each in rows if each.column == factor]
        items = [each.row for each in mine]
        values, vectors = np.linalg.eigh(correlation[np.ix_(items, items)])
        vector = vectors[:, -1] * (-1.0 if vectors[:, -1].sum() < 0 else 1.0)
        loading = vector * np.sqrt(max(values[-1] - 0.4, 0.3))
        size = np.clip(np.abs(loading), WEAKEST, STRONGEST) * np.where(loading < 0, -1.0, 1.0)
        size = size * sd[items] / np.sqrt([shared[row] for row in items])
        if factor in below:
            size = size / np.sqrt(1.36)
        for each, one in zip(mine, size, strict=True):
            sizes[each.row, factor] = float(one)
        _in_marker_units(mine, sizes, factor)
    return sizes


def _in_marker_units(
    rows: Sequence[Parameter], sizes: dict[tuple[int, int], float], factor: int
) -> None:
    """Turn the free loadings into multiples of the marker's, which stays for `_unit`."""
    marker = next((each for each in rows if each.free < 0 and each.value), None)
    if marker is None:
        return
    unit = sizes[marker.row, factor] / marker.value
    for each in rows:
        if each.free >= 0:
            sizes[each.row, factor] /= unit
