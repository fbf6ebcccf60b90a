"""Sessions in other people's databases: read-only by the server's own means, and errors in words."""

import re
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from lapor_gateway.errors import (
    ConfigurationError,
    CredentialError,
    GatewayError,
    OutOfReachError,
    SourceFaultError,
)
from lapor_gateway.sources.settings import SqlSettings, secret_name

_DRIVERS = {
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mysql+pymysql": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
}
_CONNECT_S = 10

# MySQL and MariaDB error numbers (their manuals, "Server Error Message Reference").
_MYSQL_CREDENTIAL = frozenset({1044, 1045, 1130, 1142, 1143, 1227, 1251, 1698, 1820, 1862})
_MYSQL_OUT_OF_REACH = frozenset(
    {1040, 1053, 1158, 1159, 1160, 1161, 1203, 1205, 1226, 1969, 2002, 2003, 2005, 2006, 2013, 2055, 3024}
)
# PostgreSQL tells a refused login only in the text of a failed connection.
_POSTGRES_CREDENTIAL = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|not permitted to log in"
    r'|role ".*" does not exist'
)
_POSTGRES_OUT_OF_REACH = ("08", "53", "57", "58")
_SQLITE_OUT_OF_REACH = ("unable to open database file", "database is locked", "disk i/o error")


class Address(Protocol):
    """Where a database is: an address or the secret that holds it, and the secret of its password."""

    @property
    def url(self) -> str: ...
    @property
    def password(self) -> str | None: ...


def open_engine(
    settings: SqlSettings, *, secrets: Callable[[str], str], zone: ZoneInfo, data_dir: Path, now: datetime
) -> Engine:
    """An engine of one connection, unable to write, whose session speaks the region's time.

    Nothing is connected yet. Raises `ConfigurationError` for an address that is none; its text never holds
    the address, because that may hold a password.
    """
    url = database_url(settings, secrets)
    match url.get_backend_name():
        case "mysql":
            # By offset, because a server may lack the named zones.
            return _mysql(url, settings.timeout, now.astimezone(zone).utcoffset() or timedelta(0))
        case "postgresql":
            return _postgresql(url, settings.timeout, zone)
        case _:
            return _sqlite(url, data_dir)


def database_url(settings: Address, secrets: Callable[[str], str]) -> URL:
    name = secret_name(settings.url)
    where = f"the secret {name}" if name else "`url`"
    try:
        url = make_url(secrets(name).strip() if name else settings.url)
    except (ArgumentError, ValueError):
        raise _wrong_url(where) from None
    if url.drivername not in _DRIVERS:
        raise _wrong_url(where)
    if settings.password is not None and (password_name := secret_name(settings.password)):
        url = url.set(password=secrets(password_name).strip())
    return url.set(drivername=_DRIVERS[url.drivername])


def _wrong_url(where: str) -> ConfigurationError:
    return ConfigurationError(
        f"What stands in {where} is no address of a database that can be read.",
        cure='Write it like "mysql+pymysql://reader@10.0.0.5/pengaduan", '
        '"postgresql+psycopg://reader@10.0.0.5/pengaduan" or "sqlite:///pengaduan.db".',
    )


def _engine(url: URL, **options: Any) -> Engine:
    return sa.create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True, **options)


def _mysql(url: URL, timeout: timedelta, offset: timedelta) -> Engine:
    from pymysql.constants import FIELD_TYPE  # noqa: PLC0415 - a driver that few channels need
    from pymysql.converters import conversions  # noqa: PLC0415

    connect = {
        "connect_timeout": _CONNECT_S,
        "read_timeout": max(1, int(timeout.total_seconds())),
        "charset": "utf8mb4",
        # A BIT is a number to people; a TIME is kept as the server spells it.
        "conv": {**conversions, FIELD_TYPE.BIT: _bits, FIELD_TYPE.TIME: _as_it_is},
    }
    connect = {key: value for key, value in connect.items() if key not in url.query}
    engine = _engine(url, connect_args=connect)

    @event.listens_for(engine, "connect")
    def _restrict(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute("SET time_zone = %s", (_offset_text(offset),))

    return engine


def _postgresql(url: URL, timeout: timedelta, zone: ZoneInfo) -> Engine:
    milliseconds = max(1, int(timeout.total_seconds() * 1000))
    options = (
        f"-c default_transaction_read_only=on -c statement_timeout={milliseconds} -c timezone={zone.key}"
    )
    connect = {"connect_timeout": _CONNECT_S, "options": options, "prepare_threshold": None}
    return _engine(url, connect_args=connect, execution_options={"postgresql_readonly": True})


def _sqlite(url: URL, data_dir: Path) -> Engine:
    if not url.database or url.database == ":memory:":
        raise _wrong_url("`url`")
    address = f"{(data_dir / url.database).absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True, check_same_thread=False, timeout=_CONNECT_S)
        connection.execute("PRAGMA query_only = ON")
        connection.text_factory = _readable
        return connection

    return _engine(url, creator=connect)


def _offset_text(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _bits(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _as_it_is(value: Any) -> Any:
    return value


def _readable(text: bytes) -> str:
    """Text as UTF-8, or as Windows-1252 where an old program wrote that: one bad row stops no other."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("windows-1252", "replace")


def in_words(error: DBAPIError, url: URL, secret_names: tuple[str, ...]) -> GatewayError:
    """The error of ours for one of a driver's; names secrets, never their values, and quotes no rows."""
    origin = f"The database {url.database or ''} at {url.host or 'this machine'}"
    verdict = {"mysql": _mysql_verdict, "postgresql": _postgresql_verdict, "sqlite": _sqlite_verdict}
    kind = verdict[url.get_backend_name()](error)
    detail = _detail(error, url)
    if kind is CredentialError:
        names = " and ".join(secret_names) or "the address"
        return CredentialError(
            f"{origin} refused the credential in {names}.",
            detail=detail,
            cure="Ask its owner for a read-only account"
            + (f", then: lapor-gateway secrets set {secret_names[-1]}" if secret_names else "."),
        )
    if kind is OutOfReachError:
        return OutOfReachError(
            f"{origin} could not be reached.",
            detail=detail,
            cure="Check the address, the network and whether the server is running; nothing is lost.",
        )
    return SourceFaultError(
        f"{origin} does not take the query.",
        detail=detail,
        cure="Compare `query`, `table`, `key` and `changed` in the manifest with the tables there.",
    )


def _detail(error: DBAPIError, url: URL) -> str:
    lines = [line for line in str(error.orig).splitlines() if not line.startswith(("DETAIL", "CONTEXT"))]
    text = " ".join(" ".join(lines).split())[:200]
    return text.replace(url.password, "…") if url.password else text


def _mysql_verdict(error: DBAPIError) -> type[GatewayError]:
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    if number in _MYSQL_CREDENTIAL:
        return CredentialError
    return (
        OutOfReachError if number in _MYSQL_OUT_OF_REACH or error.connection_invalidated else SourceFaultError
    )


def _postgresql_verdict(error: DBAPIError) -> type[GatewayError]:
    state = getattr(error.orig, "sqlstate", None) or ""
    text = str(error.orig)
    if state.startswith("28") or state == "42501" or _POSTGRES_CREDENTIAL.search(text):
        return CredentialError
    if state == "3D000" or ("database" in text and "does not exist" in text):
        return SourceFaultError
    connecting = not state and isinstance(error, sa.exc.OperationalError)
    return OutOfReachError if connecting or state.startswith(_POSTGRES_OUT_OF_REACH) else SourceFaultError


def _sqlite_verdict(error: DBAPIError) -> type[GatewayError]:
    text = str(error.orig).lower()
    return OutOfReachError if any(sign in text for sign in _SQLITE_OUT_OF_REACH) else SourceFaultError
