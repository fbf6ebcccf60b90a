"""HTTP/1.1 over asyncio, low enough to reset a connection, cut an answer short or never give one."""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qs, unquote

import httptools

from lapor_gateway.simulators.national.answers import Answer, message
from lapor_gateway.simulators.national.clock import Clock

_LINGER_ZERO = struct.pack("ii", 1, 0)  # close() then sends RST instead of FIN


@dataclass(slots=True)
class Request:
    """One request as it came; header names are in lower case."""

    method: str
    target: str
    headers: dict[bytes, bytes]
    body: bytes
    keep_alive: bool
    too_large: bool = False
    path: str = field(init=False)
    query: str = field(init=False)

    def __post_init__(self) -> None:
        path, _, self.query = self.target.partition("?")
        self.path = unquote(path) if "%" in path else path

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    def parameter(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return parse_qs(self.query, keep_blank_values=True).get(name, [default])[0]


Receiver = Callable[[Request, "Connection"], None]


class Connection(asyncio.Protocol):
    """One client's connection; requests go to `receive`, which answers whenever and however it likes."""

    def __init__(
        self, receive: Receiver, connections: set["Connection"], body_limit: int, clock: Clock
    ) -> None:
        """`body_limit` is in bytes: of a larger body only the fact is kept."""
        self._clock = clock
        self._receive = receive
        self._connections = connections
        self._body_limit = body_limit
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._on_hang_up: list[Callable[[], object]] = []
        self._begin()

    def _begin(self) -> None:
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._chunks: list[bytes] = []
        self._length = 0

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)
        for call in self._on_hang_up:
            call()
        self._on_hang_up.clear()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.send(message("Bad Request", 400), keep_alive=False)

    # the parser's side

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._length += len(body)
        if self._length <= self._body_limit:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        request = Request(
            method=self._parser.get_method().decode("latin-1"),
            target=self._target.decode("latin-1"),
            headers=self._headers,
            body=b"".join(self._chunks),
            keep_alive=self._parser.should_keep_alive(),
            too_large=self._length > self._body_limit,
        )
        self._begin()
        self._receive(request, self)

    # the endpoint's side

    def send(self, answer: Answer, *, keep_alive: bool = True) -> None:
        if self._transport is None:
            return
        self._transport.write(answer.head(keep_alive=keep_alive, date=self._clock.header()) + answer.body)
        if not keep_alive:
            self._transport.close()

    def send_cut_short(self, answer: Answer) -> None:
        """Promise the whole body, send half of it and close."""
        if self._transport is None:
            return
        half = answer.body[: len(answer.body) // 2]
        self._transport.write(answer.head(keep_alive=True, date=self._clock.header()) + half)
        self._transport.close()

    def reset(self) -> None:
        """End the connection with RST: the client sees 'connection reset by peer'."""
        if self._transport is None:
            return
        tcp = cast("socket.socket | None", self._transport.get_extra_info("socket"))
        if tcp is not None:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self._transport.abort()

    def when_hung_up(self, call: Callable[[], object]) -> None:
        """Have `call` made once the connection has ended (at once if it has)."""
        if self._transport is None:
            call()
        else:
            self._on_hang_up.append(call)
