"""Whether a model's parameters can be told from its moments at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychoscales.engines.structure.cfa.matrices import Layout
from psychoscales.engines.structure.cfa.specification import Specification
from psychoscales.errors import RefusalError

Floats = npt.NDArray[np.float64]
SMALLEST = 1e-11
NAMED = 6


def check(layout: Layout, x: Floats) -> None:
    """Refuse a model that is not identified: counted, scaled, and by the rank of its Jacobian.

    The rank is taken a little beside the starting values, which can be special. It shows local
    identification, which is necessary; no check shows that a second solution is nowhere.

    Raises:
        RefusalError: more parameters than moments, a factor without a scale, or parameters that
            can change together without changing any moment (they are named).
    """
    of = layout.specification
    if of.df < 0:
        raise RefusalError(
            f"the model is not identified: {of.free} free parameters, {of.moments} moments; "
            "fix or equate parameters, or give the factor more items"
        )
    _scaled(of)
    beside = x + 0.05 * np.cos(np.arange(1, len(x) + 1) * 2.399) * np.maximum(np.abs(x), 0.3)
    jacobian = np.vstack(layout.jacobian(beside))
    sizes = np.sqrt((jacobian**2).sum(axis=0))
    names = of.names()
    if not (sizes > 0).all():
        idle = [names[at] for at in np.flatnonzero(~(sizes > 0))]
        raise RefusalError(f"the model is not identified: no moment depends on {_few(idle)}")
    unit = jacobian / sizes
    values, vectors = np.linalg.eigh(unit.T @ unit)
    if values[0] < SMALLEST:
        free = np.abs(vectors[:, values < SMALLEST]).max(axis=1)
        loose = [names[at] for at in np.flatnonzero(free > 0.05)]
        raise RefusalError(
            f"the model is not identified: {_few(loose)} can change together without changing "
            "any moment; fix or equate some of them"
        )


def _scaled(of: Specification) -> None:
    for at, factor in enumerate(of.factors):
        rows = [each for each in of.parameters if each.free < 0 and each.value != 0]
        variance = any(each.matrix == "psi" and each.row == each.column == at for each in rows)
        loading = any(each.matrix in ("lambda", "beta") and each.column == at for each in rows)
        equal = of.groups > 1 and any(each.label for each in of.parameters)
        if not (variance or loading or equal or _borrowed(of, at)):
            raise RefusalError(
                f"the factor '{factor}' has no scale: fix its variance or one of its loadings"
            )


def _borrowed(of: Specification, factor: int) -> bool:
    """Whether a loading equals one of another factor, as of the same factor at another occasion."""
    rows = [each for each in of.parameters if each.matrix in ("lambda", "beta") and each.free >= 0]
    own = {each.free for each in rows if each.column == factor}
    return any(each.free in own for each in rows if each.column != factor)


def _few(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
