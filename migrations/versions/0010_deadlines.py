"""Deadlines by index, and which reminders of them were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "deadlines",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False, comment="key of the row of rules that it follows"),
        sa.Column("owed_by", sa.Text(), nullable=False, comment="who must act: region, national"),
        sa.Column("standing", sa.Text(), nullable=False, comment="open, paused, met, met_late, unknown"),
        sa.Column("why", sa.Text(), comment="of unknown: moment, calendar"),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger(), comment="the first moment that is too late"),
        sa.Column("soon_at", sa.BigInteger(), comment="from then on it is due soon"),
        sa.Column("today_at", sa.BigInteger(), comment="from then on it is due today"),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.Column("days_left", sa.SmallInteger(), comment="of a paused one"),
        sa.PrimaryKeyConstraint("complaint", "clock", name=op.f("pk_deadlines")),
        comment="derived from milestones, ledger, rules and calendar; computed anew when one of them changes",
    )
    _work_list("ix_deadlines_due", ["due_at", "complaint"], "standing = 'open'")
    _work_list("ix_deadlines_stopped", ["standing", "complaint"], "standing IN ('paused', 'unknown')")
    op.create_table(
        "reminders",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False, comment="due_soon, due_today, breached"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="the name of the secret that holds the address"
        ),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("complaint", "clock", "stage", "target", name=op.f("pk_reminders")),
    )
    op.create_table(
        "reminder_targets",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), comment="when a message was last taken there"),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("failure", sa.Text(), comment="why, without the address"),
        sa.PrimaryKeyConstraint("region", "target", name=op.f("pk_reminder_targets")),
    )


def downgrade() -> None:
    op.drop_table("reminder_targets")
    op.drop_table("reminders")
    op.drop_table("deadlines")


def _work_list(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "deadlines", columns, sqlite_where=condition, postgresql_where=condition)
