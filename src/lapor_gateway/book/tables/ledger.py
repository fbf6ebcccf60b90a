"""The ledger's entries, its tree, its signed checkpoints and who has witnessed them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from lapor_gateway.book.tables.columns import BigKey, metadata

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column(
        "subject", Text, nullable=False, comment="a complaint's reference, or kind:name of something else"
    ),
    Column("complaint", BigInteger, comment="whom it is about, where that is a complaint"),
    Column("seq", Integer, nullable=False),
    Column("encoding", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("facts", Text, nullable=False, comment="canonical JSON, hashed as it stands"),
    Column("previous", LargeBinary, nullable=False),
    Column("written_in", BigInteger, comment="PostgreSQL: the writing transaction, for an ordered feed"),
    # By complaint, not by its reference: references are random, and every entry would dirty a page of its own.
    UniqueConstraint("complaint", "seq"),
    Index(
        "uq_ledger_entries_subject_seq",
        "subject",
        "seq",
        unique=True,
        sqlite_where=text("complaint IS NULL"),
        postgresql_where=text("complaint IS NULL"),
    ),
)

Index("ix_ledger_entries_written_in", ledger_entries.c.written_in, postgresql_using="brin").ddl_if(
    dialect="postgresql"
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    comment="last entry of every subject that is no complaint",
)

ledger_leaves = Table(
    "ledger_leaves",
    metadata,
    Column("tile", BigInteger, primary_key=True, autoincrement=False, comment="256 leaves each"),
    Column("entries", LargeBinary, nullable=False, comment="ids in the tree's order, as differences"),
    Column("prints", LargeBinary, nullable=False, comment="4 bytes of each leaf's hash: names a bad one"),
    Column("last_written_in", BigInteger, nullable=False),
    Column("last_entry", BigInteger, nullable=False),
)

ledger_nodes = Table(
    "ledger_nodes",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("tile", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False, comment="of up to 256 complete tiles of the level below"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False, comment="signed; append-only by trigger"),
)

cosignatures = Table(
    "cosignatures",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", Text, primary_key=True),
    Column("line", Text, nullable=False),
)

witnesses = Table(
    "witnesses",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="of the newest it has taken; 0 for none"),
    Column("taken_at", BigInteger),
    Column("trouble", Text, comment="why the last try failed"),
)
