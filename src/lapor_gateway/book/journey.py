"""A complaint's whole journey: what the source said, what it became, every entry, attempt and finding."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book import tables
from lapor_gateway.book.archived import RawRecord, Version, marks_of, raw_records_of, versions_of
from lapor_gateway.book.attachments import file_views, mark_of
from lapor_gateway.book.crypto import ERASED, DataKey
from lapor_gateway.book.database import Book
from lapor_gateway.book.deadline_lists import DeadlineView, deadlines_of_complaint
from lapor_gateway.book.decisions import possible_verbs
from lapor_gateway.book.deliveries import DeliveryView, deliveries_of
from lapor_gateway.book.follow_ups import contents
from lapor_gateway.book.gating import CANONICAL, FAULTS
from lapor_gateway.book.intake import RAW
from lapor_gateway.book.masters import names_of
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
from lapor_gateway.book.wording import reporters_of, without
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.clock import isoformat
from lapor_gateway.domain.complaint import Complaint, Fault, Reporter, Visibility
from lapor_gateway.domain.lifecycle import State
from lapor_gateway.domain.masking import HIDDEN, masked, masked_part
from lapor_gateway.errors import ConfigurationError

MASTERS_OF: Final = {
    "disposition_id": "institutions",
    "category_id": "categories",
    "classification_id": "classifications",
    "location_id": "locations",
}
NOT_SENT: Final = "listed"
"""Of a file that is only listed, since its channel sends none."""
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
    reason: str | None = None
    media_type: str | None = None
    size: int | None = None


class NamedField(msgspec.Struct, frozen=True):
    """A field of the submission that refers to one of LAPOR!'s lists, and what the list calls it."""

    field: str
    value: str
    name: str | None


class FollowUpView(msgspec.Struct, frozen=True):
    """One follow-up of either side, as its reader may see it; empty text where the report is a secret one."""

    number: int
    side: str
    author: str
    institution: str | None
    written_at: str | None
    seen_at: str | None
    text: str


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
    sent_as: list[NamedField]
    follow_ups: list[FollowUpView]
    deliveries: list[DeliveryView]
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
            _attached(book, connection, shown, current),
            _sent_as(connection, shown, current),
            _follow_ups(book, connection, shown, key, reveal),
            deliveries_of(connection, shown.id),
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
                masked_part(f.field, f.value, reporter, secret or (canonical is None and f.field in _TEXTS)),
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


def _attached(
    book: Book, connection: Connection, shown: ComplaintView, current: Complaint | None
) -> list[AttachmentView]:
    """The current version's files, and how far each has come where files go along."""
    named = current.attachments if current else ()
    views = file_views(connection, shown.id) if named else {}
    in_order = list(views.values())
    found = []
    for place, one in enumerate(named):
        hidden = in_order[place] if one.address == HIDDEN and place < len(in_order) else None
        view = hidden or views.get(mark_of(book, one))
        if view is None:
            found.append(AttachmentView(one.address, one.name))
        else:
            found.append(
                AttachmentView(
                    one.address, one.name, str(view.state), view.reason, view.media_type, view.size
                )
            )
    return found


def _sent_as(connection: Connection, shown: ComplaintView, current: Complaint | None) -> list[NamedField]:
    """To whom and as what the current version is sent, by name where the list was fetched, gone rows included."""
    fields = current.national_fields if current else {}
    said = [(f, kind, str(fields[f])) for f, kind in MASTERS_OF.items() if fields.get(f) is not None]
    names = names_of(connection, shown.account, {(kind, value) for _, kind, value in said})
    return [NamedField(field, value, names.get((kind, value))) for field, kind, value in said]


def _follow_ups(
    book: Book, connection: Connection, shown: ComplaintView, key: DataKey | None, reveal: bool
) -> list[FollowUpView]:
    """Both sides in the order in which they were written; by when they came to be known where a side does not say."""
    if key is None:
        return []
    f = tables.follow_ups.c
    query = select(f.number, f.seen_at, f.written_at).where(f.complaint == shown.id)
    rows = {row.number: row for row in connection.execute(query)}
    reporters = reporters_of(book, connection, shown.id, absent=set())
    views = [
        FollowUpView(
            one.number,
            str(one.side),
            str(one.follow_up.author),
            one.follow_up.institution_from,
            isoformat(rows[one.number].written_at),
            isoformat(rows[one.number].seen_at),
            one.follow_up.text if reveal else _hidden(one.follow_up.text, shown, reporters),
        )
        for one in contents(connection, shown.id, key)
    ]
    return sorted(views, key=lambda one: (one.written_at or one.seen_at or "", one.number))


def _hidden(text: str, shown: ComplaintView, reporters: frozenset[Reporter]) -> str:
    return "" if _is_secret(shown) else without(text, reporters)


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
