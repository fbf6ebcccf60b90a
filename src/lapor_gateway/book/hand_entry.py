"""What persons type into LAPOR! for accounts without an interface: the queue, what was given out, the numbers known."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, literal_column, select

from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.sending import sent_mark, text_digest
from lapor_gateway.book.tables import complaint_versions, complaints
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, load_subjects, subject_of
from lapor_gateway.domain.admission import Reason, WaitingFor
from lapor_gateway.domain.complaint import AccountName, Complaint
from lapor_gateway.domain.lifecycle import Event, State
from lapor_gateway.domain.reference import Reference

_c = complaints.c
_v = complaint_versions.c
_READY: Final = _c.state == literal_column(f"'{State.READY}'")
_PAGE: Final = 500
_LATEST: Final = 200
_decoder = msgspec.json.Decoder(Complaint)


class Waiting(msgspec.Struct, frozen=True):
    """A complaint that waits to be typed; `is_given_out`: a person has it already."""

    id: int
    reference: Reference
    channel: str
    account: AccountName
    complaint: Complaint
    is_given_out: bool


def waiting(book: Book, accounts: Sequence[AccountName], most: int) -> Iterator[Waiting]:
    """Up to `most` complaints that are ready on these accounts, oldest first."""
    query = (
        select(_c.id, _c.reference, _c.channel, _c.account, _c.reason, _c.data_key, _v.canonical)
        .join(complaint_versions, (_v.complaint == _c.id) & (_v.version == _c.current_version))
        .where(_READY, _c.account.in_(accounts), _c.gate_due == 0, _c.data_key != ERASED)
        .order_by(_c.id)
    )
    after = 0
    while most > 0:
        with book.read() as connection:
            rows = connection.execute(query.where(_c.id > after).limit(min(most, _PAGE))).all()
        for row in rows:
            key = book.data_key(row.reference, row.data_key)
            complaint = _decoder.decode(key.open(row.canonical, CANONICAL))
            is_given_out = row.reason == Reason.GIVEN_OUT
            yield Waiting(row.id, row.reference, row.channel, row.account, complaint, is_given_out)
        if not rows:
            return
        after, most = rows[-1].id, most - len(rows)


def give_out(book: Book, texts: Mapping[int, str], *, by: str, reason: str | None) -> list[int]:
    """A person takes these texts, by complaint, to type them; the ids of those that are still ready.

    `reason` where identities are shown as well. A reconciliation knows the texts again at LAPOR!, as if they were sent.
    """

    def write(connection: Connection) -> list[int]:
        actor = pseudonym(book, connection, by)
        pen = Pen(connection, book.clock.now(), actor)
        subjects = [one for one in load_subjects(connection, texts).values() if one.state is State.READY]
        kind = "given_out" if reason is None else "identity_seen"
        for one in subjects:
            columns = {"reason": str(Reason.GIVEN_OUT), "waiting_for": str(WaitingFor.OPERATOR)}
            sent = sent_mark(book, text_digest(texts[one.id])).hex()
            pen.note(one, "given_out", {"identity": reason is not None, "sent": sent}, **columns)
            write_audit(book, connection, actor, kind, one.reference, {"reason": reason} if reason else {})
        pen.flush()
        return [one.id for one in subjects]

    return book.transact(write)


def hold_given_out(book: Book, lease: Lease, account: AccountName) -> int:
    """Before a machine sends for an account that persons typed for: what they may have typed waits for their word."""
    query = select(*SUBJECT_COLUMNS).where(_READY, _c.account == account, _c.reason == Reason.GIVEN_OUT)

    def write(connection: Connection) -> int:
        lease.require(connection)
        pen = Pen(connection, book.clock.now())
        rows = connection.execute(query.with_for_update()).all()
        for row in rows:
            reason = str(Reason.GIVEN_OUT)
            waits = str(WaitingFor.OPERATOR)
            pen.transition(
                subject_of(tuple(row)), Event.HOLD, {"reason": reason}, reason=reason, waiting_for=waits
            )
        pen.flush()
        return len(rows)

    with book.read() as connection:
        is_any = connection.execute(query.with_only_columns(_c.id).limit(1)).first() is not None
    return book.transact(write) if is_any else 0


def latest_numbers(book: Book, account: AccountName) -> list[str]:
    """The numbers that an account's complaints were given last: what a typed one is compared with."""
    query = (
        select(_c.tracking_id)
        .where(_c.account == account, _c.tracking_id.is_not(None), _c.linked_to.is_(None))
        .order_by(_c.id.desc())
        .limit(_LATEST)
    )
    with book.read() as connection:
        return list(connection.execute(query).scalars())


def standing_of(book: Book, reference: Reference) -> tuple[AccountName, State, str | None] | None:
    """Account, state and number of a complaint; None where there is none."""
    query = select(_c.account, _c.state, _c.tracking_id).where(_c.reference == reference)
    with book.read() as connection:
        row = connection.execute(query).first()
    return None if row is None else (row.account, State(row.state), row.tracking_id)
