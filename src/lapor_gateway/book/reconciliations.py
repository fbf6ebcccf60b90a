"""Reconciliations in the book: what was asked, what each side could prove, every difference and what became of it."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from lapor_gateway.book.cursors import LARGEST_ID, decode_cursor, encode_cursor
from lapor_gateway.book.database import Book
from lapor_gateway.book.queries import DEFAULT_LIMIT, EVERYTHING, Bounds
from lapor_gateway.book.running import start_run
from lapor_gateway.book.tables import channels, differences, reconciliations, runs
from lapor_gateway.clock import isoformat
from lapor_gateway.errors import NotFoundError

RUN_KIND: Final = "reconcile"
_BATCH: Final = 1_000
_r = reconciliations.c
_d = differences.c


class Selection(msgspec.Struct, frozen=True):
    """What a run compares: channels by id, a window of source creation time in microseconds (`until` exclusive).

    `export` is a downloaded spreadsheet of LAPOR!'s that takes the place of its listing.
    """

    channels: tuple[str, ...]
    since: int | None = None
    until: int | None = None
    export: str | None = None


class SideView(msgspec.Struct, frozen=True):
    """One index: `source` of an origin, `national` of an account, `ledger` of the book.

    `proves` is `everything`, `presence` (what it shows is there; what it lacks may be, too) or `nothing`; `why` says
    why not everything.
    """

    side: str
    of: str
    proves: str
    why: str | None
    rows: int
    taken_at: str | None


class ReconciliationView(msgspec.Struct, frozen=True):
    """A run. `differences` counts by class what was found and what of it was repaired, is accepted, is still open."""

    run: int
    state: str
    channels: list[str]
    since: str | None
    until: str | None
    national: str
    started_at: str | None
    finished_at: str | None
    is_clean: bool
    sides: list[SideView]
    differences: dict[str, dict[str, int]]
    error: str | None


class DifferenceView(msgspec.Struct, frozen=True):
    """One difference; `subject` is a complaint's reference, or account and number of one that is not ours."""

    number: int
    kind: str
    subject: str
    against: str
    channel: str
    facts: dict[str, str]
    state: str


def open_reconciliation(book: Book, selection: Selection) -> int:
    """Write that a reconciliation has been asked for; its run's number."""
    subject = selection.channels[0] if len(selection.channels) == 1 else "all"
    run = start_run(book, RUN_KIND, subject)
    names = msgspec.json.encode(sorted(selection.channels)).decode()
    values = {"selection": msgspec.json.encode(selection).decode(), "channels": names}
    with book.write() as connection:
        connection.execute(insert(reconciliations).values(run=run, sides="[]", counts="{}", **values))
    return run


def selection_of(book: Book, run: int) -> Selection:
    """What a run compares. Raises `NotFoundError`."""
    with book.read() as connection:
        text = connection.execute(select(_r.selection).where(_r.run == min(run, LARGEST_ID))).scalar()
    if text is None:
        raise _no_run(run)
    return msgspec.json.decode(text, type=Selection)


def unfinished(book: Book, since: int) -> list[int]:
    """Runs begun after `since` (microseconds) that were cut off, oldest first."""
    query = (
        select(runs.c.id)
        .where(runs.c.kind == RUN_KIND, runs.c.state == "running", runs.c.started_at > since)
        .order_by(runs.c.id)
    )
    with book.read() as connection:
        return list(connection.execute(query).scalars())


def keep_result(
    book: Book,
    run: int,
    rows: Iterable[tuple[Any, ...]],
    *,
    sides: list[SideView],
    counts: dict[str, dict[str, int]],
    digest: str,
) -> None:
    """Write a run's differences (kind, subject, against, channel, facts, state) in place of earlier ones."""
    names = ("run", "number", "kind", "subject", "against", "channel", "facts", "state")
    with book.write() as connection:
        connection.execute(delete(differences).where(_d.run == run))
    batch: list[dict[str, Any]] = []
    for number, row in enumerate(rows, 1):
        batch.append(dict(zip(names, (run, number, *row), strict=True)))
        if len(batch) == _BATCH:
            _insert(book, batch)
            batch = []
    _insert(book, batch)
    values = {
        "sides": msgspec.json.encode(sides).decode(),
        "counts": msgspec.json.encode(counts).decode(),
        "digest": digest,
    }
    with book.write() as connection:
        connection.execute(update(reconciliations).where(_r.run == run).values(values))


def stored_digest(book: Book, run: int) -> str | None:
    """The digest of the differences that the run found; None while it has compared nothing."""
    with book.read() as connection:
        return connection.execute(select(_r.digest).where(_r.run == run)).scalar()


def list_reconciliations(
    book: Book, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None, bounds: Bounds = EVERYTHING
) -> tuple[list[ReconciliationView], str | None]:
    """Runs, newest first, and the next page's cursor. A bounded caller sees those of its own channels alone."""
    last = decode_cursor(cursor, 1)[0] if cursor else LARGEST_ID
    found: list[Row[Any]] = []
    own = _own_channels(book, bounds)
    while len(found) <= limit:
        with book.read() as connection:
            rows = connection.execute(
                _joined().where(_r.run < last).order_by(_r.run.desc()).limit(limit + 1)
            ).all()
        found += [row for row in rows if _is_visible(row, own)]
        if len(rows) <= limit:
            break
        last = rows[-1].run
    more = len(found) > limit
    views = [_view(row) for row in found[:limit]]
    return views, encode_cursor(views[-1].run) if more else None


def find_reconciliation(book: Book, run: int, *, bounds: Bounds = EVERYTHING) -> ReconciliationView:
    """One run. Raises `NotFoundError`, also for one beyond the caller's bounds."""
    with book.read() as connection:
        row = connection.execute(_joined().where(_r.run == min(run, LARGEST_ID))).first()
    if row is None or not _is_visible(row, _own_channels(book, bounds)):
        raise _no_run(run)
    return _view(row)


def list_differences(
    book: Book,
    run: int,
    *,
    kind: str | None = None,
    state: str | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> tuple[list[DifferenceView], str | None]:
    """A run's differences by class and subject, and the next page's cursor."""
    query = select(differences).where(_d.run == run)
    for column, value in ((_d.kind, kind), (_d.state, state)):
        query = query if value is None else query.where(column == value)
    if cursor:
        query = query.where(_d.number > decode_cursor(cursor, 1)[0])
    with book.read() as connection:
        rows = connection.execute(query.order_by(_d.number).limit(limit + 1)).all()
    views = [_difference(row) for row in rows[:limit]]
    return views, encode_cursor(views[-1].number) if len(rows) > limit else None


def _insert(book: Book, batch: list[dict[str, Any]]) -> None:
    if batch:
        with book.write() as connection:
            connection.execute(insert(differences), batch)


def _joined() -> Any:
    return select(reconciliations, runs.c.state, runs.c.started_at, runs.c.finished_at, runs.c.error).join(
        runs, runs.c.id == _r.run
    )


def _own_channels(book: Book, bounds: Bounds) -> frozenset[str] | None:
    if bounds.is_everything:
        return None
    query = select(channels.c.id).where(*bounds.of(channels.c.region, channels.c.id))
    with book.read() as connection:
        return frozenset(connection.execute(query).scalars())


def _is_visible(row: Row[Any], own: frozenset[str] | None) -> bool:
    return own is None or own.issuperset(msgspec.json.decode(row.channels, type=list[str]))


def _view(row: Row[Any]) -> ReconciliationView:
    selection = msgspec.json.decode(row.selection, type=Selection)
    sides = msgspec.json.decode(row.sides, type=list[SideView])
    counts = msgspec.json.decode(row.counts, type=dict[str, dict[str, int]])
    is_open = any(states.get("open") for states in counts.values())
    proven = bool(sides) and all(side.proves == "everything" for side in sides)
    return ReconciliationView(
        run=row.run,
        state=row.state,
        channels=list(selection.channels),
        since=isoformat(selection.since),
        until=isoformat(selection.until),
        national="export" if selection.export else "list",
        started_at=isoformat(row.started_at),
        finished_at=isoformat(row.finished_at),
        is_clean=row.state == "done" and proven and not is_open,
        sides=sides,
        differences=counts,
        error=row.error,
    )


def _difference(row: Row[Any]) -> DifferenceView:
    facts = msgspec.json.decode(row.facts, type=dict[str, str])
    return DifferenceView(row.number, row.kind, row.subject, row.against, row.channel, facts, row.state)


def _no_run(run: int) -> NotFoundError:
    return NotFoundError(
        f"There is no reconciliation {run}.", cure="The list of reconciliations shows the ones there are."
    )
