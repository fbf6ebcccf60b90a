"""A total outage in the middle of a sync: a backlog never turns into doubt, and flows again by itself."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.errors import ExitCode
from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually_async
from tests.support.world import World, judge

IN_FLIGHT = 8
COMPLAINTS = 120
OUTAGES: dict[str, dict[str, Any]] = {
    "resets before the commit": {"fate": "reset-before"},
    "resets after the commit": {"fate": "reset-after"},
    "no answer at all": {"fate": "silent"},
    "pages of a proxy": {"fate": "html-before"},
    "refused connections": {"listening": False},
}


async def until(check: Any, what: str) -> None:
    async def ask() -> bool:
        return bool(check())

    await eventually_async(ask, within=20, what=what)


def most_at_once(endpoint: IndependentEndpoint, since: int) -> int:
    """How many submissions were under way at the same time, at the most."""
    under_way = most = 0
    for event in endpoint.events("request", "answered", "reset", since=since):
        under_way += 1 if event["event"] == "request" else -1
        most = max(most, under_way)
    return most


@pytest.mark.parametrize(
    "outage",
    [
        "resets after the commit",
        "no answer at all",
        "refused connections",
        pytest.param("resets before the commit", marks=pytest.mark.soak),
        pytest.param("pages of a proxy", marks=pytest.mark.soak),
    ],
)
async def test_an_outage_makes_no_more_ambiguous_than_were_in_flight_or_probes(
    tmp_path: Path, outage: str
) -> None:
    back = {"fate": None, "listening": True}
    with IndependentEndpoint(tmp_path, delay=0.03, time_out=0.5, lag=0.2) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=IN_FLIGHT)
        world.add(COMPLAINTS)
        syncing = asyncio.create_task(world.sync(patience=8))
        await until(lambda: len(endpoint.kept()) > 20, "the sync is under way")
        endpoint.order(**OUTAGES[outage])
        mark = endpoint.mark()
        failed = world.entries("unknown") + world.entries("not_taken")
        await until(
            lambda: world.entries("unknown") + world.entries("not_taken") > failed + IN_FLIGHT,
            "the breaker has opened",
        )
        during = endpoint.posts(mark)
        endpoint.order(**back)
        doubts = world.entries("unknown")
        ready = world.states().get("ready", 0)
        await syncing
        assert ready > COMPLAINTS // 3, "the backlog waits, and is not in doubt"
        assert doubts <= IN_FLIGHT + len(during)
        assert len(during) <= IN_FLIGHT + 3, "after the first few, single probes only"
        if outage == "refused connections":
            assert world.entries("unknown") <= IN_FLIGHT, "what was refused surely did not arrive"
        await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": COMPLAINTS}


async def test_a_run_ends_within_its_patience_when_nothing_answers(tmp_path: Path) -> None:
    """Neither submissions nor look-ups get an answer: the run leaves the rest to the next one."""
    with IndependentEndpoint(tmp_path, fate="500-before", list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(20)
        async with asyncio.timeout(15):
            await world.sync(patience=2)
        assert world.states().keys() <= {"ready", "ambiguous"}
        judge(world, endpoint, in_doubt=12)
        endpoint.order(fate=None, list_bad=0.0)
        for _ in range(3):
            await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 20}


async def test_a_pause_asked_for_with_429_is_kept(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, fate="429-paced") as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=4)
        world.add(30)
        syncing = asyncio.create_task(world.sync(patience=6))
        await until(lambda: len(endpoint.events("answered")) >= 4, "the first are sent away")
        endpoint.order(fate=None)
        await syncing
        judge(world, endpoint)
        assert world.states() == {"accepted": 30}
        first = endpoint.events("answered")[0]["at"]
        assert [post for post in endpoint.posts() if 0.1 < post["at"] - first < 0.9] == []


@pytest.mark.parametrize("down", [{"listening": False}, {"fate": "reset-before"}], ids=["refused", "reset"])
async def test_a_sync_that_cannot_reach_lapor_says_so_and_is_silent_again_when_it_can(
    tmp_path: Path, down: dict[str, Any]
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        endpoint.order(**down)
        world = World(tmp_path / "data", endpoint.url)
        world.add(8)
        assert (await world.sync(patience=0.1)).exit_code is ExitCode.OUT_OF_REACH
        endpoint.order(listening=True, fate=None)
        for _ in range(3):
            synced = await world.sync()
        assert synced.exit_code is ExitCode.DONE
        judge(world, endpoint)
        assert world.states() == {"accepted": 8}
