"""The page of a region's simulated application: what officers see, and forms to answer, change and file."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from lapor_gateway.simulators.pages import HEADERS, HTML, PER_PAGE, Visit, is_foreign, render, visit_of
from lapor_gateway.simulators.region.acts import Filed, UnknownComplaintError
from lapor_gateway.simulators.region.cases import Case, Cases, find
from lapor_gateway.simulators.region.returned import Exchange
from lapor_gateway.simulators.region.wire import Answer, Request

CASE = "/pengaduan/"


def is_page(path: str) -> bool:
    return path == "/" or path.startswith(("/_page/", CASE))


class Page:
    """Answers the page's addresses of one application."""

    def __init__(
        self, name: str, cases: Cases, now: Callable[[], datetime], exchange: Exchange | None = None
    ) -> None:
        """`name` is the region's folder; `exchange` is the folder of a region that knows only files."""
        self._name = name.replace("-", " ").title()
        self._cases, self._now, self._exchange = cases, now, exchange

    def answer(self, request: Request) -> Answer:
        visit = visit_of(urlencode(request.query))
        form = visit_of(request.body.decode("utf-8", "replace"))
        try:
            match request.method, request.path:
                case "GET" | "HEAD", "/":
                    return self._list(visit)
                case "GET", path if path.startswith(CASE):
                    return self._case(path.removeprefix(CASE), visit)
                case "POST", _ if is_foreign(request.headers):
                    return self._list(form, "foreign", 403)
                case "POST", "/_page/act":
                    return self._act(form)
                case "POST", "/_page/file":
                    return self._file(form)
                case "POST", "/_page/export" if self._exchange is not None:
                    self._exchange.write_export()
                    return _see(f"/?lang={form.lang}")
                case "POST", "/_page/import" if self._exchange is not None:
                    self._exchange.take_over()
                    return _see(f"/?lang={form.lang}")
        except UnknownComplaintError:
            pass
        return self._list(visit, "unknown", 404)

    def _list(self, visit: Visit, trouble: str = "", status: int = 200) -> Answer:
        q, wanted = visit.get("q"), visit.get("status")
        found = [case for case in self._cases.all() if _matches(case, q.lower(), wanted)]
        first = (visit.page - 1) * PER_PAGE
        exchange = self._exchange
        body = render(
            "region_list.html",
            visit,
            visit.word("region_title").format(name=self._name),
            trouble=visit.word(trouble) if trouble else "",
            rows=found[first : first + PER_PAGE],
            q=q,
            status=wanted,
            page=visit.page,
            more=len(found) > first + PER_PAGE,
            total=len(found),
            statuses=self._cases.statuses,
            categories=[(name, name) for name in self._cases.categories],
            knows_secrecy=self._cases.knows_secrecy,
            takes_files=exchange is not None,
            returned_in=exchange.returned if exchange else "",
            returned=exchange.files() if exchange else [],
        )
        return Answer(status, body, HTML, HEADERS)

    def _case(self, id_: str, visit: Visit, trouble: str = "") -> Answer:
        case = find(self._cases, id_)
        body = render(
            "region_case.html",
            visit,
            f"{case.id} · {case.title or case.body[:60]}",
            trouble=visit.word(trouble) if trouble else "",
            row=case,
            facts=_facts(case, visit),
            own_statuses=[(word, word) for word in self._cases.statuses],
        )
        return Answer(422 if trouble else 200, body, HTML, HEADERS)

    def _act(self, form: Visit) -> Answer:
        id_, text, status = form.get("id"), form.get("text"), form.get("status")
        match form.get("act"):
            case "answer" if text:
                self._cases.answer(id_, text)
            case "status" if status in self._cases.statuses:
                self._cases.set_status(id_, status)
            case "edit" if text:
                self._cases.edit(id_, text)
            case _:
                return self._case(id_, form, "empty")
        return _see(f"{CASE}{quote(id_)}?lang={form.lang}")

    def _file(self, form: Visit) -> Answer:
        if not form.get("body") or not form.get("name"):
            return self._list(form, "empty", 422)
        filed = Filed(
            at=self._now(),
            title=form.get("title") or None,
            body=form.get("body"),
            category=form.get("category"),
            name=form.get("name"),
            nik=form.get("nik"),
            phone=form.get("phone"),
            anonymous=form.is_checked("is_anonymous"),
            secret=form.is_checked("is_secret"),
        )
        return _see(f"{CASE}{quote(self._cases.file(filed))}?lang={form.lang}")


def _see(address: str) -> Answer:
    return Answer(303, b"", HTML, (("Location", address), *HEADERS))


def _matches(case: Case, q: str, status: str) -> bool:
    if status and case.status != status:
        return False
    return not q or q in f"{case.title}\n{case.body}".lower() or q in (case.id.lower(), case.national_number)


def _facts(case: Case, visit: Visit) -> list[tuple[str, Any]]:
    return [
        ("status", case.status),
        ("national_number", case.national_number),
        ("national_status", case.national_status),
        ("created", case.created),
        ("reporter", case.reporter),
        ("visibility", case.visibility),
        ("came_by", visit.word(f"from_{case.filed_by}") if case.filed_by else ""),
    ]
