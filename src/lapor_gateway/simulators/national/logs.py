"""Lines of a complaint's log and its follow-ups, in each shape that public clients have seen."""

import zlib
from enum import StrEnum, auto
from typing import Any

import msgspec

REPORTER = "Pelapor"


class Log(msgspec.Struct, omit_defaults=True):
    """One entry of a complaint's history or one follow-up, in the fields of the dialect.

    `request` is the number of the API request that wrote it; `author` is who did: institution, reporter, system.
    """

    content: str
    institution_from_name: str
    institution_to_name: str
    created_at: str
    data: str = "{}"  # a JSON text within the JSON, as the real one has it
    attachments: list[dict[str, str]] = []
    institution_from_id: int | None = None
    institution_to_id: int | None = None
    template_code: str | None = None
    template_content: str | None = None
    author: str = "institution"
    user_id: str | None = None
    is_secret: bool = False
    request: int | None = None


class Shape(StrEnum):
    """How a deployment writes a line; `MIXED` gives each line a shape of its own, always the same."""

    FLAT = auto()
    NESTED = auto()
    DATED = auto()
    MIXED = auto()


def shown(log: Log, shape: Shape, where: str) -> dict[str, Any]:
    """The line as an answer holds it; `where` (complaint and place) decides a mixed shape."""
    if shape is Shape.MIXED:
        shape = (Shape.FLAT, Shape.NESTED, Shape.DATED)[zlib.crc32(where.encode()) % 3]
    line: dict[str, Any] = {"content": log.content, "data": log.data, "attachments": log.attachments}
    if log.template_code is not None:
        line |= {"template_code": log.template_code, "template_content": log.template_content}
        if not log.content:
            line["content"] = None
    line["date" if shape is Shape.DATED else "created_at"] = log.created_at
    sender, receiver = log.institution_from_name or None, log.institution_to_name or None
    if shape is Shape.NESTED:
        line["institution_from_id"] = _named(log.institution_from_id, sender)
        line["institution_to"] = _named(log.institution_to_id, receiver)
    else:
        line |= {"institution_from_name": sender, "institution_to_name": receiver}
    return line


def _named(number: int | None, name: str | None) -> dict[str, Any] | None:
    """An institution as an object; its id only where it is known."""
    if not name:
        return None
    return {"name": name} if number is None else {"id": number, "name": name}


def told(log: Log) -> dict[str, Any]:
    """The line as `/_control/state` shows it: everything, the request that committed it included."""
    return {name: getattr(log, name) for name in log.__struct_fields__}


def status_data(before: str, after: str) -> str:
    """The JSON text that tells of a change of status."""
    colours = {
        "status_old": {"name": before, "color": "#999999"},
        "status_new": {"name": after, "color": "#2b7a2b"},
    }
    return msgspec.json.encode(colours).decode()
