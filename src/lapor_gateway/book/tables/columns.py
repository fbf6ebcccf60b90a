"""What all tables share: names of constraints, keys, text in byte order, partial indexes."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Text, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigKey: Final = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite makes only INTEGER PRIMARY KEY the row id itself."""

ByteOrderedText: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text whose order is the same on both databases and in Python for ASCII: what streams are merged on."""


def id_column() -> Column[int]:
    """An id that `Book.ids` gives."""
    return Column("id", BigKey, primary_key=True, autoincrement=False)


def work_list(name: str, where: str, *columns: Column[object], unique: bool = False) -> None:
    """A partial index, on both databases."""
    Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
