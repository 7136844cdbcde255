"""Groups of people that a report may show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from psychoscales.errors import RefusalError
from psychoscales.responses import Responses
from psychoscales.verbs.membership import labelled

MOST_GROUPS = 12


def shown_groups(people: Responses, by: str, small: int) -> tuple[Responses, int]:
    """Return the people, those of groups too small to be shown in no group, and how many those are.

    Raises:
        RefusalError: too many groups; or a few people, but not nobody, are in no shown group, so
            that their numbers would be what everybody's are less those of the groups.
    """
    if by not in people.kept:
        return people, 0
    values = people.column(by)
    levels, place = labelled(values, people.source.text)
    sizes = np.bincount(place[place >= 0], minlength=len(levels))
    if len(levels) > MOST_GROUPS:
        raise RefusalError(
            f"{by} has {len(levels):,} values: {MOST_GROUPS} groups at most are compared; put "
            "neighbouring values together before reading"
        )
    few = sizes < small
    outside = people.n - int(sizes[~few].sum())
    if 0 < outside < small:
        raise RefusalError(
            f"fewer than {small} people are in no group that could be shown: what everybody "
            "scores less what the groups score would be theirs; put groups together before reading"
        )
    if not few.any():
        return people, 0
    blanked = values.astype(object)
    blanked[np.append(few, False)[place]] = None
    return replace(people, kept={**people.kept, by: blanked}), int(few.sum())
