"""Answers made in a region's application, kept as follow-ups of their complaint; what we wrote there is an echo."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from lapor_gateway.book import follow_ups
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book, Query
from lapor_gateway.book.tables import answer_cursors, complaints
from lapor_gateway.book.writing import SOURCE, SUBJECT_COLUMNS, Pen, subject_of
from lapor_gateway.domain.echo import is_echo
from lapor_gateway.domain.follow_up import FollowUp, Side

_CHUNK: Final = 500
_c = complaints.c
_a = answer_cursors.c
_OF: Final = Query(
    select(*SUBJECT_COLUMNS, _c.source_id, _c.data_key)
    .where(_c.origin == bindparam("origin"), _c.source_id.in_(bindparam("source_ids", expanding=True)))
    .order_by(_c.id)
    .with_for_update()
)


def note_answers(
    book: Book, connection: Connection, origin: str, found: Mapping[str, Sequence[FollowUp]]
) -> int:
    """Keep answers that are new, by their complaints' ids at the source; how many. The caller commits.

    What equals something that LAPOR! or the gateway said is an echo of what was written back, and travels no further.
    """
    wanted = [source_id for source_id, answers in found.items() if answers]
    new = 0
    for start in range(0, len(wanted), _CHUNK):
        rows = _OF.all(connection, origin=origin, source_ids=wanted[start : start + _CHUNK])
        new += _note(book, connection, rows, found)
    return new


def _note(
    book: Book,
    connection: Connection,
    rows: Sequence[tuple[Any, ...]],
    found: Mapping[str, Sequence[FollowUp]],
) -> int:
    pen = Pen(connection, book.clock.now(), SOURCE)
    known = follow_ups.known_marks(connection, [row[0] for row in rows])
    new = 0
    for row in rows:
        subject, source_id, data_key = subject_of(row), row[-2], row[-1]
        answers = found[source_id]
        marks = follow_ups.marks_of(book, subject.reference, Side.REGION, answers)
        fresh = [
            pair
            for pair in zip(answers, marks, strict=True)
            if (subject.id, str(Side.REGION), pair[1]) not in known
        ]
        if not fresh or data_key == ERASED:
            continue
        key = book.data_key(subject.reference, data_key)
        written = [
            one.follow_up.text
            for one in follow_ups.contents(connection, subject.id, key)
            if one.side is not Side.REGION
        ]
        echoes = [pair for pair in fresh if any(is_echo(pair[0].text, text) for text in written)]
        follow_ups.note_echoes(connection, [(subject.id, Side.REGION, mark) for _, mark in echoes])
        ours = [pair for pair in fresh if pair not in echoes]
        if ours:
            follow_ups.add(pen, subject, key, Side.REGION, ours)
        new += len(ours)
    pen.flush()
    return new


def cursor_of(connection: Connection, channel: str) -> int | str | None:
    """Behind which key a channel's own query for answers goes on; None at its beginning."""
    text = connection.execute(select(_a.behind).where(_a.channel == channel)).scalar()
    return None if text is None else msgspec.json.decode(text, type=int | str)


def move_cursor(connection: Connection, channel: str, behind: int | str) -> None:
    """In the transaction that keeps the answers up to there."""
    values = {"behind": msgspec.json.encode(behind).decode()}
    if not connection.execute(update(answer_cursors).where(_a.channel == channel).values(values)).rowcount:
        connection.execute(insert(answer_cursors).values(channel=channel, **values))
