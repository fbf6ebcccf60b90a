"""The family `sql`: somebody else's tables, read page by page along their own order, and never written.

A page is `WHERE key > <last key> ORDER BY key LIMIT n`, each in a short transaction of its own: memory stays
bounded, no cursor is held open while complaints travel, and rows that come, go or change meanwhile shift no
other row. With `changed`, a pass asks for rows since the watermark in the order (column, key), so that rows
with equal times are neither lost nor doubled at a page's edge; a row edited meanwhile moves to the end and is
met again. Rows whose column is NULL cannot tell when they changed: they come with every pass. Without
`changed`, every pass lists all; the intake finds what changed by its digest.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from lapor_gateway.errors import SourceFaultError
from lapor_gateway.sources.ahead import Ahead
from lapor_gateway.sources.port import Checkpoint, Page, RawRecord
from lapor_gateway.sources.settings import SqlSettings, secret_name
from lapor_gateway.sources.sql_rows import records
from lapor_gateway.sources.sql_session import in_words

Part = Literal["all", "undated", "changed"]
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?P<time>(?P<separator>[ T])\d{2}:\d{2}.*?(?P<utc>Z?))?")


class _Mark(msgspec.Struct, frozen=True):
    """A key or time in a form that JSON keeps; numbers and texts as they are."""

    type: Literal["plain", "datetime", "date", "decimal", "uuid"]
    value: int | float | str


class _Cursor(msgspec.Struct, frozen=True):
    """Behind which row a pass goes on; `of` is the digest of what was asked."""

    part: Part
    of: str
    full: bool
    key: _Mark | None = None
    time: _Mark | None = None


class _Rows(msgspec.Struct, frozen=True):
    records: tuple[RawRecord, ...]
    behind: _Cursor | None
    """The cursor after these rows; None where the part has no more."""


class SqlSource:
    """A database's rows by one query. `engine` comes from `open_engine`; `zone` is the region's."""

    def __init__(self, settings: SqlSettings, engine: Engine, *, zone: tzinfo) -> None:
        self._settings = settings
        self._engine = engine
        self._zone = zone
        quote = engine.dialect.identifier_preparer.quote
        source = f"({_literal(settings.query)}\n)" if settings.query else _quoted_table(settings.table, quote)
        self._source = f"{source} AS q"
        self._select = f"SELECT * FROM {self._source}"  # noqa: S608 - the manifest's own query, names quoted
        self._ahead: Ahead[_Rows] = Ahead()
        self._key = f"q.{quote(settings.key)}"
        self._time = f"q.{quote(settings.changed.column)}" if settings.changed else ""

    async def pages(self, checkpoint: Checkpoint, *, full: bool = False) -> AsyncGenerator[Page, None]:
        cursor = self._resumed(checkpoint, full=full)
        whole = cursor.full or checkpoint.watermark is None or not self._settings.changed
        fresh = cursor.key is None and cursor.part != "changed"
        total = await self._in_thread(self._survey) if whole and fresh else None
        since = None if whole else await self._in_thread(self._since, checkpoint.watermark)
        self._ahead.begin(self._in_thread(self._read, cursor, since))
        try:
            while True:
                rows = await self._ahead.result()
                following = rows.behind or _next_part(cursor)
                if following is None:
                    yield Page(rows.records, last=True, complete_listing=whole, total=total)
                    return
                cursor = following
                self._ahead.begin(self._in_thread(self._read, cursor, since))
                yield Page(rows.records, cursor=msgspec.to_builtins(cursor), total=total)
        finally:
            await self._ahead.drop()

    async def check(self) -> str:
        """Reads one row, and the newest change's time where the manifest names its column."""
        columns, rows = await self._in_thread(self._look, f"{self._select} LIMIT 1", {})
        self._refuse_columns(columns)
        if self._settings.changed:
            await self._in_thread(self._since, datetime.now(UTC))
        found = "at least one row" if rows else "no row yet"
        return f"The database answered: {found}, columns {', '.join(columns)}."

    async def close(self) -> None:
        await self._ahead.drop()
        await asyncio.to_thread(self._engine.dispose)

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:
        try:
            return await asyncio.to_thread(work, *arguments)
        except DBAPIError as error:
            references = (self._settings.url, self._settings.password or "")
            names = tuple(name for reference in references if (name := secret_name(reference)))
            raise in_words(error, self._engine.url, names) from None

    def _look(self, query: str, parameters: dict[str, Any]) -> tuple[list[str], list[tuple[Any, ...]]]:
        with self._engine.connect() as connection:
            result = connection.execute(sa.text(query), parameters)
            return list(result.keys()), [tuple(row) for row in result.all()]

    def _survey(self) -> int:
        """The number of rows; raises `SourceFaultError` where some have no key."""
        query = f"SELECT count(*), count({self._key}) FROM {self._source}"  # noqa: S608 - names are quoted
        _, [(rows, keyed)] = self._look(query, {})
        if rows != keyed:
            raise SourceFaultError(
                f"{rows - keyed:,} of {rows:,} rows have no {self._settings.key}; nothing tells them apart.",
                cure="Choose another `key` in the manifest, or leave these rows out in the query.",
            )
        return int(rows)

    def _since(self, watermark: datetime) -> Any:
        """The watermark in the column's own form, by the newest value in it."""
        query = f"SELECT max({self._time}) FROM {self._source}"  # noqa: S608 - names are quoted
        _, [(newest,)] = self._look(query, {})
        assert self._settings.changed is not None
        return _like(newest, watermark.replace(microsecond=0), self._zone, self._settings.changed.column)

    def _read(self, cursor: _Cursor, since: Any) -> _Rows:
        conditions, order = self._conditions(cursor)
        where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
        parameters: dict[str, Any] = {"limit": self._settings.page_size + 1}
        if cursor.part == "changed":
            parameters["since"] = _unmarked(cursor.time) if cursor.time else since
        if cursor.key:
            parameters["key"] = _unmarked(cursor.key)
        columns, rows = self._look(f"{self._select} {where}ORDER BY {order} LIMIT :limit", parameters)
        return self._page(columns, rows, cursor)

    def _conditions(self, cursor: _Cursor) -> tuple[list[str], str]:
        behind = [f"{self._key} > :key"] if cursor.key else []
        match cursor.part:
            case "all":
                return behind, self._key
            case "undated":
                return [f"{self._time} IS NULL", *behind], self._key
            case "changed":
                conditions = [f"{self._time} >= :since"]
                if cursor.key:
                    conditions.append(f"({self._time} > :since OR {self._key} > :key)")
                return conditions, f"{self._time}, {self._key}"

    def _page(self, columns: list[str], rows: list[tuple[Any, ...]], cursor: _Cursor) -> _Rows:
        self._refuse_columns(columns)
        key = columns.index(self._settings.key)
        self._refuse_equal_keys([row[key] for row in rows])
        page = rows[: self._settings.page_size]
        if len(rows) == len(page):
            return _Rows(records(columns, page), None)
        time = None
        if cursor.part == "changed" and self._settings.changed:
            time = _marked(page[-1][columns.index(self._settings.changed.column)])
        behind = msgspec.structs.replace(cursor, key=_marked(page[-1][key]), time=time)
        return _Rows(records(columns, page), behind)

    def _refuse_columns(self, columns: list[str]) -> None:
        twice = sorted({column for column in columns if columns.count(column) > 1})
        if twice:
            raise SourceFaultError(
                f"The query gives two columns the name {', '.join(twice)}; one would hide the other.",
                cure="Name one of them otherwise (… AS …) in the manifest's query.",
            )
        changed = [self._settings.changed.column] if self._settings.changed else []
        missing = [name for name in (self._settings.key, *changed) if name not in columns]
        if missing:
            raise SourceFaultError(
                f"The query gives no column {' and '.join(missing)}; it gives {', '.join(columns)}.",
                cure="Mend `key` or `changed.column` in the manifest, or the query.",
            )

    def _refuse_equal_keys(self, keys: list[Any]) -> None:
        """Neighbours with one key would part at a page's edge, and the second be lost; MySQL ignores case."""
        if self._engine.dialect.name == "mysql":
            keys = [key.casefold().rstrip() if isinstance(key, str) else key for key in keys]
        if any(one == other for one, other in pairwise(keys)):
            raise SourceFaultError(
                f"Several rows have the same {self._settings.key}, which the manifest gives as their key.",
                cure="Let the query give one row a complaint (a join multiplies rows), or mend `key`.",
            )

    def _resumed(self, checkpoint: Checkpoint, *, full: bool) -> _Cursor:
        """Where to go on; from the start where something else is asked now than when the pass began."""
        if checkpoint.cursor is not None:
            with suppress(msgspec.ValidationError):
                cursor = msgspec.convert(checkpoint.cursor, _Cursor)
                if cursor.of == self._asking(checkpoint, full=cursor.full) and (cursor.full or not full):
                    return cursor
        whole = full or checkpoint.watermark is None or not self._settings.changed
        return _Cursor("all" if whole else "undated", self._asking(checkpoint, full=full), full)

    def _asking(self, checkpoint: Checkpoint, *, full: bool) -> str:
        described = self._settings.model_dump_json(include={"url", "query", "table", "key", "changed"})
        since = None if full else checkpoint.watermark
        return blake2b(f"{described} {since}".encode(), digest_size=8).hexdigest()


def _next_part(cursor: _Cursor) -> _Cursor | None:
    if cursor.part != "undated":
        return None
    return msgspec.structs.replace(cursor, part="changed", key=None, time=None)


def _literal(query: str) -> str:
    """The query with its colons meant as colons (SQLAlchemy takes `:name` for a parameter)."""
    return query.replace(":", r"\:")


def _quoted_table(table: str | None, quote: Any) -> str:
    return ".".join(quote(part) for part in (table or "").split("."))


def _like(newest: Any, watermark: datetime, zone: tzinfo, column: str) -> Any:
    """The instant in the form of `newest`, the column's greatest value; local time where that has no zone."""
    local = watermark.astimezone(zone)
    match newest:
        case None:
            return local.replace(tzinfo=None)
        case datetime(tzinfo=None):
            return local.replace(tzinfo=None)
        case datetime():
            return watermark
        case date():
            return local.date()
        case int() if not isinstance(newest, bool):
            seconds = int(watermark.timestamp())
            return seconds * 1000 if newest > 100_000_000_000 else seconds
        case str() if iso := _ISO.fullmatch(newest):
            if iso["time"] is None:
                return local.date().isoformat()
            instant = watermark.astimezone(UTC) if iso["utc"] else local
            return instant.strftime(f"%Y-%m-%d{iso['separator']}%H:%M:%S")
        case _:
            raise SourceFaultError(
                f"The column {column} holds no times that can be compared ({type(newest).__name__}).",
                cure="Leave `changed` out of the manifest: changes are then found by comparing content.",
            )


def _marked(value: Any) -> _Mark:
    match value:
        case datetime():
            return _Mark("datetime", value.isoformat())
        case date():
            return _Mark("date", value.isoformat())
        case Decimal():
            return _Mark("decimal", str(value))
        case UUID():
            return _Mark("uuid", str(value))
        case int() | float() | str():
            return _Mark("plain", value)
        case _:
            raise SourceFaultError(
                f"A key of the kind {type(value).__name__} cannot be put in order.",
                cure="Choose a number or a text as `key` in the manifest.",
            )


def _unmarked(mark: _Mark) -> Any:
    text = str(mark.value)
    match mark.type:
        case "datetime":
            return datetime.fromisoformat(text)
        case "date":
            return date.fromisoformat(text)
        case "decimal":
            return Decimal(text)
        case "uuid":
            return UUID(text)
        case "plain":
            return mark.value
