"""The whole promise at once: 40 % faults of every kind and three kill -9; no doubt is left, and nothing is twice.

With the look-up it settles itself. Without it every doubt is in the operator's list with what is known of it, and
one command with the spreadsheet export settles them all.
"""

import random
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.national import flow
from tests.support.command_line import lapor_gateway
from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually, eventually_async
from tests.support.world import World, judge

IN_FLIGHT = 8
KILLS = 3
KILLED = -9
# A paced 429 stops the whole account, a breaker doubles its pause: both in tenths of what they are otherwise, or two
# thousand complaints would spend four of five minutes in them. Their true spans have their own tests.
FAULTS = {
    "bad": 0.4, "time_out": 0.25, "late": 0.25, "lag": 0.25, "delay": 0.005, "paces": [0] * 9 + [1],
}  # fmt: skip
FIRST_PAUSE = 0.02
BOUNDS = {"timeout": "250ms", "commits_within": "300ms", "export_lag": "300ms", "max_in_flight": IN_FLIGHT}


@pytest.fixture(autouse=True)
def quicker_breaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "_FIRST_PAUSE", FIRST_PAUSE)


def kill_three_times(world: World, endpoint: IndependentEndpoint, chance: random.Random) -> None:
    """Three syncs, each in a process of its own that is killed while requests of it are under way."""
    for _ in range(KILLS):
        before = endpoint.mark()
        wanted = chance.randrange(5, 60)
        quicker = f"lapor_gateway.national.flow:_FIRST_PAUSE:{FIRST_PAUSE}"
        with world.child("--set", quicker, patience=60.0) as process:
            eventually(
                lambda before=before, wanted=wanted: (
                    len(endpoint.posts(before)) >= wanted or process.poll() is not None
                ),
                within=60,
                what="requests are under way",
            )
            timer = threading.Timer(chance.random() * 0.2, process.kill)
            timer.start()
            assert process.wait(60) == KILLED
            timer.cancel()
        judge(world, endpoint, in_doubt=len(world.ours()), pulled=False)


async def synced_until(world: World, within: float, *, left: frozenset[str]) -> None:
    """Sync again and again until complaints are in the states `left` only."""

    async def done() -> bool:
        await world.sync(patience=5.0)
        return world.states().keys() <= left

    await eventually_async(done, within=within, what=f"nothing but {sorted(left)} is left")


async def with_the_look_up(root: Path, complaints: int, seed: int, within: float, **options: Any) -> None:
    with IndependentEndpoint(root, seed=seed, list_bad=0.4, **FAULTS) as endpoint:
        world = World(root / "data", endpoint.url, **BOUNDS | options)
        world.add(complaints, seed=seed)
        kill_three_times(world, endpoint, random.Random(seed))
        await synced_until(world, within, left=frozenset({"accepted"}))
        assert world.states() == {"accepted": complaints}
        judge(world, endpoint)


async def without_it(root: Path, complaints: int, seed: int, within: float, **options: Any) -> None:
    with IndependentEndpoint(root, seed=seed, history=True, **FAULTS) as endpoint:
        world = World(root / "data", endpoint.url, look_up=None, **BOUNDS | options)
        world.add(complaints, seed=seed)
        kill_three_times(world, endpoint, random.Random(seed))
        await synced_until(world, within, left=frozenset({"accepted", "ambiguous"}))
        judge(world, endpoint, in_doubt=complaints)
        every_doubt_is_in_the_operators_list(world)
        one_command_settles_every_doubt(world, endpoint, root / "unduhan.xlsx")
        endpoint.order(bad=0.0)

        async def all_accepted() -> bool:
            await world.sync(patience=5.0)
            if "ambiguous" in world.states():  # a machine slower than the time-out makes new ones
                one_command_settles_every_doubt(world, endpoint, root / "unduhan.xlsx")
            return world.states() == {"accepted": complaints}

        await eventually_async(all_accepted, within=within, what="everything is accepted")
        judge(world, endpoint)


def one_command_settles_every_doubt(world: World, endpoint: IndependentEndpoint, path: Path) -> None:
    download_when_it_reaches_far_enough(world, endpoint, path)
    settled = lapor_gateway("complaints", "settle", "--national", path, "--data", world.root)
    assert settled.code == 0, settled.out
    assert "ambiguous" not in world.states()
    judge(world, endpoint)


def every_doubt_is_in_the_operators_list(world: World) -> None:
    doubtful = {one.reference: one for one in world.ours().values() if one.state == "ambiguous"}
    assert doubtful, "no doubt was made: the faults were too few"
    listed = lapor_gateway(
        *("complaints", "list", "--waiting-for", "operator", "--state", "ambiguous", "--jsonl"),
        *("--data", world.root),
    )
    assert listed.out.count("\n") == len(doubtful)
    assert all(one.reason for one in doubtful.values())
    ((untold,),) = world.query(
        "SELECT count(*) FROM complaints c WHERE c.state = 'ambiguous' AND NOT EXISTS (SELECT 1 FROM outbound o"
        " WHERE o.complaint = c.id AND o.outcome = 'unknown' AND o.detail IS NOT NULL)"
    )
    assert untold == 0


def download_when_it_reaches_far_enough(world: World, endpoint: IndependentEndpoint, path: Path) -> None:
    """An administrator downloads the spreadsheet after the last doubt's bounds; its rows tell whole seconds."""
    ((last,),) = world.query("SELECT max(times_out_at) FROM outbound")
    bounds = 0.3 + 0.3 + 1.0
    eventually(lambda: time.time() > last / 1_000_000 + bounds, what="the bounds have passed")
    endpoint.order(export=str(path))


async def test_with_the_look_up_no_doubt_is_left_and_nothing_is_twice(tmp_path: Path) -> None:
    await with_the_look_up(tmp_path, complaints=200, seed=1, within=80)


async def test_without_it_the_export_settles_every_doubt_in_one_command(tmp_path: Path) -> None:
    await without_it(tmp_path, complaints=200, seed=2, within=80)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(300, 320))
async def test_with_the_look_up_no_doubt_is_left_and_nothing_is_twice_whatever_the_seed(
    tmp_path: Path, seed: int
) -> None:
    await with_the_look_up(tmp_path, complaints=2000, seed=seed, within=1500)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(300, 320))
async def test_without_it_the_export_settles_every_doubt_in_one_command_whatever_the_seed(
    tmp_path: Path, seed: int
) -> None:
    await without_it(tmp_path, complaints=2000, seed=seed, within=1500)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2])
async def test_the_same_holds_on_postgresql(tmp_path: Path, fresh_postgres_url: str, seed: int) -> None:
    settle = with_the_look_up if seed == 1 else without_it
    await settle(tmp_path, complaints=400, seed=seed, within=300, database_url=fresh_postgres_url)
