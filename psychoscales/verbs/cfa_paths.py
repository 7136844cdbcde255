"""The path diagram of a fitted factor model, as plain arrays."""

from __future__ import annotations

import numpy as np

from psychoscales.engines.structure.cfa.fit import Fit
from psychoscales.engines.structure.cfa.standardized import spread, standardized
from psychoscales.plots.path_diagram import Paths


def paths_of(found: Fit) -> Paths:
    """Return standardized estimates as matrices; NaN where the model has no parameter."""
    of = found.specification
    k, m = len(of.items), len(of.factors)
    made = {
        "lambda": np.full((k, m), np.nan),
        "beta": np.full((m, m), np.nan),
        "psi": np.full((m, m), np.nan),
        "theta": np.full((k, k), np.nan),
    }
    for row, value in zip(of.parameters, standardized(found).estimate, strict=True):
        absent = row.free < 0 and row.value == 0
        if row.matrix in made and row.group == 0 and not absent:
            made[row.matrix][row.row, row.column] = value
            if row.matrix in ("psi", "theta"):
                made[row.matrix][row.column, row.row] = value
    (at, *_), (layout, x) = found.matrices, (found.layout, found.x)
    variances = spread(layout, 0, at, x)
    return Paths(
        items=of.items,
        factors=of.factors,
        loadings=made["lambda"],
        residuals=variances.residual[0] / variances.item[0],
        correlations=made["psi"],
        higher=made["beta"],
        item_correlations=made["theta"],
    )
