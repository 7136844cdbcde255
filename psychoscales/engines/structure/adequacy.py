"""Are the correlations worth factoring? Kaiser-Meyer-Olkin and Bartlett's test."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]


def kmo(correlation: Floats) -> tuple[float, Floats]:
    r"""Return the Kaiser-Meyer-Olkin measure of a correlation matrix, overall and per item [k].

    .. math:: KMO_i = \frac{\sum_{j \ne i} r_{ij}^2}{\sum_{j \ne i} r_{ij}^2 + \sum_{j \ne i}
        p_{ij}^2}

    with p the partial correlations given all other items; overall, both sums are over all pairs.
    factor_analyzer's function takes the rows of people; this takes their correlations, so that
    counted answers and polychorics have it too.

    Raises:
        RefusalError: the matrix is not positive definite, so that it has no partial correlations.

    Source:
        Kaiser HF. An index of factorial simplicity. Psychometrika 1974;39:31-36.
        doi:10.1007/BF02291575. Agrees with psych::KMO and factor_analyzer to 1e-10.
    """
    positive_definite(correlation, "KMO")
    inverse = np.linalg.inv(correlation)
    root = np.sqrt(np.diag(inverse))
    partial = (inverse / np.outer(root, root)) ** 2
    squares = correlation**2
    np.fill_diagonal(partial, 0.0)
    np.fill_diagonal(squares, 0.0)
    if squares.sum() + partial.sum() == 0:
        raise RefusalError("no KMO: no item correlates with any other")
    each = squares.sum(axis=0) / np.maximum(squares.sum(axis=0) + partial.sum(axis=0), 1e-300)
    return float(squares.sum() / (squares.sum() + partial.sum())), each


def bartlett(correlation: Floats, n: int) -> tuple[float, int, float]:
    r"""Return chi-square, df and p of Bartlett's test that no two items correlate.

    .. math:: \chi^2 = -\left(n - 1 - \frac{2k + 5}{6}\right) \log |R|, \quad df = k (k - 1) / 2

    It assumes normal answers; with some hundred people it rejects for any questionnaire.

    Raises:
        RefusalError: too few people; a matrix that is not positive definite.

    Source:
        Bartlett MS. J R Stat Soc B 1954;16:296-298. doi:10.1111/j.2517-6161.1954.tb00174.x.
        Agrees with psych::cortest.bartlett and factor_analyzer to 1e-10.
    """
    from scipy.special import chdtrc

    positive_definite(correlation, "Bartlett's test")
    k = len(correlation)
    factor = n - 1 - (2 * k + 5) / 6
    if factor <= 0:
        raise RefusalError(f"{n} people are too few for Bartlett's test of {k} items")
    chisq = -factor * float(np.linalg.slogdet(correlation)[1])
    df = k * (k - 1) // 2
    return chisq, df, float(chdtrc(df, max(chisq, 0.0)))


def positive_definite(correlation: Floats, what: str) -> None:
    """Refuse a matrix whose smallest eigenvalue is not above zero."""
    lowest = float(np.linalg.eigvalsh(correlation)[0])
    if lowest < 1e-10:
        raise RefusalError(
            f"no {what}: the correlation matrix is not positive definite (smallest eigenvalue "
            f"{lowest:.2g}); too few people, pairs of different people, empty cells, or items that "
            "say the same"
        )
