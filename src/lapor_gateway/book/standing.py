"""Whether this book is the one that may push: its epoch, its recovery after a restore, and who has superseded it.

What stands in the row `push` is the one switch; a word other than `on` stops every attempt of every process at its
next transaction. `docs/decisions/0020` tells the rules.
"""

import secrets
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from lapor_gateway.book.checkpoints import note_of, taken_by
from lapor_gateway.book.database import Book
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.signing import Signer, is_signed, signer
from lapor_gateway.book.tables import book as book_table
from lapor_gateway.book.tables import ledger_entries
from lapor_gateway.book.writing import SYSTEM, record
from lapor_gateway.domain.notes import Checkpoint, Note
from lapor_gateway.errors import ConfigurationError, NotAllowedError

_PUSH: Final = "push"
_PUSH_BEFORE: Final = "push_before"
_RECOVERY: Final = "recovery"
_EPOCH: Final = "epoch"
_MOVED_TO: Final = "moved_to"
_RECOVERED: Final = ("recovery_begun", "recovery_finished", "recovery_ended")
_b = book_table.c


class Standing(StrEnum):
    """The words of the one switch: two are an operator's, the others stand until what they name is over."""

    ON = "on"
    OFF = "off"
    RECOVERY = "recovery"
    SUPERSEDED = "superseded"
    ARRIVING = "arriving"
    MOVED = "moved"


class Cause(StrEnum):
    """Why a book recovers."""

    RESTORED = "restored"
    BEHIND_WITNESS = "behind_witness"
    TAKEN_OVER = "taken_over"


class Progress(msgspec.Struct):
    """How far an account's recovery is; instants in microseconds. `trouble` says why the last look did not count."""

    first_absent_at: int | None = None
    cleared_at: int | None = None
    next_at: int = 0
    adopted: int = 0
    trouble: str | None = None


class Recovery(msgspec.Struct):
    """A recovery under way. `epoch` is the new one, None until every witness has been asked; `announced_at` is when
    all witnesses had taken it.
    """

    cause: Cause
    since: int
    epoch: int | None = None
    announced_at: int | None = None
    accounts: dict[str, Progress] = {}


class Seen(msgspec.Struct, frozen=True):
    """What the witnesses show of this book, asked before the book was: by name each one's newest checkpoint, if any.

    `asked_all` is false where one that can be read did not answer.
    """

    newest: tuple[tuple[str, Note | None], ...]
    asked_all: bool


def standing(connection: Connection) -> Standing:
    return Standing(connection.execute(select(_b.value).where(_b.name == _PUSH)).scalar_one())


def environment_of(connection: Connection) -> str:
    """For which world this book was made: training or production."""
    return str(connection.execute(select(_b.value).where(_b.name == "environment")).scalar_one())


def epoch_of(connection: Connection) -> int:
    """Which life of the book this is, from 1."""
    return int(connection.execute(select(_b.value).where(_b.name == _EPOCH)).scalar_one())


def recovery_of(connection: Connection) -> Recovery | None:
    """The recovery under way, None where there is none."""
    text = connection.execute(select(_b.value).where(_b.name == _RECOVERY)).scalar()
    return None if text is None else msgspec.json.decode(text, type=Recovery)


def must_recover(connection: Connection, cause: Cause, at: int) -> Recovery:
    """Stop all pushing until this book has caught up; its new epoch begins when the witnesses have been asked."""
    _lock(connection)
    recovery = Recovery(cause, at)
    keep(connection, recovery)
    _stop(connection, Standing.RECOVERY)
    return recovery


def judge(book: Book, seen: Seen) -> Standing:
    """Hold the book against what its witnesses have shown; where it stands from now on. Commits.

    The witnesses must have been asked before this is called: a checkpoint is committed here before it is handed on.
    """
    with book.read() as connection:  # the usual case, asked often: nobody's lock is needed
        now, own = standing(connection), signer(book, connection)
        top = _top(seen, own)
        is_well = top is None or (top.epoch == own.epoch and _is_known(connection, top))
        if is_well and now in (Standing.ON, Standing.OFF):
            return now
    return book.transact(lambda connection: _judge(book, connection, seen))


def _top(seen: Seen, own: Signer) -> Checkpoint | None:
    """The newest checkpoint that any witness shows; what this book's key has not signed is nobody's life of it."""
    newest = [one.checkpoint for _, one in seen.newest if one is not None and is_signed(one, own.key)]
    return max(newest, key=lambda one: (one.epoch, one.number), default=None)


def _judge(book: Book, connection: Connection, seen: Seen) -> Standing:
    _lock(connection)
    now = standing(connection)
    if now in (Standing.MOVED, Standing.ARRIVING):
        return now
    own = signer(book, connection)
    top = _top(seen, own)
    recovery, at = recovery_of(connection), book.clock.now()
    if recovery is not None and recovery.epoch is None:
        if seen.asked_all:
            _begin(connection, recovery, max(own.epoch, top.epoch if top else 0) + 1, top, at)
    elif top is not None and top.epoch > own.epoch:
        _supersede(connection, top, now, at)
    elif top is not None and top.epoch == own.epoch and not _is_known(connection, top):
        _begin(connection, must_recover(connection, Cause.BEHIND_WITNESS, at), own.epoch + 1, top, at)
    elif recovery is not None and recovery.announced_at is None:
        shown = [_epoch_at(connection, name, note) == own.epoch for name, note in seen.newest]
        if seen.asked_all and all(shown):
            recovery.announced_at = at
            keep(connection, recovery)
    return standing(connection)


def _begin(connection: Connection, recovery: Recovery, epoch: int, top: Checkpoint | None, at: int) -> None:
    recovery.epoch, recovery.announced_at, recovery.accounts = epoch, None, {}
    _put(connection, _EPOCH, str(epoch))
    keep(connection, recovery)
    seen = {} if top is None else {"seen_epoch": top.epoch, "seen_number": top.number, "seen_size": top.size}
    facts = {"epoch": epoch, "cause": str(recovery.cause), **seen}
    record(connection, "book", "recovery_begun", facts, at=at)


def _supersede(connection: Connection, top: Checkpoint, now: Standing, at: int) -> None:
    """A later life of this book has begun elsewhere: this one pushes no more until a person decides."""
    if now is Standing.SUPERSEDED:
        return
    _stop(connection, Standing.SUPERSEDED)
    connection.execute(delete(book_table).where(_b.name == _RECOVERY))
    record(connection, "book", "superseded", {"epoch": top.epoch, "seen_size": top.size}, at=at)


def _epoch_at(connection: Connection, witness: str, shown: Note | None) -> int:
    """Which life of the book a witness knows of; of one that takes and cannot be asked, what it took last says it."""
    note = shown or note_of(connection, taken_by(connection, witness).number)
    return 0 if note is None else note.checkpoint.epoch


def _is_known(connection: Connection, one: Checkpoint) -> bool:
    note = note_of(connection, one.number)
    return note is not None and note.checkpoint == one


def take_over(book: Book, *, by: str, reason: str) -> None:
    """A person decides that this very book is to go on, not the one that has superseded it. Commits."""
    require_reason(reason)
    with book.write() as connection:
        _lock(connection)
        if standing(connection) is not Standing.SUPERSEDED:
            raise NotAllowedError(
                "No other life of this book has been seen; there is nothing to take over.",
                cure="`lapor-gateway recovery status` says how this book stands.",
            )
        now = book.clock.now()
        must_recover(connection, Cause.TAKEN_OVER, now)
        write_decision(book, connection, "taken_over", by, reason, now)


def finish(book: Book, connection: Connection, recovery: Recovery, *, actor: str = SYSTEM) -> None:
    """The recovery is over: the operator's own switch stands again."""
    let_go_on(connection)
    connection.execute(delete(book_table).where(_b.name == _RECOVERY))
    adopted = sum(one.adopted for one in recovery.accounts.values())
    facts = {"epoch": recovery.epoch, "adopted": adopted}
    record(connection, "book", "recovery_finished", facts, at=book.clock.now(), actor=actor)


def update_progress(connection: Connection, account: str, progress: Progress) -> Recovery | None:
    """Keep how far an account is; the recovery, None where it has ended meanwhile."""
    _lock(connection)
    recovery = recovery_of(connection)
    if recovery is not None:
        recovery.accounts[account] = progress
        keep(connection, recovery)
    return recovery


def keep(connection: Connection, recovery: Recovery) -> None:
    _put(connection, _RECOVERY, msgspec.json.encode(recovery).decode())


def set_standing(connection: Connection, to: Standing) -> None:
    _put(connection, _PUSH, str(to))


def recovered_at(connection: Connection, now: int) -> int | None:
    """Until when another life of this book may have sent something (microseconds): `now` while this one recovers.

    None for a book that was never put back.
    """
    if recovery_of(connection) is not None:
        return now
    e = ledger_entries.c
    query = select(func.max(e.at)).where(e.subject == "book", e.complaint.is_(None), e.kind.in_(_RECOVERED))
    return connection.execute(query).scalar()


def switch(connection: Connection, *, on: bool) -> None:
    """Turn the operator's own switch. Raises `NotAllowedError` where turning it on would let a stopped book push."""
    _lock(connection)
    now, wanted = standing(connection), Standing.ON if on else Standing.OFF
    if now in (Standing.ON, Standing.OFF):
        set_standing(connection, wanted)
    elif on:
        raise NotAllowedError(
            f"This book may not push: {now}.",
            cure="`lapor-gateway recovery status` says why, and what to do.",
        )
    else:
        _put(connection, _PUSH_BEFORE, wanted)


def become_training(connection: Connection) -> None:
    """Make a copy a book of its own, for training: no witness of the original ever hears of it."""
    _put(connection, "id", secrets.token_hex(8))
    _put(connection, "environment", "training")
    _put(connection, _EPOCH, "1")
    connection.execute(delete(book_table).where(_b.name == _RECOVERY))
    set_standing(connection, Standing.ON)


def arrive(connection: Connection) -> None:
    """A copy that is not the book yet."""
    _stop(connection, Standing.ARRIVING)


def let_go_on(connection: Connection) -> None:
    """The operator's own switch stands again, as it was before the book was stopped."""
    before = connection.execute(select(_b.value).where(_b.name == _PUSH_BEFORE)).scalar()
    set_standing(connection, Standing.ON if before is None else Standing(before))


def mark_moved(connection: Connection, place: str) -> None:
    """This book lives at `place` from now on. Whoever has it open can enter nothing any more (SQLite)."""
    _stop(connection, Standing.MOVED)
    _put(connection, _MOVED_TO, place)
    for table in ("raw_records", "ledger_entries"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_moved BEFORE INSERT ON {table}"
            " BEGIN SELECT RAISE(ABORT, 'this book has moved to another database'); END"
        )


def moved_to(connection: Connection) -> str | None:
    """Where this book has moved to, None for one that is still here."""
    return connection.execute(select(_b.value).where(_b.name == _MOVED_TO)).scalar()


def require_living(connection: Connection) -> None:
    """Raises `ConfigurationError` where no book is, it has moved away, or its move to here was cut off."""
    if connection.execute(select(_b.name).limit(1)).first() is None:
        raise ConfigurationError(
            "This database has its tables, but no book yet.",
            cure="Run `lapor-gateway db upgrade` for a new book, or `lapor-gateway restore` for an old one.",
        )
    place = moved_to(connection)
    if place is not None:
        raise ConfigurationError(
            f"This book has moved to {place}.",
            cure="Set DATABASE_URL to that database; the old file is only kept.",
        )
    if standing(connection) is Standing.ARRIVING:
        raise ConfigurationError(
            "The move of the book into this database was cut off; the old one is still the book.",
            cure="Run `lapor-gateway db move` again, from the old one.",
        )


def write_decision(book: Book, connection: Connection, kind: str, by: str, reason: str, at: int) -> str:
    """A person's decision about the book, in ledger and audit; their pseudonym."""
    actor = pseudonym(book, connection, by)
    record(connection, "book", kind, {"reason": reason}, at=at, actor=actor)
    write_audit(book, connection, actor, kind, "book", {"reason": reason})
    return actor


def require_reason(reason: str) -> None:
    """Raises `ConfigurationError` for a decision without a reason."""
    if not reason.strip():
        raise ConfigurationError("This decision needs a reason.", cure='Add --reason "…".')


def _lock(connection: Connection) -> None:
    """One writer of these rows at a time, on PostgreSQL too."""
    connection.execute(select(_b.value).where(_b.name == _PUSH).with_for_update())


def _stop(connection: Connection, to: Standing) -> None:
    """Stop all pushing, and remember the operator's own switch."""
    now = standing(connection)
    if now in (Standing.ON, Standing.OFF):
        _put(connection, _PUSH_BEFORE, now)
    set_standing(connection, to)


def _put(connection: Connection, name: str, value: str) -> None:
    changed = connection.execute(update(book_table).where(_b.name == name).values(value=value)).rowcount
    if not changed:
        connection.execute(insert(book_table).values(name=name, value=value))
