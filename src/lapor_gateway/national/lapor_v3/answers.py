"""What answers of the dialect have in common: JSON that may be anything, statuses, ids, error bodies, times."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from lapor_gateway.domain.outcomes import NotTaken, Refused, Unknown, tracking_id_of
from lapor_gateway.national.port import Answer, Lost, NoTrust, NotSent, Response

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
_OF_ONE_COMPLAINT: Final = 404
_PASSWORD_FIELD: Final = re.compile(rb"<input[^>]{0,200}type\s*=\s*[\"']?password", re.IGNORECASE)
_SEARCHED_BYTES: Final = 65_536
_WIB: Final = timezone(timedelta(hours=7), "WIB")


def decoded(body: bytes | str) -> Any:
    """JSON as a value; None for what is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def named(value: Any) -> str | None:
    """A value as the text of a name, trimmed; None for nothing and for what is no text."""
    return value.strip() or None if isinstance(value, str) else None


def id_of(value: Any) -> str | None:
    """A value as an id of a list of LAPOR!'s (digits, or a code in text)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return named(value)


def tracking_id_in(value: Any) -> str | None:
    """The first plausible tracking id where answers to a submission hold it."""
    for path in _ID_PATHS:
        found = tracking_id_of(at(value, path))
        if found:
            return found
    return None


def untaken(
    answer: Answer, *, unavailable_means_not_taken: bool, names_a_complaint: bool = False
) -> Response | Refused | NotTaken | Unknown:
    """How a writing call ended that was not answered with 2xx; the response itself where it was.

    A call that `names_a_complaint` may be answered 404 for that one; then the account is not at fault.
    """
    match answer:
        case NotSent(reason):
            return NotTaken(reason, outage=True)
        case Lost(reason):
            return Unknown(reason)
        case Response() if 200 <= answer.status < 300:
            return answer
    status = answer.status
    if status == 429:
        return NotTaken("HTTP 429", retry_after=retry_after(answer.headers))
    if names_a_complaint and status == _OF_ONE_COMPLAINT and (told := refusal(decoded(answer.body))):
        return Refused(f"HTTP 404: {told}")
    if status in _ACCOUNT_AT_FAULT:
        return NotTaken(f"HTTP {status}", pauses=True)
    if status == 503 and unavailable_means_not_taken:
        return NotTaken("HTTP 503", retry_after=retry_after(answer.headers), outage=True)
    if status in _NEVER_AS_IT_IS:
        told = refusal(decoded(answer.body))
        return Refused(f"HTTP {status}: {told}") if told else Unknown(f"HTTP {status} not of the API's form")
    return Unknown(f"HTTP {status}")


def trusted(answer: Answer, *, names_a_complaint: bool = False) -> Any | NoTrust:
    """The JSON value of a reading call's answer, or why there is none."""
    if not isinstance(answer, Response):
        return NoTrust(answer.reason)
    status = answer.status
    if status == 200:
        value = decoded(answer.body)
        if value is None and is_login_page(answer.body):
            return NoTrust("a login page instead of an answer", pauses=True)
        return value
    is_ours = status in _ACCOUNT_AT_FAULT and not (names_a_complaint and status == _OF_ONE_COMPLAINT)
    return NoTrust(f"HTTP {status}", pauses=is_ours, retry_after=retry_after(answer.headers))


def rows_of(results: Any) -> list[Any] | None:
    """The rows of a list; PHP writes one from which rows were taken out as an object with numbers for names."""
    rows = at(results, ("data",))
    if isinstance(rows, dict) and rows and all(name.isdecimal() for name in rows):
        return list(rows.values())
    return rows if isinstance(rows, list) else None


def more_follows(results: dict[str, Any], rows: list[Any]) -> bool:
    """By `next_page_url`; where the answer has none, only an empty page is the end."""
    return results["next_page_url"] is not None if "next_page_url" in results else bool(rows)


def is_login_page(body: bytes) -> bool:
    """Whether a page asks for a password: what stands before an interface whose session has ended."""
    return _PASSWORD_FIELD.search(body[:_SEARCHED_BYTES]) is not None


def refusal(value: Any) -> str | None:
    """The reason in an error body of the API's own form (`message`, perhaps `errors`), without what we sent."""
    if not isinstance(value, dict):
        return None
    errors = value.get("errors")
    if isinstance(errors, dict) and errors:
        return "; ".join(sorted(str(field) for field in errors))[:_LONGEST_REASON]
    message = value.get("message")
    return message[:_LONGEST_REASON] if isinstance(message, str) and message else None


def wib_moment(value: Any) -> datetime | None:
    """`dd-mm-YYYY HH:MM:SS` in WIB; by hand, since a listing may hold a million of them."""
    if not isinstance(value, str) or len(value) != _MOMENT_LENGTH:
        return None
    try:
        return datetime.fromisoformat(f"{value[6:10]}-{value[3:5]}-{value[:2]}T{value[11:]}+07:00")
    except ValueError:
        return None


def moment_of(value: Any) -> datetime | None:
    """A log's time: in the form that was seen, else ISO 8601, in WIB where it names no zone."""
    seen = wib_moment(value)
    if seen is not None or not isinstance(value, str):
        return seen
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=_WIB)


def retry_after(headers: Mapping[str, str]) -> float | None:
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
