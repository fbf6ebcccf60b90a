"""Obstacles in the book: found ones open, close and come back by themselves; what persons decide is in the ledger."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.ledger import Facts, facts_text
from lapor_gateway.book.people import name_of, pseudonym, write_audit
from lapor_gateway.book.queries import EVERYTHING, Bounds
from lapor_gateway.book.tables import obstacles
from lapor_gateway.book.wording import without
from lapor_gateway.book.writing import SYSTEM, record
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.obstacles import Cause, ObstacleKind, ObstacleState
from lapor_gateway.errors import ConfigurationError, NotAllowedError, NotFoundError

_o = obstacles.c
_NOBODY: Final = frozenset[Any]()


class ObstacleView(msgspec.Struct, frozen=True):
    """One obstacle. Instants are RFC 3339 in UTC, `due_on` a day; `found` says that the gateway found it itself.

    `facts` are the figures it was found by; `description` is what a person typed. `times`: how often it has come.
    """

    id: int
    kind: str
    region: str
    channel: str | None
    found: bool
    state: str
    facts: dict[str, Any]
    description: str | None
    owner: str | None
    commitment: str | None
    due_on: str | None
    outcome: str | None
    since: str
    resolved_at: str | None
    resolved_by: str | None
    times: int


def list_obstacles(
    book: Book,
    *,
    state: ObstacleState | None = ObstacleState.OPEN,
    region: str | None = None,
    bounds: Bounds = EVERYTHING,
) -> list[ObstacleView]:
    """Obstacles, the longest-standing first; without `state` the resolved ones, too."""
    conditions = [] if state is None else [_o.state == state]
    conditions += [] if region is None else [_o.region == region]
    conditions += bounds.of(_o.region, _o.channel)
    query = select(obstacles).where(*conditions).order_by(_o.state, _o.since, _o.id)
    with book.read() as connection:
        return [_view(book, connection, row) for row in connection.execute(query)]


def find_obstacle(book: Book, identifier: int, *, bounds: Bounds = EVERYTHING) -> ObstacleView:
    """One obstacle. Raises `NotFoundError`, also for one beyond the caller's bounds."""
    query = select(obstacles).where(_o.id == identifier, *bounds.of(_o.region, _o.channel))
    with book.read() as connection:
        row = connection.execute(query).first()
        if row is None:
            raise _none(identifier)
        return _view(book, connection, row)


def write_found(book: Book, causes: Sequence[Cause], regions: frozenset[str]) -> list[int]:
    """Open what stands now and did not, close what stands no more, in these regions; the numbers that changed. Commits.

    One that came back opens again under its own number, with its owner; its old commitment and outcome are gone.
    """
    with book.read() as connection:
        query = select(_o.kind, _o.subject, _o.facts, _o.region).where(
            _o.found == 1, _o.state == ObstacleState.OPEN
        )
        known = {
            (row.kind, row.subject, row.facts) for row in connection.execute(query) if row.region in regions
        }
    if known == {(str(one.kind), one.subject, facts_text(one.facts)) for one in causes}:
        return []  # the usual case: nobody's lock is needed
    return book.transact(lambda connection: _write_found(book, connection, causes, regions))


def _write_found(
    book: Book, connection: Connection, causes: Sequence[Cause], regions: frozenset[str]
) -> list[int]:
    now = book.clock.now()
    query = select(obstacles).where(_o.found == 1).with_for_update()
    known = {(row.kind, row.subject): row for row in connection.execute(query)}
    standing = {(str(one.kind), one.subject): one for one in causes}
    changed = []
    for name, cause in sorted(standing.items()):
        row = known.get(name)
        if row is None:
            changed.append(_open(book, connection, cause, now))
        else:
            changed += [row.id] if _see_again(connection, row, cause, now) else []
    for name, row in sorted(known.items()):
        if name not in standing and row.state == ObstacleState.OPEN and row.region in regions:
            _close(connection, row, now)
            changed.append(row.id)
    return changed


def _open(book: Book, connection: Connection, cause: Cause, now: int) -> int:
    (identifier,) = book.ids(connection, "obstacles", 1)
    values = {"since": now, "seen_at": now, "times": 1, "found": 1, "state": ObstacleState.OPEN}
    row = msgspec.structs.asdict(cause) | {"facts": facts_text(cause.facts)}
    connection.execute(insert(obstacles).values(id=identifier, **row, **values))
    facts = {"kind": str(cause.kind), "subject": cause.subject, "region": cause.region}
    record(connection, f"obstacle:{identifier}", "obstacle_found", facts, at=now)
    return int(identifier)


def _see_again(connection: Connection, row: Row[Any], cause: Cause, now: int) -> bool:
    values: dict[str, object] = {"seen_at": now, "facts": facts_text(cause.facts)}
    back = row.state == ObstacleState.RESOLVED
    if back:
        values |= {"state": ObstacleState.OPEN, "since": now, "times": row.times + 1}
        values |= dict.fromkeys(("resolved_at", "resolved_by", "outcome", "commitment", "due_on"))
        record(connection, f"obstacle:{row.id}", "obstacle_came_back", {"times": row.times + 1}, at=now)
    connection.execute(update(obstacles).where(_o.id == row.id).values(values))
    return bool(back)


def _close(connection: Connection, row: Row[Any], now: int) -> None:
    values = {"state": ObstacleState.RESOLVED, "resolved_at": now, "resolved_by": None}
    connection.execute(update(obstacles).where(_o.id == row.id).values(values))
    record(connection, f"obstacle:{row.id}", "obstacle_gone", {}, at=now)


def add_obstacle(
    book: Book,
    *,
    region: str,
    description: str,
    by: str,
    owner: str | None = None,
    commitment: str | None = None,
    due_on: date | None = None,
) -> int:
    """Enter an obstacle that a person names; its number. Commits. Raises `ConfigurationError` without a description."""
    if not description.strip():
        raise ConfigurationError(
            "An obstacle needs a description.", cure="Say in a sentence what stands in the way."
        )
    now = book.clock.now()
    with book.write() as connection:
        (identifier,) = book.ids(connection, "obstacles", 1)
        connection.execute(
            insert(obstacles).values(
                id=identifier,
                kind=ObstacleKind.TYPED,
                subject=str(identifier),
                region=region,
                found=0,
                state=ObstacleState.OPEN,
                facts="{}",
                description=_clean(description),
                since=now,
                seen_at=now,
                times=1,
                **_promised(book, connection, owner, commitment, due_on),
            )
        )
        _decided(book, connection, identifier, "obstacle_added", by, {"region": region})
    return int(identifier)


def assign_obstacle(
    book: Book,
    identifier: int,
    *,
    by: str,
    owner: str | None = None,
    commitment: str | None = None,
    due_on: date | None = None,
) -> None:
    """Say who cares for an open obstacle, what they promise and by when; what is None stays. Commits.

    Raises `NotFoundError`, `NotAllowedError` for one that is resolved, `ConfigurationError` where nothing is said.
    """
    with book.write() as connection:
        _require_open(connection, identifier)
        values = _promised(book, connection, owner, commitment, due_on)
        if not values:
            raise ConfigurationError(
                "Nothing was said about the obstacle.", cure="Give --owner, --commitment or --due."
            )
        connection.execute(update(obstacles).where(_o.id == identifier).values(values))
        facts = {"owner": values.get("owner"), "due_on": values.get("due_on")}
        _decided(book, connection, identifier, "obstacle_assigned", by, facts)


def resolve_obstacle(book: Book, identifier: int, *, by: str, outcome: str) -> None:
    """A person says how it ended. One that the gateway found opens again where its cause still stands. Commits.

    Raises `NotFoundError`, `NotAllowedError` for one that is resolved, `ConfigurationError` without an outcome.
    """
    if not outcome.strip():
        raise ConfigurationError(
            "A resolved obstacle needs its outcome.", cure="Say in a sentence how it ended."
        )
    with book.write() as connection:
        _require_open(connection, identifier)
        actor = _decided(book, connection, identifier, "obstacle_resolved", by, {})
        values = {"state": ObstacleState.RESOLVED, "resolved_at": book.clock.now(), "resolved_by": actor}
        connection.execute(
            update(obstacles).where(_o.id == identifier).values(**values, outcome=_clean(outcome))
        )


def _require_open(connection: Connection, identifier: int) -> None:
    state = connection.execute(select(_o.state).where(_o.id == identifier).with_for_update()).scalar()
    if state is None:
        raise _none(identifier)
    if state != ObstacleState.OPEN:
        raise NotAllowedError(
            f"The obstacle {identifier} is resolved already.",
            cure="If it stands again, enter it with `lapor-gateway obstacles add`.",
        )


def _promised(
    book: Book, connection: Connection, owner: str | None, commitment: str | None, due_on: date | None
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if owner and owner.strip():
        values["owner"] = pseudonym(book, connection, owner)
    if commitment and commitment.strip():
        values["commitment"] = _clean(commitment)
    if due_on is not None:
        values["due_on"] = due_on.isoformat()
    return values


def _decided(book: Book, connection: Connection, identifier: int, kind: str, by: str, facts: Facts) -> str:
    """A person's decision in ledger and audit; their pseudonym. The typed texts stay out of both."""
    actor = pseudonym(book, connection, by)
    subject = f"obstacle:{identifier}"
    record(connection, subject, kind, facts, at=book.clock.now(), actor=actor)
    write_audit(book, connection, actor, kind, subject, facts)
    return actor


def _clean(text: str) -> str:
    return without(" ".join(text.split()), _NOBODY)


def _none(identifier: int) -> NotFoundError:
    return NotFoundError(
        f"There is no obstacle {identifier}.", cure="`lapor-gateway obstacles list --all` shows them."
    )


def _view(book: Book, connection: Connection, row: Row[Any]) -> ObstacleView:
    since = isoformat(row.since)
    assert since is not None
    gone = row.state == ObstacleState.RESOLVED and row.resolved_by is None
    return ObstacleView(
        id=row.id,
        kind=row.kind,
        region=row.region,
        channel=row.channel,
        found=bool(row.found),
        state=row.state,
        facts=msgspec.json.decode(row.facts, type=dict[str, Any]),
        description=row.description,
        owner=name_of(book, connection, row.owner),
        commitment=row.commitment,
        due_on=row.due_on,
        outcome=row.outcome,
        since=since,
        resolved_at=isoformat(row.resolved_at),
        resolved_by=SYSTEM if gone else name_of(book, connection, row.resolved_by),
        times=row.times,
    )
