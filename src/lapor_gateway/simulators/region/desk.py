"""The message-desk family: webhooks as careless as real ones, and a complete listing behind a token."""

import asyncio
import base64
import hashlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from lapor_gateway.simulators.region.acts import Act
from lapor_gateway.simulators.region.control import Application, password, window
from lapor_gateway.simulators.region.hooks import Delivery, Sender
from lapor_gateway.simulators.region.inbox import PATH as INBOX
from lapor_gateway.simulators.region.inbox import Inbox
from lapor_gateway.simulators.region.report import Report, shaped
from lapor_gateway.simulators.region.truth import Pass
from lapor_gateway.simulators.region.wire import Answer, Request, json_answer, message
from lapor_gateway.simulators.region.world import YEAR_DAYS, World

LARGEST_PAGE = 500
FARTHEST = 20  # places that a message out of order strays


class Target(msgspec.Struct):
    """Body of `/_control/hooks`: where webhooks go, and the `whsec_…` secret that signs them."""

    url: str
    secret: str


class MessageDesk(Application):
    """`GET /api/messages?offset=&limit=` lists all, oldest first; webhooks go out once a target is known."""

    def __init__(self, world: World, directory: Path) -> None:
        super().__init__(world, directory)
        self._sending: dict[str, list[str]] = {"never_sent": [], "repeated": [], "late": []}
        self._tokens = {password(world, "token")}
        self.sender = Sender(directory / "hooks.jsonl")
        self.sender.plan(self._first_deliveries())
        self.inbox = Inbox(self, inbox_secret(world))

    def credentials(self) -> dict[str, str]:
        return {"token": password(self.world, "token"), "inbox_secret": inbox_secret(self.world)}

    def kind_of(self, request: Request) -> str:
        return "write" if request.path == INBOX else super().kind_of(request)

    def sending(self) -> dict[str, list[str]]:
        return self._sending

    def extra_state(self) -> dict[str, Any]:
        return {"hooks": self.sender.state(), "inbox": self.inbox.taken}

    def expire_tokens(self) -> None:
        """A fixed token does not expire by itself: it is taken back for good."""
        self._tokens.clear()

    def answer(self, request: Request, fault: str | None) -> Answer:
        if (request.method, request.path) == ("POST", INBOX):
            return self.inbox.answer(request)
        if request.path != "/api/messages" and not request.path.startswith("/api/messages/"):
            return message("not found", 404)
        if request.bearer not in self._tokens:
            return message("invalid token", 401)
        if request.path != "/api/messages":
            report = self.world.reports.get(request.path.removeprefix("/api/messages/"))
            return message("not found", 404) if report is None else json_answer(self._message(report))
        try:
            offset, limit = (int(request.query.get(name, default)) for name, default in _PAGE)
        except ValueError:
            return message("offset and limit are numbers", 400)
        rows = list(self.world.reports.values())
        shown, _ = window(rows, max(0, offset), max(1, min(limit, LARGEST_PAGE)), fault)
        return json_answer({"messages": [self._message(report) for report in shown], "total": len(rows)})

    def control(self, request: Request) -> Answer:
        if (request.method, request.path) == ("POST", "/_control/hooks"):
            target = msgspec.json.decode(request.body, type=Target)
            self.start(target.url, target.secret, wait=False)
            return json_answer(self.sender.state())
        return super().control(request)

    def start(self, url: str, secret: str, *, wait: bool) -> None:
        """Begin to send; `wait` keeps trying while the address refuses connections. Needs a running loop."""
        self.sender.aim(url, secret, wait=wait)
        self.sender.wake(asyncio.get_running_loop())

    def advance(self, at: datetime) -> Pass:
        before = {id_: self._body(report) for id_, report in self.world.reports.items()}
        done = super().advance(at)
        self.sender.plan(self._later_deliveries(done, before))
        return done

    def acted(self, _act: Act, report: Report) -> None:
        """Every change goes out by webhook, what LAPOR! told included: the desk does not know an echo from news."""
        self.sender.plan([self._delivery(report)])

    def _message(self, report: Report) -> dict[str, Any]:
        return shaped(report, self.world.script.fields, self.world.script.constants)

    def _body(self, report: Report) -> bytes:
        return msgspec.json.encode(self._message(report))

    def _delivery(self, report: Report) -> Delivery:
        day = report.created.date().isoformat()
        return Delivery(f"{report.id}.{report.version}", report.id, day, self._body(report))

    def _first_deliveries(self) -> list[Delivery]:
        """One a message of the last year, but some never, some twice, some out of order."""
        year_ago = self.world.now - timedelta(days=YEAR_DAYS)
        young = [report for report in self.world.reports.values() if report.created > year_ago]
        return self._carelessly(young, "first")

    def _later_deliveries(self, done: Pass, before: dict[str, bytes]) -> list[Delivery]:
        """One a changed or new message; of some the text before the edit comes after the edited one."""
        reports = self.world.reports
        touched = [reports[id_] for id_ in (*sorted(done.changed()), *done.added)]
        deliveries = self._carelessly(touched, f"pass {done.at.isoformat()}")
        late = done.edited[: max(1, round(len(done.edited) * self.world.script.desk.late))]
        for id_ in late:
            report = reports[id_]
            day = report.created.date().isoformat()
            deliveries.append(Delivery(f"{id_}.{report.version - 1}.late", id_, day, before[id_]))
        self._sending["late"] += late
        return deliveries

    def _carelessly(self, reports: list[Report], occasion: str) -> list[Delivery]:
        desk, rng = self.world.script.desk, self.world.chance("hooks", occasion)
        never = rng.sample(reports, k=round(len(reports) * desk.never_sent))
        silent = {report.id for report in never}
        sent = [report for report in reports if report.id not in silent]
        again = rng.sample(sent, k=round(len(sent) * desk.repeated))
        astray = {report.id for report in rng.sample(sent, k=round(len(sent) * desk.disorder))}
        placed = [
            (
                place + (rng.uniform(-FARTHEST, FARTHEST) if report.id in astray else 0.0),
                self._delivery(report),
            )
            for place, report in enumerate(sent)
        ]
        place_of = {delivery.subject: place for place, delivery in placed}
        placed += [(place_of[report.id] + rng.uniform(1, 50), self._delivery(report)) for report in again]
        self._sending["never_sent"] += sorted(silent)
        self._sending["repeated"] += sorted(report.id for report in again)
        return [delivery for _, delivery in sorted(placed, key=lambda pair: pair[0])]


def inbox_secret(world: World) -> str:
    """What signs the messages to this desk, following from the seed; another one than that of its own webhooks."""
    key = hashlib.sha256(f"{world.seed}:{world.name}:inbox".encode()).digest()
    return "whsec_" + base64.b64encode(key).decode()


_PAGE = (("offset", "0"), ("limit", "100"))
