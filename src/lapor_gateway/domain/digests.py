"""One canonical byte form of a complaint, so that "the same complaint" can be decided by a digest."""

from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from lapor_gateway.domain.complaint import Attachment, Complaint, Place, Reporter

_ENCODER = msgspec.json.Encoder(order="sorted")
_NO_REPORTER = Reporter()
_NO_PLACE = Place()
_DEFAULT_REPORTER = Complaint("", "", "").reporter
_DEFAULT_PLACE = Complaint("", "", "").place


def canonical_bytes(complaint: Complaint) -> bytes:
    """Deterministic JSON of what the complaint says: equal complaints give equal bytes, others do not.

    Left out: flags (they are remarks about the record), `updated_at` (touching a row changes nothing), the
    regional status (a fact of its own, no edit of what the citizen said) and the query of attachments'
    addresses (a signature that changes with every listing). Instants are in UTC; a field that has its
    default is absent, so that a field added later leaves today's bytes as they are.
    """
    return _ENCODER.encode(
        replace(
            complaint,
            # msgspec leaves a default out by identity, not by equality.
            reporter=_DEFAULT_REPORTER if complaint.reporter == _NO_REPORTER else complaint.reporter,
            place=_DEFAULT_PLACE if complaint.place == _NO_PLACE else complaint.place,
            incident_at=_utc(complaint.incident_at),
            created_at=_utc(complaint.created_at),
            updated_at=None,
            regional_word=None,
            regional_status=None,
            attachments=tuple([_stable(attachment) for attachment in complaint.attachments]),
            flags=(),
        )
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.astimezone(UTC)


def _stable(attachment: Attachment) -> Attachment:
    address, query, _ = attachment.address.partition("?")
    return replace(attachment, address=address) if query else attachment
