"""The transcription of the paper that the audit's published block is compared with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import SHARED, need


@pytest.fixture(scope="session")
def facts() -> Any:
    """The shared transcription of Kobori and Yoshinaga 2021."""
    path = SHARED / "facts" / "kobori2021_tables.json"
    need(path.is_file(), f"the transcription {path}")
    return json.loads(path.read_text(encoding="utf-8"))
