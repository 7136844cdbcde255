"""Small counts along an axis: which may be shown, so that none is worked out from the others.

Counts along an ordered axis are put together with their neighbours until each group is empty or
has at least `small` people. Whatever is shown is a sum of whole groups, so whatever can be worked
out from what is shown is one too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

DECIMALS = 3


def together(counts: Sequence[int], small: int) -> tuple[tuple[int, int], ...]:
    """Return the groups of neighbours, as (first, last + 1), that may be shown.

    A group of fewer than `small` people, but not nobody, is joined with the smaller of its
    neighbours. Where all people are fewer than `small` there is one group. No joined group has
    only empty ones between it and an end.
    """
    return to_the_ends(_joined(counts, small), counts)


def to_the_ends(
    groups: Sequence[tuple[int, int]], counts: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Return the groups, the first and last that anybody is in reaching out to the ends.

    Only where they are joined of several counts: each of those has somebody in it or was small,
    so that where the empty ones begin would tell the very lowest or highest that few people have.
    """
    there = [place for place, (a, b) in enumerate(groups) if sum(counts[a:b])]
    made = list(groups)
    if there and made[there[-1]][1] - made[there[-1]][0] > 1:
        made[there[-1] :] = [(made[there[-1]][0], len(counts))]
    if there and made[there[0]][1] - made[there[0]][0] > 1:
        made[: there[0] + 1] = [(0, made[there[0]][1])]
    return tuple(made)


def _joined(counts: Sequence[int], small: int) -> tuple[tuple[int, int], ...]:
    groups = [(place, place + 1) for place in range(len(counts))]
    sums = [int(count) for count in counts]
    while len(groups) > 1:
        few = [place for place, count in enumerate(sums) if 0 < count < small]
        if not few:
            break
        place = min(few, key=lambda each: sums[each])
        beside = [each for each in (place - 1, place + 1) if 0 <= each < len(groups)]
        other = min(beside, key=lambda each: (sums[each] == 0, sums[each]))
        first, second = sorted((place, other))
        groups[first : second + 1] = [(groups[first][0], groups[second][1])]
        sums[first : second + 1] = [sums[first] + sums[second]]
    return tuple(groups)


def shown(counts: Sequence[int], small: int) -> tuple[bool, ...]:
    """Return for each count whether it stands alone and may be shown."""
    alone = {first for first, last in together(counts, small) if last == first + 1}
    if len(counts) == 1:
        return (not 0 < counts[0] < small,)
    return tuple(place in alone for place in range(len(counts)))


def decimals(n: int, small: int) -> int:
    """Return to how many decimals a mean of n people may be given beside hidden counts.

    So many that `small` answers one step higher would not be seen.
    """
    if small <= 1:
        return DECIMALS
    return max(0, min(DECIMALS, math.floor(math.log10(max(0.5 * n / small, 1.0)))))


def rare(values: Iterable[Any], small: int) -> list[str]:
    """Return, as texts, the values that fewer than `small` people have; blanks are no values."""
    counts = Counter(str(each) for each in values if each is not None and each == each)
    return [value for value, count in counts.items() if count < small]
