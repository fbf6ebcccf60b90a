"""Master lists of LAPOR! as they were last fetched, and the files that go along with complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "masters",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False, comment="its id at LAPOR!; a template's code"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="a template's text"),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "changed_at", sa.BigInteger(), nullable=False, comment="when its name or text last changed"
        ),
        sa.Column("gone_at", sa.BigInteger(), comment="when a whole list no longer showed it"),
        sa.PrimaryKeyConstraint("account", "kind", "id", name=op.f("pk_masters")),
        comment="rows of LAPOR!'s master lists; never deleted, since history names them",
    )
    op.create_table(
        "master_lists",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), comment="when it was last read to its end"),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.Text(), comment="why the last try failed"),
        sa.PrimaryKeyConstraint("account", "kind", name=op.f("pk_master_lists")),
        comment="how old each master list is",
    )
    op.create_table(
        "attachments",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "mark", sa.LargeBinary(), nullable=False, comment="keyed digest of its address at the source"
        ),
        sa.Column(
            "source",
            sa.LargeBinary(),
            nullable=False,
            comment="address and name at the source, under the complaint's data key; empty once erased",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, kept, uploaded, failed, erased"),
        sa.Column("reason", sa.Text(), comment="the rule that it broke, or what the last try met"),
        sa.Column("media_type", sa.Text(), comment="by its content"),
        sa.Column("size", sa.BigInteger(), comment="bytes, cleaned"),
        sa.Column("digest", sa.Text(), comment="of the cleaned content, keyed by the complaint's data key"),
        sa.Column("blob", sa.Text(), comment="its name in the file store, where it lies under the data key"),
        sa.Column("national_id", sa.Text(), comment="its id at LAPOR! after the upload"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False, comment="when it was first wanted"),
        sa.PrimaryKeyConstraint("complaint", "number", name=op.f("pk_attachments")),
        sa.UniqueConstraint("complaint", "mark", name=op.f("uq_attachments_complaint_mark")),
    )
    op.create_index(
        "ix_attachments_work",
        "attachments",
        ["next_try_at"],
        sqlite_where=sa.text("state IN ('waiting', 'kept')"),
        postgresql_where=sa.text("state IN ('waiting', 'kept')"),
    )


def downgrade() -> None:
    op.drop_table("attachments")
    op.drop_table("master_lists")
    op.drop_table("masters")
