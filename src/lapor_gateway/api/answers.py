"""Answers of the API: a struct of the book as JSON, and the same struct's schema in the OpenAPI document."""

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec
from fastapi import Response

from lapor_gateway.api.problems import MEDIA_TYPE, Problem

REFERENCE: Final = "#/components/schemas/{name}"
Row = TypeVar("Row")


class Listed(msgspec.Struct, Generic[Row], frozen=True):
    """One page of a list; pass `next_cursor` on as `cursor` for the next one, null is the end."""

    items: list[Row]
    next_cursor: str | None


class Said(msgspec.Struct, frozen=True):
    """A plain word about what was done."""

    detail: str


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`value` (a struct, or a list of them) as a JSON answer."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def returns(kind: Any, description: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """A route's `responses`: what it answers, and that everything else is a problem."""
    return {
        status: {"description": description, "content": {"application/json": {"schema": schema_of(kind)}}}
    }


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a type: a reference for a struct, which the OpenAPI document must define."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    return schema


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "description": "A problem (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": schema_of(Problem)}},
    }
}
