"""The book's door: engine, write and read transactions, ids, and the keys that the book itself holds."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from types import NoneType
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from lapor_gateway.book.crypto import DataKey, MasterKeys, keyed_digest
from lapor_gateway.book.fresh import JustMapped
from lapor_gateway.book.year_files import YearFiles
from lapor_gateway.clock import Clock, SystemClock
from lapor_gateway.domain.reference import Reference, derive
from lapor_gateway.errors import ConfigurationError, ConflictError, OutOfReachError

BUSY_SECONDS: Final = 60
IDLE_SECONDS: Final = 25
"""A process that died or was suspended inside a transaction keeps its locks no longer than its lease (PostgreSQL)."""
T = TypeVar("T")
_NOTHING: Final[dict[None, None]] = {}
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "temp_store=MEMORY",
    "cache_size=-8000",
    "wal_autocheckpoint=8000",  # pages; index pages are written again and again: 7 % more complaints a second than 1000
)
_TRIES: Final = 5
_KEYS_KEPT: Final = 2_000
_CAME_FIRST: Final = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock
_KEY_NAMES: Final = ("reference", "digest", "index")
FORMER_INDEX: Final = "former-index"
"""The name of the index key before the present one, while reporters are being indexed anew."""
_again: Final = Retrying(
    retry=retry_if_exception_type((IntegrityError, ConflictError)),
    stop=stop_after_attempt(_TRIES),
    wait=wait_random(0, 0.05),
    reraise=True,
)


class Statement:
    """A Core statement compiled once per dialect and run on the driver itself: the fast way in for the hot path.

    `rows` are tuples in the order of `parameters`, the names of the statement's bound parameters.
    """

    def __init__(self, statement: ClauseElement, parameters: Sequence[str]) -> None:
        self._statement = statement
        self._parameters = parameters
        self._texts: dict[str, tuple[str, Callable[[tuple[Any, ...]], tuple[Any, ...]]]] = {}

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Execute for every row; the number of rows touched."""
        if not rows:
            return 0
        name = connection.dialect.name
        if name not in self._texts:
            sql, names, _ = _compiled(self._statement, name)
            self._texts[name] = (sql, _reordering([self._parameters.index(one) for one in names]))
        sql, reorder = self._texts[name]
        with _driver(connection, sql) as cursor:
            cursor.executemany(sql, list(map(reorder, rows)))
            return int(cursor.rowcount)


class Query:
    """A Core statement that gives rows, compiled once per dialect and run on the driver itself.

    Values are given by the names of its bound parameters; one made with `expanding=True` takes a list. Rows come as
    plain tuples, without any type of SQLAlchemy's in between.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._texts: dict[str, tuple[str, list[str], dict[str, Any]]] = {}

    def all(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        """Every row."""
        name = connection.dialect.name
        if name not in self._texts:
            self._texts[name] = _compiled(self._statement, name)
        sql, names, fixed = self._texts[name]
        bound: list[Any] = []
        for one in names:
            value = values[one] if one in values else fixed[one]
            if isinstance(value, list):
                mark = "?" if name == "sqlite" else "%s"
                sql = sql.replace(f"__[POSTCOMPILE_{one}]", ", ".join([mark] * len(value)) or "NULL")
                bound += value
            else:
                bound.append(value)
        with _driver(connection, sql) as cursor:
            cursor.execute(sql, bound)
            return list(cursor.fetchall())

    def first(self, connection: Connection, **values: Any) -> tuple[Any, ...] | None:
        """The first row, None where there is none."""
        return next(iter(self.all(connection, **values)), None)


def _compiled(statement: ClauseElement, name: str) -> tuple[str, list[str], dict[str, Any]]:
    """SQL text, the parameters' names in its order, and the values that the statement itself holds."""
    dialect: Dialect
    if name == "sqlite":
        dialect = sqlite.dialect(paramstyle="qmark")
    else:
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 30 ms that a book in a file never needs

        dialect = postgresql.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    return str(compiled), list(compiled.positiontup or ()), dict(compiled.params)


@contextlib.contextmanager
def _driver(connection: Connection, sql: str) -> Iterator[DBAPICursor]:
    """The driver's own cursor, inside the connection's transaction; its errors become SQLAlchemy's as elsewhere."""
    cursor = connection.connection.cursor()
    try:
        yield cursor
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            sql,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            dialect=connection.dialect,
        ) from error
    finally:
        cursor.close()


def _reordering(order: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    if order == list(range(len(order))):
        return tuple
    return itemgetter(*order) if len(order) > 1 else lambda row: (row[order[0]],)


_NEXT_IDS: Final = Query(text("UPDATE sequences SET last = last + :count WHERE name = :table RETURNING last"))


class Book:
    """An open book. Every method that writes takes the connection of `write()`; nothing else writes state."""

    def __init__(
        self, engine: Engine, master: MasterKeys, clock: Clock | None = None, archive: Path | None = None
    ) -> None:
        self.engine = engine
        self.archive = YearFiles(archive)
        self.master = master
        self.clock = clock or SystemClock()
        self._reading = engine.execution_options(reading=True)
        self._data_keys: dict[bytes, DataKey] = {}
        self._region_keys: dict[tuple[str, str], bytes] = {}
        self.just_mapped = JustMapped()

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One durable transaction; commits at the end, rolls back on an exception."""
        with reachable(), self.engine.begin() as connection:
            yield connection

    def transact(self, work: Callable[[Connection], T]) -> T:
        """`work` in a write transaction of its own, again from the start where another writer came first."""
        result: T = _again(self._transact_once, work)
        return result

    def _transact_once(self, work: Callable[[Connection], T]) -> T:
        with self.write() as connection:
            return work(connection)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; writes nothing."""
        with reachable(), self._reading.begin() as connection:
            yield connection

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @cached_property
    def _keys(self) -> dict[str, bytes]:
        with self.read() as connection:
            found: dict[str, str] = {
                row[0]: row[1]
                for row in connection.execute(text("SELECT name, value FROM book WHERE name LIKE 'key:%'"))
            }
        return {
            name: self.master.unwrap(bytes.fromhex(found[f"key:{name}"]), f"book/{name}".encode())
            for name in (*_KEY_NAMES, *([FORMER_INDEX] if f"key:{FORMER_INDEX}" in found else []))
        }

    def reference(self, origin: str, source_id: str) -> Reference:
        return derive(self._keys["reference"], origin, source_id)

    def digest(self, content: bytes) -> bytes:
        """Keyed digest under the book's own key; equal content, equal digest, no guessing without the key."""
        return keyed_digest(self._keys["digest"], content)

    def blind_index(self, region: str, identity: str) -> bytes:
        """What stands for a reporter within one region; the same person in another region has another."""
        return self._indexed("index", region, identity)

    def former_index(self, region: str, identity: str) -> bytes | None:
        """What stood for the reporter under the index key before; None when no rotation is under way."""
        return self._indexed(FORMER_INDEX, region, identity) if FORMER_INDEX in self._keys else None

    def _indexed(self, name: str, region: str, identity: str) -> bytes:
        key = self._region_keys.get((name, region))
        if key is None:
            key = self._region_keys[name, region] = keyed_digest(self._keys[name], region.encode())
        return keyed_digest(key, identity.encode())

    def forget_keys(self) -> None:
        """Drop keys and complaints from memory: what another process destroyed or rotated is read anew."""
        self.just_mapped.forget()
        self._data_keys.clear()
        self._region_keys.clear()
        self.__dict__.pop("_keys", None)

    def new_data_key(self, reference: str) -> tuple[DataKey, bytes]:
        """A fresh key for a complaint, and the same wrapped as the book keeps it."""
        key = DataKey.new()
        wrapped = self.master.wrap(key.value, reference.encode())
        self._keep(wrapped, key)
        return key, wrapped

    def data_key(self, reference: str, wrapped: bytes) -> DataKey:
        """A complaint's key. Keys used lately stay in memory, as the master key does. Raises `WrongKeyError`."""
        key = self._data_keys.get(wrapped)
        if key is None:
            key = DataKey(self.master.unwrap(wrapped, reference.encode()))
            self._keep(wrapped, key)
        return key

    def _keep(self, wrapped: bytes, key: DataKey) -> None:
        if len(self._data_keys) >= _KEYS_KEPT:
            self._data_keys.clear()
        self._data_keys[wrapped] = key

    def ids(self, connection: Connection, table: str, count: int) -> range | list[int]:
        """`count` fresh ids of a table, rising, never given twice."""
        if count == 0:
            return range(0)
        if self.is_sqlite:
            ((end,),) = _NEXT_IDS.all(connection, count=count, table=table)
            return range(end - count + 1, end + 1)
        drawn = connection.execute(
            text(f"SELECT nextval('{table}_id_seq') FROM generate_series(1, :count)"),  # noqa: S608 - our own name
            {"count": count},
        )
        return sorted(drawn.scalars())

    def close(self) -> None:
        self.engine.dispose()


def open_engine(url: str) -> Engine:
    """An engine with the durability that the promises need; SQLite in WAL, `synchronous=FULL`, one writer.

    Raises `ConfigurationError` for an address that is neither SQLite nor PostgreSQL.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,
            connect_args={"options": f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s"},
        )
        event.listen(engine, "begin", _begin_postgresql)
        return engine
    if parsed.get_backend_name() == "sqlite":
        # The driver looks for an adapter of every value but texts and numbers: a µs where there is none.
        sqlite3.register_adapter(bytes, bytearray)
        sqlite3.register_adapter(NoneType, _NOTHING.get)
        # The connection used last: what others have in memory is void once one has written, and is read again.
        engine = create_engine(
            parsed, connect_args={"timeout": BUSY_SECONDS}, pool_size=8, max_overflow=24, pool_use_lifo=True
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    raise ConfigurationError(
        f"The book cannot live in {parsed.get_backend_name()}.",
        cure="Use sqlite:///… or postgresql://… as DATABASE_URL.",
    )


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that a write takes its lock at once
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
    with _driver(connection, begin) as cursor:
        cursor.execute(begin)


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    else:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = on")


@contextlib.contextmanager
def reachable() -> Iterator[None]:
    """Whatever asks the book's database; its being down is `OutOfReachError`, another writer's `ConflictError`."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) in _CAME_FIRST:
            raise ConflictError("Another process wrote to the same place of the book.") from error
        raise OutOfReachError(
            "The book's database does not answer.",
            detail=str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__,
            cure="Check DATABASE_URL, the disk's free space and that no other program holds the file.",
        ) from error
