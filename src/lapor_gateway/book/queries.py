"""Reading complaints, runs and findings: filters, keyset pages, and rows as every JSON of ours shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Row, Select, case, false, func, literal_column, or_, select, true

from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.cursors import LARGEST_ID, decode_cursor, encode_cursor
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingState
from lapor_gateway.book.tables import channels, complaints, doubles, findings, runs
from lapor_gateway.clock import isoformat, to_instant
from lapor_gateway.domain.complaint import Reporter, Visibility
from lapor_gateway.domain.lifecycle import PENDING, State
from lapor_gateway.domain.redaction import redact
from lapor_gateway.domain.reference import parse
from lapor_gateway.errors import NotFoundError

DEFAULT_LIMIT: Final = 50
MAXIMUM_LIMIT: Final = 500
_NOBODY: Final = Reporter()
_c = complaints.c
Shown = TypeVar("Shown")
Page = tuple[list[Shown], str | None]
"""Rows, and the cursor of the next page; None after the last."""


class Bounds(msgspec.Struct, frozen=True):
    """What a caller may see at all: everything, one region, or one channel."""

    region: str | None = None
    channel: str | None = None

    @property
    def is_everything(self) -> bool:
        return self.region is None and self.channel is None

    def of(self, region: ColumnElement[str], channel: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """The conditions on a table that has both columns."""
        asked = [] if self.region is None else [region == self.region]
        return asked if self.channel is None else [*asked, channel == self.channel]


EVERYTHING: Final = Bounds()


class ComplaintFilter(msgspec.Struct, frozen=True):
    """Which complaints; what is None does not matter. Datetimes are timezone-aware.

    `state` also takes the aggregate word `pending`. `since` and `until` (exclusive) are about the time of
    creation at the source, where a record has none: of its receipt. `q` is looked for in the redacted title
    and text, the reference, the source's id and the tracking id.
    """

    region: str | None = None
    channel: str | None = None
    origin: str | None = None
    source_id: str | None = None
    tracking_id: str | None = None
    reference: str | None = None
    state: str | None = None
    waiting_for: str | None = None
    kind: str | None = None
    national_status: str | None = None
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None


class ComplaintView(msgspec.Struct, frozen=True):
    """A complaint as every JSON shows it: text redacted, empty if it is secret; times in RFC 3339, UTC."""

    id: int
    reference: str
    region: str
    channel: str
    origin: str
    source_id: str
    state: str
    reason: str | None
    attempts: int
    next_attempt_at: str | None
    waiting_for: str
    tracking_id: str | None
    account: str
    linked_to: int | None
    kind: str | None
    category: str | None
    title: str | None
    body: str | None
    visibility: str | None
    national_status: str | None
    national_word: str | None
    regional_status: str | None
    regional_word: str | None
    national_number: str | None
    source_created_at: str | None
    source_updated_at: str | None
    received_at: str
    updated_at: str
    accepted_at: str | None
    disappeared_at: str | None
    erased: bool


_INSTANTS: Final = frozenset(
    {
        "next_attempt_at",
        "source_created_at",
        "source_updated_at",
        "received_at",
        "updated_at",
        "accepted_at",
        "disappeared_at",
    }
)
_first = complaints.alias("first")
# A linked complaint has the number of its first one, as that is now; a copy would miss what happens there later.
_NUMBER: Final = case(
    (_c.linked_to.is_(None), _c.tracking_id),
    else_=select(_first.c.tracking_id).where(_first.c.id == _c.linked_to).scalar_subquery(),
).label("tracking_id")
# An accepted double is in a table of its own: it keeps its number, which a linked one has not.
_LINKED_TO: Final = func.coalesce(
    _c.linked_to, select(doubles.c.first).where(doubles.c.complaint == _c.id).scalar_subquery()
).label("linked_to")
_WORKED_OUT: Final = {
    "tracking_id": _NUMBER,
    "linked_to": _LINKED_TO,
    "erased": (_c.data_key == ERASED).label("erased"),
}
_SHOWN: Final = tuple(
    _WORKED_OUT[name] if name in _WORKED_OUT else _c[name] for name in ComplaintView.__struct_fields__
)


class RunView(msgspec.Struct, frozen=True):
    """A job's run. `state` running with no end after a restart means that the process was killed."""

    id: int
    kind: str
    subject: str
    state: str
    started_at: str
    finished_at: str | None
    counts: dict[str, int]
    error: str | None


class FindingView(msgspec.Struct, frozen=True):
    """What a person should know or decide; `subject` is a complaint's reference where it is about one."""

    id: int
    kind: str
    subject: str
    channel: str
    state: str
    opened_at: str
    seen_at: str
    closed_at: str | None
    facts: dict[str, Any]


def list_complaints(
    book: Book,
    wanted: ComplaintFilter,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    bounds: Bounds = EVERYTHING,
) -> Page[ComplaintView]:
    """Complaints, newest first, and the cursor of the next page. Raises `WrongCursorError`."""
    conditions = [*_conditions(wanted), *bounds.of(_c.region, _c.channel)]
    rows, following = page(book, select(*_SHOWN).where(*conditions), _c.id, limit=limit, cursor=cursor)
    return [_complaint_view(row) for row in rows], following


def find_complaint(book: Book, which: int | str, *, bounds: Bounds = EVERYTHING) -> ComplaintView:
    """One complaint by its number or its reference, spelt as people spell it.

    Raises `NotFoundError`, also for one beyond the caller's bounds.
    """
    condition = named(which)
    with book.read() as connection:
        query = select(*_SHOWN).where(condition, *bounds.of(_c.region, _c.channel))
        row = connection.execute(query).first()
    if row is None:
        raise no_complaint(which)
    return _complaint_view(row)


def named(which: int | str) -> ColumnElement[bool]:
    """The condition for a complaint named by number or reference. Raises `NotFoundError` for others."""
    text = str(which).strip()
    if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID:
        return _c.id == int(text)
    reference = parse(text)
    if reference is None:
        raise no_complaint(which)
    return _c.reference == reference


def no_complaint(which: int | str) -> NotFoundError:
    return NotFoundError(
        f"There is no complaint {str(which)[:40]!r}.",
        cure="Name it by its number or its reference, as `lapor-gateway complaints list` shows them.",
    )


def list_runs(
    book: Book,
    *,
    subject: str | None = None,
    kind: str | None = None,
    state: str | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    bounds: Bounds = EVERYTHING,
) -> Page[RunView]:
    """Runs of jobs, newest first. A bounded caller sees those of its channels."""
    conditions = [runs.c[name] == value for name, value in _given(subject=subject, kind=kind, state=state)]
    query = select(runs).where(*conditions, _is_of_channels(runs.c.subject, bounds))
    rows, following = page(book, query, runs.c.id, limit=limit, cursor=cursor)
    return [_run_view(row) for row in rows], following


def find_run(book: Book, run: int, *, bounds: Bounds = EVERYTHING) -> RunView:
    """One run. Raises `NotFoundError`."""
    with book.read() as connection:
        query = select(runs).where(runs.c.id == min(run, LARGEST_ID), _is_of_channels(runs.c.subject, bounds))
        row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(f"There is no run {run}.", cure="The list of runs shows the ones there are.")
    return _run_view(row)


def list_findings(
    book: Book,
    *,
    state: str | None = FindingState.OPEN,
    kind: str | None = None,
    channel: str | None = None,
    subject: str | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    bounds: Bounds = EVERYTHING,
) -> Page[FindingView]:
    """Findings, newest first; `state` None shows closed ones too."""
    f = findings.c
    given = _given(state=state, kind=kind, channel=channel, subject=subject)
    query = select(findings).where(
        *(f[name] == value for name, value in given), _is_of_channels(f.channel, bounds)
    )
    rows, following = page(book, query, f.id, limit=limit, cursor=cursor)
    return [finding_view(row) for row in rows], following


def find_finding(book: Book, finding: int, *, bounds: Bounds = EVERYTHING) -> FindingView:
    """One finding. Raises `NotFoundError`."""
    f = findings.c
    with book.read() as connection:
        query = select(findings).where(f.id == min(finding, LARGEST_ID), _is_of_channels(f.channel, bounds))
        row = connection.execute(query).first()
    if row is None:
        raise NotFoundError(
            f"There is no finding {finding}.", cure="The list of findings shows the ones there are."
        )
    return finding_view(row)


def page(
    book: Book, query: Select[Any], key: ColumnElement[int], *, limit: int, cursor: str | None
) -> tuple[Sequence[Row[Any]], str | None]:
    """One page of a query by a falling key, stable while rows are added. Raises `WrongCursorError`."""
    if cursor is not None:
        (before,) = decode_cursor(cursor, 1)
        query = query.where(key < before)
    with book.read() as connection:
        rows = connection.execute(query.order_by(key.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, encode_cursor(rows[-1].id) if more else None


def _conditions(wanted: ComplaintFilter) -> list[ColumnElement[bool]]:
    equal = _given(
        region=wanted.region,
        channel=wanted.channel,
        origin=wanted.origin,
        source_id=wanted.source_id,
        waiting_for=wanted.waiting_for,
        kind=wanted.kind,
        national_status=wanted.national_status,
    )
    conditions: list[ColumnElement[bool]] = [_c[name] == value for name, value in equal]
    if wanted.tracking_id is not None:
        conditions.append(_has_number(wanted.tracking_id))
    if wanted.reference is not None:
        conditions.append(_c.reference == (parse(wanted.reference) or ""))
    if wanted.state is not None:
        conditions.append(_standing(wanted.state))
    if wanted.q:
        conditions.append(_search(wanted.q))
    created = func.coalesce(_c.source_created_at, _c.received_at)
    if wanted.since is not None:
        conditions.append(created >= to_instant(wanted.since))
    if wanted.until is not None:
        conditions.append(created < to_instant(wanted.until))
    if wanted.updated_since is not None:
        conditions.append(_c.updated_at >= to_instant(wanted.updated_since))
    return conditions


def _standing(word: str) -> ColumnElement[bool]:
    """The condition of a state, a literal so that the work lists' partial indexes serve; none for another word."""
    states = PENDING if word == "pending" else {state for state in State if state == word}
    return or_(false(), *(_c.state == literal_column(f"'{state}'") for state in sorted(states)))


def _has_number(tracking_id: str) -> ColumnElement[bool]:
    """The complaint with this number and those that are linked to it, whose number it is as well."""
    own = _c.linked_to.is_(None) & (_c.tracking_id == tracking_id)
    first = select(_first.c.id).where(_first.c.tracking_id == tracking_id, _first.c.linked_to.is_(None))
    return own | _c.linked_to.in_(first)


def _search(words: str) -> ColumnElement[bool]:
    within = [column.icontains(words, autoescape=True) for column in (_c.title, _c.body)]
    reference = parse(words)
    exact = [_c.source_id == words, _has_number(words)]
    return or_(*within, *exact, *([_c.reference == reference] if reference else []))


def _is_of_channels(subject: ColumnElement[str], bounds: Bounds) -> ColumnElement[bool]:
    if bounds.is_everything:
        return true()
    own = select(channels.c.id).where(*bounds.of(channels.c.region, channels.c.id))
    return subject.in_(own)


def _given(**values: str | None) -> list[tuple[str, str]]:
    return [(name, value) for name, value in values.items() if value is not None]


def _complaint_view(row: Row[Any]) -> ComplaintView:
    values = dict(zip(ComplaintView.__struct_fields__, row, strict=True))
    instants = {name: isoformat(values[name] or None) for name in _INSTANTS}
    reason = shown_reason(row.reason, row.visibility)
    return msgspec.convert(values | instants | {"reason": reason}, ComplaintView)


def shown_reason(reason: str | None, visibility: str | None) -> str | None:
    """A reason without what the other side may have quoted of a secret report, or of anybody's numbers."""
    if reason is None:
        return None
    if visibility is not None and Visibility(visibility).is_secret:
        return reason.partition(":")[0]
    return redact(reason, _NOBODY)


def _run_view(row: Row[Any]) -> RunView:
    counts = msgspec.json.decode(row.counts, type=dict[str, int])
    started, finished = isoformat(row.started_at), isoformat(row.finished_at)
    assert started is not None
    return RunView(row.id, row.kind, row.subject, row.state, started, finished, counts, row.error)


def finding_view(row: Row[Any]) -> FindingView:
    """A row of `findings` as it is shown."""
    opened, seen = isoformat(row.opened_at), isoformat(row.seen_at)
    assert opened is not None
    assert seen is not None
    return FindingView(
        row.id,
        row.kind,
        row.subject,
        row.channel,
        row.state,
        opened,
        seen,
        isoformat(row.closed_at),
        msgspec.json.decode(row.facts, type=dict[str, Any]),
    )
