"""Two lives of one book: what the backup did not know is found or held, and only one of the two pushes."""

import asyncio
import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapor_gateway.book.channels import go_live
from lapor_gateway.book.decisions import Verb, decide, set_push
from lapor_gateway.book.signing import Signer, signer
from lapor_gateway.book.standing import take_over
from lapor_gateway.domain.complaint import ChannelId
from lapor_gateway.domain.notes import Checkpoint
from lapor_gateway.errors import NotAllowedError
from lapor_gateway.jobs import fence
from lapor_gateway.jobs.backup import back_up, restore
from lapor_gateway.jobs.embedded_engine import EmbeddedEngine
from lapor_gateway.jobs.fence import meet
from lapor_gateway.jobs.privacy import erase_complaints
from lapor_gateway.jobs.recovery import adopt_from_export, conclude, read_recovery
from lapor_gateway.jobs.verification import Verdict, verify
from lapor_gateway.jobs.witness import line_of
from tests.support.databases import Server
from tests.support.endpoint import IndependentEndpoint
from tests.support.http_application import Answered, Application, Asked
from tests.support.waiting import eventually
from tests.support.world import CHANNEL, World, judge


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds within which another life must stop, short enough to be waited for."""
    monkeypatch.setattr(fence, "ASK_SECONDS", 0.1)
    monkeypatch.setattr(fence, "WATCH_SECONDS", 0.1)
    monkeypatch.setattr(fence, "_START_SECONDS", 0.1)


@pytest.fixture
def second_url(request: pytest.FixtureRequest, database_url: str) -> Iterator[str | None]:
    """Another empty database of the same kind; None for a file in the other data folder."""
    if database_url.startswith("sqlite"):
        yield None
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


def standing(world: World) -> str:
    (row,) = world.query("SELECT value FROM book WHERE name = 'push'")
    return str(row[0])


def epoch(world: World) -> int:
    (row,) = world.query("SELECT value FROM book WHERE name = 'epoch'")
    return int(row[0])


async def caught_up(world: World) -> None:
    """Sync until the book may push again; on PostgreSQL a transaction anywhere on the server may hold up the seal."""
    for _ in range(6):
        await world.sync()
        if standing(world) == "on":
            return
    raise AssertionError(f"still {standing(world)}")


async def silence(world: World) -> None:
    """Wait until every other life must have stopped, and pull once more."""
    with world.gateway() as gateway:
        await gateway.clock.sleep(fence.others_are_silent_after(gateway))
    await world.sync(patience=0.5)


def save(world: World, path: Path) -> None:
    with world.gateway() as gateway:
        back_up(gateway.book, path)


@contextlib.contextmanager
def a_world(
    tmp_path: Path, database_url: str, **account: object
) -> Iterator[tuple[World, IndependentEndpoint]]:
    """Some complaints accepted, under a witness that another folder can share."""
    with IndependentEndpoint(tmp_path, time_out=0.5, lag=0.2) as endpoint:
        url = None if database_url.startswith("sqlite") else database_url
        witness = tmp_path / "share" / "witness.log"
        witness.parent.mkdir()
        world = World(tmp_path / "old", endpoint.url, database_url=url, witness=witness, **account)
        yield world, endpoint


@pytest.mark.parametrize("lost", [200])
async def test_what_was_sent_after_the_backup_is_adopted_and_the_older_life_stops(
    tmp_path: Path, database_url: str, second_url: str | None, lost: int
) -> None:
    with a_world(tmp_path, database_url) as (old, endpoint):
        old.add(10)
        await old.sync()
        save(old, tmp_path / "b")
        old.add(lost, seed=1)
        await old.sync()
        assert old.states() == {"accepted": 10 + lost}
        new = old.elsewhere(tmp_path / "new", database_url=second_url)
        restore(new.settings, tmp_path / "b")
        assert standing(new) == "recovery"
        before = endpoint.mark()
        await caught_up(new)
        assert new.states() == {"accepted": 10 + lost}
        assert endpoint.posts(before) == []
        assert (standing(new), epoch(new)) == ("on", 2)
        old.add(3, seed=2)
        synced = await old.sync()
        assert (standing(old), endpoint.posts(before)) == ("superseded", [])
        assert synced.accounts["uji"].stopped == "all pushing is stopped"
        await new.sync()
        assert new.states() == {"accepted": 13 + lost}
        judge(new, endpoint)
        with new.gateway() as gateway:
            found = await verify(gateway)
        assert (found.verdict, found.faults) == (Verdict.PROVEN, [])
        assert [life.epoch for life in found.lost_lives] == [1]


async def test_an_erasure_outlives_an_older_backup_and_a_new_reading_of_the_source(tmp_path: Path) -> None:
    marker = "zzqkatapenanda"
    with a_world(tmp_path, "sqlite") as (old, endpoint):
        old.add(3, isi=f"Isi dengan {marker} di dalamnya", nama="Zzqnama Penanda")
        old.add(2, seed=1)
        await old.sync()
        save(old, tmp_path / "b")
        with old.gateway() as gateway:
            erase_complaints(gateway, [1, 2, 3], by="Uji", reason="diminta")
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        shutil.copy(old.settings.tombstones_file, new.settings.tombstones_file)
        before = endpoint.mark()
        await caught_up(new)
        old.change("1", status="selesai")  # the source shows one of them again, changed
        await new.sync()
        assert endpoint.posts(before) == []
        assert new.states() == {"accepted": 5}
        assert new.entries("erased") == 3
        with new.gateway() as gateway:
            assert (await verify(gateway)).faults == []
        left = [path for path in new.root.rglob("*") if path.is_file()]
        words = (marker.encode(), b"Zzqnama")
        assert [path.name for path in left if any(word in path.read_bytes() for word in words)] == []


async def test_without_a_look_up_nothing_is_sent_and_what_is_in_doubt_is_held(
    tmp_path: Path, database_url: str, second_url: str | None
) -> None:
    with a_world(tmp_path, database_url, look_up=None) as (old, endpoint):
        old.add(5)
        await old.sync()
        save(old, tmp_path / "b")
        old.add(20, seed=1)
        await old.sync()
        new = old.elsewhere(tmp_path / "new", database_url=second_url)
        restore(new.settings, tmp_path / "b")
        before = endpoint.mark()
        await new.sync()
        await old.sync(patience=0.5)
        await silence(new)
        assert endpoint.posts(before) == []
        assert new.states() == {"accepted": 5, "held": 20}
        assert {one.reason for one in new.ours().values() if one.state == "held"} == {"recovery"}
        assert (standing(new), standing(old)) == ("recovery", "superseded")
        with new.gateway() as gateway:
            reference = new.ours()["6"].reference
            number = endpoint.by_reference()[reference][0].tracking_id
            decide(gateway.book, reference, Verb.ADOPT, by="Uji", number=number)
            assert conclude(gateway, by="Uji", reason="dicocokkan") == 19
            assert read_recovery(gateway).standing == "on"
        new.add(2, seed=3)
        await new.sync(patience=0.5)
        assert new.states() == {"accepted": 8, "held": 19}
        assert len(endpoint.posts(before)) == 2


async def test_approving_a_channel_is_no_word_about_what_a_lost_life_sent(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite", look_up=None, live=False) as (old, endpoint):
        old.add(4)
        await old.sync(patience=0.5)
        assert old.states() == {"held": 4}
        save(old, tmp_path / "b")
        approve(old)
        await old.sync()
        assert old.states() == {"accepted": 4}
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        await new.sync(patience=0.5)
        await silence(new)
        before = endpoint.mark()
        with new.gateway() as gateway:
            conclude(gateway, by="Uji", reason="tanpa daftar")
        approve(new)
        await new.sync(patience=0.5)
        assert endpoint.posts(before) == []
        assert {one.reason for one in new.ours().values()} == {"recovery"}


def approve(world: World) -> None:
    with world.gateway() as gateway:
        go_live(gateway.book, CHANNEL, by="Uji")


async def test_an_edit_sets_nothing_free_that_a_lost_life_may_have_sent(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite", look_up=None) as (old, endpoint):
        save(old, tmp_path / "b")
        old.add(3)
        await old.sync()
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        await new.sync(patience=0.5)
        await silence(new)
        before = endpoint.mark()
        with new.gateway() as gateway:
            conclude(gateway, by="Uji", reason="tanpa daftar")
        new.change("1", isi="Diubah di daerah sesudah bukunya dipulihkan")
        await new.sync(patience=0.5)
        assert endpoint.posts(before) == []
        assert {one.reason for one in new.ours().values()} == {"recovery"}


async def test_a_person_who_lets_one_out_is_not_overruled_by_the_recovery(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite", look_up=None) as (old, endpoint):
        save(old, tmp_path / "b")
        old.add(3)
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        await new.sync(patience=0.5)
        with new.gateway() as gateway:
            decide(gateway.book, new.ours()["1"].reference, Verb.RELEASE, by="Uji")
        await new.sync(patience=0.5)
        assert new.states() == {"ready": 1, "held": 2}, "nothing leaves before the recovery has ended"
        await silence(new)
        with new.gateway() as gateway:
            conclude(gateway, by="Uji", reason="belum ada yang dikirim")
        await new.sync(patience=0.5)
        assert new.states() == {"accepted": 1, "held": 2}
        judge(new, endpoint)


async def test_a_file_that_was_put_back_by_hand_is_caught_by_its_witness(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite") as (world, endpoint):
        world.add(5)
        await world.sync()
        kept = (world.root / "book.db").read_bytes()
        world.add(5, seed=1)
        await world.sync()
        (world.root / "book.db").write_bytes(kept)
        for rest in ("-wal", "-shm"):
            (world.root / f"book.db{rest}").unlink(missing_ok=True)
        before = endpoint.mark()
        await world.sync()
        assert world.states() == {"accepted": 10}
        assert (endpoint.posts(before), epoch(world)) == ([], 2)
        assert world.entries("recovery_begun") == world.entries("recovery_finished") == 1


async def test_of_two_copies_on_one_epoch_only_one_goes_on(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite") as (first, endpoint):
        first.add(3)
        await first.sync()
        second = first.elsewhere(tmp_path / "new")
        (second.root / "book.db").write_bytes((first.root / "book.db").read_bytes())
        first.add(3, seed=1)
        await first.sync()
        await second.sync()
        await first.sync()
        assert (standing(first), standing(second)) == ("superseded", "on")
        first.add(4, seed=2)
        before = endpoint.mark()
        await first.sync()
        assert endpoint.posts(before) == []
        await second.sync()
        assert second.states() == {"accepted": 10}
        judge(second, endpoint)


async def test_a_person_may_let_the_superseded_one_take_over(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite") as (old, endpoint):
        old.add(3)
        await old.sync()
        save(old, tmp_path / "b")
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        new.add(3, seed=1)
        await new.sync()
        await old.sync()
        with old.gateway() as gateway:
            with pytest.raises(NotAllowedError, match="superseded"):
                set_push(gateway.book, True, by="Uji")
            take_over(gateway.book, by="Uji", reason="salinan dimatikan")
        await old.sync()
        assert old.states() == {"accepted": 6}
        await new.sync()
        assert (standing(old), standing(new), epoch(old)) == ("on", "superseded", 3)
        judge(old, endpoint)


async def test_a_complaint_whose_source_is_silent_until_later_is_not_sent_again(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite") as (old, endpoint):
        old.add(2)
        await old.sync()
        save(old, tmp_path / "b")
        old.add(1, seed=1)
        await old.sync()
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        with old.rows() as table:
            row = table.execute("SELECT * FROM aduan WHERE id = 3").fetchone()
            table.execute("DELETE FROM aduan WHERE id = 3")
        await new.sync()
        assert (standing(new), new.states()) == ("on", {"accepted": 2})
        with new.rows() as table:
            table.execute(f"INSERT INTO aduan VALUES ({', '.join('?' * len(row))})", row)
        before = endpoint.mark()
        await new.sync()
        assert (new.states(), endpoint.posts(before)) == ({"accepted": 3}, [])
        judge(new, endpoint)


async def test_a_witness_that_is_away_keeps_a_recovery_from_beginning(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite") as (old, endpoint):
        old.add(2)
        await old.sync()
        save(old, tmp_path / "b")
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        (tmp_path / "share").rename(tmp_path / "away")
        (tmp_path / "share").write_text("not a folder")
        new.add(2, seed=1)
        before = endpoint.mark()
        await new.sync(patience=0.5)
        assert (standing(new), epoch(new), endpoint.posts(before)) == ("recovery", 1, [])
        (tmp_path / "share").unlink()
        (tmp_path / "away").rename(tmp_path / "share")
        await new.sync()
        assert (standing(new), epoch(new), new.states()) == ("on", 2, {"accepted": 4})


async def test_a_copy_for_training_never_reaches_a_production_account(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite", environment="production") as (old, endpoint):
        old.configure(environment="production")
        old.add(2)
        await old.sync()
        assert old.states() == {"accepted": 2}
        save(old, tmp_path / "b")
        copy = old.elsewhere(tmp_path / "copy")
        restore(copy.settings, tmp_path / "b", training=True)
        copy.add(2, seed=1)
        before = endpoint.mark()
        synced = await copy.sync(patience=0.5)
        assert synced.accounts["uji"].stopped == "a training book never speaks to a production account"
        assert endpoint.events("request", since=before) == []
        with old.gateway() as gateway:
            assert await meet(gateway) == "on", "the original does not hear of the copy"


async def test_the_engine_of_a_service_catches_up_by_itself(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite") as (old, endpoint):
        old.add(2)
        await old.sync()
        save(old, tmp_path / "b")
        old.add(5, seed=1)
        await old.sync()
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        before = endpoint.mark()
        with new.gateway() as gateway:
            engine = EmbeddedEngine(gateway, push_seconds=0.2)
            engine.start()
            try:
                engine.submit(ChannelId("uji.tabel"))
                await asyncio.to_thread(eventually, lambda: new.states() == {"accepted": 7}, within=60)
                await asyncio.to_thread(eventually, lambda: standing(new) == "on", within=60)
            finally:
                engine.stop()
        assert endpoint.posts(before) == []


async def test_a_running_push_stops_when_a_later_life_shows(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite", rate_per_second=20) as (old, endpoint):
        save(old, tmp_path / "b")
        old.add(200)
        running = asyncio.create_task(old.sync())
        await asyncio.to_thread(eventually, lambda: len(endpoint.kept()) > 5, within=30)
        new = old.elsewhere(tmp_path / "new")
        restore(new.settings, tmp_path / "b")
        with new.gateway() as gateway:
            await meet(gateway)
        await running
        assert standing(old) == "superseded"
        assert len(endpoint.kept()) < 150
        new.configure(rate_per_second=5000)
        await caught_up(new)
        await new.sync()
        assert new.states() == {"accepted": 200}
        judge(new, endpoint)


async def test_the_national_export_gives_the_numbers_where_no_look_up_is_granted(
    tmp_path: Path, database_url: str, second_url: str | None
) -> None:
    with a_world(tmp_path, database_url, look_up=None) as (old, endpoint):
        old.add(2)
        await old.sync()
        save(old, tmp_path / "b")
        old.add(20, seed=1)
        await old.sync()
        new = old.elsewhere(tmp_path / "new", database_url=second_url)
        restore(new.settings, tmp_path / "b")
        new.add(3, seed=2)
        await new.sync()
        export = tmp_path / "unduhan.xlsx"

        def adopted() -> bool:
            endpoint.order(export=str(export))
            with new.gateway() as gateway:
                adopt_from_export(gateway, export, by="Sri")
            return new.states() == {"accepted": 22, "held": 3}

        eventually(adopted, within=30, what="all that was sent is adopted")
        assert {one.reason for one in new.ours().values() if one.state == "held"} == {"recovery"}
        assert new.findings() == []
        judge(new, endpoint)


async def test_a_checkpoint_that_this_book_has_not_signed_stops_nobody(tmp_path: Path) -> None:
    with a_world(tmp_path, "sqlite") as (world, _):
        world.add(1)
        await world.sync()
        with world.gateway() as gateway, gateway.book.read() as connection:
            own = signer(gateway.book, connection)
        forged = Signer(own.book_id, 9, bytes(32)).sign(Checkpoint(own.book_id, 9, 99, 999, bytes(32), 1))
        with (tmp_path / "share" / "witness.log").open("ab") as file:
            file.write(line_of(forged))
        world.add(1, seed=1)
        await world.sync()
        assert (standing(world), world.states()) == ("on", {"accepted": 2})


async def test_a_witness_that_takes_and_shows_nothing_lets_a_recovery_begin(tmp_path: Path) -> None:
    taken: list[str] = []

    def answer(asked: Asked) -> Answered:
        if asked.method == "GET":
            return Answered(status=405)
        taken.append(asked.body.decode())
        return Answered()

    application = Application(answer)
    try:
        with a_world(tmp_path, "sqlite") as (old, endpoint):
            old._witness = application.url  # type: ignore[assignment]
            old.configure()
            old.add(2)
            await old.sync()
            save(old, tmp_path / "b")
            new = old.elsewhere(tmp_path / "new")
            restore(new.settings, tmp_path / "b")
            before = endpoint.mark()
            await caught_up(new)
            assert (epoch(new), endpoint.posts(before)) == (2, [])
            assert any("epoch 2" in one for one in taken)
    finally:
        application.close()
