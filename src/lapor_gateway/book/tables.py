"""The book's tables, their keys and the few indexes that the work lists need.

Instants are whole microseconds since 1970-01-01T00:00Z in BIGINT columns: the same value, and so the same ledger
hash, on both databases. Encrypted columns end in nothing special; `crypto.py` says which key opens them.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigKey: Final = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key; SQLite makes only INTEGER PRIMARY KEY the row id itself."""

ByteOrderedText: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text whose order is the same on both databases and in Python for ASCII: what streams are merged on."""


def _id() -> Column[int]:
    return Column("id", BigKey, primary_key=True, autoincrement=False)


book = Table(
    "book",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="identity, environment, epoch, wrapped keys of the book's own, the one switch",
)

complaints = Table(
    "complaints",
    metadata,
    _id(),
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


def _work_list(name: str, where: str, *columns: Column[object], unique: bool = False) -> None:
    Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


_c = complaints.c
_NUMBERED = "tracking_id IS NOT NULL AND linked_to IS NULL"
_work_list("uq_complaints_account_tracking_id", _NUMBERED, _c.account, _c.tracking_id, unique=True)
_work_list("ix_complaints_gate", "gate_due = 1", _c.channel, _c.id)
_work_list("ix_complaints_ready", "state = 'ready'", _c.account, _c.next_attempt_at, _c.id)
_work_list("ix_complaints_open", "state IN ('submitting', 'ambiguous')", _c.account, _c.state, _c.id)
_work_list("ix_complaints_reporter", "reporter_index IS NOT NULL", _c.reporter_index)
_work_list("ix_complaints_linked", "linked_to IS NOT NULL", _c.linked_to)
_work_list("ix_complaints_held", "state = 'held'", _c.channel, _c.reason, _c.id)

raw_records = Table(
    "raw_records",
    metadata,
    _id(),
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
    _id(),
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

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column(
        "subject", Text, nullable=False, comment="a complaint's reference, or kind:name of something else"
    ),
    Column("complaint", BigInteger, comment="whom it is about, where that is a complaint"),
    Column("seq", Integer, nullable=False),
    Column("encoding", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("facts", Text, nullable=False, comment="canonical JSON, hashed as it stands"),
    Column("previous", LargeBinary, nullable=False),
    Column("written_in", BigInteger, comment="PostgreSQL: the writing transaction, for an ordered feed"),
    # By complaint, not by its reference: references are random, and every entry would dirty a page of its own.
    UniqueConstraint("complaint", "seq"),
    Index(
        "uq_ledger_entries_subject_seq",
        "subject",
        "seq",
        unique=True,
        sqlite_where=text("complaint IS NULL"),
        postgresql_where=text("complaint IS NULL"),
    ),
)

Index("ix_ledger_entries_written_in", ledger_entries.c.written_in, postgresql_using="brin").ddl_if(
    dialect="postgresql"
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    comment="last entry of every subject that is no complaint",
)

ledger_leaves = Table(
    "ledger_leaves",
    metadata,
    Column("tile", BigInteger, primary_key=True, autoincrement=False, comment="256 leaves each"),
    Column("entries", LargeBinary, nullable=False, comment="ids in the tree's order, as differences"),
    Column("prints", LargeBinary, nullable=False, comment="4 bytes of each leaf's hash: names a bad one"),
    Column("last_written_in", BigInteger, nullable=False),
    Column("last_entry", BigInteger, nullable=False),
)

ledger_nodes = Table(
    "ledger_nodes",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("tile", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False, comment="of up to 256 complete tiles of the level below"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False, comment="signed; append-only by trigger"),
)

cosignatures = Table(
    "cosignatures",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", Text, primary_key=True),
    Column("line", Text, nullable=False),
)

witnesses = Table(
    "witnesses",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="of the newest it has taken; 0 for none"),
    Column("taken_at", BigInteger),
    Column("trouble", Text, comment="why the last try failed"),
)

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
    _id(),
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
    _id(),
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

lost_numbers = Table(
    "lost_numbers",
    metadata,
    Column("reference", ByteOrderedText, primary_key=True),
    Column("tracking_id", Text, nullable=False),
    comment="seen at LAPOR! under our line during a recovery, and not known here then",
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

doubles = Table(
    "doubles",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    comment="accepted complaints that a person found to be the same report; each keeps its state and number",
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

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False, comment="under the master key"),
    Column("updated_at", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("region", Text),
    Column("channel", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

repeats = Table(
    "repeats",
    metadata,
    Column(
        "key", LargeBinary, primary_key=True, comment="keyed digest of the caller and its Idempotency-Key"
    ),
    Column("request", LargeBinary, nullable=False, comment="keyed digest of what was asked"),
    Column("status", Integer, comment="NULL while the first of them is being answered"),
    Column("media_type", Text),
    Column("body", LargeBinary, comment="under the master key"),
    Column("asked_at", BigInteger, nullable=False),
)

actors = Table(
    "actors",
    metadata,
    Column("pseudonym", Text, primary_key=True),
    Column("name", LargeBinary, nullable=False, comment="under the master key"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Index("ix_audit_subject", "subject"),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("reference", ByteOrderedText, primary_key=True, comment="keyed digest of origin and source id"),
    Column("at", BigInteger, nullable=False, comment="when a person decided the erasure"),
    Column(
        "settled", SmallInteger, nullable=False, comment="1: erased in this book, or entered without text"
    ),
    Column(
        "scrubbed_at", BigInteger, comment="when the database's files were cleaned of what was overwritten"
    ),
    comment="erased complaints, applied again to a restored book and against a re-scan of the source",
)

tombstone_digests = Table(
    "tombstone_digests",
    metadata,
    Column("digest", LargeBinary, primary_key=True, comment="keyed digest of a raw record of the erased one"),
    Column("reference", ByteOrderedText, nullable=False),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("subject", ByteOrderedText, primary_key=True, comment="a complaint's reference, or channel:id"),
    Column("reason", Text, nullable=False),
    Column("held_by", Text, nullable=False, comment="a pseudonym"),
    Column("at", BigInteger, nullable=False),
    comment="what must not be erased, whatever retention rules or a reporter say",
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
