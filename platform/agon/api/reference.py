"""The OpenAPI description as rows of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """Something that is sent or comes back."""

    name: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address and what may be done with it."""

    anchor: str
    tag: str
    method: str
    path: str
    summary: str
    parameters: tuple[Field, ...]
    answers: tuple[Field, ...]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """The operations of an OpenAPI 3.1 document, in its order."""
    return [
        _operation(document, path, method, about)
        for path, methods in document["paths"].items()
        for method, about in methods.items()
    ]


def _operation(
    document: Mapping[str, Any], path: str, method: str, about: Mapping[str, Any]
) -> Operation:
    parameters = [
        Field(
            name=one["name"],
            kind=_kind(one["schema"]),
            is_required=one["required"],
            description=one["schema"].get("description", ""),
        )
        for one in about.get("parameters", [])
    ]
    for content in about.get("requestBody", {}).get("content", {}).values():
        parameters += _fields(document, content["schema"])
    answers: list[Field] = []
    for status, answer in about["responses"].items():
        if int(status) < 300:
            for content in answer.get("content", {}).values():
                answers += _fields(document, content["schema"])
    return Operation(
        anchor=about["operationId"],
        tag=about["tags"][0],
        method=method.upper(),
        path=path,
        summary=about.get("description", ""),
        parameters=tuple(parameters),
        answers=tuple(answers),
    )


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Field]:
    schema = _resolved(document, schema)
    required = set(schema.get("required", ()))
    return [
        Field(name, _kind(about), name in required, about.get("description", ""))
        for name, about in schema.get("properties", {}).items()
    ]


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    """A type as a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for several in ("anyOf", "allOf"):
        if several in schema:
            return " or ".join(_kind(one) for one in schema[several])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type", "any"))
