"""Looking at open complaints in virtual days: nobody is starved, the budget holds, and the stated bound is true."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lapor_gateway.book import looking
from lapor_gateway.book.decisions import Verb, decide
from lapor_gateway.book.following import Routes, follow
from lapor_gateway.book.leases import Lease
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.refresh import Refresher, pace_of
from lapor_gateway.national.port import Answer, Lost, Request, Response
from tests.support.books import ACCOUNT, Desk, desk
from tests.support.virtual import HeldLease, VirtualClock, VirtualNational, line_to

HOUR = 3600.0
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
        own.bring(*({"id": number} for number in range(1, count + 1)))
        for number in range(1, count + 1):
            own.row(number)
            decide(self.book, own.row(number).reference, Verb.ADOPT, by="Uji", number=str(9_000_000 + number))
        settings = {"look_up": None, "refresh": {"soonest": "15m", "latest": "24h"} | refresh}
        self.national = Reading(clock, random.Random(seed))
        self.line = line_to(self.national, **settings)
        self.pace = pace_of(self.line.account)
        routes = Routes({}, frozenset(), frozenset(), {ACCOUNT: self.pace.soonest})
        while follow(self.book, routes, 2_000):
            pass

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


@pytest.fixture
def tower(tmp_path: Path) -> Iterator[Any]:
    clock = VirtualClock()
    with desk(f"sqlite:///{tmp_path / 'book.db'}", clock) as own:
        yield lambda count, **more: Watchtower(own, clock, count, **more)
    clock.loop.close()


def judge(tower: Watchtower, count: int, per_hour: int) -> None:
    waits = tower.longest_waits()
    assert len(waits) == count, "somebody was never looked at"
    assert max(waits.values()) <= tower.bound()
    assert tower.most_in_an_hour() <= per_hour


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_starved_while_others_change_all_the_time(tower: Any, seed: int) -> None:
    own = tower(150, seed=seed, per_hour=72)
    numbers = [str(9_000_000 + number) for number in range(1, 151)]
    own.national.begin(set(numbers[:75]), set(numbers[75:80]), bad=0.02)
    own.clock.run(own.watch(hours=90))
    judge(own, 150, 72)


def test_a_small_office_is_looked_at_soon_and_then_less_often(tower: Any) -> None:
    own = tower(5, seed=3, per_hour=1800)
    own.national.begin(set(), set(), bad=0.0)
    own.clock.run(own.watch(hours=240))
    judge(own, 5, 1800)
    for looks in own.national.looks.values():
        pauses = [b - a for a, b in pairwise(looks)]
        assert looks[0] < HOUR / 2
        assert pauses[0] < HOUR / 2
        assert pauses[-1] > 20 * HOUR
        assert len(looks) < 80


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(10, 30))
def test_nobody_is_starved_at_many_seeds(tower: Any, seed: int) -> None:
    chance = random.Random(seed)
    count, per_hour = chance.randrange(50, 600), chance.randrange(40, 400)
    own = tower(count, seed=seed, per_hour=per_hour)
    numbers = [str(9_000_000 + number) for number in range(1, count + 1)]
    chance.shuffle(numbers)
    own.national.begin(set(numbers[: count // 2]), set(numbers[-count // 20 :]), bad=0.1)
    own.clock.run(own.watch(hours=2.5 * own.bound() / HOUR))
    judge(own, count, per_hour)
