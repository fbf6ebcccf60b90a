"""Time travel: what the gateway knew at an instant, from the ledger alone; only the text comes from its version."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.counting import counted_chains
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.queries import EVERYTHING, Bounds, ComplaintView, find_complaint, shown_reason
from lapor_gateway.book.row_fold import CHANGES, RowFold
from lapor_gateway.book.tables import complaints, ledger_entries
from lapor_gateway.book.tombstones import ERASURE
from lapor_gateway.clock import isoformat, to_instant
from lapor_gateway.domain.admission import Reason, WaitingFor
from lapor_gateway.domain.complaint import Complaint, Visibility
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.masking import masked
from lapor_gateway.errors import ConfigurationError, NotFoundError

_e = ledger_entries.c
_decoder = msgspec.json.Decoder(Complaint)
_WAITS_FOR: Final = {
    State.QUARANTINED: WaitingFor.OPERATOR,
    State.HELD: WaitingFor.OPERATOR,
    State.REJECTED: WaitingFor.OPERATOR,
    State.SUBMITTING: WaitingFor.NATIONAL,
    State.AMBIGUOUS: WaitingFor.NATIONAL,
}
_BY_A_PERSON: Final = frozenset({"hold", "set_aside", "withdraw", "give_up", "split", "restore", "undo"})
"""Events after which the reason is `operator`, unless the gateway gave one of its own."""
_CLEARING: Final = frozenset({"replayed", "release", "include", "resend", "adopt", "number", "link"})
"""Events after which there is no reason, whatever the person who decided said."""
_OWN_WORDS: Final = frozenset({*map(str, Reason), ERASURE})


class PastView(ComplaintView, frozen=True):
    """A complaint as the gateway knew it `at` an instant: after its entry number `entries`, in its `version`.

    `archive_missing`: years whose archive is not here though the version may be in it; then there is no text.
    """

    at: str | None = None
    version: int = 0
    entries: int = 0
    archive_missing: tuple[int, ...] = ()


class PastStatus(msgspec.Struct, frozen=True):
    """A channel's complaints by state at an instant."""

    id: str
    region: str
    seen: int
    by_state: dict[str, int]


class _KnownThen(msgspec.Struct):
    """What a complaint's entries say of it, one after the other. Instants in microseconds."""

    columns: RowFold
    first: str | None = None
    reason: str | None = None
    waiting_for: str = WaitingFor.NOBODY
    version: int = 0
    entries: int = 0
    updated_at: int = 0

    def take(self, row: Any) -> None:
        facts = msgspec.json.decode(row.facts, type=dict[str, Any])
        self.entries, self.updated_at = row.seq, row.at
        if row.from_state != row.to_state:
            self.columns.state = row.to_state
            self._explain(row.kind, facts)
        change = CHANGES.get(row.kind)
        if change is not None:
            change(self.columns, row.facts, row.at)
        consequence = _CONSEQUENCES.get(row.kind)
        if consequence is not None:
            consequence(self, facts)

    def _explain(self, kind: str, facts: dict[str, Any]) -> None:
        """Why it stands there: the entry's own reason where its event leaves one."""
        reason = facts.get("reason")
        if kind == "lost_holder":
            reason = kind
        elif kind in _CLEARING:
            reason = None
        elif kind in _BY_A_PERSON and reason not in _OWN_WORDS:
            reason = Reason.OPERATOR
        self.reason = None if reason is None else str(reason)
        self.waiting_for = _WAITS_FOR.get(State(self.columns.state or State.RECEIVED), WaitingFor.NOBODY)
        if self.reason == Reason.NUMBER_UNCHECKED or kind in ("not_taken", "believably_absent"):
            self.waiting_for = WaitingFor.NATIONAL


def _versioned(fold: _KnownThen, facts: dict[str, Any]) -> None:
    fold.version = facts["version"]


def _edited(fold: _KnownThen, facts: dict[str, Any]) -> None:
    # An edit that could not be read while nothing may change leaves the version before in force.
    if fold.columns.state == State.RECEIVED or "tightened" in facts:
        fold.version = facts["version"]


def _linked(fold: _KnownThen, facts: dict[str, Any]) -> None:
    fold.first = facts["to"]


def _split(fold: _KnownThen, _: dict[str, Any]) -> None:
    fold.first = None


def _doubted(fold: _KnownThen, facts: dict[str, Any]) -> None:
    fold.reason, fold.waiting_for = facts["reason"], WaitingFor.OPERATOR


_CONSEQUENCES: Final[dict[str, Callable[[_KnownThen, dict[str, Any]], None]]] = {
    "mapped": _versioned,
    "unmappable": _versioned,
    "regional_status": _versioned,
    "edited": _edited,
    "link": _linked,
    "split": _split,
    "number_doubted": _doubted,
    "recovery_doubted": _doubted,
}


def complaint_at(book: Book, which: int | str, at: int, *, bounds: Bounds = EVERYTHING) -> PastView:
    """A complaint as the gateway knew it at `at` (microseconds); its text obeys the secrecy of then and of now.

    Raises `NotFoundError` for one that is unknown, or was not known then; `ConfigurationError` for the future.
    """
    require_past(book, at)
    now = find_complaint(book, which, bounds=bounds)
    with book.read() as connection:
        fold = _fold_of(connection, now.id, at)
        if fold is None:
            raise NotFoundError(
                f"The complaint {now.reference} was not known yet at that time.",
                cure=f"It was first shown at {now.received_at}.",
            )
        absent: set[int] = set()
        content = _version_of(book, connection, now, fold.version, absent)
        linked_to, number = _first_of(connection, fold, at)
    view = _view(now, fold, content, linked_to, number, at)
    return msgspec.structs.replace(view, archive_missing=tuple(sorted(absent)) if content is None else ())


def states_at(book: Book, at: int) -> dict[str, dict[str, int]]:
    """Complaints by channel and state at `at` (microseconds), from the ledger's fold, in bounded memory.

    Raises `ConfigurationError` for the future.
    """
    require_past(book, at)
    counted: dict[str, dict[str, int]] = {}
    with book.read() as connection:
        for chain in counted_chains(connection, until=at):
            states = counted.setdefault(chain.channel, dict.fromkeys(map(str, State), 0))
            states[chain.state] += 1
    return counted


def require_past(book: Book, at: int) -> None:
    """Raises `ConfigurationError` for an instant that has not come yet."""
    if at > book.clock.now():
        raise ConfigurationError(
            "The time that was asked for lies in the future.",
            cure="Give one that has been, such as 2026-08-21.",
        )


def _entries(connection: Connection, complaint: int, at: int) -> Iterator[Any]:
    columns = (_e.seq, _e.kind, _e.from_state, _e.to_state, _e.at, _e.facts)
    query = select(*columns).where(_e.complaint == complaint, _e.at <= at).order_by(_e.seq)
    yield from connection.execute(query)


def _fold_of(connection: Connection, complaint: int, at: int) -> _KnownThen | None:
    fold = _KnownThen(RowFold(""))
    for row in _entries(connection, complaint, at):
        fold.take(row)
    return fold if fold.entries else None


def _first_of(connection: Connection, fold: _KnownThen, at: int) -> tuple[int | None, str | None]:
    """The complaint that it was linked to, and the number it had: its own, or by that one."""
    if fold.first is None:
        return None, fold.columns.tracking_id
    query = select(complaints.c.id).where(complaints.c.reference == fold.first)
    first = connection.execute(query).scalar()
    if fold.columns.state != State.LINKED:  # an accepted double keeps its own
        return first, fold.columns.tracking_id
    other = None if first is None else _fold_of(connection, first, at)
    return first, None if other is None else other.columns.tracking_id


def _version_of(
    book: Book, connection: Connection, now: ComplaintView, version: int, absent: set[int]
) -> Complaint | None:
    """The version then current, masked; None where it could not be read, was erased since, or is not here."""
    data_key = connection.execute(select(complaints.c.data_key).where(complaints.c.id == now.id)).scalar_one()
    found = versions_of(book, connection, [now.id], absent=absent).get(now.id, [])
    canonical = next((one.canonical for one in found if one.version == version), None)
    if canonical is None or data_key == ERASED:
        return None
    return masked(_decoder.decode(book.data_key(now.reference, data_key).open(canonical, CANONICAL)))


def _view(
    now: ComplaintView,
    fold: _KnownThen,
    then: Complaint | None,
    linked_to: int | None,
    number: str | None,
    at: int,
) -> PastView:
    secret_now = now.visibility is not None and Visibility(now.visibility).is_secret
    hidden = then is None or secret_now
    made = then and (then.created_at or then.incident_at)
    return PastView(
        id=now.id,
        reference=now.reference,
        region=now.region,
        channel=now.channel,
        origin=now.origin,
        source_id=now.source_id,
        state=fold.columns.state or "",
        reason=shown_reason(fold.reason, now.visibility),
        attempts=fold.columns.attempts,
        next_attempt_at=None,
        waiting_for=fold.waiting_for,
        tracking_id=number,
        account=now.account,
        linked_to=linked_to,
        kind=None if then is None else str(then.kind),
        category=None if then is None else then.category,
        title="" if hidden or then is None else then.title,
        body="" if hidden or then is None else then.body,
        visibility=now.visibility if secret_now or then is None else str(then.visibility),
        national_status=None,
        national_word=None,
        regional_status=None if then is None or then.regional_status is None else str(then.regional_status),
        regional_word=None if then is None else then.regional_word,
        national_number=None if then is None else then.national_number,
        source_created_at=None if not made else isoformat(to_instant(made)),
        source_updated_at=isoformat(to_instant(then.updated_at)) if then and then.updated_at else None,
        received_at=isoformat(fold.columns.received_at) or "",
        updated_at=isoformat(fold.updated_at) or "",
        accepted_at=isoformat(fold.columns.accepted_at),
        disappeared_at=isoformat(fold.columns.disappeared_at),
        erased=now.erased,
        at=isoformat(at),
        version=fold.version,
        entries=fold.entries,
    )
