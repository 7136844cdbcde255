"""A small scale in two languages with hostile texts, and people who answered it."""

from __future__ import annotations

from typing import Any

import numpy as np

ATTACK = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://example.invalid","x")'
LABELS = {
    "en": ("not at all", "a little", "quite", "very"),
    "ja": ("まったくない", "少しある", "かなりある", "とてもある"),
}
TEXTS = {
    "en": (ATTACK, "I feel calm & < well >", 'I sleep "well"', "I'm 'awake'"),
    "ja": ("気分が沈む", "落ち着いている", "よく眠れる", "目が冴えている"),
}
ITEMS = ("kimochi_1", "kimochi_2", "kimochi_3", "kimochi_4")


def both(en: str, ja: str) -> dict[str, str]:
    """Return a text in two languages."""
    return {"en": en, "ja": ja}


def kimochi() -> dict[str, Any]:
    """Return a scale of four items, its second one reversed, in English and Japanese."""
    return {
        "format": "1.0",
        "id": "kimochi",
        "version": "1.2.0",
        "name": both(f"Mood {ATTACK}", "気持ち尺度"),
        "construct": both("mood", "気分"),
        "languages": ["en", "ja"],
        "text_status": "adapted",
        "source": ["made2020"],
        "stem": both("Lately:", "最近の様子についてお答えください。"),
        "licence": {
            "instrument": {
                "status": "free",
                "statement": f"Free {ATTACK}",
                "source": ["made2020"],
            },
            "spec": "CC0-1.0",
        },
        "citations": [
            {
                "id": "made2020",
                "text": f"Author A, Other BC. Mood {ATTACK}. J Mood 2020;1:2-3.",
                "url": "javascript:alert(1)",
            }
        ],
        "options": {
            "amount": [
                {"code": code, "value": float(code), "label": both(en, ja)}
                for code, (en, ja) in enumerate(zip(*LABELS.values(), strict=True))
            ]
        },
        "items": [
            {"id": name, "options": "amount", "text": both(en, ja)}
            for name, en, ja in zip(ITEMS, *TEXTS.values(), strict=True)
        ],
        "scores": [
            {
                "id": "total",
                "name": both("Mood total", "気持ち合計"),
                "items": list(ITEMS),
                "reverse": ["kimochi_2"],
                "method": "sum",
                "range": [0.0, 12.0],
                "higher": both("worse mood", "気分が悪い"),
                "missing": {"max_missing": 1, "action": "prorate", "source": ["made2020"]},
            }
        ],
        "bands": [
            {
                "id": "level",
                "score": "total",
                "levels": [
                    {"id": "low", "from": 0.0, "label": both("low", "低い")},
                    {"id": "middle", "from": 5.0, "label": both("middle", "中くらい")},
                    {"id": "high", "from": 10.0, "label": both("high", "高い")},
                ],
                "source": ["made2020"],
            }
        ],
        "examples": [{"name": "one", "answers": dict.fromkeys(ITEMS, 1), "expect": {"total": 5.0}}],
    }


def answers(n: int = 240, seed: int = 5) -> Any:
    """Return answers to it as a pandas frame, with ids and a group."""
    import pandas as pd

    random = np.random.default_rng(seed)
    mood = random.normal(size=n)
    columns: dict[str, Any] = {"pid": [f"PERSON-{place:05d}" for place in range(n)]}
    for number, name in enumerate(ITEMS):
        ease = mood * (-1 if number == 1 else 1) + random.normal(size=n)
        columns[name] = np.digitize(ease, [-0.7, 0.5, 1.6])
    columns["arm"] = np.where(random.random(n) < 0.5, f"{ATTACK} arm", "other arm")
    columns["case"] = (mood + random.normal(size=n) > 1).astype(int)
    columns[FORMULA] = 1
    return pd.DataFrame(columns)
