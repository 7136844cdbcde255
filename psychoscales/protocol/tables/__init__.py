"""The tables a study can ask for: one file a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psychoscales.protocol.document import Analysis, AnalysisKind
from psychoscales.protocol.sample import Sample
from psychoscales.protocol.tables.correlations import correlations
from psychoscales.protocol.tables.descriptives import descriptives
from psychoscales.protocol.tables.frequencies import frequencies
from psychoscales.protocol.tables.made import Made
from psychoscales.protocol.tables.regression import regression
from psychoscales.protocol.tables.reliability import reliability

KINDS: Mapping[AnalysisKind, Callable[[Sample, Analysis], Made]] = {
    "frequencies": frequencies,
    "descriptives": descriptives,
    "reliability": reliability,
    "correlations": correlations,
    "regression": regression,
}
