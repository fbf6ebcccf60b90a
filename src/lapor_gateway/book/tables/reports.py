"""What reports rest on: counts by month, obstacles, figures of others, and months that were signed off."""

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

from lapor_gateway.book.tables.columns import id_column, metadata

counted_complaints = Table(
    "counted_complaints",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("region", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("counts", Text, nullable=False, comment="JSON: what it adds to which month, measure and key"),
    comment="derived from the ledger: what each complaint adds to indicator_counts",
)

indicator_counts = Table(
    "indicator_counts",
    metadata,
    Column("month", Integer, primary_key=True, autoincrement=False, comment="202603, in the region's zone"),
    Column("region", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("measure", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    comment="derived from counted_complaints, kept by adding and taking away",
)

indicator_cursor = Table(
    "indicator_cursor",
    metadata,
    Column("name", Text, primary_key=True),
    Column("basis", Text, nullable=False, comment="by which rules was counted; others begin anew"),
    Column("transaction", BigInteger, nullable=False, comment="PostgreSQL: that wrote the entry"),
    Column("entry", BigInteger, nullable=False, comment="of the ledger, the last that was counted"),
    Column(
        "place", Text, nullable=False, comment="that entry's subject and number: a copied ledger has others"
    ),
)

obstacles = Table(
    "obstacles",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="what a found one is about; a typed one's own number"),
    Column("region", Text, nullable=False),
    Column("channel", Text),
    Column("found", SmallInteger, nullable=False, comment="1: the gateway found it, 0: a person typed it"),
    Column("state", Text, nullable=False),
    Column("facts", Text, nullable=False, comment="JSON: the figures by which it was found"),
    Column("description", Text, comment="typed; of a found one empty"),
    Column("owner", Text, comment="a pseudonym"),
    Column("commitment", Text),
    Column("due_on", Text, comment="YYYY-MM-DD"),
    Column("outcome", Text),
    Column("since", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    Column("resolved_by", Text, comment="a pseudonym; NULL where its cause went away"),
    Column("times", Integer, nullable=False, comment="how often it has come"),
    UniqueConstraint("kind", "subject"),
    Index("ix_obstacles_state", "state", "region"),
)

imported_figures = Table(
    "imported_figures",
    metadata,
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("region", Text, primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("unit", Text, nullable=False, comment="percent or count"),
    Column("value", Text, nullable=False, comment="decimal, as it was given"),
    Column("as_of", Text, nullable=False, comment="YYYY-MM-DD: the day on which the source counted"),
    Column("imported_at", BigInteger, nullable=False),
    Column("imported_by", Text, nullable=False, comment="a pseudonym"),
    comment="what others (KemenPANRB) say a month was; never used in our own figures",
)

signed_reports = Table(
    "signed_reports",
    metadata,
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("report", LargeBinary, nullable=False, comment="the report as it was signed, compressed JSON"),
    Column("digest", Text, nullable=False, comment="SHA-256 of that JSON; the ledger has it, too"),
    Column("counted", LargeBinary, nullable=False, comment="what each complaint added then, compressed JSON"),
    Column("signed_at", BigInteger, nullable=False),
    Column("signed_by", Text, nullable=False, comment="a pseudonym"),
)
