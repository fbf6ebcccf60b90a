"""Reconciliation: every planted difference is found in its class, none is invented, and what can be mended is."""

import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from lapor_gateway.book.decisions import accept_finding
from lapor_gateway.book.reconciliations import list_differences, unfinished
from lapor_gateway.errors import ConfigurationError, GatewayError
from lapor_gateway.jobs.reconcile import Reconciled, carry_on, index_path, reconcile, repeat, select_for
from lapor_gateway.jobs.sync import chosen
from tests.support.endpoint import IndependentEndpoint
from tests.support.national_export import row, write_export
from tests.support.planting import Found, Garden, put_right
from tests.support.world import LOOK_UP, World, judge

SIGKILL = -9
DAY = 86_400 * 1_000_000


async def reconciled(world: World, **wanted: Any) -> tuple[Reconciled, Found, Found]:
    """A run, the differences it found, and those it mended; repeated, it finds the same."""
    with world.gateway() as gateway:
        done = await reconcile(gateway, select_for(gateway, chosen(gateway, []), **wanted))
        found, mended = differences(world, done.view.run)
        repeat(gateway, done.view.run)
    return done, found, mended


def differences(world: World, run: int) -> tuple[Found, Found]:
    """(class, subject) of what a run found, and of what was mended of it."""
    with world.gateway() as gateway:
        rows, more = list_differences(gateway.book, run, limit=10_000)
    assert more is None
    found = {(row.kind, row.subject) for row in rows}
    return found, found - {(row.kind, row.subject) for row in rows if row.state != "repaired"}


def standing(world: World) -> Found:
    """(class, subject) of the open findings."""
    return {(kind, subject) for kind, subject, state in world.findings() if state == "open"}


async def settled_world(tmp_path: Path, endpoint: IndependentEndpoint, count: int, **options: Any) -> World:
    """Everything accepted, listed, and its status read once."""
    options = {"look_up": LOOK_UP | {"maximum_lag": "0s"}} | options
    world = World(tmp_path / "data", endpoint.url, **options)
    world.add(count)
    await world.sync()
    assert world.states() == {"accepted": count}
    done, found, _ = await reconciled(world)
    assert (found, done.exit_code) == (set(), 0)
    return world


@pytest.mark.parametrize("seed", range(2))
async def test_every_planted_difference_is_found_in_its_class_and_none_invented(
    tmp_path: Path, seed: int, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 100, database_url=database_url)
        garden = Garden(world, endpoint, random.Random(seed))
        garden.plant(2)
        done, found, mended = await reconciled(world)
        assert (found, mended, done.exit_code) == (garden.planted, garden.mended, 1)
        assert standing(world) == garden.planted - garden.mended
        again, found, _ = await reconciled(world)
        assert (found, again.exit_code) == (garden.planted - garden.mended, 1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 20))
async def test_one_in_a_hundred_astray_on_each_side_of_two_thousand_is_found(
    tmp_path: Path, seed: int, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 2_000, database_url=database_url)
        garden = Garden(world, endpoint, random.Random(seed))
        garden.plant(20)
        done, found, mended = await reconciled(world)
        assert (found, mended, done.exit_code) == (garden.planted, garden.mended, 1)


async def test_after_people_have_put_right_what_is_theirs_a_second_run_is_clean(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 60)
        garden = Garden(world, endpoint, random.Random(7))
        garden.plant(1)
        await reconciled(world)
        put_right(garden)
        decided = {one for one in standing(world) if one[0] == "missing_at_source" or one in garden.deleted}
        with world.gateway() as gateway:
            for identifier, kind, subject in world.query("SELECT id, kind, subject FROM findings"):
                if (kind, subject) in decided:
                    accept_finding(gateway.book, identifier, by="Uji", reason="memang dihapus")
        done, found, _ = await reconciled(world)
        assert found == garden.deleted, "accepted, and gone for good"
        assert (standing(world), done.exit_code) == (set(), 0)


async def test_a_finding_that_was_repaired_opens_again_when_it_comes_back(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 5)
        one = world.ours()["2"]
        (kept,) = endpoint.by_reference()[one.reference]
        back = {"complaint_id": int(kept.tracking_id), "title": "", "content": kept.body["content"]}
        finding = ("missing_at_national", one.reference)
        for _ in range(2):
            endpoint.order(drop=[kept.tracking_id])
            await reconciled(world)
            assert finding in standing(world)
            endpoint.order(keep=[back])
            await reconciled(world)
            assert world.findings() == [(*finding, "repaired")]


async def test_an_accepted_difference_stays_accepted_until_it_ends_and_opens_when_it_comes_back(
    tmp_path: Path,
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 5)
        stranger = {"complaint_id": 5_000_001, "title": "Lain", "content": "Diketik petugas."}
        endpoint.order(keep=[stranger])
        await reconciled(world)
        ((identifier,),) = world.query("SELECT id FROM findings")
        with world.gateway() as gateway:
            accept_finding(gateway.book, identifier, by="Uji", reason="milik dinas lain")
        done, found, _ = await reconciled(world)
        assert found == {("unknown_at_national", "uji:5000001")}
        assert (done.view.differences["unknown_at_national"], done.exit_code) == (
            {"accepted": 1, "found": 1},
            0,
        )
        endpoint.order(drop=["5000001"])
        await reconciled(world)
        endpoint.order(keep=[stranger])
        await reconciled(world)
        assert standing(world) == {("unknown_at_national", "uji:5000001")}


@pytest.mark.parametrize(
    "where",
    [
        "lapor_gateway.jobs.indexing:index_source:after:1",
        "lapor_gateway.jobs.indexing:_listed:before:1",
        "lapor_gateway.jobs.indexing:index_ledger:after:1",
        "lapor_gateway.jobs.indexes:Indexes.compare:after:1",
        "lapor_gateway.jobs.repair:record_gone:after:1",
        "lapor_gateway.jobs.repair:_take_again:after:1",
        "lapor_gateway.jobs.reconcile:conclude:after:1",
        "lapor_gateway.jobs.reconcile:keep_result:after:1",
    ],
)
async def test_a_run_that_was_killed_goes_on_and_finds_the_same(tmp_path: Path, where: str) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 60, manifest='deleted = "accept"')
        garden = Garden(world, endpoint, random.Random(3))
        garden.plant(1)
        code, _ = world.run_child("--work", "reconcile", "--kill", where)
        assert code == SIGKILL
        with world.gateway() as gateway:
            (run,) = unfinished(gateway.book, 0)
            done = await carry_on(gateway, run)
            assert unfinished(gateway.book, 0) == []
        found, mended = differences(world, run)
        gone = {one for one in garden.planted if one[0] == "missing_at_source"}
        assert (found, mended) == (garden.planted, garden.mended | gone)
        assert done.view.state == "done"
        assert standing(world) == garden.planted - garden.mended - gone


async def test_a_side_that_was_out_of_reach_before_the_kill_is_asked_again(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 3)
        endpoint.order(listening=False)
        where = "lapor_gateway.jobs.indexing:index_ledger:after:1"
        assert world.run_child("--work", "reconcile", "--kill", where)[0] == SIGKILL
        endpoint.order(listening=True)
        with world.gateway() as gateway:
            (run,) = unfinished(gateway.book, 0)
            done = await carry_on(gateway, run)
        assert (done.exit_code, done.view.is_clean) == (0, True)
        assert [path.suffix for path in (world.root / "reconciliations").glob(f"{run}.*")] == [".db"]


async def test_a_source_out_of_reach_is_said_and_the_other_sides_are_compared(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 5)
        one = world.ours()["2"]
        endpoint.order(drop=[one.tracking_id])
        world.source.rename(world.source.with_suffix(".away"))
        done, found, _ = await reconciled(world)
        assert found == {("missing_at_national", one.reference)}
        assert done.exit_code == 3
        assert [side.proves for side in done.view.sides] == ["nothing", "everything", "everything"]


async def test_a_listing_out_of_reach_is_said_and_closes_no_finding_about_it(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 5)
        endpoint.order(drop=[world.ours()["2"].tracking_id])
        await reconciled(world)
        before = standing(world)
        world.add(1)
        endpoint.order(listening=False)
        done, found, _ = await reconciled(world)
        assert [kind for kind, _ in found] == ["missing_here"]
        assert done.exit_code == 3
        assert standing(world) == before


@pytest.mark.parametrize("fate", ["message", "cut", "html"])
async def test_a_listing_that_is_not_complete_proves_no_absence(tmp_path: Path, fate: str) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 5)
        endpoint.order(list_bad=1.0, drop=[world.ours()["2"].tracking_id], list_fate=fate)
        done, found, _ = await reconciled(world)
        assert found == set()
        assert done.exit_code == 3
        assert not done.view.is_clean


async def test_what_was_accepted_within_the_lag_need_not_be_listed_yet(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 3)
        world.configure(look_up=LOOK_UP | {"maximum_lag": "10m"})
        endpoint.order(drop=[world.ours()["2"].tracking_id])
        done, found, _ = await reconciled(world)
        assert (found, done.exit_code) == (set(), 0)


async def test_without_a_granted_list_the_national_side_is_unproven_and_nothing_is_wrong(
    tmp_path: Path,
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 3, look_up=None)
        done, found, _ = await reconciled(world)
        assert (found, done.exit_code, done.view.is_clean) == (set(), 0, False)
        (national,) = [side for side in done.view.sides if side.side == "national"]
        assert (national.proves, national.why) == ("nothing", "no national list granted")


async def test_an_unknown_outcome_that_is_there_is_adopted(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path, fate="500-after") as endpoint:
        world = World(tmp_path / "data", endpoint.url, look_up=None)
        world.add(3)
        await world.sync(patience=0.5)
        in_doubt = {one.reference for one in world.ours().values() if one.state == "ambiguous"}
        assert in_doubt
        world.query("UPDATE complaints SET next_attempt_at = 9000000000000000 WHERE state = 'ambiguous'")
        world.configure(look_up=LOOK_UP | {"maximum_lag": "0s"})
        _, found, mended = await reconciled(world)
        assert found == mended == {("missing_here", one) for one in in_doubt}
        assert {one.reference for one in world.ours().values() if one.state == "accepted"} == in_doubt
        judge(world, endpoint, in_doubt=3)
        _, found, _ = await reconciled(world)
        assert found == set()


async def test_a_complaint_lost_here_and_there_already_is_adopted_and_never_sent_again(
    tmp_path: Path, database_url: str
) -> None:
    with IndependentEndpoint(tmp_path / "one") as endpoint:
        world = await settled_world(tmp_path / "one", endpoint, 4, database_url=database_url)
        lost = world.ours()["3"]
        rewritten = world.ours()["4"]
        for table in ("ledger_entries", "complaints", "complaint_versions", "raw_records", "outbound"):
            forget(world, table)
        line = f"[Rujukan {rewritten.reference}]\n"
        endpoint.order(rewrite={rewritten.tracking_id: f"{line}Teks lain."})
        posted = len(endpoint.posts())
        _, _, mended = await reconciled(world)
        assert ("missing_here", lost.reference) in mended
        await world.sync()
        ours = world.ours()
        assert (ours["3"].state, ours["3"].tracking_id) == ("accepted", lost.tracking_id)
        assert (ours["4"].state, ours["4"].reason) == ("held", "number_other_text")
        assert len(endpoint.posts()) == posted


def forget(world: World, table: str) -> None:
    """As if the book had never heard of these complaints."""
    column = "id" if table == "complaints" else "complaint"
    of_complaints = f"DELETE FROM {table} WHERE {column} IS NOT NULL"
    if table != "ledger_entries":
        world.query(of_complaints)
        return
    if world.settings.book_url.startswith("sqlite"):
        ((trigger,),) = world.query(
            "SELECT sql FROM sqlite_master WHERE name = 'ledger_entries_no_DELETE' OR name = 'ledger_entries_no_delete'"
        )
        world.query("DROP TRIGGER ledger_entries_no_delete")
        world.query(of_complaints)
        world.query(trigger)
        return
    world.query("ALTER TABLE ledger_entries DISABLE TRIGGER USER")
    world.query(of_complaints)
    world.query("ALTER TABLE ledger_entries ENABLE TRIGGER USER")


async def test_the_downloaded_export_takes_the_listings_place(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, look_up=None, export_lag="0s")
        world.add(12)
        await world.sync()
        kept = sorted(endpoint.kept(), key=lambda one: one.at)
        missing, doubled, other = kept[3], kept[5], kept[7]
        rows = [row(one.tracking_id, one.at, one.body["title"], one.body["content"]) for one in kept]
        rows[7]["Isi Laporan Awal"] = f"[Rujukan {other.reference}]\nTeks lain."
        rows.append(row("5000001", doubled.at, "", doubled.body["content"]))
        rows.append(row("5000002", doubled.at, "", "Ditulis warga sendiri.", **{"Sumber Laporan": "Website"}))
        rows.append(row("5000003", doubled.at, "", "Diketik petugas."))
        del rows[3]
        file = write_export(tmp_path / "unduhan.xlsx", rows)
        done, found, _ = await reconciled(world, export=file)
        assert found == {
            ("missing_at_national", missing.reference),
            ("twice_at_national", doubled.reference),
            ("content_differs", other.reference),
            ("unknown_at_national", "uji:5000003"),
        }
        assert done.view.national == "export"
        assert world.query("SELECT DISTINCT national_status FROM complaints WHERE national_word IS NOT NULL")


@pytest.mark.parametrize(("lag", "shown"), [("15m", slice(0, 5)), ("0s", slice(0, 3)), ("0s", slice(3, 6))])
async def test_an_export_proves_no_absence_beyond_its_rows_and_its_lag(
    tmp_path: Path, lag: str, shown: slice
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, look_up=None, export_lag=lag)
        for _ in range(2):
            world.add(3)
            await world.sync()
        kept = sorted(endpoint.kept(), key=lambda one: one.at)
        rows = [row(one.tracking_id, one.at, "", one.body["content"]) for one in kept[shown]]
        _, found, _ = await reconciled(world, export=write_export(tmp_path / "unduhan.xlsx", rows))
        assert found == set()


async def test_a_listing_that_lacks_most_of_what_it_must_show_is_one_finding_and_not_believed(
    tmp_path: Path,
) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 40)
        endpoint.order(drop=[one.tracking_id for one in endpoint.kept()][:30])
        with world.rows() as table:
            table.execute("DELETE FROM aduan WHERE id <= 30")
        done, found, _ = await reconciled(world)
        assert (found, done.view.is_clean) == (set(), False)
        assert standing(world) == {("listing_shrank", "uji.tabel"), ("listing_shrank", "uji")}
        with world.gateway() as gateway:
            for (identifier,) in world.query("SELECT id FROM findings"):
                accept_finding(gateway.book, identifier, by="Uji", reason="arsip lama dihapus")
        _, found, _ = await reconciled(world)
        assert {kind for kind, _ in found} == {"missing_at_source", "missing_at_national"}
        assert len(found) == 60


async def test_a_window_judges_only_what_was_created_in_it(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = World(tmp_path / "data", endpoint.url, look_up=LOOK_UP | {"maximum_lag": "0s"})
        world.add(1, dibuat="2026-01-10T08:00:00+07:00")
        world.add(1, dibuat="2026-02-10T08:00:00+07:00")
        await world.sync()
        ours = world.ours()
        endpoint.order(drop=[one.tracking_id for one in ours.values()])
        february = 1_769_878_800_000_000  # 2026-02-01 in WIB
        _, found, _ = await reconciled(world, until=february)
        assert found == {("missing_at_national", ours["1"].reference)}
        _, found, _ = await reconciled(world, since=february)
        assert found == {("missing_at_national", ours["2"].reference)}
        assert len(standing(world)) == 2, "a window closes nothing beyond itself"


async def test_a_complaint_that_does_not_move_is_stuck(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 2)
        world.add(1, isi=None)
        await world.sync()
        assert world.ours()["3"].state == "quarantined"
        _, found, _ = await reconciled(world)
        assert found == set()
        world.set_reconcile('stuck_after = "1ms"')
        _, found, _ = await reconciled(world)
        assert found == {("stuck", world.ours()["3"].reference)}


async def test_an_unknown_status_word_is_a_finding_until_the_settings_know_it(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 2)
        one = world.ours()["1"]
        endpoint.order(words={one.tracking_id: "Dilimpahkan"})
        await reconciled(world)
        assert standing(world) == {("unmapped_status", "uji:Dilimpahkan")}
        assert national_status(world, one.reference) == ("Dilimpahkan", "unknown")
        world.configure(status_words={"Dilimpahkan*": "in_progress"})
        await reconciled(world)
        assert standing(world) == set()
        assert national_status(world, one.reference) == ("Dilimpahkan", "in_progress")


def national_status(world: World, reference: str) -> tuple[str, str]:
    columns = "SELECT national_word, national_status FROM complaints WHERE reference = :of"
    (found,) = world.query(columns, of=reference)
    return tuple(found)


async def test_a_run_is_repeated_from_its_indexes_after_everything_has_changed(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 5)
        endpoint.order(drop=[world.ours()["2"].tracking_id])
        done, found, _ = await reconciled(world)
        world.add(3)
        await world.sync()
        with world.gateway() as gateway:
            assert repeat(gateway, done.view.run).differences == done.view.differences
        assert differences(world, done.view.run)[0] == found


async def test_a_changed_index_is_noticed_when_the_run_is_repeated(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 5)
        done, _, _ = await reconciled(world)
        path = index_path(world.settings, done.view.run)
        with sqlite3.connect(path) as indexes:
            indexes.execute("DELETE FROM national WHERE number = ?", (world.ours()["2"].tracking_id,))
        with world.gateway() as gateway, pytest.raises(GatewayError, match="gives another result"):
            repeat(gateway, done.view.run)
        path.write_bytes(b"no database at all" * 1000)
        with world.gateway() as gateway, pytest.raises(ConfigurationError, match="cannot be read"):
            repeat(gateway, done.view.run)
        path.unlink()
        with world.gateway() as gateway, pytest.raises(ConfigurationError, match="not here any more"):
            repeat(gateway, done.view.run)


async def test_indexes_of_another_book_in_the_same_folder_are_never_compared(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path / "one") as endpoint, IndependentEndpoint(tmp_path / "two") as another:
        world = await settled_world(tmp_path / "one", endpoint, 2)
        other = await settled_world(tmp_path / "two", another, 2)
        done, _, _ = await reconciled(world)
        await reconciled(other)
        run = done.view.run
        shutil.copy(index_path(world.settings, run), index_path(other.settings, run))
        with other.gateway() as gateway, pytest.raises(ConfigurationError, match="belong to another book"):
            repeat(gateway, run)


async def test_only_as_many_runs_as_the_setting_says_can_be_repeated(tmp_path: Path) -> None:
    with IndependentEndpoint(tmp_path) as endpoint:
        world = await settled_world(tmp_path, endpoint, 2)
        world.set_reconcile("keep = 2")
        runs = [(await reconciled(world))[0].view.run for _ in range(3)]
        kept = {int(path.stem) for path in (world.root / "reconciliations").glob("*.db")}
        assert kept == set(runs[1:])
