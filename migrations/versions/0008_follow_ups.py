"""Follow-ups of either side, and the moments that deadlines and indicators count from."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "number",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="1, 2, 3 … as they came to be known",
        ),
        sa.Column(
            "side", sa.Text(), nullable=False, comment="where it was written: national, region, gateway"
        ),
        sa.Column("author", sa.Text(), nullable=False, comment="institution, reporter, system, unknown"),
        sa.Column(
            "mark",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed digest by which it is known again on its side",
        ),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=False,
            comment="the follow-up, under the complaint's data key",
        ),
        sa.Column("written_at", sa.BigInteger(), comment="as its side says"),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("complaint", "number", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint("complaint", "side", "mark", name=op.f("uq_follow_ups_complaint_side_mark")),
    )
    op.create_table(
        "milestones",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger())
            for name in (
                "accepted_at",
                "verified_at",
                "forwarded_at",
                "first_follow_up_at",
                "last_follow_up_at",
                "replied_at",
                "closed_at",
            )
        ),
        sa.Column("rating", sa.SmallInteger()),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_milestones")),
        comment="derived from the ledger, never typed; a complaint has a row from the moment it is accepted",
    )
    op.create_index("ix_milestones_region", "milestones", ["region", "reported_at"])


def downgrade() -> None:
    op.drop_table("milestones")
    op.drop_table("follow_ups")
