"""Everything a scale file can get wrong beyond its form: one check a kind of mistake, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psychoscales.errors import Problem
from psychoscales.spec.check import answers, claims, examples, scores, whole
from psychoscales.spec.check.parts import Parts
from psychoscales.spec.document import Tree
from psychoscales.spec.inherit import Origins

CHECKS: Mapping[str, Callable[[Parts], None]] = {
    "required": whole.check_required,
    "unique": whole.check_unique,
    "languages": whole.check_languages,
    "options": answers.check_options,
    "items": answers.check_items,
    "asking": answers.check_asking,
    "scores": scores.check_scores,
    "bands": claims.check_bands,
    "rules": claims.check_rules,
    "flags": claims.check_flags,
    "models": claims.check_models,
    "reference_values": claims.check_reference_values,
    "examples": examples.check_examples,
}


def check(tree: Tree, origins: Origins) -> list[Problem]:
    """Return every problem of a resolved tree, each with the path its author knows."""
    parts = Parts(tree, origins)
    for run in CHECKS.values():
        run(parts)
    return parts.problems
