"""The pen: every transition of a complaint and its ledger entry, written together, in batches."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from lapor_gateway.book.database import Query, Statement
from lapor_gateway.book.ledger import ENCODING, GENESIS, Entry, Facts, entry_hash, facts_text
from lapor_gateway.book.tables import complaints, ledger_entries, ledger_heads
from lapor_gateway.domain.complaint import ComplaintId
from lapor_gateway.domain.lifecycle import Event, State, next_state
from lapor_gateway.domain.reference import Reference
from lapor_gateway.errors import ConflictError

SYSTEM: Final = "gateway"
SOURCE: Final = "source"


class Subject(msgspec.Struct):
    """What the pen must know of a complaint to write about it; moves on with every entry."""

    id: ComplaintId
    reference: Reference
    state: State
    seq: int
    head: bytes


SUBJECT_COLUMNS: Final = (
    complaints.c.id,
    complaints.c.reference,
    complaints.c.state,
    complaints.c.ledger_seq,
    complaints.c.ledger_head,
)


_SUBJECTS: Final = Query(
    select(*SUBJECT_COLUMNS).where(complaints.c.id.in_(bindparam("ids", expanding=True))).with_for_update()
)


_STATES: Final = {str(state): state for state in State}


def subject_of(row: tuple[Any, ...]) -> Subject:
    """A subject from a row that begins with `SUBJECT_COLUMNS`."""
    return Subject(row[0], row[1], _STATES[row[2]], row[3], row[4])


_ENTRY_COLUMNS: Final = (
    "subject",
    "complaint",
    "seq",
    "encoding",
    "kind",
    "from_state",
    "to_state",
    "at",
    "actor",
    "facts",
    "previous",
)
_insert_entries = Statement(
    insert(ledger_entries).values({name: bindparam(name) for name in _ENTRY_COLUMNS}), _ENTRY_COLUMNS
)
_inserts: dict[tuple[str, ...], Statement] = {}
_updates: dict[tuple[str, ...], Statement] = {}


class Pen:
    """Collects what one transaction says of complaints and writes it at the end, entry beside state.

    `at` is the transaction's instant in microseconds, `actor` who acts (a pseudonym for a person). Use inside
    `book.write()` and call `flush` last; nothing is visible before the transaction commits.
    """

    def __init__(self, connection: Connection, at: int, actor: str = SYSTEM) -> None:
        self.connection = connection
        self.at = at
        self.actor = actor
        self._entries: list[tuple[Any, ...]] = []
        self._new: dict[int, tuple[Subject, dict[str, Any]]] = {}
        self._changed: dict[int, tuple[Subject, int, dict[str, Any]]] = {}

    def receive(self, subject: Subject, columns: dict[str, Any], facts: Facts) -> None:
        """Enter a new complaint, in state received; `columns` are all it has beside the chain."""
        self._append(subject, "received", None, State.RECEIVED, facts)
        self._new[subject.id] = (subject, columns)

    def transition(
        self, subject: Subject, happened: Event, facts: Facts, *, to: State | None = None, **columns: Any
    ) -> None:
        """Move a complaint along the lifecycle; raises `IllegalTransitionError` and then writes nothing."""
        before, after = subject.state, next_state(subject.state, happened, to)
        self._touch(subject, columns)
        self._append(subject, str(happened), before, after, facts)
        subject.state = after

    def note(self, subject: Subject, kind: str, facts: Facts, /, **columns: Any) -> None:
        """An act that is no transition: an edit kept beside, a disappearance, a decision on a finding."""
        self._touch(subject, columns)
        self._append(subject, kind, subject.state, subject.state, facts)

    def amend(self, subject: Subject, **columns: Any) -> None:
        """Change working columns that are no act (a cursor of the gate, a next attempt's time)."""
        self._touch(subject, columns)

    def flush(self) -> None:
        """Write everything collected. Raises `ConflictError` if a complaint moved on under our feet."""
        self._write_new()
        self._write_changed()
        _insert_entries.run(self.connection, self._entries)
        self._entries = []

    def _touch(self, subject: Subject, columns: dict[str, Any]) -> None:
        new = self._new.get(subject.id)
        if new is not None:
            new[1].update(columns)
            return
        pending = self._changed.get(subject.id)
        if pending is None:
            self._changed[subject.id] = (subject, subject.seq, columns)
        else:
            pending[2].update(columns)

    def _append(
        self, subject: Subject, kind: str, before: State | None, after: State | None, facts: Facts
    ) -> None:
        seq = subject.seq + 1
        # Plain strings throughout: SQLite's driver takes a µs for every member of an enum.
        source = None if before is None else str(before)
        target = None if after is None else str(after)
        reference, head, text = subject.reference, subject.head, facts_text(facts)
        entry = Entry(reference, seq, kind, source, target, self.at, self.actor, text, head)
        self._entries.append(
            (reference, subject.id, seq, ENCODING, kind, source, target, self.at, self.actor, text, head)
        )
        subject.seq, subject.head = seq, entry_hash(entry)

    def _write_new(self) -> None:
        groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for subject, columns in self._new.values():
            columns.update(state=str(subject.state), ledger_seq=subject.seq, ledger_head=subject.head)
            groups.setdefault(tuple(columns), []).append(tuple(columns.values()))
        for names, rows in groups.items():
            _insert_of(names).run(self.connection, rows)
        self._new = {}

    def _write_changed(self) -> None:
        groups: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for subject, base_seq, columns in self._changed.values():
            columns.update(
                state=str(subject.state),
                ledger_seq=subject.seq,
                ledger_head=subject.head,
                updated_at=self.at,
            )
            groups.setdefault(tuple(columns), []).append((*columns.values(), subject.id, base_seq))
        for names, rows in groups.items():
            if _update_of(names).run(self.connection, rows) != len(rows):
                raise ConflictError(
                    "Another process changed the same complaint.", cure="Run the command again."
                )
        self._changed = {}


def _insert_of(names: tuple[str, ...]) -> Statement:
    statement = _inserts.get(names)
    if statement is None:
        values: dict[str, Any] = {name: bindparam(name) for name in names}
        statement = _inserts[names] = Statement(insert(complaints).values(values), names)
    return statement


def _update_of(names: tuple[str, ...]) -> Statement:
    statement = _updates.get(names)
    if statement is None:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        where = (complaints.c.id == bindparam("which")) & (complaints.c.ledger_seq == bindparam("base_seq"))
        statement = Statement(
            update(complaints).where(where).values(values),
            (*(f"new_{n}" for n in names), "which", "base_seq"),
        )
        _updates[names] = statement
    return statement


def load_subjects(connection: Connection, ids: Iterable[int]) -> dict[int, Subject]:
    """Subjects by id, locked until the transaction ends."""
    return {row[0]: subject_of(row) for row in _SUBJECTS.all(connection, ids=list(ids))}


def record(
    connection: Connection, subject: str, kind: str, facts: Facts, *, at: int, actor: str = SYSTEM
) -> None:
    """One entry about something that is no complaint: `channel:…`, `account:…`, `book`, `secret:…`."""
    found = connection.execute(
        select(ledger_heads.c.seq, ledger_heads.c.head)
        .where(ledger_heads.c.subject == subject)
        .with_for_update()
    ).first()
    seq, head = (found.seq, found.head) if found else (0, GENESIS)
    entry = Entry(subject, seq + 1, kind, None, None, at, actor, facts_text(facts), head)
    row = (subject, None, seq + 1, ENCODING, kind, None, None, at, actor, entry.facts, head)
    _insert_entries.run(connection, [row])
    values: dict[str, object] = {"seq": seq + 1, "head": entry_hash(entry)}
    if found:
        connection.execute(update(ledger_heads).where(ledger_heads.c.subject == subject).values(values))
    else:
        connection.execute(insert(ledger_heads).values(subject=subject, **values))
