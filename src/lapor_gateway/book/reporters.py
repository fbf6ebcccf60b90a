"""A reporter's complaints in one region, found by what people can name: a NIK, a phone number or an e-mail address.

They are found by reading the region's complaints, not by the blind index: that knows one identity a complaint, of its
current version only (docs/decisions/0017).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, select

from lapor_gateway.book.archived import raw_records_of, versions_of
from lapor_gateway.book.crypto import ERASED
from lapor_gateway.book.database import Book
from lapor_gateway.book.gating import CANONICAL
from lapor_gateway.book.intake import RAW
from lapor_gateway.book.journey import Journey, journey
from lapor_gateway.book.people import pseudonym, write_audit
from lapor_gateway.book.queries import Bounds, find_complaint
from lapor_gateway.book.tables import complaints
from lapor_gateway.book.writing import Pen, load_subjects
from lapor_gateway.domain.complaint import Complaint, Reporter
from lapor_gateway.domain.identity import normalize_email, normalize_nik, normalize_phone
from lapor_gateway.domain.people import is_named_in, is_same_person
from lapor_gateway.errors import ConfigurationError

IdentityKind = Literal["nik", "phone", "email"]
_PAGE: Final = 200
_NORMALIZE: Final = {"nik": normalize_nik, "phone": normalize_phone, "email": normalize_email}
_c = complaints.c
_decoder = msgspec.json.Decoder(Complaint)


class Found(msgspec.Struct, frozen=True):
    """One complaint of a reporter."""

    id: int
    reference: str
    channel: str
    source_id: str
    state: str
    tracking_id: str | None


def identity(kind: IdentityKind, value: str) -> Reporter:
    """Who is meant, as complaints would name them. Raises `ConfigurationError`, which never quotes the value."""
    normal, fault = _NORMALIZE[kind](value)
    if normal is None or fault is not None:
        forms = {"nik": "16 digits", "phone": "0812… or +62812…", "email": "name@place.id"}
        raise ConfigurationError(
            f"What was given is no {kind} that can be looked for.", cure=f"It is written like {forms[kind]}."
        )
    return Reporter(**{kind: normal})


def complaints_of(book: Book, region: str, who: Reporter) -> list[Found]:
    """Every complaint of `region`, not yet erased, that one of its versions gives to this reporter.

    One that could not be read in any version is the reporter's where its raw record names them. Raises `ArchiveError`
    where an archive that may hold some is not here.
    """
    with book.read() as connection:
        return [
            Found(row.id, row.reference, row.channel, row.source_id, row.state, row.tracking_id)
            for page in _pages(connection, region)
            for row in _theirs(book, connection, page, who)
        ]


def named_complaints(book: Book, region: str, names: Sequence[str]) -> list[Found]:
    """Complaints of a region by number or reference. Raises `NotFoundError`, also for one of another region."""
    views = [find_complaint(book, name, bounds=Bounds(region=region)) for name in dict.fromkeys(names)]
    return [
        Found(one.id, one.reference, one.channel, one.source_id, one.state, one.tracking_id) for one in views
    ]


def export(book: Book, found: Sequence[Found], *, region: str, by: str) -> Iterator[Journey]:
    """Everything the book has on these complaints, the reporter's own data unmasked; ledger and audit learn of it.

    The operators who acted stay pseudonyms: they are no data of the reporter's. Raises `ArchiveError` where a part
    of it is in an archive that is not here.
    """
    with book.write() as connection:
        raw_records_of(book, connection, [one.id for one in found])
        actor = pseudonym(book, connection, by)
        pen = Pen(connection, book.clock.now(), actor)
        for subject in load_subjects(connection, [one.id for one in found]).values():
            pen.note(subject, "exported", {})
        pen.flush()
        write_audit(book, connection, actor, "export_reporter", region, {"complaints": len(found)})
    for one in found:
        yield msgspec.structs.replace(
            journey(book, one.id, reveal=True), entries=journey(book, one.id).entries, possible=[]
        )


def _pages(connection: Connection, region: str) -> Iterator[Sequence[Any]]:
    last = 0
    columns = (_c.id, _c.reference, _c.channel, _c.source_id, _c.state, _c.tracking_id, _c.data_key)
    while True:
        living = (_c.region == region, _c.data_key != ERASED, _c.id > last)
        page = connection.execute(select(*columns).where(*living).order_by(_c.id).limit(_PAGE)).all()
        if not page:
            return
        yield page
        last = page[-1].id


def _theirs(book: Book, connection: Connection, page: Sequence[Any], who: Reporter) -> Iterator[Any]:
    sealed = {
        complaint: [one.canonical for one in versions if one.canonical is not None]
        for complaint, versions in versions_of(book, connection, [row.id for row in page]).items()
    }
    for row in page:
        key = book.data_key(row.reference, row.data_key)
        if sealed.get(row.id):
            readers = (_decoder.decode(key.open(one, CANONICAL)).reporter for one in sealed[row.id])
            is_theirs = any(is_same_person(reporter, who) for reporter in readers)
        else:
            raws = raw_records_of(book, connection, [row.id]).get(row.id, [])
            texts = (key.open(raw.body, RAW).decode("utf-8", "replace") for raw in raws)
            is_theirs = any(is_named_in(text, who) for text in texts)
        if is_theirs:
            yield row
