"""What operators decide: the lifecycle's verbs, each by a named person, written in ledger and audit."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from lapor_gateway.book.archiving import recall
from lapor_gateway.book.crypto import ERASED, ErasedError
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, FindingState, settle_finding
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.standing import switch
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.book.tables import complaint_versions, complaints, doubles, findings
from lapor_gateway.book.wording import reporters_of, without
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, Subject, record, subject_of
from lapor_gateway.domain.admission import Reason, WaitingFor
from lapor_gateway.domain.complaint import ComplaintId
from lapor_gateway.domain.lifecycle import Event, IllegalTransitionError, State, allowed_events
from lapor_gateway.domain.reference import parse
from lapor_gateway.errors import ConfigurationError, NotAllowedError, NotFoundError

_LONGEST_NUMBER: Final = 15
_LONGEST_ID: Final = 18  # digits; more would not fit a 64-bit key
_c = complaints.c


class Verb(StrEnum):
    """An operator's verb; the words are the events'."""

    REPLAY = "replay"
    HOLD = "hold"
    RELEASE = "release"
    INCLUDE = "include"
    SET_ASIDE = "set_aside"
    LINK = "link"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    ADOPT = "adopt"
    RESEND = "resend"
    GIVE_UP = "give_up"
    NUMBER = "number"
    UNDO = "undo"


_EVENTS: Final = {Verb.REPLAY: Event.REPLAYED} | {
    verb: Event(verb) for verb in Verb if verb is not Verb.REPLAY
}
NEEDS_REASON: Final = frozenset({Verb.RESEND, Verb.GIVE_UP, Verb.UNDO, Verb.WITHDRAW, Verb.RESTORE})
_SETTLES: Final = {Verb.ADOPT: FindingKind.NUMBER_WRONG, Verb.LINK: FindingKind.SUSPECTED_DOUBLE}
_NEEDS_NUMBER: Final = frozenset({Verb.ADOPT, Verb.NUMBER})


class Decision(msgspec.Struct, frozen=True):
    """What a person decided, when (microseconds), and with what: a reason, a tracking id, another complaint."""

    verb: Verb
    by: str
    reason: str | None = None
    number: str | None = None
    other: str | None = None
    at: int = 0


def decide(
    book: Book,
    which: str,
    verb: Verb,
    *,
    by: str,
    reason: str | None = None,
    number: str | None = None,
    other: str | None = None,
) -> ComplaintId:
    """Carry out an operator's decision on the complaint `which` (id or reference); its id.

    An archived complaint comes back into the working tables first. Raises `NotFoundError`, `NotAllowedError` where the
    lifecycle has no such arrow, `ConfigurationError` where a reason, a number or another complaint is missing,
    `ArchiveError` where its archive is.
    """
    decision = Decision(verb, by, reason, number, other, book.clock.now())
    _check(decision)

    def carry_out(connection: Connection) -> ComplaintId:
        row = _locked(connection, which)
        subject = subject_of(tuple(row))
        _require_text(subject, row.data_key)
        actor = pseudonym(book, connection, by)
        pen = Pen(connection, decision.at, actor)
        recall(book, pen, subject)
        facts, columns = _CONSEQUENCES[verb](connection, row, decision)
        said = without(reason, reporters_of(book, connection, row.id)) if reason else None
        facts |= {"reason": said} if said else {}
        try:
            if subject.state is State.ACCEPTED and verb in (Verb.LINK, Verb.SPLIT):
                _relate(pen, subject, columns["linked_to"], facts)
            else:
                pen.transition(subject, _EVENTS[verb], facts, **columns)
        except IllegalTransitionError:
            raise _not_allowed(subject, verb) from None
        pen.flush()
        write_audit(book, connection, actor, verb, subject.reference, facts)
        if verb in _SETTLES:
            settle_finding(book, connection, _SETTLES[verb], subject.reference)
        return subject.id

    return book.transact(carry_out)


def _require_text(subject: Subject, data_key: bytes) -> None:
    if data_key == ERASED:
        raise ErasedError(
            f"The complaint {subject.reference} was erased; nothing can be decided about it any more.",
            cure="If the citizen reports it again, it comes in as a new complaint.",
        )


def set_push(book: Book, on: bool, *, by: str) -> None:
    """Turn everything outgoing off or on, for all accounts at once. Raises `NotAllowedError`, see `standing.switch`."""
    with book.write() as connection:
        switch(connection, on=on)
        actor = pseudonym(book, connection, by)
        record(connection, "book", "push_on" if on else "push_off", {}, at=book.clock.now(), actor=actor)
        write_audit(book, connection, actor, "push", "book", {"on": on})


def push_is_on(book: Book) -> bool:
    """Whether anything may leave at all."""
    with book.read() as connection:
        value = connection.execute(select(book_table.c.value).where(book_table.c.name == "push")).scalar()
    return value == "on"


def accept_finding(book: Book, finding: int, *, by: str, reason: str) -> None:
    """A person accepts a finding with a reason; a disappearance is then recorded and counts as accounted for."""
    if not reason.strip():
        raise ConfigurationError("Accepting a finding needs a reason.", cure="Say why it is no fault.")
    with book.write() as connection:
        row = connection.execute(select(findings).where(findings.c.id == finding).with_for_update()).first()
        if row is None:
            raise NotFoundError(f"There is no finding {finding}.")
        if row.state != FindingState.OPEN:
            return
        actor = pseudonym(book, connection, by)
        now = book.clock.now()
        connection.execute(
            update(findings)
            .where(findings.c.id == finding)
            .values(state=FindingState.ACCEPTED, closed_at=now)
        )
        facts = {"finding": row.kind, "reason": without(reason, frozenset())}
        if not _is_here(connection, row.subject):
            record(connection, f"channel:{row.channel}", "finding_accepted", facts, at=now, actor=actor)
        else:
            pen = Pen(connection, now, actor)
            gone = {"disappeared_at": now} if row.kind == FindingKind.MISSING_AT_SOURCE else {}
            subject = subject_of(tuple(_locked(connection, row.subject)))
            facts["reason"] = without(reason, reporters_of(book, connection, subject.id))
            pen.note(subject, "finding_accepted", facts, **gone)
            pen.flush()
        write_audit(book, connection, actor, "accept_finding", row.subject, facts)


def _is_here(connection: Connection, subject: str) -> bool:
    """Whether a finding is about a complaint that the book has; one may be about a reference that it lacks."""
    reference = parse(subject)
    query = select(_c.id).where(_c.reference == reference)
    return reference is not None and connection.execute(query).first() is not None


def _check(decision: Decision) -> None:
    if decision.verb in NEEDS_REASON and not (decision.reason or "").strip():
        raise ConfigurationError(f"`{decision.verb}` needs a reason.", cure='Add --reason "…".')
    if decision.verb in _NEEDS_NUMBER:
        number = decision.number or ""
        if not (
            number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER and number.strip("0")
        ):
            raise ConfigurationError(
                f"{number!r} is no tracking number of LAPOR!.", cure="It is 1 to 15 digits, 7 today."
            )
    if decision.verb is Verb.LINK and not decision.other:
        raise ConfigurationError("`link` needs the complaint to link to.", cure="Give its reference.")


def _locked(connection: Connection, which: str) -> Any:
    reference = parse(which)
    is_id = which.isascii() and which.isdigit() and len(which) <= _LONGEST_ID
    where = _c.reference == reference if reference else _c.id == (int(which) if is_id else -1)
    row = connection.execute(
        select(
            *SUBJECT_COLUMNS,
            _c.account,
            _c.tracking_id,
            _c.linked_to,
            _c.current_version,
            _c.latest_raw,
            _c.data_key,
        )
        .where(where)
        .with_for_update()
    ).first()
    if row is None:
        raise NotFoundError(
            f"There is no complaint {which}.", cure="`lapor-gateway complaints list` shows them."
        )
    return row


def possible_verbs(state: State) -> list[Verb]:
    """What an operator can decide about a complaint in `state`."""
    events = set(allowed_events(state)) | ({Event.LINK} if state is State.ACCEPTED else set())
    return [verb for verb in Verb if _EVENTS[verb] in events]


def _not_allowed(subject: Subject, verb: Verb) -> NotAllowedError:
    verbs = ", ".join(possible_verbs(subject.state)) or "nothing"
    return NotAllowedError(
        f"The complaint {subject.reference} is {subject.state}: `{verb}` is not possible.",
        cure=f"Possible: {verbs}.",
    )


_Consequence = Callable[[Connection, Row[Any], Decision], tuple[dict[str, Any], dict[str, Any]]]


def _standing(reason: str | None = None, waiting_for: WaitingFor = WaitingFor.NOBODY) -> dict[str, Any]:
    return {"reason": reason, "waiting_for": waiting_for, "next_attempt_at": 0}


def _simply(reason: str | None = None, waiting_for: WaitingFor = WaitingFor.NOBODY) -> _Consequence:
    return lambda _connection, _row, _decision: ({}, _standing(reason, waiting_for))


def _let_out(connection: Connection, row: Row[Any], _: Decision) -> tuple[dict[str, Any], dict[str, Any]]:
    v = complaint_versions.c
    current = select(v.canonical).where(v.complaint == row.id, v.version == row.current_version)
    if connection.execute(current).scalar() is None:
        raise NotAllowedError(
            f"The complaint {row.reference} has no version that could be read; nothing can be sent.",
            cure="Mend the record at its source or the mapping, then use `replay`.",
        )
    return {}, _standing()


def _replay(connection: Connection, row: Row[Any], _: Decision) -> tuple[dict[str, Any], dict[str, Any]]:
    v = complaint_versions.c
    current = connection.execute(
        select(v.raw_record).where(v.complaint == row.id, v.version == row.current_version)
    ).scalar()
    return {}, _standing() | {"gated_raw": (current or row.latest_raw) - 1, "gate_due": 1}


def _numbered(
    connection: Connection, row: Row[Any], decision: Decision
) -> tuple[dict[str, Any], dict[str, Any]]:
    taken = connection.execute(
        select(_c.reference).where(
            _c.account == row.account,
            _c.tracking_id == decision.number,
            _c.linked_to.is_(None),
            _c.id != row.id,
        )
    ).scalar()
    if taken is not None:
        raise NotAllowedError(
            f"The number {decision.number} already belongs to {taken}.",
            cure="Check the number; if both are the same report, use `link`.",
        )
    number = {"tracking_id": decision.number}
    return number, _standing() | number | {"accepted_at": decision.at}


def _link(connection: Connection, row: Row[Any], decision: Decision) -> tuple[dict[str, Any], dict[str, Any]]:
    primary = _locked(connection, decision.other or "")
    if primary.id == row.id or primary.linked_to is not None:
        raise NotAllowedError(
            f"{decision.other} cannot be the first of the two.",
            cure="Name a complaint that is not linked itself.",
        )
    facts = {"to": primary.reference}
    return facts, _standing() | {"linked_to": primary.id, "tracking_id": primary.tracking_id}


def _relate(pen: Pen, subject: Subject, first: int | None, facts: dict[str, Any]) -> None:
    """An accepted double keeps its state and its number: the relation alone is written, or taken away again."""
    was = pen.connection.execute(delete(doubles).where(doubles.c.complaint == subject.id)).rowcount
    if first is None and not was:
        raise IllegalTransitionError(subject.state, Event.SPLIT)
    if first is not None:
        pen.connection.execute(insert(doubles).values(complaint=subject.id, first=first))
    pen.note(subject, Event.SPLIT if first is None else Event.LINK, facts)


def _split(
    _connection: Connection, _row: Row[Any], _decision: Decision
) -> tuple[dict[str, Any], dict[str, Any]]:
    return {}, _standing(Reason.OPERATOR, WaitingFor.OPERATOR) | {"linked_to": None, "tracking_id": None}


def _undo(
    _connection: Connection, row: Row[Any], _decision: Decision
) -> tuple[dict[str, Any], dict[str, Any]]:
    columns = {"tracking_id": None, "accepted_at": None}
    return {"undone": row.tracking_id}, _standing(Reason.OPERATOR, WaitingFor.OPERATOR) | columns


_CONSEQUENCES: Final[dict[Verb, _Consequence]] = {
    Verb.REPLAY: _replay,
    Verb.HOLD: _simply(Reason.OPERATOR, WaitingFor.OPERATOR),
    Verb.RELEASE: _let_out,
    Verb.INCLUDE: _let_out,
    Verb.SET_ASIDE: _simply(Reason.OPERATOR),
    Verb.LINK: _link,
    Verb.SPLIT: _split,
    Verb.WITHDRAW: _simply(Reason.OPERATOR),
    Verb.RESTORE: _simply(Reason.OPERATOR, WaitingFor.OPERATOR),
    Verb.ADOPT: _numbered,
    Verb.RESEND: _simply(),
    Verb.GIVE_UP: _simply(Reason.OPERATOR),
    Verb.NUMBER: _numbered,
    Verb.UNDO: _undo,
}
