"""Put given values on people so that correlations, slopes and SDs come out: search by swaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

TRIES = 40
SHARE = 0.25
KICKS = 1


@dataclass(frozen=True)
class Goals:
    r"""What an arrangement y [n] of values has to satisfy.

    Goal k asks that :math:`w_k'y / s_{g(k)}(y)` be `targets[k]`, where s_g is the SD (n - 1) of y
    over group g of people. A correlation, a standardized slope and a mean difference all have
    this form, with weights w_k that do not depend on y. The SD of a group may have a target too.

    Attributes:
        weights: w [n, k].
        group: g [k], columns of `members`.
        targets: [k].
        tolerances: [k]; a miss is squared in units of it.
        members: [n, groups], who belongs to each group.
        sds: [groups], NaN where the SD is free.
        sd_tolerances: [groups].
    """

    weights: Floats
    group: Indices
    targets: Floats
    tolerances: Floats
    members: Flags
    sds: Floats
    sd_tolerances: Floats


@dataclass(frozen=True)
class Sums:
    """The sums of y that goals need; a swap changes them by a difference of rows."""

    products: Floats
    ones: Floats
    squares: Floats


def sums(y: Floats, goals: Goals) -> Sums:
    """Return the sums of one arrangement."""
    members = goals.members.astype(float)
    return Sums(y @ goals.weights, y @ members, (y * y) @ members)


def misses(state: Sums, goals: Goals) -> Floats:
    """Return how far each goal is missed, in its tolerance: [..., k + groups]."""
    n = goals.members.sum(axis=0)
    variance = (state.squares - state.ones**2 / n) / (n - 1)
    sd = np.sqrt(np.maximum(variance, 1e-12))
    values = state.products / sd[..., goals.group]
    free = np.isnan(goals.sds)
    spread = np.where(free, 0.0, (sd - np.where(free, 0.0, goals.sds)) / goals.sd_tolerances)
    return np.concatenate([(values - goals.targets) / goals.tolerances, spread], axis=-1)


def arrange(
    y: Floats,
    people: Indices,
    goals: Goals,
    generator: np.random.Generator,
    *,
    rounds: int,
    enough: float,
) -> Floats:
    """Return y with values exchanged between people until the goals are met.

    Exchanges leave the values, and so their mean and SD over everybody, as they are. A round goes
    downhill from the best arrangement so far, after the first one with a few random exchanges
    made in it, and keeps what it found if that is better.

    Args:
        y: values [n]; those of people who take no part must be 0.
        people: whose values may be exchanged.
        goals: what to reach.
        generator: of random numbers.
        rounds: the most rounds.
        enough: the largest miss to be content with, in tolerances.
    """
    best, miss = _downhill(y, people, goals, enough)
    for _ in range(rounds - 1):
        if np.abs(miss).max() <= enough:
            break
        shaken = best.copy()
        for _ in range(KICKS):
            pair = generator.choice(people, size=2, replace=False)
            shaken[pair] = shaken[pair[::-1]]
        found, new = _downhill(shaken, people, goals, enough)
        if new @ new < miss @ miss:
            best, miss = found, new
    return best


def _downhill(y: Floats, people: Indices, goals: Goals, enough: float) -> tuple[Floats, Floats]:
    """Make the best exchange as long as that helps; return the arrangement and its misses."""
    y = y.copy()
    miss = misses(sums(y, goals), goals)
    slope = slopes(y, people, goals)
    helped = True
    while helped and np.abs(miss).max() > enough:
        helped = False
        for a, b in _best_exchanges(y[people], miss, slope):
            pair = people[[a, b]]
            y[pair] = y[pair[::-1]]
            new = misses(sums(y, goals), goals)
            if new @ new < (miss @ miss) * (1 - 1e-9):
                miss, helped = new, True
            else:
                y[pair] = y[pair[::-1]]
    return y, miss


@dataclass(frozen=True)
class Slopes:
    """How misses change with one person's value and its square, and their products by pairs.

    Attributes:
        value: u [people, misses].
        square: v [people, misses].
        uu: squared distances of rows of u [people, people].
        uv: products of differences of rows of u and of v.
        vv: squared distances of rows of v.
    """

    value: Floats
    square: Floats
    uu: Floats
    uv: Floats
    vv: Floats


def slopes(y: Floats, people: Indices, goals: Goals) -> Slopes:
    r"""Return the derivatives of the misses at y.

    With P = w'y, S and Q the sums of y and of its squares in the goal's group of m people,

    .. math::
       d\frac{P}{s} = \frac{dP}{s} - \frac{P}{s^2} ds, \qquad
       ds = \frac{dQ - 2 S\, dS / m}{2 (m - 1) s}
    """
    state = sums(y, goals)
    n = goals.members.sum(axis=0)
    sd = np.sqrt(np.maximum((state.squares - state.ones**2 / n) / (n - 1), 1e-12))
    members = goals.members[people].astype(float)
    of_value = -members * state.ones / (n * (n - 1) * sd)
    of_square = members / (2 * (n - 1) * sd)
    g = goals.group
    bend = state.products / sd[g] ** 2
    free = np.isnan(goals.sds)
    by_sd = np.where(free, 0.0, 1 / np.where(free, 1.0, goals.sd_tolerances))
    u = np.hstack(
        [
            (goals.weights[people] / sd[g] - bend * of_value[:, g]) / goals.tolerances,
            of_value * by_sd,
        ]
    )
    v = np.hstack([-bend * of_square[:, g] / goals.tolerances, of_square * by_sd])
    return Slopes(u, v, _differences(u, u), _differences(u, v), _differences(v, v))


def _differences(u: Floats, v: Floats) -> Floats:
    """Return (u_a - u_b)'(v_a - v_b) for all pairs of rows."""
    cross = u @ v.T
    own = np.diag(cross)
    return np.asarray(own[:, None] + own - cross - cross.T)


def _best_exchanges(y: Floats, miss: Floats, slope: Slopes) -> list[tuple[int, int]]:
    r"""Return the most promising exchanges, best first.

    To first order in s, exchanging a and b changes the misses by
    :math:`d = c (u_a - u_b) + q (v_a - v_b)` with :math:`c = y_b - y_a, q = y_b^2 - y_a^2`, and
    their sum of squares by :math:`2 m'd + d'd`: a few products of [people, people] matrices.
    """
    c = y - y[:, None]
    q = y**2 - (y**2)[:, None]
    u, v = 2 * (slope.value @ miss), 2 * (slope.square @ miss)
    gain = c * (u[:, None] - u + c * slope.uu + 2 * q * slope.uv)
    gain += q * (v[:, None] - v + q * slope.vv)
    flat = gain.ravel()
    worth = np.flatnonzero(flat < min(SHARE * float(flat.min()), -1e-9))
    # Rounded, and the first of equals, so that the last bits of a machine's arithmetic do not
    # decide; each pair stands in the matrix twice, and equal values gain nothing.
    worth = worth[np.lexsort((worth, np.round(flat[worth], 9)))][: 2 * TRIES]
    pairs = [divmod(int(k), len(y)) for k in worth]
    return [(a, b) for a, b in pairs if a < b]


def by_rank(values: Floats, order: Floats) -> Floats:
    """Return `values` placed so that the largest is where `order` is largest."""
    placed = np.empty(len(values))
    placed[np.argsort(order, kind="stable")] = np.sort(values)
    return placed


def start(values: Floats, wish: Floats, goals: Goals) -> Floats:
    r"""Return `values` in the order of `wish` after the least change that meets the goals.

    The change is :math:`W(W'W)^{+}(t - W'z)` for standardized z: it meets all goals exactly for
    continuous values if the SDs of the groups are those of everybody.
    """
    z = (wish - wish.mean()) / wish.std(ddof=1)
    gap = goals.targets - z @ goals.weights
    change = goals.weights @ (np.linalg.pinv(goals.weights.T @ goals.weights) @ gap)
    return by_rank(values, z + change)
