"""The form of a follow-up: the account's own fields, the answer's over them, its files; limits checked before."""

from typing import Any

from lapor_gateway.domain.follow_up import Answer
from lapor_gateway.domain.outcomes import Refused
from lapor_gateway.national.lapor_v3.names import resolved
from lapor_gateway.national.lapor_v3.options import FollowUpLimits, LaporV3Settings
from lapor_gateway.national.multipart import Form, encode_form
from lapor_gateway.national.port import File


def follow_up_form(
    tracking_id: str, answer: Answer, files: tuple[File, ...], settings: LaporV3Settings
) -> Form | Refused:
    """The encoded form, or why LAPOR! surely would not take it."""
    fault = _fault(answer, files, settings)
    if fault is not None:
        return Refused(fault)
    fields: dict[str, Any] = settings.follow_up_fields | _said(answer)
    fields |= resolved(fields, settings.names)
    fields |= {
        "complaint_id": tracking_id,
        "is_secret": int(answer.is_secret or fields.get("is_secret") in (True, 1, "1")),
        "content": answer.text,
    }
    told = [(name, _spelt(value)) for name, value in fields.items() if value is not None]
    return encode_form(told, [(f"attachment[{number}]", file) for number, file in enumerate(files)])


def _said(answer: Answer) -> dict[str, Any]:
    said = {
        "institution_from_id": answer.institution_from,
        "institution_to_id": answer.institution_to,
        "info_disposition": answer.disposition_note,
        "template_code": answer.template_code,
        "rating": answer.rating,
    }
    return {name: value for name, value in said.items() if value is not None}


def _fault(answer: Answer, files: tuple[File, ...], settings: LaporV3Settings) -> str | None:
    limits: FollowUpLimits = settings.follow_up_limits
    if "user_id" not in settings.follow_up_fields:
        return "no user_id for follow-ups is set"
    if not answer.text.strip() and answer.template_code is None:
        return "a follow-up without text"
    if len(files) > limits.files:
        return f"{len(files)} files, {limits.files} are taken"
    for number, file in enumerate(files, start=1):
        if len(file.content) > limits.file_bytes:
            return f"file {number} has {len(file.content)} bytes, {limits.file_bytes} are taken"
        if file.name.rpartition(".")[2].lower() not in limits.kinds:
            return f"file {number} is of a kind that is not taken"
    return None


def _spelt(value: Any) -> str:
    """A field of a form is text: true and false are 1 and 0 there."""
    return str(int(value)) if isinstance(value, bool) else str(value)
