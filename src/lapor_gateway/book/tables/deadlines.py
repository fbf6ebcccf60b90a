"""Deadlines of accepted complaints, and which reminders of them have reached whom."""

from sqlalchemy import BigInteger, Column, SmallInteger, Table, Text

from lapor_gateway.book.tables.columns import metadata, work_list

deadlines = Table(
    "deadlines",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("clock", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("rule", Text, nullable=False, comment="key of the row of rules that it follows"),
    Column("owed_by", Text, nullable=False, comment="who must act: region, national"),
    Column("standing", Text, nullable=False, comment="open, paused, met, met_late, unknown"),
    Column("why", Text, comment="of unknown: moment, calendar"),
    Column("started_at", BigInteger),
    Column("due_at", BigInteger, comment="the first moment that is too late"),
    Column("soon_at", BigInteger, comment="from then on it is due soon"),
    Column("today_at", BigInteger, comment="from then on it is due today"),
    Column("stopped_at", BigInteger),
    Column("days_left", SmallInteger, comment="of a paused one"),
    comment="derived from milestones, ledger, rules and calendar; computed anew when one of them changes",
)
_d = deadlines.c
work_list("ix_deadlines_due", "standing = 'open'", _d.due_at, _d.complaint)
work_list("ix_deadlines_stopped", "standing IN ('paused', 'unknown')", _d.standing, _d.complaint)

reminders = Table(
    "reminders",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("clock", Text, primary_key=True),
    Column("stage", Text, primary_key=True, comment="due_soon, due_today, breached"),
    Column("target", Text, primary_key=True, comment="the name of the secret that holds the address"),
    Column("sent_at", BigInteger, nullable=False),
)

reminder_targets = Table(
    "reminder_targets",
    metadata,
    Column("region", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("tried_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger, comment="when a message was last taken there"),
    Column("failing_since", BigInteger),
    Column("failure", Text, comment="why, without the address"),
)
