"""An account with many open complaints, looked at in virtual days, and what must be true of the looks."""

import asyncio
import json
import random
from collections import defaultdict
from types import SimpleNamespace
from typing import Any, cast

from lapor_gateway.book import looking
from lapor_gateway.book.following import Routes, follow
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.domain.lifecycle import Event
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.refresh import Refresher, pace_of
from lapor_gateway.national.port import Answer, Lost, Request, Response
from tests.support.books import ACCOUNT, Desk
from tests.support.virtual import HeldLease, VirtualClock, VirtualNational, line_to

HOUR = 3600.0
CHUNK = 500
FIRST_NUMBER = 9_000_000
WORDS = ("Terverifikasi", "Dalam Proses", "Belum Ditindaklanjuti")


class Reading(VirtualNational):
    """Answers looks; `restless` complaints change at every look, `broken` ones are never answered well."""

    def begin(self, restless: set[str], broken: set[str], bad: float) -> None:
        self.restless, self.broken, self.bad = restless, broken, bad
        self.asked: list[float] = []
        self.looks: dict[str, list[float]] = defaultdict(list)

    async def send(self, request: Request, timeout: float) -> Answer:
        now = self.clock.elapsed()
        self.asked.append(now)
        await asyncio.sleep(0.01)
        number = request.path.split("/")[2]
        if request.path.endswith("/complaint"):
            self.looks[number].append(now)
        if number in self.broken:
            return Response(404, {}, b'{"message": "Laporan tidak ditemukan"}')
        if self.chance.random() < self.bad:
            return Lost("reset")
        if not request.path.endswith("/complaint"):
            return Response(200, {}, b'{"results": {"data": [], "next_page_url": null}}')
        word = self.chance.choice(WORDS) if number in self.restless else "Belum Terverifikasi"
        return Response(200, {}, json.dumps({"results": {"data": {"status_name": word}}}).encode())


class Watchtower:
    """An account with so many open complaints, looked at in rounds five minutes apart."""

    def __init__(self, own: Desk, clock: VirtualClock, count: int, *, seed: int, **refresh: Any) -> None:
        self.book, self.clock = own.book, clock
        for start in range(1, count + 1, CHUNK):
            own.bring(*({"id": number} for number in range(start, min(start + CHUNK, count + 1))))
        self._accept([row.id for row in own.query("SELECT id FROM complaints ORDER BY id")])
        settings = {"look_up": None, "refresh": {"soonest": "15m", "latest": "24h"} | refresh}
        self.national = Reading(clock, random.Random(seed))
        self.line = line_to(self.national, **settings)
        self.pace = pace_of(self.line.account)
        routes = Routes({}, frozenset(), frozenset(), {ACCOUNT: self.pace.soonest})
        while follow(self.book, routes, 2_000):
            pass

    def _accept(self, ids: list[int]) -> None:
        """Numbers at LAPOR! for all of them, 9,000,001 and on."""
        for start in range(0, len(ids), CHUNK):
            with self.book.write() as connection:
                pen = Pen(connection, self.book.clock.now())
                subjects = load_subjects(connection, ids[start : start + CHUNK])
                for place, one in enumerate(ids[start : start + CHUNK], start + 1):
                    number = str(FIRST_NUMBER + place)
                    pen.transition(
                        subjects[one],
                        Event.ADOPT,
                        {"tracking_id": number},
                        tracking_id=number,
                        accepted_at=pen.at,
                    )
                pen.flush()

    async def watch(self, hours: float) -> None:
        end = self.clock.elapsed() + hours * HOUR
        gateway = cast("Gateway", SimpleNamespace(book=self.book, channels={}))
        while self.clock.elapsed() < end:
            if looking.is_due(self.book, ACCOUNT, self.pace, lists=False):
                await Refresher(gateway, cast("Lease", HeldLease()), self.line).round()
            await asyncio.sleep(300)

    def bound(self) -> float:
        """What `status` says, in seconds."""
        with self.book.read() as connection:
            return looking.watch_of(connection, ACCOUNT, self.pace).bound / 1_000_000

    def longest_waits(self) -> dict[str, float]:
        """Of each complaint the longest time between two looks, the beginning and the end counted in."""
        end = self.clock.elapsed()
        return {
            number: max(b - a for a, b in zip([0.0, *looks], [*looks, end], strict=True))
            for number, looks in self.national.looks.items()
        }

    def most_in_an_hour(self) -> int:
        asked = self.national.asked
        first, most = 0, 0
        for last, moment in enumerate(asked):
            while asked[first] <= moment - HOUR:
                first += 1
            most = max(most, last - first + 1)
        return most


def judge(tower: Watchtower, count: int, per_hour: int) -> None:
    waits = tower.longest_waits()
    assert len(waits) == count, "somebody was never looked at"
    assert max(waits.values()) <= tower.bound()
    assert tower.most_in_an_hour() <= per_hour
