"""A national endpoint written from the facts about LAPOR! alone, as awkward as it is told to be; its log is the truth.

Runs by itself (`python independent_endpoint.py LOG`), knows nothing of the gateway, and takes orders as JSON lines
on standard input: `{"bad": 0.3}` changes its behaviour, `{"listening": false}` closes its port.
"""

import asyncio
import hashlib
import html
import json
import os
import random
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

if __package__:
    from tests.support import national_export
else:  # run by itself, from its own folder
    import national_export

WIB = timezone(timedelta(hours=7))
RESET = struct.pack("ii", 1, 0)
FATES = (
    "500-before",
    "500-after",
    "429",
    "429-paced",
    "reset-before",
    "reset-after",
    "late-commit",
    "silent",
    "html-before",
    "html-after",
    "cut-after",
    "no-id-after",
)
PAGES = {
    "html": "<html><body>Sedang dalam pemeliharaan</body></html>",
    "login": '<html><form action="/masuk"><input type="password" name="sandi"></form></html>',
}
LIST_FATES = ("500", "429", "reset", "html", "cut", "message")


@dataclass(frozen=True)
class Behaviour:
    """`bad` and `list_bad` are shares of the answers; spans are seconds.

    A late commit comes up to `late` after `time_out`, the span its client waits; a complaint is listed up to `lag`
    after it was committed. `fate` decides every submission; `frozen` lets the list show nothing new; `paces` are the
    whole seconds that a paced 429 may ask for. With `history` the export begins a day before.
    """

    seed: int = 1
    bad: float = 0.0
    list_bad: float = 0.0
    time_out: float = 1.0
    late: float = 0.0
    lag: float = 0.0
    delay: float = 0.0
    paces: tuple[int, ...] = (1,)
    fate: str | None = None
    list_fate: str | None = None
    same_number: bool = False
    history: bool = False
    frozen: bool = False
    auth: str = "$2y$10$uji"
    token: str = "{00000000-0000-4000-8000-000000000001}"
    listening: bool = True


@dataclass(frozen=True)
class Request:
    number: int
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Kept:
    """A committed complaint and when the list begins to show it."""

    complaint_id: int
    title: str
    content: str
    committed_at: float
    shown_from: float


@dataclass
class Endpoint:
    log_file: Any
    behaviour: Behaviour = Behaviour()
    kept: list[Kept] = field(default_factory=list)
    requests: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.behaviour.seed)
        self.server: asyncio.Server | None = None
        self.connections: set[asyncio.StreamWriter] = set()
        self.late: set[asyncio.Task[None]] = set()
        self.frozen_at = 0.0
        self.words: dict[str, str] = {}

    def log(self, event: str, **facts: Any) -> None:
        """One line, with the system before anything is answered: this process may be killed as well."""
        line = json.dumps({"at": time.time(), "event": event, **facts}, ensure_ascii=False)
        os.write(self.log_file, line.encode() + b"\n")

    # --- orders ------------------------------------------------------------------------------------------

    async def obey(self, order: dict[str, Any]) -> None:
        for one in order.pop("keep", []):  # what staff have typed in by hand, or another system has sent
            self.kept.append(
                Kept(one["complaint_id"], one["title"], one["content"], time.time(), time.time())
            )
        for identifier, content in order.pop("rewrite", {}).items():  # an administrator edits the text there
            self.kept = [
                replace(one, content=content) if str(one.complaint_id) == identifier else one
                for one in self.kept
            ]
        self.words |= order.pop("words", {})  # an administrator moves a report on
        if "export" in order:  # an administrator downloads the spreadsheet
            self.export(Path(order.pop("export")))
        gone = order.pop("drop", [])
        self.kept = [one for one in self.kept if str(one.complaint_id) not in gone]
        names = {one.name for one in fields(Behaviour)}
        assert order.keys() <= names, order
        if "seed" in order:
            self.chance = random.Random(order["seed"])
        if order.get("frozen") and not self.behaviour.frozen:
            self.frozen_at = time.time()
        self.behaviour = replace(self.behaviour, **order)
        self.log("ordered", order=order)
        if self.behaviour.listening and self.server is None:
            await self.listen()
        elif not self.behaviour.listening and self.server is not None:
            self.server.close()
            self.server = None
            for writer in list(self.connections):
                reset(writer)

    def export(self, path: Path) -> None:
        """All that the list shows by now, as the national spreadsheet, with somebody's report that came just now."""
        now = self.frozen_at if self.behaviour.frozen else time.time()
        shown = [
            national_export.row(one.complaint_id, one.committed_at, one.title, self.row(one)["content"])
            for one in self.kept
            if one.shown_from <= now
        ]
        shown.append(national_export.row(8_999_999, now, "Lampu", "Lampu jalan padam, ditulis lewat SMS."))
        if self.behaviour.history:
            shown.append(
                national_export.row(8_999_998, now - 86_400, "Selokan", "Selokan mampet sejak kemarin.")
            )
        self.chance.shuffle(shown)
        national_export.write_export(path, shown)

    async def listen(self) -> None:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    # --- connections -------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.add(writer)
        try:
            while request := await self.read(reader):
                self.log(
                    "request",
                    number=request.number,
                    method=request.method,
                    path=request.path,
                    agent=request.headers.get("user-agent", ""),
                )
                if not await self.answer(request, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self.connections.discard(writer)
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {
            k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests += 1
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return Request(self.requests, method, parts.path, query, headers, body)

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection goes on."""
        wanted = self.behaviour
        if (
            request.headers.get("authorization") != f"Bearer {wanted.auth}"
            or request.headers.get("token") != wanted.token
        ):
            return await self.say(request, writer, 401, {"message": "Unauthenticated."})
        if request.method == "POST" and request.path.endswith("/complaints/complaint"):
            return await self.create(request, writer)
        if request.method == "GET" and request.path.endswith("/complaints"):
            return await self.list(request, writer)
        return await self.say(request, writer, 404, {"message": "Not found."})

    async def say(
        self,
        request: Request,
        writer: asyncio.StreamWriter,
        status: int,
        content: Any,
        *,
        headers: str = "",
        cut: bool = False,
    ) -> bool:
        is_page = isinstance(content, str)
        body = content.encode() if is_page else json.dumps(content).encode()
        kind = "text/html" if is_page else "application/json"
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.log("answered", number=request.number, status=status, cut=cut)
        writer.write(head.encode() + (body[: len(body) // 2] if cut else body))
        await writer.drain()
        return not cut

    # --- submissions -------------------------------------------------------------------------------------

    async def create(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        wanted = self.behaviour
        fate = wanted.fate or (self.chance.choice(FATES) if self.chance.random() < wanted.bad else "taken")
        late = wanted.time_out + self.chance.random() * wanted.late
        body = json.loads(request.body)
        if wanted.delay:
            await asyncio.sleep(wanted.delay * (0.5 + self.chance.random()))
        if not (isinstance(body.get("content"), str) and body["content"].strip() and body.get("title")):
            return await self.say(
                request, writer, 422, {"message": "Invalid.", "errors": {"content": ["wajib"]}}
            )
        if fate == "late-commit":
            self.later(request, body, late)
            await asyncio.sleep(late + 60)
            return False
        if fate == "silent":
            await asyncio.sleep(wanted.time_out + 60)
            return False
        identifier = self.commit(request, body) if fate == "taken" or fate.endswith("-after") else 0
        return await self.tell(request, writer, fate, identifier)

    async def tell(self, request: Request, writer: asyncio.StreamWriter, fate: str, identifier: int) -> bool:
        match fate.removesuffix("-before").removesuffix("-after"):
            case "taken":
                return await self.say(request, writer, 200, self.taken(identifier))
            case "500":
                return await self.say(request, writer, 500, {"message": "Server Error"})
            case "429":
                return await self.say(request, writer, 429, {"message": "Too Many Attempts."})
            case "429-paced":
                said = {"message": "Too Many Attempts."}
                pace = self.chance.choice(self.behaviour.paces)
                return await self.say(request, writer, 429, said, headers=f"Retry-After: {pace}\r\n")
            case "html" | "login" as page:
                return await self.say(request, writer, 200, PAGES[page])
            case "cut":
                return await self.say(request, writer, 200, self.taken(identifier), cut=True)
            case "no-id":
                return await self.say(request, writer, 200, {"message": "Berhasil"})
            case "denied":
                return await self.say(request, writer, 403, {"message": "Forbidden"})
            case "reset":
                self.log("reset", number=request.number)
                reset(writer)
                return False
            case other:
                raise AssertionError(other)

    def taken(self, identifier: int) -> dict[str, Any]:
        shapes: list[dict[str, Any]] = [
            {"complaint_id": identifier, "message": "Berhasil"},
            {"data": {"complaint_id": identifier}},
            {"data": {"results": {"complaint": {"id": identifier}}}},
        ]
        return self.chance.choice(shapes)

    def commit(self, request: Request, body: dict[str, Any]) -> int:
        identifier = 9_000_001 if self.behaviour.same_number else 9_000_001 + len(self.kept)
        now = time.time()
        shown_from = now + self.chance.random() * self.behaviour.lag
        self.kept.append(Kept(identifier, body["title"], body["content"], now, shown_from))
        self.log("committed", number=request.number, complaint_id=identifier, body=body)
        return identifier

    def later(self, request: Request, body: dict[str, Any], after: float) -> None:
        async def commit() -> None:
            await asyncio.sleep(after)
            self.commit(request, body)

        task = asyncio.create_task(commit())
        self.late.add(task)
        task.add_done_callback(self.late.discard)

    # --- the list ----------------------------------------------------------------------------------------

    async def list(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        fate = self.chance.choice(LIST_FATES) if self.chance.random() < self.behaviour.list_bad else "listed"
        fate = self.behaviour.list_fate or fate
        search = request.query.get("search", "").casefold()
        now = self.frozen_at if self.behaviour.frozen else time.time()
        found = [
            one
            for one in self.kept
            if one.shown_from <= now and search in f"{one.title}\n{one.content}".casefold()
        ]
        found.sort(
            key=lambda one: hashlib.sha256(f"{self.behaviour.seed}{one.complaint_id}".encode()).digest()
        )
        size, page = int(request.query.get("page_size", 20)), int(request.query.get("page", 1))
        part = found[(page - 1) * size : page * size]
        more = f"http://127.0.0.1:{self.port}/complaints" if page * size < len(found) else None
        answer = {"results": {"data": [self.row(one) for one in part], "next_page_url": more}}
        match fate:
            case "500":
                return await self.say(request, writer, 500, {"message": "Server Error"})
            case "429":
                return await self.say(request, writer, 429, {"message": "Too Many Attempts."})
            case "reset":
                reset(writer)
                return False
            case "html" | "login" as page:
                return await self.say(request, writer, 200, PAGES[page])
            case "message":
                return await self.say(request, writer, 200, {"message": "Data tidak ditemukan"})
            case _:
                return await self.say(request, writer, 200, answer, cut=fate == "cut")

    def row(self, one: Kept) -> dict[str, Any]:
        awkward = one.complaint_id % 3
        content = html.escape(one.content) if awkward == 1 else one.content
        return {
            "complaint_id": one.complaint_id,
            "title": one.title,
            "content": f"  {content}\r\n" if awkward == 2 else content,
            "status_name": self.words.get(str(one.complaint_id), "Belum Terverifikasi"),
            "created_at": datetime.fromtimestamp(one.committed_at, WIB).strftime("%d-%m-%Y %H:%M:%S"),
        }


def reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def main(log: Path) -> None:
    endpoint = Endpoint(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    await endpoint.listen()
    sys.stdout.write(json.dumps({"ready": True, "url": f"http://127.0.0.1:{endpoint.port}"}) + "\n")
    sys.stdout.flush()
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    while line := await orders.readline():
        await endpoint.obey(json.loads(line))
        sys.stdout.write('{"done": true}\n')
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
