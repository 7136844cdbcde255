"""Compare two expected.json: same keys, text and nulls, numbers within a relative tolerance.

``python3 compare.py stored.json made.json [tolerance]`` prints the number of values compared. With
a tolerance, numbers are compared to it, absolute below 1 and relative above.
``python3 compare.py --self-test stored.json`` damages the file in every place, one at a time,
and prints how many damaged copies the comparison refused.
Exit 1 on a difference, or on damage that goes unseen.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RELATIVE = 1e-12
FEW = 50


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a key occurs twice")
    return out


def read(path: str) -> Any:
    text = Path(path).read_text(encoding="utf-8")
    return json.loads(text, parse_constant=_refuse, object_pairs_hook=_no_twice)


def is_number(x: Any) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def near(a: float, b: float, tolerance: float | None) -> bool:
    """Whether two numbers are one: to the last digits, or to a tolerance that a folder states."""
    if tolerance is None:
        return abs(a - b) <= RELATIVE * max(abs(a), abs(b))
    return abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))


def differences(a: Any, b: Any, at: str = "$", tolerance: float | None = None) -> Iterator[str]:
    """Every place where a (stored) and b (made) differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for k in a.keys() - b.keys():
            yield f"{at}.{k}: stored, not made"
        for k in b.keys() - a.keys():
            yield f"{at}.{k}: made, not stored"
        for k in a.keys() & b.keys():
            yield from differences(a[k], b[k], f"{at}.{k}", tolerance)
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            yield f"{at}: {len(a)} elements stored, {len(b)} made"
        for i, (x, y) in enumerate(zip(a, b, strict=False)):
            yield from differences(x, y, f"{at}[{i}]", tolerance)
    elif is_number(a) and is_number(b):
        if not near(a, b, tolerance):
            yield f"{at}: {a!r} stored, {b!r} made"
    elif type(a) is not type(b) or a != b:
        yield f"{at}: {a!r} stored, {b!r} made"


def leaves(a: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(a, (dict, list)):
        for k, v in a.items() if isinstance(a, dict) else enumerate(a):
            yield from leaves(v, (*path, k))
    else:
        yield path, a


def count(a: Any) -> int:
    """Numbers and nulls; text is compared and not counted."""
    return sum(is_number(v) or v is None for _, v in leaves(a))


def damaged(a: Any) -> Iterator[tuple[str, Any]]:
    """The document with one thing wrong, for every leaf: changed, missing, of another kind."""
    for path, v in leaves(a):
        wrong: list[Any] = ["x" if v is None else None]
        if is_number(v):
            wrong += [str(v), v * (1 + 1e-11) if v else 1e-300, -v if v else 1, [v]]
        elif isinstance(v, str):
            wrong += [v + " "]
        for w in wrong:
            b = copy.deepcopy(a)
            at = b
            for k in path[:-1]:
                at = at[k]
            at[path[-1]] = w
            yield f"{path} := {w!r}", b
        b = copy.deepcopy(a)
        at = b
        for k in path[:-1]:
            at = at[k]
        del at[path[-1]]
        yield f"{path} removed", b


def parts(a: Any) -> Iterator[Any]:
    """The largest pieces of a document that have few leaves: damage is sought piece by piece."""
    if not isinstance(a, (dict, list)) or sum(1 for _ in leaves(a)) <= FEW:
        yield a
        return
    inner = list(a.values()) if isinstance(a, dict) else a
    small = [v for v in inner if not isinstance(v, (dict, list))]
    for start in range(0, len(small), FEW):
        yield small[start : start + FEW]
    for v in inner:
        if isinstance(v, (dict, list)):
            yield from parts(v)


def main(args: list[str]) -> int:
    if len(args) == 2 and args[0] == "--self-test":
        a = read(args[1])
        if next(differences(a, copy.deepcopy(a)), None) is not None:
            print(f"{args[1]}: differs from itself", file=sys.stderr)
            return 1
        n = 0
        for part in parts(a):
            for what, b in damaged(part):
                n += 1
                for x, y in ((part, b), (b, part)):
                    if next(differences(x, y), None) is None:
                        print(f"{args[1]}: the comparer does not see {what}", file=sys.stderr)
                        return 1
        print(n)
        return 0 if n else 1
    if len(args) in (2, 3):
        a, b = read(args[0]), read(args[1])
        tolerance = float(args[2]) if len(args) == 3 else None
        found = sorted(differences(a, b, tolerance=tolerance))
        for d in found[:20]:
            print(d, file=sys.stderr)
        if len(found) > 20:
            print(f"... {len(found)} differences", file=sys.stderr)
        print(count(a))
        return 1 if found or not count(a) else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
