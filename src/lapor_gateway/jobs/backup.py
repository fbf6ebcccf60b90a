"""Backup and restore: the whole book in one file, taken beside a running sync, and put back into an empty place."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from lapor_gateway.book import copying
from lapor_gateway.book.backup_file import FORMAT, BackupReader, BackupWriter, Manifest, give_name
from lapor_gateway.book.crypto import MasterKeys
from lapor_gateway.book.database import Book, open_engine, reachable
from lapor_gateway.book.schema import current_revision, head_revision, migrate
from lapor_gateway.book.sealing import newest
from lapor_gateway.book.standing import Cause, become_training, must_recover
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.clock import Clock, SystemClock
from lapor_gateway.errors import ConfigurationError
from lapor_gateway.settings import Settings

_SQLITE_REST: Final = ("-wal", "-shm", "-journal")


class BackedUp(msgspec.Struct, frozen=True):
    """What a backup holds: entries of the ledger, rows in all, bytes of the file."""

    file: str
    entries: int
    rows: int
    size: int


class Restored(msgspec.Struct, frozen=True):
    """What was put back: whose book, of when (microseconds), its entries, and for which world it is now."""

    book: str
    at: int
    entries: int
    environment: str


def back_up(book: Book, path: Path, told: Callable[[str], None] = lambda _: None) -> BackedUp:
    """Write the book as one moment had it to a new file; `told` hears the name of each table.

    It holds neither the master key nor what a witness keeps. Raises `ConfigurationError` for a file that is there
    already or cannot be written, `GatewayError` where the disk is full; then nothing of it is left.
    """
    with BackupWriter(path) as writer, book.read() as connection:
        manifest = _manifest(book, connection)
        for table in copying.tables():
            told(table.name)
            writer.add(str(table.name), copying.columns_of(table), copying.rows_of(connection, table))
        drawn = copying.drawn_ids(connection)
        manifest = msgspec.structs.replace(manifest, drawn=drawn, members=writer.members)
        key = book.master.unwrap(bytes.fromhex(manifest.key), b"book/digest")
        writer.finish(manifest.sealed(key))
    rows = sum(one.rows for one in writer.members.values())
    return BackedUp(str(path), manifest.entries, rows, path.stat().st_size)


def restore(
    settings: Settings,
    path: Path,
    *,
    training: bool = False,
    clock: Clock | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Restored:
    """Put a backup into an empty data folder or database; all of it, or nothing.

    The book pushes nothing before it has caught up with its witnesses and LAPOR!. `training` makes it a book of its
    own for training instead, which never speaks to a production account. Raises `ConfigurationError` for a place
    that is taken, another migration or key, `DamagedBackupError`, `OutOfReachError`.
    """
    with BackupReader(path) as backup:
        manifest = backup.manifest
        _require_this_migration(manifest)
        master = MasterKeys(settings.master_keys())
        backup.require_whole(master)
        at = (clock or SystemClock()).now()
        with _empty_place(settings.book_url) as engine, reachable(), engine.begin() as connection:
            _require_empty(connection)
            _fill(connection, backup, training=training, told=told)
            if training:
                become_training(connection)
            else:
                must_recover(connection, Cause.RESTORED, at)
    environment = "training" if training else manifest.environment
    return Restored(manifest.book, manifest.at, manifest.entries, environment)


def _manifest(book: Book, connection: Connection) -> Manifest:
    values = {row.name: row.value for row in connection.execute(select(book_table))}
    last = newest(connection)
    return Manifest(
        format=FORMAT,
        book=values["id"],
        environment=values["environment"],
        epoch=int(values["epoch"]),
        migration=head_revision(),
        at=book.clock.now(),
        size=0 if last is None else last.checkpoint.size,
        root="" if last is None else last.checkpoint.root.hex(),
        entries=copying.count_entries(connection),
        drawn={},
        key=values["key:digest"],
        members={},
    )


def _fill(
    connection: Connection, backup: BackupReader, *, training: bool, told: Callable[[str], None]
) -> None:
    arrival = copying.Arrival(connection)
    left_out = copying.SEALS if training else frozenset()
    for table in copying.tables():
        told(table.name)
        parts = backup.parts(table.name)
        if table.name in left_out:
            for _ in parts:  # read all the same: a damaged backup is not trusted for its other half
                continue
        else:
            arrival.put(table, parts)
    arrival.finish(backup.manifest.drawn)


def _require_this_migration(manifest: Manifest) -> None:
    needed, known = head_revision(), {table.name for table in copying.tables()}
    if manifest.migration != needed or manifest.members.keys() != known:
        raise ConfigurationError(
            f"The backup stands at migration {manifest.migration}, this program needs {needed}.",
            cure="Restore it with the version of lapor-gateway that wrote it, then run `lapor-gateway db upgrade`.",
        )


def _require_empty(connection: Connection) -> None:
    if not copying.is_empty(connection):
        raise ConfigurationError(
            "There is a book in this database already.",
            cure="Name an empty database: nothing is overwritten.",
        )


@contextlib.contextmanager
def _empty_place(url: str) -> Iterator[Engine]:
    """An engine on an empty schema; on SQLite a file that gets its name only when the block has ended well."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        yield from _empty_database(url)
        return
    path = Path(parsed.database or "")
    if os.path.lexists(path) and not _is_blank(path):
        raise ConfigurationError(
            f"There is a book in {path} already.",
            cure="Name an empty data folder, or move the old book away: nothing is overwritten.",
        )
    part = path.with_name(f".{path.name}.restoring")
    with _alone(part):
        engine = open_engine(str(parsed.set(database=str(part))))
        try:
            migrate(engine)
            yield engine
            engine.dispose()
            if path.exists():  # blank: a command that only looked has made it
                _remove(path)
            give_name(part, path)
        finally:
            engine.dispose()
            _remove(part)


def _empty_database(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        if current_revision(engine) not in (None, head_revision()):
            raise ConfigurationError(
                "There is a book in this database already.",
                cure="Name an empty database: nothing is overwritten.",
            )
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


def _is_blank(path: Path) -> bool:
    """Whether this is a database without any table."""
    engine = open_engine(f"sqlite:///{path}")
    try:
        return path.is_file() and not inspect(engine).get_table_names()
    except DatabaseError:  # no database at all: nothing of ours to take away
        return False
    finally:
        engine.dispose()


@contextlib.contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Nobody else restores into the same folder; what a killed restore left there is taken away."""
    lock = part.with_name(f"{part.name}.lock")
    try:
        file = lock.open("w")
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {part.parent} cannot be written to.",
            detail=error.strerror or type(error).__name__,
            cure="Correct --data, or the folder's rights.",
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"Another process is just restoring into {part.parent}.",
                cure="Wait until it has finished.",
            ) from None
        _remove(part)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _remove(part: Path) -> None:
    for rest in ("", *_SQLITE_REST):
        part.with_name(part.name + rest).unlink(missing_ok=True)
