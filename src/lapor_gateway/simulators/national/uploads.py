"""Multipart bodies: the files of an upload and the fields of a follow-up."""

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP

from lapor_gateway.simulators.national.http11 import Request

PICTURES = ("jpg", "jpeg", "png", "gif", "webp")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; `file_name` is None for a plain field. `content` are its bytes."""

    name: str
    file_name: str | None
    content: bytes

    @property
    def is_picture(self) -> bool:
        return (self.file_name or "").rpartition(".")[2].lower() in PICTURES


def parts_of(request: Request) -> list[Part]:
    """The parts of a multipart body; none where the body is not one."""
    if not request.header(b"content-type").lower().startswith("multipart/form-data"):
        return []
    head = b"Content-Type: " + request.headers[b"content-type"] + b"\r\n\r\n"
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return [
        Part(
            name=str(part.get_param("name", "", header="content-disposition")),
            file_name=part.get_filename(),
            content=payload if isinstance(payload := part.get_payload(decode=True), bytes) else b"",
        )
        for part in form.iter_parts()
    ]
