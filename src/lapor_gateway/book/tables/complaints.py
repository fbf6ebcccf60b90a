"""Complaints: what stands, what was said, how it was read, what was sent; and where the bulk of old ones lies."""

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
    text,
)

from lapor_gateway.book.tables.columns import ByteOrderedText, id_column, metadata, work_list

complaints = Table(
    "complaints",
    metadata,
    id_column(),
    Column("reference", ByteOrderedText, nullable=False),
    Column("origin", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("waiting_for", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("tracking_id", Text),
    Column("linked_to", BigInteger),
    Column("kind", Text),
    Column("category", Text),
    Column("title", Text),
    Column("body", Text, comment="redacted; empty for a secret report"),
    Column("visibility", Text),
    Column("national_status", Text),
    Column("national_word", Text),
    Column("regional_status", Text),
    Column("regional_word", Text),
    Column("national_number", Text, comment="tracking id the source claims"),
    Column("reporter_index", LargeBinary, comment="blind index, keyed per region"),
    Column("source_created_at", BigInteger),
    Column("source_updated_at", BigInteger),
    Column("received_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("accepted_at", BigInteger),
    Column("disappeared_at", BigInteger),
    Column("current_version", Integer, nullable=False),
    Column("last_version", Integer, nullable=False),
    Column("latest_raw", BigInteger, nullable=False),
    Column("gated_raw", BigInteger, nullable=False),
    Column("raw_digest", LargeBinary, nullable=False, comment="of the current version's raw record"),
    Column("canonical_digest", LargeBinary),
    Column("gate_due", SmallInteger, nullable=False),
    Column("ledger_seq", Integer, nullable=False),
    Column("ledger_head", LargeBinary, nullable=False),
    Column("data_key", LargeBinary, nullable=False, comment="wrapped by the master key; destroyed to erase"),
    UniqueConstraint("origin", "source_id"),
    UniqueConstraint("reference"),
)


_c = complaints.c
_NUMBERED = "tracking_id IS NOT NULL AND linked_to IS NULL"
work_list("uq_complaints_account_tracking_id", _NUMBERED, _c.account, _c.tracking_id, unique=True)
work_list("ix_complaints_gate", "gate_due = 1", _c.channel, _c.id)
work_list("ix_complaints_ready", "state = 'ready'", _c.account, _c.region, _c.next_attempt_at, _c.id)
work_list("ix_complaints_open", "state IN ('submitting', 'ambiguous')", _c.account, _c.state, _c.id)
work_list("ix_complaints_reporter", "reporter_index IS NOT NULL", _c.reporter_index)
work_list("ix_complaints_linked", "linked_to IS NOT NULL", _c.linked_to)
work_list("ix_complaints_held", "state = 'held'", _c.channel, _c.reason, _c.id)

raw_records = Table(
    "raw_records",
    metadata,
    id_column(),
    Column("complaint", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("delivery", Text),
    Column("credential", Text),
    Column("digest", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="as it came, under the complaint's data key"),
    Column("received_at", BigInteger, nullable=False),
    Index("ix_raw_records_complaint", "complaint"),
)

complaint_versions = Table(
    "complaint_versions",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("raw_record", BigInteger, nullable=False),
    Column("manifest_digest", Text, nullable=False),
    Column("canonical_digest", LargeBinary),
    Column("canonical", LargeBinary, comment="under the complaint's data key; NULL where unmappable"),
    Column("faults", LargeBinary, comment="under the complaint's data key"),
    Column("mapped_at", BigInteger, nullable=False),
)

outbound = Table(
    "outbound",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("complaint", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("sent_digest", LargeBinary, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("times_out_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("outcome", Text),
    Column("detail", Text),
    Column("tracking_id", Text),
    Column("first_absent_at", BigInteger),
    Index("ix_outbound_complaint", "complaint"),
    Index("ix_outbound_account_sent_at", "account", "sent_at"),
    Index(
        "uq_outbound_unresolved",
        "kind",
        "complaint",
        unique=True,
        sqlite_where=text("outcome IS NULL"),
        postgresql_where=text("outcome IS NULL"),
    ),
)

doubles = Table(
    "doubles",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    comment="accepted complaints that a person found to be the same report; each keeps its state and number",
)

lost_numbers = Table(
    "lost_numbers",
    metadata,
    Column("reference", ByteOrderedText, primary_key=True),
    Column("tracking_id", Text, nullable=False),
    comment="seen at LAPOR! under our line during a recovery, and not known here then",
)

archived = Table(
    "archived",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "entry",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="number, in the complaint's own chain, of the ledger's entry that says what left",
    ),
    Column("year", SmallInteger, nullable=False, comment="names the file they stand in"),
    Column("pieces", Integer, nullable=False, comment="raw records and versions that left"),
    comment="what of a complaint was moved out of the working tables; the ledger has the digest",
)
