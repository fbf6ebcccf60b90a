"""What travels both ways: who is looked at when, what waits to be delivered, what LAPOR! has for a region."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from lapor_gateway.book.tables.columns import id_column, metadata, work_list

followers = Table(
    "followers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("passed_in", BigInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column(
        "subject",
        Text,
        nullable=False,
        comment="of that entry; finds it again where a copy has numbered it anew",
    ),
    Column("seq", Integer, nullable=False),
    comment="how far the ledger has been followed, in its own order",
)

watched = Table(
    "watched",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column(
        "is_closed", SmallInteger, nullable=False, comment="closed at LAPOR!; looked at seldom, then no more"
    ),
    Column("looked_at", BigInteger, nullable=False, comment="last try; at first when LAPOR! took it"),
    Column("checked_at", BigInteger, comment="last answer that could be trusted"),
    Column("changed_at", BigInteger, nullable=False),
    Column("next_check_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False, comment="looks in a row without an answer to trust"),
    Column("disposition", Text, comment="institution in charge, as LAPOR! last named it"),
    Index("ix_watched_oldest", "account", "is_closed", "looked_at"),
    Index("ix_watched_due", "account", "is_closed", "next_check_at"),
    comment="the complaints at LAPOR! whose status and follow-ups come back",
)

refreshes = Table(
    "refreshes",
    metadata,
    Column("account", Text, primary_key=True),
    Column("tokens", BigInteger, nullable=False, comment="thousandths of requests left at filled_at"),
    Column("filled_at", BigInteger, nullable=False),
    Column(
        "cost", Integer, nullable=False, comment="thousandths of requests that one look takes, as of late"
    ),
    Column("list_at", BigInteger, nullable=False, comment="when the listing is read next"),
    Column(
        "list_page",
        Integer,
        nullable=False,
        comment="pages of it that were read; it is gone on with behind them",
    ),
    Column("round_at", BigInteger),
    Column("trouble", Text, comment="why the last round stopped early"),
)

parcels = Table(
    "parcels",
    metadata,
    id_column(),
    Column("direction", Text, nullable=False, comment="region, national"),
    Column("target", Text, nullable=False, comment="channel of the region, or account at LAPOR!"),
    Column("subject", Text, nullable=False, comment="the complaint's reference; inbox:<id>"),
    Column("complaint", BigInteger),
    Column("kind", Text, nullable=False, comment="accepted, status, follow_up, hand_over, new"),
    Column("follow_up", Integer, comment="which of the complaint's follow-ups"),
    Column(
        "word", Text, comment="the number, the status word or the hand-over, as it was when this was posted"
    ),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("reason", Text),
    Column("fence", BigInteger),
    Column("sent_at", BigInteger),
    Column("times_out_at", BigInteger),
    Column("first_absent_at", BigInteger),
    Column("made_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index("ix_parcels_subject", "subject", "id"),
    Index("ix_parcels_complaint", "complaint"),
    comment="one thing on its way to a region's application or to LAPOR!; in order for each subject",
)
_p = parcels.c
OPEN_PARCELS = "state IN ('waiting', 'sending', 'ambiguous')"
work_list("ix_parcels_open", OPEN_PARCELS, _p.direction, _p.target, _p.next_attempt_at, _p.id)

echoes = Table(
    "echoes",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("side", Text, primary_key=True),
    Column("mark", LargeBinary, primary_key=True),
    comment="what a side shows that we wrote there ourselves",
)

answer_cursors = Table(
    "answer_cursors",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("behind", Text, nullable=False, comment="JSON: the last key of the answers' own query"),
)

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    Column("account", Text, nullable=False),
    Column("tracking_id", Text, nullable=False),
    Column("region", Text, comment="NULL where several regions share the account"),
    Column("content", LargeBinary, nullable=False, comment="title and text, under the master key"),
    Column("word", Text),
    Column("filed_at", BigInteger),
    Column("seen_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False, comment="new, delivered, recognised"),
    Column("channel", Text, comment="where it was delivered"),
    Column("regional_id", Text, comment="the id that the region's answer gave it"),
    Column("complaint", BigInteger, comment="what it is in the book, once the region lists it"),
    UniqueConstraint("account", "tracking_id"),
    comment="complaints filed at LAPOR! itself, for a region's officers",
)
