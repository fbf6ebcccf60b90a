"""The JSON Schema of `connector.toml`, for editors; a checked-in copy is compared in the checks.

`python -m lapor_gateway.sources.manifest_schema FILE` writes it, with `--check` it only compares.
"""

import json
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, create_model
from pydantic.json_schema import models_json_schema

from lapor_gateway.sources.manifest_models import ChannelTable, RegionTable
from lapor_gateway.sources.settings import SETTINGS

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a manifest, with one form of a channel for each of our source families."""
    families: list[type[BaseModel]] = [
        _channel_model(source, settings) for source, settings in SETTINGS.items()
    ]
    due: list[tuple[type[BaseModel], Literal["validation"]]] = [(RegionTable, "validation")]
    due += [(model, "validation") for model in families]
    references, definitions = models_json_schema(due, ref_template="#/$defs/{model}")
    channel = {
        "oneOf": [references[model, "validation"] for model in families],
        "discriminator": {"propertyName": "source"},
    }
    return {
        "$schema": _DIALECT,
        "title": "lapor-gateway connector.toml",
        "type": "object",
        "required": ["region", "channels"],
        "additionalProperties": False,
        "properties": {
            "region": references[RegionTable, "validation"],
            "channels": {"type": "object", "minProperties": 1, "additionalProperties": channel},
        },
        **_written(definitions),
    }


def schema_text() -> str:
    """The schema as it is checked in: sorted keys, a newline at the end."""
    return json.dumps(manifest_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _channel_model(source: str, settings: type[BaseModel]) -> type[BaseModel]:
    """A channel's two halves as one table, as a manifest writes them."""
    return create_model(
        f"{source.capitalize()}Channel",
        __base__=(ChannelTable, settings),
        source=(Literal[source], ...),  # type: ignore[arg-type]
    )


def _written(schema: Any) -> Any:
    """Durations as people write them: pydantic's own form for them is ISO 8601, which no manifest uses."""
    if isinstance(schema, dict):
        if schema.get("format") == "duration":
            rest = {key: value for key, value in schema.items() if key not in {"format", "type"}}
            return {**rest, "type": ["string", "number"], "examples": ["90s", "10m", "1h"]}
        return {key: _written(value) for key, value in schema.items()}
    return [_written(value) for value in schema] if isinstance(schema, list) else schema


def main(arguments: list[str]) -> int:
    """Write or compare; 1 where the copy is not in step."""
    path = Path(arguments[-1])
    text = schema_text()
    if "--check" not in arguments:
        path.write_text(text, encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{path} is not in step; write it anew with `python -m {__spec__.name} {path}`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
