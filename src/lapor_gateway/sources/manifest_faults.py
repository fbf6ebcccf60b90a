"""Says where a manifest is wrong: file, line, key, what is wrong there, and the nearest right spelling."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lapor_gateway.errors import ConfigurationError
from lapor_gateway.sources.manifest_models import UnknownWordError

KeyPath = tuple[str | int, ...]

_KEY_PART = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_KEYS = re.compile(rf"\s*({_KEY_PART}(?:\s*\.\s*{_KEY_PART})*)\s*")
_ONE_KEY = re.compile(_KEY_PART)
_VALUE_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|[\[\]{}]|#.*')
_TOML_PLACE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class ManifestFault:
    """One thing that is wrong; `line` counts from 1."""

    file: str
    line: int
    key: str
    problem: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.key}: {self.problem}" if self.key else f"{where}{self.problem}"


class ManifestError(ConfigurationError):
    """A manifest with all its faults; nothing of its region was loaded."""

    def __init__(self, faults: tuple[ManifestFault, ...]) -> None:
        super().__init__(
            "\n".join(str(fault) for fault in faults),
            cure="Correct the manifest, then run `lapor-gateway connectors check`.",
        )
        self.faults = faults

    def of_region(self, region: str) -> "ManifestError | None":
        """The faults of one region's folder; None where it has none."""
        own = tuple(fault for fault in self.faults if Path(fault.file).parent.name == region)
        return ManifestError(own) if own else None

    def __str__(self) -> str:
        return f"{self.message}\n{self.cure}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault before its line is known: the keys that lead to it, and what is wrong there."""

    path: KeyPath
    text: str


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?` with the closest of the known spellings, or nothing where none is close."""
    folded = {spelling.casefold(): spelling for spelling in known}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f'; did you mean "{folded[found[0]]}"?' if found else ""


def syntax_problem(error: tomllib.TOMLDecodeError, source: str) -> tuple[int, str]:
    """The line and the sentence of a TOML error."""
    message = str(error)
    place = _TOML_PLACE.search(message)
    line = int(place[1]) if place and place[1] else source.count("\n") + 1
    return line, f"not TOML: {_TOML_PLACE.sub('', message)}"


def key_lines(source: str) -> dict[KeyPath, int]:
    """The line of every table header and key; `source` is readable TOML.

    `tomllib` keeps no positions. Keys inside an inline table or an array have the line of the key that holds
    them (see `line_of`), which is the same line in nearly every manifest.
    """
    lines: dict[KeyPath, int] = {(): 1}
    table: KeyPath = ()
    state = _ValueState()
    for number, line in enumerate(source.splitlines(), start=1):
        if state.is_open:
            state.read(line)
            continue
        stripped = line.strip()
        if stripped.startswith("["):
            match = _KEYS.match(stripped.lstrip("["))
            table = _key_parts(match[1]) if match else table
            _remember(lines, table, number)
        elif (match := _KEYS.match(line)) and line[match.end() : match.end() + 1] == "=":
            _remember(lines, table + _key_parts(match[1]), number)
            state.read(line[match.end() + 1 :])
    return lines


def line_of(path: KeyPath, lines: dict[KeyPath, int]) -> int:
    """The line of `path`, or of the nearest table or key around it."""
    keys = tuple(part for part in path if isinstance(part, str))
    return next(lines[keys[:length]] for length in range(len(keys), -1, -1) if keys[:length] in lines)


def _remember(lines: dict[KeyPath, int], path: KeyPath, number: int) -> None:
    for length in range(1, len(path) + 1):
        lines.setdefault(path[:length], number)


def _key_parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in _ONE_KEY.findall(dotted))


class _ValueState:
    """Whether a value goes on over the next line: open brackets, or an open multi-line string."""

    def __init__(self) -> None:
        self._depth = 0
        self._quotes = ""

    @property
    def is_open(self) -> bool:
        return bool(self._quotes) or self._depth > 0

    def read(self, text: str) -> None:
        position = 0
        while position < len(text):
            if self._quotes:
                end = text.find(self._quotes, position)
                if end < 0:
                    return
                position = end + 3
                self._quotes = ""
                continue
            token = _VALUE_TOKEN.search(text, position)
            if token is None:
                return
            position = token.end()
            if token[0] in {'"""', "'''"}:
                self._quotes = token[0]
            elif token[0] in "[{":
                self._depth += 1
            elif token[0] in "]}":
                self._depth -= 1


def problems(
    error: ValidationError, prefix: KeyPath, value: Any, schema: dict[str, Any]
) -> Iterator[Problem]:
    """What pydantic found, in the manifest's own words. `schema` is the JSON Schema of what is due."""
    for detail in error.errors(include_url=False):
        path = _path_in(value, detail["loc"])
        yield Problem(prefix + path, _sentence(detail, path, value, schema))


def _path_in(value: Any, loc: tuple[int | str, ...]) -> KeyPath:
    """pydantic's location without what is no key: names of a union's members, a validator's indexes."""
    path: list[str | int] = []
    for position, part in enumerate(loc):
        here = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
        if part in here:
            path.append(part)
            value = here[part]
        elif position == len(loc) - 1 and isinstance(part, str) and isinstance(value, dict):
            path.append(part)
    return tuple(path)


def _sentence(detail: ErrorDetails, path: KeyPath, value: Any, schema: dict[str, Any]) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key{nearest(str(path[-1]), allowed_keys(schema, value, path[:-1]))}"
        case "missing" | "union_tag_not_found":
            missing = "" if detail["type"] == "missing" else " `kind`"
            return f"missing{missing}; it must be given"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "must be a table"
        case "literal_error":
            return _unknown("value", str(detail["input"]), str(context["expected"]))
        case "union_tag_invalid":
            return _unknown("kind", str(context["tag"]), str(context["expected_tags"]))
        case "string_pattern_mismatch":
            return f"{detail['input']!r} does not have the form {context['pattern']}"
    cause = context.get("error")
    if isinstance(cause, UnknownWordError):
        return f"{cause}{nearest(cause.word, cause.known)}"
    return str(cause) if cause else detail["msg"][:1].lower() + detail["msg"][1:]


def _unknown(what: str, word: str, expected: str) -> str:
    known = re.findall(r"'([^']*)'", expected)
    return f'unknown {what} "{word}"{nearest(word, known)} (one of {", ".join(known)})'


def allowed_keys(schema: dict[str, Any], value: Any, path: KeyPath) -> set[str]:
    """The keys that the JSON Schema allows in the table at `path` of `value`."""
    found: set[str] = set()
    for option in _options(schema, schema, value):
        if not path:
            found |= option.get("properties", {}).keys()
            continue
        part, rest = path[0], path[1:]
        inner = value[part]
        if isinstance(part, int):
            deeper = option.get("items")
        else:
            deeper = option.get("properties", {}).get(part) or option.get("additionalProperties")
        if isinstance(deeper, dict):
            found |= allowed_keys({"$defs": schema.get("$defs", {}), **deeper}, inner, rest)
    return found


def _options(schema: dict[str, Any], root: dict[str, Any], value: Any) -> Iterator[dict[str, Any]]:
    """The schemas that `schema` stands for: references followed, and of a union those whose `kind` fits."""
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rpartition("/")[2]]
        yield from _options(target, root, value)
        return
    members = schema.get("anyOf") or schema.get("oneOf") or ()
    for member in members:
        yield from _options(member, root, value)
    kind = schema.get("properties", {}).get("kind", {}).get("const")
    if not members and (kind is None or not isinstance(value, dict) or value.get("kind") == kind):
        yield schema
