"""The shipped JSON Schema of a study is the one that the models make."""

from __future__ import annotations

import json
from typing import Any

from psychoscales.protocol.document import StudyFile
from psychoscales.protocol.schema import FILE, schema_text

AGAIN = "write it anew with `python -m psychoscales.protocol.schema`"


def shipped() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return schema


def test_the_shipped_schema_is_what_the_models_say() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text(), AGAIN


def test_the_schema_knows_every_key_of_a_study_file_and_no_other() -> None:
    schema = shipped()
    assert set(schema["properties"]) == set(StudyFile.model_fields)
    assert {"sample", "binding", "published", "cohort"} <= set(schema["properties"])
    open_ = [name for name, part in schema["$defs"].items() if part["additionalProperties"]]
    assert len(schema["$defs"]) >= 15
    assert [*open_, *filter(None, [schema["additionalProperties"]])] == []


def test_the_schema_offers_the_closed_vocabulary() -> None:
    parts = shipped()["$defs"]
    assert parts["StudyVariable"]["properties"]["kind"]["enum"] == [
        "ordinal",
        "nominal",
        "number",
        "multiple",
    ]
    assert "regression" in parts["Analysis"]["properties"]["kind"]["enum"]
    assert {"analysis", "row", "column", "r"} == set(parts["Correlation"]["required"])
