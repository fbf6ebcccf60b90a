"""What is missing shows: a complaint or a record deleted by hand is a gap, a row deleted at the source a finding."""

from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.decisions import Verb, accept_finding, decide
from lapor_gateway.domain.balance import Verdict
from lapor_gateway.jobs.balance import count_anew
from lapor_gateway.jobs.status import Balance, read_status
from lapor_gateway.jobs.sync import chosen
from tests.support.endpoint import IndependentEndpoint
from tests.support.world import World, judge


async def checked(world: World) -> Balance:
    """What `status --check` says."""
    with world.gateway() as gateway:
        await count_anew(gateway, chosen(gateway, []))
        (channel,) = read_status(gateway).channels
        return channel.balance


async def balanced_world(tmp_path: Path, endpoint: IndependentEndpoint, **options: Any) -> World:
    world = World(tmp_path / "data", endpoint.url, **options)
    world.add(6)
    await world.sync()
    balance = await checked(world)
    assert (balance.verdict, balance.source, balance.ledger, balance.national) == (Verdict.BALANCED, 6, 6, 6)
    return world


DAMAGE = {
    "one complaint": "DELETE FROM complaints WHERE source_id = '3'",
    "one raw record": "DELETE FROM raw_records WHERE complaint = (SELECT id FROM complaints WHERE source_id = '3')",
    "a state set by hand": "UPDATE complaints SET state = 'withdrawn' WHERE source_id = '3'",
    "a state set by hand within the same total": "UPDATE complaints SET state = 'linked' WHERE source_id = '3'",
    "a number set by hand": "UPDATE complaints SET tracking_id = '1234567' WHERE source_id = '3'",
    "a raw record of another complaint": "UPDATE raw_records SET complaint = (SELECT id FROM complaints WHERE"
    " source_id = '4') WHERE complaint = (SELECT id FROM complaints WHERE source_id = '3')",
}


async def damaged(tmp_path: Path, damage: str, **options: Any) -> Balance:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint, **options)
        world.query(DAMAGE[damage])
        return await checked(world)


@pytest.mark.parametrize("damage", DAMAGE)
async def test_what_is_changed_by_hand_makes_a_gap(tmp_path: Path, damage: str) -> None:
    balance = await damaged(tmp_path, damage)
    assert balance.verdict is Verdict.GAP
    assert balance.detail


@pytest.mark.parametrize("damage", ["one complaint", "one raw record"])
async def test_what_is_deleted_by_hand_makes_a_gap_on_postgresql(
    tmp_path: Path, fresh_postgres_url: str, damage: str
) -> None:
    assert (await damaged(tmp_path, damage, database_url=fresh_postgres_url)).verdict is Verdict.GAP


async def test_a_complaint_deleted_there_makes_a_gap(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint)
        endpoint.order(keep=[], drop=["9000003"])
        world.configure(look_up={"maximum_lag": "0s"})
        assert (await checked(world)).verdict is Verdict.GAP


async def test_a_row_deleted_at_the_source_is_a_finding_and_a_gap_until_a_person_accepts_it(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint, database_url=database_url)
        world.remove("3")
        await world.sync()
        reference = world.ours()["3"].reference
        assert ("missing_at_source", reference, "open") in world.findings()
        assert (await checked(world)).verdict is Verdict.GAP
        (finding,) = world.query("SELECT id FROM findings WHERE kind = 'missing_at_source'")
        with world.gateway() as gateway:
            accept_finding(gateway.book, finding[0], by="Uji", reason="dihapus atas permintaan pelapor")
        balance = await checked(world)
        assert (balance.verdict, balance.source) == (Verdict.BALANCED, 6)
        await world.sync()
        assert ("missing_at_source", reference, "accepted") in world.findings()
        judge(world, endpoint)


async def test_a_row_that_comes_back_repairs_its_finding(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint)
        with world.rows() as table:
            table.execute("UPDATE aduan SET id = 300 WHERE id = 3")
        await world.sync()
        reference = world.ours()["3"].reference
        assert ("missing_at_source", reference, "open") in world.findings()
        world.remove("300")
        with world.rows() as table:
            table.execute(
                "INSERT INTO aduan SELECT 3, judul, isi, anonim, nama, dibuat, status, nomor, telepon FROM aduan"
                " LIMIT 1"
            )
        await world.sync()
        assert ("missing_at_source", reference, "repaired") in world.findings()


async def test_where_the_rule_accepts_it_a_deleted_row_is_recorded_by_itself(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint, manifest='deleted = "accept"')
        world.remove("3")
        await world.sync()
        assert world.findings() == []
        assert world.ledger(world.ours()["3"].reference)[-1] == "disappeared"
        balance = await checked(world)
        assert (balance.verdict, balance.source) == (Verdict.BALANCED, 6)


async def test_a_listing_that_lost_most_of_its_rows_is_one_finding_and_nothing_is_recorded_by_it(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(
            tmp_path, endpoint, manifest='deleted = "accept"', database_url=database_url
        )
        world.add(24)
        await world.sync()
        with world.rows() as table:
            table.execute("ALTER TABLE aduan RENAME TO away")
            table.execute("CREATE TABLE aduan AS SELECT * FROM away WHERE id <= 9")
        await world.sync()
        assert world.findings() == [("listing_shrank", "uji.tabel", "open")]
        assert (await checked(world)).verdict is Verdict.GAP
        assert world.entries("disappeared") == 0
        with world.rows() as table:
            table.execute("DROP TABLE aduan")
            table.execute("ALTER TABLE away RENAME TO aduan")
        await world.sync()
        assert world.findings() == [("listing_shrank", "uji.tabel", "repaired")]
        assert (await checked(world)).verdict is Verdict.BALANCED


async def test_most_rows_may_really_be_gone_once_a_person_says_so(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint, manifest='deleted = "accept"')
        world.add(24)
        await world.sync()
        with world.rows() as table:
            table.execute("DELETE FROM aduan WHERE id > 9")
        await world.sync()
        ((finding,),) = world.query("SELECT id FROM findings")
        with world.gateway() as gateway:
            accept_finding(gateway.book, finding, by="Uji", reason="arsip lama dihapus")
        await world.sync()
        assert world.entries("disappeared") == 21
        assert world.findings() == [("listing_shrank", "uji.tabel", "repaired")], "good for one time only"
        balance = await checked(world)
        assert (balance.verdict, balance.source) == (Verdict.BALANCED, 30)


async def test_a_row_that_was_never_pulled_is_a_gap_until_the_next_sync(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint)
        world.add()
        assert (await checked(world)).verdict is Verdict.GAP
        await world.sync()
        assert (await checked(world)).verdict is Verdict.BALANCED


async def test_what_came_in_after_the_count_leaves_the_balance_unproven(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint)
        world.add()
        await world.sync()
        with world.gateway() as gateway:
            (channel,) = read_status(gateway).channels
        assert channel.balance.verdict is Verdict.UNPROVEN
        assert "7 seen now, 6 when last counted" in channel.balance.detail


async def test_a_source_out_of_reach_leaves_the_balance_unproven_and_what_is_known_stays(
    tmp_path: Path,
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint)
        world.query("DELETE FROM counts WHERE side = 'source'")
        world.source.rename(world.source.with_suffix(".away"))
        with world.gateway() as gateway:
            failures = await count_anew(gateway, chosen(gateway, []))
            (channel,) = read_status(gateway).channels
        assert failures
        assert channel.balance.verdict is Verdict.UNPROVEN
        assert (channel.balance.source, channel.balance.ledger) == (None, 6)


async def test_every_state_is_in_the_balance(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await balanced_world(tmp_path, endpoint)
        world.add(3, isi=None)
        with world.gateway() as gateway:
            decide(gateway.book, world.ours()["1"].reference, Verb.UNDO, by="Uji", reason="coba")
        await world.sync()
        with world.gateway() as gateway:
            (channel,) = read_status(gateway).channels
        assert channel.seen == sum(channel.by_state.values()) == 9
        assert channel.by_state["quarantined"] == 3


@pytest.mark.parametrize("settings", [{"look_up": None}])
async def test_without_a_granted_list_source_and_ledger_are_enough(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, **settings)
        world.add(3)
        await world.sync()
        balance = await checked(world)
        assert (balance.verdict, balance.national) == (Verdict.BALANCED, None)
