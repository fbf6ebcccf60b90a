"""The archive: which complaints' raw records and versions stand in the file of a closed year."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "archived",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "entry",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="number, in the complaint's own chain, of the ledger's entry that says what left",
        ),
        sa.Column("year", sa.SmallInteger(), nullable=False, comment="names the file they stand in"),
        sa.Column("pieces", sa.Integer(), nullable=False, comment="raw records and versions that left"),
        sa.PrimaryKeyConstraint("complaint", "entry", name=op.f("pk_archived")),
        comment="what of a complaint was moved out of the working tables; the ledger has the digest",
    )


def downgrade() -> None:
    op.drop_table("archived")
