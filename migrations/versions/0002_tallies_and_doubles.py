"""Tallies, a sender's own count and ids of a day; doubles, the relation between two accepted complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False, comment="YYYY-MM-DD in the region's zone"),
        sa.Column(
            "source_ids", sa.Text(), nullable=False, comment="JSON array of the ids the sender counted"
        ),
        sa.Column(
            "missing",
            sa.Integer(),
            nullable=False,
            comment="how many of them the book lacked when last compared",
        ),
        sa.Column("posted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "day", name=op.f("pk_tallies")),
        comment="what senders of webhooks say they sent, a day each",
    )
    op.create_table(
        "doubles",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_doubles")),
        comment="accepted complaints that a person found to be the same report; each keeps its state and number",
    )
    linked = sa.text("linked_to IS NOT NULL")
    op.create_index(
        "ix_complaints_linked", "complaints", ["linked_to"], sqlite_where=linked, postgresql_where=linked
    )


def downgrade() -> None:
    op.drop_index("ix_complaints_linked", table_name="complaints")
    op.drop_table("doubles")
    op.drop_table("tallies")
