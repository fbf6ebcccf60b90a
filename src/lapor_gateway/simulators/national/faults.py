"""Which request goes wrong, and how: the fault script, decided by one seed."""

import random
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path
from typing import Any

import msgspec


class Commit(StrEnum):
    """Whether a complaint that came with a faulty request is kept."""

    NO = auto()
    YES = auto()
    LATE = auto()  # once the client has hung up


class Manner(StrEnum):
    """How the answer to a faulty request looks."""

    NORMAL = auto()
    STATUS = auto()
    HTML = auto()
    LOGIN_PAGE = auto()
    CUT_SHORT = auto()
    MALFORMED = auto()
    WITHOUT_ID = auto()
    MESSAGE_ONLY = auto()
    EMPTY_BODY = auto()
    NESTED_DATA = auto()
    NESTED_RESULTS = auto()
    RESET = auto()
    SILENCE = auto()
    REFUSE = auto()
    REPEATED_PAGE = auto()
    ENDLESS_PAGES = auto()
    EMPTY_LIST = auto()
    FROZEN_LIST = auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of fault does; `says` is its line in `--help`."""

    commit: Commit
    manner: Manner
    says: str
    status: int = 200


def _status_kinds() -> dict[str, Kind]:
    kinds = {}
    for status in (500, 502, 503, 504):
        kinds[f"error_{status}"] = Kind(Commit.NO, Manner.STATUS, f"{status}, nothing committed", status)
        kinds[f"error_{status}_after_commit"] = Kind(
            Commit.YES, Manner.STATUS, f"{status}, the complaint is committed", status
        )
    refusals = {
        "bad_request": 400,
        "unauthorized": 401,
        "forbidden": 403,
        "not_found": 404,
        "method_not_allowed": 405,
        "too_large": 413,
        "unsupported_media_type": 415,
        "unprocessable": 422,
        "too_many_requests": 429,
    }
    for name, status in refusals.items():
        kinds[name] = Kind(Commit.NO, Manner.STATUS, f"{status}, nothing committed", status)
    return kinds


LIST_KINDS = {
    "repeated_page": Kind(Commit.NO, Manner.REPEATED_PAGE, "list: every page is the first"),
    "endless_pages": Kind(Commit.NO, Manner.ENDLESS_PAGES, "list: begins again after its end, without end"),
    "empty_list": Kind(Commit.NO, Manner.EMPTY_LIST, "list: 200 with no rows"),
    "frozen_list": Kind(Commit.NO, Manner.FROZEN_LIST, "list: nothing that came after the script was loaded"),
}

KINDS: dict[str, Kind] = {
    **_status_kinds(),
    "too_many_requests_retry_after": Kind(Commit.NO, Manner.STATUS, "429 with Retry-After", 429),
    "reset_before_commit": Kind(Commit.NO, Manner.RESET, "TCP reset instead of an answer, nothing committed"),
    "reset_after_commit": Kind(Commit.YES, Manner.RESET, "TCP reset instead of an answer, committed"),
    "late_commit": Kind(Commit.LATE, Manner.SILENCE, "no answer; committed `delay` s after the hang-up"),
    "no_answer": Kind(Commit.NO, Manner.SILENCE, "no answer, nothing committed"),
    "no_answer_after_commit": Kind(Commit.YES, Manner.SILENCE, "no answer, committed at once"),
    "login_page": Kind(Commit.NO, Manner.LOGIN_PAGE, "a login page with 200: the credential has run out"),
    "html_200": Kind(Commit.NO, Manner.HTML, "an HTML page with 200, nothing committed"),
    "html_200_after_commit": Kind(Commit.YES, Manner.HTML, "an HTML page with 200, committed"),
    "cut_body": Kind(Commit.YES, Manner.CUT_SHORT, "half of the body, then the connection closes; committed"),
    "cut_body_before_commit": Kind(Commit.NO, Manner.CUT_SHORT, "half of an error body, then it closes"),
    "malformed_json": Kind(Commit.YES, Manner.MALFORMED, "a JSON text without its end, committed"),
    "without_id": Kind(Commit.YES, Manner.WITHOUT_ID, "200 without an id, committed"),
    "message_only": Kind(Commit.YES, Manner.MESSAGE_ONLY, "200 with only `message`, committed"),
    "message_only_before_commit": Kind(Commit.NO, Manner.MESSAGE_ONLY, "the same, not committed"),
    "empty_body": Kind(Commit.YES, Manner.EMPTY_BODY, "200 with no body at all, committed"),
    "nested_data_id": Kind(Commit.YES, Manner.NESTED_DATA, "no fault: the id as data.complaint_id"),
    "nested_results_id": Kind(Commit.YES, Manner.NESTED_RESULTS, "no fault: as data.results.complaint.id"),
    "slow": Kind(Commit.YES, Manner.NORMAL, "a good answer, `delay` s late (default 1)"),
    "refuse": Kind(Commit.NO, Manner.REFUSE, "the port closes for `seconds` (default 1)"),
    **LIST_KINDS,
}

CALLS = (
    *("create", "list", "detail", "followups", "file", "follow_up_add", "reject", "masters"),
    *("stream", "f01"),
)


class ScriptError(Exception):
    """A fault script that cannot be used, with the reason in one sentence."""


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """One rule of a script. All conditions that it names must hold; `share` is drawn among the rest.

    Positions count the requests of the rule's call (of all calls, with on = "any") from 1 since the
    script was loaded; `after` and `until` are seconds since then.
    """

    kind: str
    on: str = ""
    share: float | None = None
    at: tuple[int, ...] = ()
    first: int | None = None
    last: int | None = None
    after: float | None = None
    until: float | None = None
    account: str | None = None
    status: int | None = None
    retry_after: int | None = None
    delay: float | None = None
    seconds: float = 1.0

    @property
    def behaviour(self) -> Kind:
        return KINDS[self.kind]

    @property
    def call(self) -> str:
        return self.on or ("list" if self.kind in LIST_KINDS else "create")

    def applies(self, position: int, elapsed: float, account: str | None) -> bool:
        return (
            (not self.at or position in self.at)
            and (self.first is None or position >= self.first)
            and (self.last is None or position <= self.last)
            and (self.after is None or elapsed >= self.after)
            and (self.until is None or elapsed < self.until)
            and (self.account is None or self.account == account)
        )


class _Script(msgspec.Struct, forbid_unknown_fields=True):
    fault: list[Fault] = []
    seed: int | None = None


class FaultScript:
    """Decides per request; the same seed and the same positions give the same decisions."""

    def __init__(self, faults: Iterable[Fault], seed: int, loaded_at: float) -> None:
        """`loaded_at` is on the clock whose readings `decide` is given (seconds)."""
        self.loaded_at = loaded_at
        self._random = random.Random(f"faults {seed}")
        self._positions = dict.fromkeys((*CALLS, "any"), 0)
        rules = list(faults)
        self._by_call = {call: [fault for fault in rules if fault.call in (call, "any")] for call in CALLS}

    def decide(self, call: str, account: str | None, now: float) -> Fault | None:
        """The fault of this request, if any; to be asked once per request."""
        self._positions["any"] += 1
        self._positions[call] += 1
        rules = self._by_call[call]
        if not rules:
            return None
        draw = self._random.random()  # one draw a request, so that shares add up and stay in step
        drawn: Fault | None = None
        reached = 0.0
        for fault in rules:
            position = self._positions["any" if fault.call == "any" else call]
            if not fault.applies(position, now - self.loaded_at, account):
                continue
            if fault.share is None:
                return fault
            reached += fault.share
            if drawn is None and draw < reached:
                drawn = fault
        return drawn


def faults_from(script: object, seed: int) -> tuple[list[Fault], int]:
    """Rules and seed of a script already parsed; the script's own seed wins. Raises ScriptError."""
    try:
        parsed = msgspec.convert(script, _Script)
    except msgspec.ValidationError as error:
        raise ScriptError(f"fault script: {error}") from error
    for fault in parsed.fault:
        if fault.kind not in KINDS:
            raise ScriptError(f"fault script: unknown kind {fault.kind!r}; known: {', '.join(KINDS)}")
        if fault.call not in (*CALLS, "any"):
            raise ScriptError(f"fault script: unknown call {fault.on!r}; known: {', '.join(CALLS)}, any")
        if fault.kind in LIST_KINDS and fault.call not in ("list", "any"):
            raise ScriptError(f"fault script: {fault.kind} is a fault of the list, not of {fault.call}")
    return parsed.fault, seed if parsed.seed is None else parsed.seed


def read_faults(path: Path, seed: int) -> tuple[list[Fault], int]:
    """Rules and seed of a TOML file. Raises ScriptError."""
    try:
        script: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScriptError(f"fault script {path}: {error}") from error
    return faults_from(script, seed)
