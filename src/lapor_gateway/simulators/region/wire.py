"""A small HTTP/1.1 server on asyncio: enough for JSON, and able to hang up without an answer."""

import asyncio
import contextlib
import socket
import struct
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case, of a repeated query parameter the last counts."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in whole."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self) -> bytes:
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        head = (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\n"
            f"Content-Type: {self.content_type}\r\nContent-Length: {len(self.body)}\r\n{more}\r\n"
        )
        return head.encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer: the client waits until it gives up, or is reset after `patience` seconds.

    `afterwards` is done `delay` seconds after the client has hung up.
    """

    patience: float = 300.0
    delay: float = 0.0
    afterwards: Callable[[], object] | None = None


class Reset:
    """The connection ends with RST instead of an answer."""


def json_answer(content: object, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(content))


def message(text: str, status: int) -> Answer:
    return json_answer({"message": text}, status)


Reaction = Answer | Silence | Reset | None
Handler = Callable[[Request], Awaitable[Reaction]]
_LINGER_ZERO = struct.pack("ii", 1, 0)  # close() then sends RST instead of FIN


async def listen(handler: Handler, port: int) -> asyncio.Server:
    """Serve on 127.0.0.1; port 0 takes a free one. Where `handler` gives None, the client is hung up on."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                answer = await _answered(handler, request)
                if not isinstance(answer, Answer):
                    await _end(answer, reader, writer)
                    return
                writer.write(answer.encoded())
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ValueError):
            return  # the client went away, or spoke no HTTP, or this process ends
        finally:
            writer.close()

    return await asyncio.start_server(converse, "127.0.0.1", port)


async def _end(
    how: Silence | Reset | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """End a conversation without an answer, in the way that a fault demands."""
    if isinstance(how, Silence):
        with contextlib.suppress(TimeoutError, ConnectionError):
            await asyncio.wait_for(reader.read(1), how.patience)
        await asyncio.sleep(how.delay)
        if how.afterwards is not None:
            how.afterwards()
    if isinstance(how, Reset):
        tcp: socket.socket = writer.get_extra_info("socket")
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    writer.transport.abort()


async def _answered(handler: Handler, request: Request) -> Reaction:
    try:
        return await handler(request)
    except Exception:  # an application that falls over answers 500, and its log says why
        traceback.print_exc()
        return message("Server Error", 500)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or None when the client has closed."""
    line = await reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, unquote(parts.path), dict(parse_qsl(parts.query)), headers, body)


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
