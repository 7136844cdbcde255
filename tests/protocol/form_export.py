"""Make the synthetic form export that is bundled with the study kobori2021.

``python -m tests.protocol.form_export`` writes it again. It is shipped, not made when needed:
numpy's random streams may change between versions, and these people are quoted in the docs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import psychoscales as ps
from psychoscales.decoding import options_in_order
from psychoscales.spec.model import in_language

PLACE = Path(ps.__file__).parent / "studies" / "kobori2021"
ANSWERS, BINDING = PLACE / "synthetic_answers.csv", PLACE / "synthetic_binding.toml"
SEED = 4
TWICE = (11, 47, 102, 103, 200, 318)
"""Rows of people who filled in the form a second time, with other answers."""
PHQ9 = "Over the last 2 weeks, how often have you been bothered by"
PHQ9_ROWS = (
    "Little interest",
    "Feeling down",
    "Sleep",
    "Feeling tired",
    "Appetite",
    "Feeling bad about yourself",
    "Concentration",
    "Slow or restless",
    "Better off dead",
)
GHSQ = "How likely is it that you would seek help from"
GHSQ_ROWS = {
    "ghsq_doctor": "Doctor",
    "ghsq_professional": "Mental health professional",
    "ghsq_online": "Online counsellor",
    "ghsq_partner": "Partner",
    "ghsq_friend": "Friend",
    "ghsq_family": "Family",
}
USE = "How often do you use"
USE_ROWS = {
    "signing_in": "Signing in",
    "reaction": "Reaction",
    "u2friend": "U2Friend",
    "u2cycle": "U2Cycle",
    "funcan": "FunCan",
    "column": "Column",
}
DECLINED = "Prefer not to say"


def export() -> pd.DataFrame:
    """Return the form's answers as a person would download them."""
    study = ps.study("kobori2021")
    people: pd.DataFrame = study.simulate(seed=SEED)
    generator = np.random.default_rng(SEED)
    n = len(people)
    shown: dict[str, Any] = {"synthetic": ["synthetic"] * n}
    shown["Email"] = [f"person{number}@example.org" for number in range(1, n + 1)]
    shown["Gender"] = _labels(study, "gender", people["gender"])
    shown["Age"] = _ages(people["age"])
    shown["Medication"] = ["Yes" if ticked else None for ticked in people["medication"]]
    shown["Psychotherapy"] = ["Yes" if ticked else None for ticked in people["psychotherapy"]]
    shown["How long have you been a user?"] = _labels(study, "tenure", people["tenure"])
    for name, row in USE_ROWS.items():
        answers = _labels(study, "frequency", people[name])
        declined = people[name].isna() & (generator.random(n) < 0.4)
        shown[f"{USE} [{row}]"] = [
            DECLINED if no else answer for no, answer in zip(declined, answers, strict=True)
        ]
    phq9 = ps.scale("phq9")
    for number, row in enumerate(PHQ9_ROWS, start=1):
        words = [
            in_language(option.label, "en") for option in options_in_order(phq9, f"phq9_{number}")
        ]
        answered = [words[code] for code in people[f"phq9_{number}"]]
        shown[f"{PHQ9} [{row}]"] = answered
    for number in range(1, 13):
        shown[f"Q5_{number}"] = people[f"dd_{number}"]
    for name, row in GHSQ_ROWS.items():
        shown[f"{GHSQ} [{row}]"] = people[name]
    frame = pd.DataFrame(shown)
    return _with_second_entries(frame, generator)


def _labels(study: Any, options: str, codes: pd.Series) -> list[str | None]:
    words = {option.code: option.label["en"] for option in study.document.options[options]}
    return [None if pd.isna(code) else words[_code(code)] for code in codes]


def _code(code: Any) -> Any:
    return code if isinstance(code, str) else int(code)


def _ages(ages: pd.Series) -> list[str]:
    """Ages as people type them: with and without the unit, in full-width digits."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    forms = ["{}", "{}歳", "{} 歳", "{} "]
    texts = [forms[row % 4].format(age) for row, age in enumerate(ages)]
    return [text.translate(wide) if row % 9 == 0 else text for row, text in enumerate(texts)]


def _with_second_entries(frame: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Add a later entry of some people, their address typed otherwise."""
    again = frame.iloc[list(TWICE)].copy()
    spellings = (str.upper, str.title, "{} ".format, " {}".format, str.upper, str.title)
    again["Email"] = [
        spell(address) for spell, address in zip(spellings, again["Email"], strict=True)
    ]
    first = f"{PHQ9} [{PHQ9_ROWS[0]}]"
    again[first] = generator.permutation(again[first].to_numpy())
    again["Q5_1"] = 7 - again["Q5_1"]
    rows = [*range(len(frame)), *(at + 9.5 for at in TWICE)]
    whole = pd.concat([frame, again], ignore_index=True)
    return whole.iloc[np.argsort(rows, kind="stable")].reset_index(drop=True)


def binding_text() -> str:
    """Return the binding file of the export."""

    def lines(rows: dict[str, str]) -> str:
        return "\n".join(f'{name} = "{row}"' for name, row in rows.items())

    phq9 = lines({f"phq9_{at}": row for at, row in enumerate(PHQ9_ROWS, start=1)})
    dd = lines({f"dd_{at}": f"Q5_{at}" for at in range(1, 13)})
    use = "\n".join(
        f'{name} = {{ column = "{USE} [{row}]", missing = ["{DECLINED}"] }}'
        for name, row in USE_ROWS.items()
    )
    return (
        "# How synthetic_answers.csv stores the answers. The scale files and the study know\n"
        "# nothing of it.\n\n"
        "[variables]\n"
        'age = { column = "Age", unit = "歳" }\n'
        'gender = { column = "Gender" }\n'
        'tenure = { column = "How long have you been a user?" }\n'
        f"{use}\n\n"
        f'[scales.phq9]\nquestion = "{PHQ9}"\n\n[scales.phq9.columns]\n{phq9}\n\n'
        f"[scales.dd_kobori2021_1to6.columns]\n{dd}\n\n"
        f'[scales.ghsq_kobori2021]\nquestion = "{GHSQ}"\n\n'
        f"[scales.ghsq_kobori2021.columns]\n{lines(GHSQ_ROWS)}\n"
    )


if __name__ == "__main__":
    export().to_csv(ANSWERS, index=False, lineterminator="\n")
    BINDING.write_text(binding_text(), encoding="utf-8")
