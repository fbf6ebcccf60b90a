"""What a bare loop reaches that only follows every complaint's chain: no tree, no state, no names for faults."""

import hashlib
import sqlite3
from pathlib import Path

_PREFIX = b"lapor-gateway/entry\0\x01"
_ABSENT = b"\xff\xff\xff\xff"


def verified(path: Path) -> int:
    """Entries whose chain was followed. Raises `RuntimeError` where one does not close."""
    book = sqlite3.connect(path)
    head, subject, count = b"", "", 0
    rows = book.execute(
        "SELECT subject, seq, kind, from_state, to_state, at, actor, facts, previous FROM ledger_entries"
        " WHERE complaint IS NOT NULL ORDER BY complaint, seq"
    )
    for row in rows:
        if row[1] != 1 and (row[0] != subject or row[8] != head):
            raise RuntimeError(f"the chain of {row[0]} is broken")
        subject = row[0]
        head = hashlib.sha256(_PREFIX + b"".join([_field(value) for value in row])).digest()
        count += 1
    book.close()
    return count


def _field(value: object) -> bytes:
    if value is None:
        return _ABSENT
    told = value if isinstance(value, bytes) else str(value).encode()
    return len(told).to_bytes(4) + told
