"""The description of the API: what every operation may refuse with, and the description read for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

METHODS = ("get", "post", "put", "patch", "delete")
#: The shape of every refusal (RFC 9457).
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Every refusal. `code` is stable, `detail` is for people, in their language.",
    "required": ["type", "status", "title", "code", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "permission": {"type": "string", "description": "The one that is missing, with 403."},
        "instance": {"type": "string", "description": "A number for the support, with 500."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "description": "A path such as `invoices.2.number`."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 200 printable ASCII characters. The same key and body again get the first answer again.",
)


class Described(AutoSchema):
    """How a view is described: a write that may be repeated names its key."""

    def get_override_parameters(self) -> list[Any]:
        name = getattr(self.view, "action", "") or self.method.lower()
        is_idempotent = getattr(getattr(self.view, name, None), "is_idempotent", False)
        return [*super().get_override_parameters(), *([KEY] if is_idempotent else [])]


def with_problems(result: dict[str, Any], **_hook: Any) -> dict[str, Any]:
    """drf-spectacular's last step: every operation answers a Problem when it refuses."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    refusal = {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for _path, _method, operation in operations(result):
        operation["responses"]["default"] = refusal
    return result


def operations(description: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) in the order of the description."""
    for path, item in description["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is: words around the name of a shape, which the page links to."""

    text: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, or a field of a shape."""

    name: str
    type: Type
    is_required: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    text: str
    is_open: bool  # needs no account
    parameters: list[Value]
    body: Type | None
    answers: list[tuple[str, Type | None]]


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one part of the API."""

    name: str
    operations: list[Operation] = field(default_factory=list)


def groups(description: Mapping[str, Any]) -> list[Group]:
    """The description as the page shows it."""
    found: dict[str, Group] = {}
    for path, method, operation in operations(description):
        name = operation["tags"][0]
        found.setdefault(name, Group(name)).operations.append(_operation(path, method, operation))
    return list(found.values())


def shapes(description: Mapping[str, Any]) -> list[tuple[str, str, list[Value], list[Any]]]:
    """(name, what it is, fields, the values of an enumeration) of every shape."""
    return [
        (name, schema.get("description", ""), list(_fields(schema)), schema.get("enum", []))
        for name, schema in sorted(description["components"]["schemas"].items())
    ]


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    parameters = [
        Value(p["name"], type_of(p["schema"]), p.get("required", False), p.get("description", ""))
        for p in operation.get("parameters", [])
    ]
    body = operation.get("requestBody")
    answers = [(code, _content(a)) for code, a in operation["responses"].items() if code != "default"]
    return Operation(
        method=method.upper(),
        path=path,
        text=operation.get("description", ""),
        is_open={} in operation.get("security", [{}]),
        parameters=parameters,
        body=_content(body) if body else None,
        answers=answers,
    )


def _content(part: Mapping[str, Any]) -> Type | None:
    content = part.get("content", {})
    return next((type_of(media["schema"]) for media in content.values()), None)


def _fields(schema: Mapping[str, Any]) -> Iterator[Value]:
    needed = schema.get("required", [])
    for name, value in schema.get("properties", {}).items():
        yield Value(name, type_of(value), name in needed, value.get("description", ""))


def type_of(schema: Mapping[str, Any]) -> Type:
    """The type of a value in words, and the shape that it names."""
    if "$ref" in schema:
        return Type("", schema["$ref"].rpartition("/")[2])
    for word in ("allOf", "oneOf", "anyOf"):
        if word in schema:
            parts = [type_of(part) for part in schema[word]]
            words = " | ".join(part.text for part in parts if part.text)
            return Type(words, next((part.shape for part in parts if part.shape), ""))
    if schema.get("type") == "array":
        item = type_of(schema.get("items", {}))
        return Type(f"list of {item.text}".strip(), item.shape)
    if "enum" in schema:
        return Type(" | ".join(str(value) for value in schema["enum"]))
    kind = schema.get("type", "any")
    name = " | ".join(kind) if isinstance(kind, list) else kind
    return Type(f"{name} ({schema['format']})" if "format" in schema else name)
