"""What a message desk takes from LAPOR!: Standard Webhooks, verified, repeated and out of order as they come."""

import hmac
import time
from datetime import UTC, datetime
from typing import Any

import msgspec

from lapor_gateway.simulators.region.acts import LAPOR, Act, Answered, Changed, Filed
from lapor_gateway.simulators.region.control import Application
from lapor_gateway.simulators.region.hooks import signature
from lapor_gateway.simulators.region.report import Report
from lapor_gateway.simulators.region.wire import Answer, Request, json_answer, message

PATH = "/hooks/lapor"
TOLERANCE = 300  # seconds that a message's time may be off
KEY = "webhook:"


class FollowUp(msgspec.Struct):
    """A follow-up as a webhook tells it; `id` is the sender's key for it, which never comes twice."""

    text: str
    id: str = ""
    author: str = ""


class Told(msgspec.Struct):
    """What a message may say about one complaint, found by `id` (the desk's own) or by `lapor_id`.

    With neither known, `text` makes a new complaint of it, filed at LAPOR!.
    """

    id: str | int | None = None
    lapor_id: str | int | None = None
    status: str | None = None
    national_status: str | None = None
    follow_up: FollowUp | None = None
    text: str | None = None
    subject: str | None = None
    label: str = ""
    topic: str = ""
    sender: dict[str, str | None] = {}
    options: dict[str, bool] = {}


class Event(msgspec.Struct):
    """The body of a webhook in the form of Standard Webhooks."""

    type: str
    timestamp: datetime
    data: Told


class Inbox:
    """Takes messages at `PATH`: 202 for a new one, 200 for one that came before, 401 for a wrong signature."""

    def __init__(self, application: Application, secret: str) -> None:
        self._application = application
        self._secret = secret
        self._latest: dict[str, datetime] = {}  # of the statuses taken, by the desk's id
        self.taken: list[dict[str, Any]] = []

    def answer(self, request: Request) -> Answer:
        fault = self._refusal(request)
        if fault is not None:
            return message(fault, 401)
        webhook_id = request.headers["webhook-id"]
        try:
            event = msgspec.json.decode(request.body, type=Event)
        except msgspec.MsgspecError as wrong:
            return message(str(wrong), 422)
        if self._application.acts.done_under(KEY + webhook_id) is not None:
            return json_answer({"message": "sudah diterima"}, 200)
        report = self._found(event.data)
        if report is None and not event.data.text:
            return message("pesan tidak dikenal", 404)
        report = self._take(event, report, KEY + webhook_id)
        self.taken.append({"webhook_id": webhook_id, "type": event.type, "id": report.id})
        self._application.writes[event.type] += 1
        return json_answer({"id": report.id}, 202)

    def _refusal(self, request: Request) -> str | None:
        try:
            sent_at = int(request.headers["webhook-timestamp"])
            webhook_id, given = request.headers["webhook-id"], request.headers["webhook-signature"]
        except (KeyError, ValueError):
            return "tanda tangan tidak ada"
        if abs(time.time() - sent_at) > TOLERANCE:
            return "pesan terlalu lama"
        right = signature(self._secret, webhook_id, sent_at, request.body)
        if not any(hmac.compare_digest(right, one) for one in given.split(" ")):
            return "tanda tangan salah"
        return None

    def _found(self, told: Told) -> Report | None:
        acts = self._application.acts
        if told.id is not None and str(told.id) in self._application.world.reports:
            return acts.report(str(told.id))
        return None if told.lapor_id is None else acts.numbered(str(told.lapor_id))

    def _take(self, event: Event, report: Report | None, key: str) -> Report:
        told, now = event.data, self._application.now()
        number = None if told.lapor_id is None else str(told.lapor_id)
        if report is None:
            return self._application.do(_filed(told, number, now, key))
        follow_up = told.follow_up
        if follow_up is not None and not self._has(report, follow_up.id):
            self._application.do(
                Answered(
                    at=now,
                    id=report.id,
                    text=follow_up.text,
                    by=LAPOR,
                    author=follow_up.author,
                    external_id=follow_up.id,
                )
            )
        return self._application.do(self._changed(event, report, number, now, key))

    def _changed(self, event: Event, report: Report, number: str | None, now: datetime, key: str) -> Act:
        """A status that is older than the one taken last changes nothing but is remembered as taken."""
        told, when = event.data, event.timestamp
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        fresh = when >= self._latest.get(report.id, when)
        if told.status or told.national_status:
            self._latest[report.id] = max(when, self._latest.get(report.id, when))
        return Changed(
            at=now,
            id=report.id,
            by=LAPOR,
            key=key,
            national_number=number,
            status=told.status if fresh else None,
            national_status=told.national_status if fresh else None,
        )

    @staticmethod
    def _has(report: Report, key: str) -> bool:
        return bool(key) and any(answer.external_id == key for answer in report.answers)


def _filed(told: Told, number: str | None, now: datetime, key: str) -> Filed:
    return Filed(
        at=now,
        by=LAPOR,
        key=key,
        title=told.subject,
        body=told.text or "",
        kind=told.label,
        category=told.topic,
        name=told.sender.get("name") or "",
        phone=told.sender.get("phone") or "",
        anonymous=told.options.get("hide_name", False),
        secret=told.options.get("private", False),
        national_number=number,
        national_status=told.national_status,
    )
