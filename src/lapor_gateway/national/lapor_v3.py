"""Dialect lapor-v3: the national REST interface as public client code shows it (openapi/lapor-v3.yaml). No I/O."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from lapor_gateway.domain.complaint import Complaint
from lapor_gateway.domain.outcomes import (
    Accepted,
    Listed,
    NotTaken,
    Outcome,
    Refused,
    Unknown,
    tracking_id_of,
)
from lapor_gateway.domain.redaction import redact
from lapor_gateway.domain.reference import Reference, neutralise, with_reference
from lapor_gateway.national.login_page import is_login_page
from lapor_gateway.national.port import Answer, ListPage, Lost, NoTrust, NotSent, Request, Response

_LONGEST_REASON: Final = 300
_MOMENT_LENGTH: Final = len("dd-mm-YYYY HH:MM:SS")
_ID_PATHS: Final = (
    ("complaint_id",),
    ("data", "complaint_id"),
    ("data", "results", "complaint", "id"),
    ("results", "complaint_id"),
    ("results", "complaint", "id"),
)
_NEVER_AS_IT_IS: Final = frozenset({400, 413, 415, 422})
_ACCOUNT_AT_FAULT: Final = frozenset({401, 403, 404, 405})
_encoder: Final = msgspec.json.Encoder()


class LaporV3Settings(msgspec.Struct, frozen=True):
    """What differs between agencies: paths, fixed fields, the odd form of "no attachments"."""

    create_path: str = "/complaints/complaint"
    list_path: str = "/complaints"
    search_parameter: str = "search"
    page_size: int = 100
    fields: dict[str, Any] = {}
    no_attachments: Any = False
    incident_format: str = "%Y-%m-%d"
    unavailable_means_not_taken: bool = False


class LaporV3:
    """Encodes submissions and look-ups of one account, decodes what comes back."""

    def __init__(self, settings: LaporV3Settings | None = None) -> None:
        self._settings = settings or LaporV3Settings()

    def encode(self, complaint: Complaint, reference: Reference) -> Request:
        body = self._body(complaint, reference)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return Request("POST", self._settings.create_path, headers, _encoder.encode(body))

    def sent_text(self, complaint: Complaint, reference: Reference) -> str:
        text = redact(complaint.body, complaint.reporter) if _hides_reporter(complaint) else complaint.body
        return with_reference(reference, text)

    def decode(self, answer: Answer) -> Outcome:
        match answer:
            case NotSent(reason):
                return NotTaken(reason, outage=True)
            case Lost(reason):
                return Unknown(reason)
            case Response():
                return self._decode_response(answer)

    def encode_list(self, page: int, *, search: str | None = None) -> Request:
        query = {} if search is None else {self._settings.search_parameter: search}
        query |= {"page": str(page), "page_size": str(self._settings.page_size)}
        path = f"{self._settings.list_path}?{urlencode(query)}"
        return Request("GET", path, {"Accept": "application/json"})

    def decode_list(self, answer: Answer) -> ListPage | NoTrust:
        if not isinstance(answer, Response):
            return NoTrust(answer.reason)
        if answer.status in _ACCOUNT_AT_FAULT:
            return NoTrust(f"HTTP {answer.status}", pauses=True)
        if is_login_page(answer):
            return NoTrust(f"HTTP {answer.status} with a login page", pauses=True)
        if answer.status != 200:
            return NoTrust(f"HTTP {answer.status}")
        results = _at(_decoded(answer.body), ("results",))
        rows = _at(results, ("data",))
        if not isinstance(results, dict) or not isinstance(rows, list):
            return NoTrust("no list in the answer")
        listed = [_listed(row) for row in rows]
        if not all(listed):
            return NoTrust("a row of the list without id or text")
        more = results["next_page_url"] is not None if "next_page_url" in results else bool(rows)
        return ListPage(tuple(row for row in listed if row), more)

    def _decode_response(self, response: Response) -> Outcome:
        status = response.status
        if is_login_page(response):
            return Unknown(f"HTTP {status} with a login page", pauses=True)
        if 200 <= status < 300:
            tracking_id = _tracking_id(_decoded(response.body))
            return Accepted(tracking_id) if tracking_id else Unknown(f"HTTP {status} without a complaint id")
        if status == 429:
            return NotTaken("HTTP 429", retry_after=_retry_after(response.headers))
        if status in _ACCOUNT_AT_FAULT:
            return NotTaken(f"HTTP {status}", pauses=True)
        if status == 503 and self._settings.unavailable_means_not_taken:
            return NotTaken("HTTP 503", retry_after=_retry_after(response.headers), outage=True)
        if status in _NEVER_AS_IT_IS:
            reason = _refusal(_decoded(response.body))
            return (
                Refused(f"HTTP {status}: {reason}")
                if reason
                else Unknown(f"HTTP {status} not of the API's form")
            )
        return Unknown(f"HTTP {status}")

    def _body(self, complaint: Complaint, reference: Reference) -> dict[str, Any]:
        hides = _hides_reporter(complaint)
        title = redact(complaint.title, complaint.reporter) if hides else complaint.title
        body: dict[str, Any] = {
            "title": neutralise(title),
            "content": self.sent_text(complaint, reference),
            "is_inbox": True,
            "is_new_user_slider": False,
            "is_disposisi_slider": False,
            "is_approval": False,
            "is_priority": False,
            "attachments": self._settings.no_attachments,
        }
        if complaint.incident_at is not None:
            body["date_of_incident"] = complaint.incident_at.strftime(self._settings.incident_format)
        body |= self._settings.fields
        body |= complaint.national_fields
        if "is_new_user_slider" not in self._settings.fields | complaint.national_fields:
            body |= _reporter(complaint)
        # Last, so that no constant of a manifest can ever loosen what the citizen asked for.
        if complaint.visibility.is_anonymous:
            body["is_new_user_slider"] = False
        body["is_anonymous"] = complaint.visibility.is_anonymous
        body["is_secret"] = complaint.visibility.is_secret
        return body


def _hides_reporter(complaint: Complaint) -> bool:
    return complaint.visibility.is_anonymous or complaint.visibility.is_secret


def _reporter(complaint: Complaint) -> dict[str, Any]:
    """The citizen's own account at LAPOR!, where the report is open and there is a way to reach the citizen.

    A channel that says `is_new_user_slider` itself sends everything under the agency's `user_id` instead.
    """
    reporter = complaint.reporter
    if complaint.visibility.is_anonymous or not reporter.name or not (reporter.email or reporter.phone):
        return {}
    fields = {"nameUser": reporter.name, "emailUser": reporter.email, "phoneUser": reporter.phone}
    return {"is_new_user_slider": True} | {name: value for name, value in fields.items() if value}


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _tracking_id(value: Any) -> str | None:
    for path in _ID_PATHS:
        found = tracking_id_of(_at(value, path))
        if found:
            return found
    return None


def _refusal(value: Any) -> str | None:
    """The reason in an error body of the API's own form (`message`, perhaps `errors`), without what we sent."""
    if not isinstance(value, dict):
        return None
    errors = value.get("errors")
    if isinstance(errors, dict) and errors:
        return "; ".join(sorted(str(field) for field in errors))[:_LONGEST_REASON]
    message = value.get("message")
    return message[:_LONGEST_REASON] if isinstance(message, str) and message else None


def _listed(row: Any) -> Listed | None:
    if not isinstance(row, dict):
        return None
    tracking_id, content = tracking_id_of(row.get("complaint_id")), row.get("content")
    if tracking_id is None or not isinstance(content, str):
        return None
    title, status = row.get("title"), row.get("status_name")
    return Listed(
        tracking_id,
        title if isinstance(title, str) else "",
        content,
        status if isinstance(status, str) else None,
        _wib_moment(row.get("created_at")),
    )


def _wib_moment(value: Any) -> datetime | None:
    """`dd-mm-YYYY HH:MM:SS` in WIB; by hand, since a listing may hold a million of them."""
    if not isinstance(value, str) or len(value) != _MOMENT_LENGTH:
        return None
    try:
        return datetime.fromisoformat(f"{value[6:10]}-{value[3:5]}-{value[:2]}T{value[11:]}+07:00")
    except ValueError:
        return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait; a date is read against the answer's own Date header, so that no clock of ours matters."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until, now = _http_date(value), _http_date(headers.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # "-0000" comes without a zone
