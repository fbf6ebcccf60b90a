"""Unknown outcomes and claimed numbers: what the book asks of a look-up, and what it writes when that answers."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from lapor_gateway.book import verdicts
from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import COMPLAINT
from lapor_gateway.book.tables import complaint_versions, complaints, outbound
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, load_subjects, subject_of
from lapor_gateway.domain.admission import Reason, WaitingFor
from lapor_gateway.domain.complaint import AccountName, Complaint, Visibility
from lapor_gateway.domain.lifecycle import Event, State
from lapor_gateway.domain.reference import Reference

_c = complaints.c
_o = outbound.c
_decoder = msgspec.json.Decoder(Complaint)


class Doubt(msgspec.Struct, frozen=True):
    """An ambiguous complaint: its last attempt, and the digests of every text that may have been taken.

    `sent_at` is of the first attempt that may have been taken, the rest of the last one. Instants in microseconds;
    `first_absent_at` is when a complete look-up first found nothing after the bounds.
    """

    id: int
    reference: Reference
    account: AccountName
    channel: str
    attempt: int
    sent_at: int
    times_out_at: int
    first_absent_at: int | None
    digests: frozenset[bytes]
    is_secret: bool = False


class Claim(msgspec.Struct, frozen=True):
    """A held complaint that says it is at LAPOR! already, under `number`."""

    id: int
    reference: Reference
    channel: str
    number: str
    received_at: int
    complaint: Complaint


class Witness(msgspec.Struct, frozen=True):
    """An accepted complaint that a fresh listing must show."""

    reference: Reference
    tracking_id: str
    sent_at: int


# Literals, and the index's own condition word for word: else SQLite walks through all of history.
_OPEN: Final[ColumnElement[bool]] = literal_column("state IN ('submitting', 'ambiguous')")
_AMBIGUOUS: Final = _OPEN & (_c.state == literal_column(f"'{State.AMBIGUOUS}'"))
_SUBMITTING: Final = _OPEN & (_c.state == literal_column(f"'{State.SUBMITTING}'"))
_CLAIMING: Final = (_c.state == literal_column(f"'{State.HELD}'")) & (_c.reason == Reason.NUMBER_UNCHECKED)
_NEXT_LOST: Final = Query(
    select(func.min(_o.times_out_at)).where(
        _o.kind == COMPLAINT,
        _o.account == bindparam("account"),
        _o.outcome.is_(None),
        _o.fence != bindparam("fence"),
    )
)
_NEXT_DOUBT: Final = Query(
    select(func.min(_c.next_attempt_at)).where(_c.account == bindparam("account"), _AMBIGUOUS)
)
_NEXT_CLAIM: Final = Query(
    select(func.min(_c.next_attempt_at)).where(_c.account == bindparam("account"), _CLAIMING)
)
_DOUBTED: Final = select(_c.id, _c.reference, _c.account, _c.channel, _c.visibility).where(_AMBIGUOUS)
_v = complaint_versions.c
_CLAIMED: Final = (
    select(_c.id, _c.reference, _c.channel, _c.national_number, _c.received_at, _c.data_key, _v.canonical)
    .join(complaint_versions, (_v.complaint == _c.id) & (_v.version == _c.current_version))
    .where(_CLAIMING)
)
_PAGE: Final = 500
_WITNESSES: Final = 5
_SURELY_NOT_TAKEN: Final = frozenset({"not_taken", "refused"})


def lose_holders(book: Book, lease: Lease, account: AccountName, waiting_for: WaitingFor) -> int:
    """Open attempts of a holder that is gone become ambiguous, once their time-out has passed; how many did."""
    with book.write() as connection:
        lease.require(connection)
        pen = Pen(connection, book.clock.now())
        rows = connection.execute(
            select(*SUBJECT_COLUMNS, _o.id.label("attempt_id"), _o.number)
            .join(outbound, (_o.complaint == _c.id) & (_o.kind == COMPLAINT) & _o.outcome.is_(None))
            .where(
                _SUBMITTING,
                _c.account == account,
                _o.fence != lease.fence,
                _o.times_out_at <= pen.at,
            )
            .with_for_update()
        ).all()
        for row in rows:
            pen.transition(
                subject_of(tuple(row)),
                Event.LOST_HOLDER,
                {"attempt": row.number},
                reason="lost_holder",
                waiting_for=waiting_for,
                next_attempt_at=0,
            )
        connection.execute(
            update(outbound)
            .where(_o.id.in_([row.attempt_id for row in rows]))
            .values(finished_at=pen.at, outcome="unknown", detail="lost_holder")
        )
        pen.flush()
    return len(rows)


def next_settling(book: Book, account: AccountName, fence: int, *, look_up: bool) -> int | None:
    """When there is next something to settle, in microseconds; None where nothing is open.

    Without a look-up only the open attempts of a lost holder settle by themselves.
    """
    with book.read() as connection:
        found = _NEXT_LOST.all(connection, account=account, fence=fence)
        if look_up:
            found += _NEXT_DOUBT.all(connection, account=account) + _NEXT_CLAIM.all(
                connection, account=account
            )
    return min([instant for (instant,) in found if instant is not None], default=None)


def due_doubts(book: Book, account: AccountName, limit: int) -> list[Doubt]:
    """Ambiguous complaints whose next look-up is due, longest waiting first."""
    due = _c.next_attempt_at <= book.clock.now()
    with book.read() as connection:
        return _doubts(
            connection,
            _DOUBTED.where(_c.account == account, due).order_by(_c.next_attempt_at, _c.id).limit(limit),
        )


def every_doubt(book: Book, account: AccountName) -> Iterator[Doubt]:
    """All ambiguous complaints of an account, oldest first, a page at a time."""
    after = 0
    while True:
        query = _DOUBTED.where(_c.account == account, _c.id > after).order_by(_c.id).limit(_PAGE)
        with book.read() as connection:
            found = _doubts(connection, query)
        yield from found
        if len(found) < _PAGE:
            return
        after = found[-1].id


def _doubts(connection: Connection, query: Select[Any]) -> list[Doubt]:
    rows = connection.execute(query).all()
    attempts: dict[int, list[Any]] = {row.id: [] for row in rows}
    for attempt in connection.execute(
        select(
            _o.complaint, _o.id, _o.sent_at, _o.times_out_at, _o.first_absent_at, _o.sent_digest, _o.outcome
        )
        .where(_o.complaint.in_(attempts), _o.kind == COMPLAINT)
        .order_by(_o.id)
    ):
        attempts[attempt.complaint].append(attempt)
    return [_doubt(row, attempts[row.id]) for row in rows]


def _doubt(row: Row[Any], attempts: Sequence[Any]) -> Doubt:
    last = attempts[-1]
    first = next((one for one in attempts if one.outcome not in _SURELY_NOT_TAKEN), last)
    return Doubt(
        row.id,
        row.reference,
        row.account,
        row.channel,
        last.id,
        first.sent_at,
        last.times_out_at,
        last.first_absent_at,
        frozenset(attempt.sent_digest for attempt in attempts),
        row.visibility is not None and Visibility(row.visibility).is_secret,
    )


def due_claims(book: Book, account: AccountName, limit: int) -> list[Claim]:
    """Held complaints whose claimed number is still to be checked."""
    due = _c.next_attempt_at <= book.clock.now()
    query = _CLAIMED.where(_c.account == account, due).order_by(_c.next_attempt_at, _c.id).limit(limit)
    return _claims(book, query)


def every_claim(book: Book, account: AccountName) -> Iterator[Claim]:
    """All held complaints of an account whose claimed number is still to be checked, a page at a time."""
    after = 0
    while True:
        query = _CLAIMED.where(_c.account == account, _c.id > after).order_by(_c.id).limit(_PAGE)
        found = _claims(book, query)
        yield from found
        if len(found) < _PAGE:
            return
        after = found[-1].id


def claimed_numbers(book: Book, account: AccountName) -> frozenset[str]:
    """The numbers that are claimed and still to be checked."""
    with book.read() as connection:
        query = select(_c.national_number).where(_c.account == account, _CLAIMING)
        return frozenset(connection.execute(query).scalars())


def _claims(book: Book, query: Select[Any]) -> list[Claim]:
    claims = []
    with book.read() as connection:
        rows = connection.execute(query).all()
    for row in rows:
        key = book.data_key(row.reference, row.data_key)
        complaint = _decoder.decode(key.open(row.canonical, CANONICAL))
        claims.append(
            Claim(row.id, row.reference, row.channel, row.national_number, row.received_at, complaint)
        )
    return claims


def witnesses_after(book: Book, account: AccountName, instant: int) -> list[Witness]:
    """The oldest accepted complaints that were sent after `instant` (microseconds); several, for one may be deleted."""
    with book.read() as connection:
        rows = connection.execute(
            select(_c.reference, _c.tracking_id, _o.sent_at)
            .join(outbound, (_o.complaint == _c.id) & (_o.kind == COMPLAINT) & (_o.outcome == "accepted"))
            .where(_c.account == account, _c.state == State.ACCEPTED, _o.sent_at > instant)
            .order_by(_o.sent_at)
            .limit(_WITNESSES)
        ).all()
    return [Witness(*row) for row in rows]


def witness_before(book: Book, account: AccountName, instant: int) -> Witness | None:
    """The newest accepted complaint that was sent before `instant` (microseconds)."""
    with book.read() as connection:
        row = connection.execute(
            select(_c.reference, _c.tracking_id, _o.sent_at)
            .join(outbound, (_o.complaint == _c.id) & (_o.kind == COMPLAINT) & (_o.outcome == "accepted"))
            .where(_c.account == account, _c.state == State.ACCEPTED, _o.sent_at < instant)
            .order_by(_o.id.desc())  # ids rise with time: read from the end, not through all of history
            .limit(1)
        ).first()
    return Witness(*row) if row else None


def anything_to_send(book: Book, account: AccountName) -> bool:
    """Whether the account still has complaints that will go out, or are going."""
    with book.read() as connection:
        return any(
            connection.execute(
                select(_c.id).where(_c.account == account, _c.state == literal_column(f"'{state}'")).limit(1)
            ).first()
            for state in (State.READY, State.SUBMITTING)
        )


def write_found(
    book: Book, lease: Lease, account: AccountName, doubt: Doubt, tracking_ids: Sequence[str]
) -> bool:
    """The look-up found our complaint; the first number is adopted, more than one is a finding.

    False where the number already belongs to another complaint: then nothing changes but the reason.
    """

    def write(connection: Connection) -> bool:
        lease.require(connection)
        return verdicts.enter_found(
            book, Pen(connection, book.clock.now()), account, doubt.id, doubt.attempt, tracking_ids
        )

    return book.transact(write)


def write_other_text(book: Book, lease: Lease, doubt: Doubt, number: str) -> None:
    """Our line stands there, over a text that no attempt sent: a finding, and a person decides. Looked at hourly."""
    with book.write() as connection:
        lease.require(connection)
        verdicts.enter_other_text(book, Pen(connection, book.clock.now()), doubt.id, number)


def write_absent(book: Book, lease: Lease, doubt: Doubt, proof: dict[str, Any]) -> None:
    """The complaint is believably absent: it may be sent again. `proof` says what made it believable."""
    with book.write() as connection:
        lease.require(connection)
        verdicts.enter_absent(Pen(connection, book.clock.now()), doubt.id, doubt.attempt, proof)


def write_still_open(book: Book, doubts: Sequence[tuple[Doubt, int, int | None]]) -> None:
    """Nothing is decided yet: each doubt's next look-up (microseconds) and first complete absence are kept."""
    with book.write() as connection:
        pen = Pen(connection, book.clock.now())
        subjects = load_subjects(connection, [doubt.id for doubt, _, _ in doubts])
        for doubt, next_at, first_absent_at in doubts:
            if subjects[doubt.id].state is not State.AMBIGUOUS:
                continue
            pen.amend(subjects[doubt.id], next_attempt_at=next_at)
            if first_absent_at != doubt.first_absent_at:
                connection.execute(
                    update(outbound).where(_o.id == doubt.attempt).values(first_absent_at=first_absent_at)
                )
        pen.flush()


def write_adopted(book: Book, lease: Lease, account: AccountName, claim: Claim) -> bool:
    """The claimed number carries the same text at LAPOR!: accepted without ever being sent. False if it is taken."""

    def write(connection: Connection) -> bool:
        lease.require(connection)
        return verdicts.enter_adopted(
            book, Pen(connection, book.clock.now()), account, claim.id, claim.number
        )

    return book.transact(write)


def write_claim_doubted(book: Book, lease: Lease, claim: Claim, reason: Reason) -> None:
    """The claimed number is not there, or carries another text: a finding, and a person decides."""
    with book.write() as connection:
        lease.require(connection)
        verdicts.enter_number_doubted(book, Pen(connection, book.clock.now()), claim.id, claim.number, reason)


def postpone_claims(book: Book, claims: Sequence[Claim], until: int) -> None:
    """Not to be checked now: look again at `until` (microseconds)."""
    with book.write() as connection:
        pen = Pen(connection, book.clock.now())
        for subject in load_subjects(connection, [claim.id for claim in claims]).values():
            pen.amend(subject, next_attempt_at=until)
        pen.flush()


def accepted_between(
    book: Book, account: AccountName, start: int, end: int
) -> Iterator[tuple[int, str, Reference]]:
    """(sent_at, tracking id, reference) of what was accepted on its own attempt in that time, by the time sent."""
    query = (
        select(_o.sent_at, _c.tracking_id, _c.reference)
        .join(complaints, _c.id == _o.complaint)
        .where(
            _o.account == account,
            _o.kind == COMPLAINT,
            _o.outcome == "accepted",
            _o.sent_at >= start,
            _o.sent_at <= end,
            _c.state == State.ACCEPTED,
        )
        .order_by(_o.sent_at)
    )
    with book.read() as connection:
        for row in connection.execution_options(yield_per=2000).execute(query):
            yield row[0], row[1], row[2]


def answered_at(book: Book, account: AccountName, tracking_ids: Sequence[str]) -> dict[str, int]:
    """When LAPOR!'s own answer gave each of these numbers (microseconds); others are left out."""
    query = (
        select(_c.tracking_id, _o.finished_at)
        .join(outbound, (_o.complaint == _c.id) & (_o.kind == COMPLAINT) & (_o.outcome == "accepted"))
        .where(_c.account == account, _c.tracking_id.in_(tracking_ids), _c.linked_to.is_(None))
    )
    with book.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
