"""How a scale that extends another is filled in: patch, drop, add, keep or drop claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from psychoscales.errors import Problem, did_you_mean
from psychoscales.spec.document import Tree

PATCHED = ("items", "scores")
CLAIMS = ("bands", "rules", "flags", "reference_values", "models")
OWN = ("format", "id", "version", "extends", "changes", "examples")
WHOLE = (
    "name",
    "abbreviation",
    "construct",
    "respondent",
    "recall_period",
    "codes",
    "stem",
    "note",
    "source",
    "languages",
    "text_status",
    "licence",
)

Placed = tuple[str, Any]


@dataclass
class Origins:
    """Where each part of a resolved tree was written: in this file, or in a parent."""

    paths: dict[tuple[str, int], str] = field(default_factory=dict)

    def path(self, kind: str, number: int, rest: str = "") -> str:
        """Return the path that the author of the file knows this part by."""
        return self.paths.get((kind, number), f"{kind}[{number}]") + rest


def fill_in(child: Mapping[str, Any], parent: Tree) -> tuple[Tree, Origins, list[Problem]]:
    """Return the whole tree that `child` means, given its resolved `parent`.

    The identity of a part is its id: a score given again replaces the inherited one whole, an
    item is patched by id, an option set is replaced whole. Claims are inherited only as far as
    `[inherit]` says so, and it must say so for every kind of claim that the parent makes.
    """
    origins, problems = Origins(), _undecided(child, parent)
    tree: Tree = {key: child[key] for key in OWN if key in child}
    for key in WHOLE:
        if key in child or key in parent:
            tree[key] = child.get(key, parent.get(key))
    tree["options"] = {**parent.get("options", {}), **_table(child.get("options"))}
    for kind in PATCHED:
        kept = _patched(kind, child, parent, problems)
        tree[kind] = _with_own(kind, kept, child, origins)
    _refuse_again(child, parent, problems)
    for kind in (*CLAIMS, "citations"):
        decided = kind not in CLAIMS or _table(child.get("inherit")).get(kind) == "keep"
        inherited = parent.get(kind, []) if decided else []
        kept = [
            (f"{kind}[{n}] (inherited from {parent['id']})", p) for n, p in enumerate(inherited)
        ]
        tree[kind] = _with_own(kind, kept, child, origins)
    earlier = [{"of": parent["id"], **change} for change in parent.get("changes", [])]
    tree["changes"] = [*earlier, *_list(child.get("changes"))]
    _forget_unused(tree, child)
    return tree, origins, problems


def _undecided(child: Mapping[str, Any], parent: Tree) -> list[Problem]:
    said = _table(child.get("inherit"))
    return [
        Problem(
            f"inherit.{kind}",
            f"not said, and {parent['id']} has {len(parent[kind])} of them",
            f"allowed: 'keep' or 'drop' (drop them where they may not hold for {child.get('id')})",
        )
        for kind in CLAIMS
        if parent.get(kind) and kind not in said
    ]


def _patched(
    kind: str,
    child: Mapping[str, Any],
    parent: Tree,
    problems: list[Problem],
) -> list[Placed]:
    """Return the parent's parts that stay, with the child's patches, and where each is from."""
    what = kind.removesuffix("s")
    parents = {str(part["id"]): number for number, part in enumerate(parent.get(kind, []))}
    drops = [str(name) for name in _list(_table(child.get("drop")).get(kind))]
    patches: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for number, raw in enumerate(_list(_table(child.get("patch")).get(kind))):
        name = str(_table(raw).get("id"))
        place = f"patch.{kind}[{number}].id"
        if name in patches:
            problems.append(
                Problem(place, f"'{name}' is patched twice", "one patch says all of it")
            )
        if name in drops:
            problems.append(Problem(place, f"'{name}' is dropped", "drop it or patch it"))
        patches[name] = (number, _table(raw))
        if name not in parents:
            problems.append(_unknown(f"patch.{kind}[{number}].id", what, name, parents, parent))
    for number, name in enumerate(drops):
        if name not in parents:
            problems.append(_unknown(f"drop.{kind}[{number}]", what, name, parents, parent))
    kept: list[Placed] = []
    for name, number in parents.items():
        part = parent[kind][number]
        if name in drops:
            continue
        if name in patches:
            at, patch = patches[name]
            kept.append((f"patch.{kind}[{at}]", {**part, **patch}))
        else:
            kept.append((f"{kind}[{number}] (inherited from {parent['id']})", part))
    return kept


def _refuse_again(child: Mapping[str, Any], parent: Tree, problems: list[Problem]) -> None:
    known = [str(item["id"]) for item in parent.get("items", [])]
    for number, item in enumerate(_list(child.get("items"))):
        name = _table(item).get("id")
        if name in known:
            found = f"item '{name}' exists in {parent['id']} already"
            problems.append(
                Problem(f"items[{number}].id", found, "use [[patch.items]] to change it")
            )


def _with_own(
    kind: str, inherited: list[Placed], child: Mapping[str, Any], origins: Origins
) -> list[Any]:
    """Put the child's own parts after the inherited ones that it does not give again."""
    own = [(f"{kind}[{number}]", part) for number, part in enumerate(_list(child.get(kind)))]
    given = {_identity(part) for _, part in own}
    merged = [placed for placed in inherited if _identity(placed[1]) not in given] + own
    for number, (path, _) in enumerate(merged):
        origins.paths[kind, number] = path
    return [part for _, part in merged]


def _identity(part: Any) -> object:
    """What makes two parts the same claim; a reference value is never given again."""
    table = _table(part)
    return (str(table["id"]), repr(table.get("for"))) if "id" in table else id(part)


def _forget_unused(tree: Tree, child: Mapping[str, Any]) -> None:
    """Response sets and citations that only the parent's dropped parts used are not inherited."""
    used = {str(_table(item).get("options")) for item in tree["items"]}
    own = _table(child.get("options"))
    tree["options"] = {k: v for k, v in tree["options"].items() if k in used or k in own}
    mentioned = set(_sources(tree))
    given = {str(_table(part).get("id")) for part in _list(child.get("citations"))}
    tree["citations"] = [
        part for part in tree["citations"] if _table(part).get("id") in mentioned | given
    ]


def _sources(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "source":
                yield from [value] if isinstance(value, str) else map(str, _list(value))
            else:
                yield from _sources(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _sources(value)


def _unknown(path: str, what: str, name: Any, known: Any, parent: Tree) -> Problem:
    return Problem(
        path,
        f"{parent['id']} has no {what} '{name}'",
        f"allowed: {', '.join(known)}{did_you_mean(str(name), known)}",
    )


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
