"""A complaint's whole journey: what the source said, what it became, every entry, attempt and finding."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.archived import RawRecord, Version, marks_of, raw_records_of, versions_of
from lapor_gateway.book.crypto import ERASED, DataKey
from lapor_gateway.book.database import Book
from lapor_gateway.book.deadline_lists import DeadlineView, deadlines_of_complaint
from lapor_gateway.book.decisions import possible_verbs
from lapor_gateway.book.gating import CANONICAL, FAULTS
from lapor_gateway.book.intake import RAW
from lapor_gateway.book.people import name_of, pseudonym, write_audit
from lapor_gateway.book.queries import (
    EVERYTHING,
    Bounds,
    ComplaintView,
    FindingView,
    find_complaint,
    finding_view,
    shown_reason,
)
from lapor_gateway.book.tables import complaints, findings, ledger_entries, outbound
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.complaint import Attachment, Complaint, Fault, Flag, Place, Reporter, Visibility
from lapor_gateway.domain.identity import mask_reporter
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.redaction import redact
from lapor_gateway.errors import ConfigurationError

NOT_SENT: Final = "recorded, not sent yet"
_HIDDEN: Final = "***"
_TEXTS: Final = frozenset({"title", "body", "place", "district", "village", "attachments", "national_fields"})
"""Fields that may hold a person's words: hidden while nobody knows whether the report is a secret one."""
_SEAL_BYTES: Final = 28  # nonce and tag
_decoder = msgspec.json.Decoder(Complaint)
_fault_decoder = msgspec.json.Decoder(tuple[Fault, ...])


class RawView(msgspec.Struct, frozen=True):
    """What the source said; `content` only for those who may see identities."""

    id: int
    channel: str
    delivery: str | None
    received_at: str | None
    bytes: int
    content: str | None


class VersionView(msgspec.Struct, frozen=True):
    """What a raw record became under one manifest: the complaint, or the faults that stood in the way."""

    version: int
    current: bool
    raw_record: int
    manifest_digest: str
    mapped_at: str | None
    canonical: Complaint | None
    faults: tuple[Fault, ...]


class EntryView(msgspec.Struct, frozen=True, rename={"from_state": "from", "to_state": "to"}):
    """One entry of the complaint's own chain; `actor` is a pseudonym unless identities are shown."""

    seq: int
    at: str | None
    kind: str
    from_state: str | None
    to_state: str | None
    actor: str
    facts: dict[str, Any]


class AttemptView(msgspec.Struct, frozen=True):
    """One attempt at the national side. `sent_digest` is of the text as sent."""

    number: int
    kind: str
    account: str
    sent_at: str | None
    times_out_at: str | None
    finished_at: str | None
    outcome: str | None
    detail: str | None
    tracking_id: str | None
    sent_digest: str


class AttachmentView(msgspec.Struct, frozen=True):
    """A file that the source names, and what the gateway has done with it so far."""

    address: str
    name: str | None
    status: str = NOT_SENT


class Journey(msgspec.Struct, frozen=True):
    """Everything the book has on one complaint, each part oldest first.

    `archived` are the years whose files hold its older raw records and versions; `archive_missing` those of them whose
    file is not here, so that these parts are not complete.
    """

    complaint: ComplaintView
    raw_records: list[RawView]
    versions: list[VersionView]
    entries: list[EntryView]
    attempts: list[AttemptView]
    attachments: list[AttachmentView]
    findings: list[FindingView]
    deadlines: list[DeadlineView]
    possible: list[str]
    archived: list[int]
    archive_missing: list[int]


def journey(book: Book, which: int | str, *, reveal: bool = False, bounds: Bounds = EVERYTHING) -> Journey:
    """The journey of the complaint `which` (number or reference). Raises `NotFoundError`.

    Identities are masked, text redacted and raw records left out unless `reveal`; whoever asks for that must
    have called `note_reveal` first.
    """
    shown = find_complaint(book, which, bounds=bounds)
    with book.read() as connection:
        key = _key(book, connection, shown)
        absent: set[int] = set()
        raws = raw_records_of(book, connection, [shown.id], absent=absent).get(shown.id, [])
        found = versions_of(book, connection, [shown.id], absent=absent).get(shown.id, [])
        now = connection.execute(
            select(complaints.c.current_version).where(complaints.c.id == shown.id)
        ).scalar()
        versions = [_version(one, one.version == now, key, shown, reveal) for one in found]
        current = next((v.canonical for v in versions if v.current), None)
        return Journey(
            shown,
            [_raw_record(one, key, reveal) for one in raws],
            versions,
            _entries(book, connection, shown, reveal),
            _attempts(connection, shown),
            [AttachmentView(one.address, one.name) for one in (current.attachments if current else ())],
            _findings(connection, shown),
            deadlines_of_complaint(connection, shown.id, book.clock.now()),
            [] if shown.erased else [verb.value for verb in possible_verbs(State(shown.state))],
            sorted({mark.year for mark in marks_of(connection, [shown.id])}),
            sorted(absent),
        )


def note_reveal(book: Book, which: int | str, *, by: str, reason: str, bounds: Bounds = EVERYTHING) -> None:
    """Write, in ledger and audit, that a person looked at an identity and why. Raises `NotFoundError`."""
    if not reason.strip():
        raise ConfigurationError(
            "Looking at an identity needs a reason.", cure="Say in a few words what it is for."
        )
    shown = find_complaint(book, which, bounds=bounds)
    with book.write() as connection:
        actor = pseudonym(book, connection, by)
        pen = Pen(connection, book.clock.now(), actor)
        pen.note(load_subjects(connection, [shown.id])[shown.id], "identity_seen", {})
        pen.flush()
        write_audit(book, connection, actor, "identity_seen", shown.reference, {"reason": reason.strip()})


def masked(complaint: Complaint) -> Complaint:
    """A complaint as those see it who may not see identities: masked, redacted, empty where it is secret."""
    reporter, secret = complaint.reporter, complaint.visibility.is_secret

    def text(value: str) -> str:
        return "" if secret else redact(value, reporter)

    place = complaint.place
    return msgspec.structs.replace(
        complaint,
        title=text(complaint.title),
        body=text(complaint.body),
        reporter=mask_reporter(reporter),
        place=Place() if secret else msgspec.structs.replace(place, text=place.text and text(place.text)),
        attachments=tuple(
            Attachment(_HIDDEN if secret else _without_query(a.address)) for a in complaint.attachments
        ),
        national_fields={}
        if secret
        else {n: _masked_value(v, reporter) for n, v in complaint.national_fields.items()},
        flags=tuple(
            Flag(f.field, f.rule, _masked_part(f.field, f.value, reporter, secret)) for f in complaint.flags
        ),
    )


def _version(
    row: Version, is_current: bool, key: DataKey | None, shown: ComplaintView, reveal: bool
) -> VersionView:
    canonical: Complaint | None = None
    faults: tuple[Fault, ...] = ()
    if key is not None and row.canonical is not None:
        canonical = _decoder.decode(key.open(row.canonical, CANONICAL))
    if key is not None and row.faults is not None:
        faults = _fault_decoder.decode(key.open(row.faults, FAULTS))
    if not reveal:
        reporter = canonical.reporter if canonical else Reporter()
        secret = canonical.visibility.is_secret if canonical else _is_secret(shown)
        faults = tuple(
            Fault(
                f.field,
                f.rule,
                _masked_part(f.field, f.value, reporter, secret or (canonical is None and f.field in _TEXTS)),
            )
            for f in faults
        )
        canonical = canonical and masked(canonical)
    return VersionView(
        row.version,
        is_current,
        row.raw_record,
        row.manifest_digest,
        isoformat(row.mapped_at),
        canonical,
        faults,
    )


def _raw_record(row: RawRecord, key: DataKey | None, reveal: bool) -> RawView:
    return RawView(
        row.id,
        row.channel,
        row.delivery,
        isoformat(row.received_at),
        max(0, len(row.body) - _SEAL_BYTES),
        key.open(row.body, RAW).decode("utf-8", "replace") if reveal and key is not None else None,
    )


def _entries(book: Book, connection: Connection, shown: ComplaintView, reveal: bool) -> list[EntryView]:
    e = ledger_entries.c
    rows = connection.execute(select(ledger_entries).where(e.complaint == shown.id).order_by(e.seq)).all()
    actors = {row.actor for row in rows}
    names = {actor: name_of(book, connection, actor) or actor if reveal else actor for actor in actors}
    return [
        EntryView(
            row.seq,
            isoformat(row.at),
            row.kind,
            row.from_state,
            row.to_state,
            names[row.actor],
            msgspec.json.decode(row.facts, type=dict[str, Any]),
        )
        for row in rows
    ]


def _attempts(connection: Connection, shown: ComplaintView) -> list[AttemptView]:
    o = outbound.c
    query = select(outbound).where(o.complaint == shown.id).order_by(o.id)
    return [
        AttemptView(
            row.number,
            row.kind,
            row.account,
            isoformat(row.sent_at),
            isoformat(row.times_out_at),
            isoformat(row.finished_at),
            row.outcome,
            shown_reason(row.detail, shown.visibility),
            row.tracking_id,
            row.sent_digest.hex(),
        )
        for row in connection.execute(query)
    ]


def _findings(connection: Connection, shown: ComplaintView) -> list[FindingView]:
    f = findings.c
    query = select(findings).where(f.subject == shown.reference).order_by(f.id)
    return [finding_view(row) for row in connection.execute(query)]


def _key(book: Book, connection: Connection, shown: ComplaintView) -> DataKey | None:
    """The complaint's key; None once it is destroyed."""
    wrapped = connection.execute(
        select(complaints.c.data_key).where(complaints.c.id == shown.id)
    ).scalar_one()
    return None if wrapped == ERASED else book.data_key(shown.reference, wrapped)


def _is_secret(shown: ComplaintView) -> bool:
    """Whether an earlier version of a record that cannot be read now was a secret report."""
    return shown.visibility is not None and Visibility(shown.visibility).is_secret


def _masked_part(field: str, value: str, reporter: Reporter, secret: bool) -> str:
    """A value that a fault or flag quotes: nothing of a person, nothing of a secret text."""
    if not value:
        return value
    if field.startswith("reporter") or secret:
        return _HIDDEN
    return redact(value, reporter)


def _masked_value(value: Any, reporter: Reporter) -> Any:
    return redact(value, reporter) if isinstance(value, str) else value


def _without_query(address: str) -> str:
    """An attachment's address without its query, where signatures and tokens stand."""
    return address.partition("?")[0]
