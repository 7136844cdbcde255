"""First-order factors of many correlation matrices at once: minres, then oblimin.

The stacks are for bootstrap samples; a single analysis, with its choices of method and rotation,
is the business of `psychoscales.engines.structure`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.reliability.matrices import definite, unpredicted
from psychoscales.engines.reliability.one_factor import FLAT, HEYWOOD

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STEPS, TURNS = 100, 2000
STATIONARY = 1e-9
"""The length of the projected gradient at which a rotation has arrived."""


def extracted(r: Floats, m: int) -> tuple[Floats, Floats, Bools, Bools]:
    """Return minres loadings [b, k, m], uniquenesses, and where they are proper and improper.

    Newton's method in the uniquenesses, on half the squares of the k - m smallest roots of
    R - Psi; along directions that bend the wrong way the step is turned round.
    """
    b, k = r.shape[:2]
    at, rest = np.arange(k), k - m
    reduced = np.array(r)
    psi = unpredicted(r)
    psi = np.where(np.isfinite(psi), psi, 0.5)
    damping = np.full(b, 1e-3)
    minimum = np.zeros(b, dtype=bool)
    live = np.arange(b)
    for _ in range(STEPS):
        value, gradient, hessian = _small_roots(r[live], psi[live], rest)
        flat = np.abs(gradient).max(axis=-1) <= FLAT
        if flat.any():
            minimum[live[flat]] = definite(hessian[flat])
            live, value = live[~flat], value[~flat]
            gradient, hessian = gradient[~flat], hessian[~flat]
        if not len(live):
            break
        bend, axes = np.linalg.eigh(hessian)
        along = (axes.transpose(0, 2, 1) @ gradient[..., None])[..., 0]
        along = along / (np.maximum(np.abs(bend), 1e-8) + damping[live][:, None])
        there = psi[live] - np.clip((axes @ along[..., None])[..., 0], -0.3, 0.3)
        tried = _small_roots(r[live], there, rest)[0]
        better = tried <= value * (1 + 1e-13) + 1e-30
        psi[live[better]] = there[better]
        damping[live] = np.where(better, damping[live] / 10, np.maximum(10 * damping[live], 1e-6))
        damping[live] = np.where(damping[live] < 1e-9, 0.0, damping[live])
    reduced[:, at, at] = 1 - psi
    values, vectors = np.linalg.eigh(reduced)
    loadings = vectors[:, :, rest:] * np.sqrt(np.maximum(values[:, None, rest:], 0))
    improper = psi.min(axis=-1, initial=1.0) < HEYWOOD
    enough = (values[:, rest:] > HEYWOOD).all(axis=-1)
    return loadings, psi, minimum & ~improper & enough, improper


def _small_roots(r: Floats, psi: Floats, rest: int) -> tuple[Floats, Floats, Floats]:
    """Return the minres criterion [b], its gradient and its Hessian in the uniquenesses."""
    reduced = np.array(r)
    at = np.arange(psi.shape[-1])
    reduced[:, at, at] = 1 - psi
    values, vectors = np.linalg.eigh(reduced)
    small, loose = values[:, :rest], vectors[:, :, :rest]
    gradient = -((loose**2) @ small[..., None])[..., 0]
    hessian = (loose @ loose.transpose(0, 2, 1)) ** 2
    for large in range(rest, psi.shape[-1]):
        away = np.minimum(small - values[:, large : large + 1], -1e-12)
        kept = vectors[:, :, large]
        bent = (loose * (small / away)[:, None, :]) @ loose.transpose(0, 2, 1)
        hessian += 2 * kept[:, :, None] * kept[:, None, :] * bent
    return (small**2).sum(axis=-1) / 2, gradient, hessian


def oblique(axes: Floats) -> tuple[Floats, Floats, Bools]:
    """Return oblimin loadings [b, k, m], factor correlations and whether the search arrived.

    Oblimin with gamma = 0 (direct quartimin) of rows as they are, begun at varimax of normalised
    rows, as psych::omega does.

    Source:
        Bernaards CA, Jennrich RI. Educ Psychol Meas 2005;65:676-696.
        doi:10.1177/0013164404272507.
    """
    pattern, turn, arrived = _oblimin(axes, _varimax(axes))
    return pattern, turn.transpose(0, 2, 1) @ turn, arrived


def _varimax(loadings: Floats) -> Floats:
    """Return turns [b, m, m] near varimax of normalised rows, to begin oblimin at."""
    b, _, m = loadings.shape
    lengths = np.sqrt((loadings**2).sum(axis=-1, keepdims=True))
    rows = loadings / np.maximum(lengths, 1e-12)
    turn = np.tile(np.eye(m), (b, 1, 1))
    for _ in range(100):
        turned = rows @ turn
        uneven = turned * (turned**2 - (turned**2).mean(axis=1, keepdims=True))
        left, _, right = np.linalg.svd(rows.transpose(0, 2, 1) @ uneven)
        moved = left @ right
        settled = np.abs(moved - turn).max(initial=0.0) < 1e-4
        turn = moved
        if settled:
            break
    return turn


def _oblimin(axes: Floats, start: Floats) -> tuple[Floats, Floats, Bools]:
    """Return pattern [b, k, m], turn T [b, m, m] (phi is T'T) and whether the search arrived.

    Gradient projection on the sum of products of squared loadings of different factors, with
    steps of Barzilai and Borwein's length, shortened until they lead downwards.
    """
    turn = np.array(start)
    arrived = np.zeros(len(axes), dtype=bool)
    live, size = np.arange(len(axes)), np.ones(len(axes))
    value, slope = _crossed(axes, turn)
    for _ in range(TURNS):
        there = _length(slope[live]) < STATIONARY
        arrived[live[there]] = True
        live = live[~there]
        if not len(live):
            break
        was, down = turn[live], slope[live]
        found, *moved = _downwards(axes[live], was, value[live], down, size[live])
        # No step leads downwards: rounding is all that is left, or something is wrong.
        arrived[live[~found]] = _length(down[~found]) < 100 * STATIONARY
        live = live[found]
        turn[live], value[live], slope[live] = (part[found] for part in moved)
        change, bend = turn[live] - was[found], slope[live] - down[found]
        curved = (change * bend).sum(axis=(-2, -1))
        best = (change**2).sum(axis=(-2, -1)) / np.where(curved > 0, curved, 1.0)
        size[live] = np.where(curved > 0, np.clip(best, 1e-3, 1e3), np.minimum(2 * size[live], 1e3))
    back = np.linalg.inv(turn)
    return axes @ back.transpose(0, 2, 1), turn, arrived


def _downwards(
    axes: Floats, turn: Floats, value: Floats, slope: Floats, size: Floats
) -> tuple[Bools, Floats, Floats, Floats]:
    """Return where a step that is not too long leads, and whether there is one."""
    steep = _length(slope)
    moved, reached, tilted = np.array(turn), np.array(value), np.array(slope)
    found = np.zeros(len(turn), dtype=bool)
    todo, length = np.arange(len(turn)), np.array(size)
    for _ in range(25):
        trial = turn[todo] - length[todo][:, None, None] * slope[todo]
        trial = trial / np.sqrt((trial**2).sum(axis=1, keepdims=True))
        new, gradient = _crossed(axes[todo], trial)
        fine = new <= value[todo] - 1e-4 * steep[todo] ** 2 * length[todo]
        # Where values differ by rounding only, the slope tells which place is lower.
        same = np.abs(new - value[todo]) <= 1e-14 * value[todo]
        fine |= same & (_length(gradient) < steep[todo])
        good = todo[fine]
        moved[good], reached[good], tilted[good] = trial[fine], new[fine], gradient[fine]
        found[good] = True
        todo = todo[~fine]
        length[todo] /= 2
        if not len(todo):
            break
    return found, moved, reached, tilted


def _length(slope: Floats) -> Floats:
    return np.asarray(np.sqrt((slope**2).sum(axis=(-2, -1))))


def _crossed(axes: Floats, turn: Floats) -> tuple[Floats, Floats]:
    """Return the quartimin criterion [b] and its gradient [b, m, m] along turns of unit columns."""
    back = np.linalg.inv(turn)
    pattern = axes @ back.transpose(0, 2, 1)
    squares = pattern**2
    others = squares.sum(axis=-1, keepdims=True) - squares
    gradient = -((pattern.transpose(0, 2, 1) @ (pattern * others)) @ back).transpose(0, 2, 1)
    along = gradient - turn * (turn * gradient).sum(axis=1, keepdims=True)
    return (squares * others).sum(axis=(-2, -1)) / 4, along
