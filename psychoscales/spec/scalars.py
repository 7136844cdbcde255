"""The small types that every declarative document is built from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

Key = TypeVar("Key")
Value = TypeVar("Value")


class FrozenDict(Mapping[Key, Value]):
    """A mapping that cannot change, so that a frozen document is frozen all the way down."""

    __slots__ = ("_data",)

    def __init__(self, data: Mapping[Key, Value]) -> None:
        self._data = dict(data)

    def __getitem__(self, key: Key) -> Value:
        return self._data[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __hash__(self) -> int:
        return hash(frozenset(self._data.items()))

    def __repr__(self) -> str:
        return repr(self._data)


class Part(BaseModel):
    """A piece of a document: knows its keys, refuses others, never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _code(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise PydanticCustomError("code", "a whole number or a text")
    return value


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Str = Annotated[str, StringConstraints(strict=True, min_length=1)]
Int = Annotated[int, Strict()]
Bool = Annotated[bool, Strict()]
Number = Annotated[float, Strict(), AllowInfNan(False)]
Code = Annotated[int | str, BeforeValidator(_code)]
Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9_]*$")]
Ids = Annotated[tuple[Id, ...], Field(min_length=1)]
Language = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
Version = Annotated[str, StringConstraints(strict=True, pattern=r"^\d+\.\d+\.\d+$")]


def _unfreeze(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    return dict(mapping)


Frozen = (AfterValidator(FrozenDict), PlainSerializer(_unfreeze))


def nothing() -> Any:
    """A mapping's default: empty, and frozen as one that was given."""
    return Field(default_factory=dict, validate_default=True)


Text = Annotated[Mapping[Language, Str], *Frozen]
Codes = Annotated[Mapping[Id, Str], *Frozen]
Numbers = Annotated[Mapping[Str, Number], *Frozen]
Answers = Annotated[Mapping[Id, Code], *Frozen]
Sources = Annotated[
    tuple[Id, ...], BeforeValidator(_several, json_schema_input_type=Id | tuple[Id, ...])
]
