"""The legacy dialect lapor-f01: topics, and a list in which neither secret reports nor reporters ever stand."""

from typing import Any
from urllib.parse import parse_qs

from lapor_gateway.simulators.national.answers import Answer, json_answer, message
from lapor_gateway.simulators.national.http11 import Request
from lapor_gateway.simulators.national.office import Office
from lapor_gateway.simulators.national.store import Complaint
from lapor_gateway.simulators.national.uploads import parts_of

LIST = "getlist"  # the list's own name is not public; this is ours
_LARGEST_PAGE = 100
_PARENT = "3"


def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, in either of the two encodings."""
    if request.header(b"content-type").lower().startswith("multipart/form-data"):
        return {part.name: part.content.decode("utf-8", "replace") for part in parts_of(request)}
    found = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}


def answer(call: str, form: dict[str, str], office: Office, account: str, now: float) -> Answer:
    """The good answer to a call; `now` in seconds since the epoch."""
    match call:
        case "gettopics":
            return json_answer(
                [
                    {"id": str(row["id"]), "parent": _PARENT, "topic_name": row["name"]}
                    for row in office.masters.lists["categories"]
                ]
            )
        case "getlist":
            rows = [
                complaint
                for complaint in office.store.visible(account, form.get("search", ""), now)
                if not complaint.fields.get("is_secret")
            ]
            page, size = _number(form, "page", 1), min(_number(form, "limit", 20), _LARGEST_PAGE)
            return json_answer([_row(complaint) for complaint in rows[(page - 1) * size : page * size]])
        case _:
            return message(f"Layanan tidak dikenal; ada gettopics dan {LIST}", 404)


def _row(complaint: Complaint) -> dict[str, Any]:
    category = complaint.fields.get("category_id")
    return {
        "TrackingID": str(complaint.id),
        "topic_id": None if category is None else str(category),
        "title": complaint.title,
        "content": complaint.shown,
        "status": complaint.status_name,
        "date": complaint.created_at,
    }


def _number(form: dict[str, str], name: str, default: int) -> int:
    text = form.get(name, "")
    return max(int(text), 1) if text.isascii() and text.isdecimal() else default
