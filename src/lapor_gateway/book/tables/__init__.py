"""The book's tables, their keys and the few indexes that the work lists need.

Instants are whole microseconds since 1970-01-01T00:00Z in BIGINT columns: the same value, and so the same ledger
hash, on both databases. Encrypted columns end in nothing special; `crypto.py` says which key opens them.
"""

from lapor_gateway.book.tables.columns import metadata
from lapor_gateway.book.tables.complaints import (
    archived,
    complaint_versions,
    complaints,
    doubles,
    lost_numbers,
    outbound,
    raw_records,
)
from lapor_gateway.book.tables.follow_ups import follow_ups, milestones
from lapor_gateway.book.tables.ledger import (
    checkpoints,
    cosignatures,
    ledger_entries,
    ledger_heads,
    ledger_leaves,
    ledger_nodes,
    witnesses,
)
from lapor_gateway.book.tables.national import attachments, master_lists, masters
from lapor_gateway.book.tables.people import (
    actors,
    api_keys,
    audit,
    book,
    legal_holds,
    repeats,
    secrets,
    tombstone_digests,
    tombstones,
)
from lapor_gateway.book.tables.travel import (
    answer_cursors,
    echoes,
    followers,
    inbox,
    parcels,
    refreshes,
    watched,
)
from lapor_gateway.book.tables.work import (
    accounts,
    channels,
    counts,
    deliveries,
    differences,
    findings,
    leases,
    reconciliations,
    runs,
    tallies,
)

__all__ = [
    "accounts",
    "actors",
    "answer_cursors",
    "api_keys",
    "archived",
    "attachments",
    "audit",
    "book",
    "channels",
    "checkpoints",
    "complaint_versions",
    "complaints",
    "cosignatures",
    "counts",
    "deliveries",
    "differences",
    "doubles",
    "echoes",
    "findings",
    "follow_ups",
    "followers",
    "inbox",
    "leases",
    "ledger_entries",
    "ledger_heads",
    "ledger_leaves",
    "ledger_nodes",
    "legal_holds",
    "lost_numbers",
    "master_lists",
    "masters",
    "metadata",
    "milestones",
    "outbound",
    "parcels",
    "raw_records",
    "reconciliations",
    "refreshes",
    "repeats",
    "runs",
    "secrets",
    "tallies",
    "tombstone_digests",
    "tombstones",
    "watched",
    "witnesses",
]
