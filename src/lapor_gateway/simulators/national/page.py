"""The page to look at what arrived and to act as officers and citizens do at LAPOR!."""

import re
from typing import Any

import msgspec

from lapor_gateway.simulators.national.answers import Answer
from lapor_gateway.simulators.national.endpoint import Endpoint
from lapor_gateway.simulators.national.export import download
from lapor_gateway.simulators.national.http11 import Request
from lapor_gateway.simulators.national.logs import Log
from lapor_gateway.simulators.national.office import (
    ARCHIVED,
    DONE,
    POSTPONED,
    REFUSED,
    STATUS_CODES,
    VERIFIED,
    Filing,
)
from lapor_gateway.simulators.national.store import Complaint, File, reference_in
from lapor_gateway.simulators.pages import HEADERS, HTML, PER_PAGE, Visit, is_foreign, render, visit_of

PREFIXES = ("/_page/", "/pengaduan/")
CHANNELS = ("Website", "Aplikasi Android", "SMS 1708", "Tatap muka", "Media sosial")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+?)(?:_link)?\s*\}\}")
_PICTURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
_STATUS_ACTS = {
    "verify": VERIFIED,
    "close": DONE,
    "archive": ARCHIVED,
    "postpone": POSTPONED,
    "reject": REFUSED,
}
_ASKING = "TL-02"


def is_page(path: str) -> bool:
    return path in ("/", "/export.xlsx") or path.startswith(PREFIXES)


class Page:
    """Answers the page's addresses; what its forms do is committed like anything else."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._office = endpoint.office

    def answer(self, request: Request) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.items()}
        match request.method, request.path:
            case "GET" | "HEAD", "/":
                return self._list(visit_of(request.query))
            case "GET", "/export.xlsx":
                return self._download(visit_of(request.query))
            case "GET", path if path.startswith("/pengaduan/"):
                return self._case(path.removeprefix("/pengaduan/"), visit_of(request.query))
            case "GET", path if path.startswith("/_page/file/"):
                return self._file(path.removeprefix("/_page/file/"))
            case "POST", _ if is_foreign(headers):
                return _page(403, self._list_page(visit_of(""), trouble="foreign"))
            case "POST", "/_page/act":
                return self._act(visit_of(request.body.decode("utf-8", "replace")))
            case "POST", "/_page/file":
                return self._take(visit_of(request.body.decode("utf-8", "replace")))
            case _:
                return _page(404, self._list_page(visit_of(request.query), trouble="unknown"))

    def _list(self, visit: Visit) -> Answer:
        return _page(200, self._list_page(visit))

    def _list_page(self, visit: Visit, trouble: str = "") -> bytes:
        q, status = visit.get("q"), visit.get("status")
        found = [complaint for complaint in self._endpoint.store if _matches(complaint, q.lower(), status)]
        found.sort(key=lambda complaint: (complaint.committed_at, complaint.id), reverse=True)
        first = (visit.page - 1) * PER_PAGE
        lists = self._office.masters.lists
        return render(
            "national_list.html",
            visit,
            visit.word("national_title"),
            trouble=visit.word(trouble) if trouble else "",
            rows=[self._row(complaint) for complaint in found[first : first + PER_PAGE]],
            q=q,
            status=status,
            page=visit.page,
            more=len(found) > first + PER_PAGE,
            total=len(found),
            statuses=list(STATUS_CODES),
            channels=[(name, name) for name in CHANNELS],
            institutions=_choices(lists["institutions/external"]),
            categories=_choices(lists["categories"]),
            accounts=[(name, name) for name in self._endpoint.accounts.names()],
        )

    def _row(self, complaint: Complaint) -> dict[str, Any]:
        return {
            "id": complaint.id,
            "title": complaint.title,
            "reference": reference_in(complaint.content),
            "created_at": complaint.created_at,
            "account": complaint.account,
            "status_name": complaint.status_name,
            "institution": self._office.masters.institution(complaint.disposition_id),
            "via": complaint.via,
            "follow_ups": len(complaint.follow_ups),
        }

    def _case(self, number: str, visit: Visit, trouble: str = "") -> Answer:
        complaint = self._find(number)
        if complaint is None:
            return _page(404, self._list_page(visit, trouble="unknown"))
        files = self._endpoint.store.files.values()
        page = render(
            "national_case.html",
            visit,
            f"{complaint.id} · {complaint.title}",
            trouble=visit.word(trouble) if trouble else "",
            id=complaint.id,
            reference=reference_in(complaint.content),
            content=complaint.content,
            facts=self._facts(complaint),
            files=[_shown_file(file) for file in files if file.complaint_id == complaint.id],
            follow_ups=[_shown(log) for log in complaint.follow_ups],
            logs=[_shown(log) for log in reversed(complaint.logs)],
            institutions=_choices(self._office.masters.lists["institutions/external"]),
            disposition_id=complaint.disposition_id or "",
        )
        return _page(200 if not trouble else 422, page)

    def _facts(self, complaint: Complaint) -> list[tuple[str, object]]:
        fields, masters = complaint.fields, self._office.masters
        kinds = [
            word for name, word in (("is_anonymous", "anonim"), ("is_secret", "rahasia")) if fields.get(name)
        ]
        reporter = fields.get("nameUser") or (f"user_id {fields['user_id']}" if fields.get("user_id") else "")
        return [
            ("status", complaint.status_name),
            ("institution", masters.institution(complaint.disposition_id)),
            ("created", complaint.created_at),
            ("came_by", complaint.via),
            ("account", complaint.account),
            ("category", masters.name_of("categories", fields.get("category_id"))),
            ("reporter", reporter),
            ("visibility", ", ".join(kinds)),
            ("hand_overs", "; ".join(str(wish.get("reason_description")) for wish in complaint.hand_overs)),
        ]

    def _act(self, visit: Visit) -> Answer:
        complaint, office, text = self._find(visit.get("id")), self._office, visit.get("text")
        if complaint is None:
            return _page(404, self._list_page(visit, trouble="unknown"))
        disposed = office.masters.institution(complaint.disposition_id) or "Admin"
        match visit.get("act"), text, _number(visit.get("institution")):
            case "follow_up", str(answer), int(institution) if answer:
                office.follow_up(complaint, office.masters.institution(institution), answer)
            case "forward", _, int(institution):
                office.forward(complaint, institution, text)
            case "reply", str(answer), _ if answer:
                office.reply(complaint, answer)
            case "ask", _, _:
                office.follow_up(complaint, disposed, text, _ASKING)
            case act, _, _ if act in _STATUS_ACTS:
                office.status(complaint, _STATUS_ACTS[act], disposed, text)
            case _:
                return self._case(str(complaint.id), visit, trouble="empty")
        return _see(f"/pengaduan/{complaint.id}?lang={visit.lang}")

    def _take(self, visit: Visit) -> Answer:
        """A citizen's complaint, filed at LAPOR! itself."""
        if not visit.get("title") or not visit.get("content"):
            return _page(422, self._list_page(visit, trouble="empty"))
        filing = Filing(
            title=visit.get("title"),
            content=visit.get("content"),
            via=visit.get("via") or CHANNELS[0],
            account=visit.get("account") or None,
            name=visit.get("name"),
            phone=visit.get("phone"),
            disposition_id=_number(visit.get("disposition_id")),
            category_id=_number(visit.get("category_id")),
            is_anonymous=visit.is_checked("is_anonymous"),
            is_secret=visit.is_checked("is_secret"),
        )
        complaint = self._office.file(filing)
        return _see(f"/pengaduan/{complaint.id}?lang={visit.lang}")

    def _download(self, visit: Visit) -> Answer:
        content = download(self._office, visit.get("account") or None, _number(visit.get("institution")))
        named = ("Content-Disposition", 'attachment; filename="laporan-sp4n.xlsx"')
        return Answer(200, content, _XLSX, headers=(named, *HEADERS))

    def _file(self, number: str) -> Answer:
        """An upload; only what is surely a picture is shown in place."""
        file = self._endpoint.store.files.get(_number(number) or 0)
        if file is None:
            return _page(404, self._list_page(visit_of(""), trouble="unknown"))
        kind = _picture(file)
        how = ("Content-Disposition", "inline" if kind else "attachment")
        return Answer(200, file.content, kind or "application/octet-stream", headers=(how, *HEADERS))

    def _find(self, number: str) -> Complaint | None:
        return self._endpoint.store.by_id(_number(number) or 0)


def _page(status: int, body: bytes) -> Answer:
    return Answer(status, body, HTML, headers=HEADERS)


def _see(address: str) -> Answer:
    return Answer(303, b"", HTML, headers=(("Location", address), *HEADERS))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def _choices(rows: list[dict[str, Any]]) -> list[tuple[object, object]]:
    return [(row["id"], row["name"]) for row in rows]


def _matches(complaint: Complaint, q: str, status: str) -> bool:
    return (not status or complaint.status_name == status) and (
        not q or q in complaint.searchable or q == str(complaint.id)
    )


def _shown(log: Log) -> dict[str, Any]:
    """A line as people read it: its template filled in."""
    data: dict[str, Any] = msgspec.json.decode(log.data)
    values = {
        "institution_from": log.institution_from_name,
        "institution_to": log.institution_to_name,
        **{name: told.get("name", "") for name, told in data.items() if isinstance(told, dict)},
    }
    texts = [text for text in (log.template_content, log.content) if text]
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1]) or "…", "\n".join(texts))
    return {
        "text": filled,
        "sender": log.institution_from_name,
        "receiver": log.institution_to_name,
        "at": log.created_at,
        "request": log.request,
        "files": [f"{entry['file_name']}.{entry['extension']}" for entry in log.attachments],
    }


def _shown_file(file: File) -> dict[str, Any]:
    return {
        "id": file.id,
        "file_name": file.file_name,
        "size": len(file.content),
        "is_picture": _picture(file) is not None,
    }


def _picture(file: File) -> str | None:
    return next((kind for start, kind in _PICTURES if file.content.startswith(start)), None)
