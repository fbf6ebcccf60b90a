"""Flow control: a credential that shows as a login page, hours to be left alone, regions that share an account."""

import asyncio
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import AsyncMock
from zoneinfo import ZoneInfo

from lapor_gateway.book import channels
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from lapor_gateway.jobs.status import read_status
from lapor_gateway.jobs.sync import chosen, pull_channel, pushing
from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually, eventually_async
from tests.support.world import ACCOUNT, World, judge

IN_FLIGHT = 4
BACKLOG = 120


def paused(world: World) -> str | None:
    with world.gateway() as gateway:
        return read_status(gateway).channels[0].account_paused


async def test_a_login_page_with_status_200_pauses_the_account_and_a_new_credential_resumes_it(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url, max_in_flight=IN_FLIGHT)
        world.add(30)
        endpoint.order(fate="login-before", list_fate="login")
        await world.sync(patience=1)
        tried = len(endpoint.posts())
        assert 0 < tried <= IN_FLIGHT
        assert "login page" in str(paused(world))
        assert world.states() == {"ambiguous": tried, "ready": 30 - tried}
        await world.sync(patience=1)
        assert len(endpoint.posts()) == tried, "a paused account sends nothing"
        endpoint.order(fate=None, list_fate=None, auth="$2y$10$baru")
        world.configure(auth="$2y$10$baru")
        for _ in range(3):
            await world.sync()
        assert paused(world) is None
        judge(world, endpoint)
        assert world.states() == {"accepted": 30}


async def test_what_a_login_page_hid_is_found_and_never_sent_again(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=IN_FLIGHT)
        world.add(8)
        endpoint.order(fate="login-after", list_fate="login")
        await world.sync(patience=1)
        endpoint.order(fate=None, list_fate=None)
        for _ in range(2):  # the look-up is answered again: the account goes on by itself
            await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 8}


async def test_in_quiet_hours_nothing_is_sent_nor_asked_and_afterwards_it_flows(tmp_path: Path) -> None:
    now = datetime.now(ZoneInfo("Asia/Jakarta"))
    quiet = f"{now - timedelta(minutes=5):%H:%M}-{now + timedelta(hours=3):%H:%M}"
    with IndependentEndpoint(tmp_path, fate="500-after", list_bad=1.0) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=1)
        world.add(1)
        await world.sync(patience=0.1)
        assert world.states() == {"ambiguous": 1}
        endpoint.order(fate=None, list_bad=0.0)
        mark = endpoint.mark()
        world.configure(quiet_hours=[quiet])
        world.add(3)
        synced = await world.sync(patience=2)
        assert endpoint.events("request", since=mark) == []
        assert "quiet hours" in str(synced.accounts[ACCOUNT].stopped)
        assert world.states() == {"ambiguous": 1, "ready": 3}
        world.configure(
            quiet_hours=[],
            maintenance=[
                {
                    "start": (now - timedelta(hours=1)).isoformat(),
                    "end": (now + timedelta(hours=1)).isoformat(),
                }
            ],
        )
        await world.sync(patience=2)
        assert endpoint.events("request", since=mark) == []
        world.configure(maintenance=[])
        await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 4}


def second_region(world: World, root: Path) -> None:
    """Another region under the same account: the same folder under another name, its own table."""
    folder = world.root / "connectors" / "lain"
    shutil.copytree(world.root / "connectors" / "uji", folder)
    shutil.copy(world.source, root / "lain.db")
    manifest = (folder / "connector.toml").read_text()
    manifest = manifest.replace(str(world.source), str(root / "lain.db"))
    (folder / "connector.toml").write_text(manifest.replace("Kabupaten Uji", "Kabupaten Lain"))
    with world.gateway() as gateway:
        channels.go_live(gateway.book, "lain.tabel", by="Uji")


async def test_a_regions_backlog_does_not_stand_before_anothers_complaint_of_today(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path, delay=0.01) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url, max_in_flight=IN_FLIGHT)
        world.add(5)
        second_region(world, tmp_path)
        world.add(BACKLOG - 5)
        with world.gateway() as gateway:
            for name in ("uji.tabel", "lain.tabel"):  # the backlog was there first
                await pull_channel(gateway, gateway.channel(name), 5, AsyncMock())
            async with pushing(gateway, ACCOUNT, 5) as push:
                await push.run()
        regions = [
            row[0] for row in world.query("SELECT region FROM complaints ORDER BY accepted_at, tracking_id")
        ]
        assert len(regions) == BACKLOG + 5
        assert regions[: 10 + 2 * IN_FLIGHT].count("lain") == 5, "theirs were among the first"


async def test_a_push_whose_turn_is_over_leaves_the_rest_whole_and_says_so(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, delay=0.02) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=IN_FLIGHT)
        world.add(BACKLOG)
        with world.gateway() as gateway:
            (channel,) = chosen(gateway, [])
            await pull_channel(gateway, channel, 5, AsyncMock())
            async with pushing(gateway, ACCOUNT, 5) as push:
                push.give_way_after(0.2)
                done = await push.run()
                assert push.has_given_way
            assert 0 < done.accepted < BACKLOG
        judge(world, endpoint)
        states = world.states()
        assert states == {"accepted": len(endpoint.kept()), "ready": BACKLOG - len(endpoint.kept())}
        with world.gateway() as gateway:
            engine = EmbeddedEngine(gateway, push_seconds=0.2)
            engine.start()
            try:
                eventually(lambda: world.states() == {"accepted": BACKLOG}, within=30)
            finally:
                engine.stop()
        judge(world, endpoint)


async def test_a_side_that_takes_few_at_once_is_asked_for_few_at_once(tmp_path: Path) -> None:
    """Trouble halves what is under way: the backlog gets through without a burst for every retry."""
    with IndependentEndpoint(tmp_path, delay=0.02) as endpoint:
        world = World(tmp_path / "data", endpoint.url, max_in_flight=32)
        world.add(60)
        syncing = asyncio.create_task(world.sync(patience=8))

        async def under_way() -> bool:
            return len(endpoint.kept()) > 10

        await eventually_async(under_way)
        mark = endpoint.mark()
        endpoint.order(fate="429")

        async def refused() -> bool:
            return world.entries("not_taken") >= 8

        await eventually_async(refused)
        endpoint.order(fate=None)
        await syncing
        assert len(endpoint.posts(mark)) < 60 + 60
        for _ in range(2):
            await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 60}
