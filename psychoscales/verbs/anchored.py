"""What an anchor says of each person: improved or not, minimally, not at all, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychoscales.errors import RefusalError, UnknownNameError
from psychoscales.spec.stored import same
from psychoscales.verbs.occasions import Occasions
from psychoscales.verbs.truths import factorized

Bools = npt.NDArray[np.bool_]
PLAIN = (({0.0, 1.0}, 1.0), ({"false", "true"}, "true"), ({"no", "yes"}, "yes"))
FEWEST_TO_ORDER = 3


@dataclass(frozen=True, eq=False)
class Anchored:
    """An anchor's answers of n people.

    Attributes:
        name: of its column.
        improved: 1 or 0, NaN where there is no answer [n].
        minimal, stable: whose answer means minimally improved, and unchanged [n].
        ranks: of the answers, the worst 0; -1 where there is none [n]; None without a known
            order.
        means: which answers mean improved.
    """

    name: str
    improved: npt.NDArray[np.float64]
    minimal: Bools
    stable: Bools
    ranks: npt.NDArray[np.int64] | None
    means: str

    def some(self, which: Bools) -> Anchored:
        """Return some of the people."""
        ranks = None if self.ranks is None else self.ranks[which]
        columns = (self.improved[which], self.minimal[which], self.stable[which])
        return Anchored(self.name, *columns, ranks, self.means)


def anchored(
    together: Occasions,
    name: str,
    *,
    improved: Any = None,
    minimal: Any = None,
    stable: Any = None,
    order: Sequence[Any] | None = None,
) -> Anchored:
    """Return what a kept column says: of the later occasion, or of the earlier one.

    Args:
        together: the people.
        name: the column.
        improved, minimal, stable: the value, or several, that mean so; `improved` may be left out
            where that is plain (1 of 0 and 1, true, yes).
        order: the column's values from worst to best, where they are texts.

    Raises:
        UnknownNameError: no such column or value.
        RefusalError: one value only, or what means improved cannot be known or contradicts the
            order.
    """
    first, second = (part.responses for part in together.scores)
    where, at = (second, 1) if name in second.kept else (first, 0)
    if name not in where.kept:
        hint = f'keep it when reading: keep=["{name}"]'
        raise UnknownNameError("kept column", name, {**second.kept, **first.kept}, hint)
    codes, levels = factorized(where.kept[name], written=where.source.text)
    codes = codes[together.rows[:, at]]
    used = [level for place, level in enumerate(levels) if (codes == place).any()]
    if len(used) < 2:
        raise RefusalError(
            f"{name}: {'the answer is ' + used[0] if used else 'there is no answer'} for "
            "everybody; an anchor tells improved people from others"
        )
    if improved is None:
        improved = _plainly(name, used)
    better = _named(name, improved, levels)
    marks = [_named(name, each, levels) for each in (minimal, stable)]
    if (better | marks[0]) & marks[1]:
        raise RefusalError(f"{name}: a value cannot mean both improved and stable")
    if not better & set(used) or better >= set(used):
        raise RefusalError(f"{name}: {'all' if better & set(used) else 'none'} are improved")
    ranks = _ranks(name, codes, levels, used, better, order)
    said = [np.isin(codes, [levels.index(each) for each in some]) for some in (better, *marks)]
    answers = np.where(codes < 0, np.nan, said[0].astype(np.float64))
    means = " or ".join(level for level in levels if level in better)
    return Anchored(name, answers, said[1], said[2], ranks, means)


def _plainly(name: str, used: Sequence[str]) -> Any:
    for pair, better in PLAIN:
        if {same(level) for level in used} == pair:
            return better
    raise RefusalError(
        f"{name} is {', '.join(used[:12])}: say which values mean importantly improved, "
        "improved=[...]"
    )


def _named(name: str, wanted: Any, levels: Sequence[str]) -> set[str]:
    """Return the levels that are named, however they are written."""
    if wanted is None:
        return set()
    several = isinstance(wanted, list | tuple | set | frozenset)
    known = {same(level): level for level in levels}
    found = set()
    for each in wanted if several else [wanted]:
        if same(each) not in known:
            raise UnknownNameError(f"value of {name}", str(each), levels)
        found.add(known[same(each)])
    return found


def _ranks(
    name: str,
    codes: npt.NDArray[np.int64],
    levels: Sequence[str],
    used: Sequence[str],
    better: set[str],
    order: Sequence[Any] | None,
) -> npt.NDArray[np.int64] | None:
    """Return the place of each answer from worst to best; the improved ones are the best."""
    numbers = {level: same(level) for level in used}
    if order is not None:
        known = {same(level): level for level in levels}
        ordered = [known[same(each)] for each in order if same(each) in known]
        lacking = sorted(set(used) - set(ordered))
        if lacking:
            raise RefusalError(f"{name}: order= lacks {', '.join(lacking)}")
    elif len(used) < FEWEST_TO_ORDER:
        ordered = sorted(used, key=lambda level: level in better)
    elif all(isinstance(number, float) for number in numbers.values()):
        ordered = sorted(used, key=lambda level: float(str(numbers[level])))
        if ordered[0] in better:
            ordered.reverse()
    else:
        return None
    there = [level in better for level in ordered if level in used]
    if there != sorted(there):
        raise RefusalError(
            f"{name}: the values that mean improved, {', '.join(sorted(better))}, are not at one "
            f"end of {', '.join(ordered)}; people who improved more are improved too"
        )
    table = np.full(len(levels) + 1, -1, dtype=np.int64)
    for rank, level in enumerate(ordered):
        table[levels.index(level)] = rank
    return np.asarray(table[codes], dtype=np.int64)
