"""Backup and restore: the same book on both databases, also in the middle of a sync; whole, or not at all."""

import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lapor_gateway.book import copying
from lapor_gateway.book.backup_file import BackupReader, DamagedBackupError
from lapor_gateway.book.copying import rows_of
from lapor_gateway.book.crypto import MasterKeys, WrongKeyError, new_key_text
from lapor_gateway.book.database import Book
from lapor_gateway.book.schema import create_book, migrate, open_book
from lapor_gateway.book.standing import recovery_of, standing
from lapor_gateway.errors import ConfigurationError, GatewayError
from lapor_gateway.jobs import backup as job
from lapor_gateway.jobs.backup import back_up, restore
from lapor_gateway.jobs.verification import Verdict, verify_book
from lapor_gateway.settings import Settings
from tests.support.books import START, Desk
from tests.support.databases import Server
from tests.support.sealed import Sealed, sealed_desk

UNCOPIED = {"book", "leases", "ledger_entries", "ledger_leaves"}


@pytest.fixture
def sealed(database_url: str, tmp_path: Path) -> Iterator[Sealed]:
    with sealed_desk(database_url, tmp_path / "witness.log") as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a backup is put back: an empty data folder, or an empty database."""
    (tmp_path / "to").mkdir()
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'to' / 'book.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


def settings_of(master: MasterKeys, url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an installation with this key and place."""
    monkeypatch.setattr(job, "MasterKeys", lambda _: master)
    return Settings(database_url=url, secret_key=new_key_text())


def content(book: Book) -> dict[str, list[Any]]:
    with book.read() as connection:
        return {
            table.name: [row for part in rows_of(connection, table) for row in part]
            for table in copying.tables()
            if table.name not in UNCOPIED
        }


def entries_of(book: Book) -> list[Any]:
    """The ledger in its order, without the numbers of its rows."""
    table = copying.metadata.tables["ledger_entries"]
    without = copying.columns_of(table).index("id")
    with book.read() as connection:
        rows = [row for part in rows_of(connection, table) for row in part]
    return [row[:without] + row[without + 1 :] for row in rows]


def test_a_book_comes_back_the_same_on_either_database(
    sealed: Sealed, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = sealed.own.book
    done = back_up(old, tmp_path / "b")
    settings = settings_of(old.master, place, monkeypatch)
    restored = restore(settings, tmp_path / "b")
    assert (restored.book, restored.entries) == (sealed.book_id, done.entries)
    new = open_book(place, old.master, old.clock)
    try:
        assert content(new) == content(old)
        assert entries_of(new) == entries_of(old)
        found = verify_book(new, place, sealed.witnessed(), processes=1)
        assert (found.verdict, found.faults, found.entries) == (Verdict.PROVEN, [], done.entries)
        with new.read() as connection:
            assert standing(connection) == "recovery"
        _goes_on(new, place, sealed.witness_path)
    finally:
        new.close()


def _goes_on(book: Book, url: str, witness: Path) -> None:
    """New complaints get new ids and entries, which are sealed behind the old ones."""
    desk = Desk(book)
    desk.bring({"id": 5_000}, {"id": 5_001})
    made = Sealed(desk, url, witness)
    made.seal()
    found = verify_book(book, url, [], processes=1)
    assert (found.faults, found.sealed) == ([], found.entries)


def test_a_backup_is_its_owners_alone_and_overwrites_nothing(sealed: Sealed, tmp_path: Path) -> None:
    path = tmp_path / "b"
    back_up(sealed.own.book, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.read_bytes()
    with pytest.raises(ConfigurationError, match="is there already"):
        back_up(sealed.own.book, path)
    assert path.read_bytes() == kept
    assert sorted(one.name for one in tmp_path.iterdir() if "b" in one.name and "book" not in one.name) == [
        "b"
    ]


def test_a_backup_holds_neither_the_master_key_nor_any_text_of_a_citizen(
    sealed: Sealed, tmp_path: Path
) -> None:
    sealed.own.bring({"id": 7_000, "body": "Isi rahasia warga xyzzy.", "visibility": "secret"})
    back_up(sealed.own.book, tmp_path / "b")
    with zipfile.ZipFile(tmp_path / "b") as file:
        everything = b"".join(file.read(name) for name in file.namelist())
        assert not any("witness.log" in name or "secret.key" in name for name in file.namelist())
    assert b"xyzzy" not in everything


def test_a_full_disk_leaves_nothing_of_a_backup(
    sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GatewayError, match="could not be written to its end"):
        back_up(sealed.own.book, tmp_path / "b")
    assert [one.name for one in tmp_path.iterdir() if one.name.lstrip(".").startswith("b.")] == []
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("harm", ["cut", "flip", "manifest", "empty", "other"])
def test_a_damaged_backup_is_refused_whole(
    sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    path = tmp_path / "b"
    back_up(sealed.own.book, path)
    damage(path, harm)
    settings = settings_of(sealed.own.book.master, f"sqlite:///{tmp_path / 'new.db'}", monkeypatch)
    with pytest.raises(DamagedBackupError) as caught:
        restore(settings, path)
    assert "nothing was restored" in caught.value.message
    assert [one.name for one in tmp_path.iterdir() if "new.db" in one.name] == []


def damage(path: Path, harm: str) -> None:
    content = bytearray(path.read_bytes())
    match harm:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "flip":
            content[len(content) // 3] ^= 0xFF
            path.write_bytes(content)
        case "manifest":
            changed(path)
        case "empty":
            path.write_bytes(b"")
        case _:
            path.write_bytes(b"{}")


def changed(path: Path) -> None:
    """The same file, saying that it holds another environment."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    assert b'"environment":"training"' in members["manifest.json"]
    members["manifest.json"] = members["manifest.json"].replace(
        b'"environment":"training"', b'"environment":"production"'
    )
    with zipfile.ZipFile(path, "w") as file:
        for name, value in members.items():
            file.writestr(name, value)


def test_another_master_key_is_told_before_anything_is_written(
    sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(sealed.own.book, tmp_path / "b")
    settings = settings_of(MasterKeys([new_key_text()]), f"sqlite:///{tmp_path / 'new.db'}", monkeypatch)
    with pytest.raises(WrongKeyError, match="another master key"):
        restore(settings, tmp_path / "b")
    assert not (tmp_path / "new.db").exists()


def test_another_migration_is_told(sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    back_up(sealed.own.book, tmp_path / "b")
    monkeypatch.setattr(job, "head_revision", lambda: "9999")
    settings = settings_of(sealed.own.book.master, f"sqlite:///{tmp_path / 'new.db'}", monkeypatch)
    with pytest.raises(ConfigurationError, match=r"migration .*, this program needs 9999"):
        restore(settings, tmp_path / "b")


def test_a_book_that_is_there_is_never_overwritten(
    sealed: Sealed, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(sealed.own.book, tmp_path / "b")
    master = sealed.own.book.master
    create_book(place, master, environment="training", at=START)
    with pytest.raises(ConfigurationError, match=r"There is a book in"):
        restore(settings_of(master, place, monkeypatch), tmp_path / "b")


def test_a_database_with_tables_and_no_book_is_empty(
    sealed: Sealed, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite: a file without tables, as a command that only looked leaves it."""
    back_up(sealed.own.book, tmp_path / "b")
    engine = sa.create_engine(place)
    if place.startswith("sqlite"):
        engine.connect().close()
        (tmp_path / "to" / "book.db").touch()
    else:
        migrate(engine)
    engine.dispose()
    restored = restore(settings_of(sealed.own.book.master, place, monkeypatch), tmp_path / "b")
    assert restored.book == sealed.book_id


def test_a_copy_for_training_is_a_book_of_its_own(
    sealed: Sealed, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(sealed.own.book, tmp_path / "b")
    restore(settings_of(sealed.own.book.master, place, monkeypatch), tmp_path / "b", training=True)
    new = open_book(place, sealed.own.book.master, sealed.own.book.clock)
    try:
        made = Sealed(Desk(new), place, tmp_path / "other.log")
        assert made.book_id != sealed.book_id
        made.seal()
        found = verify_book(new, place, [], processes=1)
        assert found.faults == []
        with new.read() as connection:
            assert (standing(connection), recovery_of(connection)) == ("on", None)
    finally:
        new.close()


def test_the_manifest_says_what_it_is_without_any_key(sealed: Sealed, tmp_path: Path) -> None:
    back_up(sealed.own.book, tmp_path / "b")
    with BackupReader(tmp_path / "b") as backup:
        manifest = backup.manifest
    assert (manifest.book, manifest.epoch, manifest.environment) == (sealed.book_id, 1, "training")
    assert manifest.size > 0
    assert manifest.entries >= manifest.size
