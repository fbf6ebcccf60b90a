"""The book: complaints, their records and versions, ledger, work."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTE_ORDERED_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DRAWN = ("complaints", "raw_records", "outbound", "runs", "findings")

APPEND_ONLY_SQLITE = """
CREATE TRIGGER ledger_entries_no_{verb} BEFORE {verb} ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
APPEND_ONLY_POSTGRESQL = (
    """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
""",
    """
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
""",
)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("credential_print", sa.LargeBinary(), nullable=True),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_accounts")),
    )
    op.create_table(
        "actors",
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False, comment="under the master key"),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_actors")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "book",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_book")),
        comment="identity, environment, epoch, wrapped keys of the book's own, the one switch",
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=True),
        sa.Column("pause_reason", sa.Text(), nullable=True),
        sa.Column("push_from", sa.BigInteger(), nullable=True),
        sa.Column("live_since", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("canary_left", sa.Integer(), nullable=True, comment="NULL: no canary, all go out"),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("watermark", sa.BigInteger(), nullable=True),
        sa.Column("pass_started_at", sa.BigInteger(), nullable=True),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("health_detail", sa.Text(), nullable=True),
        sa.Column(
            "credential_print",
            sa.LargeBinary(),
            nullable=True,
            comment="keyed digest of the credential that failed",
        ),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("manifest_digest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    op.create_table(
        "complaint_versions",
        sa.Column("complaint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raw_record", sa.BigInteger(), nullable=False),
        sa.Column("manifest_digest", sa.Text(), nullable=False),
        sa.Column("canonical_digest", sa.LargeBinary(), nullable=True),
        sa.Column(
            "canonical",
            sa.LargeBinary(),
            nullable=True,
            comment="under the complaint's data key; NULL where unmappable",
        ),
        sa.Column("faults", sa.LargeBinary(), nullable=True, comment="under the complaint's data key"),
        sa.Column("mapped_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("complaint", "version", name=op.f("pk_complaint_versions")),
    )
    op.create_table(
        "complaints",
        sa.Column("id", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("reference", BYTE_ORDERED_TEXT, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("tracking_id", sa.Text(), nullable=True),
        sa.Column("linked_to", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True, comment="redacted; empty for a secret report"),
        sa.Column("visibility", sa.Text(), nullable=True),
        sa.Column("national_status", sa.Text(), nullable=True),
        sa.Column("national_word", sa.Text(), nullable=True),
        sa.Column("regional_status", sa.Text(), nullable=True),
        sa.Column("regional_word", sa.Text(), nullable=True),
        sa.Column("national_number", sa.Text(), nullable=True, comment="tracking id the source claims"),
        sa.Column("reporter_index", sa.LargeBinary(), nullable=True, comment="blind index, keyed per region"),
        sa.Column("source_created_at", sa.BigInteger(), nullable=True),
        sa.Column("source_updated_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("disappeared_at", sa.BigInteger(), nullable=True),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.Column("latest_raw", sa.BigInteger(), nullable=False),
        sa.Column("gated_raw", sa.BigInteger(), nullable=False),
        sa.Column(
            "raw_digest", sa.LargeBinary(), nullable=False, comment="of the current version's raw record"
        ),
        sa.Column("canonical_digest", sa.LargeBinary(), nullable=True),
        sa.Column("gate_due", sa.SmallInteger(), nullable=False),
        sa.Column("ledger_seq", sa.Integer(), nullable=False),
        sa.Column("ledger_head", sa.LargeBinary(), nullable=False),
        sa.Column(
            "data_key",
            sa.LargeBinary(),
            nullable=False,
            comment="wrapped by the master key; destroyed to erase",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("origin", "source_id", name=op.f("uq_complaints_origin_source_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_complaints_reference")),
    )
    op.create_index(
        "ix_complaints_gate",
        "complaints",
        ["channel", "id"],
        unique=False,
        sqlite_where=sa.text("gate_due = 1"),
        postgresql_where=sa.text("gate_due = 1"),
    )
    op.create_index(
        "ix_complaints_held",
        "complaints",
        ["channel", "reason", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_complaints_open",
        "complaints",
        ["account", "state", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('submitting', 'ambiguous')"),
        postgresql_where=sa.text("state IN ('submitting', 'ambiguous')"),
    )
    op.create_index(
        "ix_complaints_ready",
        "complaints",
        ["account", "next_attempt_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_complaints_reporter",
        "complaints",
        ["reporter_index"],
        unique=False,
        sqlite_where=sa.text("reporter_index IS NOT NULL"),
        postgresql_where=sa.text("reporter_index IS NOT NULL"),
    )
    op.create_index(
        "uq_complaints_account_tracking_id",
        "complaints",
        ["account", "tracking_id"],
        unique=True,
        sqlite_where=sa.text("tracking_id IS NOT NULL AND linked_to IS NULL"),
        postgresql_where=sa.text("tracking_id IS NOT NULL AND linked_to IS NULL"),
    )
    op.create_table(
        "counts",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("agrees", sa.SmallInteger(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "side", name=op.f("pk_counts")),
        comment="the balance's last counts: source, ledger, national, book",
    )
    op.create_table(
        "deliveries",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("source_ids", sa.Text(), nullable=False, comment="JSON array of the ids it brought"),
        sa.Column(
            "refused", sa.Text(), nullable=True, comment="why it was not believed; NULL for a good one"
        ),
        sa.Column(
            "body", sa.LargeBinary(), nullable=True, comment="of a refused one only, under the master key"
        ),
        sa.PrimaryKeyConstraint("channel", "message_id", name=op.f("pk_deliveries")),
    )
    op.create_table(
        "findings",
        sa.Column("id", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_findings_kind_subject")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("renewed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", BIG_KEY, autoincrement=True, nullable=False),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="a complaint's reference, or kind:name of something else",
        ),
        sa.Column(
            "complaint",
            sa.BigInteger(),
            nullable=True,
            comment="whom it is about, where that is a complaint",
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False, comment="canonical JSON, hashed as it stands"),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column(
            "written_in",
            sa.BigInteger(),
            nullable=True,
            comment="PostgreSQL: the writing transaction, for an ordered feed",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("complaint", "seq", name=op.f("uq_ledger_entries_complaint_seq")),
    )
    op.create_index(
        "uq_ledger_entries_subject_seq",
        "ledger_entries",
        ["subject", "seq"],
        unique=True,
        sqlite_where=sa.text("complaint IS NULL"),
        postgresql_where=sa.text("complaint IS NULL"),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_ledger_heads")),
        comment="last entry of every subject that is no complaint",
    )
    op.create_table(
        "outbound",
        sa.Column("id", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("complaint", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("sent_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("times_out_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("tracking_id", sa.Text(), nullable=True),
        sa.Column("first_absent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound")),
    )
    op.create_index("ix_outbound_account_sent_at", "outbound", ["account", "sent_at"], unique=False)
    op.create_index("ix_outbound_complaint", "outbound", ["complaint"], unique=False)
    op.create_index(
        "uq_outbound_unresolved",
        "outbound",
        ["kind", "complaint"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "raw_records",
        sa.Column("id", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("complaint", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="as it came, under the complaint's data key"
        ),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_records")),
    )
    op.create_index("ix_raw_records_complaint", "raw_records", ["complaint"], unique=False)
    op.create_table(
        "repeats",
        sa.Column(
            "key",
            sa.LargeBinary(),
            nullable=False,
            comment="keyed digest of the caller and its Idempotency-Key",
        ),
        sa.Column("request", sa.LargeBinary(), nullable=False, comment="keyed digest of what was asked"),
        sa.Column(
            "status", sa.Integer(), nullable=True, comment="NULL while the first of them is being answered"
        ),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True, comment="under the master key"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_repeats")),
    )
    op.create_table(
        "runs",
        sa.Column("id", BIG_KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_subject", "runs", ["subject", "id"], unique=False)
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False, comment="under the master key"),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    _databases_own_ways()


def _databases_own_ways() -> None:
    """Ids drawn without gaps of trust, and a ledger that refuses to be rewritten."""
    if op.get_bind().dialect.name == "sqlite":
        op.create_table(
            "sequences",
            sa.Column("name", sa.Text(), primary_key=True),
            sa.Column("last", sa.Integer(), nullable=False),
        )
        for name in DRAWN:
            op.execute(f"INSERT INTO sequences (name, last) VALUES ('{name}', 0)")
        for verb in ("UPDATE", "DELETE"):
            op.execute(APPEND_ONLY_SQLITE.format(verb=verb))
        return
    for name in DRAWN:
        op.execute(f"CREATE SEQUENCE {name}_id_seq AS bigint")
    op.execute(
        "ALTER TABLE ledger_entries ALTER COLUMN written_in SET DEFAULT pg_current_xact_id()::text::bigint"
    )
    for statement in APPEND_ONLY_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("sequences")
    else:
        for name in DRAWN:
            op.execute(f"DROP SEQUENCE {name}_id_seq")
    op.drop_table("secrets")
    op.drop_index("ix_runs_subject", table_name="runs")
    op.drop_table("runs")
    op.drop_table("repeats")
    op.drop_index("ix_raw_records_complaint", table_name="raw_records")
    op.drop_table("raw_records")
    op.drop_index(
        "uq_outbound_unresolved",
        table_name="outbound",
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.drop_index("ix_outbound_complaint", table_name="outbound")
    op.drop_index("ix_outbound_account_sent_at", table_name="outbound")
    op.drop_table("outbound")
    op.drop_table("ledger_heads")
    op.drop_index(
        "uq_ledger_entries_subject_seq",
        table_name="ledger_entries",
        sqlite_where=sa.text("complaint IS NULL"),
        postgresql_where=sa.text("complaint IS NULL"),
    )
    op.drop_table("ledger_entries")
    op.drop_table("leases")
    op.drop_table("findings")
    op.drop_table("deliveries")
    op.drop_table("counts")
    op.drop_index(
        "uq_complaints_account_tracking_id",
        table_name="complaints",
        sqlite_where=sa.text("tracking_id IS NOT NULL AND linked_to IS NULL"),
        postgresql_where=sa.text("tracking_id IS NOT NULL AND linked_to IS NULL"),
    )
    op.drop_index(
        "ix_complaints_reporter",
        table_name="complaints",
        sqlite_where=sa.text("reporter_index IS NOT NULL"),
        postgresql_where=sa.text("reporter_index IS NOT NULL"),
    )
    op.drop_index(
        "ix_complaints_ready",
        table_name="complaints",
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.drop_index(
        "ix_complaints_open",
        table_name="complaints",
        sqlite_where=sa.text("state IN ('submitting', 'ambiguous')"),
        postgresql_where=sa.text("state IN ('submitting', 'ambiguous')"),
    )
    op.drop_index(
        "ix_complaints_held",
        table_name="complaints",
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.drop_index(
        "ix_complaints_gate",
        table_name="complaints",
        sqlite_where=sa.text("gate_due = 1"),
        postgresql_where=sa.text("gate_due = 1"),
    )
    op.drop_table("complaints")
    op.drop_table("complaint_versions")
    op.drop_table("channels")
    op.drop_table("book")
    op.drop_table("audit")
    op.drop_table("api_keys")
    op.drop_table("actors")
    op.drop_table("accounts")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION ledger_is_append_only()")
