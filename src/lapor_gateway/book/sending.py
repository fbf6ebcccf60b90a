"""Attempts before requests, outcomes after them: the book's side of the push, in groups no larger than the cap."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Final, assert_never

import msgspec
from sqlalchemy import Connection, bindparam, insert, literal_column, select, update

from lapor_gateway.book.attachments import Shelf
from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.tables import accounts, complaint_versions, complaints, outbound
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, Subject, load_subjects, subject_of
from lapor_gateway.domain.admission import WaitingFor
from lapor_gateway.domain.complaint import AccountName, Complaint
from lapor_gateway.domain.lifecycle import Event, State
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from lapor_gateway.domain.reference import Reference, comparable

COMPLAINT: Final = "complaint"
_MICROSECONDS: Final = 1_000_000
_NEW_ATTEMPT: Final = (
    "id", "kind", "complaint", "account", "number", "fence", "sent_digest", "sent_at", "times_out_at",
)  # fmt: skip
_insert_attempts = Statement(insert(outbound).values({n: bindparam(n) for n in _NEW_ATTEMPT}), _NEW_ATTEMPT)
_OUTCOME: Final = ("finished_at", "outcome", "detail", "tracking_id", "which")
_update_attempts = Statement(
    update(outbound)
    .where(outbound.c.id == bindparam("which"))
    .values({n: bindparam(n) for n in _OUTCOME if n != "which"}),
    _OUTCOME,
)
_c = complaints.c
_v = complaint_versions.c
_READY: Final = Query(
    select(*SUBJECT_COLUMNS, _c.attempts, _c.current_version, _c.canonical_digest)
    .where(
        _c.state == literal_column(f"'{State.READY}'"),  # a literal, so that the partial index is used
        _c.account == bindparam("account"),
        _c.next_attempt_at <= bindparam("now"),
        _c.gate_due == 0,
    )
    .order_by(_c.next_attempt_at, _c.id)
    .limit(bindparam("want"))
    .with_for_update(of=complaints, skip_locked=True)
)
_SEALED: Final = Query(
    select(_c.id, _c.reference, _c.data_key, _v.canonical)
    .join(complaint_versions, (_v.complaint == _c.id) & (_v.version == _c.current_version))
    .where(_c.id.in_(bindparam("ids", expanding=True)))
)
_NUMBERS_IN_USE: Final = Query(
    select(_c.tracking_id).where(
        _c.account == bindparam("account"),
        _c.tracking_id.in_(bindparam("numbers", expanding=True)),
        _c.linked_to.is_(None),  # as the unique index says
    )
)
_SWITCH: Final = Query(select(book_table.c.value).where(book_table.c.name == "push"))
_decoder = msgspec.json.Decoder(Complaint)


class Attempt(msgspec.Struct):
    """A committed attempt whose request may now leave. Instants in microseconds since the epoch."""

    id: int
    subject: Subject
    number: int
    complaint: Complaint
    sent_at: int
    times_out_at: int
    files: tuple[str, ...] = ()


class Finished(msgspec.Struct):
    """What became of an attempt; `retry_at` (microseconds) is for an outcome that may be tried again."""

    attempt: Attempt
    outcome: Outcome
    retry_at: int = 0


class AccountState(msgspec.Struct):
    """What the book remembers of a national account between processes; instants in microseconds."""

    paused_at: int | None = None
    pause_reason: str | None = None
    credential_print: bytes | None = None
    not_before: int = 0
    failures: int = 0
    open_until: int = 0


class Outbox:
    """One account's way out, under a lease. Each call of `exchange` is one transaction.

    `sent_text` says how the dialect will show a complaint's text; `timeout` is a whole request's, in seconds. With a
    `shelf`, a complaint waits for its files, and its attempt names the ids that they were given.
    """

    def __init__(
        self,
        book: Book,
        account: AccountName,
        lease: Lease,
        sent_text: Callable[[Complaint, Reference], str],
        *,
        timeout: float,
        can_look_up: bool,
        shelf: Shelf | None = None,
    ) -> None:
        self._book = book
        self._shelf = shelf
        self._account = account
        self._lease = lease
        self._sent_text = sent_text
        self._timeout = int(timeout * _MICROSECONDS)
        self._doubt_waits_for = WaitingFor.NATIONAL if can_look_up else WaitingFor.OPERATOR
        self._saved: AccountState | None = None
        self.is_switched_off = False

    def exchange(self, finished: Sequence[Finished], want: int, state: AccountState) -> list[Attempt]:
        """Write the outcomes of finished attempts and, in the same transaction, up to `want` new attempts.

        While all pushing is stopped there is no new attempt, and `is_switched_off` says so from then on. Raises
        `LeaseLostError` when another process has taken over; nothing is written then, and the outcomes stay what
        the take-over makes of them.
        """

        tries = itertools.count()

        def write(connection: Connection) -> list[Attempt]:
            self._lease.require(connection)
            pen = Pen(connection, self._book.clock.now())
            self._write_outcomes(connection, pen, finished, is_again=next(tries) > 0)
            self.is_switched_off = _SWITCH.first(connection) != ("on",)
            attempts = self._begin(connection, pen, want) if want > 0 and not self.is_switched_off else []
            pen.flush()
            if state != self._saved:
                save_account(connection, self._account, state)
            return attempts

        attempts = self._book.transact(write)  # again, should a person give away the same number meanwhile
        self._saved = msgspec.structs.replace(state)
        return attempts

    def _write_outcomes(
        self, connection: Connection, pen: Pen, finished: Sequence[Finished], *, is_again: bool
    ) -> None:
        """The first time in the belief that nothing came between an attempt and its outcome.

        The pen and the unique index of the numbers refuse where that is wrong: a pull showed the complaint again
        while its request was under way, or a person gave the same number away. Then everything is read anew.
        """
        if is_again:
            taken = _numbers_in_use(connection, self._account, finished)
            subjects = load_subjects(connection, [one.attempt.subject.id for one in finished])
        else:
            taken = set()
            subjects = {one.attempt.subject.id: copy(one.attempt.subject) for one in finished}
        rows = []
        for one in finished:
            if isinstance(one.outcome, Accepted):
                if one.outcome.tracking_id in taken:
                    one.outcome = Unknown(
                        f"number {one.outcome.tracking_id} already belongs to another complaint"
                    )
                else:
                    taken.add(one.outcome.tracking_id)
            rows.append(self._write_outcome(pen, subjects[one.attempt.subject.id], one))
        _update_attempts.run(connection, rows)

    def _write_outcome(self, pen: Pen, subject: Subject, one: Finished) -> tuple[Any, ...]:
        number: dict[str, object] = {"attempt": one.attempt.number}
        match one.outcome:
            case Accepted(tracking_id):
                pen.transition(
                    subject,
                    Event.TAKEN,
                    number | {"tracking_id": tracking_id},
                    tracking_id=tracking_id,
                    accepted_at=pen.at,
                    **_standing(None, WaitingFor.NOBODY),
                )
                return (pen.at, "accepted", None, tracking_id, one.attempt.id)
            case Refused(reason):
                pen.transition(
                    subject, Event.REFUSED, number | _short(reason), **_standing(reason, WaitingFor.OPERATOR)
                )
                return (pen.at, "refused", reason, None, one.attempt.id)
            case NotTaken(reason):
                pen.transition(
                    subject,
                    Event.NOT_TAKEN,
                    number | _short(reason),
                    **_standing(reason, WaitingFor.NATIONAL, one.retry_at),
                )
                return (pen.at, "not_taken", reason, None, one.attempt.id)
            case Unknown(reason):
                pen.transition(
                    subject,
                    Event.UNKNOWN,
                    number | _short(reason),
                    **_standing(reason, self._doubt_waits_for),
                )
                return (pen.at, "unknown", reason, None, one.attempt.id)
            case _:
                assert_never(one.outcome)

    def _begin(self, connection: Connection, pen: Pen, want: int) -> list[Attempt]:
        rows = _READY.all(connection, account=self._account, now=pen.at, want=want)
        complaints_of = self._canonical(connection, rows)
        files: dict[int, tuple[str, ...]] = {}
        if self._shelf is not None:
            rows, files = self._shelf.ready(pen, rows, complaints_of)
        ids = self._book.ids(connection, "outbound", len(rows))
        attempts, stored = [], []
        for identifier, row in zip(ids, rows, strict=True):
            subject = subject_of(row)
            complaint = complaints_of[subject.id]
            digest = text_digest(self._sent_text(complaint, subject.reference))
            number = row[-3] + 1
            pen.transition(
                subject,
                Event.ATTEMPTED,
                {"attempt": number, "account": self._account, "sent": sent_mark(self._book, digest).hex()},
                attempts=number,
                **_standing(None, WaitingFor.NATIONAL),
            )
            ends = pen.at + self._timeout
            stored.append(
                (
                    identifier,
                    COMPLAINT,
                    subject.id,
                    self._account,
                    number,
                    self._lease.fence,
                    digest,
                    pen.at,
                    ends,
                )
            )
            named = files.get(subject.id, ())
            attempts.append(Attempt(identifier, subject, number, complaint, pen.at, ends, named))
        _insert_attempts.run(connection, stored)
        return attempts

    def _canonical(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> dict[int, Complaint]:
        """The canonical complaints of `_READY` rows: as this process has just mapped them, else opened."""
        found: dict[int, Complaint] = {}
        for identifier, reference, *_, version, digest in rows:
            complaint = self._book.just_mapped.take(reference, version, digest)
            if complaint is not None:
                found[identifier] = complaint
        missing = [row[0] for row in rows if row[0] not in found]
        if missing:
            for identifier, reference, data_key, sealed in _SEALED.all(connection, ids=missing):
                key = self._book.data_key(reference, data_key)
                found[identifier] = _decoder.decode(key.open(sealed, CANONICAL))
        return found


def text_digest(text: str) -> bytes:
    """What the look-up compares: SHA-256 of the text as sent, white space and HTML escaping folded away."""
    return hashlib.sha256(comparable(text).encode()).digest()


def sent_mark(book: Book, digest: bytes) -> bytes:
    """What the ledger says of a text that was sent: its digest once more under the book's key.

    A bare digest would let anybody who reads the ledger try texts against it.
    """
    return book.digest(digest)


def load_account(connection: Connection, account: AccountName) -> AccountState:
    a = accounts.c
    row = connection.execute(
        select(a.paused_at, a.pause_reason, a.credential_print, a.not_before, a.failures, a.open_until).where(
            a.name == account
        )
    ).first()
    return AccountState(*row) if row else AccountState()


def save_account(connection: Connection, account: AccountName, state: AccountState) -> None:
    """Write the account's state, whether or not it has a row yet."""
    values = msgspec.structs.asdict(state)
    changed = connection.execute(update(accounts).where(accounts.c.name == account).values(values)).rowcount
    if not changed:
        connection.execute(insert(accounts).values(name=account, **values))


def _numbers_in_use(connection: Connection, account: str, finished: Sequence[Finished]) -> set[str]:
    numbers = [one.outcome.tracking_id for one in finished if isinstance(one.outcome, Accepted)]
    if not numbers:
        return set()
    return {number for (number,) in _NUMBERS_IN_USE.all(connection, account=account, numbers=numbers)}


def _standing(reason: str | None, waiting_for: WaitingFor, next_attempt_at: int = 0) -> dict[str, Any]:
    return {"reason": reason, "waiting_for": str(waiting_for), "next_attempt_at": next_attempt_at}


def _short(reason: str) -> dict[str, object]:
    """The part of a reason that is ours: what the other side wrote may quote the citizen."""
    return {"reason": reason.partition(":")[0]}
