"""Comparing with goldens: relative to the golden value, absolute where that is 0."""

from __future__ import annotations

from typing import Any

import numpy as np

CLOSED_FORM = 1e-10


def differences(found: Any, golden: Any, tolerance: float = CLOSED_FORM) -> list[str]:
    """Return every place where numbers differ by more than the tolerance; shapes must agree."""
    ours, theirs = np.asarray(found, dtype=float), np.asarray(golden, dtype=float)
    if ours.shape != theirs.shape:
        return [f"shape {ours.shape}, golden {theirs.shape}"]
    if not np.isfinite(theirs).all():
        return [f"a golden value is no number: {golden}"]
    allowed = tolerance * np.where(theirs == 0, 1.0, np.abs(theirs))
    wrong = np.argwhere(~(np.abs(ours - theirs) <= allowed))
    return [
        f"at {tuple(at.tolist())}: {ours[tuple(at)]!r}, golden {theirs[tuple(at)]!r}"
        for at in wrong
    ]


def assert_close(found: Any, golden: Any, what: str, tolerance: float = CLOSED_FORM) -> int:
    """Fail unless all numbers agree; return how many were compared."""
    wrong = differences(found, golden, tolerance)
    assert not wrong, f"{what}: " + "; ".join(wrong)
    return int(np.asarray(golden).size)
