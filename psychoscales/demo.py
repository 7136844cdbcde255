"""`psychoscales demo`: the whole way from a form export to scores and reliability.

The people are simulated. Everything that is written says so in its name and in its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from psychoscales.decoding import options_in_order
from psychoscales.errors import MissingExtraError
from psychoscales.frames.files import whole, write_frame
from psychoscales.frames.out import Labels, OutColumn, pandas_frame
from psychoscales.responses import Block
from psychoscales.verbs.items import items
from psychoscales.verbs.read import read
from psychoscales.verbs.reliability import reliability
from psychoscales.verbs.score import score
from psychoscales.verbs.simulate import simulate

SEED = 20210907
PEOPLE = 350
SCALES = ("phq9", "dd_kobori2021", "ghsq_kobori2021")
QUESTION = "Over the last 2 weeks, how often have you been bothered by"
ROWS = (
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
PROBABILITIES: Mapping[str, tuple[float, ...]] = {
    "frequency": (0.22, 0.32, 0.24, 0.22),
    "phq9_9": (0.62, 0.22, 0.1, 0.06),
    "agreement": (0.06, 0.14, 0.22, 0.28, 0.2, 0.1),
}
NO_PARTNER = 0.2


def run_demo(folder: Path, say: Callable[[str], None]) -> list[Path]:
    """Write a synthetic form export and its binding, run the main job on them, and say so.

    Args:
        folder: where files are written; made where it is not there.
        say: called with each piece of text for the person.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    export, binding = folder / "synthetic_answers.csv", folder / "synthetic_binding.toml"
    write_frame(pandas_frame(_export()), export)
    with whole(binding) as path:
        path.write_text(_binding(), encoding="utf-8")
    say(
        f"{PEOPLE} SYNTHETIC people (simulated, seed {SEED}; nobody real) filled in a form with\n"
        "three questionnaires. Its export has words for the PHQ-9, codes for the others,\n"
        "8 for 'no partner', blanks, and people who refused. A binding file says so:\n"
        f"  {export}\n  {binding}"
    )
    answers = read(export, SCALES, binding=binding, id="person", keep="synthetic")
    scores, consistency = score(answers), reliability(answers)
    for table in scores.tables():
        say(str(table))
    say(str(items(answers["phq9"])))
    say(str(consistency))
    written, skipped = [export, binding], []
    outputs = {
        "synthetic_scores.csv": scores.to_frame(),
        "synthetic_items.csv": items(answers).to_frame(),
        "synthetic_reliability.csv": consistency.to_frame(),
        "synthetic_scores.xlsx": scores.to_frame(),
        "synthetic_scores.parquet": scores.to_frame(),
    }
    for name, frame in outputs.items():
        try:
            written.append(write_frame(frame, folder / name))
        except MissingExtraError as missing:
            skipped.append(f"  {name}: {missing}")
    say("\n".join(["Written:", *(f"  {path}" for path in written)]))
    if skipped:
        say("\n".join(["Skipped:", *skipped]))
    say(
        "Next:\n"
        "  psychoscales show phq9                      what a scale file says\n"
        "  psychoscales score YOUR.csv --scale phq9    your own answers\n"
        "  psychoscales new my_scale.toml              a scale of your own"
    )
    return written


def _export() -> dict[str, OutColumn]:
    """Return the columns of a form export: what a person would download."""
    people = simulate(SCALES, PEOPLE, seed=SEED, missing=0.008, probabilities=PROBABILITIES)
    generator = np.random.default_rng(SEED)
    columns: dict[str, OutColumn] = {
        "person": np.arange(1, PEOPLE + 1),
        "synthetic": np.full(PEOPLE, "synthetic", dtype=object),
    }
    phq9 = people.blocks["phq9"]
    labels = ("", *(str(o.label["en"]) for o in phq9.scale.options["frequency"] if o.label))
    for number, row in enumerate(ROWS):
        codes = np.maximum(phq9.positions[:, number], -1) + 1
        columns[f"{QUESTION} [{row}]"] = Labels(labels, codes)
    for name in SCALES[1:]:
        columns |= _coded(people.blocks[name], generator)
    return columns


def _coded(block: Block, generator: np.random.Generator) -> dict[str, OutColumn]:
    columns: dict[str, OutColumn] = {}
    for number, item in enumerate(block.scale.item_ids):
        codes = [str(option.code) for option in options_in_order(block.scale, item)]
        levels = ("", *codes, "8", "99")
        places = np.maximum(block.positions[:, number], -1) + 1
        places = np.where(generator.random(PEOPLE) < 0.002, len(levels) - 1, places)
        if item == "ghsq_partner":
            places = np.where(generator.random(PEOPLE) < NO_PARTNER, len(levels) - 2, places)
        columns[item] = Labels(levels, places)
    return columns


def _binding() -> str:
    rows = "\n".join(f'phq9_{number} = "{row}"' for number, row in enumerate(ROWS, start=1))
    missing = "\n\n".join(f'[scales.{name}]\nmissing = {{ 99 = "refused" }}' for name in SCALES[1:])
    return (
        "# How synthetic_answers.csv stores the answers. The scale files know nothing of it.\n"
        f'[scales.phq9]\nquestion = "{QUESTION}"\n\n'
        f"[scales.phq9.columns]\n{rows}\n\n{missing}\n"
    )
