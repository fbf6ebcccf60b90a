"""A complaint as those see it who may not see identities. Pure."""

from typing import Any, Final

import msgspec

from lapor_gateway.domain.complaint import Attachment, Complaint, Flag, Place, Reporter
from lapor_gateway.domain.identity import mask_reporter
from lapor_gateway.domain.redaction import redact

HIDDEN: Final = "***"


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
            Attachment(HIDDEN if secret else _without_query(a.address)) for a in complaint.attachments
        ),
        national_fields={}
        if secret
        else {n: _masked_value(v, reporter) for n, v in complaint.national_fields.items()},
        flags=tuple(
            Flag(f.field, f.rule, masked_part(f.field, f.value, reporter, secret)) for f in complaint.flags
        ),
    )


def masked_part(field: str, value: str, reporter: Reporter, secret: bool) -> str:
    """A value that a fault or flag quotes: nothing of a person, nothing of a secret text."""
    if not value:
        return value
    if field.startswith("reporter") or secret:
        return HIDDEN
    return redact(value, reporter)


def _masked_value(value: Any, reporter: Reporter) -> Any:
    return redact(value, reporter) if isinstance(value, str) else value


def _without_query(address: str) -> str:
    """An attachment's address without its query, where signatures and tokens stand."""
    return address.partition("?")[0]
