"""A region's answers on their way to LAPOR!: attempts committed before requests, outcomes and doubts settled after."""

from collections.abc import Sequence
from typing import Any, assert_never

import msgspec
from sqlalchemy import Connection, literal_column, select

from lapor_gateway.book import follow_ups, milestones, parcels
from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, FindingState
from lapor_gateway.book.following import SECRECY
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.parcels import Direction, Parcel, ParcelKind, ParcelState
from lapor_gateway.book.sending import sent_mark, text_digest
from lapor_gateway.book.standing import Standing, standing
from lapor_gateway.book.tables import complaints, findings
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.domain.complaint import Complaint, Reporter, Visibility
from lapor_gateway.domain.echo import with_mark
from lapor_gateway.domain.follow_up import Answer, HandOver
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.outcomes import NotTaken, Refused, Unknown
from lapor_gateway.domain.redaction import redact
from lapor_gateway.domain.reference import Reference

_c = complaints.c
_decoder = msgspec.json.Decoder(Complaint)


class Taken(msgspec.Struct, frozen=True):
    """LAPOR! took the follow-up, by its own answer or as it shows it."""


Ending = Taken | Refused | NotTaken | Unknown


class Sent(msgspec.Struct):
    """A committed attempt at a follow-up whose request may now leave."""

    parcel: Parcel
    subject: Subject
    tracking_id: str
    answer: Answer | HandOver


class Doubt(msgspec.Struct, frozen=True):
    """A follow-up of which nobody knows whether LAPOR! took it."""

    parcel: Parcel
    reference: Reference
    tracking_id: str


class _About(msgspec.Struct):
    subject: Subject
    tracking_id: str | None
    visibility: Visibility
    data_key: bytes


def begin(book: Book, lease: Lease, account: str, want: int, *, time_out: int) -> list[Sent]:
    """Commit attempts at up to `want` follow-ups of an account; `time_out` in µs.

    What must not leave is stopped instead. Nothing begins while all pushing is stopped.
    """

    def write(connection: Connection) -> list[Sent]:
        lease.require(connection)
        if standing(connection) is not Standing.ON:
            return []
        pen = Pen(connection, book.clock.now())
        taken = parcels.take(
            connection, lease, Direction.NATIONAL, account, want, now=pen.at, time_out=time_out
        )
        about = _about(connection, [one.complaint for one in taken if one.complaint is not None])
        hidden = _tightened(connection, [one.subject.reference for one in about.values()])
        sent = [one for parcel in taken if (one := _composed(book, pen, parcel, about, hidden)) is not None]
        pen.flush()
        return sent

    return book.transact(write)


def finish(book: Book, lease: Lease, endings: Sequence[tuple[Sent, Ending, int]]) -> None:
    """Write how attempts ended; the instant (µs) is when one that may be tried again is next."""

    def write(connection: Connection) -> None:
        lease.require(connection)
        pen = Pen(connection, book.clock.now())
        about = _about(connection, [one.subject.id for one, _, _ in endings])
        written = [
            one.subject.id
            for one, ending, next_at in endings
            if _enter(pen, one.parcel, about[one.subject.id].subject, ending, next_at)
        ]
        pen.flush()
        milestones.renew(connection, written)

    book.transact(write)


def lose_holders(book: Book, lease: Lease, account: str) -> int:
    """Attempts of a sender that is gone are in doubt, once their time-out has passed; how many were."""

    def write(connection: Connection) -> int:
        lease.require(connection)
        pen = Pen(connection, book.clock.now())
        lost = parcels.lost(connection, lease, Direction.NATIONAL, account, pen.at)
        about = _about(connection, [one.complaint for one in lost if one.complaint is not None])
        for one in lost:
            if one.complaint in about:
                _enter(pen, one, about[one.complaint].subject, Unknown("lost_holder"), pen.at)
        pen.flush()
        return len(lost)

    return book.transact(write)


def doubts(book: Book, account: str, most: int) -> list[Doubt]:
    """Follow-ups in doubt whose next look is due."""
    with book.read() as connection:
        found = parcels.in_doubt(connection, account, book.clock.now(), most)
        ids = [one.complaint for one in found if one.complaint is not None]
        rows = connection.execute(select(_c.id, _c.reference, _c.tracking_id).where(_c.id.in_(ids)))
        known = {row.id: row for row in rows}
    return [
        Doubt(one, known[one.complaint].reference, known[one.complaint].tracking_id)
        for one in found
        if one.complaint in known and known[one.complaint].tracking_id is not None
    ]


def settle(book: Book, lease: Lease, doubt: Doubt, *, is_there: bool) -> None:
    """LAPOR! shows the follow-up, or it is believably absent and may be sent again."""

    def write(connection: Connection) -> None:
        lease.require(connection)
        pen = Pen(connection, book.clock.now())
        assert doubt.parcel.complaint is not None
        subject = _about(connection, [doubt.parcel.complaint])[doubt.parcel.complaint].subject
        if is_there:
            _enter(pen, doubt.parcel, subject, Taken(), 0)
        else:
            pen.note(subject, "follow_up_absent", _facts(doubt.parcel))
            parcels.move(
                connection, doubt.parcel.id, ParcelState.WAITING, at=pen.at, next_attempt_at=pen.at,
                first_absent_at=None,
            )  # fmt: skip
        pen.flush()
        milestones.renew(connection, [subject.id] if is_there else [])

    book.transact(write)


def look_again(book: Book, doubt: Doubt, at: int, first_absent_at: int | None) -> None:
    """Nothing is decided yet: when to look next, and when it was first found absent (µs)."""
    with book.write() as connection:
        parcels.move(
            connection,
            doubt.parcel.id,
            ParcelState.AMBIGUOUS,
            at=at,
            reason="unknown",
            next_attempt_at=at,
            first_absent_at=first_absent_at,
        )


def _about(connection: Connection, ids: Sequence[int]) -> dict[int, _About]:
    query = (
        select(*SUBJECT_COLUMNS, _c.tracking_id, _c.visibility, _c.data_key)
        .where(_c.id.in_(ids))
        .order_by(_c.id)
        .with_for_update()
    )
    return {
        row.id: _About(
            subject_of(tuple(row)),
            row.tracking_id,
            Visibility(row.visibility or Visibility.PUBLIC),
            row.data_key,
        )
        for row in connection.execute(query)
    }


def _tightened(connection: Connection, references: Sequence[str]) -> frozenset[str]:
    """Whose secrecy was tightened after LAPOR! had the text, and no person has decided about it yet."""
    f = findings.c
    query = select(f.subject).where(
        f.kind == FindingKind.SECRECY_TIGHTENED,
        f.state == literal_column(f"'{FindingState.OPEN}'"),
        f.subject.in_(references),
    )
    return frozenset(connection.execute(query).scalars())


def _composed(
    book: Book, pen: Pen, parcel: Parcel, about: dict[int, _About], hidden: frozenset[str]
) -> Sent | None:
    """What is sent; None, with the parcel stopped, where nothing of it may leave."""
    one = about.get(parcel.complaint or 0)
    why = _why_not(one, hidden)
    if one is not None and why is None and one.tracking_id and parcel.kind == ParcelKind.HAND_OVER:
        pen.note(one.subject, "hand_over_attempted", _facts(parcel))
        return Sent(
            parcel, one.subject, one.tracking_id, msgspec.json.decode(parcel.word or "", type=HandOver)
        )
    text = None if one is None or why is not None else _text(book, pen.connection, parcel, one)
    if one is None or text is None or one.tracking_id is None:
        reason = why or "erased"
        parcels.move(pen.connection, parcel.id, ParcelState.STOPPED, at=pen.at, reason=reason)
        return None
    digest = sent_mark(book, text_digest(text))
    pen.note(one.subject, "follow_up_attempted", _facts(parcel) | {"sent": digest.hex()})
    return Sent(parcel, one.subject, one.tracking_id, Answer(text, is_secret=one.visibility.is_secret))


def _why_not(one: _About | None, hidden: frozenset[str]) -> str | None:
    if one is None or one.data_key == ERASED:
        return "erased"
    if one.subject.state is not State.ACCEPTED or one.tracking_id is None:
        return "not_accepted"
    return SECRECY if one.subject.reference in hidden else None


def _text(book: Book, connection: Connection, parcel: Parcel, one: _About) -> str | None:
    """The follow-up as it leaves: under our line, without the reporter's own values where the report hides them."""
    key = book.data_key(one.subject.reference, one.data_key)
    kept = {each.number: each for each in follow_ups.contents(connection, one.subject.id, key)}
    number = parcel.follow_up or 0
    if number not in kept:
        return None
    text = kept[number].follow_up.text
    if one.visibility is not Visibility.PUBLIC:
        for reporter in _reporters(book, connection, one):
            text = redact(text, reporter)
    return with_mark(one.subject.reference, number, text)


def _reporters(book: Book, connection: Connection, one: _About) -> list[Reporter]:
    """The reporter as every version that can be read has them; nobody's values still takes NIKs out."""
    key = book.data_key(one.subject.reference, one.data_key)
    versions = versions_of(book, connection, [one.subject.id], absent=set()).get(one.subject.id, [])
    found = [
        _decoder.decode(key.open(each.canonical, CANONICAL)).reporter
        for each in versions
        if each.canonical is not None
    ]
    return found or [Reporter()]


def _enter(pen: Pen, parcel: Parcel, subject: Subject, ending: Ending, next_at: int) -> bool:
    """Write an ending beside its entry; whether LAPOR! has the follow-up now."""
    facts, connection = _facts(parcel), pen.connection
    match ending:
        case Taken():
            pen.note(subject, f"{parcel.kind}_written", facts)
            parcels.move(connection, parcel.id, ParcelState.DELIVERED, at=pen.at)
            return True
        case Refused(reason):
            pen.note(subject, f"{parcel.kind}_refused", facts | _short(reason))
            parcels.move(connection, parcel.id, ParcelState.REFUSED, at=pen.at, reason=reason)
        case NotTaken(reason):
            pen.note(subject, f"{parcel.kind}_not_taken", facts | _short(reason))
            parcels.move(
                connection, parcel.id, ParcelState.WAITING, at=pen.at, reason=reason, next_attempt_at=next_at
            )
        case Unknown(reason):
            pen.note(subject, f"{parcel.kind}_unknown", facts | _short(reason))
            parcels.move(
                connection,
                parcel.id,
                ParcelState.AMBIGUOUS,
                at=pen.at,
                reason=reason,
                next_attempt_at=next_at,
            )
        case _:
            assert_never(ending)
    return False


def _facts(parcel: Parcel) -> dict[str, Any]:
    if parcel.kind == ParcelKind.HAND_OVER:
        return {"parcel": parcel.id, "attempt": parcel.attempts}
    return {"number": parcel.follow_up or 0, "attempt": parcel.attempts}


def _short(reason: str) -> dict[str, Any]:
    """The part of a reason that is ours: what the other side wrote may quote the citizen."""
    return {"reason": reason.partition(":")[0]}
