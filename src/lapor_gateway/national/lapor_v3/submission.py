"""The body of the create call: defaults, the account's fields, the channel's, over all what the citizen asked for."""

from typing import Any, Final

from lapor_gateway.domain.complaint import Complaint, Reporter
from lapor_gateway.domain.redaction import redact
from lapor_gateway.domain.reference import Reference, neutralise, with_reference
from lapor_gateway.national.lapor_v3.names import FIELDS, resolved
from lapor_gateway.national.lapor_v3.options import LaporV3Settings

_OF_THE_REPORTER: Final = ("emailUser", "nameUser", "phoneUser")


def sent_text(complaint: Complaint, reference: Reference) -> str:
    text = redact(complaint.body, complaint.reporter) if _hides_reporter(complaint) else complaint.body
    return with_reference(reference, text)


def submission(
    complaint: Complaint, reference: Reference, files: tuple[str, ...], settings: LaporV3Settings
) -> dict[str, Any]:
    """Every field may be set by the account and the channel, but for the text, the flags and what the flags demand."""
    hides = _hides_reporter(complaint)
    title = redact(complaint.title, complaint.reporter) if hides else complaint.title
    body: dict[str, Any] = {
        "title": neutralise(title),
        "is_inbox": True,
        "is_new_user_slider": False,
        "is_disposisi_slider": False,
        "is_approval": False,
        "is_priority": False,
        "attachments": settings.no_attachments,
    }
    if complaint.incident_at is not None:
        body["date_of_incident"] = complaint.incident_at.strftime(settings.incident_format)
    body |= settings.fields
    body |= complaint.national_fields
    if "is_new_user_slider" not in settings.fields | complaint.national_fields:
        body |= _reporter(complaint)
    if settings.names:
        body |= resolved(body, settings.names)
    if hides:
        body |= _redacted(complaint)
    if files:
        body["attachments"] = settings.attachments_form.replace("{ids}", ",".join(files))
    # Last, so that no constant of a manifest can ever take our line away or loosen what the citizen asked for.
    body["content"] = sent_text(complaint, reference)
    if complaint.visibility.is_anonymous:
        _be_the_agency(body, settings)
    body["is_anonymous"] = complaint.visibility.is_anonymous
    body["is_secret"] = complaint.visibility.is_secret
    return body


def _hides_reporter(complaint: Complaint) -> bool:
    return complaint.visibility.is_anonymous or complaint.visibility.is_secret


def _be_the_agency(body: dict[str, Any], settings: LaporV3Settings) -> None:
    """No field of the reporter's, and the agency's own `user_id`, though a channel may map the reporter's."""
    body["is_new_user_slider"] = False
    for name in _OF_THE_REPORTER:
        body.pop(name, None)
    if "user_id" in settings.fields:
        body["user_id"] = settings.fields["user_id"]


def _redacted(complaint: Complaint) -> dict[str, Any]:
    """The channel's own fields that hold text, without the reporter's values; the reporter's fields as they are."""
    return {
        name: redact(value, complaint.reporter)
        for name, value in complaint.national_fields.items()
        if isinstance(value, str) and name not in _OF_THE_REPORTER and name not in FIELDS
    }


def _reporter(complaint: Complaint) -> dict[str, Any]:
    """The citizen's own account at LAPOR!, where the report is open and there is a way to reach the citizen.

    A channel that says `is_new_user_slider` itself sends everything under the agency's `user_id` instead.
    """
    reporter: Reporter = complaint.reporter
    if complaint.visibility.is_anonymous or not reporter.name or not (reporter.email or reporter.phone):
        return {}
    fields = {"nameUser": reporter.name, "emailUser": reporter.email, "phoneUser": reporter.phone}
    return {"is_new_user_slider": True} | {name: value for name, value in fields.items() if value}
