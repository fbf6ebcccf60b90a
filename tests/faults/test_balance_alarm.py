"""A gap rings once, stays a finding until the balance closes, and LAPOR!'s side can be counted by the export."""

from pathlib import Path

import pytest

from lapor_gateway.domain.balance import Verdict
from lapor_gateway.jobs.alarm import Rung, judge_balance
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from lapor_gateway.jobs.status import Balance, read_status
from lapor_gateway.jobs.sync import chosen
from tests.support import national_export
from tests.support.endpoint import IndependentEndpoint
from tests.support.forked_command import forked_gateway
from tests.support.waiting import eventually_async
from tests.support.world import World

GAP = ("balance_gap", "uji/tabel", "open")
CLOSED = ("balance_gap", "uji/tabel", "repaired")


async def counted(world: World, export: Path | None = None) -> Balance:
    balance, _ = await rung(world, export)
    return balance


async def rung(world: World, export: Path | None = None) -> tuple[Balance, list[Rung]]:
    """The balance after a fresh count, and what the alarm says that is new."""
    with world.gateway() as gateway:
        await count_anew(gateway, chosen(gateway, []), national_export=export)
        new = judge_balance(gateway, {"uji/tabel"})
        (channel,) = read_status(gateway).channels
        return channel.balance, new


async def test_a_gap_rings_once_and_is_a_finding_until_the_balance_closes(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, database_url=database_url)
        world.add(4)
        await world.sync()
        assert (await counted(world)).verdict is Verdict.BALANCED
        world.add()  # nobody has pulled it yet
        rings = [await rung(world) for _ in range(3)]
        assert [balance.verdict for balance, _ in rings] == [Verdict.GAP] * 3
        assert [[one.gap for one in new] for _, new in rings] == [[True], [], []]
        assert world.findings() == [GAP]
        await world.sync()
        balance, new = await rung(world)
        assert (balance.verdict, [one.gap for one in new]) == (Verdict.BALANCED, [False])
        assert world.findings() == [CLOSED]
        world.add()
        _, new = await rung(world)
        assert [one.gap for one in new] == [True]
        assert world.findings() == [GAP]


async def test_a_count_that_cannot_be_taken_closes_no_gap(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(4)
        await world.sync()
        world.add()
        await counted(world)
        assert world.findings() == [GAP]
        world.query("DELETE FROM counts WHERE side = 'source'")
        with world.gateway() as gateway:
            judge_balance(gateway, {"uji/tabel"})
            assert read_status(gateway).channels[0].balance.verdict is Verdict.UNPROVEN
        assert world.findings() == [GAP]


def test_the_hourly_count_pulls_once_more_before_it_rings(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A record that came in meanwhile is no gap; one that the book has lost is."""
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url)
        world.add(4)
        with world.gateway() as gateway:
            engine = EmbeddedEngine(gateway, patience=1.0)
            engine._count()
            assert world.findings() == []
            world.query("DELETE FROM complaints WHERE source_id = '3'")
            engine._count()
            engine._count()
        assert GAP in world.findings()
        events = [(one.levelname, one.msg["event"]) for one in caplog.records if isinstance(one.msg, dict)]
        assert [one for one in events if one[1].startswith("balance")] == [
            ("WARNING", "balance does not close")
        ]


async def test_an_export_counts_lapors_side_where_no_list_was_granted(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, look_up=None, export_lag="0s")
        world.add(5)
        await world.sync()
        path = tmp_path / "unduhan.xlsx"
        endpoint.order(export=str(path))
        balance = await counted(world, path)
        assert (balance.verdict, balance.national) == (Verdict.BALANCED, 5)
        endpoint.order(drop=[endpoint.kept()[2].tracking_id])

        async def gap() -> bool:  # once the export's newest row, in whole seconds, is after the complaint
            endpoint.order(export=str(path))
            balance = await counted(world, path)
            assert balance.national == 4
            return balance.verdict is Verdict.GAP

        await eventually_async(gap, within=30, what="an export that must show the lost one")
        assert world.findings() == [GAP]


async def test_an_export_that_does_not_reach_back_counts_nothing_but_still_shows_a_gap(
    tmp_path: Path,
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, look_up=None, export_lag="0s")
        world.add(3)
        await world.sync()
        world.add(2)
        await world.sync()
        world.query("UPDATE outbound SET sent_at = sent_at - 5000000 WHERE complaint <= 3")
        path, later = tmp_path / "unduhan.xlsx", endpoint.kept()[3:]
        ((sent,),) = world.query("SELECT min(sent_at) FROM outbound WHERE complaint > 3")
        rows = [national_export.row(t.tracking_id, sent / 1e6, "x", t.body["content"]) for t in later]
        rows.append(national_export.row(1, later[-1].at + 60, "x", "y"))
        with world.gateway() as gateway:
            channels = chosen(gateway, [])
            whole = national_export.write_export(path, rows)
            (failure,) = await count_anew(gateway, channels, national_export=whole)
            assert failure.message == "unduhan.xlsx begins after 3 complaints of uji/tabel had been accepted."
            assert read_status(gateway).channels[0].balance.national is None
            lacking = national_export.write_export(path, rows[1:])
            await count_anew(gateway, channels, national_export=lacking)
            assert read_status(gateway).channels[0].balance.verdict is Verdict.GAP


async def test_what_stands_twice_in_the_export_is_a_finding(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, look_up=None)
        world.add(1)
        await world.sync()
        (their,) = endpoint.kept()
        copy = {"complaint_id": 9_100_000, "title": "x", "content": their.body["content"]}
        endpoint.order(keep=[copy], export=str(tmp_path / "unduhan.xlsx"))
        await counted(world, tmp_path / "unduhan.xlsx")
        assert world.findings() == [("twice_at_national", their.reference, "open")]


@pytest.mark.parametrize("name", ["tidak-ada.xlsx", "lapor-gateway.toml"])
def test_a_file_that_is_no_export_is_one_clear_error_of_the_command(tmp_path: Path, name: str) -> None:
    world = World(tmp_path / "data", "http://127.0.0.1:9")
    answer = forked_gateway("status", "--check", "--national", world.root / name, "--data", world.root)
    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) <= 3
