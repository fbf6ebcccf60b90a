"""What an answer about a doubt or a claimed number makes of it; each is written inside the caller's transaction.

Whoever asks must hold the account's lease, or be a person: the complaint's own row is locked and its state read
anew, so a verdict that comes late changes nothing.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding, settle_finding
from lapor_gateway.book.sending import COMPLAINT
from lapor_gateway.book.tables import complaints, outbound
from lapor_gateway.book.writing import Pen, Subject, load_subjects
from lapor_gateway.domain.admission import Reason, WaitingFor
from lapor_gateway.domain.lifecycle import Event, State

_c = complaints.c
_HOUR: Final = 3_600_000_000


def enter_found(
    book: Book, pen: Pen, account: str, complaint: int, attempt: int, tracking_ids: Sequence[str]
) -> bool:
    """Our complaint is at LAPOR!: the first number is adopted, more than one is a finding.

    False where it is ambiguous no more, or its number belongs to another complaint: then only the reason changes.
    """
    subject = _still(pen.connection, complaint, State.AMBIGUOUS)
    if subject is None:
        return False
    number = tracking_ids[0]
    if _in_use(pen.connection, account, number):
        later = pen.at + _HOUR
        pen.amend(subject, reason=Reason.NUMBER_TAKEN, waiting_for=WaitingFor.OPERATOR, next_attempt_at=later)
        pen.flush()
        return False
    pen.transition(
        subject,
        Event.FOUND,
        {"tracking_id": number, "found": len(tracking_ids)},
        tracking_id=number,
        accepted_at=pen.at,
        **_at_rest(),
    )
    pen.connection.execute(update(outbound).where(outbound.c.id == attempt).values(tracking_id=number))
    pen.flush()
    if len(tracking_ids) > 1:
        facts = {"tracking_ids": " ".join(tracking_ids)}
        kind = FindingKind.TWICE_AT_NATIONAL
        raise_finding(
            book, pen.connection, kind, subject.reference, _channel(pen.connection, complaint), facts
        )
    return True


def enter_other_text(book: Book, pen: Pen, complaint: int, number: str) -> bool:
    """Our line stands there, over a text that no attempt sent: a finding, and a person decides."""
    subject = _still(pen.connection, complaint, State.AMBIGUOUS)
    if subject is None:
        return False
    reason, waiting_for = Reason.NUMBER_OTHER_TEXT, WaitingFor.OPERATOR
    pen.amend(subject, reason=reason, waiting_for=waiting_for, next_attempt_at=pen.at + _HOUR)
    pen.flush()
    _raise_number_wrong(book, pen.connection, subject, number, reason)
    return True


def enter_absent(pen: Pen, complaint: int, attempt: int, proof: dict[str, Any]) -> bool:
    """The complaint is believably absent: it may be sent again. `proof` says what made it believable.

    False where it is ambiguous no more, or for another attempt than the one whose absence was proved.
    """
    subject = _still(pen.connection, complaint, State.AMBIGUOUS)
    last = select(func.max(outbound.c.id)).where(
        outbound.c.complaint == complaint, outbound.c.kind == COMPLAINT
    )
    if subject is None or pen.connection.execute(last).scalar() != attempt:
        return False
    pen.transition(
        subject,
        Event.BELIEVABLY_ABSENT,
        proof,
        reason=None,
        waiting_for=WaitingFor.NATIONAL,
        next_attempt_at=0,
    )
    pen.flush()
    return True


def enter_adopted(book: Book, pen: Pen, account: str, complaint: int, number: str) -> bool:
    """The claimed number carries the same text at LAPOR!: accepted without ever being sent. False if it is taken."""
    subject = _still(pen.connection, complaint, State.HELD)
    if subject is None:
        return False
    if _in_use(pen.connection, account, number):
        _doubt_number(book, pen, subject, number, Reason.NUMBER_TAKEN)
        return False
    pen.transition(
        subject,
        Event.ADOPT,
        {"tracking_id": number, "checked": True},
        tracking_id=number,
        accepted_at=pen.at,
        **_at_rest(),
    )
    pen.flush()
    settle_finding(book, pen.connection, FindingKind.NUMBER_WRONG, subject.reference)
    return True


def enter_number_doubted(book: Book, pen: Pen, complaint: int, number: str, reason: Reason) -> bool:
    """The claimed number is not there, or carries another text: a finding, and a person decides."""
    subject = _still(pen.connection, complaint, State.HELD)
    if subject is None:
        return False
    _doubt_number(book, pen, subject, number, reason)
    return True


def _doubt_number(book: Book, pen: Pen, subject: Subject, number: str, reason: Reason) -> None:
    facts = {"number": number, "reason": str(reason)}
    pen.note(subject, "number_doubted", facts, reason=reason, waiting_for=WaitingFor.OPERATOR)
    pen.flush()
    _raise_number_wrong(book, pen.connection, subject, number, reason)


def _raise_number_wrong(
    book: Book, connection: Connection, subject: Subject, number: str, reason: Reason
) -> None:
    facts = {"number": number, "reason": str(reason)}
    channel = _channel(connection, subject.id)
    raise_finding(book, connection, FindingKind.NUMBER_WRONG, subject.reference, channel, facts)


def _at_rest() -> dict[str, Any]:
    return {"reason": None, "waiting_for": WaitingFor.NOBODY, "next_attempt_at": 0}


def _channel(connection: Connection, complaint: int) -> str:
    return str(connection.execute(select(_c.channel).where(_c.id == complaint)).scalar_one())


def _still(connection: Connection, identifier: int, state: State) -> Subject | None:
    subject = load_subjects(connection, [identifier]).get(identifier)
    return subject if subject is not None and subject.state is state else None


def _in_use(connection: Connection, account: str, number: str) -> bool:
    query = (
        select(_c.id).where(_c.account == account, _c.tracking_id == number, _c.linked_to.is_(None)).limit(1)
    )
    return connection.execute(query).first() is not None
