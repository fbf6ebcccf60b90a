"""Erasure and holds: tombstones of erased complaints, and what must not be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BYTE_ORDERED_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_index("ix_audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "tombstones",
        sa.Column(
            "reference", BYTE_ORDERED_TEXT, nullable=False, comment="keyed digest of origin and source id"
        ),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="when a person decided the erasure"),
        sa.Column(
            "settled",
            sa.SmallInteger(),
            nullable=False,
            comment="1: erased in this book, or entered without text",
        ),
        sa.Column(
            "scrubbed_at",
            sa.BigInteger(),
            nullable=True,
            comment="when the database's files were cleaned of what was overwritten",
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_tombstones")),
        comment="erased complaints, applied again to a restored book and against a re-scan of the source",
    )
    op.create_table(
        "tombstone_digests",
        sa.Column(
            "digest",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed digest of a raw record of the erased one",
        ),
        sa.Column("reference", BYTE_ORDERED_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tombstone_digests")),
    )
    op.create_table(
        "legal_holds",
        sa.Column(
            "subject", BYTE_ORDERED_TEXT, nullable=False, comment="a complaint's reference, or channel:id"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False, comment="a pseudonym"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_legal_holds")),
        comment="what must not be erased, whatever retention rules or a reporter say",
    )


def downgrade() -> None:
    op.drop_table("legal_holds")
    op.drop_table("tombstone_digests")
    op.drop_table("tombstones")
    op.drop_index("ix_audit_subject", table_name="audit")
