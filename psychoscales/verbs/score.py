"""`psychoscales.score`: checked answers to scores, bands, rules and flags."""

from __future__ import annotations

from typing import Any

from psychoscales.scores import Scores
from psychoscales.scoring import score_responses
from psychoscales.spec.binding import BindingSource
from psychoscales.verbs.keyed import responses_of
from psychoscales.verbs.read import ScaleSource


def score(
    data: Any, scale: ScaleSource | None = None, *, binding: BindingSource | None = None
) -> Scores:
    """Score everything that the scales of `data` declare.

    Args:
        data: what `read` returned; or a frame or a file's path, with `scale`.
        scale: the scale to read `data` with; where `data` has been read, the one to score.
        binding: how the file stores the answers, where `data` is still to be read.

    Returns:
        `Scores`: `.to_frame()` has a row a person, in input order, and for every score
        ``{scale}_{score}`` (NaN where too many answers are missing), ``..._n_valid`` and
        ``..._status`` (ok, prorated, too_many_missing), then bands, rules (null where completions
        of the missing answers disagree) and flags (raised, clear, not_assessed).

    Examples:
        >>> import pandas as pd
        >>> import psychoscales as ps
        >>> frame = pd.DataFrame({f"phq9_{n}": [2, 3] for n in range(1, 10)})
        >>> ps.score(frame, "phq9").to_frame()[["phq9_total", "phq9_severity"]]
           phq9_total      phq9_severity
        0        18.0  moderately_severe
        1        27.0             severe
    """
    return score_responses(responses_of(data, scale, binding))
