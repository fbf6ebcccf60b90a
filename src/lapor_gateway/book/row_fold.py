"""The row that a complaint must have now, folded from its entries alone. Pure."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from lapor_gateway.book.findings import FindingKind
from lapor_gateway.book.ledger import GENESIS
from lapor_gateway.domain.lifecycle import Event, State


class _Facts(msgspec.Struct):
    """What of an entry's facts changes a complaint's columns."""

    channel: str | None = None
    attempt: int = 0
    tracking_id: str | None = None
    to: str | None = None
    finding: str | None = None


_facts = msgspec.json.Decoder(_Facts)


class RowFold:
    """The columns of a complaint that follow from its entries; the names are the table's.

    `linked_to` is the other complaint's reference. While linked, the tracking id is the other's and not told here.
    """

    __slots__ = (
        "accepted_at", "attempts", "channel", "disappeared_at", "ledger_head", "ledger_seq", "linked_to",
        "received_at", "reference", "state", "tracking_id",
    )  # fmt: skip

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self.state: str | None = None
        self.ledger_seq = 0
        self.ledger_head = GENESIS
        self.channel: str | None = None
        self.received_at: int | None = None
        self.attempts = 0
        self.tracking_id: str | None = None
        self.accepted_at: int | None = None
        self.linked_to: str | None = None
        self.disappeared_at: int | None = None

    def told(self) -> tuple[Any, ...]:
        """The values in the order of `COLUMNS`."""
        return (
            self.reference, self.state, self.ledger_seq, self.ledger_head, self.channel, self.received_at,
            self.attempts, self.accepted_at, self.disappeared_at, self.linked_to, self.tracking_id,
        )  # fmt: skip


COLUMNS: Final = (
    "reference", "state", "ledger_seq", "ledger_head", "channel", "received_at",
    "attempts", "accepted_at", "disappeared_at", "linked_to", "tracking_id",
)  # fmt: skip

Change = Callable[[RowFold, str, int], None]


def differing(fold: RowFold, row: tuple[Any, ...]) -> list[str]:
    """The columns in which a complaint's row (values in the order of `COLUMNS`) is not what its ledger says."""
    pairs = zip(COLUMNS, fold.told(), row, strict=True)
    names = [name for name, told, found in pairs if told != found]
    return [name for name in names if name != "tracking_id" or fold.linked_to is None]


def _received(fold: RowFold, facts: str, at: int) -> None:
    fold.channel = _facts.decode(facts).channel
    fold.received_at = at


def _shown(fold: RowFold, _: str, _at: int) -> None:
    fold.disappeared_at = None


def _attempted(fold: RowFold, facts: str, _at: int) -> None:
    fold.attempts = _facts.decode(facts).attempt


def _numbered(fold: RowFold, facts: str, at: int) -> None:
    fold.tracking_id = _facts.decode(facts).tracking_id
    fold.accepted_at = at


def _undone(fold: RowFold, _: str, _at: int) -> None:
    fold.tracking_id = fold.accepted_at = None


def _linked(fold: RowFold, facts: str, _at: int) -> None:
    if (
        fold.state == State.LINKED
    ):  # an accepted double keeps its own number; the relation has a table of its own
        fold.linked_to = _facts.decode(facts).to


def _split(fold: RowFold, _: str, _at: int) -> None:
    if fold.state != State.ACCEPTED:
        fold.linked_to = fold.tracking_id = None


def _disappeared(fold: RowFold, _: str, at: int) -> None:
    fold.disappeared_at = at


def _finding_accepted(fold: RowFold, facts: str, at: int) -> None:
    if _facts.decode(facts).finding == FindingKind.MISSING_AT_SOURCE:
        fold.disappeared_at = at


CHANGES: Final[dict[str, Change]] = {
    "received": _received,
    "shown": _shown,
    "reappeared": _shown,
    "disappeared": _disappeared,
    "finding_accepted": _finding_accepted,
    str(Event.ATTEMPTED): _attempted,
    str(Event.TAKEN): _numbered,
    str(Event.FOUND): _numbered,
    str(Event.ADOPT): _numbered,
    str(Event.NUMBER): _numbered,
    str(Event.UNDO): _undone,
    str(Event.LINK): _linked,
    str(Event.SPLIT): _split,
}
"""What each kind of entry changes beside state and chain, once the fold has its state; others change neither."""
