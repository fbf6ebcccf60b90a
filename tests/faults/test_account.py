"""A refused credential, the one switch, and the wall between training and production: nothing lost, nothing leaves."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

from lapor_gateway.book.accounts import resume_account
from lapor_gateway.book.decisions import set_push
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.status import read_status
from lapor_gateway.jobs.sync import chosen, pull_channel
from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually_async
from tests.support.world import ACCOUNT, World, judge


def paused(world: World) -> str | None:
    with world.gateway() as gateway:
        (channel,) = read_status(gateway).channels
        return channel.account_paused


async def test_401_pauses_the_account_and_loses_nothing_and_a_new_credential_resumes_it(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url, max_in_flight=4)
        world.add(10)
        endpoint.order(auth="$2y$10$baru")
        await world.sync(patience=1)
        tried = len(endpoint.posts())
        assert 0 < tried <= 4
        assert paused(world)
        assert world.states() == {"ready": 10}
        world.add(5)
        await world.sync(patience=1)
        assert len(endpoint.posts()) == tried, "a paused account sends nothing"
        assert world.states() == {"ready": 15}
        world.configure(auth="$2y$10$baru")
        await world.sync()
        assert paused(world) is None
        judge(world, endpoint)
        assert world.states() == {"accepted": 15}


async def test_403_in_the_middle_pauses_the_account_and_what_was_taken_stays_taken(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, delay=0.02) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=4, look_up=None)
        world.add(60)
        syncing = asyncio.create_task(world.sync(patience=1))

        async def under_way() -> bool:
            return len(endpoint.kept()) > 10

        await eventually_async(under_way)
        endpoint.order(fate="denied")
        await syncing
        assert paused(world)
        states = Counter(world.states())
        assert states["accepted"] == len(endpoint.kept()) < 60
        assert states["ready"] == 60 - states["accepted"]
        endpoint.order(fate=None)
        with world.gateway() as gateway:
            assert resume_account(gateway.book, ACCOUNT, by="Uji")
        await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 60}


async def test_a_look_up_that_is_refused_pauses_the_account_and_the_pause_is_remembered(
    tmp_path: Path,
) -> None:
    with IndependentEndpoint(tmp_path, fate="500-after", list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(2)
        await world.sync(patience=0.1)
        assert world.states() == {"ambiguous": 2}
        endpoint.order(auth="$2y$10$baru", fate=None, list_bad=0.0)
        await world.sync(patience=3)
        assert paused(world), "status says so, also to another process"
        world.configure(auth="$2y$10$baru")
        await world.sync()
        assert paused(world) is None
        judge(world, endpoint)
        assert world.states() == {"accepted": 2}


async def test_a_mended_account_with_nothing_to_send_is_no_longer_shown_as_paused(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, auth="$2y$10$baru") as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(1)
        await world.sync(patience=0.1)
        assert paused(world)
        world.query("UPDATE complaints SET state = 'held'")
        world.configure(auth="$2y$10$baru")
        await world.sync(patience=0.1)
        assert paused(world) is None


async def test_push_stop_lets_nothing_leave_and_start_lets_it_flow(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(10)
        with world.gateway() as gateway:
            set_push(gateway.book, False, by="Uji")
        await world.sync(patience=1)
        assert endpoint.posts() == []
        assert world.states() == {"ready": 10}
        with world.gateway() as gateway:
            set_push(gateway.book, True, by="Uji")
        await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 10}


async def test_push_stop_in_the_middle_of_a_sync_lets_no_more_leave(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, delay=0.02) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=4)
        world.add(80)
        syncing = asyncio.create_task(world.sync(patience=1))

        async def under_way() -> bool:
            return len(endpoint.kept()) > 10

        await eventually_async(under_way)
        with world.gateway() as gateway:
            set_push(gateway.book, False, by="Uji")
        mark = endpoint.mark()
        await syncing
        assert len(endpoint.posts(mark)) <= 4, "only what was committed as an attempt before"
        states = Counter(world.states())
        assert states["accepted"] == len(endpoint.kept())
        assert states["ready"] == 80 - states["accepted"]
        judge(world, endpoint)


async def test_a_training_book_never_speaks_to_a_production_account(tmp_path: Path) -> None:
    """Not even to look something up."""
    with IndependentEndpoint(tmp_path, fate="500-after", list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(2)
        await world.sync(patience=0.1)
        endpoint.order(list_bad=0.0)
        world.configure(environment="production")
        mark = endpoint.mark()
        world.add(3)
        await world.sync(patience=2)
        with world.gateway() as gateway:
            await count_anew(gateway, chosen(gateway, []))
        assert endpoint.events("request", since=mark) == []
        assert Counter(world.states()) == {"ambiguous": 2, "ready": 3}


async def test_edits_that_come_while_requests_are_under_way_spoil_no_outcome(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path, delay=0.4) as endpoint:
        account: dict[str, Any] = {"timeout": "5s", "max_in_flight": 8}
        world = World(tmp_path / "data", endpoint.url, database_url=database_url, **account)
        ids = world.add(8)
        syncing = asyncio.create_task(world.sync(patience=1))

        async def under_way() -> bool:
            return len(endpoint.posts()) >= 8

        await eventually_async(under_way)
        for number in ids:
            world.change(number, isi=f"Sudah diubah: aduan {number}", anonim=1)
        with world.gateway() as gateway:
            pulled = await pull_channel(gateway, gateway.channel("uji.tabel"), 5, AsyncMock())
        assert pulled.changed == 8
        synced = await syncing
        assert synced.failures == []
        judge(world, endpoint)
        assert world.states() == {"accepted": 8}
        assert world.entries("edited") == 8
