"""One request's way: account, fault, commit, log, answer; nothing is answered before it is durable."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from lapor_gateway.simulators.national import answers, f01, stream
from lapor_gateway.simulators.national.accounts import Accounts
from lapor_gateway.simulators.national.answers import Answer
from lapor_gateway.simulators.national.calls import WRITING, Call, Desk, route
from lapor_gateway.simulators.national.drafts import Draft, read_draft
from lapor_gateway.simulators.national.faults import LIST_KINDS, Commit, Fault, FaultScript, Manner
from lapor_gateway.simulators.national.http11 import Connection, Request
from lapor_gateway.simulators.national.journal import Entry, Journal, utc_now
from lapor_gateway.simulators.national.logs import Shape
from lapor_gateway.simulators.national.office import Office
from lapor_gateway.simulators.national.store import Complaint, Store, reference_in

_PATIENCE = 300.0  # seconds after which a silent connection is reset if the client never hangs up


@dataclass(frozen=True, slots=True)
class Rules:
    """What the endpoint takes; limits in characters (of a file: bytes), `late_commit_delay` in seconds."""

    content_limit: int = 50_000
    file_limit: int = 5 * 2**20
    log_shape: Shape = Shape.MIXED
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
    late: Callable[[], object] | None = None

    @property
    def manner(self) -> Manner:
        return Manner.NORMAL if self.fault is None else self.fault.behaviour.manner

    @property
    def commit(self) -> Commit:
        return Commit.YES if self.fault is None else self.fault.behaviour.commit


class Endpoint:
    """Takes requests from connections and answers them in its own time."""

    def __init__(
        self, rules: Rules, office: Office, journal: Journal, accounts: Accounts, script: FaultScript
    ) -> None:
        self.rules = rules
        self.office = office
        self.store: Store = office.store
        self.accounts = accounts
        self.expires_with_a_page = False
        self.calls: dict[str, dict[str, int]] = {}
        self.script = script
        self.refuse: Callable[[float], None] = lambda _seconds: None
        self.requests = 0
        self.posts = 0
        self.script_loaded_at = time.time()
        self._journal = journal
        self._desk = Desk(office, rules.full_next_url, rules.log_shape, rules.file_limit)
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
        account = self._account_of(call, request)
        exchange.entry.account = account if isinstance(account, str) else None
        if isinstance(call, Answer):
            self._deliver(exchange, call)
            return
        known = account if isinstance(account, str) else None
        exchange.fault = self.script.decide(call.name, known, time.monotonic())
        exchange.entry.fault = exchange.fault.kind if exchange.fault else None
        if not isinstance(account, str):
            exchange.fault = exchange.entry.fault = None
            self._deliver(exchange, account)
        elif request.too_large:
            self._deliver(exchange, answers.message("Isi permintaan terlalu besar", 413))
        elif call.name == "list":
            self._deliver(exchange, self._list(exchange, account))
        else:
            self._deliver(exchange, self._gated(exchange, call, account))

    def _account_of(self, call: Call | Answer, request: Request) -> str | Answer:
        """Whose request it is, or the answer to one whose credential is wrong or has run out."""
        name = call.name if isinstance(call, Call) else ""
        if name == "stream" and request.too_large:
            return stream.refusal("Isi permintaan terlalu besar", 413)
        if name == "stream":
            streamed = stream.read_stream(request, self.rules.content_limit)
            if isinstance(streamed, Answer):
                return streamed
            account = self.accounts.by_token(streamed.token)
        elif name == "f01":
            account = self.accounts.by_token(f01.form_of(request).get("KEYTOKEN", ""))
        else:
            account = self.accounts.identify(request)
        if account is not None and not self.accounts.has_expired(account, time.time()):
            return account
        if account is not None and self.expires_with_a_page:
            return answers.login_page()
        text = "Kredensial tidak dikenal" if account is None else "Token sudah kedaluwarsa"
        return stream.refusal(text, 401) if name == "stream" else answers.message(text, 401)

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
        self.posts += call in ("create", "stream")
        counts = self.calls.setdefault(call, {"requests": 0, "committed": 0})
        counts["requests"] += 1
        position = counts["requests"]
        return Entry("request", utc_now(), self.requests, call, position, request.method, request.target)

    def _gated(self, exchange: Exchange, call: Call, account: str) -> Answer:
        """Do what is asked unless the fault says otherwise; a complaint it would refuse is always refused."""
        kind = exchange.fault.kind if exchange.fault else ""
        draft = self._draft(exchange, call, account)
        if exchange.commit is Commit.NO and kind not in LIST_KINDS:
            return answers.message("Terjadi kesalahan", 200)
        if isinstance(draft, Answer):
            exchange.fault = exchange.entry.fault = None
            return draft
        work = partial(self._done, exchange, call, account, draft)
        if exchange.commit is not Commit.LATE:
            return work()
        if call.name in WRITING:
            exchange.late = work
        return answers.message("Terjadi kesalahan", 200)

    def _draft(self, exchange: Exchange, call: Call, account: str) -> Draft | Answer | None:
        """The complaint that a request would add, or why it is refused; None where the call adds none."""
        if call.name == "create":
            draft = self._checked(read_draft(exchange.request, self.rules.content_limit), account)
        elif call.name == "stream":
            streamed = stream.read_stream(exchange.request, self.rules.content_limit)
            draft = streamed if isinstance(streamed, Answer) else streamed.draft
        else:
            return None
        if isinstance(draft, Draft):
            exchange.entry.reference = reference_in(draft.content)
        return draft

    def _checked(self, draft: Draft | Answer, account: str) -> Draft | Answer:
        """The draft, unless it names files that the account never uploaded, or that another complaint has."""
        if isinstance(draft, Draft):
            for number in draft.file_ids:
                file = self.store.files.get(number)
                if file is None or file.account != account or file.complaint_id is not None:
                    return answers.invalid({"attachments": [f"Lampiran {number} tidak dikenal."]})
        return draft

    def _done(self, exchange: Exchange, call: Call, account: str, draft: Draft | None) -> Answer:
        """Do it now; what it wrote is noted in the log's entry."""
        entry = exchange.entry
        if draft is not None:
            complaint = self._commit(draft, account, entry)
            good = stream.taken(complaint.id)
            return good if call.name == "stream" else _created(complaint, exchange.manner)
        if call.name == "f01":
            form = f01.form_of(exchange.request)
            return f01.answer(call.subject, form, self.office, account, time.time())
        answer = self._desk.answer(call, exchange.request, account, time.time(), entry.n)
        if call.name in WRITING and answer.status == 200:
            entry.committed = True
            self.calls[call.name]["committed"] += 1
        return answer

    def _commit(self, draft: Draft, account: str, entry: Entry) -> Complaint:
        skew = self.office.clock.offset
        complaint = self.store.commit(account, draft.title, draft.content, draft.body, time.time(), skew)
        complaint.disposition_id = draft.disposition_id
        for number in draft.file_ids:
            file = self.store.files[number]
            file.complaint_id = complaint.id
            self.store.keep_file(file)
        entry.committed = True
        entry.id = complaint.id
        self.calls[entry.call]["committed"] += 1
        return complaint

    def _list(self, exchange: Exchange, account: str) -> Answer:
        now = time.time()
        until = self.script_loaded_at if exchange.manner is Manner.FROZEN_LIST else now
        return self._desk.listing(exchange.request, account, now, until, exchange.manner)

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
            commit = partial(self._finish_late, exchange, exchange.late)
            exchange.connection.when_hung_up(partial(loop.call_later, delay, commit))

    def _finish_late(self, exchange: Exchange, work: Callable[[], object]) -> None:
        entry = exchange.entry
        entry.event, entry.time = "late_commit", utc_now()
        work()
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
        case Manner.LOGIN_PAGE:
            return answers.login_page()
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
