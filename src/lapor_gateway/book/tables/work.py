"""Work: channels, accounts, leases, runs, what they found and counted, what was delivered."""

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

from lapor_gateway.book.tables.columns import BigKey, id_column, metadata

channels = Table(
    "channels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("paused_at", BigInteger),
    Column("pause_reason", Text),
    Column("push_from", BigInteger),
    Column("live_since", BigInteger),
    Column("approved_by", Text),
    Column("canary_left", Integer, comment="NULL: no canary, all go out"),
    Column("cursor", Text),
    Column("watermark", BigInteger),
    Column("pass_started_at", BigInteger),
    Column("health", Text, nullable=False),
    Column("health_detail", Text),
    Column("credential_print", LargeBinary, comment="keyed digest of the credential that failed"),
    Column("last_success_at", BigInteger),
    Column("manifest_digest", Text),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("paused_at", BigInteger),
    Column("pause_reason", Text),
    Column("credential_print", LargeBinary),
    Column("not_before", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("open_until", BigInteger, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("holder", Text),
    Column("renewed_at", BigInteger, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("counts", Text, nullable=False),
    Column("error", Text),
    Index("ix_runs_subject", "subject", "id"),
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("run", BigKey, primary_key=True, autoincrement=False),
    Column(
        "selection", Text, nullable=False, comment="JSON: channels, window, where LAPOR!'s side comes from"
    ),
    Column("channels", Text, nullable=False, comment="JSON array of channel ids"),
    Column("sides", Text, nullable=False, comment="JSON: what each index can prove, and why not"),
    Column("counts", Text, nullable=False, comment="JSON: differences by class and state"),
    Column("digest", Text, comment="of all differences; NULL until they have been compared"),
    comment="three-way reconciliations; the run's row says when it began and how it ended",
)

differences = Table(
    "differences",
    metadata,
    Column("run", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("against", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("state", Text, nullable=False, comment="open, repaired, accepted: at the end of that run"),
)

findings = Table(
    "findings",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("facts", Text, nullable=False),
    UniqueConstraint("kind", "subject"),
)

counts = Table(
    "counts",
    metadata,
    Column("origin", Text, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("agrees", SmallInteger, nullable=False),
    Column("counted_at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    comment="the balance's last counts: source, ledger, national, book",
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("message_id", Text, primary_key=True),
    Column("body_digest", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("source_ids", Text, nullable=False, comment="JSON array of the ids it brought"),
    Column("refused", Text, comment="why it was not believed; NULL for a good one"),
    Column("body", LargeBinary, comment="of a refused one only, under the master key"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("day", Text, primary_key=True, comment="YYYY-MM-DD in the region's zone"),
    Column("source_ids", Text, nullable=False, comment="JSON array of the ids the sender counted"),
    Column("missing", Integer, nullable=False, comment="how many of them the book lacked when last compared"),
    Column("posted_at", BigInteger, nullable=False),
    comment="what senders of webhooks say they sent, a day each",
)
