"""`db move`: the book from one database into another, verified on both sides, and the old one left as moved."""

from collections.abc import Callable
from contextlib import ExitStack

import msgspec
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from lapor_gateway.book import copying
from lapor_gateway.book.database import Book, open_engine, reachable
from lapor_gateway.book.schema import current_revision, head_revision, migrate, open_book
from lapor_gateway.book.standing import Standing, arrive, let_go_on, mark_moved, moved_to, standing
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.errors import ConfigurationError, GatewayError
from lapor_gateway.jobs.verification import Verdict, verify_book


class Moved(msgspec.Struct, frozen=True):
    """Where the book lives now (without a password), and how many entries were found the same on both sides."""

    place: str
    entries: int


def move(book: Book, url: str, target: str, told: Callable[[str], None] = lambda _: None) -> Moved:
    """Move the book at `url` (SQLite) into the empty PostgreSQL database `target`.

    Nobody writes to the old one meanwhile. Cut off at any moment, one of the two is the book and the other refuses
    to be it; the same call again goes on. Raises `ConfigurationError`, `OutOfReachError`, and `GatewayError` where
    a side does not verify.
    """
    place = make_url(target).render_as_string(hide_password=True)
    if not book.is_sqlite or make_url(target).get_backend_name() != "postgresql":
        raise ConfigurationError(
            "A book moves from SQLite into PostgreSQL.",
            cure="Use `lapor-gateway backup` and `lapor-gateway restore` for any other way.",
        )
    with ExitStack() as stack:
        engine = open_engine(target)
        stack.callback(engine.dispose)
        with book.read() as connection:
            went = moved_to(connection)
        if went is not None:
            return _finished(book, engine, place, went)
        with book.write() as connection:  # holds the one writer's lock: what is copied is all there is
            _prepare(engine, _identity(connection))
            _copy(connection, engine, told)
            entries = _verified(book, url, target, told)
            mark_moved(connection, place)
        _open(engine)
    return Moved(place, entries)


def _prepare(engine: Engine, identity: str | None) -> None:
    """An empty schema; what a move of this very book left there when it was cut off is taken away."""
    current = current_revision(engine)
    if current is not None and current != head_revision():
        raise _taken()
    if current is not None:
        with reachable(), engine.begin() as connection:
            is_empty = copying.is_empty(connection)
            if not is_empty and (
                _identity(connection) != identity or standing(connection) is not Standing.ARRIVING
            ):
                raise _taken()
        if not is_empty:
            migrate(engine, "base")
    migrate(engine)


def _copy(source: Connection, engine: Engine, told: Callable[[str], None]) -> None:
    with reachable(), engine.begin() as connection:
        arrival = copying.Arrival(connection)
        for table in copying.tables():
            told(table.name)
            arrival.put(table, copying.rows_of(source, table))
        arrival.finish(copying.drawn_ids(source))
        arrive(connection)


def _verified(book: Book, url: str, target: str, told: Callable[[str], None]) -> int:
    """Verify both ledgers; how many entries each has."""
    told("verify")
    old = verify_book(book, url, [])
    copy = open_book(target, book.master, book.clock)
    try:
        new = verify_book(copy, target, [])
    finally:
        copy.close()
    same = (old.entries, old.sealed, old.checkpoints) == (new.entries, new.sealed, new.checkpoints)
    for side, found in (("old", old), ("new", new)):
        if found.verdict is Verdict.BROKEN or not same:
            raise GatewayError(
                f"The ledger does not verify on the {side} side; the book was not moved.",
                detail=f"{found.fault_count} faults, {found.entries} entries",
                cure="Run `lapor-gateway ledger verify`: it names the place.",
            )
    return new.entries


def _open(engine: Engine) -> None:
    """From now on the new database is the book."""
    with reachable(), engine.begin() as connection:
        if standing(connection) is Standing.ARRIVING:
            let_go_on(connection)


def _finished(book: Book, engine: Engine, place: str, went: str) -> Moved:
    """The old book says that it has moved; the new one may not have heard it yet."""
    if went != place:
        raise ConfigurationError(
            f"This book has moved to {went}.",
            cure="Set DATABASE_URL to that database; the old file is only kept.",
        )
    _open(engine)
    with book.read() as connection:
        entries = copying.count_entries(connection)
    return Moved(place, entries)


def _identity(connection: Connection) -> str | None:
    query = book_table.select().where(book_table.c.name == "id")
    row = connection.execute(query).first()
    return None if row is None else str(row.value)


def _taken() -> ConfigurationError:
    return ConfigurationError(
        "There is a book in this database already.", cure="Name an empty database: nothing is overwritten."
    )
