"""Can all the correlations of a table be true at once, and is each pair printed as one number?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from psychoscales.auditing.context import Context, together
from psychoscales.auditing.finding import Finding, Verdict
from psychoscales.auditing.published import Correlation, Published

NAME = "correlation_matrix"
Floats = npt.NDArray[np.float64]
Pair = frozenset[str]
ERRORS = 4
UNKNOWN_NOISE = 0.05
POWERLESS = 0.5
STEPS = 20
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Block:
    """Variables of one table whose correlations are all printed.

    Attributes:
        r: the correlations as printed [k, k], 1 in the diagonal.
        room: how far each may be off, by rounding and by being of other people [k, k].
        same: whether all are printed to be of the same n.
    """

    analysis: str
    names: tuple[str, ...]
    cells: dict[Pair, Correlation]
    r: Floats
    room: Floats
    same: bool

    @property
    def broken(self) -> bool:
        """Whether no data can have correlations within the room that is left."""
        return least_variance(self.r, self.room) < -TOLERANCE

    def without(self, *left_out: int) -> Block:
        """Return the block of fewer variables."""
        kept = [at for at in range(len(self.names)) if at not in left_out]
        names = tuple(self.names[at] for at in kept)
        within = np.ix_(kept, kept)
        return Block(self.analysis, names, self.cells, self.r[within], self.room[within], self.same)


def least_variance(r: Floats, room: Floats) -> float:
    r"""Return the most that the variance of some weighted sum can be: below 0 is impossible.

    For weights w the variance of the sum of standardized variables is :math:`w' R w`, and it is
    at most :math:`w' R w + \sum_{ij} |w_i w_j| h_{ij}` for correlations that differ from R by up
    to h, and no more than lets them reach 1 or -1. This holds for any weights, so that the search
    for good ones (the eigenvector of the smallest eigenvalue, of the matrix that the last weights
    would like best) need not be exact.
    """
    least, moved = math.inf, r
    for _ in range(STEPS):
        weights = np.linalg.eigh(moved)[1][:, 0]
        products = np.outer(weights, weights)
        best = np.clip(r + np.sign(products) * room, -1.0, 1.0)
        variance = float((products * best).sum())
        if variance >= least - TOLERANCE:
            break
        least = variance
        moved = (moved + best) / 2
    return least


def reads(published: Published, context: Context) -> bool:
    """Return whether a table has all correlations of three variables, or a pair twice."""
    return any(True for _ in twice(published)) or any(True for _ in blocks(published, context))


def check(published: Published, context: Context) -> list[Finding]:
    r"""Ask whether any data have these correlations, and whether a pair has two.

    A matrix of correlations of the same people has no negative eigenvalue. Of three variables:

    .. math:: r_{ab} r_{ac} - \sqrt{(1 - r_{ab}^2)(1 - r_{ac}^2)} \le r_{bc} \le
        r_{ab} r_{ac} + \sqrt{(1 - r_{ab}^2)(1 - r_{ac}^2)}

    A block of variables whose correlations are all printed is impossible if every matrix that
    rounds to it breaks this. Correlations of pairs of people who differ from pair to pair need not
    keep it: where the n differ or are not printed, each r may be off by four times
    sqrt((1 - r^2)(1/m - 1/n)), which is more than its standard error, m being the fewest who can
    have answered all (else half); beyond that it is implausible. Where so much is allowed that
    nothing could break it, nothing is asked.

    A pair that is printed twice with one n, or twice without n, has one correlation: two are
    inconsistent, and implausible without n, as the two may be of different people.

    Source: Olkin I. Linear Algebra Appl 1981;39:139-151, on the range restrictions of correlations.
    doi:10.1016/0024-3795(81)90299-3
    """
    found = [each for one, two in twice(published) for each in _differ(one, two)]
    return found + [_impossible(block) for block in blocks(published, context) if block.broken]


def tables(published: Published) -> dict[tuple[str, str], list[Correlation]]:
    """Return the correlations of two variables by table and method, those of possible size."""
    found: dict[tuple[str, str], list[Correlation]] = {}
    for row in published.correlations:
        if row.row != row.column and row.r.low <= 1 and row.r.high >= -1:
            found.setdefault((row.analysis, row.method or "pearson"), []).append(row)
    return found


def twice(published: Published) -> Iterator[tuple[Correlation, Correlation]]:
    """Yield the cells that are printed twice in one table, with one n or without."""
    for rows in tables(published).values():
        seen: dict[Pair, list[Correlation]] = {}
        for row in rows:
            cells = seen.setdefault(_pair(row), [])
            for cell in cells:
                if (cell.n and cell.n.whole) == (row.n and row.n.whole):
                    yield cell, row
            cells.append(row)


def _pair(row: Correlation) -> Pair:
    return frozenset((row.row, row.column))


def _differ(one: Correlation, two: Correlation) -> list[Finding]:
    if one.r.span.meets(two.r.span):
        return []
    text = "The same pair stands there twice, with two correlations. "
    text += "Correlations of two groups belong in two analyses."
    verdict: Verdict = "implausible" if one.n is None else "inconsistent"
    return [Finding(NAME, two.where, f"r = {two.r}", f"r = {one.r}", verdict, text)]


def blocks(published: Published, context: Context) -> Iterator[Block]:
    """Yield the largest sets of variables, of three or more, whose correlations are all printed.

    They are grown from every three variables, in the order printed; pairs that have two
    correlations are left out.
    """
    for (analysis, _), rows in tables(published).items():
        cells: dict[Pair, Correlation | None] = {}
        for row in rows:
            known = cells.get(_pair(row), row)
            agree = known is not None and known.r.span.meets(row.r.span)
            cells[_pair(row)] = row if agree else None
        kept = {pair: cell for pair, cell in cells.items() if cell is not None}
        for names in _complete(kept):
            block = _block(analysis, names, kept, published, context)
            if float(block.room.max()) < POWERLESS:
                yield block


def _complete(cells: dict[Pair, Correlation]) -> Iterator[tuple[str, ...]]:
    names = tuple(dict.fromkeys(name for row in cells.values() for name in (row.row, row.column)))
    beside = {name: {other for pair in cells if name in pair for other in pair} for name in names}
    covered: set[tuple[str, ...]] = set()
    for three in combinations(names, 3):
        if three in covered or not all(one in beside[two] for one, two in combinations(three, 2)):
            continue
        grown = set(three)
        for name in names:
            if grown - {name} <= beside[name]:
                grown.add(name)
        block = tuple(name for name in names if name in grown)
        covered.update(combinations(block, 3))
        yield block


def _block(
    analysis: str,
    names: tuple[str, ...],
    cells: dict[Pair, Correlation],
    published: Published,
    context: Context,
) -> Block:
    size = len(names)
    r, room = np.eye(size), np.zeros((size, size))
    mine = [cells[frozenset(pair)] for pair in combinations(names, 2)]
    same = (
        all(row.n is not None for row in mine) and len({row.n and row.n.whole for row in mine}) == 1
    )
    noise = 0.0 if same else ERRORS * _noise(mine, names, published, context)
    for (one, two), row in zip(combinations(range(size), 2), mine, strict=True):
        r[one, two] = r[two, one] = float(row.r)
        apart = noise * math.sqrt(max(0.0, 1 - float(row.r) ** 2))
        room[one, two] = room[two, one] = float(row.r.half) + apart
    return Block(analysis, names, cells, r, room, same)


def _noise(
    rows: Sequence[Correlation], names: Sequence[str], published: Published, context: Context
) -> float:
    """Return the standard error of an r among those who answered everything."""
    fewest, most = together(published, context, names)
    printed = [row.n.whole for row in rows if row.n is not None]
    n = max(printed) if len(printed) == len(rows) else most
    if not n:
        return UNKNOWN_NOISE
    kept = fewest or min([*printed, n]) / 2
    return math.sqrt(max(0.0, 1 / kept - 1 / n)) if kept else 1.0


def _impossible(block: Block) -> Finding:
    """Name the smallest part that cannot be, and the correlations any of which explains it."""
    part = block
    while len(part.names) > 3:
        fewer = (part.without(at) for at in range(len(part.names)))
        smaller = next((one for one in fewer if one.broken), None)
        if smaller is None:
            break
        part = smaller
    verdict: Verdict = "impossible" if block.same else "implausible"
    names = ", ".join(part.names)
    shown = ", ".join(
        f"r({one}, {two}) = {part.cells[frozenset((one, two))].r}"
        for one, two in combinations(part.names, 2)
    )
    value = float(np.linalg.eigvalsh(part.r)[0])
    text = (
        f"No people have these {len(part.names) * (len(part.names) - 1) // 2} correlations at "
        f"once, over their rounding: a weighted sum of the variables would have a variance of "
        f"{value:.3f}, below 0.{_suspects(block)}{_depends(block)}"
    )
    where = f"{block.analysis}: {names}"
    return Finding(NAME, where, shown, _range_of_last(part), verdict, text)


def _suspects(block: Block) -> str:
    """Name the cells whose change alone would do: without either variable the rest is possible."""
    if len(block.names) < 4:
        return ""
    size = range(len(block.names))
    fine = {at for at in size if not block.without(at).broken}
    named = [
        f"{block.names[a]} with {block.names[b]}"
        for a, b in combinations(size, 2)
        if {a, b} <= fine
    ]
    if not named:
        return " More than one of the table's correlations is wrong."
    return f" If one of the table's correlations is wrong, it is that of {' or '.join(named)}."


def _depends(block: Block) -> str:
    if block.same:
        return " It depends on all of them being of the same people."
    allowed = float(block.room.max())
    return (
        f" They may be of other people from pair to pair; each r may be up to {allowed:.3f} off "
        "for that."
    )


def _range_of_last(part: Block) -> str:
    """Return what the last correlation can be, of three variables; "" of more."""
    if len(part.names) != 3:
        return ""
    first, second = float(part.r[0, 1]), float(part.r[0, 2])
    middle, either = first * second, math.sqrt((1 - first**2) * (1 - second**2))
    one, two = part.names[1:]
    return f"r({one}, {two}) of {middle - either:.2f} to {middle + either:.2f}, by the others"
