"""Taking a region's answers to LAPOR!, one account at a time; what is in doubt is settled by reading it back there."""

import asyncio
from typing import Final, cast

import msgspec
from sqlalchemy import update

from lapor_gateway.book import answering
from lapor_gateway.book.answering import Doubt, Ending, Sent, Taken
from lapor_gateway.book.leases import Lease
from lapor_gateway.book.sending import load_account
from lapor_gateway.book.standing import epoch_of
from lapor_gateway.book.tables import accounts
from lapor_gateway.domain.echo import marked_number, without_mark
from lapor_gateway.domain.follow_up import Answer, HandOver
from lapor_gateway.domain.outcomes import Accepted, NotTaken, Outcome, Refused, Unknown
from lapor_gateway.domain.reference import Reference, comparable
from lapor_gateway.jobs.gateway import Gateway
from lapor_gateway.jobs.line import Line
from lapor_gateway.jobs.look_up import Untrusted
from lapor_gateway.jobs.push import START_SECONDS
from lapor_gateway.jobs.refresh import follow_ups_of
from lapor_gateway.national.flow import Breaker
from lapor_gateway.national.port import Ability, Reads, Request, Writes, Written

_SECOND: Final = 1_000_000
_MOST_DOUBTS: Final = 50
_MOST_AT_ONCE: Final = 4
_SHORTEST_WAIT: Final = _SECOND // 2
_HOUR: Final = 3600 * _SECOND
_FIRST_PAUSE: Final = 5 * _SECOND


class Answered(msgspec.Struct):
    """What a round did, by outcome, and why it stopped early where it did."""

    written: int = 0
    refused: int = 0
    not_taken: int = 0
    unknown: int = 0
    absent: int = 0
    stopped: str | None = None


class Answerer:
    """Rounds over one account, under its own lease."""

    def __init__(self, gateway: Gateway, lease: Lease, line: Line) -> None:
        self._book = gateway.book
        self._lease = lease
        self._line = line
        look_up = line.account.look_up
        lag = look_up.maximum_lag if look_up is not None else line.account.export_lag
        self._lag = int(lag.total_seconds() * _SECOND)
        self._commits_within = int(line.account.commits_within.total_seconds() * _SECOND)
        self._time_out = int(line.timeout * _SECOND)
        with self._book.read() as connection:
            self._state = load_account(connection, line.name)
            self._lives_again = epoch_of(connection) > 1
        cap = min(_MOST_AT_ONCE, line.account.max_in_flight)
        self._breaker = Breaker(cap, self._state.failures, self._state.open_until)
        self.done = Answered()

    async def round(self) -> Answered:
        """Settle what is due, then write what waits, until nothing is due or LAPOR! does not take it."""
        answering.lose_holders(self._book, self._lease, self._line.name)
        if self._state.paused_at is not None:
            self.done.stopped = f"paused: {self._state.pause_reason}"
            return self.done
        await self._settle()
        if Ability.FOLLOW_UP in self._line.dialect.can:
            while self._lease.is_held and self.done.stopped is None:
                begun = self._book.clock.elapsed()
                want = self._breaker.allowance(0, self._book.clock.now())
                sent = answering.begin(
                    self._book, self._lease, self._line.name, want, time_out=self._time_out
                )
                if not sent:
                    break
                endings = await asyncio.gather(*(self._send(one, begun) for one in sent))
                answering.finish(self._book, self._lease, endings)
        self._save_breaker()
        return self.done

    async def _send(self, one: Sent, begun: float) -> tuple[Sent, Ending, int]:
        ending = await self._ending(one, begun)
        now = self._book.clock.now()
        self._breaker.saw(_as_outcome(ending, one.tracking_id), one.parcel.sent_at or now, now)
        match ending:
            case Taken():
                self.done.written += 1
            case Refused():
                self.done.refused += 1
            case Unknown():
                self.done.unknown += 1
                return one, ending, now + _SHORTEST_WAIT
            case NotTaken(reason, retry_after, pauses, outage):
                self.done.not_taken += 1
                self.done.stopped = reason if pauses or outage else self.done.stopped
                return one, ending, now + _pause(one.parcel.attempts, retry_after)
        return one, ending, 0

    async def _ending(self, one: Sent, begun: float) -> Ending:
        try:
            return await self._asked(one, begun)
        except Untrusted as why:
            return NotTaken(f"not read back: {why}", outage=True)

    async def _asked(self, one: Sent, begun: float) -> Ending:
        request = await self._request(one)
        if not isinstance(request, Request):
            return request
        while self._line.throttle.available(self._book.clock.elapsed()) < 1:
            await self._book.clock.sleep(self._line.throttle.wait())
        self._line.throttle.take(1)
        spent = self._book.clock.elapsed() - begun
        if spent > START_SECONDS or not self._lease.is_held:
            return NotTaken("not started in time")
        answer = await self._line.send(request, max(0.001, self._line.timeout - spent))
        written = cast(Writes, self._line.dialect).decode_written(answer)
        return Taken() if isinstance(written, Written) else written

    async def _request(self, one: Sent) -> Request | Ending:
        """What is to be sent; an ending instead where it need not, or must not, be sent."""
        dialect = cast(Writes, self._line.dialect)
        if isinstance(one.answer, HandOver):
            if Ability.HAND_OVER not in self._line.dialect.can:
                return Refused("the dialect of the account knows no hand-over")
            if self._lives_again:
                return Unknown("a life of the book that was lost may have asked for it")
            return dialect.encode_hand_over(one.tracking_id, one.answer.institution, one.answer.reason)
        if self._lives_again and await self._stands_there(one.tracking_id, one.subject.reference, one.answer):
            return Taken()
        return dialect.encode_follow_up(one.tracking_id, one.answer)

    async def _stands_there(self, tracking_id: str, reference: Reference, answer: Answer) -> bool:
        """Whether a life of this book that a restore has lost wrote it: our line over the same text, under any number.

        What cannot be read may stand there: then it waits, and nothing is sent.
        """
        dialect = cast(Reads, self._line.dialect)
        shown = await follow_ups_of(dialect, self._line.ask, tracking_id)
        ours = [each.text for each in shown if marked_number(each.text, reference) is not None]
        wanted = comparable(without_mark(answer.text))
        return any(comparable(without_mark(text)) == wanted for text in ours)

    # --- what is in doubt --------------------------------------------------------------------------------

    async def _settle(self) -> None:
        if Ability.READ_STATUS not in self._line.dialect.can:
            return
        for doubt in answering.doubts(self._book, self._line.name, _MOST_DOUBTS):
            try:
                await self._settle_one(doubt)
            except Untrusted as why:
                later = self._book.clock.now() + max(_SECOND, self._lag // 4)
                answering.look_again(self._book, doubt, later, doubt.parcel.first_absent_at)
                if why.pauses:
                    self.done.stopped = str(why)
                    return

    async def _settle_one(self, doubt: Doubt) -> None:
        """By the mark in LAPOR!'s own list; absent only after two whole lists, a lag apart, when no commit may come."""
        asked_at = self._book.clock.now()
        dialect = cast(Reads, self._line.dialect)
        shown = await follow_ups_of(dialect, self._line.ask, doubt.tracking_id)
        if any(marked_number(one.text, doubt.reference) == doubt.parcel.follow_up for one in shown):
            answering.settle(self._book, self._lease, doubt, is_there=True)
            self.done.written += 1
            return
        latest = (doubt.parcel.times_out_at or asked_at) + self._commits_within + self._lag
        first = doubt.parcel.first_absent_at
        pause = max(self._lag, _SHORTEST_WAIT)
        if asked_at < latest:
            soon = min(max(latest, asked_at + _SHORTEST_WAIT), asked_at + pause)
            answering.look_again(self._book, doubt, soon, None)
        elif first is None or asked_at < first + pause:
            answering.look_again(self._book, doubt, asked_at + pause, first or asked_at)
        else:
            answering.settle(self._book, self._lease, doubt, is_there=False)
            self.done.absent += 1

    def _save_breaker(self) -> None:
        values = {"failures": self._breaker.failures, "open_until": self._breaker.open_until}
        if (self._state.failures, self._state.open_until) != (values["failures"], values["open_until"]):
            with self._book.write() as connection:
                connection.execute(update(accounts).where(accounts.c.name == self._line.name).values(values))


def _as_outcome(ending: Ending, tracking_id: str) -> Outcome:
    return Accepted(tracking_id) if isinstance(ending, Taken) else ending


def _pause(attempt: int, retry_after: float | None) -> int:
    """Microseconds before the next attempt: as asked, else growing up to an hour."""
    if retry_after is not None:
        return min(int(retry_after * _SECOND), _HOUR)
    return int(min(_FIRST_PAUSE * 2 ** min(attempt - 1, 12), _HOUR))
