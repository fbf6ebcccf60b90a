"""kill -9 in the middle of a backup, a restore or a move; and a backup in the middle of a sync."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapor_gateway.book.crypto import MasterKeys
from lapor_gateway.book.schema import open_book
from lapor_gateway.errors import ConfigurationError, GatewayError
from lapor_gateway.jobs.backup import back_up, restore
from lapor_gateway.jobs.gateway import Gateway, opened
from lapor_gateway.jobs.moving import move
from lapor_gateway.jobs.sync import chosen, sync
from lapor_gateway.jobs.verification import Verdict, verify_book
from lapor_gateway.settings import Settings, load_settings
from tests.support.armed_command import armed
from tests.support.command_line import clean_environment
from tests.support.databases import Server
from tests.support.endpoint import IndependentEndpoint
from tests.support.waiting import eventually
from tests.support.world import World, judge

KILLED = -9
BACKUP_GAPS = {
    "the file just opened": "lapor_gateway.book.backup_file:BackupWriter._opened:after:1",
    "half of the tables": "lapor_gateway.book.backup_file:BackupWriter.add:after:9",
    "whole, not yet named": "lapor_gateway.book.backup_file:give_name:before:1",
}
RESTORE_GAPS = {
    "the schema made": "lapor_gateway.jobs.backup:migrate:after:1",
    "half of the tables": "lapor_gateway.book.copying:Arrival.put:after:9",
    "all rows, not committed": "lapor_gateway.jobs.backup:must_recover:after:1",
}
MOVE_GAPS = {
    "half of the tables": "lapor_gateway.book.copying:Arrival.put:after:9",
    "copied, not verified": "lapor_gateway.jobs.moving:_copy:after:1",
    "verified, the old one not marked": "lapor_gateway.jobs.moving:_verified:after:1",
    "marked, not committed": "lapor_gateway.jobs.moving:mark_moved:after:1",
    "the old one marked, the new one not opened": "lapor_gateway.jobs.moving:_open:before:1",
}


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[IndependentEndpoint]:
    with IndependentEndpoint(tmp_path, time_out=0.5, lag=0.2) as made:
        yield made


def killed(gap: str, *words: str | Path) -> int:
    program = armed(gap, *map(str, words))
    done = subprocess.run(program, capture_output=True, timeout=100, check=False, env=clean_environment())
    return done.returncode


def filled(tmp_path: Path, endpoint: IndependentEndpoint, database_url: str | None = None) -> World:
    """A world whose complaints are all accepted."""
    world = World(tmp_path / "data", endpoint.url, database_url=database_url)
    world.add(20)
    asyncio.run(world.sync())
    assert world.states() == {"accepted": 20}
    return world


def save(world: World, path: Path) -> None:
    with world.gateway() as gateway:
        back_up(gateway.book, path)


@pytest.mark.parametrize("gap", [pytest.param(where, id=gap) for gap, where in BACKUP_GAPS.items()])
def test_a_killed_backup_leaves_no_file_of_that_name_and_does_not_hinder_the_next(
    tmp_path: Path, endpoint: IndependentEndpoint, gap: str
) -> None:
    world = filled(tmp_path, endpoint)
    path = tmp_path / "b"
    assert killed(gap, "backup", path, "--data", world.root) == KILLED
    assert not path.exists()
    save(world, path)
    assert not path.with_name(".b.part").exists()
    restore(world.elsewhere(tmp_path / "new").settings, path)


@pytest.mark.parametrize("gap", [pytest.param(where, id=gap) for gap, where in RESTORE_GAPS.items()])
def test_a_killed_restore_leaves_no_book_and_does_not_hinder_the_next(
    tmp_path: Path, endpoint: IndependentEndpoint, database_url: str, postgres_server: Server, gap: str
) -> None:
    world = filled(tmp_path, endpoint, None if database_url.startswith("sqlite") else database_url)
    save(world, tmp_path / "b")
    with postgres_server.database() as second:
        new = world.elsewhere(
            tmp_path / "new", database_url=None if database_url.startswith("sqlite") else second
        )
        assert killed(gap, "restore", tmp_path / "b", "--data", new.root) == KILLED
        assert not (new.root / "book.db").exists()
        restore(new.settings, tmp_path / "b")
        assert new.states() == {"accepted": 20}
        assert sorted(one.name for one in new.root.glob(".*")) == []


def test_a_backup_in_the_middle_of_a_sync_is_one_moment_of_the_book(
    tmp_path: Path, endpoint: IndependentEndpoint, database_url: str
) -> None:
    url = None if database_url.startswith("sqlite") else database_url
    world = World(tmp_path / "data", endpoint.url, database_url=url)
    world.add(1_500)
    with world.child(patience=20) as process:
        eventually(lambda: endpoint.mark() > 200, what="the sync sends")
        save(world, tmp_path / "b")
        assert process.poll() is None, "the sync went on meanwhile"
        process.wait(100)
    assert world.states() == {"accepted": 1_500}
    new = world.elsewhere(tmp_path / "new")
    restore(new.settings, tmp_path / "b")
    states = new.states()
    assert 0 < states.get("accepted", 0) < 1_500
    gateway = Gateway(new.settings)
    try:
        found = verify_book(gateway.book, new.settings.book_url, [])
    finally:
        gateway.close()
    assert found.faults == []


@pytest.mark.parametrize("gap", [None, *(pytest.param(where, id=gap) for gap, where in MOVE_GAPS.items())])
def test_a_moved_book_goes_on_in_the_other_database_and_only_there(
    tmp_path: Path, endpoint: IndependentEndpoint, empty_postgres_url: str, gap: str | None
) -> None:
    world = filled(tmp_path, endpoint)
    old_settings = world.settings
    if gap is not None:
        assert killed(gap, "db", "move", empty_postgres_url, "--data", world.root) == KILLED
        one_of_the_two_is_the_book(world, empty_postgres_url)
    moved(old_settings, empty_postgres_url)
    with pytest.raises(ConfigurationError, match="has moved to"):
        Gateway(old_settings)
    new = world.elsewhere(tmp_path / "new", database_url=empty_postgres_url)
    world.add(3, seed=1)
    asyncio.run(new.sync())
    assert new.states() == {"accepted": 23}
    judge(new, endpoint)


def moved(settings: Settings, target: str) -> None:
    """Finish the move, from the old settings."""
    book = open_book(settings.book_url, MasterKeys(settings.master_keys()))
    try:
        done = move(book, settings.book_url, target)
    finally:
        book.close()
    assert done.entries > 0


def one_of_the_two_is_the_book(world: World, target: str) -> None:
    """Whatever the moment of the kill: exactly one of the two opens as the book."""
    opens = []
    for url in (None, target):
        world._database_url = url
        world.configure()
        try:
            Gateway(world.settings).close()
            opens.append(url)
        except ConfigurationError:
            continue
    world._database_url = None
    world.configure()
    assert len(opens) <= 1


def test_a_move_refuses_a_database_that_holds_a_book(
    tmp_path: Path, endpoint: IndependentEndpoint, empty_postgres_url: str
) -> None:
    world = filled(tmp_path, endpoint)
    World(tmp_path / "other", endpoint.url, database_url=empty_postgres_url)
    with pytest.raises(ConfigurationError, match="There is a book in this database already"):
        moved(world.settings, empty_postgres_url)
    asyncio.run(world.sync())


def test_who_has_the_moved_book_still_open_can_enter_nothing(
    tmp_path: Path, endpoint: IndependentEndpoint, empty_postgres_url: str
) -> None:
    world = filled(tmp_path, endpoint)
    with opened(load_settings(world.root, {})) as gateway:
        moved(world.settings, empty_postgres_url)
        world.add(3)
        before = endpoint.mark()
        synced = asyncio.run(sync(gateway, chosen(gateway, []), patience=0.5))
    assert synced.failures
    assert endpoint.posts(before) == []
    assert world.states() == {"accepted": 20}


def test_both_sides_of_a_move_verify(
    tmp_path: Path, endpoint: IndependentEndpoint, empty_postgres_url: str
) -> None:
    world = filled(tmp_path, endpoint)
    world.query("DROP TRIGGER ledger_entries_no_UPDATE")
    world.query("UPDATE ledger_entries SET facts = '{}' WHERE id = 7")
    with pytest.raises(GatewayError, match="does not verify on the old side"):
        moved(world.settings, empty_postgres_url)
    with world.gateway() as gateway:
        found = verify_book(gateway.book, world.settings.book_url, [])
    assert found.verdict is Verdict.BROKEN
