"""One channel's trouble stops no other work, whatever the trouble is."""

from pathlib import Path
from typing import Any, NoReturn

import pytest

from lapor_gateway.book import channels
from lapor_gateway.book.decisions import set_push
from lapor_gateway.errors import ExitCode, OutOfReachError
from lapor_gateway.jobs.hooks import receive
from lapor_gateway.jobs.status import read_status
from lapor_gateway.jobs.sync import chosen, sync
from lapor_gateway.sources.manifest_faults import ManifestError
from tests.support.endpoint import IndependentEndpoint
from tests.support.world import CHANNEL, World, judge


async def stocked(tmp_path: Path, endpoint: IndependentEndpoint) -> World:
    """A world in which ten complaints wait to go out."""
    world = World(tmp_path / "data", endpoint.url)
    world.add(10)
    with world.gateway() as gateway:
        set_push(gateway.book, False, by="Uji")
    await world.sync(patience=0.1)
    with world.gateway() as gateway:
        set_push(gateway.book, True, by="Uji")
    assert world.states() == {"ready": 10}
    return world


async def test_a_fault_of_our_own_in_a_pull_stops_no_push(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("a fault of ours")

    with IndependentEndpoint(tmp_path) as endpoint:
        world = await stocked(tmp_path, endpoint)
        monkeypatch.setattr("lapor_gateway.jobs.pull.take_in", failing)
        synced = await world.sync()
        assert synced.exit_code is ExitCode.NEEDS_A_PERSON
        assert [failure.detail for failure in synced.failures] == ["RuntimeError"]
        judge(world, endpoint)
        assert world.states() == {"accepted": 10}


async def test_a_source_that_is_down_stops_no_push_and_loses_nothing(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await stocked(tmp_path, endpoint)
        away = world.source.with_suffix(".away")
        world.source.rename(away)
        synced = await world.sync()
        assert synced.exit_code in (ExitCode.OUT_OF_REACH, ExitCode.NEEDS_A_PERSON)
        assert world.states() == {"accepted": 10}
        away.rename(world.source)
        world.add(3)
        assert (await world.sync()).failures == []
        judge(world, endpoint)
        assert world.states() == {"accepted": 13}


async def test_a_fault_of_our_own_in_a_push_stops_no_pull_and_is_settled_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await stocked(tmp_path, endpoint)
        world.add(5)
        with monkeypatch.context() as patch:
            from lapor_gateway.book.sending import Outbox

            exchange, calls = Outbox.exchange, iter(range(1000))

            def failing(box: Outbox, finished: Any, want: int, state: Any) -> Any:
                if next(calls) == 1:
                    raise RuntimeError("a fault of ours")
                return exchange(box, finished, want, state)

            patch.setattr(Outbox, "exchange", failing)
            synced = await world.sync(patience=0.1)
        assert [failure.detail for failure in synced.failures] == ["RuntimeError"]
        assert len(world.ours()) == 15
        for _ in range(3):
            await world.sync()
        judge(world, endpoint)
        assert world.states() == {"accepted": 15}


async def test_a_typo_in_one_region_s_manifest_stops_no_other_region_and_is_told(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await stocked(tmp_path, endpoint)
        for name, text in (("salah", b"[region]\nkode = 1\n"), ("rusak", b"\xff")):
            folder = world.root / "connectors" / name
            folder.mkdir()
            (folder / "connector.toml").write_bytes(text)
        with world.gateway() as gateway:
            one = await sync(gateway, chosen(gateway, ["uji.tabel"]), patience=8.0)
            assert (one.exit_code, world.states()) == (ExitCode.DONE, {"accepted": 10})
            everything = await sync(gateway, chosen(gateway, []), patience=8.0)
            assert (everything.exit_code, list(everything.channels)) == (ExitCode.WRONG_USAGE, ["uji.tabel"])
            status = read_status(gateway)
            assert {Path(fault.split(":")[0]).parent.name for fault in status.manifest_faults} == {
                "rusak",
                "salah",
            }
            assert (status.needs_a_person, status.balanced) == (True, False)
            with pytest.raises(ManifestError, match="kode"):
                gateway.channel("salah.aplikasi")
            with pytest.raises(OutOfReachError):
                receive(gateway, "salah.aplikasi", {}, b"{}")


async def test_a_channel_in_shadow_is_read_without_any_national_secret(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, live=False, token="secret:national/uji/token")
        world.add(3)
        synced = await world.sync()
        assert (synced.exit_code, list(synced.channels), synced.accounts) == (ExitCode.DONE, [CHANNEL], {})
        assert world.states() == {"held": 3}
        with world.gateway() as gateway:
            channels.go_live(gateway.book, CHANNEL, by="Uji")
        assert (await world.sync()).exit_code is ExitCode.WRONG_USAGE


async def test_a_number_claimed_in_shadow_is_looked_up_in_the_same_sync(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, live=False)
        world.add(2, nomor="9999999")
        synced = await world.sync()
        assert list(synced.accounts) == ["uji"]
