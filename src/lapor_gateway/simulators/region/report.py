"""One simulated complaint in neutral form, and its values under the names that `fields` tables use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
EXCEL_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a complaint, by an officer here, the reporter, or (`lapor`) at LAPOR!; `at` is aware."""

    number: int
    text: str
    author: str
    by: str
    at: datetime
    external_id: str = ""


@dataclass(slots=True)
class Report:
    """What the application holds about one complaint; all datetimes are aware, in the region's zone."""

    number: int
    id: str
    user_id: int
    kind: str
    category: str
    category_id: int
    title: str | None
    body: str
    meaning: str  # open, in_progress or done; `status` is the application's word for it
    status: str | None
    incident: datetime
    created: datetime
    updated: datetime
    date_form: str
    name: str
    nik: str
    phone: str
    email: str
    address: str
    street: str
    district: str
    village: str
    latitude: str
    longitude: str
    images: list[str] = field(default_factory=list)
    anonymous: bool = False
    secret: bool = False
    national_number: str | None = None
    impossible_date: str | None = None
    version: int = 1
    national_status: str | None = None
    filed_by: str = ""  # citizen or lapor: came while the simulator ran; "" for what it was made with
    answers: list[Answer] = field(default_factory=list)
    touched: bool = False  # somebody did something to it while the simulator ran


def written_date(day: date, form: str) -> str | int | date:
    """A date as the application writes it: strftime with Indonesian month names, `serial` or `cell`."""
    if form == "serial":
        return (day - EXCEL_EPOCH).days
    if form == "cell":
        return day
    return day.strftime(form.replace("%B", MONTHS[day.month - 1]))


def iso_utc(moment: datetime) -> str:
    """`2026-03-02T07:20:11.000000Z`, as Laravel writes it since version 7."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def local(moment: datetime) -> str:
    """`2026-03-02 14:20:11`, the region's time without an offset."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _mixed(report: Report, moment: datetime) -> str:
    return local(moment) if report.number % 5 < 2 else iso_utc(moment)


def incident_written(report: Report) -> str | int | date:
    """The day of the incident as this report writes it, impossible ones included."""
    return report.impossible_date or written_date(report.incident.date(), report.date_form)


def _images(report: Report) -> list[dict[str, Any]]:
    return [
        {"id": report.number * 10 + place, "image_path": path, "url": "/" + path}
        for place, path in enumerate(report.images, 1)
    ]


def answers_told(report: Report) -> list[dict[str, Any]]:
    """The answers as the application lists them, nested in their complaint."""
    return [
        {
            "id": answer.number,
            "answer": answer.text,
            "officer": answer.author,
            "via": answer.by,
            "external_id": answer.external_id or None,
            "created_at": answer.at.isoformat(timespec="seconds"),
        }
        for answer in report.answers
    ]


def _officers_answers(report: Report) -> str | None:
    return "\n".join(answer.text for answer in report.answers if answer.by == "officer") or None


VALUES: Mapping[str, Callable[[Report], Any]] = {
    "number": lambda report: report.number,
    "id": lambda report: report.id,
    "user_id": lambda report: report.user_id,
    "kind": lambda report: report.kind,
    "category": lambda report: report.category,
    "category_id": lambda report: report.category_id,
    "title": lambda report: report.title,
    "body": lambda report: report.body,
    "status": lambda report: report.status,
    "incident": incident_written,
    "incident_time": lambda report: report.incident.strftime("%H:%M"),
    "created_at": lambda report: _mixed(report, report.created),
    "updated_at": lambda report: _mixed(report, report.updated),
    "created_offset": lambda report: report.created.isoformat(timespec="seconds"),
    "updated_offset": lambda report: report.updated.isoformat(timespec="seconds"),
    "created_day": lambda report: written_date(report.created.date(), report.date_form),
    "created_time": lambda report: report.created.strftime("%H.%M"),
    "name": lambda report: report.name,
    "nik": lambda report: report.nik,
    "phone": lambda report: report.phone,
    "phone_international": lambda report: "+62" + report.phone.removeprefix("0"),
    "email": lambda report: report.email,
    "address": lambda report: report.address,
    "anonymous": lambda report: report.anonymous,
    "secret": lambda report: report.secret,
    "street": lambda report: report.street,
    "district": lambda report: report.district,
    "village": lambda report: report.village,
    "latitude": lambda report: report.latitude or None,
    "longitude": lambda report: report.longitude or None,
    "latitude_number": lambda report: float(report.latitude) if report.latitude else None,
    "longitude_number": lambda report: float(report.longitude) if report.longitude else None,
    "images": _images,
    "first_image": lambda report: report.images[0] if report.images else None,
    "media": lambda report: [{"url": path, "mime": "image/jpeg"} for path in report.images],
    "national_number": lambda report: report.national_number,
    "national_status": lambda report: report.national_status,
    "answers": answers_told,
    "officers_answers": _officers_answers,
}


def shaped(report: Report, fields: Mapping[str, str], constants: Mapping[str, str]) -> dict[str, Any]:
    """The application's record: each path of `fields` (parts parted by dots) with its value.

    Raises `KeyError` for a value's name that nothing here knows.
    """
    record: dict[str, Any] = {}
    for path, value in constants.items():
        _put(record, path, value)
    for path, name in fields.items():
        _put(record, path, VALUES[name](report))
    return record


def _put(record: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    for part in parents:
        record = record.setdefault(part, {})
    record[last] = value
