"""The shipped JSON Schema is the one that the models make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psychoscales
from psychoscales.spec.model import ScaleFile
from psychoscales.spec.schema import json_schema

FILE = Path(psychoscales.__file__).parent / "spec" / "schema.json"
AGAIN = "write it anew with `python -m psychoscales.spec.schema`"


def test_the_shipped_schema_is_what_the_models_say() -> None:
    made = json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert FILE.read_text(encoding="utf-8") == made, AGAIN


def test_the_schema_knows_every_key_of_a_scale_file_and_no_other() -> None:
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    fields = ScaleFile.model_fields.items()
    assert set(schema["properties"]) == {field.alias or name for name, field in fields}
    assert schema["additionalProperties"] is False
    assert {"construct", "extends", "inherit", "examples"} <= set(schema["properties"])


def test_no_part_of_the_schema_lets_an_unknown_key_pass() -> None:
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    parts: dict[str, Any] = schema["$defs"]
    open_ = [name for name, part in parts.items() if part.get("additionalProperties") is not False]
    assert len(parts) >= 20
    assert open_ == []


def test_the_schema_offers_the_closed_vocabulary() -> None:
    score = json.loads(FILE.read_text(encoding="utf-8"))["$defs"]["Score"]
    assert score["properties"]["method"]["enum"] == ["sum", "mean", "count", "min", "max", "pomp"]
    assert {"id", "method", "range", "missing"} <= set(score["required"])
