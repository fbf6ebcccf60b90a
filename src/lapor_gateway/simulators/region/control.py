"""What the served families share: ordered faults, the next pass, and a look at the state."""

import hashlib
import tomllib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from lapor_gateway.simulators.region import state
from lapor_gateway.simulators.region.script import ScriptError
from lapor_gateway.simulators.region.truth import Pass
from lapor_gateway.simulators.region.wire import Answer, Request, json_answer, message
from lapor_gateway.simulators.region.world import World

Row = TypeVar("Row")
PAGE_OF_HTML = b"<!DOCTYPE html><html><body><h1>Situs sedang dalam pemeliharaan</h1></body></html>"


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """What goes wrong with the application's own calls (never with `/_control`).

    `status` is an HTTP code, or: html (a page with 200), down (hangs up), repeat-page (every page is the
    first), endless (the pages begin again after the last). Sound for `after` calls, then wrong for `times`
    (None: from then on).
    """

    status: int | Literal["html", "down", "repeat-page", "endless"] | None = None
    times: int | None = None
    after: int = 0
    expire_tokens: bool = False

    def strike(self) -> int | str | None:
        """The fault of this call, or None; counts down."""
        if self.status is None or self.times == 0:
            return None
        if self.after:
            self.after -= 1
            return None
        if self.times is not None:
            self.times -= 1
        return self.status


def read_faults(path: Path) -> Faults:
    """Raises `ScriptError` for a file that orders no faults."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Faults)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise ScriptError(f"{path}: {wrong}") from wrong


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
        self.faults = Faults()
        self.requests: Counter[str] = Counter()

    @abstractmethod
    def answer(self, request: Request, fault: str | None) -> Answer:
        """The application's own answer; `fault` is repeat-page, endless or None."""

    @abstractmethod
    def expire_tokens(self) -> None:
        """Forget every token given out so far."""

    def start(self, url: str, secret: str, *, wait: bool) -> None:  # noqa: B027 - most families send none
        """Begin to send webhooks, where the family sends any. Needs a running loop."""

    def advance(self, at: datetime) -> Pass:
        """Make the next pass; what it changed."""
        return self.world.advance(at)

    def credentials(self) -> dict[str, str]:
        """What a client needs to get in, by the names that simulator.toml uses in braces."""
        return {}

    def sending(self) -> dict[str, list[str]]:
        """Ids by how their webhooks were sent, where the family sends any."""
        return {}

    def extra_state(self) -> dict[str, Any]:
        """More for `/_control/state`."""
        return {}

    async def handle(self, request: Request) -> Answer | None:
        if request.path.startswith("/_control/"):
            return self.control(request)
        self.requests[f"{request.method} {request.path}"] += 1
        match self.faults.strike():
            case "down":
                return None
            case "html":
                return Answer(200, PAGE_OF_HTML, "text/html; charset=UTF-8")
            case int(status):
                return message("Server Error", status)
            case fault:
                return self.answer(request, fault)

    def control(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix("/_control/"):
            case "GET", "state":
                return json_answer(self.describe())
            case "POST", "advance":
                return self._advance(request)
            case "POST", "faults":
                return self._order(request)
            case _:
                return message("no such control: state, advance, faults", 404)

    def describe(self) -> dict[str, Any]:
        truth = msgspec.to_builtins(self.world.truth(self.sending()))
        return {**truth, "requests": dict(self.requests), "faults": self.faults, **self.extra_state()}

    def _advance(self, request: Request) -> Answer:
        at = msgspec.json.decode(request.body or b"{}", type=Moment).at
        done = self.advance(at or datetime.now(self.world.now.tzinfo))
        state.keep(self.directory, self.world)
        return json_answer(done)

    def _order(self, request: Request) -> Answer:
        try:
            self.faults = msgspec.json.decode(request.body or b"{}", type=Faults)
        except (msgspec.ValidationError, msgspec.DecodeError) as wrong:
            return message(str(wrong), 422)
        if self.faults.expire_tokens:
            self.expire_tokens()
        return json_answer(self.faults)


def window(rows: Sequence[Row], start: int, size: int, fault: str | None) -> tuple[Sequence[Row], bool]:
    """`size` rows from `start` on, and whether more follow (as told: a fault lies)."""
    if fault == "repeat-page":
        return rows[:size], True
    if fault == "endless" and rows:
        return [rows[(start + place) % len(rows)] for place in range(size)], True
    return rows[start : start + size], start + size < len(rows)
