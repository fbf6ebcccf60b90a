"""What tests and trainers may do to the endpoint behind the API's back: look, break, type in by hand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from lapor_gateway.simulators.national import answers
from lapor_gateway.simulators.national.answers import Answer
from lapor_gateway.simulators.national.calls import WIB, wib
from lapor_gateway.simulators.national.endpoint import Endpoint
from lapor_gateway.simulators.national.faults import Fault, FaultScript, ScriptError, faults_from
from lapor_gateway.simulators.national.http11 import Request
from lapor_gateway.simulators.national.store import Complaint, Log, reference_in

PREFIX = "/_control/"


class Preload(msgspec.Struct, forbid_unknown_fields=True):
    """A complaint typed into LAPOR! by hand; `created_at` is ISO 8601 or dd-mm-YYYY HH:MM:SS in WIB."""

    id: int
    title: str
    content: str
    account: str | None = None
    status_name: str = "Belum Terverifikasi"
    created_at: str | None = None

    def complaint(self, now: float) -> Complaint:
        """Visible at once. Raises ValueError for a time it cannot read."""
        created = now if self.created_at is None else _seconds(self.created_at)
        return Complaint(
            id=self.id,
            account=self.account,
            title=self.title,
            content=self.content,
            shown=self.content,
            committed_at=created,
            visible_at=created,
            status_name=self.status_name,
            preloaded=True,
        )


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    """What an agency does to a complaint at LAPOR!: a new status, a follow-up, or both."""

    id: int
    status_name: str | None = None
    follow_up: str | None = None
    institution: str = "Instansi Contoh"


class _Removal(msgspec.Struct, forbid_unknown_fields=True):
    id: int


class Control:
    """Answers the calls under /_control/; these are no part of the national contract."""

    def __init__(self, endpoint: Endpoint, seed: int, standing_faults: list[Fault]) -> None:
        """`standing_faults` are the awkward defaults, which a new script does not take away."""
        self._endpoint = endpoint
        self._seed = seed
        self._standing_faults = standing_faults
        self._calls: dict[tuple[str, str], Callable[[bytes], object]] = {
            ("GET", "state"): self._state,
            ("GET", "counts"): self._counts,
            ("POST", "faults"): self._faults,
            ("POST", "preload"): self._preload,
            ("POST", "change"): self._change,
            ("POST", "remove"): self._remove,
        }

    def answer(self, request: Request) -> Answer:
        call = self._calls.get((request.method, request.path.removeprefix(PREFIX)))
        if call is None:
            return answers.message(f"control calls: {', '.join(name for _, name in self._calls)}", 404)
        try:
            return answers.json_answer(call(request.body))
        except (msgspec.DecodeError, ScriptError, ValueError) as error:
            return answers.message(str(error), 400)

    def load_faults(self, faults: list[Fault], seed: int) -> None:
        script = FaultScript([*faults, *self._standing_faults], seed, time.monotonic())
        self._endpoint.load(script)

    def preload(self, rows: list[Preload]) -> dict[str, int]:
        """Add what is not there yet, so that a restart may preload the same file again."""
        store, now = self._endpoint.store, time.time()
        known = {complaint.id for complaint in store}
        new = [row.complaint(now) for row in rows if row.id not in known]
        for complaint in new:
            store.put(complaint)
        return {"added": len(new), "known": len(rows) - len(new)}

    def _state(self, _body: bytes) -> dict[str, object]:
        complaints = [_told(complaint) for complaint in self._endpoint.store]
        return {"complaints": complaints, "posts": self._endpoint.posts, "requests": self._endpoint.requests}

    def _counts(self, _body: bytes) -> dict[str, int]:
        endpoint = self._endpoint
        return {"complaints": len(endpoint.store), "posts": endpoint.posts, "requests": endpoint.requests}

    def _faults(self, body: bytes) -> dict[str, int]:
        faults, seed = faults_from(msgspec.json.decode(body), self._seed)
        self.load_faults(faults, seed)
        return {"faults": len(faults)}

    def _preload(self, body: bytes) -> dict[str, int]:
        return self.preload(msgspec.json.decode(body, type=list[Preload]))

    def _change(self, body: bytes) -> dict[str, object]:
        change = msgspec.json.decode(body, type=_Change)
        complaint = self._find(change.id)
        now = wib(time.time())
        if change.status_name is not None:
            complaint.logs.append(_status_log(complaint.status_name, change, now))
            complaint.status_name = change.status_name
        if change.follow_up is not None:
            complaint.follow_ups.append(Log(change.follow_up, change.institution, "Pelapor", now))
        self._endpoint.store.put(complaint)
        return _told(complaint)

    def _remove(self, body: bytes) -> dict[str, object]:
        complaint = self._find(msgspec.json.decode(body, type=_Removal).id)
        self._endpoint.store.remove(complaint.id)
        return _told(complaint)

    def _find(self, number: int) -> Complaint:
        for complaint in self._endpoint.store:
            if complaint.id == number:
                return complaint
        raise ValueError(f"no complaint has the id {number}")


def _status_log(before: str, change: _Change, now: str) -> Log:
    states = {"status_old": {"name": before, "color": "#999999"}, "status_new": {"name": change.status_name}}
    return Log(
        content="{{ institution_from }} mengubah status menjadi {{status_new}}",
        institution_from_name=change.institution,
        institution_to_name=change.institution,
        created_at=now,
        data=msgspec.json.encode(states).decode(),
    )


def _told(complaint: Complaint) -> dict[str, object]:
    """A complaint as the state shows it: `content` as sent, `shown` as the list gives it back."""
    return {
        "id": complaint.id,
        "account": complaint.account,
        "title": complaint.title,
        "content": complaint.content,
        "shown": complaint.shown,
        "reference": reference_in(complaint.content),
        "committed_at": datetime.fromtimestamp(complaint.committed_at, UTC),
        "visible_at": datetime.fromtimestamp(complaint.visible_at, UTC),
        "status_name": complaint.status_name,
        "preloaded": complaint.preloaded,
        "body": msgspec.Raw(complaint.body),
    }


def _seconds(text: str) -> float:
    try:
        return datetime.strptime(text, "%d-%m-%Y %H:%M:%S").replace(tzinfo=WIB).timestamp()
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).timestamp()
