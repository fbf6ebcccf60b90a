"""The body of a create call: read, type-checked, and refused in Laravel's form."""

import re
from dataclasses import dataclass

import msgspec

from lapor_gateway.simulators.national.answers import Answer, invalid, message
from lapor_gateway.simulators.national.http11 import Request

_IDS = re.compile(r"\[[0-9]{1,18}(?:, ?[0-9]{1,18})*\]\.?")
_FIELD = re.compile(r"`\$\.(\w+)")


class _Body(msgspec.Struct):
    """The fields that public clients send. Only title and text are surely required (the rest: unknown)."""

    title: str | None = None
    content: str | None = None
    channel: int | None = None
    is_inbox: bool | None = None
    is_new_user_slider: bool | None = None
    user_id: int | None = None
    emailUser: str | None = None  # noqa: N815 - the field's own name
    nameUser: str | None = None  # noqa: N815
    phoneUser: str | None = None  # noqa: N815
    is_disposisi_slider: bool | None = None
    classification_id: int | None = None
    disposition_id: int | None = None
    category_id: int | None = None
    priority_program_id: int | None = None
    location_id: int | None = None
    community_id: int | None = None
    date_of_incident: str | None = None
    info_disposition: str | None = None
    tags_raw: str | None = None
    is_approval: bool | None = None
    is_anonymous: bool | None = None
    is_secret: bool | None = None
    is_priority: bool | None = None
    attachments: str | bool | None = None  # a text that holds a list of ids, or false


_DECODER = msgspec.json.Decoder(_Body)


@dataclass(frozen=True, slots=True)
class Draft:
    """A complaint that may be committed; `body` is the JSON text as it came."""

    title: str
    content: str
    body: bytes
    disposition_id: int | None = None
    file_ids: tuple[int, ...] = ()


def read_draft(request: Request, content_limit: int) -> Draft | Answer:
    """The complaint in a request, or the answer that refuses it. `content_limit` is in characters.

    Whether its files are there is for the caller to say.
    """
    if not request.header(b"content-type").lower().startswith("application/json"):
        return message("Content-Type harus application/json", 415)
    try:
        body = _DECODER.decode(request.body)
    except msgspec.ValidationError as error:
        found = _FIELD.search(str(error))
        return invalid({found.group(1) if found else "body": [str(error)]})
    except (msgspec.DecodeError, UnicodeDecodeError):
        return message("JSON tidak dapat dibaca", 400)
    errors: dict[str, list[str]] = {}
    if body.title is None or not body.title.strip():
        errors["title"] = ["Judul wajib diisi."]
    if body.content is None or not body.content.strip():
        errors["content"] = ["Isi laporan wajib diisi."]
    elif len(body.content) > content_limit:
        errors["content"] = [f"Isi laporan tidak boleh lebih dari {content_limit} karakter."]
    file_ids = _file_ids(body.attachments)
    if file_ids is None:
        errors["attachments"] = ["Lampiran ditulis sebagai teks, misalnya [4199656]."]
    if errors or body.title is None or body.content is None or file_ids is None:
        return invalid(errors)
    return Draft(body.title, body.content, request.body, body.disposition_id, file_ids)


def _file_ids(attachments: str | bool | None) -> tuple[int, ...] | None:
    """The ids in `"[4199656, 4199657]."`; none for false, null and "[]"; None for any other form."""
    if attachments is None or attachments is False or attachments in ("", "[]", "[]."):
        return ()
    if attachments is True or not _IDS.fullmatch(attachments):
        return None
    return tuple(int(number) for number in re.findall(r"[0-9]+", attachments))
