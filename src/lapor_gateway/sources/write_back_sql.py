"""Writing back by a named statement of the manifest's, each in a transaction of its own."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from lapor_gateway.errors import CredentialError, OutOfReachError
from lapor_gateway.sources.settings import secret_name
from lapor_gateway.sources.sql_session import database_url, in_words
from lapor_gateway.sources.write_back import (
    Channel,
    Declined,
    Delivered,
    Doubtful,
    Ending,
    NotDelivered,
    Notice,
    values_of,
)
from lapor_gateway.sources.write_back_settings import SqlStatement, SqlWriteBack

_CONNECT_S: Final = 10


class SqlWriter:
    """Statements under an account that may write; the session that reads cannot."""

    def __init__(
        self, how: SqlWriteBack, channel: Channel, secrets: Callable[[str], str], data_dir: Path
    ) -> None:
        self._how = how
        self._zone = channel.zone
        self._engine = _engine(database_url(how, secrets), how.timeout.total_seconds(), data_dir)

    def may_repeat(self, kind: str) -> bool:
        return self._statement(kind).may_repeat

    async def deliver(self, notices: Sequence[Notice]) -> list[Ending]:
        return await asyncio.to_thread(self._deliver_all, notices)

    async def close(self) -> None:
        await asyncio.to_thread(self._engine.dispose)

    def _statement(self, kind: str) -> SqlStatement:
        statement = getattr(self._how, kind)
        assert isinstance(statement, SqlStatement)
        return statement

    def _deliver_all(self, notices: Sequence[Notice]) -> list[Ending]:
        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            return [NotDelivered(self._told(error), away=True) for _ in notices]
        with connection:
            return [self._deliver(connection, notice) for notice in notices]

    def _deliver(self, connection: sa.Connection, notice: Notice) -> Ending:
        how = self._statement(notice.kind)
        values = values_of(notice, self._zone)
        parameters = {name: values[name] for name in how.parameters}
        try:
            with connection.begin():
                touched = connection.execute(sa.text(how.statement), parameters).rowcount
        except IntegrityError:
            return Declined("the database refuses it")
        except DBAPIError as error:
            return self._failed(error, how)
        if how.is_update and touched == 0:
            return Declined("no row has this number")
        return Delivered()

    def _failed(self, error: DBAPIError, how: SqlStatement) -> Ending:
        """Rolled back for sure, unless the connection was lost: then a commit may have come through."""
        told = in_words(error, self._engine.url, self._secret_names())
        if isinstance(told, OutOfReachError | CredentialError) or error.connection_invalidated:
            if error.connection_invalidated and not how.may_repeat:
                return Doubtful("the connection was lost")
            return NotDelivered(told.message, away=True)
        return Declined(f"the statement failed: {told.detail}")

    def _told(self, error: DBAPIError) -> str:
        return in_words(error, self._engine.url, self._secret_names()).message

    def _secret_names(self) -> tuple[str, ...]:
        references = (self._how.url, self._how.password or "")
        return tuple(name for reference in references if (name := secret_name(reference)))


def _engine(url: URL, timeout: float, data_dir: Path) -> Engine:
    seconds = max(1, int(timeout))
    connect: dict[str, Any]
    match url.get_backend_name():
        case "mysql":
            connect = {
                "connect_timeout": _CONNECT_S,
                "read_timeout": seconds,
                "write_timeout": seconds,
                "charset": "utf8mb4",
            }
        case "postgresql":
            options = f"-c statement_timeout={seconds * 1000}"
            connect = {"connect_timeout": _CONNECT_S, "options": options, "prepare_threshold": None}
        case _:
            url = url.set(database=str((data_dir / (url.database or "")).absolute()))
            connect = {"timeout": seconds, "check_same_thread": False}
    return sa.create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args=connect)
