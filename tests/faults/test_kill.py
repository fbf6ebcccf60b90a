"""kill -9 at any moment during a sync: nothing lost, nothing sent twice, and no more in doubt than were in flight."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.endpoint import IndependentEndpoint
from tests.support.gaps import some_now_and_all_in_soak
from tests.support.waiting import eventually
from tests.support.world import World, judge

IN_FLIGHT = 8
TIME_OUT_US = 500_000
KILLED = -9
SEND = "lapor_gateway.national.wire:PyreqwestWire.send"
EXCHANGE = "lapor_gateway.book.sending:Outbox.exchange"
# Each gap between what is committed and what leaves, and each between what came in and what is committed.
GAPS = {
    "attempts written, not yet committed": "lapor_gateway.book.sending:Outbox._begin:after:1",
    "attempts committed, no request begun": f"{EXCHANGE}:after:1",
    "as a request is about to leave": f"{SEND}:before:4",
    "an answer has come, its outcome is not written": f"{SEND}:after:1",
    "outcomes written, not yet committed": "lapor_gateway.book.sending:Outbox._write_outcomes:after:2",
    "outcomes and next attempts committed": f"{EXCHANGE}:after:3",
    "records taken in, not yet committed": "lapor_gateway.jobs.pull:take_in:after:1",
    "records judged, not yet committed": "lapor_gateway.book.gating:Gate.judge_fresh:after:1",
}
MORE_GAPS = {
    "before the first attempts are committed": f"{EXCHANGE}:before:1",
    "several answers have come, none is written": f"{SEND}:after:6",
    "the lease just taken": "lapor_gateway.book.leases:_take:after:1",
    "the lease about to be given back": "lapor_gateway.book.leases:Lease.release:before:1",
}
SETTLING_GAPS = {
    "found, not yet written": "lapor_gateway.book.settling:write_found:before:1",
    "found, and written": "lapor_gateway.book.settling:write_found:after:1",
    "absent, and written": "lapor_gateway.book.settling:write_absent:after:1",
}
MORE_SETTLING_GAPS = {
    "as a look-up is about to leave": "lapor_gateway.jobs.look_up:Listing._page_once:before:1",
    "absent, not yet written": "lapor_gateway.book.settling:write_absent:before:1",
}


async def settled(world: World, endpoint: IndependentEndpoint, complaints: int) -> None:
    """Sync in this process, which knows nothing of the dead one, until all is accepted; then ours and theirs agree."""
    for _ in range(4):
        await world.sync()
        if world.states() == {"accepted": complaints}:
            break
    assert world.states() == {"accepted": complaints}
    judge(world, endpoint)


def open_attempts(world: World) -> int:
    (row,) = world.query("SELECT count(*) FROM outbound WHERE outcome IS NULL")
    return int(row[0])


def judge_the_dead(world: World, endpoint: IndependentEndpoint, doubts: int) -> None:
    """What a killed process left: every doubt it made was in flight, and what was in flight is still `submitting`."""
    states = world.states()
    assert open_attempts(world) == states.get("submitting", 0) <= IN_FLIGHT
    assert world.entries("unknown") + world.entries("lost_holder") == doubts
    there = {one.reference for one in endpoint.kept()}
    ours = {
        one.reference for one in world.ours().values() if one.state in ("accepted", "submitting", "ambiguous")
    }
    assert there <= ours


def judge_the_time_of_doubt(world: World) -> None:
    """Attempts of a dead holder became ambiguous not before their time-out."""
    rows = world.query("SELECT o.finished_at - o.times_out_at FROM outbound o WHERE o.detail = 'lost_holder'")
    assert all(row[0] >= 0 for row in rows)


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(GAPS, MORE_GAPS))
async def test_a_process_killed_in_a_gap_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, gap: str
) -> None:
    with IndependentEndpoint(tmp_path, time_out=0.5, lag=0.2) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=IN_FLIGHT)
        world.add(12)
        code, _ = world.run_child("--kill", gap)
        assert code == KILLED, "the gap was never reached"
        judge_the_dead(world, endpoint, doubts=0)
        in_flight = open_attempts(world)
        await settled(world, endpoint, 12)
        assert world.entries("lost_holder") == in_flight
        judge_the_time_of_doubt(world)


@pytest.mark.parametrize("gap", some_now_and_all_in_soak(SETTLING_GAPS, MORE_SETTLING_GAPS))
async def test_a_process_killed_while_settling_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, gap: str
) -> None:
    with IndependentEndpoint(tmp_path, time_out=0.5, lag=0.2, fate="500-after") as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=IN_FLIGHT)
        world.add(2)
        await world.sync(patience=0.1)
        endpoint.order(fate="500-before" if "write_absent" in gap else "500-after")
        world.add(2)
        await world.sync(patience=0.1)
        endpoint.order(fate=None)
        world.add(6)
        code, _ = world.run_child("--kill", gap)
        assert code == KILLED, "the gap was never reached"
        await settled(world, endpoint, 10)
        judge_the_time_of_doubt(world)


def kill_at_random(world: World, endpoint: IndependentEndpoint, chance: random.Random, kills: int) -> None:
    """Again and again: new complaints, a sync in a new process, SIGKILL at a seeded moment."""
    for _ in range(kills):
        world.add(15, seed=chance.randrange(1_000_000))
        doubts = world.entries("unknown") + world.entries("lost_holder")
        left_open = open_attempts(world)
        with world.child() as process:
            assert process.stdout is not None
            assert "began" in process.stdout.readline()
            timer = threading.Timer(chance.random() * 0.35, process.kill)
            timer.start()
            process.wait(60)
            timer.cancel()
        made = world.entries("unknown") + world.entries("lost_holder") - doubts
        assert made <= left_open, "a killed process may leave doubt behind, never make it by itself"
        assert open_attempts(world) <= IN_FLIGHT + left_open
        judge(world, endpoint, in_doubt=IN_FLIGHT * (kills + 1), pulled=False)


async def killed_at_random(tmp_path: Path, database_url: str, seed: int, kills: int) -> None:
    with IndependentEndpoint(tmp_path, seed=seed, time_out=0.5, lag=0.2, delay=0.02) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url, max_in_flight=IN_FLIGHT)
        kill_at_random(world, endpoint, random.Random(seed), kills)
        await settled(world, endpoint, 15 * kills)
        assert world.entries("lost_holder") <= IN_FLIGHT * kills
        judge_the_time_of_doubt(world)


async def test_a_dozen_kills_at_seeded_moments_lose_nothing_and_send_nothing_twice(
    tmp_path: Path, database_url: str
) -> None:
    await killed_at_random(
        tmp_path, database_url, seed=5, kills=12 if database_url.startswith("sqlite") else 5
    )


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(200, 206))
async def test_kills_at_many_seeded_moments_lose_nothing_and_send_nothing_twice(
    tmp_path: Path, database_url: str, seed: int
) -> None:
    await killed_at_random(tmp_path, database_url, seed, kills=25)


async def test_a_killed_holder_is_replaced_at_once_on_the_same_machine(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, time_out=0.5, delay=0.2) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(20)
        with world.child() as process:
            eventually(endpoint.kept, what="something is sent")
            process.kill()
            process.wait()
        before = endpoint.mark()
        with world.child() as process:
            eventually(lambda: endpoint.posts(before), within=5, what="the next process goes on")
        await settled(world, endpoint, 20)


def run_and_kill(command: list[str], *, after: float) -> None:
    """Run a command; SIGKILL after so many seconds, if it has not ended by then."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        timer = threading.Timer(after, process.kill)
        timer.start()
        process.wait(60)
        timer.cancel()


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_kills_of_the_command_itself_lose_nothing_and_send_nothing_twice(tmp_path: Path) -> None:
    """From its first moment on: the start, the migrations' check and the end are killed as well."""
    chance = random.Random(9)
    with IndependentEndpoint(tmp_path, time_out=0.5, lag=0.2, delay=0.02) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=IN_FLIGHT)
        command = [sys.executable, "-m", "lapor_gateway", "--data", str(world.root), "sync", "--all"]
        for _ in range(25):
            world.add(15, seed=chance.randrange(1_000_000))
            run_and_kill(command, after=0.3 + chance.random() * 1.5)
            judge(world, endpoint, in_doubt=IN_FLIGHT * 26, pulled=False)
        await settled(world, endpoint, 15 * 25)
        judge_the_time_of_doubt(world)
