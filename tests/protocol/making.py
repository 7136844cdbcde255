"""Small studies and their people."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd

from psychoscales.protocol.study import Study, study

SMALL: dict[str, Any] = {
    "format": "1.0",
    "id": "small",
    "version": "1.0.0",
    "title": {"en": "A small study"},
    "source": "nobody2026",
    "citations": [{"id": "nobody2026", "text": "Nobody. Made up. 2026."}],
    "sample": {
        "invited": 40,
        "answered": 6,
        "duplicates": {"column": "email", "keep": "first"},
    },
    "scales": ["phq9", "dd_kobori2021_1to6"],
    "also_scored": {"dd_kobori2021": "dd_kobori2021_1to6"},
    "binding": {"variables": {"age": {"unit": "years", "missing": ["-9"]}}},
    "options": {
        "often": [
            {"code": 1, "value": 1.0, "label": {"en": "Never"}},
            {"code": 2, "value": 2.0, "label": {"en": "Sometimes"}},
            {"code": 3, "value": 4.0, "label": {"en": "Often"}},
        ],
        "sex": [
            {"code": "f", "label": {"en": "Female"}},
            {"code": "m", "label": {"en": "Male"}},
            {"code": "x", "missing": "refused", "label": {"en": "Prefer not to say"}},
        ],
        "help": [
            {"code": "drugs", "label": {"en": "Drugs"}},
            {"code": "talk", "label": {"en": "Talking"}},
        ],
    },
    "variables": [
        {"id": "often", "label": {"en": "How often"}, "kind": "ordinal", "options": "often"},
        {"id": "sex", "label": {"en": "Sex"}, "kind": "nominal", "options": "sex"},
        {"id": "age", "label": {"en": "Age"}, "kind": "number", "range": [0.0, 120.0]},
        {
            "id": "help",
            "label": {"en": "Help had"},
            "kind": "multiple",
            "options": "help",
            "blank": "not_ticked",
        },
    ],
    "analyses": [
        {
            "id": "counts",
            "title": {"en": "Counts"},
            "kind": "frequencies",
            "variables": ["often", "sex", "help"],
        },
        {
            "id": "means",
            "title": {"en": "Means"},
            "kind": "descriptives",
            "variables": ["phq9_total", "dd_kobori2021_total", "age", "often"],
        },
        {
            "id": "pairs",
            "title": {"en": "Pairs"},
            "kind": "correlations",
            "rows": ["phq9_total", "dd_kobori2021_1to6_total"],
            "columns": ["often", "age"],
            "method": "pearson",
            "missing": "pairwise",
        },
        {
            "id": "lines",
            "title": {"en": "Lines"},
            "kind": "regression",
            "outcomes": ["phq9_total"],
            "predictors": ["often", "age"],
            "missing": "listwise",
        },
    ],
}


def small(**changes: Any) -> dict[str, Any]:
    """Return the small study's tree, to be changed."""
    return copy.deepcopy(SMALL) | changes


def people(n: int = 6, seed: int = 1) -> pd.DataFrame:
    """Return n people who answered the small study, as its items and variables are called."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {"email": [f"person{at}@example.org" for at in range(n)]}
    columns |= {f"phq9_{item}": rng.integers(0, 4, n) for item in range(1, 10)}
    columns |= {f"dd_{item}": rng.integers(1, 7, n) for item in range(1, 13)}
    columns["often"] = rng.permutation(np.resize([1, 2, 3], n))
    columns["sex"] = np.resize(["f", "m"], n)
    columns["age"] = rng.integers(18, 80, n)
    columns["help_drugs"] = rng.integers(0, 2, n)
    columns["help_talk"] = rng.integers(0, 2, n)
    return pd.DataFrame(columns)


NUMBERS = ("y1", "y2", "x1", "x2", "x3")


def of_numbers(method: str = "pearson", missing: str = "pairwise", **regression: Any) -> Study:
    """Return a study of five numbers, two of them outcomes."""
    names = list(NUMBERS)
    return study(
        {
            "format": "1.0",
            "id": "numbers",
            "version": "1.0.0",
            "title": {"en": "Numbers"},
            "variables": [
                {"id": name, "label": {"en": name.upper()}, "kind": "number"} for name in names
            ],
            "analyses": [
                {
                    "id": "means",
                    "title": {"en": "Means"},
                    "kind": "descriptives",
                    "variables": names,
                },
                {
                    "id": "pairs",
                    "title": {"en": "Pairs"},
                    "kind": "correlations",
                    "rows": names[:2],
                    "columns": names[2:],
                    "method": method,
                    "missing": missing,
                },
                {
                    "id": "lines",
                    "title": {"en": "Lines"},
                    "kind": "regression",
                    "outcomes": names[:2],
                    "predictors": names[2:],
                    "missing": "listwise",
                    **regression,
                },
            ],
        }
    )
