"""The seal: the ledger's tree, signed checkpoints, and what each witness has taken."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

APPEND_ONLY_SQLITE = """
CREATE TRIGGER checkpoints_no_{verb} BEFORE {verb} ON checkpoints
BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END
"""
APPEND_ONLY_POSTGRESQL = """
CREATE TRIGGER checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
"""


def upgrade() -> None:
    op.create_table(
        "ledger_leaves",
        sa.Column("tile", sa.BigInteger(), autoincrement=False, nullable=False, comment="256 leaves each"),
        sa.Column(
            "entries", sa.LargeBinary(), nullable=False, comment="ids in the tree's order, as differences"
        ),
        sa.Column(
            "prints", sa.LargeBinary(), nullable=False, comment="4 bytes of each leaf's hash: names a bad one"
        ),
        sa.Column("last_written_in", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tile", name=op.f("pk_ledger_leaves")),
    )
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("tile", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "hashes",
            sa.LargeBinary(),
            nullable=False,
            comment="of up to 256 complete tiles of the level below",
        ),
        sa.PrimaryKeyConstraint("level", "tile", name=op.f("pk_ledger_nodes")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="signed; append-only by trigger"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "cosignatures",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "witness", name=op.f("pk_cosignatures")),
    )
    op.create_table(
        "witnesses",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=False,
            comment="of the newest it has taken; 0 for none",
        ),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True, comment="why the last try failed"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_witnesses")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(APPEND_ONLY_SQLITE.format(verb=verb))
        return
    op.execute(APPEND_ONLY_POSTGRESQL)
    # Block ranges: some bytes a hundred pages, written by the vacuum. The table grows in the order of transactions.
    op.execute("CREATE INDEX ix_ledger_entries_written_in ON ledger_entries USING brin (written_in)")


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_ledger_entries_written_in")
    for name in ("witnesses", "cosignatures", "checkpoints", "ledger_nodes", "ledger_leaves"):
        op.drop_table(name)
