"""Complaints' files in the book: which are wanted, how far each has come, and which ids a submission may name."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, insert, literal_column, select, update

from lapor_gateway.book.crypto import ERASED, DataKey
from lapor_gateway.book.database import Book
from lapor_gateway.book.findings import FindingKind, raise_finding
from lapor_gateway.book.tables import attachments, complaints
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.domain.complaint import (
    AccountName,
    Attachment,
    ChannelId,
    Complaint,
    ComplaintId,
    Visibility,
)
from lapor_gateway.domain.lifecycle import State

SOURCE: Final = b"attachment source"
CONTENT: Final = b"attachment"
_PARKED: Final = 60_000_000
"""Microseconds until a complaint that waits for its files is looked at again, should nobody have woken it."""

_a = attachments.c
_c = complaints.c


class FileState(StrEnum):
    """How far a file has come: fetched and cleaned is `kept`, given an id at LAPOR! is `uploaded`."""

    WAITING = "waiting"
    KEPT = "kept"
    UPLOADED = "uploaded"
    FAILED = "failed"
    ERASED = "erased"


_OPEN: Final = (FileState.WAITING, FileState.KEPT)
_IS_OPEN: Final = _a.state.in_([literal_column(f"'{state}'") for state in _OPEN])  # so that the index is used


class Due(msgspec.Struct, frozen=True):
    """A file that can be worked on now. Instants in microseconds; `tries` of the step that is due."""

    complaint: ComplaintId
    number: int
    channel: ChannelId
    reference: str
    key: DataKey
    source: Attachment
    is_hidden: bool
    state: FileState
    blob: str | None
    media_type: str | None
    tries: int
    since: int


class Step(msgspec.Struct, frozen=True):
    """What became of a file: columns of its row."""

    state: FileState
    reason: str | None = None
    next_try_at: int = 0
    kept: tuple[str, int, str, str] | None = None
    """Media type, size, digest and blob of one that was kept."""
    national_id: str | None = None
    counts: bool = True
    """Whether this was a try; a request that never left is none."""


class FileView(msgspec.Struct, frozen=True):
    """How far one of a complaint's files has come, as a person is told."""

    state: FileState
    reason: str | None
    media_type: str | None
    size: int | None


class Shelf:
    """Tells the push which complaints have their files ready, and sets the others aside until they have.

    `channels` are those whose files go along; of every complaint the first `most` files.
    """

    def __init__(self, book: Book, channels: Collection[ChannelId], most: int) -> None:
        self._book = book
        self._channels = frozenset(channels)
        self._most = most

    def ready(
        self, pen: Pen, rows: Sequence[tuple[Any, ...]], known: Mapping[int, Complaint]
    ) -> tuple[list[tuple[Any, ...]], dict[int, tuple[str, ...]]]:
        """The `rows` (complaints by id first) that may go now, and the ids of the files of those that have any.

        Complaints without files cost nothing here. Where one must wait, its files are put on the work list.
        """
        named = (
            [identifier for identifier, *_ in rows if known[identifier].attachments] if self._channels else []
        )
        if not named:
            return list(rows), {}
        query = select(_c.id, _c.reference, _c.data_key, _c.channel).where(_c.id.in_(named))
        places = {one.id: one for one in pen.connection.execute(query) if one.channel in self._channels}
        there = _rows_by_mark(pen.connection, places)
        files = {
            which: self._files(pen, place, known[which], there[which]) for which, place in places.items()
        }
        waiting = {which for which, ids in files.items() if ids is None}
        if waiting:
            for subject in load_subjects(pen.connection, waiting).values():
                pen.amend(subject, next_attempt_at=pen.at + _PARKED)
        ready = {which: ids for which, ids in files.items() if ids}
        return [row for row in rows if row[0] not in waiting], ready

    def _files(
        self, pen: Pen, place: Any, complaint: Complaint, there: dict[bytes, Any]
    ) -> tuple[str, ...] | None:
        """The ids of a complaint's files in their order; None while one of them is still on its way."""
        marks = {mark_of(self._book, one): one for one in complaint.attachments}
        new = [(position, *pair) for position, pair in enumerate(marks.items()) if pair[0] not in there]
        waits = bool(new) and self._want(pen, place, new, len(there))
        settled = [there[mark] for mark in marks if mark in there]
        if waits or any(row.state in _OPEN for row in settled):
            return None
        # What was uploaded while the report was open may be a document, whose text nobody can redact.
        hides = complaint.visibility is not Visibility.PUBLIC
        return tuple(
            row.national_id
            for row in settled
            if row.state == FileState.UPLOADED and not (hides and not row.media_type.startswith("image/"))
        )

    def _want(self, pen: Pen, place: Any, new: Sequence[tuple[int, bytes, Attachment]], before: int) -> bool:
        """Put new files on the work list; whether any of them is to be waited for."""
        key = self._book.data_key(place.reference, place.data_key)
        rows = []
        for number, (position, mark, one) in enumerate(new, start=before + 1):
            fits = position < self._most
            rows.append(
                {
                    "complaint": place.id,
                    "number": number,
                    "mark": mark,
                    "source": key.seal(msgspec.json.encode(one), SOURCE),
                    "state": str(FileState.WAITING if fits else FileState.FAILED),
                    "reason": None if fits else "too_many",
                    "tries": 0,
                    "next_try_at": 0,
                    "since": pen.at,
                }
            )
        pen.connection.execute(insert(attachments), rows)
        if rows[-1]["reason"]:
            _tell(self._book, pen.connection, place.id, place.reference, place.channel)
        return rows[0]["reason"] is None


def mark_of(book: Book, attachment: Attachment) -> bytes:
    """By which a file is known again; under another signature in its address's query it is the same file."""
    address = attachment.address.partition("?")[0]
    return book.digest(b"attachment\0" + address.encode("utf-8", "replace"))


def next_due(book: Book, account: AccountName) -> int | None:
    """When the next file of a complaint that waits for it is due."""
    with book.read() as connection:
        query = select(func.min(_a.next_try_at)).select_from(_of_ready(account))
        return connection.execute(query.where(_IS_OPEN)).scalar()


def due_files(book: Book, account: AccountName, limit: int) -> list[Due]:
    """Files that can be worked on now, oldest first."""
    query = (
        select(
            _a.complaint, _a.number, _a.source, _a.state, _a.blob, _a.media_type, _a.tries, _a.since,
            _c.channel, _c.reference, _c.data_key, _c.visibility,
        )
        .select_from(_of_ready(account))
        .where(_IS_OPEN, _a.next_try_at <= book.clock.now())
        .order_by(_a.next_try_at, _a.complaint, _a.number)
        .limit(limit)
    )  # fmt: skip
    with book.read() as connection:
        rows = connection.execute(query).all()
    found = []
    for row in rows:
        key = book.data_key(row.reference, row.data_key)
        source = msgspec.json.decode(key.open(row.source, SOURCE), type=Attachment)
        found.append(
            Due(
                row.complaint, row.number, row.channel, row.reference, key, source, row.visibility != Visibility.PUBLIC,
                FileState(row.state), row.blob, row.media_type, row.tries, row.since,
            )
        )  # fmt: skip
    return found


def settle_file(book: Book, due: Due, step: Step) -> bool:
    """Write what became of a file; with the last one the complaint is free to go, and its ledger says with what.

    False where nothing was written: the complaint was erased meanwhile, or another process has been faster.
    """
    return book.transact(partial(_settle, book, due, step))


def _settle(book: Book, due: Due, step: Step, connection: Connection) -> bool:
    values: dict[str, Any] = {
        "state": str(step.state),
        "reason": step.reason,
        "next_try_at": step.next_try_at,
        "tries": due.tries + 1 if step.counts and step.state == due.state else 0,
        "national_id": step.national_id,
    }
    if step.kept is not None:
        values |= dict(zip(("media_type", "size", "digest", "blob"), step.kept, strict=True))
    subject = load_subjects(connection, [due.complaint])[due.complaint]
    this = (_a.complaint == due.complaint) & (_a.number == due.number) & (_a.state == str(due.state))
    if connection.execute(update(attachments).where(this).values(values)).rowcount == 0:
        return False
    pen = Pen(connection, book.clock.now())
    rows = connection.execute(
        select(_a.state, _a.digest).where(_a.complaint == due.complaint).order_by(_a.number)
    ).all()
    if not any(row.state in _OPEN for row in rows):
        digests = [row.digest for row in rows if row.state == FileState.UPLOADED]
        told = {"count": len(digests), "left_out": len(rows) - len(digests)}
        pen.note(subject, "attached", told | {"digest": due.key.commitment("\n".join(digests).encode())})
        _tell(book, connection, due.complaint, due.reference, due.channel)
    if subject.state is State.READY:
        wake_at = _next_of(connection, due.complaint)
        pen.amend(subject, next_attempt_at=pen.at if wake_at is None else max(wake_at, pen.at))
    pen.flush()
    return True


def _next_of(connection: Connection, complaint: int) -> int | None:
    query = select(func.min(_a.next_try_at)).where(_a.complaint == complaint, _IS_OPEN)
    return connection.execute(query).scalar()


def _tell(book: Book, connection: Connection, complaint: int, reference: str, channel: str) -> None:
    """A finding for what was left out: the files' numbers and rules, nothing of their names or content."""
    query = select(_a.number, _a.reason).where(_a.complaint == complaint, _a.state == str(FileState.FAILED))
    left_out = connection.execute(query.order_by(_a.number)).all()
    if left_out:
        told = ", ".join(f"{number}: {reason}" for number, reason in left_out)
        raise_finding(book, connection, FindingKind.FILE_LEFT_OUT, reference, channel, {"files": told})


def file_views(connection: Connection, complaint: int) -> dict[bytes, FileView]:
    """A complaint's files by their marks (see `mark_of`)."""
    query = select(_a.mark, _a.state, _a.reason, _a.media_type, _a.size).where(_a.complaint == complaint)
    query = query.order_by(_a.number)
    return {row.mark: FileView(FileState(row.state), *row[2:]) for row in connection.execute(query)}


def erase_files(connection: Connection, ids: Sequence[int]) -> None:
    """Forget what erased complaints' files were; `erased_owners` names whose blobs are still to be removed."""
    owner = select(_c.reference).where(_c.id == _a.complaint).scalar_subquery()
    empty = {"state": str(FileState.ERASED), "source": ERASED, "reason": None, "digest": None, "blob": owner}
    connection.execute(update(attachments).where(_a.complaint.in_(ids)).values(empty))


def erased_owners(book: Book) -> list[str]:
    with book.read() as connection:
        query = select(_a.blob).where(_a.state == str(FileState.ERASED), _a.blob.is_not(None)).distinct()
        return list(connection.execute(query).scalars())


def blobs_removed(book: Book, owner: str) -> None:
    """Nothing of this owner lies in the file store any more."""
    with book.write() as connection:
        gone = (_a.state == str(FileState.ERASED)) & (_a.blob == owner)
        connection.execute(update(attachments).where(gone).values(blob=None))


def _of_ready(account: AccountName) -> Any:
    """Files of complaints that wait to be sent under an account."""
    on = (_c.id == _a.complaint) & (_c.account == account) & (_c.state == literal_column(f"'{State.READY}'"))
    return attachments.join(complaints, on)


def _rows_by_mark(connection: Connection, ids: Collection[int]) -> dict[int, dict[bytes, Any]]:
    found: dict[int, dict[bytes, Any]] = {which: {} for which in ids}
    query = select(_a.complaint, _a.mark, _a.state, _a.national_id, _a.media_type).where(
        _a.complaint.in_(ids)
    )
    for row in connection.execute(query):
        found[row.complaint][row.mark] = row
    return found
