"""What the served families share: ordered faults, the next pass, and a look at the state."""

import hashlib
import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lapor_gateway.simulators.region import state
from lapor_gateway.simulators.region.acts import Act, Acts, UnknownComplaintError, replay
from lapor_gateway.simulators.region.cases import WorldCases
from lapor_gateway.simulators.region.faults import Faults
from lapor_gateway.simulators.region.page import Page, is_page
from lapor_gateway.simulators.region.report import Report, answers_told
from lapor_gateway.simulators.region.truth import Pass
from lapor_gateway.simulators.region.wire import (
    Answer,
    Reaction,
    Request,
    Reset,
    Silence,
    json_answer,
    message,
)
from lapor_gateway.simulators.region.world import World

Row = TypeVar("Row")
PAGE_OF_HTML = b"<!DOCTYPE html><html><body><h1>Situs sedang dalam pemeliharaan</h1></body></html>"


class Moment(msgspec.Struct):
    """Body of `/_control/advance`: when the pass happens (aware; default: now)."""

    at: datetime | None = None


def password(world: World, purpose: str) -> str:
    """A training credential that follows from the seed, so that none has to be written down."""
    return "latihan-" + hashlib.sha256(f"{world.seed}:{world.name}:{purpose}".encode()).hexdigest()[:20]


class Application(ABC):
    """A regional application with an HTTP interface, and a `/_control` door for those who test with it."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world, self.directory = world, directory
        self.acts = Acts(world, directory)
        self.page = Page(world.name, WorldCases(self.acts, self.do, self.now), self.now)
        self.requests: Counter[str] = Counter()
        self.writes: Counter[str] = Counter()  # carried out, by what they did
        self.order(Faults())

    @abstractmethod
    def answer(self, request: Request, fault: str | None) -> Answer:
        """The application's own answer; `fault` is repeat-page, endless or None."""

    @abstractmethod
    def expire_tokens(self) -> None:
        """Forget every token given out so far."""

    def start(self, url: str, secret: str, *, wait: bool) -> None:  # noqa: B027 - most families send none
        """Begin to send webhooks, where the family sends any. Needs a running loop."""

    def order(self, faults: Faults) -> None:
        """Replace what goes wrong; counts and shares begin anew."""
        self.faults = faults
        self._chance = random.Random(f"faults {faults.seed}")

    def replay(self, passes: list[datetime]) -> None:
        """Be again what it was when it ended: passes made and acts done."""
        replay(self.acts, passes, self.advance, self.acted)

    def advance(self, at: datetime) -> Pass:
        """Make the next pass; what it changed."""
        return self.world.advance(at)

    def do(self, act: Act) -> Report:
        """Keep and do what somebody did to a complaint. Raises `UnknownComplaintError`."""
        report = self.acts.do(act)
        self.acted(act, report)
        return report

    def acted(self, _act: Act, _report: Report) -> None:  # noqa: B027 - most families only show it
        """What else follows from an act that was done, where the family has more to do."""

    def now(self) -> datetime:
        return datetime.now(self.world.now.tzinfo)

    def credentials(self) -> dict[str, str]:
        """What a client needs to get in, by the names that simulator.toml uses in braces."""
        return {}

    def sending(self) -> dict[str, list[str]]:
        """Ids by how their webhooks were sent, where the family sends any."""
        return {}

    def extra_state(self) -> dict[str, Any]:
        """More for `/_control/state`."""
        return {}

    async def handle(self, request: Request) -> Reaction:
        if request.path.startswith("/_control/"):
            return self.control(request)
        if is_page(request.path):
            return self.page.answer(request)
        self.requests[f"{request.method} {request.path}"] += 1
        fault = self.faults.strike(self.kind_of(request), self._chance)
        if fault is None:
            return self.answer(request, None)
        match fault.status:
            case "repeat-page" | "endless":
                return self.answer(request, fault.status)
        is_late = fault.commit == "late" and fault.status == "silence"
        if fault.commit != "no" and not is_late:
            self.answer(request, None)
        match fault.status:
            case "down":
                return None
            case "reset":
                return Reset()
            case "silence":
                later = partial(self.answer, request, None) if is_late else None
                return Silence(delay=fault.delay if is_late else 0.0, afterwards=later)
            case int(status):
                return message("Server Error", status)
            case _:
                return Answer(200, PAGE_OF_HTML, "text/html; charset=UTF-8")

    def kind_of(self, request: Request) -> str:
        """What the call is to fault orders: login, read or write."""
        if request.path.endswith("/login"):
            return "login"
        return "read" if request.method in ("GET", "HEAD") else "write"

    def control(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix("/_control/"):
            case "GET", "state":
                return json_answer(self.describe())
            case "POST", "advance":
                return self._advance(request)
            case "POST", "faults":
                return self._order(request)
            case "POST", "act":
                return self._act(request)
            case _:
                return message("no such control: state, advance, faults, act", 404)

    def describe(self) -> dict[str, Any]:
        truth = msgspec.to_builtins(self.world.truth(self.sending()))
        return {
            **truth,
            "requests": dict(self.requests),
            "writes": dict(self.writes),
            "acts": self.acts.kept(),
            "complaints_now": [told(report) for report in self.world.reports.values() if report.touched],
            "faults": self.faults,
            **self.extra_state(),
        }

    def _advance(self, request: Request) -> Answer:
        at = msgspec.json.decode(request.body or b"{}", type=Moment).at
        done = self.advance(at or datetime.now(self.world.now.tzinfo))
        state.keep(self.directory, self.world)
        return json_answer(done)

    def _act(self, request: Request) -> Answer:
        """A person's act: {"type": "filed" | "answered" | "changed", …}; the time is now where none is given."""
        try:
            wish = msgspec.json.decode(request.body, type=dict[str, Any])
            act = msgspec.convert({"at": self.now(), **wish}, Act)
            return json_answer(told(self.do(act)))
        except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
            return message(str(wrong), 422)
        except UnknownComplaintError as unknown:
            return message(f"no complaint has the id {unknown}", 404)

    def _order(self, request: Request) -> Answer:
        try:
            self.order(msgspec.json.decode(request.body or b"{}", type=Faults))
        except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
            return message(str(wrong), 422)
        if self.faults.expire_tokens:
            self.expire_tokens()
        return json_answer(self.faults)


def told(report: Report) -> dict[str, Any]:
    """A complaint with what came of it, for whoever tests."""
    return {
        "id": report.id,
        "title": report.title,
        "body": report.body,
        "status": report.status,
        "filed_by": report.filed_by or None,
        "national_number": report.national_number,
        "national_status": report.national_status,
        "answers": answers_told(report),
    }


def window(rows: Sequence[Row], start: int, size: int, fault: str | None) -> tuple[Sequence[Row], bool]:
    """`size` rows from `start` on, and whether more follow (as told: a fault lies)."""
    if fault == "repeat-page":
        return rows[:size], True
    if fault == "endless" and rows:
        return [rows[(start + place) % len(rows)] for place in range(size)], True
    return rows[start : start + size], start + size < len(rows)
