"""What tests and trainers may do to the endpoint behind the API's back: look, break, type in by hand."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from lapor_gateway.simulators.national import answers
from lapor_gateway.simulators.national.answers import Answer
from lapor_gateway.simulators.national.clock import seconds_of
from lapor_gateway.simulators.national.endpoint import Endpoint
from lapor_gateway.simulators.national.export import ExportWish, write_file
from lapor_gateway.simulators.national.faults import Fault, FaultScript, ScriptError, faults_from
from lapor_gateway.simulators.national.http11 import Request
from lapor_gateway.simulators.national.logs import told as told_log
from lapor_gateway.simulators.national.office import Filing
from lapor_gateway.simulators.national.store import Complaint, reference_in

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
        created = now if self.created_at is None else seconds_of(self.created_at)
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
    """What is done to a complaint at LAPOR!: a disposition, a new status, a follow-up, a reporter's reply, in order."""

    id: int
    disposition_id: int | None = None
    status_name: str | None = None
    reason: str = ""
    follow_up: str | None = None
    template_code: str = ""
    reply: str | None = None
    institution: str = "Instansi Contoh"


class _Token(msgspec.Struct, forbid_unknown_fields=True):
    """A credential runs out after so many seconds (then 401, or a login page with 200), or is good again.

    `account` "" means every account. `auth` and `token` are the new pair of an account that is renewed.
    """

    account: str = ""
    expires_in: float | None = None
    login_page: bool = False
    renew: bool = False
    auth: str | None = None
    token: str | None = None


class _Mode(msgspec.Struct, forbid_unknown_fields=True):
    """How the endpoint is as a whole: every answer `slow` seconds late; `quiet`: no call is ever answered."""

    slow: float = 0.0
    quiet: bool = False

    def faults(self) -> list[Fault]:
        quiet = [Fault("no_answer", on="any")] if self.quiet else []
        return [*quiet, *([Fault("slow", on="any", delay=self.slow)] if self.slow else [])]


class _Clock(msgspec.Struct, forbid_unknown_fields=True):
    offset: float = 0.0


class _Masters(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    rows: list[dict[str, Any]]


class _Removal(msgspec.Struct, forbid_unknown_fields=True):
    id: int


class Control:
    """Answers the calls under /_control/; these are no part of the national contract."""

    def __init__(self, endpoint: Endpoint, seed: int, standing_faults: list[Fault]) -> None:
        """`standing_faults` are the awkward defaults, which a new script does not take away."""
        self._endpoint = endpoint
        self._seed = seed
        self._standing_faults = standing_faults
        self._whole: list[Fault] = []
        self._loaded: tuple[list[Fault], int] = ([], seed)
        self._calls: dict[tuple[str, str], Callable[[bytes], object]] = {
            ("GET", "state"): self._state,
            ("GET", "counts"): self._counts,
            ("POST", "faults"): self._faults,
            ("POST", "preload"): self._preload,
            ("POST", "change"): self._change,
            ("POST", "remove"): self._remove,
            ("POST", "file"): self._file,
            ("POST", "token"): self._token,
            ("POST", "mode"): self._mode,
            ("POST", "clock"): self._clock,
            ("POST", "masters"): self._masters,
            ("POST", "export"): self._export,
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
        self._loaded = (faults, seed)
        rules = [*self._whole, *faults, *self._standing_faults]
        self._endpoint.load(FaultScript(rules, seed, time.monotonic()))

    def preload(self, rows: list[Preload]) -> dict[str, int]:
        """Add what is not there yet, so that a restart may preload the same file again."""
        store, now = self._endpoint.store, time.time()
        known = {complaint.id for complaint in store}
        new = [row.complaint(now) for row in rows if row.id not in known]
        for complaint in new:
            store.put(complaint)
        return {"added": len(new), "known": len(rows) - len(new)}

    def _state(self, _body: bytes) -> dict[str, object]:
        endpoint = self._endpoint
        return {
            "complaints": [_told(complaint) for complaint in endpoint.store],
            "files": [
                {
                    "id": file.id,
                    "account": file.account,
                    "file_name": file.file_name,
                    "size": len(file.content),
                    "complaint_id": file.complaint_id,
                    "request": file.request,
                }
                for file in endpoint.store.files.values()
            ],
            "calls": endpoint.calls,
            "posts": endpoint.posts,
            "requests": endpoint.requests,
        }

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
        complaint, office = self._find(change.id), self._endpoint.office
        if change.disposition_id is not None:
            office.forward(complaint, change.disposition_id)
        if change.status_name is not None:
            office.status(complaint, change.status_name, change.institution, change.reason)
        if change.follow_up is not None or change.template_code:
            office.follow_up(complaint, change.institution, change.follow_up or "", change.template_code)
        if change.reply is not None:
            office.reply(complaint, change.reply)
        self._endpoint.store.put(complaint)
        return _told(complaint)

    def _file(self, body: bytes) -> dict[str, object]:
        return _told(self._endpoint.office.file(msgspec.json.decode(body, type=Filing)))

    def _token(self, body: bytes) -> dict[str, object]:
        wish, accounts = msgspec.json.decode(body, type=_Token), self._endpoint.accounts
        if wish.renew:
            accounts.renew(wish.account, wish.auth, wish.token)
        else:
            accounts.expire(wish.account, time.time() + (wish.expires_in or 0.0))
            self._endpoint.expires_with_a_page = wish.login_page
        return {"accounts": accounts.names()}

    def _mode(self, body: bytes) -> dict[str, object]:
        mode = msgspec.json.decode(body, type=_Mode)
        self._whole = mode.faults()
        self.load_faults(*self._loaded)
        return {"slow": mode.slow, "quiet": mode.quiet}

    def _clock(self, body: bytes) -> dict[str, object]:
        self._endpoint.office.clock.offset = msgspec.json.decode(body, type=_Clock).offset
        return {"offset": self._endpoint.office.clock.offset}

    def _masters(self, body: bytes) -> dict[str, object]:
        wish = msgspec.json.decode(body, type=_Masters)
        self._endpoint.office.masters.replace(wish.name, wish.rows)
        return {"name": wish.name, "rows": len(wish.rows)}

    def _export(self, body: bytes) -> dict[str, object]:
        wish = msgspec.json.decode(body, type=ExportWish)
        return {"path": wish.path, "rows": write_file(self._endpoint.office, wish)}

    def _remove(self, body: bytes) -> dict[str, object]:
        complaint = self._find(msgspec.json.decode(body, type=_Removal).id)
        self._endpoint.store.remove(complaint.id)
        return _told(complaint)

    def _find(self, number: int) -> Complaint:
        complaint = self._endpoint.store.by_id(number)
        if complaint is not None:
            return complaint
        raise ValueError(f"no complaint has the id {number}")


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
        "via": complaint.via,
        "disposition_id": complaint.disposition_id,
        "logs": [told_log(log) for log in complaint.logs],
        "follow_ups": [told_log(log) for log in complaint.follow_ups],
        "hand_overs": complaint.hand_overs,
        "body": msgspec.Raw(complaint.body),
    }
