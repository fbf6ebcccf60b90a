"""What a reconciliation may mend without a person: adopt what is there, refresh a status, record a disappearance.

Each looks again at where the complaint stands, in the transaction that writes: run twice, it writes once.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, select

from lapor_gateway.book import milestones, verdicts
from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding, settle_finding
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import COMPLAINT
from lapor_gateway.book.tables import complaints, outbound
from lapor_gateway.book.writing import SOURCE, SUBJECT_COLUMNS, Pen, subject_of
from lapor_gateway.domain.admission import Reason, WaitingFor
from lapor_gateway.domain.complaint import AccountName, Complaint, StatusMeaning
from lapor_gateway.domain.lifecycle import Event, State, is_allowed

_CHUNK: Final = 500
_c = complaints.c
_decoder = msgspec.json.Decoder(Complaint)


class Refreshed(msgspec.Struct, frozen=True):
    """A status as LAPOR! shows it: whose, under which number, the word there and what it means."""

    reference: str
    number: str
    word: str
    meaning: StatusMeaning


def adopt_there(
    book: Book, lease: Lease, account: AccountName, reference: str, numbers: Sequence[str]
) -> bool:
    """LAPOR! lists what we sent for a complaint that is not accepted here: accept it under the first number.

    The caller has compared the text. False where it moved on meanwhile or the number belongs to another.
    """

    def adopt(connection: Connection) -> bool:
        lease.require(connection)
        row = _of_reference(connection, reference)
        if row is None or not is_allowed(State(row.state), Event.ADOPT):
            return False
        pen = Pen(connection, book.clock.now())
        attempt = _last_attempt(connection, row.id)
        if row.state == State.AMBIGUOUS and attempt is not None:
            return verdicts.enter_found(book, pen, account, row.id, attempt, numbers)
        if not take_number(connection, pen, row, account, numbers[0]):
            return False
        if len(numbers) > 1:
            facts = {"tracking_ids": " ".join(sorted(numbers))}
            raise_finding(book, connection, FindingKind.TWICE_AT_NATIONAL, reference, row.channel, facts)
        return True

    return book.transact(adopt)


def take_number(connection: Connection, pen: Pen, row: Any, account: AccountName, number: str) -> bool:
    """Accept the complaint of `row` (`SUBJECT_COLUMNS` first) under a number seen at LAPOR!; False if it is taken."""
    taken = select(_c.id).where(_c.account == account, _c.tracking_id == number, _c.linked_to.is_(None))
    if connection.execute(taken.limit(1)).first() is not None:
        return False
    pen.transition(
        subject_of(tuple(row)),
        Event.ADOPT,
        {"tracking_id": number, "checked": True},
        tracking_id=number,
        accepted_at=pen.at,
        reason=None,
        waiting_for=str(WaitingFor.NOBODY),
        next_attempt_at=0,
    )
    pen.flush()
    return True


def hold_unsent(pen: Pen, row: Row[Any]) -> None:
    """Something under our reference is at LAPOR! with another text: nothing may leave before a person has looked."""
    if row.state == State.READY:
        reason = str(Reason.NUMBER_OTHER_TEXT)
        waiting = str(WaitingFor.OPERATOR)
        pen.transition(
            subject_of(tuple(row)), Event.HOLD, {"reason": reason}, reason=reason, waiting_for=waiting
        )
        pen.flush()


def refresh_statuses(book: Book, seen: Sequence[Refreshed]) -> list[Refreshed]:
    """Keep the statuses that LAPOR! shows; an entry for each that changed. Those whose book says the same now."""

    def write(connection: Connection) -> list[Refreshed]:
        pen = Pen(connection, book.clock.now())
        rows = rows_of(connection, [one.reference for one in seen])
        current, moved = [], []
        for one in seen:
            row = rows.get(one.reference)
            if row is None or row.state != State.ACCEPTED or row.tracking_id != one.number:
                continue
            current.append(one)
            if (row.national_word, row.national_status) != (one.word, one.meaning):
                facts = {"word": one.word, "meaning": str(one.meaning)}
                status = {"national_word": one.word, "national_status": str(one.meaning)}
                pen.note(subject_of(tuple(row)), "national_status", facts, **status)
                moved.append(row.id)
        pen.flush()
        milestones.renew(connection, moved)
        return current

    return book.transact(write)


def untranslated(book: Book, account: AccountName, word: str) -> list[tuple[str, str]]:
    """(reference, number) of the complaints whose status at LAPOR! is a word that nobody knew."""
    query = select(_c.reference, _c.tracking_id).where(
        _c.account == account,
        _c.national_word == word,
        _c.national_status == str(StatusMeaning.UNKNOWN),
        _c.tracking_id.is_not(None),
    )
    with book.read() as connection:
        return [(row.reference, row.tracking_id) for row in connection.execute(query)]


def record_gone(book: Book, references: Sequence[str]) -> None:
    """Record by the channel's rule that the source no longer shows these complaints."""

    def write(connection: Connection) -> None:
        pen = Pen(connection, book.clock.now(), SOURCE)
        for reference, row in rows_of(connection, references).items():
            if row.disappeared_at is None:
                pen.note(subject_of(tuple(row)), "disappeared", {"rule": "accept"}, disappeared_at=pen.at)
            settle_finding(book, connection, FindingKind.MISSING_AT_SOURCE, reference)
        pen.flush()

    book.transact(write)


def raw_digests(book: Book, references: Sequence[str]) -> dict[str, bytes]:
    """What "seen before" compares with now, by reference."""
    found: dict[str, bytes] = {}
    with book.read() as connection:
        for reference, row in rows_of(connection, references, lock=False).items():
            found[reference] = row.raw_digest
    return found


def texts_under(book: Book, account: AccountName, numbers: Sequence[str]) -> dict[str, list[str]]:
    """The texts (every version's) of accepted complaints by their number at LAPOR!. Raises `ArchiveError`."""
    query = select(_c.id, _c.tracking_id, _c.reference, _c.data_key).where(
        _c.account == account, _c.tracking_id.in_(numbers), _c.linked_to.is_(None), _c.data_key != ERASED
    )
    found: dict[str, list[str]] = {}
    with book.read() as connection:
        rows = connection.execute(query).all()
        versions = versions_of(book, connection, [row.id for row in rows])
    for row in rows:
        key = book.data_key(row.reference, row.data_key)
        for one in versions.get(row.id, []):
            if one.canonical is not None:
                complaint = _decoder.decode(key.open(one.canonical, CANONICAL))
                found.setdefault(row.tracking_id, []).append(complaint.body)
    return found


def _last_attempt(connection: Connection, complaint: int) -> int | None:
    o = outbound.c
    query = select(func.max(o.id)).where(o.complaint == complaint, o.kind == COMPLAINT)
    return connection.execute(query).scalar()


def _of_reference(connection: Connection, reference: str) -> Row[Any] | None:
    return rows_of(connection, [reference]).get(reference)


def rows_of(connection: Connection, references: Iterable[str], *, lock: bool = True) -> dict[str, Row[Any]]:
    """What a repair must know of complaints, `SUBJECT_COLUMNS` first, by reference."""
    wanted = list(references)
    query = select(
        *SUBJECT_COLUMNS,
        _c.channel,
        _c.tracking_id,
        _c.national_word,
        _c.national_status,
        _c.disappeared_at,
        _c.raw_digest,
    ).order_by(_c.id)
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = query.where(_c.reference.in_(wanted[start : start + _CHUNK]))
        for row in connection.execute(part.with_for_update() if lock else part):
            found[row.reference] = row
    return found
