"""How a scale that extends another is filled in: patch, drop, add, keep or drop claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psychoscales.errors import Problem, did_you_mean
from psychoscales.spec.document import Tree

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
    "languages",
    "text_status",
    "licence",
)


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
    tree["items"] = _items(child, parent, origins, problems)
    dropped = set(_list(_table(child.get("drop")).get("scores")))
    for kind in ("scores", *CLAIMS, "citations"):
        if kind in CLAIMS and _table(child.get("inherit")).get(kind) != "keep":
            inherited = []
        else:
            inherited = [p for p in parent.get(kind, []) if p.get("id") not in dropped]
        tree[kind] = _by_id(kind, inherited, _list(child.get(kind)), origins, parent["id"])
    for number, score in enumerate(_list(_table(child.get("drop")).get("scores"))):
        known = [str(s["id"]) for s in parent.get("scores", [])]
        if score not in known:
            problems.append(_unknown(f"drop.scores[{number}]", "score", score, known, parent))
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


def _items(
    child: Mapping[str, Any], parent: Tree, origins: Origins, problems: list[Problem]
) -> list[Any]:
    parents = {str(item["id"]): number for number, item in enumerate(parent.get("items", []))}
    patches: dict[str, int] = {}
    patched = _list(_table(child.get("patch")).get("items"))
    for number, patch in enumerate(patched):
        name = str(_table(patch).get("id"))
        patches[name] = number
        if name not in parents:
            problems.append(_unknown(f"patch.items[{number}].id", "item", name, parents, parent))
    drops = [str(name) for name in _list(_table(child.get("drop")).get("items"))]
    for number, name in enumerate(drops):
        if name not in parents:
            problems.append(_unknown(f"drop.items[{number}]", "item", name, parents, parent))
    items: list[Any] = []
    for name, number in parents.items():
        if name in drops:
            continue
        origins.paths["items", len(items)] = f"items[{number}] (inherited from {parent['id']})"
        item = parent["items"][number]
        if name in patches:
            origins.paths["items", len(items)] = f"patch.items[{patches[name]}]"
            item = {**item, **_table(patched[patches[name]])}
        items.append(item)
    for number, item in enumerate(_list(child.get("items"))):
        name = str(_table(item).get("id"))
        if name in parents:
            problems.append(
                Problem(
                    f"items[{number}].id",
                    f"item '{name}' exists in {parent['id']} already",
                    "use [[patch.items]] to change it",
                )
            )
            continue
        origins.paths["items", len(items)] = f"items[{number}]"
        items.append(item)
    return items


def _by_id(
    kind: str, inherited: list[Any], own: list[Any], origins: Origins, parent: str
) -> list[Any]:
    given = {str(_table(part).get("id")) for part in own if "id" in _table(part)}
    merged: list[Any] = []
    for number, part in enumerate(inherited):
        if part.get("id") not in given:
            origins.paths[kind, len(merged)] = f"{kind}[{number}] (inherited from {parent})"
            merged.append(part)
    for number, part in enumerate(own):
        origins.paths[kind, len(merged)] = f"{kind}[{number}]"
        merged.append(part)
    return merged


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
