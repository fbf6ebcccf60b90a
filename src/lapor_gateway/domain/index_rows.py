"""The rows of a reconciliation's three indexes, and what each index can prove; instants in microseconds."""

from typing import Final

import msgspec

DIGEST_BYTES: Final = 16
"""How much of each digest an index keeps: enough to tell two texts of one complaint apart."""


class SourceRow(msgspec.Struct, frozen=True, gc=False):
    """A record as its source lists it. Instants in microseconds; digests are keyed and cut to `DIGEST_BYTES`.

    From a log of deliveries only `reference`, `channel` and `source_id` are known; where the record is the very one
    that the book has, only `reference` and `raw`.
    """

    reference: str
    channel: str = ""
    source_id: str = ""
    raw: bytes | None = None
    canonical: bytes | None = None
    status: str | None = None
    updated_at: int | None = None
    created_at: int | None = None


class LedgerRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A complaint by the fold of its entries, beside what its row in the book says. Instants in microseconds.

    `folded_number` is the ledger's tracking id, `number` the row's; `sent` are the digests of every text that went
    out, one after the other. `since` is when it came to where it stands, `shown_at` when its source last showed
    something new. `is_whole` is false where the ledger knows a complaint that the book's table lost.
    """

    reference: str
    origin: str
    channel: str
    account: str
    source_id: str
    state: str
    since: int
    shown_at: int
    in_scope: bool
    is_whole: bool = True
    number: str | None = None
    folded_number: str | None = None
    claimed: str | None = None
    linked: bool = False
    reason: str | None = None
    raw: bytes | None = None
    canonical: bytes | None = None
    status: str | None = None
    updated_at: int | None = None
    national_word: str | None = None
    received_at: int = 0
    accepted_at: int | None = None
    disappeared: bool = False
    sent: bytes = b""


class NationalRow(msgspec.Struct, frozen=True, gc=False):
    """A complaint as LAPOR! lists it, once for every complaint of ours that it concerns.

    `reference` is that complaint. `is_ours` says that our line for it stands on top; `is_held` that it holds this
    number here; `other` is another complaint's reference in that line. `alike` is a text without our line compared
    as a person retypes it, None where there was nothing to compare.
    """

    reference: str
    account: str
    number: str
    is_ours: bool
    is_held: bool
    other: str | None = None
    text: bytes = b""
    alike: bool | None = None
    word: str | None = None
    created_at: int | None = None


class SourceProof(msgspec.Struct, frozen=True):
    """What the index of an origin can prove: when it began, whether it showed everything, whether it has contents."""

    began_at: int
    is_complete: bool
    is_detailed: bool
    accepts_deletion: bool = False


class NationalProof(msgspec.Struct, frozen=True):
    """What the listing of an account can prove: absence only of what was accepted in [`due_from`, `due_before`)."""

    is_complete: bool
    due_before: int
    due_from: int = 0


class Terms(msgspec.Struct, frozen=True):
    """Under which terms the indexes are compared; stored with a run, so that it can be repeated. Microseconds."""

    at: int
    since: int | None
    until: int | None
    stuck_after: int
    sources: dict[str, SourceProof] = {}
    nationals: dict[str, NationalProof] = {}

    def covers(self, instant: int | None) -> bool:
        """Whether an instant lies in the window; an unknown one only where the window is all time."""
        if instant is None:
            return self.since is None and self.until is None
        return (self.since is None or instant >= self.since) and (self.until is None or instant < self.until)
