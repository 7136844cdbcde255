r"""The bivariate normal distribution, on arrays: probabilities below a point, and densities.

With :math:`\rho = \sin\theta` the density's integral over the correlation has no singularity
inside (Plackett's identity):

.. math:: \Phi_2(h, k, \rho) = \Phi(h)\Phi(k) + \frac{1}{2\pi} \int_0^{\arcsin\rho}
    \exp\left(-\frac{h^2 - 2hk\sin\theta + k^2}{2\cos^2\theta}\right) d\theta

Gauss-Legendre nodes do it. Towards a perfect correlation the integrand is nearly singular; there
the integral is taken from the other end, where what is singular has a closed form.

Source: Drezner Z, Wesolowsky GO. On the computation of the bivariate normal integral. J Stat
Comput Simul 1990;35:101-107. doi:10.1080/00949659008811236. Genz A. Numerical computation of
rectangular bivariate and trivariate normal and t probabilities. Stat Comput 2004;14:251-260.
doi:10.1023/B:STCO.0000035304.20635.31
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FAR = 40.0
"""A normal deviate beyond which nothing is left, neither probability nor density."""
STEEP = 0.925
"""The |correlation| above which the integral is taken from the other end."""
NODES = ((0.3, 6), (0.75, 12), (STEEP, 20))
TAIL_NODES = 20
LAGUERRE_NODES = 24
REMOTE = 12.0
"""The exponent from which a shortfall is small enough for Gauss-Laguerre quadrature."""
FEW = 128
"""Rows too few to be worth sorting by how many nodes they need."""
CHUNK = 16_384
"""Points that are worked on at a time: few enough for the processor's cache."""
TWO_PI = 2 * np.pi


@cache
def legendre(nodes: int) -> tuple[Floats, Floats]:
    """Return the nodes and weights of Gauss-Legendre quadrature on (-1, 1)."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return points, weights


def normal_cdf(x: Floats) -> Floats:
    """Return the standard normal distribution function."""
    from scipy.special import ndtr

    return np.asarray(ndtr(x), dtype=np.float64)


def normal_density(x: Floats) -> Floats:
    """Return the standard normal density."""
    density: Floats = np.exp(-0.5 * x * x) / np.sqrt(TWO_PI)
    return density


@cache
def laguerre() -> tuple[Floats, Floats]:
    """Return the nodes and weights of Gauss-Laguerre quadrature on (0, inf)."""
    points, weights = np.polynomial.laguerre.laggauss(LAGUERRE_NODES)
    return points, weights


def bivariate_cdf(h: npt.ArrayLike, k: npt.ArrayLike, rho: npt.ArrayLike) -> Floats:
    """Return P(X <= h, Y <= k) of standard normal X and Y that correlate by `rho`.

    The arguments are broadcast; limits may be infinite, `rho` may be -1 or 1. The absolute error
    is below 1e-14 (tests: identities of the distribution, Owen's T function of SciPy).

    Raises:
        ValueError: a correlation lies outside -1 ... 1.
    """
    points = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (h, k, rho)))
    across, down, flat = (each.ravel() for each in points)
    if not (np.abs(flat) <= 1).all():
        raise ValueError("a correlation lies between -1 and 1")
    found = np.empty(flat.size)
    for start in range(0, flat.size, CHUNK):
        part = slice(start, start + CHUNK)
        x = np.clip(across[part], -FAR, FAR)[:, None]
        y = np.clip(down[part], -FAR, FAR)[:, None]
        both = normal_cdf(x) * normal_cdf(y) + association(x, y, flat[part])
        found[part] = both[:, 0]
    return np.clip(found, 0.0, 1.0).reshape(points[0].shape)


def bivariate_density(h: Floats, k: Floats, rho: Floats) -> tuple[Floats, Floats]:
    r"""Return the bivariate normal density, and its derivative with respect to the correlation.

    The density is itself the derivative of the distribution function: :math:`\partial\Phi_2 /
    \partial\rho = \varphi_2`. Arguments that broadcast; every |rho| < 1.
    """
    rest = (1 - rho) * (1 + rho)
    product, squares = h * k, h * h + k * k
    density = np.exp((rho * product - 0.5 * squares) / rest) / (TWO_PI * np.sqrt(rest))
    slope = (rho + ((1 + rho * rho) * product - rho * squares) / rest) / rest
    return density, density * slope


def association(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Return P(X <= h, Y <= k) less what it is when X and Y are independent.

    Args:
        h, k: points [m, t], none beyond `FAR`.
        rho: correlations [m], one for the t points of a row.
    """
    size = np.abs(rho)
    largest = float(size.max(initial=0.0))
    if len(rho) <= FEW and largest <= STEEP:
        return _from_zero(h, k, rho, next(nodes for limit, nodes in NODES if largest <= limit))
    found = np.empty(np.broadcast_shapes(h.shape, k.shape))
    before = -1.0
    for limit, nodes in NODES:
        band = (size > before) & (size <= limit)
        if band.any():
            found[band] = _from_zero(h[band], k[band], rho[band], nodes)
        before = limit
    if largest > STEEP:
        steep = size > STEEP
        found[steep] = _from_one(h[steep], k[steep], rho[steep])
    return found


def _from_zero(h: Floats, k: Floats, rho: Floats, nodes: int) -> Floats:
    return angle_integral(h * k, 0.5 * (h * h + k * k), np.zeros_like(rho), np.arcsin(rho), nodes)


def angle_integral(
    product: Floats, half_squares: Floats, start: Floats, stop: Floats, nodes: int
) -> Floats:
    """Return the change of the distribution function from one correlation to another.

    Args:
        product: h k at the points [m, t].
        half_squares: (h^2 + k^2) / 2 at the points [m, t].
        start, stop: arcsines of the two correlations [m].
        nodes: Gauss-Legendre nodes.
    """
    middle, half = 0.5 * (stop + start)[:, None], 0.5 * (stop - start)[:, None]
    total = np.zeros(product.shape)
    work = np.empty(product.shape)
    for point, weight in zip(*legendre(nodes), strict=True):
        angle = middle + half * point
        np.multiply(product, np.sin(angle), out=work)
        np.subtract(work, half_squares, out=work)
        np.multiply(work, np.cos(angle) ** -2, out=work)
        np.exp(work, out=work)
        np.multiply(work, half * (weight / TWO_PI), out=work)
        total += work
    return total


def _from_one(h: Floats, k: Floats, rho: Floats) -> Floats:
    r"""The same from the side of a perfect correlation, all |rho| > STEEP.

    With x = cos(theta) and b = |h - k| the integrand is exp(-b^2 / (2 x^2)) g(x) for a smooth g;
    the part of g's expansion at 0 up to x^4 is integrated in closed form, the rest by nodes.
    """
    k = np.where(rho[:, None] < 0, -k, k)
    end = np.sqrt((1 - np.abs(rho)) * (1 + np.abs(rho)))[:, None]
    gap, product = np.abs(h - k), h * k
    square = gap * gap
    first = (4 - product) / 8
    second = first * (12 - product) / 16
    remainder = np.zeros(product.shape)
    for point, weight in zip(*legendre(TAIL_NODES), strict=True):
        x = 0.5 * end * (1 + point)
        xx = x * x
        cosine = np.sqrt((1 - x) * (1 + x))
        with np.errstate(divide="ignore", invalid="ignore"):
            singular = np.where(square > 0, -0.5 * square / xx, 0.0)
        exact = np.exp(singular - product / (1 + cosine)) / cosine
        expansion = np.exp(singular - 0.5 * product) * (1 + xx * (first + xx * second))
        remainder += (0.5 * weight) * end * (exact - expansion)
    tail = (remainder + _closed_part(gap, product, end, first, second)) / TWO_PI
    below = np.where(rho[:, None] < 0, -1.0, 1.0)
    at_end = np.where(below > 0, normal_cdf(np.minimum(h, k)), normal_cdf(h) - normal_cdf(k))
    at_end = np.where(below > 0, at_end, np.maximum(at_end, 0.0))
    independent = normal_cdf(h) * normal_cdf(below * k)
    result: Floats = at_end - below * tail - independent
    return result


def _closed_part(
    gap: Floats, product: Floats, end: Floats, first: Floats, second: Floats
) -> Floats:
    """The integral of exp(-b^2 / (2 x^2) - hk / 2) (1 + first x^2 + second x^4) from 0 to `end`."""
    square = gap * gap
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(gap > 0, gap / end, 0.0)
    edge = np.exp(-0.5 * ratio * ratio - 0.5 * product)
    with np.errstate(over="ignore", invalid="ignore"):
        below = np.exp(-0.5 * product) * normal_cdf(-ratio)
    below = np.where(edge > 0, below, 0.0)
    order0 = end * edge - gap * np.sqrt(TWO_PI) * below
    order2 = (end**3 * edge - square * order0) / 3
    order4 = (end**5 * edge - square * order2) / 5
    part: Floats = order0 + first * order2 + second * order4
    return part


def shortfall(h: Floats, k: Floats, rho: Floats) -> Floats:
    r"""Return how much P(X <= h, Y <= k) differs from what it is at a perfect correlation.

    That of the sign of `rho`: min(Phi(h), Phi(k)), or max(0, Phi(h) + Phi(k) - 1). Where the
    difference is small its relative error is small as well, since nothing is subtracted. Arrays
    of one shape; 0 < |rho| < 1.
    """
    k = np.where(rho < 0, -k, k)
    end2 = (1 - rho) * (1 + rho)
    product = h * k
    exponent = 0.5 * (h - k) ** 2 / end2
    direct = np.abs(association(h[:, None], k[:, None], np.abs(rho))[:, 0] - _perfect(h, k))
    far = np.maximum(exponent, REMOTE)
    total = np.zeros(h.shape)
    # Substituting cos(theta) = end / sqrt(1 + s / exponent) leaves exp(-s) and a smooth factor.
    for point, weight in zip(*laguerre(), strict=True):
        grown = 1 + point / far
        sine = np.sqrt(1 - end2 / grown)
        total += weight * grown**-1.5 * np.exp(-far - product / (1 + sine)) / sine
    remote = total * np.sqrt(end2) / (2 * far * TWO_PI)
    return np.where(exponent > REMOTE, remote, direct)


def _perfect(h: Floats, k: Floats) -> Floats:
    """min(Phi(h), Phi(k)) less what independence has."""
    below = normal_cdf(np.minimum(h, k))
    return below * normal_cdf(-np.maximum(h, k))
