"""psychoscales: a questionnaire written down once, as data; scores and evidence out of it.

    import psychoscales as ps

    answers = ps.read("visit1.csv", "phq9", id="pid")
    ps.score(answers).to_frame()
    ps.reliability(answers)

Every name below is imported when it is first used, so that importing the package is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psychoscales.appraisal.evidence import Evidence, evidence
    from psychoscales.auditing import audit
    from psychoscales.counts import Crosstab, Patterns
    from psychoscales.errors import (
        BindingError,
        CatalogueError,
        ColumnError,
        DataError,
        MergeError,
        MissingExtraError,
        PsychoscalesError,
        RefusalError,
        ScaleError,
        SourceError,
        StudyError,
        UnknownNameError,
    )
    from psychoscales.moments import Moments
    from psychoscales.protocol.study import study
    from psychoscales.reporting.report import Report, report
    from psychoscales.responses import Responses
    from psychoscales.results import Estimate, Table
    from psychoscales.scores import Scores
    from psychoscales.spec.catalogue import scale
    from psychoscales.spec.model import Scale
    from psychoscales.verbs.agreement import agreement
    from psychoscales.verbs.catalogue import catalogue
    from psychoscales.verbs.cfa import cfa
    from psychoscales.verbs.cfa_tables import Cfa
    from psychoscales.verbs.change import Change, change
    from psychoscales.verbs.convergent import convergent
    from psychoscales.verbs.convergent_tables import Convergent
    from psychoscales.verbs.count import count
    from psychoscales.verbs.criterion import criterion
    from psychoscales.verbs.criterion_tables import Criterion
    from psychoscales.verbs.dif import dif
    from psychoscales.verbs.dif_tables import Dif
    from psychoscales.verbs.efa import Efa, efa
    from psychoscales.verbs.group_tables import Groups
    from psychoscales.verbs.groups import groups
    from psychoscales.verbs.invariance import invariance
    from psychoscales.verbs.invariance_tables import Invariance
    from psychoscales.verbs.items import items
    from psychoscales.verbs.precision import precision
    from psychoscales.verbs.precision_tables import Precision
    from psychoscales.verbs.read import read
    from psychoscales.verbs.reliability import reliability
    from psychoscales.verbs.retain import Retained, retain
    from psychoscales.verbs.score import score
    from psychoscales.verbs.simulate import simulate
    from psychoscales.verbs.write import write

__version__ = "0.1.0"

__all__ = [
    "BindingError",
    "CatalogueError",
    "Cfa",
    "Change",
    "ColumnError",
    "Convergent",
    "Criterion",
    "Crosstab",
    "DataError",
    "Dif",
    "Efa",
    "Estimate",
    "Evidence",
    "Groups",
    "Invariance",
    "MergeError",
    "MissingExtraError",
    "Moments",
    "Patterns",
    "Precision",
    "PsychoscalesError",
    "RefusalError",
    "Report",
    "Responses",
    "Retained",
    "Scale",
    "ScaleError",
    "Scores",
    "SourceError",
    "StudyError",
    "Table",
    "UnknownNameError",
    "agreement",
    "audit",
    "catalogue",
    "cfa",
    "change",
    "convergent",
    "count",
    "criterion",
    "dif",
    "efa",
    "evidence",
    "groups",
    "invariance",
    "items",
    "precision",
    "read",
    "reliability",
    "report",
    "retain",
    "scale",
    "score",
    "simulate",
    "study",
    "write",
]

_ROOMS = {
    "psychoscales.appraisal.evidence": ("evidence", "Evidence"),
    "psychoscales.auditing": ("audit",),
    "psychoscales.counts": ("Crosstab", "Patterns"),
    "psychoscales.errors": (
        "BindingError",
        "CatalogueError",
        "ColumnError",
        "DataError",
        "MergeError",
        "MissingExtraError",
        "PsychoscalesError",
        "RefusalError",
        "ScaleError",
        "SourceError",
        "StudyError",
        "UnknownNameError",
    ),
    "psychoscales.moments": ("Moments",),
    "psychoscales.protocol.study": ("study",),
    "psychoscales.reporting.report": ("report", "Report"),
    "psychoscales.responses": ("Responses",),
    "psychoscales.results": ("Estimate", "Table"),
    "psychoscales.scores": ("Scores",),
    "psychoscales.spec.catalogue": ("scale",),
    "psychoscales.spec.model": ("Scale",),
    "psychoscales.verbs.agreement": ("agreement",),
    "psychoscales.verbs.catalogue": ("catalogue",),
    "psychoscales.verbs.cfa": ("cfa",),
    "psychoscales.verbs.cfa_tables": ("Cfa",),
    "psychoscales.verbs.change": ("change", "Change"),
    "psychoscales.verbs.convergent": ("convergent",),
    "psychoscales.verbs.convergent_tables": ("Convergent",),
    "psychoscales.verbs.count": ("count",),
    "psychoscales.verbs.criterion": ("criterion",),
    "psychoscales.verbs.criterion_tables": ("Criterion",),
    "psychoscales.verbs.dif": ("dif",),
    "psychoscales.verbs.dif_tables": ("Dif",),
    "psychoscales.verbs.efa": ("efa", "Efa"),
    "psychoscales.verbs.group_tables": ("Groups",),
    "psychoscales.verbs.groups": ("groups",),
    "psychoscales.verbs.invariance": ("invariance",),
    "psychoscales.verbs.invariance_tables": ("Invariance",),
    "psychoscales.verbs.items": ("items",),
    "psychoscales.verbs.precision": ("precision",),
    "psychoscales.verbs.precision_tables": ("Precision",),
    "psychoscales.verbs.read": ("read",),
    "psychoscales.verbs.reliability": ("reliability",),
    "psychoscales.verbs.retain": ("retain", "Retained"),
    "psychoscales.verbs.score": ("score",),
    "psychoscales.verbs.simulate": ("simulate",),
    "psychoscales.verbs.write": ("write",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'psychoscales' has no attribute '{name}'")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
