"""The OpenAPI document as the documentation page shows it: calls and shapes, in rows. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_SCHEMAS: Final = "#/components/schemas/"


class FieldRow(msgspec.Struct, frozen=True):
    """One parameter, or one field of a body or a shape."""

    name: str
    type: str
    required: bool
    description: str


class AnswerRow(msgspec.Struct, frozen=True):
    """One answer of a call; `shape` names what it holds."""

    status: str
    description: str
    shape: str


class Call(msgspec.Struct, frozen=True):
    """One call of the API."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[FieldRow]
    body: list[FieldRow]
    answers: list[AnswerRow]
    example: str


class Shape(msgspec.Struct, frozen=True):
    """A named schema."""

    name: str
    description: str
    fields: list[FieldRow]


def calls_of(document: Mapping[str, Any]) -> list[Call]:
    """Every call, in the document's order."""
    return [
        _call(document, path, method, item[method])
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]


def shapes_of(document: Mapping[str, Any]) -> list[Shape]:
    """Every schema that is an object."""
    schemas = document["components"]["schemas"]
    return [
        Shape(name, schema.get("description", ""), list(_fields(schema)))
        for name, schema in sorted(schemas.items())
        if "properties" in schema
    ]


def _call(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Call:
    parameters = [
        FieldRow(
            one["name"],
            _type(_resolved(document, one["schema"])),
            one.get("required", False),
            _described(one),
        )
        for one in operation.get("parameters", ())
    ]
    body = _body(document, operation)
    return Call(
        operation["operationId"],
        method.upper(),
        path,
        operation.get("summary", ""),
        operation.get("description", ""),
        parameters,
        body,
        [_answer(status, one) for status, one in operation["responses"].items()],
        _example(method, path, body),
    )


def _body(document: Mapping[str, Any], operation: Mapping[str, Any]) -> list[FieldRow]:
    schema = _schema(operation.get("requestBody", {}))
    names = [_name(one) for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]
    return [row for name in names for row in _fields(document["components"]["schemas"][name])]


def _answer(status: str, response: Mapping[str, Any]) -> AnswerRow:
    schema = _schema(response)
    return AnswerRow(status, response.get("description", ""), _name(schema) if "$ref" in schema else "")


def _schema(holder: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a body or an answer in its first media type."""
    content: dict[str, dict[str, Any]] = holder.get("content", {})
    for media in content.values():
        found: dict[str, Any] = media.get("schema", {})
        return found
    return {}


def _fields(schema: Mapping[str, Any]) -> Iterator[FieldRow]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield FieldRow(name, _type(one), name in required, one.get("description", ""))


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A parameter's own schema with the words of the enumerations it refers to."""
    if "$ref" in schema:
        found: Mapping[str, Any] = document["components"]["schemas"][_name(schema)]
        return found
    if "anyOf" in schema:
        return {**schema, "anyOf": [_resolved(document, one) for one in schema["anyOf"]]}
    return schema


def _described(parameter: Mapping[str, Any]) -> str:
    text: str = parameter.get("description") or parameter["schema"].get("description", "")
    return text


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema)
    if "enum" in schema or "const" in schema:
        return " | ".join(str(word) for word in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if schema.get("type") == "array":
        items = schema.get("items")
        return f"[{_type(items)}]" if items else "[]"
    return str(schema.get("type", "any"))


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).removeprefix(_SCHEMAS)


def _example(method: str, path: str, body: list[FieldRow]) -> str:
    shown = [
        f"curl -H 'Authorization: Bearer lgk_…' {'-X POST ' if method == 'post' else ''}'http://127.0.0.1:8080{path}'"
    ]
    wanted = [row for row in body if row.required] or body[:1]
    if wanted:
        said = ", ".join(f'"{row.name}": "…"' for row in wanted)
        shown.append(f"  -H 'Content-Type: application/json' -d '{{{said}}}'")
    return " \\\n".join(shown)
