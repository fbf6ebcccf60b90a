"""Both wires keep one contract: `NotSent` only for what surely never left, never a retry, never a redirect."""

import asyncio
import contextlib
import gzip
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from lapor_gateway.national.port import Lost, NotSent, Request, Response
from lapor_gateway.national.wire import HttpxWire, PyreqwestWire, Wire

BODY = b'{"title":"Jalan rusak","content":"Berlubang"}'
POST = Request("POST", "/complaints/complaint", {"Content-Type": "application/json"}, BODY)
TAKEN = b'{"complaint_id": 9876543}'
Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Scripted:
    """A server that answers every request as it is told, and keeps what it was sent."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (
                        int(line[15:])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length")
                    ),
                    0,
                )
                self.requests.append(head + await reader.readexactly(length))
                await self.answering(reader, writer)
                if writer.is_closing():
                    break
        writer.close()


@contextlib.asynccontextmanager
async def scripted(answering: Answering) -> AsyncIterator[Scripted]:
    script = Scripted(answering)
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/lapor/3.0.0"
    try:
        yield script
    finally:
        server.close()


def plainly(status: str, body: bytes, *headers: str) -> Answering:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = "".join(f"{header}\r\n" for header in headers)
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body)
        await writer.drain()

    return answer


def raw(content: bytes) -> Answering:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return answer


async def by_reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def by_silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()  # until the client gives up


async def by_half_an_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + TAKEN)
    await reader.read()


@pytest.fixture(params=[PyreqwestWire, HttpxWire], ids=["pyreqwest", "httpx"])
def wire_class(request: pytest.FixtureRequest) -> type[PyreqwestWire] | type[HttpxWire]:
    chosen: type[PyreqwestWire | HttpxWire] = request.param
    return chosen


@pytest.fixture
def over(wire_class: Callable[[str, dict[str, str]], Wire]) -> Callable[[str], Wire]:
    return lambda url: wire_class(url, {"Authorization": "Bearer $2y$10$a", "token": "{0}"})


async def test_an_answer_comes_whole_and_the_request_leaves_as_it_was_encoded(
    over: Callable[[str], Wire],
) -> None:
    async with scripted(plainly("200 OK", TAKEN)) as server, over(server.url) as wire:
        answer = await wire.send(POST, 5)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, TAKEN)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    assert lines[0] == "POST /lapor/3.0.0/complaints/complaint HTTP/1.1"
    assert body == BODY
    assert (headers["authorization"], headers["token"]) == ("Bearer $2y$10$a", "{0}")
    assert headers["user-agent"].startswith("lapor-gateway/")
    assert headers.get("accept-encoding", "identity") == "identity"


async def test_the_headers_of_what_is_no_success_come_by_their_lower_case_names(
    over: Callable[[str], Wire],
) -> None:
    paced = plainly("429 Too Many Requests", b"{}", "Retry-After: 30", "Date: Mon, 02 Mar 2026 08:00:00 GMT")
    async with scripted(paced) as server, over(server.url) as wire:
        answer = await wire.send(POST, 5)
    assert isinstance(answer, Response)
    assert (answer.headers["retry-after"], answer.headers["date"][:3]) == ("30", "Mon")


async def test_a_refused_connection_surely_sent_nothing(over: Callable[[str], Wire]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        async with over(f"http://127.0.0.1:{closed.getsockname()[1]}") as wire:
            assert isinstance(await wire.send(POST, 5), NotSent)


async def test_an_unknown_name_surely_sent_nothing(over: Callable[[str], Wire]) -> None:
    async with over("http://tidak-ada.invalid") as wire:
        assert isinstance(await wire.send(POST, 5), NotSent)


async def test_a_failed_tls_handshake_surely_sent_nothing(over: Callable[[str], Wire]) -> None:
    async with scripted(by_silence) as server:
        port = server.url.split(":")[2].split("/")[0]

        async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"not TLS at all\r\n")
            writer.close()

        plain = await asyncio.start_server(refuse, "127.0.0.1", 0)
        async with over(f"https://127.0.0.1:{plain.sockets[0].getsockname()[1]}") as wire:
            assert isinstance(await wire.send(POST, 5), NotSent)
        plain.close()
        assert port
        assert server.requests == []


@pytest.mark.parametrize(
    "answering",
    [
        pytest.param(by_reset, id="reset before an answer"),
        pytest.param(by_silence, id="no answer in time"),
        pytest.param(by_half_an_answer, id="an answer that does not end in time"),
        pytest.param(raw(b""), id="closed without an answer"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + TAKEN), id="a body cut short"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n{"), id="a chunk cut short"
        ),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.6\r\n"), id="no HTTP at all"),
    ],
)
async def test_without_a_whole_answer_the_request_may_have_been_taken_and_is_not_sent_again(
    over: Callable[[str], Wire], answering: Answering
) -> None:
    async with scripted(answering) as server, over(server.url) as wire:
        assert isinstance(await wire.send(POST, 0.3), Lost)
    assert len(server.requests) == 1


async def test_a_connection_that_was_kept_alive_and_reset_is_not_tried_again(
    over: Callable[[str], Wire],
) -> None:
    """A client that repeats a POST by itself on a stale connection would send a complaint twice."""
    answers = iter([plainly("200 OK", TAKEN), by_reset, plainly("200 OK", TAKEN)])

    async def in_turn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(answers)(reader, writer)

    async with scripted(in_turn) as server, over(server.url) as wire:
        assert isinstance(await wire.send(POST, 5), Response)
        assert isinstance(await wire.send(POST, 5), Lost)
        assert len(server.requests) == 2


async def test_a_page_of_html_with_200_is_handed_on_as_it_is(over: Callable[[str], Wire]) -> None:
    page = b"<html>Sedang dalam pemeliharaan</html>"
    async with (
        scripted(plainly("200 OK", page, "Content-Type: text/html")) as server,
        over(server.url) as wire,
    ):
        answer = await wire.send(POST, 5)
    assert isinstance(answer, Response)
    assert answer.body == page


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed(over: Callable[[str], Wire], status: str) -> None:
    async with scripted(plainly(status, b"", "Location: /elsewhere")) as server, over(server.url) as wire:
        answer = await wire.send(POST, 5)
    assert isinstance(answer, Response)
    assert answer.status == int(status[:3])
    assert len(server.requests) == 1


async def test_compression_that_nobody_asked_for_is_not_undone(over: Callable[[str], Wire]) -> None:
    packed = gzip.compress(TAKEN)
    async with (
        scripted(plainly("200 OK", packed, "Content-Encoding: gzip")) as server,
        over(server.url) as wire,
    ):
        answer = await wire.send(POST, 5)
    assert isinstance(answer, Response)
    assert answer.body == packed


async def test_broken_compression_breaks_nothing(over: Callable[[str], Wire]) -> None:
    async with (
        scripted(plainly("200 OK", b"no gzip", "Content-Encoding: gzip")) as server,
        over(server.url) as wire,
    ):
        assert isinstance(await wire.send(POST, 5), Response)


async def test_an_answer_of_20_mb_is_not_read_to_its_end(over: Callable[[str], Wire]) -> None:
    """No answer of the interface is that long; a program's memory is no place for whatever this is."""
    async with scripted(plainly("200 OK", b" " * 20_000_000)) as server, over(server.url) as wire:
        assert isinstance(await wire.send(POST, 10), Lost)
    assert len(server.requests) == 1


async def test_an_endless_answer_ends_with_the_time_out_or_before(over: Callable[[str], Wire]) -> None:
    async def endlessly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
            await writer.drain()

    async with scripted(endlessly) as server, over(server.url) as wire:
        assert isinstance(await wire.send(POST, 1), Lost)


async def test_headers_that_are_no_text_break_nothing(over: Callable[[str], Wire]) -> None:
    head = b"HTTP/1.1 500 Error\r\nX-Odd: \xff\xfe\r\nX-Odd: again\r\nContent-Length: 25\r\n\r\n"
    async with scripted(raw(head + TAKEN)) as server, over(server.url) as wire:
        assert isinstance(await wire.send(POST, 5), Response | Lost)


async def test_two_hundred_requests_at_once_all_start_at_once(over: Callable[[str], Wire]) -> None:
    """A request that waits in a client's own queue would start later than the 5 s that an attempt has for it."""
    count = 200
    arrived = asyncio.Event()

    async def when_all_are_there(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) == count:
            arrived.set()
        await arrived.wait()
        await plainly("200 OK", TAKEN)(_, writer)

    async with scripted(when_all_are_there) as server, over(server.url) as wire:
        answers = await asyncio.gather(*(wire.send(POST, 10) for _ in range(count)))
    assert all(isinstance(answer, Response) for answer in answers)


ENDS_AT_ONCE = """
import asyncio, socket
from lapor_gateway.national.port import Request
from lapor_gateway.national.wire import PyreqwestWire

async def main():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with PyreqwestWire(f"https://127.0.0.1:{silent.getsockname()[1]}", {}) as wire:
            await wire.send(Request("GET", "/"), 0.2)

asyncio.run(main())
"""


def test_a_process_that_ends_right_after_a_failed_request_ends_by_itself() -> None:
    """The Rust client's threads must not outlive the interpreter: it would be aborted, whatever its exit code."""
    ends = [
        subprocess.run(
            [sys.executable, "-c", ENDS_AT_ONCE], check=False, stderr=subprocess.DEVNULL
        ).returncode
        for _ in range(5)
    ]
    assert ends == [0] * 5
