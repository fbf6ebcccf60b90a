"""Hours in milliseconds: an event loop whose clock jumps to what is due next, and a national side that lives in it."""

import asyncio
import json
import random
import selectors
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

from lapor_gateway.jobs.line import Line
from lapor_gateway.national.port import Answer, Lost, NotSent, Request, Response
from lapor_gateway.settings_sections import NationalAccount
from tests.support import national_export
from tests.support.books import ACCOUNT, START

Result = TypeVar("Result")


class _JumpingSelector(selectors.SelectSelector):
    """Never waits: what the loop would have slept is added to its time."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits and nothing is due: it would wait for ever")
        if not ready and timeout is not None:
            self.now += max(timeout, 1e-6)  # less would be lost in the sum
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = _JumpingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now


class VirtualClock:
    """The gateway's clock inside a `VirtualLoop`; between two loops it stands still."""

    def __init__(self, start: datetime = START) -> None:
        self.loop = VirtualLoop()
        self._start = int(start.timestamp() * 1_000_000)

    def now(self) -> int:
        return self._start + int(self.loop.time() * 1_000_000)

    def elapsed(self) -> float:
        return self.loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)


class HeldLease:
    """A lease that nobody else wants; its heart beats in no thread, so virtual hours cannot lose it."""

    name = f"push:{ACCOUNT}"
    fence = 1
    is_held = True

    def require(self, _connection: object) -> None:
        """It is held."""


@dataclass
class Commit:
    tracking_id: int
    title: str
    content: str
    at: float
    shown_from: float


@dataclass
class VirtualNational:
    """Takes submissions as `fates` say: taken, lost (never taken), late (taken after the time-out), after (taken, no
    answer), refused (connection). A late one is taken up to `commits_within` after the time-out, and every one is
    shown up to `lag` later; all spans in seconds.
    """

    clock: VirtualClock
    chance: random.Random
    commits_within: float = 600.0
    lag: float = 900.0
    fates: tuple[str, ...] = ("taken",)
    first: list[str] = field(default_factory=list)
    worst: bool = False
    frozen_at: float | None = None
    list_answers: bool = True
    commits: list[Commit] = field(default_factory=list)
    sent: list[tuple[float, str]] = field(default_factory=list)
    late: list[asyncio.Task[None]] = field(default_factory=list)

    async def send(self, request: Request, timeout: float) -> Answer:
        if request.method == "GET":
            await asyncio.sleep(0.05)
            return self._listed(request)
        fate = self.first.pop(0) if self.first else self.chance.choice(self.fates)
        body = json.loads(request.body)
        self.sent.append((self.clock.elapsed(), body["content"]))
        match fate:
            case "taken":
                await asyncio.sleep(self.chance.random())
                return Response(200, {}, json.dumps({"complaint_id": self._commit(body)}).encode())
            case "after":
                self._commit(body)
                await asyncio.sleep(self.chance.random())
                return Response(500, {}, b"Server Error")
            case "late":
                share = 1.0 if self.worst else self.chance.random()
                self.late.append(
                    asyncio.create_task(self._commit_later(body, timeout + share * self.commits_within))
                )
            case "refused":
                return NotSent("refused")
            case _:
                assert fate == "lost"
        await asyncio.sleep(timeout)
        return Lost("time-out")

    def _commit(self, body: dict[str, Any]) -> int:
        now = self.clock.elapsed()
        shown_from = now + self.lag * (1.0 if self.worst else self.chance.random())
        identifier = 9_000_001 + len(self.commits)
        self.commits.append(Commit(identifier, body["title"], body["content"], now, shown_from))
        return identifier

    async def _commit_later(self, body: dict[str, Any], after: float) -> None:
        await asyncio.sleep(after)
        self._commit(body)

    def _listed(self, request: Request) -> Answer:
        if not self.list_answers:
            return Response(200, {}, b'{"message": "Data tidak ditemukan"}')
        query = parse_qs(urlsplit(request.path).query)
        now = self.clock.elapsed() if self.frozen_at is None else self.frozen_at
        search = query.get("search", [""])[0]
        rows = [
            {"complaint_id": one.tracking_id, "title": one.title, "content": one.content}
            for one in self.commits
            if one.shown_from <= now and search in one.content
        ]
        return Response(200, {}, json.dumps({"results": {"data": rows, "next_page_url": None}}).encode())

    def export(self, path: Path) -> Path:
        """What the list shows by now as the spreadsheet, and a report of somebody else's that came just now."""
        now, start = self.clock.elapsed(), START.timestamp()
        rows = [
            national_export.row(one.tracking_id, start + one.at, one.title, one.content)
            for one in self.commits
            if one.shown_from <= now
        ]
        rows += [national_export.row(1, start - 3600, "Pagi", "Aspirasi lain, pagi.")]
        rows += [national_export.row(2, start + now, "Baru", "Aspirasi lain, baru saja.")]
        return national_export.write_export(path, rows)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""


def line_to(national: VirtualNational, **settings: Any) -> Line:
    """A line whose wire is the virtual national side."""
    values: dict[str, Any] = {
        "url": "http://127.0.0.1:9",
        "auth": "a",
        "token": "t",
        "look_up": {},
    } | settings
    account = NationalAccount.model_validate(values)
    line = Line(ACCOUNT, account, lambda value: value, national.clock)
    line._wire = national
    return line
