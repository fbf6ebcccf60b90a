"""`Idempotency-Key`: a write asked again is answered as the first time, and done once."""

import asyncio
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lapor_gateway.api.problems import problem
from lapor_gateway.book.database import Book
from lapor_gateway.book.repeats import Kept, Taken, claim, forget, keep

_HEADER: Final = "idempotency-key"
_LONGEST: Final = 255


class Repeats:
    """ASGI middleware for `POST /v1/…` with an Idempotency-Key; the key counts per caller, for a day.

    Kept are answers that did something or never will (2xx, 4xx but 401, 403 and 409); after any other the key is
    free again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        name = headers.get(_HEADER)
        if name is None or scope["method"] != "POST" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
        elif not 0 < len(name) <= _LONGEST:
            await problem("configuration", f"An Idempotency-Key has 1 to {_LONGEST} characters.")(
                scope, receive, send
            )
        else:
            await self._once(scope, receive, send, f"{headers.get('authorization', '')}\0{name}")

    async def _once(self, scope: Scope, receive: Receive, send: Send, name: str) -> None:
        book: Book = scope["app"].state.gateway.book
        body = await _whole(receive)
        key = book.digest(name.encode("utf-8", "surrogatepass"))
        asked = b"\0".join([scope["path"].encode("utf-8", "surrogatepass"), scope["query_string"], body])
        known = await asyncio.to_thread(claim, book, key, book.digest(asked))
        if known is not None:
            await _known_answer(known)(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._app(scope, _given(body), answer.sending)
        finally:
            if answer.is_final:
                await asyncio.to_thread(keep, book, key, answer.kept)
            else:
                await asyncio.to_thread(forget, book, key)


class _Answer:
    """What went out, kept beside."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 500
        self._media_type = "application/json"
        self._parts: list[bytes] = []

    async def sending(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._media_type = Headers(raw=message["headers"]).get("content-type", self._media_type)
        else:
            self._parts.append(message.get("body", b""))
        await self._send(message)

    @property
    def is_final(self) -> bool:
        return self._status < 500 and self._status not in (401, 403, 409, 429)

    @property
    def kept(self) -> Kept:
        return Kept(self._status, self._media_type, b"".join(self._parts))


def _known_answer(known: Kept | Taken) -> Response:
    if isinstance(known, Kept):
        return Response(known.body, known.status, {"idempotency-replayed": "true"}, known.media_type)
    if known.differs:
        return problem(
            "configuration", "This Idempotency-Key was used for another request.", cure="Use a new one."
        )
    return problem("conflict", "The first request with this Idempotency-Key is still being answered.")


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _given(body: bytes) -> Receive:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive
