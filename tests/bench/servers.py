"""The two servers of a measurement, as lean as Python allows: they answer at once, from memory, and count.

The simulators do more than that (a store, a log, faults), and would be what is measured.
"""

import asyncio
import json
import sys
import time
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httptools
import uvloop

from tests.bench.work import PAGE_SIZE, record


class Seen:
    """What a server was asked; instants by the monotonic clock that all processes of a machine share, in s."""

    def __init__(self) -> None:
        self.requests = 0
        self.bytes = 0
        self.first: float | None = None
        self.last: float | None = None

    def note(self, size: int) -> None:
        self.requests += 1
        self.bytes += size
        self.last = time.monotonic()
        if self.first is None:
            self.first = self.last


class Connection(asyncio.Protocol):
    """One client's connection; every request is answered as soon as it is whole."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._size = 0

    def on_url(self, url: bytes) -> None:
        self._url = url

    def on_body(self, body: bytes) -> None:
        self._size += len(body)

    def on_message_complete(self) -> None:
        self._transport.write(self._server.answer(self._url, self._size))


class Server:
    """Answers one kind of call and, at `/_control`, what it has seen since it was last asked to forget."""

    def __init__(self) -> None:
        self.seen = Seen()

    def answer(self, url: bytes, size: int) -> bytes:
        if url.startswith(b"/_control"):
            seen = json.dumps(vars(self.seen)).encode()
            if url == b"/_control/forget":
                self.seen = Seen()
            return whole(seen)
        self.seen.note(size)
        return self.served(url)

    def served(self, url: bytes) -> bytes:
        raise NotImplementedError


class Source(Server):
    """The region's application: a listing by key, newest last; nothing has changed since any later instant."""

    def __init__(self, complaints: int) -> None:
        super().__init__()
        records = [record(number) for number in range(1, complaints + 1)]
        self._pages = [_page(records, start) for start in range(0, complaints, PAGE_SIZE)]
        self._nothing = whole(json.dumps({"data": [], "next_cursor": None}).encode())

    def served(self, url: bytes) -> bytes:
        query = parse_qs(urlsplit(url).query)
        if b"updated_since" in query:
            return self._nothing
        return self._pages[int(query.get(b"cursor", [b"0"])[0]) // PAGE_SIZE]


class National(Server):
    """The national endpoint: every submission is accepted under the next number."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 1_000_000

    def served(self, url: bytes) -> bytes:
        self._number += 1
        return whole(b'{"message":"Laporan terkirim","data":{"complaint_id":%d}}' % self._number)


def whole(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


def _page(records: list[dict[str, Any]], start: int) -> bytes:
    end = start + PAGE_SIZE
    following = str(end) if end < len(records) else None
    return whole(json.dumps({"data": records[start:end], "next_cursor": following}).encode())


async def serve(server: Server) -> None:
    listening = await asyncio.get_running_loop().create_server(lambda: Connection(server), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    print(json.dumps({"ready": True, "port": port, "url": f"http://127.0.0.1:{port}"}), flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    uvloop.run(serve(Source(int(numbers[0])) if kind == "source" else National()))
