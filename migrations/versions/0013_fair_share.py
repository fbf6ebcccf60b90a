"""What is ready by account and region: a region's backlog does not stand before another's complaint of today."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _make(columns: list[str]) -> None:
    op.drop_index("ix_complaints_ready", "complaints")
    op.create_index(
        "ix_complaints_ready",
        "complaints",
        columns,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )


def upgrade() -> None:
    _make(["account", "region", "next_attempt_at", "id"])


def downgrade() -> None:
    _make(["account", "next_attempt_at", "id"])
