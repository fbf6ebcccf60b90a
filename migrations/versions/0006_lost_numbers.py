"""Numbers at LAPOR! of complaints that a restored book does not know yet."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BYTE_ORDERED_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "lost_numbers",
        sa.Column("reference", BYTE_ORDERED_TEXT, nullable=False),
        sa.Column("tracking_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_lost_numbers")),
        comment="seen at LAPOR! under our line during a recovery, and not known here then",
    )


def downgrade() -> None:
    op.drop_table("lost_numbers")
