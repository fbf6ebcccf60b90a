"""Three-way reconciliations: what was compared, what each side could prove, and every difference."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("run", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column(
            "selection",
            sa.Text(),
            nullable=False,
            comment="JSON: channels, window, where LAPOR!'s side comes from",
        ),
        sa.Column("channels", sa.Text(), nullable=False, comment="JSON array of channel ids"),
        sa.Column("sides", sa.Text(), nullable=False, comment="JSON: what each index can prove, and why not"),
        sa.Column("counts", sa.Text(), nullable=False, comment="JSON: differences by class and state"),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=True,
            comment="of all differences; NULL until they have been compared",
        ),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_reconciliations")),
        comment="three-way reconciliations; the run's row says when it began and how it ended",
    )
    op.create_table(
        "differences",
        sa.Column("run", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="open, repaired, accepted: at the end of that run"
        ),
        sa.PrimaryKeyConstraint("run", "number", name=op.f("pk_differences")),
    )


def downgrade() -> None:
    op.drop_table("differences")
    op.drop_table("reconciliations")
