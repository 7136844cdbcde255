"""The sections of a report, in the order in which people see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psychoscales.reporting.context import Context
from psychoscales.reporting.parts import Section
from psychoscales.reporting.sections.criterion import criterion
from psychoscales.reporting.sections.differences import differences
from psychoscales.reporting.sections.evidence import evidence
from psychoscales.reporting.sections.items import items
from psychoscales.reporting.sections.method import method
from psychoscales.reporting.sections.people import people
from psychoscales.reporting.sections.precision import precision
from psychoscales.reporting.sections.references import references
from psychoscales.reporting.sections.refused import refused
from psychoscales.reporting.sections.relations import relations
from psychoscales.reporting.sections.reliability import reliability
from psychoscales.reporting.sections.retest import retest
from psychoscales.reporting.sections.scale import scale
from psychoscales.reporting.sections.scores import scores
from psychoscales.reporting.sections.structure import structure

SECTIONS: Mapping[str, Callable[[Context], Section | None]] = {
    "scale": scale,
    "people": people,
    "scores": scores,
    "items": items,
    "reliability": reliability,
    "precision": precision,
    "structure": structure,
    "retest": retest,
    "relations": relations,
    "criterion": criterion,
    "differences": differences,
    "evidence": evidence,
    "method": method,
    "refused": refused,
    "references": references,
}
"""A section that has nothing to say is None, and is left out. What comes late may tell of what
was refused and cited before it; the summary is made last and stands first."""
