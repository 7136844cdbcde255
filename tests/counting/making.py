"""Small scales, answers to them and their patterns, made up for the tests of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

import psychoscales as ps
from psychoscales.counts import Key
from psychoscales.moments import MissingRule, moments

Array = npt.NDArray[Any]
KEY = Key("tiny", "1.0.0", "0" * 64)


def scale_of(
    items: Sequence[str],
    codes: Sequence[int] = (0, 1, 2, 3),
    *,
    name: str = "tiny",
    version: str = "1.0.0",
    reverse: Sequence[str] = (),
    labels: Mapping[int, Mapping[str, str]] | None = None,
    max_missing: int = 0,
) -> ps.Scale:
    """Return a scale of one sum score; a code is its own value, and is labelled "answer 2"."""
    return ps.scale(
        document_of(
            items,
            codes,
            name=name,
            version=version,
            reverse=reverse,
            labels=labels,
            max_missing=max_missing,
        )
    )


def document_of(
    items: Sequence[str],
    codes: Sequence[int] = (0, 1, 2, 3),
    *,
    name: str = "tiny",
    version: str = "1.0.0",
    reverse: Sequence[str] = (),
    labels: Mapping[int, Mapping[str, str]] | None = None,
    max_missing: int = 0,
) -> dict[str, Any]:
    """Return what `scale_of` makes its scale from."""
    texts = labels or {code: {"en": f"answer {code}"} for code in codes}
    languages = list(next(iter(texts.values())))

    def said(text: str) -> dict[str, str]:
        return dict.fromkeys(languages, text)

    ours = {"source": "spec_author", "note": "made up for a test"}
    instrument = {"status": "free", "statement": "made up for a test", **ours}
    options = [{"code": c, "value": float(c), "label": dict(texts[c])} for c in codes]
    lowest = {item: codes[-1] if item in reverse else codes[0] for item in items}
    score = {
        "id": "total",
        "items": list(items),
        "reverse": list(reverse),
        "method": "sum",
        "range": [float(min(codes) * len(items)), float(max(codes) * len(items))],
        "higher": said("more of it"),
        "missing": {
            "max_missing": max_missing,
            "action": "prorate" if max_missing else "refuse",
            **ours,
        },
    }
    return {
        "format": "1.0",
        "id": name,
        "version": version,
        "name": said("A tiny scale"),
        "construct": said("nothing"),
        "languages": languages,
        "text_status": "user_supplied",
        "licence": {"spec": "CC0-1.0", "instrument": instrument},
        "options": {"answers": options},
        "items": [{"id": item, "options": "answers"} for item in items],
        "scores": [score],
        "examples": [
            {
                "name": "the lowest total",
                "answers": lowest,
                "expect": {"total": float(min(codes) * len(items))},
            }
        ],
    }


def item_names(k: int) -> tuple[str, ...]:
    """Return k item names: i1, i2, ..."""
    return tuple(f"i{number}" for number in range(1, k + 1))


def patterns_of(
    positions: Any,
    categories: int | Sequence[int] = 4,
    *,
    weights: Any = None,
    key: Key = KEY,
    keying: str = "none",
) -> ps.Patterns:
    """Count rows of positions [n, k]; -1 is a missing answer."""
    rows = np.asarray(positions, dtype=np.int8)
    k = rows.shape[1]
    sizes = [categories] * k if isinstance(categories, int) else list(categories)
    counts = None if weights is None else np.asarray(weights, dtype=np.int64)
    return ps.Patterns.of(rows, item_names(k), sizes, key, weights=counts, keying=keying)


def moments_of(table: Any, missing: MissingRule = "complete") -> ps.Moments:
    """Return the moments of a table [n, k] of small whole numbers, NaN where missing.

    Every number from the table's smallest to its largest is an option.
    """
    answers = np.asarray(table, dtype=float)
    low, high = int(np.nanmin(answers)), int(np.nanmax(answers))
    positions = np.where(np.isnan(answers), -1, answers - low).astype(np.int8)
    values = [tuple(float(v) for v in range(low, high + 1))] * answers.shape[1]
    return moments(patterns_of(positions, high - low + 1), values, missing)


def answers_of(n: int, k: int, *, seed: int, categories: int = 4, missing: float = 0.0) -> Array:
    """Return positions int8 [n, k] of one common factor, some of them missing (-1)."""
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((n, 1)) + rng.standard_normal((n, k))
    cuts = np.linspace(-1.0, 2.0, categories - 1)
    positions = np.searchsorted(cuts, latent.ravel()).reshape(n, k).astype(np.int8)
    positions[rng.random((n, k)) < missing] = -1
    return positions
