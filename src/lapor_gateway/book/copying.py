"""The whole book as streams of rows: out of one snapshot, and into an empty schema, whichever database each is in.

Entries travel in the ledger's order and are numbered anew, 1, 2, 3 …: their numbers are no part of their hashes. So
the order is that of the numbers wherever a copy arrives, and leaf N of the tree is entry N + 1. Everything else
arrives as it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Connection, Table, bindparam, func, insert, select, text

from lapor_gateway.book.database import Statement
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.book.tables import ledger_entries, ledger_leaves, metadata
from lapor_gateway.book.tiles import WIDTH, packed

AT_ONCE: Final = 250  # rows; a raw record may be large
SEALS: Final = frozenset({"ledger_leaves", "ledger_nodes", "checkpoints", "cosignatures", "witnesses"})
"""The tables of the seal: a copy for training is a book of its own and begins without them."""

_NOT_A_PLACE: Final = 0
Row = tuple[Any, ...]
_ids = msgspec.msgpack.Decoder(list[int])


def tables() -> list[Table]:
    """Every table of the book, in a fixed order."""
    return sorted(metadata.tables.values(), key=lambda table: table.name)


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns that travel, in the order of a row."""
    return tuple(str(column.name) for column in table.columns if column.name != "written_in")


def rows_of(connection: Connection, table: Table) -> Iterator[list[Row]]:
    """All rows of a table, `AT_ONCE` at a time, in bounded memory; of entries in the ledger's order."""
    query = select(*(table.c[name] for name in columns_of(table)))
    if table is ledger_entries:
        in_order = [] if connection.dialect.name == "sqlite" else [table.c.written_in]
        query = query.order_by(*in_order, table.c.id)
    else:
        query = query.order_by(*table.primary_key.columns)
    found = connection.execute(query, execution_options={"yield_per": AT_ONCE})
    for part in found.partitions():
        yield [tuple(row) for row in part]


def _numbered(*, drawn: bool) -> list[Table]:
    """The tables with a number of their own for each row: drawn before the row is written, or given by the database."""
    keys = [(table, table.c["id"]) for table in tables() if "id" in table.c]
    numbered = [(table, key) for table, key in keys if isinstance(key.type, BigInteger)]
    return [table for table, key in numbered if (key.autoincrement is not True) is drawn]


def drawn_ids(connection: Connection) -> dict[str, int]:
    """The last id that each table has given away, or more."""
    if connection.dialect.name == "sqlite":
        return {str(row[0]): row[1] for row in connection.execute(text("SELECT name, last FROM sequences"))}
    query = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}_id_seq"
    return {
        str(table.name): connection.execute(text(query.format(table.name))).scalar_one()
        for table in _numbered(drawn=True)
    }


class Arrival:
    """Puts rows into an empty book, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._entries = 0

    def put(self, table: Table, parts: Iterable[Sequence[Row]]) -> int:
        """Write a table's rows, given as `rows_of` gives them; how many there were."""
        change, added = self._change_of(table)
        write = self._insert if self._is_sqlite else self._copy
        return write(table, columns_of(table) + added, ([change(row) for row in part] for part in parts))

    def finish(self, drawn: Mapping[str, int]) -> None:
        """Let ids be given on behind those that were given before the copy was made."""
        for table in _numbered(drawn=True):
            used = self._connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
            self._give_on(table.name, max(used, drawn.get(table.name, 0)))
        if not self._is_sqlite:
            for table in _numbered(drawn=False):
                name = table.name
                query = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608 - our own names
                self._connection.execute(text(f"{query} HAVING max(id) > 0"))

    def _insert(self, table: Table, names: tuple[str, ...], parts: Iterable[list[Row]]) -> int:
        statement = Statement(insert(table).values({name: bindparam(name) for name in names}), names)
        count = 0
        for rows in parts:
            statement.run(self._connection, rows)
            count += len(rows)
        return count

    def _copy(self, table: Table, names: tuple[str, ...], parts: Iterable[list[Row]]) -> int:
        """PostgreSQL's own way in for many rows, five times as fast."""
        count = 0
        quoted = ", ".join(f'"{name}"' for name in names)
        driver: Any = self._connection.connection.cursor()
        with driver as cursor, cursor.copy(f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy:
            for rows in parts:
                for row in rows:
                    copy.write_row(row)
                count += len(rows)
        return count

    def _give_on(self, name: str, last: int) -> None:
        if self._is_sqlite:
            query = text("UPDATE sequences SET last = :last WHERE name = :name")
            self._connection.execute(query, {"last": last, "name": name})
        elif last:
            self._connection.execute(text(f"SELECT setval('{name}_id_seq', :last)"), {"last": last})

    def _change_of(self, table: Table) -> tuple[Callable[[Row], Row], tuple[str, ...]]:
        names = columns_of(table)
        if table is ledger_entries:
            place = names.index("id")
            known = () if self._is_sqlite else ("written_in",)
            zero = () if self._is_sqlite else (_NOT_A_PLACE,)
            return lambda row: (*row[:place], self._next_entry(), *row[place + 1 :], *zero), known
        if table is ledger_leaves:
            return lambda row: _renumbered(dict(zip(names, row, strict=True))), ()
        if table.name == "leases":  # a fence is never given twice; whoever held it is not here
            place = names.index("holder")
            return lambda row: (*row[:place], None, *row[place + 1 :]), ()
        return lambda row: row, ()

    def _next_entry(self) -> int:
        self._entries += 1
        return self._entries


def _renumbered(leaf: dict[str, Any]) -> Row:
    """A tile of leaves whose entries are numbered by their places."""
    first = leaf["tile"] * WIDTH + 1
    count = len(_ids.decode(leaf["entries"]))
    ids = range(first, first + count)
    changed = {"entries": packed(ids), "last_written_in": _NOT_A_PLACE, "last_entry": ids[-1]}
    return tuple((leaf | changed).values())


def count_entries(connection: Connection) -> int:
    """How long the ledger is."""
    return int(connection.execute(select(func.count()).select_from(ledger_entries)).scalar_one())


def is_empty(connection: Connection) -> bool:
    """Whether no book lives in this schema."""
    return connection.execute(select(book_table.c.name).limit(1)).first() is None
