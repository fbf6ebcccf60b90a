"""People and secrets: keys, credentials, who acted, whose data were erased, what must be kept."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from lapor_gateway.book.tables.columns import BigKey, ByteOrderedText, metadata

book = Table(
    "book",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="identity, environment, epoch, wrapped keys of the book's own, the one switch",
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False, comment="under the master key"),
    Column("updated_at", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("region", Text),
    Column("channel", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

repeats = Table(
    "repeats",
    metadata,
    Column(
        "key", LargeBinary, primary_key=True, comment="keyed digest of the caller and its Idempotency-Key"
    ),
    Column("request", LargeBinary, nullable=False, comment="keyed digest of what was asked"),
    Column("status", Integer, comment="NULL while the first of them is being answered"),
    Column("media_type", Text),
    Column("body", LargeBinary, comment="under the master key"),
    Column("asked_at", BigInteger, nullable=False),
)

actors = Table(
    "actors",
    metadata,
    Column("pseudonym", Text, primary_key=True),
    Column("name", LargeBinary, nullable=False, comment="under the master key"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Index("ix_audit_subject", "subject"),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("reference", ByteOrderedText, primary_key=True, comment="keyed digest of origin and source id"),
    Column("at", BigInteger, nullable=False, comment="when a person decided the erasure"),
    Column(
        "settled", SmallInteger, nullable=False, comment="1: erased in this book, or entered without text"
    ),
    Column(
        "scrubbed_at", BigInteger, comment="when the database's files were cleaned of what was overwritten"
    ),
    comment="erased complaints, applied again to a restored book and against a re-scan of the source",
)

tombstone_digests = Table(
    "tombstone_digests",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="keyed digest of a raw record of the erased one"),
    Column("reference", ByteOrderedText, nullable=False),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("subject", ByteOrderedText, primary_key=True, comment="a complaint's reference, or channel:id"),
    Column("reason", Text, nullable=False),
    Column("held_by", Text, nullable=False, comment="a pseudonym"),
    Column("at", BigInteger, nullable=False),
    comment="what must not be erased, whatever retention rules or a reporter say",
)
