"""The Laravel family: JSON resources over `/api/complaints`, newest first, behind a login call."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from lapor_gateway.simulators.region.acts import Act, Filed
from lapor_gateway.simulators.region.control import Application, password, window
from lapor_gateway.simulators.region.report import VALUES, Report, shaped
from lapor_gateway.simulators.region.truth import Pass
from lapor_gateway.simulators.region.wire import Answer, Request, json_answer, message
from lapor_gateway.simulators.region.world import World
from lapor_gateway.simulators.region.write_back import WriteBack

SIGNED_PHOTO = "signed_photo"  # a value that differs with every login, as signed addresses do


class Login(msgspec.Struct):
    """Body of the login call; both may be missing, as in a careless client's request."""

    email: str = ""
    password: str = ""


class LaravelApplication(Application):
    """`POST /api/login` gives a token that dies after some requests; `GET /api/complaints` lists."""

    def __init__(self, world: World, directory: Path) -> None:
        super().__init__(world, directory)
        self._left: dict[str, int] = {}  # requests left, by token
        signed = [path for path, name in world.script.fields.items() if name == SIGNED_PHOTO]
        self._signed = signed
        self._fields = {path: name for path, name in world.script.fields.items() if name in VALUES}
        self.logins = 0
        self._newest = self._sorted()
        self._write_back = WriteBack(self, takes_keys=world.script.takes_keys)

    def credentials(self) -> dict[str, str]:
        return {
            "username": self.world.script.people.username,
            "password": password(self.world, "password"),
        }

    def extra_state(self) -> dict[str, Any]:
        return {"logins": self.logins}

    def expire_tokens(self) -> None:
        self._left.clear()

    def advance(self, at: datetime) -> Pass:
        done = super().advance(at)
        self._newest = self._sorted()
        return done

    def acted(self, _act: Act, _report: Report) -> None:
        """A new complaint stands first; what changed moves nowhere, since the order is that of creation."""
        if isinstance(_act, Filed):
            self._newest.insert(0, _report)

    def _sorted(self) -> list[Report]:
        return sorted(self.world.reports.values(), key=lambda r: (r.created, r.number), reverse=True)

    def answer(self, request: Request, fault: str | None) -> Answer:
        if (request.method, request.path) == ("POST", "/api/login"):
            return self._log_in(request)
        if not request.path.startswith("/api/complaints"):
            return message(f"The route {request.path} could not be found.", 404)
        if not self._knows(request.bearer):
            return _UNAUTHENTICATED
        if (request.method, request.path) == ("GET", "/api/complaints"):
            return self._listing(request, fault)
        told = self._write_back.answer(request, lambda report: self._record(report, request.bearer))
        return told or message(f"The route {request.path} could not be found.", 404)

    def _log_in(self, request: Request) -> Answer:
        try:
            login = msgspec.json.decode(request.body, type=Login)
        except msgspec.MsgspecError:
            return message("The given data was invalid.", 422)
        if login != Login(self.credentials()["username"], self.credentials()["password"]):
            return message("Email atau kata sandi salah.", 401)
        token = f"{len(self._left) + 1}|{secrets.token_urlsafe(30)}"
        self._left[token] = self.world.script.token_requests
        self.logins += 1
        return json_answer({"token": token, "token_type": "Bearer"})

    def _knows(self, token: str) -> bool:
        left = self._left.get(token, 0)
        if left <= 0:
            return False
        self._left[token] = left - 1
        return True

    def _listing(self, request: Request, fault: str | None) -> Answer:
        since = request.query.get("updated_since")
        try:
            bound = None if not since else _moment(since, self.world)
            page = int(request.query.get("page", "1"))
        except ValueError:
            errors = {"updated_since": ["The updated since is not a valid date."]}
            return json_answer({"message": "The given data was invalid.", "errors": errors}, 422)
        rows = list(self._rows(bound))
        size = self.world.script.page_size
        shown, more = window(rows, (page - 1) * size, size, fault)
        return json_answer(
            {
                "data": [self._record(report, request.bearer) for report in shown],
                "links": self._links(request, page, len(rows), more=more),
                "meta": _meta(request, page, size, len(rows)),
            }
        )

    def _rows(self, bound: datetime | None) -> Iterator[Report]:
        """Newest first, as Laravel's `latest()` orders; a careless join shows some rows twice."""
        twice = set(self.world.dirt.get("listed_twice", []))
        for report in self._newest:
            if bound is None or report.updated >= bound:
                yield report
                if report.id in twice:
                    yield report

    def _record(self, report: Report, token: str) -> dict[str, Any]:
        script = self.world.script
        record = shaped(report, self._fields, script.constants)
        for path in self._signed:
            signature = hashlib.sha256(f"{token}{report.id}".encode()).hexdigest()[:16]
            image = report.images[0] if report.images else None
            record[path] = image and f"/{image}?signature={signature}"
        return record

    def _links(self, request: Request, page: int, total: int, *, more: bool) -> dict[str, str | None]:
        def to(number: int) -> str:
            origin = f"http://{request.headers.get('host', '127.0.0.1')}{request.path}"
            return f"{origin}?{urlencode(request.query | {'page': str(number)})}"

        last = max(1, -(-total // self.world.script.page_size))
        return {
            "first": to(1),
            "last": to(last),
            "prev": to(page - 1) if page > 1 else None,
            "next": to(page + 1) if more else None,
        }


_UNAUTHENTICATED = message("Unauthenticated.", 401)


def _meta(request: Request, page: int, size: int, total: int) -> dict[str, Any]:
    return {
        "current_page": page,
        "last_page": max(1, -(-total // size)),
        "path": request.path,
        "per_page": size,
        "total": total,
    }


def _moment(text: str, world: World) -> datetime:
    """A point in time as a client writes it; without an offset it is the region's time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=world.now.tzinfo)
