"""Going through a whole table in bounded memory, and through the ledger complaint by complaint."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Select

Row = tuple[Any, ...]
_BATCH: Final = 5_000


def streamed(connection: Connection, query: Select[Any]) -> Iterator[Row]:
    """The rows of a query without holding them; on PostgreSQL through a cursor of the server's."""
    if connection.dialect.name == "sqlite":  # the driver itself: half the time of SQLAlchemy's rows
        compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        cursor = connection.connection.cursor()
        try:
            cursor.execute(str(compiled))
            while rows := cursor.fetchmany(_BATCH):
                yield from rows
        finally:
            cursor.close()
        return
    for part in connection.execution_options(yield_per=_BATCH).execute(query).partitions():
        yield from (tuple(row) for row in part)


def by_complaint(connection: Connection, query: Select[Any]) -> Iterator[tuple[int, Iterator[Row]]]:
    """(complaint, its rows) of a query whose first column is the complaint, in whose order it comes.

    The rows of one are gone once the next is asked for.
    """
    return groupby(streamed(connection, query), key=itemgetter(0))
