"""What a book that was put back learns of its lost life: complaints that are at LAPOR! already, and those in doubt."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, literal_column, select

from lapor_gateway.book.archived import versions_of
from lapor_gateway.book.channels import APPROVAL
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.ledger import facts_text
from lapor_gateway.book.lost import remember
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.sending import text_digest
from lapor_gateway.book.standing import finish, recovery_of, require_reason, write_decision
from lapor_gateway.book.tables import channels, complaints, ledger_entries
from lapor_gateway.book.writing import SUBJECT_COLUMNS, SYSTEM, Pen, Subject, subject_of
from lapor_gateway.domain.admission import Reason, WaitingFor
from lapor_gateway.domain.complaint import AccountName, Complaint
from lapor_gateway.domain.lifecycle import Event, State, is_allowed
from lapor_gateway.domain.outcomes import Listed
from lapor_gateway.domain.reference import Reference, carried_by

SentText = Callable[[Complaint, Reference], str]
_c = complaints.c
_e = ledger_entries.c
_decoder = msgspec.json.Decoder(Complaint)
_SETTLED_ELSEWHERE: Final = frozenset({State.SUBMITTING, State.AMBIGUOUS, State.LINKED})
_APPROVED: Final = facts_text(APPROVAL)
_WAITING: Final = (Reason.SHADOW, Reason.CANARY)
_LET_OUT: Final = (str(Event.RELEASE), str(Event.INCLUDE), str(Event.RESEND))


class Learned(msgspec.Struct):
    """What a listing taught: complaints adopted, and those that stand there otherwise than we can believe."""

    adopted: int = 0
    doubted: int = 0


def learn(
    book: Book,
    listed: Sequence[Listed],
    texts: Mapping[AccountName, SentText],
    *,
    lease: Lease | None = None,
    by: str | None = None,
) -> Learned:
    """Adopt what a part of LAPOR!'s listing, or of its export, shows of ours and the book did not know. Commits.

    Our line over a text that no version of the complaint gives is not believed: the complaint is held for a person.
    One of ours that the book does not know yet is remembered by its reference, and checked when its source shows it.
    `texts` say per account how a text is sent; `by` is the person who brought an export. Safe to repeat.
    """
    ours: dict[Reference, list[Listed]] = {}
    for one in listed:
        reference = carried_by(one.content)
        if reference is not None:
            ours.setdefault(reference, []).append(one)
    if not ours:
        return Learned()
    return book.transact(lambda connection: _learn(book, connection, dict(ours), texts, lease, by))


def _learn(
    book: Book,
    connection: Connection,
    ours: dict[Reference, list[Listed]],
    texts: Mapping[AccountName, SentText],
    lease: Lease | None,
    by: str | None,
) -> Learned:
    if lease is not None:
        lease.require(connection)
    actor = SYSTEM if by is None else pseudonym(book, connection, by)
    pen, done = Pen(connection, book.clock.now(), actor), Learned()
    rows = connection.execute(
        select(*SUBJECT_COLUMNS, _c.account, _c.tracking_id, _c.channel, _c.data_key)
        .where(_c.reference.in_(ours))
        .with_for_update()
    ).all()
    for row in rows:
        there = sorted(ours.pop(row.reference), key=lambda one: (len(one.tracking_id), one.tracking_id))
        if row.account in texts:
            _compare(book, pen, row, there, texts[row.account], done)
    pen.flush()
    remember(connection, {reference: there[0].tracking_id for reference, there in ours.items()})
    if by is not None:
        facts = {"adopted": done.adopted, "doubted": done.doubted}
        write_audit(book, connection, actor, "recovery_adopt", "book", facts)
    return done


def _compare(book: Book, pen: Pen, row: Any, there: list[Listed], sent_text: SentText, done: Learned) -> None:
    subject = subject_of(tuple(row))
    if subject.state in _SETTLED_ELSEWHERE:
        return
    if subject.state is State.ACCEPTED:
        others = [one.tracking_id for one in there if one.tracking_id != row.tracking_id]
        if others:
            _tell_twice(book, pen.connection, row, [row.tracking_id, *others])
        return
    texts = _texts(book, pen.connection, row, sent_text)
    same = [one for one in there if text_digest(one.content) in texts]
    if same and is_allowed(subject.state, Event.ADOPT) and not _in_use(pen.connection, row, same[0]):
        _adopt(pen, subject, same[0].tracking_id)
        done.adopted += 1
        if len(same) > 1:
            _tell_twice(book, pen.connection, row, [one.tracking_id for one in same])
        return
    done.doubted += 1
    _hold_back(pen, subject, Reason.NUMBER_OTHER_TEXT)
    # Whatever this complaint becomes, by an edit or a replay: its number there is looked at before it may leave.
    remember(pen.connection, {Reference(row.reference): there[0].tracking_id})
    facts = {"number": there[0].tracking_id, "reason": str(Reason.NUMBER_OTHER_TEXT)}
    raise_finding(book, pen.connection, FindingKind.NUMBER_WRONG, row.reference, row.channel, facts)


def _adopt(pen: Pen, subject: Subject, number: str) -> None:
    pen.transition(
        subject,
        Event.ADOPT,
        {"tracking_id": number, "recovered": True},
        tracking_id=number,
        accepted_at=pen.at,
        reason=None,
        waiting_for=str(WaitingFor.NOBODY),
        next_attempt_at=0,
    )


def _hold_back(pen: Pen, subject: Subject, reason: Reason) -> None:
    """Keep a complaint from going out until a person has decided; one that would not go out stays as it is."""
    if subject.state is State.READY:
        standing: dict[str, Any] = {
            "reason": str(reason),
            "waiting_for": str(WaitingFor.OPERATOR),
            "next_attempt_at": 0,
        }
        pen.transition(subject, Event.HOLD, {"reason": str(reason)}, **standing)


def _texts(book: Book, connection: Connection, row: Any, sent_text: SentText) -> set[bytes]:
    """The digests of every text that may have been sent: one for each version that could be mapped."""
    if row.data_key == ERASED:
        return set()
    key = book.data_key(row.reference, row.data_key)
    versions = versions_of(book, connection, [row.id]).get(row.id, [])
    sealed = [one.canonical for one in versions if one.canonical is not None]
    read = [_decoder.decode(key.open(one, CANONICAL)) for one in sealed]
    return {text_digest(sent_text(complaint, row.reference)) for complaint in read}


def _in_use(connection: Connection, row: Any, one: Listed) -> bool:
    query = select(_c.id).where(
        _c.account == row.account,
        _c.tracking_id == one.tracking_id,
        _c.linked_to.is_(None),
        _c.id != row.id,
    )
    return connection.execute(query.limit(1)).first() is not None


def _tell_twice(book: Book, connection: Connection, row: Any, numbers: list[str]) -> None:
    facts = {"tracking_ids": " ".join(numbers)}
    raise_finding(book, connection, FindingKind.TWICE_AT_NATIONAL, row.reference, row.channel, facts)


def hold_in_doubt(book: Book, connection: Connection, accounts: Iterable[str], since: int) -> int:
    """Hold every complaint of these accounts that would go out, unless a person has let it out since; how many."""
    let_out = (
        select(_e.id)
        .where(
            _e.complaint == _c.id, _e.kind.in_(_LET_OUT), _e.at >= since, _e.facts != _APPROVED
        )  # whoever approves a whole channel has not looked at its complaints
        .correlate(complaints)
    )
    rows = connection.execute(
        select(*SUBJECT_COLUMNS)
        .where(
            _c.state == literal_column(f"'{State.READY}'"), _c.account.in_(list(accounts)), ~let_out.exists()
        )
        .with_for_update()
    ).all()
    pen = Pen(connection, book.clock.now())
    for row in rows:
        _hold_back(pen, subject_of(tuple(row)), Reason.RECOVERY)
    for row in _waiting(connection, accounts):
        facts = {"reason": str(Reason.RECOVERY)}
        pen.note(
            subject_of(tuple(row)), "recovery_doubted", facts, **facts, waiting_for=str(WaitingFor.OPERATOR)
        )
    pen.flush()
    return len(rows)


def _waiting(connection: Connection, accounts: Iterable[str]) -> Sequence[Any]:
    """What an approval of its channel would let out: the lost life may have been approved, and sent it."""
    return connection.execute(
        select(*SUBJECT_COLUMNS)
        .where(
            _c.state == literal_column(f"'{State.HELD}'"),
            _c.reason.in_(_WAITING),
            _c.account.in_(list(accounts)),
        )
        .with_for_update()
    ).all()


def must_show(book: Book, account: AccountName, before: int, most: int) -> frozenset[str]:
    """The numbers of the newest complaints accepted before `before` (microseconds): a whole listing has one of them."""
    with book.read() as connection:
        found = connection.scalars(
            select(_c.tracking_id)
            .where(_c.account == account, _c.state == State.ACCEPTED, _c.accepted_at < before)
            .order_by(_c.accepted_at.desc())
            .limit(most)
        )
        return frozenset(number for number in found if number is not None)


def conclude_by(book: Book, accounts: Sequence[str], *, by: str, reason: str) -> int:
    """A person ends the recovery; what would go out under `accounts` is held in the same transaction. How many are."""
    require_reason(reason)
    with book.write() as connection:
        recovery = recovery_of(connection)
        if recovery is None:
            return 0
        hold_in_doubt(book, connection, accounts, recovery.since)
        actor = write_decision(book, connection, "recovery_ended", by, reason, book.clock.now())
        finish(book, connection, recovery, actor=actor)
        return count_in_doubt(connection)


def count_in_doubt(connection: Connection) -> int:
    """How many complaints are held because nobody knows whether a lost life sent them."""
    held = _c.state == literal_column(f"'{State.HELD}'")
    query = select(func.count()).where(held, _c.reason == Reason.RECOVERY)
    return int(connection.execute(query).scalar_one())


def last_successes(connection: Connection) -> dict[str, int | None]:
    """When each channel was last pulled whole (microseconds)."""
    rows = connection.execute(select(channels.c.id, channels.c.last_success_at))
    return {row.id: row.last_success_at for row in rows}
