"""Erasing complaints: the data key destroyed, every readable word blanked, an entry and a tombstone written.

The complaint's row and its ledger stay, so that every count still closes and every chain still verifies. What is
erased cannot be brought back by anybody who does not hold both the master key and a copy made before.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, select, update

from lapor_gateway.book.attachments import erase_files
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.holds import held_among
from lapor_gateway.book.ledger import facts_text
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.tables import (
    audit,
    complaint_versions,
    complaints,
    deliveries,
    echoes,
    follow_ups,
    outbound,
    parcels,
    repeats,
    watched,
)
from lapor_gateway.book.tombstones import (
    ERASURE,
    Tombstone,
    digests_of,
    is_in_step,
    read_file,
    set_up,
    unsettled,
    write_file,
)
from lapor_gateway.book.wording import reporters_of, without
from lapor_gateway.book.writing import SUBJECT_COLUMNS, SYSTEM, Pen, subject_of
from lapor_gateway.domain.complaint import Reporter
from lapor_gateway.domain.lifecycle import Event, State, is_allowed
from lapor_gateway.domain.people import is_named_in
from lapor_gateway.domain.redaction import MARK
from lapor_gateway.errors import NotAllowedError

BATCH: Final = 100
ERASABLE: Final = (State.ACCEPTED, State.LINKED, State.HISTORICAL, State.REJECTED, State.WITHDRAWN)
"""Where nothing is going to be sent any more; what may still leave must be withdrawn first."""
_IN_DOUBT: Final = frozenset({State.SUBMITTING, State.AMBIGUOUS})
_c = complaints.c
_COLUMNS: Final = (
    *SUBJECT_COLUMNS, _c.data_key, _c.region, _c.channel, _c.source_id, _c.account, _c.tracking_id, _c.reason,
    _c.latest_raw,
)  # fmt: skip


class Erased(msgspec.Struct, frozen=True):
    """One complaint that was erased, and who else has it: the region's application, LAPOR! under `tracking_id`."""

    id: int
    reference: str
    region: str
    channel: str
    source_id: str
    state: str
    account: str
    tracking_id: str | None


class Applied(msgspec.Struct, frozen=True):
    """What tombstones did to a book: erased now, waiting until they are settled, not known to this book."""

    erased: int = 0
    waiting: tuple[str, ...] = ()
    unknown: int = 0


def erase(
    book: Book, ids: Sequence[int], *, by: str | None, reason: str, withdraw: bool = False
) -> list[Erased]:
    """Erase complaints for good; what is erased already is passed over.

    `by` None is the gateway itself, by an approved rule. `reason` goes into ledger and audit without the reporters'
    own values. With `withdraw`, what was not sent yet is withdrawn first. Commits in batches; killed between two, the
    same call goes on with the rest. Raises `NotAllowedError` before anything is erased where one of them cannot be.
    """
    with book.read() as connection:
        obstacles = [
            obstacle
            for start in range(0, len(ids), BATCH)
            for obstacle in _obstacles(
                connection, _rows(connection, ids[start : start + BATCH], lock=False), withdraw=withdraw
            )
        ]
    if obstacles:
        raise _not_allowed(obstacles)
    erased: list[Erased] = []
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        erased += book.transact(partial(_erase_batch, book, batch, by, reason, withdraw=withdraw))
    book.forget_keys()
    return erased


def apply_tombstones(book: Book, stones: Iterable[Tombstone]) -> Applied:
    """Erase again what tombstones name: a restored book may hold the living copy of what was erased since.

    What this book does not know is remembered, so that a re-scan of the source does not bring it back; what an
    attempt is open for waits until that is settled (`unsettled` lists both). Legal holds do not stand in the way:
    the erasure was decided before the copy was put back. Safe to repeat.
    """
    result = Applied()
    pending = list(stones)
    for start in range(0, len(pending), BATCH):
        batch = pending[start : start + BATCH]
        result = _sum(result, book.transact(partial(_apply, book, batch)))
    book.forget_keys()
    return result


def apply_unsettled(book: Book) -> Applied:
    """Try the tombstones again whose complaints could not be erased, or were not known, until now."""
    return apply_tombstones(book, unsettled(book))


def lay_to_rest(book: Book, path: Path) -> None:
    """Bring the book and the tombstones beside it in step: a book put back from an older copy knows less than they.

    Asks one short question where they are. Raises `ConfigurationError` for a file that cannot be read.
    """
    if not is_in_step(book, path):
        apply_tombstones(book, read_file(path))
        write_file(book, path)


def _apply(book: Book, stones: Sequence[Tombstone], connection: Connection) -> Applied:
    set_up(connection, stones, settled=False)
    wanted = [stone.reference for stone in stones]
    query = select(_c.id, _c.reference, _c.state, _c.data_key).where(_c.reference.in_(wanted))
    found = connection.execute(query).all()
    waiting = tuple(row.reference for row in found if row.data_key != ERASED and row.state in _IN_DOUBT)
    living = [row.id for row in found if row.data_key != ERASED and row.state not in _IN_DOUBT]
    erased = _erase_batch(book, living, None, "tombstone", connection, withdraw=True, holds=False)
    gone = {row.reference for row in found if row.data_key == ERASED}
    set_up(connection, [stone for stone in stones if stone.reference in gone], settled=True)
    return Applied(len(erased), waiting, len(wanted) - len(found))


def _sum(one: Applied, other: Applied) -> Applied:
    return Applied(one.erased + other.erased, one.waiting + other.waiting, one.unknown + other.unknown)


def _rows(connection: Connection, ids: Sequence[int], *, lock: bool) -> Sequence[Any]:
    query = select(*_COLUMNS).where(_c.id.in_(ids), _c.data_key != ERASED).order_by(_c.id)
    return connection.execute(query.with_for_update() if lock else query).all()


def _erase_batch(
    book: Book,
    ids: Sequence[int],
    by: str | None,
    reason: str,
    connection: Connection,
    *,
    withdraw: bool,
    holds: bool = True,
) -> list[Erased]:
    pen = Pen(connection, book.clock.now(), SYSTEM if by is None else pseudonym(book, connection, by))
    rows = _rows(connection, ids, lock=True)
    obstacles = _obstacles(connection, rows, withdraw=withdraw) if holds else []
    if obstacles:
        raise _not_allowed(obstacles)
    if not rows:
        return []
    reporters: set[Reporter] = set()
    erased = []
    for row in rows:
        absent: set[int] = set()
        own = reporters_of(book, connection, row.id, absent=absent)
        # An archive that is lost must not keep anybody from being erased: what cannot be cleaned is left out whole.
        clean = _left_out if absent else partial(without, reporters=own)
        _clean_audit(connection, row.reference, clean)
        erased.append(_erase_one(book, pen, row, reason if by is None else clean(reason)))
        reporters |= own
    stones = [Tombstone(row.reference, pen.at, digests_of(book, connection, row.id)) for row in rows]
    set_up(connection, stones, settled=True)
    pen.flush()
    _blank_versions(connection, [one.id for one in erased])
    _blank_travel(connection, [one.id for one in erased])
    erase_files(connection, [one.id for one in erased])
    _forget_deliveries(book, connection, reporters)
    _forget_answers(book, connection, [one.reference for one in erased])
    return erased


def _erase_one(book: Book, pen: Pen, row: Row[Any], reason: str) -> Erased:
    subject = subject_of(tuple(row))
    standing = None if row.reason is None else row.reason.partition(":")[0]
    if subject.state not in ERASABLE:
        standing = ERASURE
        pen.transition(subject, Event.WITHDRAW, {"reason": ERASURE}, waiting_for="nobody", next_attempt_at=0)
    pen.note(
        subject,
        ERASURE,
        {"reason": reason},
        data_key=ERASED,
        title="",
        body="",
        reporter_index=None,
        canonical_digest=None,
        reason=standing,
        gate_due=0,
        gated_raw=row.latest_raw,
    )
    write_audit(book, pen.connection, pen.actor, "erase", row.reference, {"reason": reason})
    place = (row.region, row.channel, row.source_id)
    return Erased(row.id, row.reference, *place, subject.state, row.account, row.tracking_id)


def _blank_versions(connection: Connection, ids: Sequence[int]) -> None:
    """What stands beside the complaint's row: versions, and what the other side may have quoted."""
    v, o = complaint_versions.c, outbound.c
    empty: dict[str, Any] = {"canonical": None, "faults": None, "canonical_digest": None}
    connection.execute(update(complaint_versions).where(v.complaint.in_(ids)).values(empty))
    attempts = connection.execute(select(o.id, o.detail).where(o.complaint.in_(ids))).all()
    for attempt in attempts:
        detail = attempt.detail and attempt.detail.partition(":")[0]
        connection.execute(update(outbound).where(o.id == attempt.id).values(detail=detail, sent_digest=b""))


def _blank_travel(connection: Connection, ids: Sequence[int]) -> None:
    """What was said about the complaint on either side; that it was said, by whom and when, stays."""
    f = follow_ups.c
    for row in connection.execute(select(f.complaint, f.number).where(f.complaint.in_(ids))).all():
        this = (f.complaint == row.complaint) & (f.number == row.number)
        mark = int(row.number).to_bytes(4)  # of the text nothing may be left, not even a digest
        connection.execute(update(follow_ups).where(this).values(content=b"", mark=mark))
    connection.execute(delete(echoes).where(echoes.c.complaint.in_(ids)))
    connection.execute(delete(watched).where(watched.c.complaint.in_(ids)))
    open_ones = parcels.c.complaint.in_(ids) & parcels.c.state.in_(("waiting", "ambiguous"))
    connection.execute(update(parcels).where(open_ones).values(state="stopped", reason="erased"))


def _left_out(_: str) -> str:
    return MARK


def _clean_audit(connection: Connection, reference: str, clean: Callable[[str], str]) -> None:
    """Reasons that people typed about the complaint, without the reporter's values."""
    a = audit.c
    for row in connection.execute(select(a.id, a.facts).where(a.subject == reference)).all():
        facts = {
            name: clean(value) if isinstance(value, str) else value
            for name, value in msgspec.json.decode(row.facts, type=dict[str, Any]).items()
        }
        if facts_text(facts) != row.facts:
            connection.execute(update(audit).where(a.id == row.id).values(facts=facts_text(facts)))


def _forget_deliveries(book: Book, connection: Connection, reporters: set[Reporter]) -> None:
    """Bodies of refused webhook messages that name one of the reporters; that there was one stays."""
    d = deliveries.c
    rows = connection.execute(select(d.channel, d.message_id, d.body).where(d.body.is_not(None))).all()
    for row in rows:
        text = book.master.unwrap(row.body, b"refused delivery").decode("utf-8", "replace")
        if any(is_named_in(text, reporter) for reporter in reporters):
            this = (d.channel == row.channel) & (d.message_id == row.message_id)
            connection.execute(update(deliveries).where(this).values(body=None))


def _forget_answers(book: Book, connection: Connection, references: Sequence[str]) -> None:
    """Answers kept for a repeated request that speak of an erased complaint."""
    names = [reference.encode() for reference in references]
    for row in connection.execute(
        select(repeats.c.key, repeats.c.body).where(repeats.c.body.is_not(None))
    ).all():
        body = book.master.unwrap(row.body, b"repeat")
        if any(name in body for name in names):
            connection.execute(delete(repeats).where(repeats.c.key == row.key))


def _obstacles(connection: Connection, rows: Sequence[Any], *, withdraw: bool) -> list[str]:
    """Which of the complaints cannot be erased now, and why."""
    held = held_among(connection, [(row.reference, row.channel) for row in rows])
    found = []
    for row in rows:
        state = State(row.state)
        if row.reference in held:
            found.append(f"{row.reference} (legal hold)")
        elif state not in ERASABLE and not (withdraw and is_allowed(state, Event.WITHDRAW)):
            found.append(f"{row.reference} ({state})")
    return found


def _not_allowed(obstacles: list[str]) -> NotAllowedError:
    return NotAllowedError(
        f"{len(obstacles)} complaints cannot be erased now; nothing was erased.",
        detail=", ".join(obstacles[:10]) + (" …" if len(obstacles) > 10 else ""),
        cure="Settle or give up what is ambiguous, withdraw what is unsent (or add --withdraw), lift a legal hold.",
    )
