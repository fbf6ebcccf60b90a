"""The calls of the dialect lapor-v3 apart from create: each turns a request into its good answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from lapor_gateway.simulators.national.answers import Answer, invalid, json_answer, message
from lapor_gateway.simulators.national.faults import Manner
from lapor_gateway.simulators.national.http11 import Request
from lapor_gateway.simulators.national.logs import REPORTER, Log, Shape, shown
from lapor_gateway.simulators.national.masters import NAMES
from lapor_gateway.simulators.national.office import STATUS_CODES, Office
from lapor_gateway.simulators.national.store import Complaint, File, Store
from lapor_gateway.simulators.national.uploads import Part, parts_of

_FILES_AT_MOST = 5
_DEFAULT_PAGE_SIZE = 10
_LARGEST_PAGE = 1000
_ENDINGS = ("doc", "docx", "pdf", "jpg", "jpeg", "png")
_HAND_OVER = "{{ institution_from }} meminta pelimpahan kepada {{institution_to}}."
WRITING = ("create", "file", "follow_up_add", "reject", "stream")

_ROUTES = (
    ("GET", re.compile(r"/complaints"), "list"),
    ("GET", re.compile(r"/complaints/(\d{1,18})/complaint"), "detail"),
    ("GET", re.compile(r"/complaints/(\d{1,18})/followups"), "followups"),
    ("POST", re.compile(r"/complaints/complaint/file"), "file"),
    ("POST", re.compile(r"/complaints/followup/add"), "follow_up_add"),
    ("POST", re.compile(r"/complaints/process/(\d{1,18})/reject"), "reject"),
    ("POST", re.compile(r"/api/stream/addstream"), "stream"),
    ("POST", re.compile(r"/api/services/f01/(\w{1,40})"), "f01"),
    ("GET", re.compile(r"/masters/(" + "|".join(NAMES) + ")"), "masters"),
)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its name in fault scripts and logs, with the id or list that its path names."""

    name: str
    subject: str = ""


def route(request: Request, create_path: str) -> Call | Answer:
    """The call that a request makes, or the 404 or 405 that answers it."""
    if request.path == create_path:
        return Call("create") if request.method == "POST" else _not_allowed()
    known = False
    for method, pattern, name in _ROUTES:
        found = pattern.fullmatch(request.path)
        if found is not None and method == request.method:
            return Call(name, found.group(1) if found.groups() else "")
        known = known or found is not None
    return _not_allowed() if known else message("Halaman tidak ditemukan", 404)


def _not_allowed() -> Answer:
    return message("Metode tidak diizinkan", 405)


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers the calls that read or add to complaints, for any account. `file_limit` is in bytes."""

    office: Office
    full_next_url: bool
    shape: Shape
    file_limit: int

    @property
    def store(self) -> Store:
        return self.office.store

    def answer(self, call: Call, request: Request, account: str, now: float, number: int) -> Answer:
        """The good answer to a call; `now` in seconds since the epoch, `number` the request's own."""
        match call.name:
            case "masters":
                return self._masters(call.subject, request)
            case "file":
                return self._keep_files(request, account, number)
            case "list":
                return self.listing(request, account, now, now, Manner.NORMAL)
            case "follow_up_add":
                return self._add_follow_up(parts_of(request), account, number)
        complaint = self._find(call.subject, account)
        if complaint is None:
            return _NOT_FOUND
        match call.name:
            case "detail":
                return self._detail(complaint)
            case "followups":
                return self._follow_ups(complaint, request)
            case _:
                return self._hand_over(complaint, request, number)

    def _find(self, number: str, account: str) -> Complaint | None:
        return self.store.get(int(number), account) if number.isascii() and number.isdecimal() else None

    def _follow_ups(self, complaint: Complaint, request: Request) -> Answer:
        lines = [
            shown(log, self.shape, f"{complaint.id} answer {place}")
            for place, log in enumerate(complaint.follow_ups)
        ]
        rows, more = _page(lines, request)
        return json_answer({"results": {"data": rows, "next_page_url": self._next(request, more=more)}})

    def listing(self, request: Request, account: str, now: float, seen_until: float, twist: Manner) -> Answer:
        """One page of what the account sent; `seen_until` is `now` unless the list is frozen."""
        rows = self.store.visible(account, request.parameter("search"), min(now, seen_until))
        page, size = _paging(request)
        match twist:
            case Manner.EMPTY_LIST:
                rows = []
            case Manner.REPEATED_PAGE:
                page = 1
            case Manner.ENDLESS_PAGES:
                page = (page - 1) % max(-(-len(rows) // size), 1) + 1
            case _:
                pass
        more = len(rows) > page * size or twist is Manner.ENDLESS_PAGES
        found = [
            {
                "complaint_id": complaint.id,
                "title": complaint.title,
                "content": complaint.shown,
                "status_name": complaint.status_name,
                "created_at": complaint.created_at,
            }
            for complaint in rows[(page - 1) * size : page * size]
        ]
        return json_answer({"results": {"data": found, "next_page_url": self._next(request, more=more)}})

    def _next(self, request: Request, *, more: bool) -> str | None:
        if not more:
            return None
        page, size = _paging(request)
        parameters: dict[str, str | int] = {"page": page + 1}
        if self.full_next_url:
            search = request.parameter("search")
            parameters = {**({"search": search} if search else {}), **parameters, "page_size": size}
        return f"http://{request.header(b'host')}{request.path}?{urlencode(parameters)}"

    def _masters(self, name: str, request: Request) -> Answer:
        rows, more = _page(self.office.masters.lists[name], request)
        return json_answer({"results": {"data": rows, "next_page_url": self._next(request, more=more)}})

    def _keep_files(self, request: Request, account: str, number: int) -> Answer:
        parts = [part for part in parts_of(request) if part.name == "attachments[]" and part.file_name]
        fault = self._fault_of(parts) or ("" if parts else "Lampiran wajib diisi.")
        if fault:
            return invalid({"attachments": [fault]})
        kept: dict[str, list[dict[str, object]]] = {"docs": [], "images": []}
        for part in parts:
            file = self._keep(part, account, number)
            where = "images" if part.is_picture else "docs"
            kept[where].append({"id": file.id, "file_name": file.file_name})
        return json_answer({"results": kept})

    def _keep(self, part: Part, account: str, number: int) -> File:
        file = File(self.store.new_id(), account, part.file_name or "", part.content, request=number)
        self.store.keep_file(file)
        return file

    def _fault_of(self, files: Sequence[Part]) -> str:
        """Why the files are refused, or ""."""
        if len(files) > _FILES_AT_MOST:
            return f"Lampiran paling banyak {_FILES_AT_MOST}."
        if any(len(file.content) > self.file_limit for file in files):
            return f"Ukuran lampiran paling besar {self.file_limit} byte."
        endings = {(file.file_name or "").rpartition(".")[2].lower() for file in files}
        return "" if endings <= set(_ENDINGS) else f"Jenis lampiran: {', '.join(_ENDINGS)}."

    def _add_follow_up(self, form: Sequence[Part], account: str, number: int) -> Answer:
        complaint = self._find(_field(form, "complaint_id"), account)
        if complaint is None:
            return _NOT_FOUND
        content, code = _field(form, "content"), _field(form, "template_code")
        files = [part for part in form if part.file_name]
        errors: dict[str, list[str]] = {}
        if not content.strip() and not code:
            errors["content"] = ["Isi tindak lanjut wajib diisi."]
        if not _field(form, "user_id").isdecimal():
            errors["user_id"] = ["Pengguna wajib diisi."]
        fault = self._fault_of(files)
        if fault:
            errors["attachment"] = [fault]
        if errors:
            return invalid(errors)
        log = self._written(form, content, code, number)
        log.attachments = [self._attached(file, complaint, account, number) for file in files]
        self.office.answered(complaint, log)
        return json_answer({"message": "Tindak lanjut tersimpan", "complaint_id": complaint.id})

    def _attached(self, part: Part, complaint: Complaint, account: str, number: int) -> dict[str, str]:
        file = self._keep(part, account, number)
        file.complaint_id = complaint.id
        return file.entry

    def _written(self, form: Sequence[Part], content: str, code: str, number: int) -> Log:
        """The line that a follow-up by the API becomes."""
        sender, receiver = _field(form, "institution_from_id"), _field(form, "institution_to_id")
        masters = self.office.masters
        return Log(
            content,
            masters.institution(sender),
            masters.institution(receiver) or REPORTER,
            self.office.now(),
            institution_from_id=int(sender) if sender.isdecimal() else None,
            institution_to_id=int(receiver) if receiver.isdecimal() else None,
            template_code=code or None,
            template_content=masters.template(code) if code else None,
            user_id=_field(form, "user_id"),
            is_secret=_field(form, "is_secret") == "1",
            request=number,
        )

    def _hand_over(self, complaint: Complaint, request: Request, number: int) -> Answer:
        try:
            wish = msgspec.json.decode(request.body, type=dict[str, Any])
        except msgspec.DecodeError:
            return message("JSON tidak dapat dibaca", 400)
        if not wish.get("reason") or not wish.get("reason_description"):
            return invalid({"reason": ["Instansi tujuan dan alasan wajib diisi."]})
        complaint.hand_overs.append({**wish, "request": number})
        receiver = self.office.masters.institution(wish["reason"])
        sender = self.office.masters.institution(complaint.disposition_id)
        text = f"{_HAND_OVER} {wish['reason_description']}"
        log = Log(text, sender, receiver, self.office.now(), author="system", request=number)
        complaint.logs.append(log)
        self.store.put(complaint)
        return json_answer({"message": "Permintaan pelimpahan diterima", "complaint_id": complaint.id})

    def _detail(self, complaint: Complaint) -> Answer:
        """The reporter is never in it: where LAPOR! would tell who it was is not public."""
        fields, masters = complaint.fields, self.office.masters
        files = (file.entry for file in self.store.files.values() if file.complaint_id == complaint.id)
        data = {
            "complaint_id": complaint.id,
            "title": complaint.title,
            "content": complaint.shown,
            "status_code": STATUS_CODES.get(complaint.status_name, 0),
            "status_name": complaint.status_name,
            "disposition_id": complaint.disposition_id,
            "disposition_name": masters.institution(complaint.disposition_id) or None,
            "category_id": fields.get("category_id"),
            "category_name": masters.name_of("categories", fields.get("category_id")) or None,
            "classification_id": fields.get("classification_id"),
            "classification_name": masters.name_of("classifications", fields.get("classification_id"))
            or None,
            "is_anonymous": bool(fields.get("is_anonymous")),
            "is_secret": bool(fields.get("is_secret")),
            "attachments": list(files),
            "created_at": complaint.created_at,
        }
        logs = [
            shown(log, self.shape, f"{complaint.id} log {place}") for place, log in enumerate(complaint.logs)
        ]
        return json_answer({"results": {"data": data, "data_logs": logs}})


_NOT_FOUND = message("Laporan tidak ditemukan", 404)


def _paging(request: Request) -> tuple[int, int]:
    """Page (from 1) and page size; anything unreadable is the default, as in PHP."""
    page, size = request.parameter("page", "1"), request.parameter("page_size", "")
    return (
        max(int(page), 1) if page.isdecimal() else 1,
        min(max(int(size), 1), _LARGEST_PAGE) if size.isdecimal() else _DEFAULT_PAGE_SIZE,
    )


def _page(rows: Sequence[Row], request: Request) -> tuple[Sequence[Row], bool]:
    page, size = _paging(request)
    return rows[(page - 1) * size : page * size], len(rows) > page * size


def _field(form: Sequence[Part], name: str) -> str:
    return next((part.content.decode("utf-8", "replace") for part in form if part.name == name), "")
