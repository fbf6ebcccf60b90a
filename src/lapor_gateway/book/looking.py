"""What a look at LAPOR! brought: statuses and follow-ups kept, milestones moved, the next look planned."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, literal_column, select, update

from lapor_gateway.book import follow_ups, milestones
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.tables import complaints, refreshes, watched
from lapor_gateway.book.writing import SUBJECT_COLUMNS, Pen, Subject, subject_of
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.complaint import StatusMeaning
from lapor_gateway.domain.echo import marked_number
from lapor_gateway.domain.follow_up import Author, FollowUp, Side, Standing
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.reference import Reference
from lapor_gateway.domain.refreshing import Pace, closed_pause

_FORGOTTEN_AFTER: Final = int(timedelta(days=30).total_seconds()) * 1_000_000
_MOST_FAILURES: Final = 8
_THOUSAND: Final = 1000
_LEAST: Final = 2.0
_c = complaints.c
_w = watched.c
_r = refreshes.c
_COLUMNS: Final = (
    _w.complaint, _c.reference, _c.tracking_id, _c.channel, _w.region, _w.changed_at, _w.failures, _w.is_closed,
)  # fmt: skip
_MINE: Final = (
    select(*_COLUMNS)
    .join(complaints, _c.id == _w.complaint)
    .where(
        _w.account == bindparam("account"),
        _w.is_closed == bindparam("is_closed"),
        _w.next_check_at <= bindparam("now"),
        _c.tracking_id.is_not(None),
    )
    .limit(bindparam("want"))
)
_OLDEST: Final = Query(_MINE.order_by(_w.looked_at, _w.complaint))
_SOONEST: Final = Query(_MINE.order_by(_w.next_check_at, _w.complaint))
_ROWS: Final = Query(
    select(
        *SUBJECT_COLUMNS, _c.tracking_id, _c.national_word, _c.national_status, _c.data_key, _w.disposition
    )
    .join(watched, _w.complaint == _c.id)
    .where(_c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_c.id)
    .with_for_update(of=complaints)
)
_LOOKED: Final = (
    "is_closed", "looked_at", "checked_at", "changed_at", "next_check_at", "failures", "disposition", "which",
)  # fmt: skip
_update = Statement(
    update(watched)
    .where(_w.complaint == bindparam("which"))
    .values({name: bindparam(name) for name in _LOOKED if name != "which"}),
    _LOOKED,
)
_fail = Statement(
    update(watched)
    .where(_w.complaint == bindparam("which"))
    .values(
        looked_at=bindparam("looked_at"),
        next_check_at=bindparam("next_check_at"),
        failures=bindparam("failures"),
    ),
    ("looked_at", "next_check_at", "failures", "which"),
)


class Open(msgspec.Struct, frozen=True):
    """A complaint to be looked at. Instants in microseconds."""

    complaint: int
    reference: Reference
    tracking_id: str
    channel: str
    region: str
    changed_at: int
    failures: int
    is_closed: int


class Look(msgspec.Struct, frozen=True):
    """What LAPOR! answered about one complaint; `standing` None where nothing could be trusted."""

    whom: Open
    standing: Standing | None = None
    follow_ups: tuple[FollowUp, ...] = ()


class Budget(msgspec.Struct):
    """What an account may still ask; `cost` is requests a look takes, as of late. Instants in microseconds."""

    tokens: float
    filled_at: int
    cost: float = 2.0
    list_at: int = 0
    list_page: int = 0
    round_at: int | None = None
    trouble: str | None = None


class Found(msgspec.Struct):
    """What a batch of looks brought."""

    looked: int = 0
    changed: int = 0
    follow_ups: int = 0
    echoes: int = 0
    failed: int = 0


def budget_of(book: Book, account: str, pace: Pace) -> Budget:
    """An account's budget as it is now; a whole burst where it was never used."""
    now = book.clock.now()
    with book.read() as connection:
        row = connection.execute(select(refreshes).where(_r.account == account)).first()
    if row is None:
        return Budget(float(pace.burst), now, list_at=now + pace.soonest)
    left = pace.allowance(row.tokens / _THOUSAND, row.filled_at, now)
    return Budget(left, now, row.cost / _THOUSAND, row.list_at, row.list_page, row.round_at, row.trouble)


def save_budget(connection: Connection, account: str, budget: Budget) -> None:
    values = {
        "tokens": int(budget.tokens * _THOUSAND),
        "filled_at": budget.filled_at,
        "cost": int(budget.cost * _THOUSAND),
        "list_at": budget.list_at,
        "list_page": budget.list_page,
        "round_at": budget.round_at,
        "trouble": budget.trouble,
    }
    if not connection.execute(update(refreshes).where(_r.account == account).values(values)).rowcount:
        connection.execute(insert(refreshes).values(account=account, **values))


def due(book: Book, account: str, want: int, *, oldest: bool, closed: bool = False) -> list[Open]:
    """Up to `want` complaints that are due: those looked at longest ago first, or those due soonest."""
    query = _OLDEST if oldest else _SOONEST
    with book.read() as connection:
        rows = query.all(connection, account=account, is_closed=int(closed), now=book.clock.now(), want=want)
    return [Open(*row) for row in rows]


def is_due(book: Book, account: str, pace: Pace, *, lists: bool) -> bool:
    """Whether a round now would do something: somebody is due, or the listing where there is one, and may be asked."""
    with book.read() as connection:
        row = connection.execute(
            select(_r.tokens, _r.filled_at, _r.list_at).where(_r.account == account)
        ).first()
    now = book.clock.now()
    if row is not None and pace.allowance(row.tokens / _THOUSAND, row.filled_at, now) < _LEAST:
        return False
    if lists and (row is None or row.list_at <= now):
        return True
    return any(due(book, account, 1, oldest=False, closed=closed) for closed in (False, True))


def make_due(connection: Connection, account: str, shown: Sequence[tuple[str, str]], now: int) -> int:
    """Complaints (number, word) whose status the listing shows otherwise than the book: first to be looked at."""
    words = dict(shown)
    query = (
        select(_w.complaint, _c.tracking_id, _c.national_word)
        .join(complaints, _c.id == _w.complaint)
        .where(_w.account == account, _c.account == account, _c.tracking_id.in_(words))
    )
    changed = [
        row.complaint for row in connection.execute(query) if row.national_word != words[row.tracking_id]
    ]
    if changed:
        # In front of everybody in the quick lane, and no closed one any more until it was looked at.
        connection.execute(
            update(watched)
            .where(_w.complaint.in_(changed), _w.next_check_at > now)
            .values(next_check_at=0, is_closed=0)
        )
    return len(changed)


class Standings:
    """Writes batches of looks under a lease. `meaning` says what a status word means for the account."""

    def __init__(
        self, book: Book, lease: Lease, account: str, pace: Pace, meaning: Callable[[str], StatusMeaning]
    ) -> None:
        self._book = book
        self._lease = lease
        self._account = account
        self._pace = pace
        self._meaning = meaning

    def write(self, looks: Sequence[Look], budget: Budget) -> Found:
        """Keep what was seen, move the milestones, plan the next looks, save the budget."""
        return self._book.transact(lambda connection: self._write(connection, looks, budget))

    def _write(self, connection: Connection, looks: Sequence[Look], budget: Budget) -> Found:
        self._lease.require(connection)
        found = Found(looked=len(looks))
        pen = Pen(connection, self._book.clock.now())
        ids = [look.whom.complaint for look in looks]
        rows = {row[0]: row for row in _ROWS.all(connection, ids=ids)}
        known = follow_ups.known_marks(connection, ids)
        planned: list[tuple[Any, ...]] = []
        failed: list[tuple[Any, ...]] = []
        moved: list[int] = []
        for look in looks:
            row = rows.get(look.whom.complaint)
            if row is None or row[2] != State.ACCEPTED or row[5] != look.whom.tracking_id or row[8] == ERASED:
                continue
            if look.standing is None:
                failed.append(self._put_off(look.whom, pen.at))
                found.failed += 1
                continue
            before = found.changed + found.follow_ups
            planned.append(self._take(pen, row, look, known, found))
            if found.changed + found.follow_ups > before:
                moved.append(look.whom.complaint)
        pen.flush()
        milestones.renew(connection, moved)
        _update.run(connection, planned)
        _fail.run(connection, failed)
        gone = [row[-1] for row in planned if row[0] and pen.at - row[3] > _FORGOTTEN_AFTER]
        connection.execute(delete(watched).where(_w.complaint.in_(gone)))
        save_budget(connection, self._account, budget)
        return found

    def _put_off(self, whom: Open, now: int) -> tuple[Any, ...]:
        """Tried and not answered: it counts as looked at, so that it stands in nobody's way, and comes again soon."""
        failures = min(whom.failures + 1, _MOST_FAILURES)
        pause = min(self._pace.soonest * 2**failures, self._pace.latest)
        return now, now + pause, failures, whom.complaint

    def _take(
        self,
        pen: Pen,
        row: tuple[Any, ...],
        look: Look,
        known: set[tuple[int, str, bytes]],
        found: Found,
    ) -> tuple[Any, ...]:
        assert look.standing is not None
        subject = subject_of(row)
        meaning = self._meaning(look.standing.word)
        changed = self._note_status(pen, subject, row, look, meaning)
        new = self._note_follow_ups(pen, subject, row, look, known, found)
        found.changed += changed
        found.follow_ups += new
        changed_at = pen.at if changed or new else look.whom.changed_at
        following = (
            pen.at + closed_pause(self._pace)
            if meaning.is_closed
            else self._pace.next_look(changed_at, pen.at)
        )
        named = look.standing.disposition_name or row[9]
        return int(meaning.is_closed), pen.at, pen.at, changed_at, following, 0, named, subject.id

    def _note_status(
        self, pen: Pen, subject: Subject, row: tuple[Any, ...], look: Look, meaning: StatusMeaning
    ) -> bool:
        standing = look.standing
        assert standing is not None
        word_before, meaning_before, disposition_before = row[6], row[7], row[9]
        named = standing.disposition_name
        assigned = named is not None and named != disposition_before
        if (word_before, meaning_before) == (standing.word, str(meaning)) and not assigned:
            return False
        facts: dict[str, Any] = {"word": standing.word, "meaning": str(meaning)}
        since = _since(standing)
        facts |= {"since": since} if since is not None else {}
        facts |= {"disposition": named} if assigned else {}
        columns = {"national_word": standing.word, "national_status": str(meaning)}
        pen.note(subject, "national_status", facts, **columns)
        if meaning is StatusMeaning.UNKNOWN and word_before != standing.word:
            kind, word = FindingKind.UNMAPPED_STATUS, standing.word
            about = f"{self._account}:{word}"
            raise_finding(self._book, pen.connection, kind, about, look.whom.channel, {"word": word})
        return True

    def _note_follow_ups(
        self,
        pen: Pen,
        subject: Subject,
        row: tuple[Any, ...],
        look: Look,
        known: set[tuple[int, str, bytes]],
        found: Found,
    ) -> int:
        """New ones are kept; ours that are shown back are echoes, and settle what was in doubt about them."""
        assert look.standing is not None
        side = Side.NATIONAL
        replies = tuple(line for line in look.standing.log if line.author is Author.REPORTER and line.text)
        shown = look.follow_ups + replies
        marks = follow_ups.marks_of(self._book, subject.reference, side, shown)
        fresh = [
            (one, mark)
            for one, mark in zip(shown, marks, strict=True)
            if (subject.id, side, mark) not in known
        ]
        ours = [(one, mark) for one, mark in fresh if marked_number(one.text, subject.reference) is not None]
        theirs = [pair for pair in fresh if pair not in ours]
        follow_ups.note_echoes(pen.connection, [(subject.id, side, mark) for _, mark in ours])
        found.echoes += len(ours)
        if theirs:
            key = self._book.data_key(subject.reference, row[8])
            follow_ups.add(pen, subject, key, side, theirs)
        return len(theirs)


def _since(standing: Standing) -> int | None:
    """When LAPOR!'s own log says that the present status was reached (microseconds)."""
    moments = [
        line.written_at
        for line in standing.log
        if line.status_new == standing.word and line.written_at is not None
    ]
    return to_instant(max(moments)) if moments else None


class Watch(msgspec.Struct, frozen=True):
    """How the looks at one account stand. Instants and spans in microseconds.

    `bound`: every open complaint is looked at at least so often. `oldest` is when the one that has waited longest was
    last looked at; `unread` how many gave no answer to trust the last time.
    """

    account: str
    open: int
    bound: int
    oldest: int | None
    unread: int
    per_hour: int
    round_at: int | None
    trouble: str | None


def watch_of(connection: Connection, account: str, pace: Pace) -> Watch:
    """The looks at an account as they stand, and the bound that its settings and its open complaints give."""
    count, oldest = connection.execute(
        select(func.count(), func.min(_w.looked_at)).where(
            _w.account == account, _w.is_closed == literal_column("0")
        )
    ).one()
    unread = connection.execute(
        select(func.count()).where(
            _w.account == account, _w.is_closed == literal_column("0"), _w.failures > 0
        )
    ).scalar_one()
    row = connection.execute(select(_r.cost, _r.round_at, _r.trouble).where(_r.account == account)).first()
    cost = max(2.0, row.cost / _THOUSAND) if row is not None else 2.0
    return Watch(
        account,
        count,
        pace.bound(count, cost),
        oldest,
        unread,
        pace.per_hour,
        row.round_at if row is not None else None,
        row.trouble if row is not None else None,
    )
