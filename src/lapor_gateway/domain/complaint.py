"""The canonical complaint: one schema for what every region's application calls by another name."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

import msgspec

ComplaintId = NewType("ComplaintId", int)
ChannelId = NewType("ChannelId", str)  # "wilayah.aplikasi"
Origin = NewType("Origin", str)  # "wilayah.aplikasi": the system the source ids belong to
AccountName = NewType("AccountName", str)


class Kind(StrEnum):
    """The three kinds a citizen chooses at LAPOR!."""

    PENGADUAN = "pengaduan"
    ASPIRASI = "aspirasi"
    PERMINTAAN_INFORMASI = "permintaan_informasi"


class Visibility(StrEnum):
    """Who may see what: `anonim` hides the reporter, `rahasia` hides the report from the public."""

    PUBLIC = "public"
    ANONYMOUS = "anonymous"
    SECRET = "secret"  # noqa: S105 - a report that is secret, no password
    ANONYMOUS_SECRET = "anonymous_secret"  # noqa: S105

    @classmethod
    def of(cls, *, anonymous: bool, secret: bool) -> "Visibility":
        if anonymous:
            return cls.ANONYMOUS_SECRET if secret else cls.ANONYMOUS
        return cls.SECRET if secret else cls.PUBLIC

    @property
    def is_anonymous(self) -> bool:
        return self in _ANONYMOUS

    @property
    def is_secret(self) -> bool:
        return self in _SECRET


# Sets made once: on Python 3.11 every mention of a member costs a look-up.
_ANONYMOUS = frozenset({Visibility.ANONYMOUS, Visibility.ANONYMOUS_SECRET})
_SECRET = frozenset({Visibility.SECRET, Visibility.ANONYMOUS_SECRET})


class StatusMeaning(StrEnum):
    """What a status word means, whichever vocabulary it comes from; `unknown` is a visible finding."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    ARCHIVED = "archived"
    REFUSED = "refused"
    UNKNOWN = "unknown"

    @property
    def is_closed(self) -> bool:
        return self in _CLOSED


_CLOSED = frozenset({StatusMeaning.DONE, StatusMeaning.ARCHIVED, StatusMeaning.REFUSED})


class Reporter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who reports. Values are normalized where they are valid and kept as they came where not."""

    name: str | None = None
    nik: str | None = None
    kk: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where it happened; latitude and longitude in degrees, WGS 84."""

    text: str | None = None
    district: str | None = None
    village: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that the source names; it goes along where the channel says so, and is only listed elsewhere."""

    address: str
    name: str | None = None


class Flag(msgspec.Struct, frozen=True):
    """Something a person may want to know about a value that was kept all the same."""

    field: str
    rule: str
    value: str = ""


class Fault(msgspec.Struct, frozen=True):
    """Why a record cannot become a complaint (`quarantine`), or must wait for a person (`hold`)."""

    field: str
    rule: str
    value: str = ""


class Complaint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One citizen's complaint, normalized. All datetimes are timezone-aware.

    `regional_word` is the status as the source spelt it, `regional_status` what it means.
    `national_number` is the tracking id the source already knows (typed into LAPOR! by hand).
    `national_fields` are fields of the dialect's create call by their own names.
    """

    source_id: str
    title: str
    body: str
    kind: Kind = Kind.PENGADUAN
    visibility: Visibility = Visibility.PUBLIC
    category: str | None = None
    reporter: Reporter = Reporter()
    place: Place = Place()
    incident_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    regional_word: str | None = None
    regional_status: StatusMeaning | None = None
    national_number: str | None = None
    national_fields: dict[str, Any] = {}
    flags: tuple[Flag, ...] = ()


class Mapped(msgspec.Struct, frozen=True):
    """A record that became a complaint; `holds` lists what a person must decide before it may leave."""

    complaint: Complaint
    holds: tuple[Fault, ...] = ()


class Unmappable(msgspec.Struct, frozen=True):
    """A record that could not: its faults, and its id where that much could be read."""

    source_id: str | None
    faults: tuple[Fault, ...]
    flags: tuple[Flag, ...] = ()


MappingResult = Mapped | Unmappable
