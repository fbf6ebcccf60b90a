"""Follow-ups in the book: sealed under their complaint's key, known again by a mark, each with its ledger entry."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select

from lapor_gateway.book.crypto import DataKey
from lapor_gateway.book.database import Book, Query, Statement
from lapor_gateway.book.tables import echoes, follow_ups
from lapor_gateway.book.writing import Pen, Subject
from lapor_gateway.clock import to_instant
from lapor_gateway.domain.follow_up import FollowUp, Side
from lapor_gateway.domain.reference import comparable

FOLLOW_UP: Final = b"follow_up"
_f = follow_ups.c
_NAMES: Final = tuple(column.name for column in follow_ups.columns)
_insert = Statement(insert(follow_ups).values({name: bindparam(name) for name in _NAMES}), _NAMES)
_MARKS: Final = Query(
    select(_f.complaint, _f.side, _f.mark).where(_f.complaint.in_(bindparam("ids", expanding=True)))
)
_ECHOES: Final = Query(
    select(echoes.c.complaint, echoes.c.side, echoes.c.mark).where(
        echoes.c.complaint.in_(bindparam("ids", expanding=True))
    )
)
_CONTENTS: Final = Query(
    select(_f.number, _f.side, _f.content).where(_f.complaint == bindparam("complaint")).order_by(_f.number)
)
_decoder = msgspec.json.Decoder(FollowUp)


class Kept(msgspec.Struct, frozen=True):
    """A follow-up as the book keeps it: its number within its complaint, its side, what it says."""

    number: int
    side: Side
    follow_up: FollowUp


def mark_of(book: Book, reference: str, side: Side, one: FollowUp, turn: int = 0) -> bytes:
    """By what a follow-up is known again: its id on its side, else its time and text, and which of equals it is."""
    what = (
        ("id", one.own_id) if one.own_id else ("text", str(one.written_at), comparable(one.text), str(turn))
    )
    return book.digest(msgspec.json.encode((reference, side, *what)))


def marks_of(book: Book, reference: str, side: Side, ones: Sequence[FollowUp]) -> list[bytes]:
    """The marks of a whole list of one side; equal lines are told apart by their turn."""
    turns: dict[bytes, int] = {}
    marks = []
    for one in ones:
        first = mark_of(book, reference, side, one)
        turn = turns.get(first, 0)
        turns[first] = turn + 1
        marks.append(first if turn == 0 or one.own_id else mark_of(book, reference, side, one, turn))
    return marks


def known_marks(connection: Connection, ids: Iterable[int]) -> set[tuple[int, str, bytes]]:
    """(complaint, side, mark) of everything that was seen before, echoes included."""
    wanted = list(ids)
    rows = _MARKS.all(connection, ids=wanted) + _ECHOES.all(connection, ids=wanted)
    return {(complaint, side, bytes(mark)) for complaint, side, mark in rows}


def contents(connection: Connection, complaint: int, key: DataKey) -> list[Kept]:
    """Every follow-up of a complaint that can still be read, in the order in which they came to be known."""
    rows = _CONTENTS.all(connection, complaint=complaint)
    return [
        Kept(number, Side(side), _decoder.decode(key.open(bytes(content), FOLLOW_UP)))
        for number, side, content in rows
        if content
    ]


def add(
    pen: Pen, subject: Subject, key: DataKey, side: Side, ones: Sequence[tuple[FollowUp, bytes]]
) -> list[int]:
    """Keep new follow-ups (each with its mark) and note their entries; their numbers. The pen's owner flushes."""
    last = pen.connection.execute(
        select(func.coalesce(func.max(_f.number), 0)).where(_f.complaint == subject.id)
    ).scalar_one()
    rows: list[tuple[Any, ...]] = []
    for number, (one, mark) in enumerate(ones, int(last) + 1):
        plain = msgspec.json.encode(one)
        written_at = None if one.written_at is None else to_instant(one.written_at)
        facts: dict[str, Any] = {
            "number": number,
            "side": str(side),
            "author": str(one.author),
            "content": key.commitment(plain),
        }
        pen.note(subject, "follow_up", facts | ({} if written_at is None else {"written_at": written_at}))
        rows.append(
            (
                subject.id,
                number,
                str(side),
                str(one.author),
                mark,
                key.seal(plain, FOLLOW_UP),
                written_at,
                pen.at,
            )
        )
    _insert.run(pen.connection, rows)
    return [row[1] for row in rows]


def note_echoes(connection: Connection, rows: Sequence[tuple[int, Side, bytes]]) -> None:
    """Remember what a side shows that we wrote there ourselves."""
    if rows:
        values = [{"complaint": one, "side": str(side), "mark": mark} for one, side, mark in rows]
        connection.execute(insert(echoes), values)
