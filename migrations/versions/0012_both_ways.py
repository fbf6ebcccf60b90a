"""Both ways: who is looked at when, what waits to be delivered, and what LAPOR! has for a region."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

DRAWN = ("parcels", "inbox")
OPEN = sa.text("state IN ('waiting', 'sending', 'ambiguous')")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _follow()
    _refresh()
    _deliver()
    for name in DRAWN:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"INSERT INTO sequences (name, last) VALUES ('{name}', 0)")
        else:
            op.execute(f"CREATE SEQUENCE {name}_id_seq AS bigint")


def _follow() -> None:
    op.create_table(
        "followers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("passed_in", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="of that entry; finds it again where a copy has numbered it anew",
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_followers")),
        comment="how far the ledger has been followed, in its own order",
    )
    op.create_table(
        "answer_cursors",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "behind", sa.Text(), nullable=False, comment="JSON: the last key of the answers' own query"
        ),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_answer_cursors")),
    )


def _refresh() -> None:
    op.create_table(
        "watched",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column(
            "is_closed",
            sa.SmallInteger(),
            nullable=False,
            comment="closed at LAPOR!; looked at seldom, then no more",
        ),
        sa.Column(
            "looked_at", sa.BigInteger(), nullable=False, comment="last try; at first when LAPOR! took it"
        ),
        sa.Column("checked_at", sa.BigInteger(), comment="last answer that could be trusted"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("next_check_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "failures", sa.Integer(), nullable=False, comment="looks in a row without an answer to trust"
        ),
        sa.Column("disposition", sa.Text(), comment="institution in charge, as LAPOR! last named it"),
        sa.PrimaryKeyConstraint("complaint", name=op.f("pk_watched")),
        comment="the complaints at LAPOR! whose status and follow-ups come back",
    )
    op.create_index("ix_watched_oldest", "watched", ["account", "is_closed", "looked_at"])
    op.create_index("ix_watched_due", "watched", ["account", "is_closed", "next_check_at"])
    op.create_table(
        "refreshes",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column(
            "tokens", sa.BigInteger(), nullable=False, comment="thousandths of requests left at filled_at"
        ),
        sa.Column("filled_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "cost",
            sa.Integer(),
            nullable=False,
            comment="thousandths of requests that one look takes, as of late",
        ),
        sa.Column("list_at", sa.BigInteger(), nullable=False, comment="when the listing is read next"),
        sa.Column(
            "list_page",
            sa.Integer(),
            nullable=False,
            comment="pages of it that were read; it is gone on with behind them",
        ),
        sa.Column("round_at", sa.BigInteger()),
        sa.Column("trouble", sa.Text(), comment="why the last round stopped early"),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_refreshes")),
    )


def _deliver() -> None:
    op.create_table(
        "parcels",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False, comment="region, national"),
        sa.Column("target", sa.Text(), nullable=False, comment="channel of the region, or account at LAPOR!"),
        sa.Column("subject", sa.Text(), nullable=False, comment="the complaint's reference; inbox:<id>"),
        sa.Column("complaint", sa.BigInteger()),
        sa.Column("kind", sa.Text(), nullable=False, comment="accepted, status, follow_up, hand_over, new"),
        sa.Column("follow_up", sa.Integer(), comment="which of the complaint's follow-ups"),
        sa.Column(
            "word",
            sa.Text(),
            comment="the number, the status word or the hand-over, as it was when this was posted",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("fence", sa.BigInteger()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("times_out_at", sa.BigInteger()),
        sa.Column("first_absent_at", sa.BigInteger()),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcels")),
        comment="one thing on its way to a region's application or to LAPOR!; in order for each subject",
    )
    op.create_index("ix_parcels_subject", "parcels", ["subject", "id"])
    op.create_index("ix_parcels_complaint", "parcels", ["complaint"])
    op.create_index(
        "ix_parcels_open",
        "parcels",
        ["direction", "target", "next_attempt_at", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "echoes",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("complaint", "side", "mark", name=op.f("pk_echoes")),
        comment="what a side shows that we wrote there ourselves",
    )
    op.create_table(
        "inbox",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("tracking_id", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), comment="NULL where several regions share the account"),
        sa.Column(
            "content", sa.LargeBinary(), nullable=False, comment="title and text, under the master key"
        ),
        sa.Column("word", sa.Text()),
        sa.Column("filed_at", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="new, delivered, recognised"),
        sa.Column("channel", sa.Text(), comment="where it was delivered"),
        sa.Column("regional_id", sa.Text(), comment="the id that the region's answer gave it"),
        sa.Column("complaint", sa.BigInteger(), comment="what it is in the book, once the region lists it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("account", "tracking_id", name=op.f("uq_inbox_account_tracking_id")),
        comment="complaints filed at LAPOR! itself, for a region's officers",
    )


def downgrade() -> None:
    for name in ("inbox", "echoes", "parcels", "refreshes", "watched", "answer_cursors", "followers"):
        op.drop_table(name)
    for name in DRAWN:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DELETE FROM sequences WHERE name = '{name}'")
        else:
            op.execute(f"DROP SEQUENCE {name}_id_seq")
