"""One request's way: account, fault, commit, log, answer; nothing is answered before it is durable."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lapor_gateway.simulators.national import answers
from lapor_gateway.simulators.national.accounts import Accounts
from lapor_gateway.simulators.national.answers import Answer
from lapor_gateway.simulators.national.calls import Call, Desk, route
from lapor_gateway.simulators.national.drafts import Draft, read_draft
from lapor_gateway.simulators.national.faults import LIST_KINDS, Commit, Fault, FaultScript, Manner
from lapor_gateway.simulators.national.http11 import Connection, Request
from lapor_gateway.simulators.national.journal import Entry, Journal, utc_now
from lapor_gateway.simulators.national.store import Complaint, Store, reference_in

_PATIENCE = 300.0  # seconds after which a silent connection is reset if the client never hangs up


@dataclass(frozen=True, slots=True)
class Rules:
    """What the endpoint takes; limits in characters, `late_commit_delay` in seconds."""

    content_limit: int = 50_000
    create_path: str = "/complaints/complaint"
    base_path: str = ""
    full_next_url: bool = False
    late_commit_delay: float = 0.5


@dataclass(slots=True)
class Exchange:
    """A request that is being answered, with its log entry and what was decided about it."""

    request: Request
    connection: Connection
    entry: Entry
    fault: Fault | None = None
    late: Draft | None = None

    @property
    def manner(self) -> Manner:
        return Manner.NORMAL if self.fault is None else self.fault.behaviour.manner

    @property
    def commit(self) -> Commit:
        return Commit.YES if self.fault is None else self.fault.behaviour.commit


class Endpoint:
    """Takes requests from connections and answers them in its own time."""

    def __init__(
        self, rules: Rules, store: Store, journal: Journal, accounts: Accounts, script: FaultScript
    ) -> None:
        self.rules = rules
        self.store = store
        self.script = script
        self.refuse: Callable[[float], None] = lambda _seconds: None
        self.requests = 0
        self.posts = 0
        self.script_loaded_at = time.time()
        self._journal = journal
        self._accounts = accounts
        self._desk = Desk(store, rules.full_next_url)
        self._positions: dict[str, int] = {}
        self._outbox: list[Callable[[], object]] = []

    def load(self, script: FaultScript) -> None:
        """Replace the fault script; its positions begin at 1 again."""
        self.script = script
        self.script_loaded_at = time.time()

    def receive(self, request: Request, connection: Connection) -> None:
        """Answer one request of the national API."""
        request.path = request.path.removeprefix(self.rules.base_path)
        call = route(request, self.rules.create_path)
        name = call.name if isinstance(call, Call) else "unknown"
        exchange = Exchange(request, connection, self._entry(request, name))
        exchange.entry.account = account = self._accounts.identify(request)
        if isinstance(call, Answer):
            self._deliver(exchange, call)
            return
        exchange.fault = self.script.decide(call.name, account, time.monotonic())
        exchange.entry.fault = exchange.fault.kind if exchange.fault else None
        if account is None:
            exchange.fault = exchange.entry.fault = None
            self._deliver(exchange, answers.message("Kredensial tidak dikenal", 401))
        elif request.too_large:
            self._deliver(exchange, answers.message("Isi permintaan terlalu besar", 413))
        elif call.name == "create":
            self._create(exchange, account)
        else:
            self._deliver(exchange, self._other(exchange, call, account))

    def after_flush(self, action: Callable[[], object]) -> None:
        """Do something once all that was decided so far is on disk."""
        if not self._outbox:
            asyncio.get_running_loop().call_soon(self.flush)
        self._outbox.append(action)

    def flush(self) -> None:
        """Make durable what was decided, then answer: one commit for all requests of a moment."""
        self.store.flush()
        self._journal.flush()
        outbox, self._outbox = self._outbox, []
        for action in outbox:
            action()

    def _entry(self, request: Request, call: str) -> Entry:
        self.requests += 1
        self.posts += call == "create"
        self._positions[call] = position = self._positions.get(call, 0) + 1
        return Entry("request", utc_now(), self.requests, call, position, request.method, request.target)

    def _create(self, exchange: Exchange, account: str) -> None:
        """Commit the complaint unless its fault says otherwise; a body it would refuse is always refused."""
        draft = read_draft(exchange.request, self.rules.content_limit)
        if isinstance(draft, Draft):
            exchange.entry.reference = reference_in(draft.content)
        if exchange.commit is Commit.NO:
            self._deliver(exchange, answers.message("Terjadi kesalahan", 200))
        elif isinstance(draft, Answer):
            exchange.fault = exchange.entry.fault = None
            self._deliver(exchange, draft)
        elif exchange.commit is Commit.LATE:
            exchange.late = draft
            self._deliver(exchange, answers.message("Terjadi kesalahan", 200))
        else:
            complaint = self._commit(draft, account, exchange.entry)
            self._deliver(exchange, _created(complaint, exchange.manner))

    def _commit(self, draft: Draft, account: str, entry: Entry) -> Complaint:
        complaint = self.store.commit(account, draft.title, draft.content, draft.body, time.time())
        entry.committed = True
        entry.id = complaint.id
        return complaint

    def _other(self, exchange: Exchange, call: Call, account: str) -> Answer:
        now = time.time()
        kind = exchange.fault.kind if exchange.fault else ""
        if call.name == "list":
            until = self.script_loaded_at if exchange.manner is Manner.FROZEN_LIST else now
            return self._desk.listing(exchange.request, account, now, until, exchange.manner)
        if exchange.commit is not Commit.YES and kind not in LIST_KINDS:
            return answers.message("Terjadi kesalahan", 200)
        return self._desk.answer(call, exchange.request, account, now)

    def _deliver(self, exchange: Exchange, answer: Answer) -> None:
        """Log the exchange and give the answer in the manner that its fault demands."""
        fault, connection, entry = exchange.fault, exchange.connection, exchange.entry
        answer = _distorted(answer, fault)
        action: Callable[[], object]
        match exchange.manner:
            case Manner.RESET:
                action = connection.reset
            case Manner.SILENCE:
                action = partial(self._stay_silent, exchange)
            case Manner.REFUSE:
                action = partial(self.refuse, fault.seconds if fault else 0.0)
            case Manner.CUT_SHORT:
                action = partial(connection.send_cut_short, answer)
                entry.status = answer.status
            case _:
                action = partial(connection.send, answer, keep_alive=exchange.request.keep_alive)
                entry.status = answer.status
        delay = _delay(fault)
        if delay:
            action = partial(asyncio.get_running_loop().call_later, delay, action)
        self._journal.add(entry)
        self.after_flush(action)

    def _stay_silent(self, exchange: Exchange) -> None:
        loop = asyncio.get_running_loop()
        patience = loop.call_later(_PATIENCE, exchange.connection.reset)
        exchange.connection.when_hung_up(patience.cancel)
        if exchange.late is not None:
            delay = self.rules.late_commit_delay
            if exchange.fault is not None and exchange.fault.delay is not None:
                delay = exchange.fault.delay
            commit = partial(self._commit_late, exchange, exchange.late)
            exchange.connection.when_hung_up(partial(loop.call_later, delay, commit))

    def _commit_late(self, exchange: Exchange, draft: Draft) -> None:
        entry = exchange.entry
        entry.event, entry.time = "late_commit", utc_now()
        self._commit(draft, entry.account or "", entry)
        self._journal.add(entry)
        self.after_flush(lambda: None)


def _created(complaint: Complaint, manner: Manner) -> Answer:
    """The answer to a create call, in one of the forms that deployments are known to give."""
    number = complaint.id
    match manner:
        case Manner.NESTED_DATA:
            return answers.json_answer({"message": "Laporan terkirim", "data": {"complaint_id": number}})
        case Manner.NESTED_RESULTS:
            return answers.json_answer({"data": {"results": {"complaint": {"id": number}}}})
        case _:
            return answers.json_answer({"complaint_id": number, "message": "Laporan terkirim"})


def _distorted(answer: Answer, fault: Fault | None) -> Answer:
    """The answer that a fault puts in the place of the good one."""
    if fault is None:
        return answer
    match fault.behaviour.manner:
        case Manner.STATUS:
            return _refusal(fault)
        case Manner.HTML:
            return answers.maintenance_page()
        case Manner.MALFORMED:
            return Answer(answer.status, answer.body[: -max(len(answer.body) // 3, 1)])
        case Manner.WITHOUT_ID:
            return answers.json_answer({"message": "Laporan terkirim", "status": "success"})
        case Manner.MESSAGE_ONLY:
            return answers.message("Terima kasih", 200)
        case Manner.EMPTY_BODY:
            return Answer(200, b"")
        case _:
            return answer


def _refusal(fault: Fault) -> Answer:
    status = fault.status or fault.behaviour.status
    if status == 422:
        return answers.invalid({"category_id": ["Kategori tidak dikenal."]})
    retry_after = fault.retry_after
    if retry_after is None and fault.kind == "too_many_requests_retry_after":
        retry_after = 1
    return answers.message("Terjadi kesalahan", status, retry_after=retry_after)


def _delay(fault: Fault | None) -> float:
    """Seconds to wait before the answer; a late commit's delay is counted from the hang-up instead."""
    if fault is None or fault.behaviour.commit is Commit.LATE:
        return 0.0
    if fault.delay is None:
        return 1.0 if fault.kind == "slow" else 0.0
    return fault.delay
