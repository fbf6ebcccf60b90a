"""Indicators, obstacles, figures of others, and months that were signed off."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "counted_complaints",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "counts", sa.Text(), nullable=False, comment="JSON: what it adds to which month, measure and key"
        ),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_counted_complaints")),
        comment="derived from the ledger: what each complaint adds to indicator_counts",
    )
    op.create_table(
        "imported_figures",
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False, comment="percent or count"),
        sa.Column("value", sa.Text(), nullable=False, comment="decimal, as it was given"),
        sa.Column(
            "as_of", sa.Text(), nullable=False, comment="YYYY-MM-DD: the day on which the source counted"
        ),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False, comment="a pseudonym"),
        sa.PrimaryKeyConstraint("month", "region", "indicator", "source", name=op.f("pk_imported_figures")),
        comment="what others (KemenPANRB) say a month was; never used in our own figures",
    )
    op.create_table(
        "indicator_counts",
        sa.Column(
            "month", sa.Integer(), autoincrement=False, nullable=False, comment="202603, in the region's zone"
        ),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "region", "channel", "measure", "key", name=op.f("pk_indicator_counts")
        ),
        comment="derived from counted_complaints, kept by adding and taking away",
    )
    op.create_table(
        "indicator_cursor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "basis", sa.Text(), nullable=False, comment="by which rules was counted; others begin anew"
        ),
        sa.Column("transaction", sa.BigInteger(), nullable=False, comment="PostgreSQL: that wrote the entry"),
        sa.Column(
            "entry", sa.BigInteger(), nullable=False, comment="of the ledger, the last that was counted"
        ),
        sa.Column(
            "place",
            sa.Text(),
            nullable=False,
            comment="that entry's subject and number: a copied ledger has others",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_indicator_cursor")),
    )
    op.create_table(
        "obstacles",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="what a found one is about; a typed one's own number",
        ),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column(
            "found",
            sa.SmallInteger(),
            nullable=False,
            comment="1: the gateway found it, 0: a person typed it",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON: the figures by which it was found"),
        sa.Column("description", sa.Text(), nullable=True, comment="typed; of a found one empty"),
        sa.Column("owner", sa.Text(), nullable=True, comment="a pseudonym"),
        sa.Column("commitment", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Text(), nullable=True, comment="YYYY-MM-DD"),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "resolved_by", sa.Text(), nullable=True, comment="a pseudonym; NULL where its cause went away"
        ),
        sa.Column("times", sa.Integer(), nullable=False, comment="how often it has come"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacles")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_obstacles_kind_subject")),
    )
    op.create_index("ix_obstacles_state", "obstacles", ["state", "region"], unique=False)
    op.create_table(
        "signed_reports",
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "report", sa.LargeBinary(), nullable=False, comment="the report as it was signed, compressed JSON"
        ),
        sa.Column(
            "digest", sa.Text(), nullable=False, comment="SHA-256 of that JSON; the ledger has it, too"
        ),
        sa.Column(
            "counted",
            sa.LargeBinary(),
            nullable=False,
            comment="what each complaint added then, compressed JSON",
        ),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False, comment="a pseudonym"),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_signed_reports")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO sequences (name, last) VALUES ('obstacles', 0)")
    else:
        op.execute("CREATE SEQUENCE obstacles_id_seq AS bigint")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sequences WHERE name = 'obstacles'")
    else:
        op.execute("DROP SEQUENCE obstacles_id_seq")
    for name in (
        "signed_reports",
        "obstacles",
        "indicator_cursor",
        "indicator_counts",
        "imported_figures",
        "counted_complaints",
    ):
        op.drop_table(name)
