"""Pushing one account: attempts committed before their requests leave, outcomes settled, doubts looked up."""

import asyncio
import contextlib
import math
from collections.abc import Callable
from typing import Final

import msgspec
from tenacity import RetryCallState, Retrying, wait_exponential_jitter

from lapor_gateway.book import settling
from lapor_gateway.book.database import Book
from lapor_gateway.book.decisions import push_is_on
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import Attempt, Finished, Outbox, load_account, save_account, waiting_regions
from lapor_gateway.domain.admission import WaitingFor
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from lapor_gateway.errors import LeaseLostError
from lapor_gateway.jobs.allowance import Allowance
from lapor_gateway.jobs.attaching import Attached, Attacher
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Round, Settler
from lapor_gateway.national.port import ListPage, Request
from lapor_gateway.observability import Logger
from lapor_gateway.settings_sections import Environment

_SECOND: Final = 1_000_000
START_SECONDS: Final = 5.0
_GROUP_SECONDS: Final = 0.001
_SETTLING_LOOKS: Final = 5  # a second, at the most, for what is due to settle while requests are under way
_LOOK_AGAIN_SECONDS: Final = 1.0
_LONGEST_RETRY_AFTER: Final = 3600.0
_MAPPED_AHEAD: Final = (
    100  # complaints; more than a group, so that a pull and the other side work at the same time
)
_CATCH_UP_SECONDS: Final = 0.25
_log = Logger("push")
_backoff = wait_exponential_jitter(initial=1, max=900, exp_base=2, jitter=1)


class Pushed(msgspec.Struct):
    """What a push did, by outcome, and why it stopped early where it did."""

    accepted: int = 0
    refused: int = 0
    not_taken: int = 0
    unknown: int = 0
    found: int = 0
    absent: int = 0
    adopted: int = 0
    doubted: int = 0
    stopped: str | None = None


class Push:
    """One run over an account, under its lease, in one event loop.

    `patience` is how many seconds after the last complaint that moved to wait for what is due soon (a retry, a
    look-up) before leaving it to the next run. `more` says whether others in this process may still make complaints
    ready; `wake` tells that they did.
    """

    def __init__(
        self,
        book: Book,
        lease: Lease,
        line: Line,
        *,
        patience: float,
        environment: Environment,
        attacher: Attacher | None = None,
    ) -> None:
        self._book = book
        self._lease = lease
        self._line = line
        self._patience = patience
        self._is_open = line.account.is_open_to(environment)
        self._wake = asyncio.Event()
        self._half = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._finished: list[Finished] = []
        self._in_flight = 0
        self._advanced_at = book.clock.elapsed()
        self._unreachable: str | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._settling: asyncio.Task[Round] | None = None
        self._settling_seen = 0
        self._settle_after = 0
        self.more: Callable[[], bool] = lambda: False
        self.report: Callable[[Pushed], None] = lambda _: None
        self.done = Pushed()
        with book.read() as connection:
            self._state = load_account(connection, line.name)
        self._allowance = Allowance(line, self._state, book.clock)
        self._turn_ends = math.inf
        granted = line.account.look_up is not None
        self._doubt_waits_for = WaitingFor.NATIONAL if granted else WaitingFor.OPERATOR
        self._settler = Settler(book, lease, line) if granted and self._is_open else None
        self._outbox = Outbox(
            book,
            line.name,
            lease,
            line.dialect.sent_text,
            timeout=line.timeout,
            can_look_up=granted,
            shelf=attacher.shelf if attacher else None,
        )
        self._attacher = attacher
        self._attaching: asyncio.Task[Attached] | None = None
        self._attaching_seen = 0

    def give_way_after(self, seconds: float) -> None:
        """End, with work left, once so many seconds have passed: others wait for this thread."""
        self._turn_ends = self._book.clock.elapsed() + seconds

    @property
    def has_given_way(self) -> bool:
        """Whether this run ended because its turn was over."""
        return self._book.clock.elapsed() >= self._turn_ends and self._why_not() is None

    def wake(self) -> None:
        """Something may have become ready."""
        self._wake.set()

    async def catch_up(self) -> None:
        """Wait until most of what this process has mapped is on its way, as long as anything moves.

        What is pushed soon is still at hand: neither read nor decrypted again, and its pages of the book are in memory.
        """
        if len(self._book.just_mapped) > _MAPPED_AHEAD and self._in_flight:
            self._caught_up.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CATCH_UP_SECONDS):
                    await self._caught_up.wait()

    @property
    def unreachable(self) -> str | None:
        """Why LAPOR! counts as out of reach at the end of this run, where it does."""
        if self._unreachable is None and self._allowance.is_out_of_reach:
            concerns_us = self.done.unknown > 0 or self._sending_due() is not None
            return "no trustworthy answer to the last requests" if concerns_us else None
        return self._unreachable

    async def run(self) -> Pushed:
        """Push and settle until nothing is due within the patience. Raises `LeaseLostError`."""
        await self._resume_if_mended()
        try:
            while True:
                if not self._lease.is_held and not self._in_flight:
                    raise LeaseLostError(f"The lease on {self._line.name} could not be renewed.")
                if self._book.clock.elapsed() >= self._turn_ends:
                    return self.done
                self._wake.clear()
                self._start_settling()
                self._start_attaching()
                moved = self._exchange()
                if not moved and self._is_at_rest():
                    pause = self._seconds_to_next()
                    if pause is None:
                        return self.done
                    await self._wait(pause)
                elif not moved:
                    await self._wait(self._line.throttle.wait() or self._seconds_held_back())
                else:
                    await self._group()
        finally:
            await self._drain()

    def _exchange(self) -> bool:
        """One transaction of outcomes and new attempts, where there is any to make; whether there was."""
        finished, self._finished = self._finished, []
        begun = self._book.clock.elapsed()
        for one in finished:
            self._learn(one)
        want = self._want()
        if not finished and not want:
            return False
        state = self._state
        self._allowance.keep_in(state)
        attempts = self._outbox.exchange(finished, want, state)
        if self._outbox.is_switched_off:
            self.done.stopped = "all pushing is stopped"
        self._launch(attempts, begun)
        if len(self._book.just_mapped) <= _MAPPED_AHEAD or not self._in_flight:
            self._caught_up.set()
        self._line.throttle.take(len(attempts))
        if finished:
            self.report(self.done)
        return bool(finished or attempts)

    def _want(self) -> int:
        self.done.stopped = self._why_not()
        if self.done.stopped is not None or self._book.clock.now() < self._state.not_before:
            return 0
        return self._allowance.more(self._in_flight)

    def _why_not(self) -> str | None:
        if self._state.paused_at is not None:
            return f"paused: {self._state.pause_reason}"
        if self._line.account.is_by_hand:
            return "this account is entered by hand"
        if not self._is_open:
            return "a training book never speaks to a production account"
        if self._allowance.is_quiet:
            return f"quiet hours until {self._allowance.quiet_until}"
        return None if self._lease.is_held else "the lease could not be renewed"

    def _launch(self, attempts: list[Attempt], begun: float) -> None:
        self._in_flight += len(attempts)
        # All encoded first: a tight loop takes half the time of one between two requests.
        for attempt, request in [(attempt, self._encoded(attempt)) for attempt in attempts]:
            task = asyncio.create_task(self._send(attempt, request, begun))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _encoded(self, attempt: Attempt) -> Request | Exception:
        try:
            return self._line.dialect.encode(attempt.complaint, attempt.subject.reference, attempt.files)
        except Exception as error:
            return error

    async def _send(self, attempt: Attempt, request: Request | Exception, begun: float) -> None:
        try:
            outcome = await self._outcome(request, begun)
        except Exception as error:  # one complaint's trouble stops no other, and its request may have left
            _log.exception("attempt failed inside the gateway", attempt=attempt.id)
            outcome = Unknown(f"internal error: {type(error).__name__}")
        self._in_flight -= 1
        self._finished.append(Finished(attempt, outcome))
        self._wake.set()
        if self._in_flight <= self._line.account.max_in_flight // 2:
            self._half.set()

    async def _outcome(self, request: Request | Exception, begun: float) -> Outcome:
        if isinstance(request, Exception):
            raise request
        spent = self._book.clock.elapsed() - begun
        if spent > START_SECONDS or not self._lease.is_held:
            return NotTaken("not started in time")
        answer = await self._line.send(request, max(0.001, self._line.timeout - spent))
        return self._line.dialect.decode(answer)

    def _learn(self, one: Finished) -> None:
        now = self._book.clock.now()
        self._allowance.saw(one.outcome, one.attempt.sent_at, now)
        match one.outcome:
            case Accepted():
                self._unreachable = None
                self.done.accepted += 1
                self._advanced_at = self._book.clock.elapsed()
            case Refused():
                self.done.refused += 1
                self._advanced_at = self._book.clock.elapsed()
            case Unknown(reason, pauses):
                self.done.unknown += 1
                if pauses:
                    self._pause(reason, now)
            case NotTaken(reason, retry_after, pauses, outage):
                self.done.not_taken += 1
                self._unreachable = reason if outage else self._unreachable
                one.retry_at = now + int(_retry_seconds(one.attempt.number, retry_after) * _SECOND)
                if retry_after is not None:
                    self._state.not_before = max(self._state.not_before, one.retry_at)
                if pauses:
                    one.retry_at = 0
                    self._pause(reason, now)

    def _pause(self, reason: str, now: int) -> None:
        self._state.paused_at = now
        self._state.pause_reason = reason
        self._state.credential_print = self._line.credential_print

    def _pause_at_once(self, reason: str) -> None:
        """Where no outcome is to be written that the pause would be written with."""
        self._pause(reason, self._book.clock.now())
        with self._book.write() as connection:
            self._lease.require(connection)
            save_account(connection, self._line.name, self._state)

    async def _resume_if_mended(self) -> None:
        """A paused account goes on when its credential has changed, or a harmless look-up is answered."""
        if self._state.paused_at is None:
            return
        changed = self._state.credential_print != self._line.credential_print
        if changed or (self._settler is not None and await self._answers()):
            self._state.paused_at = self._state.pause_reason = self._state.credential_print = None

    async def _answers(self) -> bool:
        answer = await self._line.ask(self._line.dialect.encode_list(1))
        return isinstance(self._line.dialect.decode_list(answer), ListPage)

    def _start_settling(self) -> None:
        if self._settling is not None:
            if not self._settling.done():
                return
            self._take_settled(self._settling.result())
            self._settling = None
        now = self._book.clock.now()
        if not self._is_at_rest() and now < self._settling_seen + _SECOND // _SETTLING_LOOKS:
            return
        self._settling_seen = now
        due = self._settling_due()
        if due is None or due > now or not self._lease.is_held:
            return
        settling.lose_holders(self._book, self._lease, self._line.name, self._doubt_waits_for)
        if self._settler is not None and self._state.paused_at is None and not self._allowance.is_quiet:
            self._settling = asyncio.create_task(self._settler.round())
            self._settling.add_done_callback(lambda _: self._wake.set())

    def _settling_due(self) -> int | None:
        look_up = self._settler is not None and self._state.paused_at is None and not self._allowance.is_quiet
        due = settling.next_settling(self._book, self._line.name, self._lease.fence, look_up=look_up)
        return None if due is None else max(due, self._settle_after)

    def _take_settled(self, settled: Round) -> None:
        self.done.found += settled.found
        self.done.absent += settled.absent
        self.done.adopted += settled.adopted
        self.done.doubted += settled.doubted
        if settled.found or settled.absent or settled.adopted or settled.doubted:
            self._advanced_at = self._book.clock.elapsed()
        if settled.trouble is not None:
            self._settle_after = self._book.clock.now() + _SECOND
        if settled.pauses:
            self._pause_at_once("look-up refused")
        self.report(self.done)

    def _start_attaching(self) -> None:
        """Files of complaints that wait for them, beside everything else."""
        if self._attacher is None:
            return
        if self._attaching is not None:
            if not self._attaching.done():
                return
            attached, self._attaching = self._attaching.result(), None
            if attached.settled:
                self._advanced_at = self._book.clock.elapsed()
            if attached.pauses is not None:
                self._pause_at_once(attached.pauses)
        now = self._book.clock.now()
        if self._in_flight and now < self._attaching_seen + _SECOND // _SETTLING_LOOKS:
            return
        self._attaching_seen = now
        due = None if self._why_not() is not None else self._attacher.due()
        if due is not None and due <= now:
            self._attaching = asyncio.create_task(self._attacher.round())
            self._attaching.add_done_callback(lambda _: self._wake.set())

    def _is_at_rest(self) -> bool:
        beside = (self._settling, self._attaching)
        return (
            not self._in_flight and not self._finished and all(task is None or task.done() for task in beside)
        )

    def _seconds_to_next(self) -> float | None:
        """Seconds until something is due, or until others may have made work; None when it is time to leave."""
        now = self._book.clock.now()
        dues = [due for due in (self._sending_due(), self._settling_due()) if due is not None]
        soonest = min(dues, default=None)
        pause = None if soonest is None else max(0.01, (soonest - now) / _SECOND)
        if self.more():
            self._advanced_at = self._book.clock.elapsed()
            return min(pause, 1.0) if pause is not None else 1.0
        left = self._advanced_at + self._patience - self._book.clock.elapsed()
        return pause if pause is not None and pause <= left else None

    def _sending_due(self) -> int | None:
        if self._why_not() is not None or not push_is_on(self._book):
            return None
        with self._book.read() as connection:
            due = min(waiting_regions(connection, self._line.name).values(), default=None)
        return None if due is None else max(due, self._state.not_before, self._allowance.opens_at)

    def _seconds_held_back(self) -> float:
        """Seconds until a pause, asked for or the breaker's, is over; at most one, and one where there is none."""
        until = max(self._state.not_before, self._allowance.opens_at)
        left = (until - self._book.clock.now()) / _SECOND
        return left if 0 < left < _LOOK_AGAIN_SECONDS else _LOOK_AGAIN_SECONDS

    async def _wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _group(self) -> None:
        """Let more answers come in, so that they share a commit, but only half of them: the other side works on the
        second half while this one is written.
        """
        await self._wait(self._line.throttle.wait() or None) if self._in_flight else await asyncio.sleep(0)
        if self._in_flight > self._line.account.max_in_flight // 2:
            self._half.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GROUP_SECONDS):
                    await self._half.wait()

    async def _drain(self) -> None:
        """Wait for what is under way and write its outcomes; nothing new starts."""
        for beside in (self._settling, self._attaching):
            if beside is not None:
                beside.cancel()
                await asyncio.gather(beside, return_exceptions=True)
        if self._sending:
            await asyncio.gather(*self._sending)
        if self._finished and self._lease.is_held:
            for one in self._finished:
                self._learn(one)
            self._outbox.exchange(self._finished, 0, self._state)
            self._finished = []


def _retry_seconds(attempt: int, retry_after: float | None) -> float:
    """How long to wait before an attempt after the given one: as asked, else growing with jitter."""
    if retry_after is not None:
        return min(max(retry_after, 0.1), _LONGEST_RETRY_AFTER)
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = attempt
    return float(_backoff(state))
