"""Rotation of factor loadings to simple structure, orthogonal or oblique."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychoscales.counts import frozen
from psychoscales.errors import RefusalError, UnknownNameError

Floats = npt.NDArray[np.float64]
Criterion = Callable[[Floats], tuple[float, Floats]]
POWER = 4
NEAR, NEAR_STEPS = 1e-5, 500
TURNS = 5_000
STATIONARY = 1e-6
SAME = 1e-7
GEOMIN_DELTA = 0.01


@dataclass(frozen=True)
class Rotation:
    """A rotation: what it makes small, and what the programs do with it.

    Attributes:
        packaged: the name that factor_analyzer gives it; None for one that is made here.
        oblique: whether factors may correlate.
        kaiser: whether rows are normalised unless something else is said (psych's habit).
    """

    packaged: str | None
    oblique: bool
    kaiser: bool


ROTATIONS: Mapping[str, Rotation] = {
    "none": Rotation(None, False, False),
    "varimax": Rotation("varimax", False, True),
    "oblimin": Rotation("oblimin", True, False),
    "promax": Rotation("promax", True, True),
    "promax_spss": Rotation(None, True, True),
    "geomin": Rotation("geomin_obl", True, False),
}


@dataclass(frozen=True, eq=False)
class Rotated:
    """Rotated loadings.

    Attributes:
        loadings: float [k, m]; the pattern where the rotation is oblique.
        factor_correlations: float [m, m]; the identity where it is orthogonal.
        rotation: the name in `ROTATIONS`.
        kaiser: whether rows were divided by the root of their communality while rotating.
        criterion: what the rotation makes small, at its end; None for promax and none.
        starts: places that the search began at.
        reached: how many of them ended at this solution's criterion.
        first: the criterion that the search from the unrotated loadings ended at.
        seed: of the random starts; None where there were none.
    """

    loadings: Floats
    factor_correlations: Floats
    rotation: str
    kaiser: bool
    criterion: float | None = None
    starts: int = 1
    reached: int = 1
    first: float | None = None
    seed: int | None = None


def rotated(
    loadings: Floats,
    rotation: str,
    *,
    kaiser: bool | None = None,
    starts: int = 1,
    seed: int = 1,
) -> Rotated:
    r"""Return loadings rotated towards simple structure.

    "varimax" (orthogonal); "oblimin" (direct quartimin: gamma = 0), "geomin" (delta
    = .01), "promax" (power 4 of the varimax loadings as target, rows normalised throughout: what
    psych calls "promax") and "promax_spss" (the target is of normalised rows, the regression on
    it of rows as they are: SPSS's), oblique. With Kaiser's normalisation the rows of the
    loadings are divided by the root of their communality before and multiplied by it after.

    The search begins at the unrotated loadings, as in psych, and at `starts` - 1 random
    orthogonal turns of them; the lowest criterion is kept, the first one where they are equal.

    Args:
        loadings: unrotated [k, m].
        rotation: one of `ROTATIONS`.
        kaiser: normalise rows; None for the habit of psych: varimax and promax only.
        starts: places to begin at; promax and none have one.
        seed: of the random starts.

    Raises:
        RefusalError: the search did not converge; promax_spss without normalisation; an item
            without any common variance, where rows are normalised.

    Source:
        Bernaards CA, Jennrich RI. Gradient projection algorithms and software for arbitrary
        rotation criteria in factor analysis. Educ Psychol Meas 2005;65:676-696.
        doi:10.1177/0013164404272507. The searches are factor_analyzer's.
    """
    if rotation not in ROTATIONS:
        raise UnknownNameError("rotation", rotation, ROTATIONS)
    known = ROTATIONS[rotation]
    normal = known.kaiser if kaiser is None else kaiser
    if rotation == "promax_spss" and not normal:
        raise RefusalError("promax_spss normalises rows; use rotation='promax' with kaiser=False")
    m = loadings.shape[1]
    if rotation == "none" or m == 1:
        return Rotated(frozen(loadings.copy()), frozen(np.eye(m)), "none", False)
    scale = _row_lengths(loadings) if normal else np.ones((len(loadings), 1))
    rows = loadings / scale
    if rotation.startswith("promax"):
        pattern, phi = _promax(rows, scale if rotation == "promax_spss" else None)
        whole = pattern if rotation == "promax_spss" else pattern * scale
        return Rotated(frozen(whole), frozen(phi), rotation, normal)
    found = [_searched(rows, known)]
    generator = np.random.default_rng(seed)
    for _ in range(starts - 1):
        turn = np.linalg.qr(generator.standard_normal((m, m)))[0]
        with suppress(RefusalError):
            found.append(_searched(rows @ turn, known))
    values = np.array([criterion for _, _, criterion in found])
    lowest = float(values.min())
    same = values - lowest <= SAME * max(1.0, abs(lowest))
    pattern, phi, criterion = found[int(np.argmax(same))]
    return Rotated(
        frozen(pattern * scale),
        frozen(phi),
        rotation,
        normal,
        criterion,
        starts,
        int(same.sum()),
        float(values[0]),
        seed if starts > 1 else None,
    )


def _row_lengths(loadings: Floats) -> Floats:
    lengths: Floats = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    if (lengths < 1e-6).any():
        raise RefusalError(
            "an item has no common variance, so that its row cannot be normalised; use "
            "kaiser=False, or leave the item out"
        )
    return lengths


def _searched(rows: Floats, known: Rotation) -> tuple[Floats, Floats, float]:
    """Return where the search from `rows` ends: pattern, phi, criterion.

    factor_analyzer's search goes to the minimum's neighbourhood, where its line search no longer
    sees the criterion change; quasi-Newton steps go on from there.
    """
    from factor_analyzer import Rotator

    assert known.packaged is not None
    search = Rotator(
        method=known.packaged,
        normalize=False,
        delta=GEOMIN_DELTA,
        max_iter=NEAR_STEPS,
        tol=NEAR,
    )
    search.fit(rows)
    turn = np.asarray(search.rotation_, dtype=np.float64)
    polished = _polished if known.oblique else _turned
    turn, value, steepness = polished(rows, turn, CRITERIA[known.packaged])
    pattern = rows @ np.linalg.inv(turn).T
    if not steepness < STATIONARY:
        raise RefusalError(
            f"the {known.packaged} search does not converge; take fewer factors, or another "
            "rotation"
        )
    return pattern, turn.T @ turn if known.oblique else np.eye(len(turn)), value


def _turned(rows: Floats, turn: Floats, criterion: Criterion) -> tuple[Floats, float, float]:
    """Return the nearest minimum over orthogonal turns: it, its value, its slope."""
    for _ in range(TURNS):
        _, slope = criterion(rows @ turn)
        left, _, right = np.linalg.svd(-rows.T @ slope)
        before, turn = turn, left @ right
        if np.abs(turn - before).max() < 1e-14:
            break
    pattern = rows @ turn
    value, slope = criterion(pattern)
    product = pattern.T @ slope
    return turn, value, float(np.abs(product - product.T).max())


def _polished(rows: Floats, turn: Floats, criterion: Criterion) -> tuple[Floats, float, float]:
    """Return the nearest minimum over turns with columns of length 1: it, its value, its slope."""
    from scipy.optimize import minimize

    m = len(turn)

    def of(free: Floats) -> tuple[float, Floats]:
        given = free.reshape(m, m)
        length = np.sqrt((given**2).sum(axis=0))
        unit = given / length
        inverse = np.linalg.inv(unit)
        pattern = rows @ inverse.T
        value, slope = criterion(pattern)
        gradient = -(pattern.T @ slope @ inverse).T
        along = (gradient - unit * (unit * gradient).sum(axis=0)) / length
        return value, along.ravel()

    ended = minimize(of, turn.ravel(), jac=True, method="BFGS", options={"gtol": 1e-11})
    given = np.asarray(ended.x, dtype=np.float64).reshape(m, m)
    steepness = float(np.abs(ended.jac).max())
    return given / np.sqrt((given**2).sum(axis=0)), float(ended.fun), steepness


def _promax(rows: Floats, lengths: Floats | None) -> tuple[Floats, Floats]:
    """Return pattern and factor correlations of promax.

    `lengths` are those of rows that were normalised for varimax and the target only.
    """
    varimax, _, _ = _searched(rows, ROTATIONS["varimax"])
    target = np.sign(varimax) * np.abs(varimax) ** POWER
    given = varimax if lengths is None else varimax * lengths
    turn = np.linalg.lstsq(given, target, rcond=None)[0]
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    back = np.linalg.inv(turn)
    return given @ turn, back @ back.T


def _varimax(loadings: Floats) -> tuple[float, Floats]:
    squares = loadings**2
    centred = squares - squares.mean(axis=0)
    return -float((centred**2).sum()) / 4, -loadings * centred


def _quartimin(loadings: Floats) -> tuple[float, Floats]:
    squares = loadings**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return float((squares * others).sum()) / 4, loadings * others


def _geomin(loadings: Floats) -> tuple[float, Floats]:
    lifted = loadings**2 + GEOMIN_DELTA
    mean = np.exp(np.log(lifted).mean(axis=1, keepdims=True))
    return float(mean.sum()), 2 / loadings.shape[1] * loadings / lifted * mean


CRITERIA: Mapping[str, Criterion] = {
    "varimax": _varimax,
    "oblimin": _quartimin,
    "geomin_obl": _geomin,
}
