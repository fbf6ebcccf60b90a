"""What a region's officers have answered: out of the records themselves, or by a second query."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import jmespath
import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from lapor_gateway.domain.dates import UnreadableDateError, date_reader
from lapor_gateway.domain.follow_up import Author, FollowUp
from lapor_gateway.domain.text import clean, plain_text
from lapor_gateway.errors import SourceFaultError
from lapor_gateway.sources.settings import SqlSettings, secret_name
from lapor_gateway.sources.sql_rows import records
from lapor_gateway.sources.sql_session import in_words
from lapor_gateway.sources.write_back_settings import AnswersTable

_LONGEST_ID: Final = 200
_PAGE: Final = 500


class AnswersReader:
    """Reads answers as a manifest says where they are; an answer without a text is none."""

    def __init__(self, table: AnswersTable, zone: ZoneInfo) -> None:
        self._table = table
        self._records = None if table.records is None else jmespath.compile(table.records)
        self._text = None if table.text is None else jmespath.compile(table.text)
        self._at = None if table.at is None else jmespath.compile(table.at)
        self._id = None if table.id is None else jmespath.compile(table.id)
        self._date = date_reader(table.date, zone)

    def read(self, record: Any) -> list[FollowUp]:
        """The answers in a record, in its own order."""
        if self._table.query is not None or self._text is None:
            return []
        found = record if self._records is None else self._records.search(record)
        answers = found if isinstance(found, list) else [found]
        return [one for answer in answers if (one := self.answer(answer)) is not None]

    def answer(self, value: Any) -> FollowUp | None:
        """One answer; None where there is no text."""
        text = self._text.search(value) if self._text and isinstance(value, dict) else None
        if not isinstance(text, str):
            return None
        plain, _ = clean(plain_text(text) if self._table.html else text)
        if not plain:
            return None
        return FollowUp(
            Author.INSTITUTION, plain, written_at=self._moment(value), own_id=self._identifier(value)
        )

    def _moment(self, value: Any) -> datetime | None:
        try:
            return self._date(self._at.search(value)) if self._at else None
        except UnreadableDateError:  # when is a detail; what was answered is not
            return None

    def _identifier(self, value: Any) -> str | None:
        found = self._id.search(value) if self._id else None
        is_id = isinstance(found, str | int) and not isinstance(found, bool)
        return str(found)[:_LONGEST_ID] if is_id else None


class AnswersPage(msgspec.Struct, frozen=True):
    """(source id, answer) pairs in the order of their key; `behind` is the last key, None where nothing was read."""

    answers: tuple[tuple[str, FollowUp], ...]
    behind: int | str | None
    more: bool


class SqlAnswers:
    """The answers of a database by a query of their own, read-only, behind the last key that was read."""

    def __init__(self, table: AnswersTable, settings: SqlSettings, engine: Engine, zone: ZoneInfo) -> None:
        self._table = table
        self._settings = settings
        self._engine = engine
        self._reader = AnswersReader(table, zone)
        quote = engine.dialect.identifier_preparer.quote
        key = f"q.{quote(table.key or '')}"
        query = (table.query or "").replace(":", r"\:")
        source = f"SELECT * FROM ({query}\n) AS q"  # noqa: S608 - the manifest's own query, names quoted
        self._newest = f"SELECT max({key}) FROM ({query}\n) AS q"  # noqa: S608 - the same
        self._first = f"{source} WHERE {key} <= :until ORDER BY {key} LIMIT :limit"
        self._behind = f"{source} WHERE {key} > :key AND {key} <= :until ORDER BY {key} LIMIT :limit"

    async def newest(self) -> int | str | None:
        """The last key there is now; None where there is no answer. Raises as `read` does.

        Asked before the records are read: an answer up to there is to a complaint that they will show.
        """
        _, rows = await self._asked(self._newest, {})
        return self._as_key(rows[0][0])

    async def read(self, behind: int | str | None, until: int | str) -> AnswersPage:
        """The next answers up to the key `until`. Raises `OutOfReachError`, `CredentialError`, `SourceFaultError`."""
        query, values = (self._first, {}) if behind is None else (self._behind, {"key": behind})
        columns, rows = await self._asked(query, {**values, "until": until, "limit": _PAGE})
        return self._page(columns, rows)

    async def close(self) -> None:
        await asyncio.to_thread(self._engine.dispose)

    async def _asked(
        self, query: str, values: Mapping[str, Any]
    ) -> tuple[list[str], Sequence[tuple[Any, ...]]]:
        try:
            return await asyncio.to_thread(self._look, query, values)
        except DBAPIError as error:
            references = (self._settings.url, self._settings.password or "")
            names = tuple(name for reference in references if (name := secret_name(reference)))
            raise in_words(error, self._engine.url, names) from None

    def _look(self, query: str, values: Mapping[str, Any]) -> tuple[list[str], Sequence[tuple[Any, ...]]]:
        with self._engine.connect() as connection:
            result = connection.execute(sa.text(query), values)
            return list(result.keys()), [tuple(row) for row in result.all()]

    def _page(self, columns: list[str], rows: Sequence[tuple[Any, ...]]) -> AnswersPage:
        key, source_id = self._table.key or "", self._table.source_id or ""
        missing = [name for name in (key, source_id) if name not in columns]
        if missing:
            raise SourceFaultError(
                f"The query of the answers gives no column {' and '.join(missing)}; it gives {', '.join(columns)}.",
                cure="Mend `answers.key` or `answers.source_id` in the manifest, or the query.",
            )
        found: list[tuple[str, FollowUp]] = []
        for record in records(columns, rows):
            answer = self._reader.answer(record.value)
            if answer is not None and record.value[source_id] is not None:
                named = (
                    answer
                    if answer.own_id
                    else msgspec.structs.replace(answer, own_id=str(record.value[key]))
                )
                found.append((str(record.value[source_id]), named))
        last = self._as_key(rows[-1][columns.index(key)]) if rows else None
        return AnswersPage(tuple(found), last, len(rows) == _PAGE)

    def _as_key(self, value: Any) -> int | str | None:
        if value is not None and not isinstance(value, int | str):
            raise SourceFaultError(
                f"The answers' key {self._table.key} is neither a number nor a text.",
                cure="Choose another `answers.key`.",
            )
        return value
