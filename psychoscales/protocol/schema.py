"""The JSON Schema of a study file, for editors that complete and check while one types.

``python -m psychoscales.protocol.schema`` writes it anew from the models.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from psychoscales.protocol.document import StudyFile

FILE = Path(__file__).with_name("schema.json")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that a study file is written against."""
    schema = StudyFile.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "psychoscales study file"
    return schema


def schema_text() -> str:
    """Return the text of the shipped schema file."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
