"""The calls of the dialect apart from create: each turns a request into its good answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from lapor_gateway.simulators.national.answers import Answer, invalid, json_answer, message
from lapor_gateway.simulators.national.faults import Manner
from lapor_gateway.simulators.national.http11 import Request
from lapor_gateway.simulators.national.masters import MASTERS
from lapor_gateway.simulators.national.store import Complaint, Log, Store
from lapor_gateway.simulators.national.uploads import Part, parts_of

WIB = timezone(timedelta(hours=7), "WIB")

_FILES_AT_MOST = 5
_DEFAULT_PAGE_SIZE = 10
_LARGEST_PAGE = 1000

# The words are the national side's; the numbers behind them are not public, so these are ours.
STATUS_CODES = {
    "Belum Terverifikasi": 1,
    "Terverifikasi": 2,
    "Belum Ditindaklanjuti": 3,
    "Dalam Proses": 4,
    "Selesai": 5,
    "Ditutup oleh Admin": 6,
    "Ditutup oleh Sistem": 7,
    "Diarsipkan": 8,
    "Ditolak": 9,
}

_ROUTES = (
    ("GET", re.compile(r"/complaints"), "list"),
    ("GET", re.compile(r"/complaints/(\d{1,18})/complaint"), "detail"),
    ("GET", re.compile(r"/complaints/(\d{1,18})/followups"), "followups"),
    ("POST", re.compile(r"/complaints/complaint/file"), "file"),
    ("POST", re.compile(r"/complaints/followup/add"), "follow_up_add"),
    ("POST", re.compile(r"/complaints/process/(\d{1,18})/reject"), "reject"),
    ("GET", re.compile(r"/masters/(" + "|".join(MASTERS) + ")"), "masters"),
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


def wib(seconds: float) -> str:
    """A time in seconds since the epoch as the national side writes it: dd-mm-YYYY HH:MM:SS, in WIB."""
    return datetime.fromtimestamp(seconds, WIB).strftime("%d-%m-%Y %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers the calls that read or add to complaints, for any account."""

    store: Store
    full_next_url: bool

    def answer(self, call: Call, request: Request, account: str, now: float) -> Answer:
        """The good answer to a call other than create; `now` in seconds since the epoch."""
        match call.name:
            case "masters":
                return self._masters(call.subject, request)
            case "file":
                return self._keep_files(request)
            case "list":
                return self.listing(request, account, now, now, Manner.NORMAL)
        number = call.subject
        form = parts_of(request) if call.name == "follow_up_add" else []
        if call.name == "follow_up_add":
            number = _field(form, "complaint_id")
        complaint = self.store.get(int(number), account) if number.isdecimal() else None
        if complaint is None:
            return message("Laporan tidak ditemukan", 404)
        match call.name:
            case "detail":
                return _detail(complaint)
            case "followups":
                rows, more = _page(complaint.follow_ups, request)
                return json_answer(
                    {"results": {"data": rows, "next_page_url": self._next(request, more=more)}}
                )
            case "follow_up_add":
                return self._add_follow_up(complaint, form, now)
            case _:
                return self._hand_over(complaint, request)

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
                "created_at": wib(complaint.committed_at),
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
        rows, more = _page(MASTERS[name], request)
        return json_answer({"results": {"data": rows, "next_page_url": self._next(request, more=more)}})

    def _keep_files(self, request: Request) -> Answer:
        files = [part for part in parts_of(request) if part.name == "attachments[]" and part.file_name]
        if not files or len(files) > _FILES_AT_MOST:
            return invalid({"attachments": [f"Lampiran wajib diisi, paling banyak {_FILES_AT_MOST}."]})
        kept: dict[str, list[dict[str, object]]] = {"docs": [], "images": []}
        for file in files:
            where = "images" if file.is_picture else "docs"
            kept[where].append({"id": self.store.new_id(), "file_name": file.file_name})
        return json_answer({"results": kept})

    def _add_follow_up(self, complaint: Complaint, form: Sequence[Part], now: float) -> Answer:
        content = _field(form, "content")
        if not content.strip() and not _field(form, "template_code"):
            return invalid({"content": ["Isi tindak lanjut wajib diisi."]})
        log = Log(
            content=content,
            institution_from_name=_field(form, "institution_from_id"),
            institution_to_name=_field(form, "institution_to_id"),
            created_at=wib(now),
            attachments=[
                {"path": f"/storage/{part.file_name}", "file_name": part.file_name, "extension": ""}
                for part in form
                if part.file_name
            ],
        )
        complaint.follow_ups.append(log)
        self.store.put(complaint)
        return json_answer({"message": "Tindak lanjut tersimpan", "complaint_id": complaint.id})

    def _hand_over(self, complaint: Complaint, request: Request) -> Answer:
        try:
            wish = msgspec.json.decode(request.body, type=dict[str, object])
        except msgspec.DecodeError:
            return message("JSON tidak dapat dibaca", 400)
        if not wish.get("reason") or not wish.get("reason_description"):
            return invalid({"reason": ["Instansi tujuan dan alasan wajib diisi."]})
        return json_answer({"message": "Permintaan pelimpahan diterima", "complaint_id": complaint.id})


def _detail(complaint: Complaint) -> Answer:
    data = {
        "complaint_id": complaint.id,
        "status_code": STATUS_CODES.get(complaint.status_name, 0),
        "status_name": complaint.status_name,
        "disposition_id": None,
        "disposition_name": None,
        "created_at": wib(complaint.committed_at),
    }
    return json_answer({"results": {"data": data, "data_logs": complaint.logs}})


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
