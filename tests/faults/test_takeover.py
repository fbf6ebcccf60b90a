"""A holder that is suspended loses its lease; the other one takes over, and the woken one starts no request."""

import contextlib
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually
from tests.support.world import World, judge

_SHORTER = ("leases:LEASE_SECONDS:2", "leases:HEARTBEAT_SECONDS:0.4", "database:IDLE_SECONDS:2")
LEASE = [word for what in _SHORTER for word in ("--set", f"lapor_gateway.book.{what}")]


def named(name: str) -> tuple[str, str]:
    return ("--set", f'lapor_gateway.national.wire:USER_AGENT:"{name}"')


def suspend_between_requests(
    world: World, endpoint: IndependentEndpoint, process: subprocess.Popen[str]
) -> None:
    """SIGSTOP at a moment when every attempt's request has arrived, and SQLite's only lock is free.

    A request handed to the client and not yet written is under way, and no fence stops it; and one that holds
    SQLite's lock holds up every other process, whatever a lease says.
    """

    def is_between() -> bool:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)  # a signal is on its way for a moment
        if is_unlocked(world) and all_have_arrived(world, endpoint):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    eventually(is_between, what="the first is between two requests")


def all_have_arrived(world: World, endpoint: IndependentEndpoint) -> bool:
    (attempts,) = world.query("SELECT count(*) FROM outbound")
    with contextlib.suppress(AssertionError):
        return eventually(lambda: len(endpoint.posts()) == attempts[0], within=0.2)
    return False


def is_unlocked(world: World) -> bool:
    url = make_url(world.settings.book_url)
    if url.get_backend_name() != "sqlite":
        return True
    with contextlib.closing(sqlite3.connect(str(url.database), timeout=0, isolation_level=None)) as book:
        try:
            book.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


async def test_a_suspended_holder_is_replaced_and_starts_no_request_when_it_wakes(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path, delay=0.05, time_out=0.5, lag=0.2) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url, max_in_flight=8)
        world.add(60)
        with world.child(*LEASE, *named("first")) as first:
            eventually(lambda: len(endpoint.kept()) > 8, what="the first is at work")
            suspend_between_requests(world, endpoint, first)
            stopped = endpoint.mark()
            with world.child(*LEASE, *named("second")) as second:
                assert second.stdout is not None
                assert second.wait(40) == 0
            assert world.states() == {"accepted": 60}
            first.send_signal(signal.SIGCONT)
            first.wait(40)
        assert [post for post in endpoint.posts(stopped) if post["agent"] == "first"] == []
        judge(world, endpoint)
        assert world.entries("lost_holder") <= 8


async def test_while_a_holder_lives_another_waits_and_sends_nothing(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, delay=0.03) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=4)
        world.add(60)
        with world.child(*named("first")) as first:
            eventually(lambda: len(endpoint.kept()) > 4, what="the first is at work")
            with world.child(*named("second")) as second:
                assert second.wait(40) == 0
            assert first.wait(40) == 0
        judge(world, endpoint)
        assert world.states() == {"accepted": 60}
        assert {post["agent"] for post in endpoint.posts()} == {"first"}
