"""LAPOR!'s master lists as the book keeps them, with their age. A row is never deleted: history names it."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from lapor_gateway.book.database import Book
from lapor_gateway.book.tables import master_lists, masters
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.complaint import AccountName

_m = masters.c
_l = master_lists.c


class Master(msgspec.Struct, frozen=True):
    """One row of a list; `gone_at` (RFC 3339) where the list shows it no more."""

    id: str
    name: str
    content: str = ""
    gone_at: str | None = None


class MasterList(msgspec.Struct, frozen=True):
    """How old a list is. Instants are RFC 3339 in UTC; `rows` are those that LAPOR! shows, `gone` those it showed."""

    kind: str
    rows: int
    gone: int
    fetched_at: str | None
    tried_at: str | None
    trouble: str | None


class Kept(msgspec.Struct):
    """What a fetched list changed."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0


def keep_list(book: Book, account: AccountName, kind: str, rows: Sequence[Master]) -> Kept:
    """Keep a list that was read to its end: new rows are added, others renamed or marked gone, since when."""
    return book.transact(partial(_keep, book.clock.now(), account, kind, rows))


def _keep(now: int, account: str, kind: str, rows: Sequence[Master], connection: Connection) -> Kept:
    ours = (_m.account == account) & (_m.kind == kind)
    query = select(_m.id, _m.name, _m.content, _m.gone_at).where(ours)
    known = {row.id: row for row in connection.execute(query)}
    shown = {row.id: row for row in rows}
    new = [row for row in shown.values() if row.id not in known]
    changed = [
        row
        for row in shown.values()
        if (was := known.get(row.id)) is not None
        and (was.gone_at is not None or (was.name, was.content) != (row.name, row.content))
    ]
    gone = [row.id for row in known.values() if row.gone_at is None and row.id not in shown]
    if new:
        fixed = {"account": account, "kind": kind, "first_seen_at": now, "changed_at": now}
        added = [{**fixed, "id": row.id, "name": row.name, "content": row.content} for row in new]
        connection.execute(insert(masters), added)
    if changed:
        change = update(masters).where(ours, _m.id == bindparam("which"))
        change = change.values(
            name=bindparam("called"), content=bindparam("says"), changed_at=now, gone_at=None
        )
        told = [{"which": row.id, "called": row.name, "says": row.content} for row in changed]
        connection.execute(change, told)
    if gone:
        leave = update(masters).where(ours, _m.id == bindparam("which")).values(gone_at=now)
        connection.execute(leave, [{"which": one} for one in gone])
    _note(connection, account, kind, fetched_at=now, tried_at=now, trouble=None)
    return Kept(len(shown), len(new), len(changed), len(gone))


def note_trouble(book: Book, account: AccountName, kind: str, trouble: str) -> None:
    """A list could not be read to its end; what is known of it stays as it is."""
    with book.write() as connection:
        _note(connection, account, kind, tried_at=book.clock.now(), trouble=trouble)


def _note(connection: Connection, account: str, kind: str, **values: Any) -> None:
    this = (_l.account == account) & (_l.kind == kind)
    if connection.execute(update(master_lists).where(this).values(values)).rowcount == 0:
        connection.execute(insert(master_lists).values(account=account, kind=kind, **values))


def lists_of(book: Book, account: AccountName) -> list[MasterList]:
    """The lists of an account that were ever asked for."""
    with book.read() as connection:
        counted = connection.execute(
            select(_m.kind, func.count(), func.count(_m.gone_at))
            .where(_m.account == account)
            .group_by(_m.kind)
        )
        counts = {row[0]: (row[1] - row[2], row[2]) for row in counted}
        found = connection.execute(select(master_lists).where(_l.account == account).order_by(_l.kind)).all()
    return [
        MasterList(
            row.kind,
            *counts.get(row.kind, (0, 0)),
            isoformat(row.fetched_at),
            isoformat(row.tried_at),
            row.trouble,
        )
        for row in found
    ]


def due_kinds(
    book: Book, account: AccountName, kinds: Collection[str], *, oldest: int, again: int
) -> list[str]:
    """The kinds whose lists are older than `oldest` and were not tried after `again` (microseconds)."""
    with book.read() as connection:
        query = select(_l.kind, _l.fetched_at, _l.tried_at).where(_l.account == account)
        known = {row.kind: row for row in connection.execute(query)}
    return [
        kind
        for kind in kinds
        if kind not in known or ((known[kind].fetched_at or 0) < oldest and known[kind].tried_at < again)
    ]


def rows_of(book: Book, account: AccountName, kind: str) -> list[Master]:
    """All rows of a list by name, those that are gone included."""
    query = select(_m.id, _m.name, _m.content, _m.gone_at).where(_m.account == account, _m.kind == kind)
    with book.read() as connection:
        found = connection.execute(query.order_by(_m.name, _m.id)).all()
    return [Master(row.id, row.name, row.content, isoformat(row.gone_at)) for row in found]


def names_of(
    connection: Connection, account: str, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """The names of rows by kind and id, gone or not; what is not known is left out."""
    ids = {identifier for _, identifier in wanted}
    query = select(_m.kind, _m.id, _m.name).where(_m.account == account, _m.id.in_(ids))
    found = {(row.kind, row.id): row.name for row in connection.execute(query)}
    return {key: found[key] for key in wanted if key in found}
