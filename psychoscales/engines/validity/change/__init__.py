"""Change between two occasions: arrays of scores in, estimates with intervals out.

Change is counted in the direction of improvement: later minus earlier times `direction`, which is
1 where higher scores are better and -1 where lower ones are. Scores of one score's people are
`before` and `after` [n], without gaps.
"""

from __future__ import annotations

from psychoscales.engines.validity.change.anchor import auc, polyserial_r, spearman_r
from psychoscales.engines.validity.change.effect import (
    effect_size,
    mean_change,
    standardized_response_mean,
)
from psychoscales.engines.validity.change.mic import Curve
from psychoscales.engines.validity.change.occasions import People, people
from psychoscales.engines.validity.change.redrawn import minimal_changes, resampled_effects
from psychoscales.engines.validity.change.reliable import (
    CRITERIA,
    METHODS,
    NORMAL_95,
    SDC,
    Band,
    Observed,
    clinical_cutoff,
    observed,
)

__all__ = [
    "CRITERIA",
    "METHODS",
    "NORMAL_95",
    "SDC",
    "Band",
    "Curve",
    "Observed",
    "People",
    "auc",
    "clinical_cutoff",
    "effect_size",
    "mean_change",
    "minimal_changes",
    "observed",
    "people",
    "polyserial_r",
    "resampled_effects",
    "spearman_r",
    "standardized_response_mean",
]
