"""The second derivatives of implied moments, contracted with what pulls at them.

With pull w and push Omega held fixed, the sum tr(Omega Sigma) / 2 - w' mu has first derivatives
by the model matrices in closed form; differentiating these once more gives the part of an
observed information matrix that the Jacobian alone leaves out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.matrices import Layout, Matrices

Floats = npt.NDArray[np.float64]


def bending(layout: Layout, group: int, of: Matrices, pull: Floats, push: Floats) -> Floats:
    r"""Return :math:`\sum_m s_m\, \partial^2 \sigma_m / \partial\theta \partial\theta'` [q, q].

    Args:
        layout: the compiled model, of continuous items.
        group: which group.
        of: its model matrices.
        pull: w [p], the slope of the means with its sign turned.
        push: Omega [p, p], symmetric; twice the slope of the covariances.
    """
    places = layout.places[group]
    q, (p, m) = layout.q, of.lam.shape
    curved = np.zeros((q, q))
    moving = [name for name in ("lambda", "beta", "psi", "alpha") if name in places]
    if not moving:
        return curved
    among = of.among
    on = of.lam @ among
    steps = {name: _steps(layout, group, name) for name in moving}
    d_lam, d_psi = steps.get("lambda"), steps.get("psi")
    d_beta, d_alpha = steps.get("beta"), steps.get("alpha")
    d_on, d_among, d_core = np.zeros((q, p, m)), np.zeros((q, m, m)), np.zeros((q, p, m))
    if d_lam is not None:
        d_on += d_lam @ among
    if d_beta is not None:
        d_among = among @ d_beta @ among
        d_on += on @ d_beta @ among
    core = push @ on @ of.psi - np.outer(pull, of.alpha)
    d_core += push @ d_on @ of.psi
    if d_psi is not None:
        d_core += push @ on @ d_psi
    if d_alpha is not None:
        d_core -= pull[:, None] * d_alpha[:, None, :, 0]
    by = d_core @ among.T + core @ np.swapaxes(d_among, 1, 2)
    moved = {"lambda": by, "beta": np.swapaxes(d_on, 1, 2) @ core @ among.T + on.T @ by}
    bent = on.T @ push @ d_on
    moved["psi"] = bent + np.swapaxes(bent, 1, 2)
    moved["alpha"] = -np.swapaxes(d_on, 1, 2) @ pull[:, None]
    for name in moving:
        at = places[name]
        column = moved[name][:, at.rows, at.columns]
        if name == "psi":
            column = np.where(at.rows == at.columns, column / 2, column)
        np.add.at(curved.T, at.free, column.T)
    return (curved + curved.T) / 2


def _steps(layout: Layout, group: int, name: str) -> Floats:
    """Return the change of one matrix by each free parameter [q, rows, columns]."""
    at = layout.places[group][name]
    steps = np.zeros((layout.q, *layout.shapes[name]))
    steps[at.free, at.rows, at.columns] = 1.0
    if name == "psi":
        steps[at.free, at.columns, at.rows] = 1.0
    return steps
