"""What is forgiven when a stored text is compared: full-width digits, stray spaces and case."""

from __future__ import annotations

import re

FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {0x3000: " ", 0xA0: " "}


def normal(text: str) -> str:
    """Return `text` without what is forgiven; nothing else is."""
    return " ".join(text.translate(FULL_WIDTH).split()).casefold()


def number_in(text: str) -> float | None:
    """Return the number that a normal text writes in plain digits, or None."""
    return float(text) if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text) else None


def quantity_in(text: str) -> float | None:
    """Return the number that a normal text writes in digits, perhaps with an exponent, or None."""
    digits, mark, power = text.partition("e")
    exponent = power.lstrip("+-").isdigit() and len(power) < 5
    number = number_in(digits)
    return float(text) if mark and exponent and number is not None else number_in(text)


def same(stored: object) -> object:
    """Return what two stored values that are read alike have in common: 1, "1", " １ ", 1.0."""
    text = normal(str(stored))
    number = number_in(text)
    return text if number is None else number
