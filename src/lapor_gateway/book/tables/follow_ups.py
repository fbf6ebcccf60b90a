"""What travels both ways: follow-ups of either side, and the moments that deadlines and indicators count from."""

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
)

from lapor_gateway.book.tables.columns import metadata

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "number", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 … as they came to be known"
    ),
    Column("side", Text, nullable=False, comment="where it was written: national, region, gateway"),
    Column("author", Text, nullable=False, comment="institution, reporter, system, unknown"),
    Column(
        "mark", LargeBinary, nullable=False, comment="keyed digest by which it is known again on its side"
    ),
    Column("content", LargeBinary, nullable=False, comment="the follow-up, under the complaint's data key"),
    Column("written_at", BigInteger, comment="as its side says"),
    Column("seen_at", BigInteger, nullable=False),
    UniqueConstraint("complaint", "side", "mark"),
)

milestones = Table(
    "milestones",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("region", Text, nullable=False),
    Column("reported_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger),
    Column("verified_at", BigInteger),
    Column("forwarded_at", BigInteger),
    Column("first_follow_up_at", BigInteger),
    Column("last_follow_up_at", BigInteger),
    Column("replied_at", BigInteger),
    Column("closed_at", BigInteger),
    Column("rating", SmallInteger),
    Index("ix_milestones_region", "region", "reported_at"),
    comment="derived from the ledger, never typed; a complaint has a row from the moment it is accepted",
)
