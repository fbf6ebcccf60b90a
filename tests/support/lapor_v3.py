"""The contract openapi/lapor-v3.yaml as a judge of what the gateway sends and a simulator answers."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

CONTRACT = Path(__file__).parents[2] / "openapi" / "lapor-v3.yaml"


@cache
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CONTRACT.read_text("utf-8"))
    return loaded


def operation(method: str, path: str) -> dict[str, Any]:
    """The call of the contract that a request makes; AssertionError where there is none."""
    exact_first = sorted(contract()["paths"].items(), key=lambda item: "{" in item[0])
    for pattern, calls in exact_first:
        if re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", pattern), path) and method.lower() in calls:
            found: dict[str, Any] = calls[method.lower()]
            return found
    raise AssertionError(f"the contract has no {method} {path}")


def check_request(method: str, path: str, body: bytes) -> None:
    """Raises AssertionError where a JSON body is not what the contract asks for."""
    content = operation(method, path)["requestBody"]["content"]["application/json"]
    _check(content["schema"], json.loads(body), f"{method} {path}")


def check_answer(method: str, path: str, status: int, content_type: str, body: bytes) -> None:
    """Raises AssertionError where an answer is none that the contract knows."""
    answers = operation(method, path)["responses"]
    answer = _resolved(answers.get(str(status)) or answers["default"])
    media = content_type.partition(";")[0]
    assert media in answer["content"], f"{method} {path}: {status} with {media}"
    if media == "application/json":
        _check(answer["content"][media]["schema"], json.loads(body), f"{method} {path} {status}")


def _check(schema: dict[str, Any], content: object, what: str) -> None:
    whole = {"components": contract()["components"], **schema}
    faults = [
        f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(whole).iter_errors(content)
    ]
    assert not faults, f"{what}: {'; '.join(faults)}"


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: dict[str, Any] = contract()
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def check_form(method: str, path: str, parts: Mapping[str, Sequence[bytes]]) -> None:
    """Raises AssertionError where a multipart form has a part that the contract does not name, or lacks one.

    Fields are read as the type that the contract gives them, as a server reads a form.
    """
    schema = _resolved(operation(method, path)["requestBody"]["content"]["multipart/form-data"]["schema"])
    known, patterns = schema["properties"], schema.get("patternProperties", {})
    read: dict[str, Any] = {}
    for name, values in parts.items():
        if any(re.search(pattern, name) for pattern in patterns):
            continue
        assert name in known, f"{method} {path} has no part {name}"
        kind = _resolved(known[name]).get("type")
        read[name] = (
            ["bytes"] * len(values)
            if kind == "array"
            else int(values[0])
            if kind == "integer"
            else str(values[0])
        )
    _check(schema, read, f"{method} {path}")
