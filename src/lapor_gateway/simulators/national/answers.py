"""What the endpoint answers, as bytes: JSON, HTML and the many wrong forms of both."""

from dataclasses import dataclass
from http import HTTPStatus

import msgspec

JSON = "application/json"
HTML = "text/html; charset=UTF-8"

_MAINTENANCE_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Pemeliharaan sistem</title></head>"
    b"<body><h1>Sistem sedang dalam pemeliharaan</h1></body></html>\n"
)

_LOGIN_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Masuk</title></head><body><h1>Silakan masuk kembali</h1>"
    b'<form method="post" action="/login"><input name="username"><input name="password" type="password">'
    b"<button>Masuk</button></form></body></html>\n"
)

_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `retry_after` is in seconds and becomes the header of that name."""

    status: int
    body: bytes
    content_type: str = JSON
    retry_after: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def head(self, *, keep_alive: bool, date: str) -> bytes:
        """Status line and headers; the length is that of the whole body, whatever is sent of it."""
        retry = "" if self.retry_after is None else f"Retry-After: {self.retry_after}\r\n"
        close = "" if keep_alive else "Connection: close\r\n"
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return (
            f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Unknown')}\r\n"
            f"Content-Type: {self.content_type}\r\nContent-Length: {len(self.body)}\r\n"
            f"Date: {date}\r\n{more}{retry}{close}\r\n"
        ).encode("latin-1")


def json_answer(content: object, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(content))


def message(text: str, status: int, *, retry_after: int | None = None) -> Answer:
    """The form every error of ours has: an object with only `message`."""
    return Answer(status, msgspec.json.encode({"message": text}), JSON, retry_after)


def invalid(errors: dict[str, list[str]]) -> Answer:
    """Laravel's form of a refused body: 422 with one list of sentences per field."""
    return json_answer({"message": "The given data was invalid.", "errors": errors}, 422)


def maintenance_page(status: int = 200) -> Answer:
    return Answer(status, _MAINTENANCE_PAGE, HTML)


def login_page() -> Answer:
    """What some deployments answer to a credential that has run out: a page, with 200."""
    return Answer(200, _LOGIN_PAGE, HTML)
